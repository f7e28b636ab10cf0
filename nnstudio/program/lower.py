"""Statement -> in-place calls on preallocated arrays: `y = x @ w.T + b` becomes two calls, no new memory.

This file reads the syntax and leaves the calls to Operations. Small named functions that a statement calls
are taken apart in the same way.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.program.equation import read, straighten
from nnstudio.program.memory import Ghosts, Memory, Slot
from nnstudio.program.operand import Call, Const, Operand, Tuple, together, value_of
from nnstudio.program.operations import REDUCTIONS, Operations
from nnstudio.program.statement import Statement

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("subtract", operator.sub),
    ast.Mult: ("multiply", operator.mul),
    ast.Div: ("true_divide", lambda a, b: a / b),
    ast.FloorDiv: ("floor_divide", lambda a, b: a // b),
    ast.Mod: ("remainder", operator.mod),
    ast.Pow: ("power", lambda a, b: a**b),
}
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Gt: ("greater", operator.gt),
    ast.GtE: ("greater_equal", operator.ge),
    ast.Lt: ("less", operator.lt),
    ast.LtE: ("less_equal", operator.le),
    ast.Eq: ("equal", operator.eq),
    ast.NotEq: ("not_equal", operator.ne),
}
_POWERS: dict[float, str] = {2: "square", 0.5: "sqrt", -1: "reciprocal"}  # as ndarray.__pow__ does
_LITERALS = (bool, int, float, str, tuple)
"""What can be written into an equation in place of an argument."""
_METHODS = (*REDUCTIONS, "mean", "reshape", "ravel", "transpose", "swapaxes")


class Lowering:
    """Lowers statements one after another; `slots` says which array each identifier is."""

    def __init__(self, memory: Memory, slots: dict[str, Slot], functions: Mapping[str, FunctionType]) -> None:
        self.slots = slots
        self.known: dict[str, Const] = {}
        """Identifiers whose value is a number already known, such as the gradient of the loss itself."""
        self._memory = memory
        self._operations = Operations(memory)
        self._scopes: list[Mapping[str, Any]] = [functions]
        self._frames: list[dict[str, Operand]] = []

    @property
    def multiply_adds(self) -> int:
        """Multiplications of all matrix products lowered so far."""
        return self._operations.multiply_adds

    # -- statements ----------------------------------------------------------------------------------

    def statement(self, statement: Statement, *, assign: bool = False) -> list[Call]:
        """The calls of one statement. With `assign`, `+=` onto an array just zeroed becomes `=`."""
        operations = self._operations
        calls = operations.calls = []
        target = self.slots.get(statement.target)
        if target is None:
            target = self._memory.permanent(statement.target, *self.outcome(statement.expression))
            self.slots[statement.target] = target
        accumulate = statement.operator != "=" and not assign
        into = None if accumulate or statement.target in statement.reads else target
        value = self._expression(statement.expression, into)
        if accumulate:
            operations.accumulate("add" if statement.operator == "+=" else "subtract", target, value)
        elif value is not target and not operations.redirect(value, target):
            operations.copy(target, value)
        operations.give_back(value)
        operations.end_statement()
        return calls

    def outcome(self, expression: ast.expr) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and dtype of an expression, found without memory for its numbers."""
        ghosts = Ghosts()
        names = {part.id for part in ast.walk(expression) if isinstance(part, ast.Name)}
        slots = {
            name: ghosts.permanent(name, self.slots[name].shape, self.slots[name].dtype)
            for name in names
            if name in self.slots
        }
        shadow = Lowering(ghosts, slots, {})
        shadow._scopes = self._scopes
        shadow.known = self.known
        value = shadow._expression(expression, None)
        self._operations.multiply_adds += shadow.multiply_adds
        if isinstance(value, Slot):
            return value.shape, value.dtype
        array = np.asarray(value_of(value))
        floats = [slot.dtype for slot in self.slots.values() if slot.dtype.kind == "f"]
        return array.shape, floats[0] if floats else array.dtype

    # -- expressions ---------------------------------------------------------------------------------

    def _expression(self, node: ast.expr, into: Slot | None) -> Operand:
        """The operand that holds an expression's value; computed straight into `into` where it fits."""
        match node:
            case ast.Constant(value=value):
                return Const(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return together([self._expression(part, None) for part in parts])
            case ast.UnaryOp(op=ast.USub(), operand=part):
                value = self._expression(part, into)
                known = isinstance(value, Const)
                return Const(-value.value) if known else self._operations.ufunc("negative", (value,), into)
            case ast.BinOp():
                return self._binary(node, into)
            case ast.Compare():
                return self._compare(node, into, None)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node, into)
            case ast.Call():
                return self._called(node, into)
            case ast.Slice(lower=lower, upper=upper, step=step):
                return Const(slice(self._bound(lower), self._bound(upper), self._bound(step)))
            case _:
                raise _cannot(node)

    def _bound(self, node: ast.expr | None) -> Any:
        return None if node is None else value_of(self._expression(node, None))

    def _name(self, name: str) -> Operand:
        places: tuple[Mapping[str, Operand], ...] = (
            (self._frames[-1],) if self._frames else (self.known, self.slots)
        )
        for place in places:
            if name in place:
                return place[name]
        raise ProgramError(f"The compiler does not know the name {name!r}.")

    def _binary(self, node: ast.BinOp, into: Slot | None) -> Operand:
        if isinstance(node.op, ast.MatMult):
            left, right = self._expression(node.left, None), self._expression(node.right, None)
            return self._operations.matmul(left, right, into)
        name, plain = _BINARY[type(node.op)]
        left, right = self._pair(node.left, node.right, into)
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(plain(left.value, right.value))
        if name == "power" and isinstance(right, Const) and right.value in _POWERS:
            return self._operations.ufunc(_POWERS[right.value], (left,), into)
        return self._operations.ufunc(name, (left, right), into)

    def _pair(self, left: ast.expr, right: ast.expr, into: Slot | None) -> tuple[Operand, Operand]:
        """Both sides of an operation. Only one may use `into`: the first that has something to compute.

        A comparison used as a factor is written as zeros and ones of the other side's dtype at once: NumPy
        multiplies floats by floats nearly three times as fast as by booleans.
        """
        if isinstance(right, ast.Compare):
            value = self._expression(left, into)
            return value, self._compare(right, None, _float_dtype(value))
        if isinstance(left, ast.Compare):
            value = self._expression(right, into)
            return self._compare(left, None, _float_dtype(value)), value
        first = self._expression(left, into)
        used = into is not None and isinstance(first, Slot) and first.root is into.root
        return first, self._expression(right, None if used else into)

    def _compare(self, node: ast.Compare, into: Slot | None, dtype: np.dtype[Any] | None) -> Operand:
        if len(node.ops) != 1:
            raise _cannot(node)
        name, plain = _COMPARE[type(node.ops[0])]
        left, right = self._expression(node.left, None), self._expression(node.comparators[0], None)
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(plain(left.value, right.value))
        return self._operations.compare(name, left, right, dtype or np.dtype(bool), into)

    def _attribute(self, node: ast.Attribute) -> Operand:
        if isinstance(node.value, ast.Name) and node.value.id == "np":
            return Const(getattr(np, node.attr))
        value = self._expression(node.value, None)
        if isinstance(value, Const):
            return Const(getattr(value.value, node.attr))
        if isinstance(value, Slot):
            match node.attr:
                case "shape":
                    return Const(value.shape)
                case "ndim":
                    return Const(len(value.shape))
                case "size":
                    return Const(math.prod(value.shape))
                case "dtype":
                    return Const(value.dtype)
                case "T":
                    return self._operations.view(value, "T", self._memory.transposed)
                case _:
                    pass
        raise _cannot(node)

    def _subscript(self, node: ast.Subscript, into: Slot | None) -> Operand:
        value, index = self._expression(node.value, None), self._expression(node.slice, None)
        if isinstance(value, Const):
            return Const(value.value[value_of(index)])
        table = self._operations.array(value)
        if isinstance(index, Slot):
            return self._operations.take(table, index, into)
        return self._operations.view(table, "part", operator.itemgetter(value_of(index)))

    # -- functions and methods -----------------------------------------------------------------------

    def _called(self, node: ast.Call, into: Slot | None) -> Operand:
        words = {word.arg: value_of(self._expression(word.value, None)) for word in node.keywords if word.arg}
        match node.func:
            case ast.Attribute(value=ast.Name(id="np"), attr=name):
                return self._numpy(name, node.args, words, into)
            case ast.Attribute(
                value=ast.BinOp(op=ast.Mult()) as product, attr="sum" | "mean" as name
            ) if not (node.args or words):
                left, right = self._pair(product.left, product.right, None)
                return self._operations.product_sum(left, right, name, into)
            case ast.Attribute(value=owner, attr=name):
                whose = self._expression(owner, None)
                return self._method(
                    whose, name, [self._expression(part, None) for part in node.args], words, into
                )
            case ast.Name(id=name):
                return self._function(name, node.args, into)
            case _:
                raise _cannot(node)

    def _numpy(self, name: str, parts: list[ast.expr], words: dict[str, Any], into: Slot | None) -> Operand:
        function: Any = getattr(np, name)
        operations = self._operations
        if isinstance(function, np.ufunc) and function.nin == 2:
            return operations.ufunc(name, self._pair(parts[0], parts[1], into), into)
        if isinstance(function, np.ufunc):
            return operations.ufunc(name, [self._expression(part, into) for part in parts], into)
        operands = [self._expression(part, None) for part in parts]
        match name, operands:
            case "where", [test, yes, no]:
                return operations.where(operations.array(test), yes, no, into)
            case (("zeros_like" | "ones_like"), [Slot() as like]):
                return operations.filled(like, Const(float(name == "ones_like")), into)
            case "full_like", [Slot() as like, value] if not words:
                return operations.filled(like, value, into)
            case "concatenate", [Tuple(items=items), *rest]:
                axis = value_of(rest[0]) if rest else words.get("axis", 0)
                return operations.concatenate([operations.array(item) for item in items], axis, into)
            case "clip", [owner, low, high]:
                raised = operations.ufunc("maximum", (owner, low), into)
                return operations.ufunc("minimum", (raised, high), into)
            case _, [Slot() as owner, *rest] if name in _METHODS:
                return self._method(owner, name, rest, words, into)
            case _:
                pass
        if all(isinstance(operand, Const) for operand in operands):
            return operations.known(function(*(value_of(operand) for operand in operands), **words))
        return operations.opaque(partial(function, **words), operands)

    def _method(
        self, owner: Operand, name: str, operands: Sequence[Operand], words: dict[str, Any], into: Slot | None
    ) -> Operand:
        """A method, or the NumPy function of the same name, applied to an array."""
        values = [value_of(operand) for operand in operands]
        operations = self._operations
        if isinstance(owner, Const):
            return operations.known(getattr(np.asarray(owner.value), name)(*values, **words))
        array = operations.array(owner)
        match name:
            case "sum" | "mean" | "max" | "min":
                axis = words.get("axis", values[0] if values else None)
                return operations.reduce(array, name, axis, bool(words.get("keepdims", False)), into)
            case "astype":
                return operations.cast(array, np.dtype(values[0]), into)
            case "reshape":
                wished: tuple[int, ...] = tuple(
                    np.atleast_1d(values[0] if len(values) == 1 else values).tolist()
                )
                return operations.reshape(array, wished)
            case "ravel":
                return operations.reshape(array, (-1,))
            case "transpose" | "swapaxes":
                return operations.view(array, name, operator.methodcaller(name, *values))
            case _:
                raise ProgramError(f"The compiler cannot lower the method .{name}().")

    def _function(self, name: str, parts: list[ast.expr], into: Slot | None) -> Operand:
        """A small named function of the family file, taken apart; where that fails, called as it is."""
        function = self._scopes[-1].get(name)
        if not isinstance(function, FunctionType):
            raise ProgramError(f"The compiler cannot lower the function {name}().")
        operands = [self._expression(part, None) for part in parts]
        equation = read(function)
        frame = dict(zip(equation.arguments, operands, strict=True))
        known: dict[str, Any] = {}
        shapes: dict[str, tuple[int, ...]] = {}
        for argument, operand in frame.items():
            if isinstance(operand, Slot):
                shapes[argument] = operand.shape
            elif isinstance(operand, Const) and type(operand.value) in _LITERALS:
                known[argument] = operand.value
        try:
            line = straighten(equation, known, shapes)
        except ProgramError:
            return self._operations.opaque(function, operands)
        self._operations.pin(*operands)
        self._frames.append(frame)
        self._scopes.append(equation.namespace)
        own: list[Operand] = []
        for local, value in line.assignments:
            former, frame[local] = frame.get(local), self._expression(value, None)
            self._operations.pin(frame[local])
            if former in own:  # the name is given anew, as in a loop: what it stood for is read no more
                self._operations.unpin(former, frame.values())
            own.append(frame[local])
        result = self._expression(line.result, into)
        self._frames.pop()
        self._scopes.pop()
        return result


def _cannot(node: ast.expr) -> ProgramError:
    return ProgramError(f"The compiler cannot lower {ast.unparse(node)!r}.")


def _float_dtype(value: Operand) -> np.dtype[Any] | None:
    return value.dtype if isinstance(value, Slot) and value.dtype.kind == "f" else None
