"""Statement -> in-place calls on preallocated arrays: `fc1 = x @ w.T + b` becomes two calls and no new memory.

The calls are those that NumPy itself makes for the statement, in the same order, so the numbers are the same
to the last bit; only where the results go is different. Small functions that the statement calls are taken
apart in the same way.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.program.equation import read, straighten
from nnstudio.program.memory import Ghosts, Memory, Slot
from nnstudio.program.statement import Statement


@dataclass(frozen=True)
class Const:
    """A value known at compile time: a number, a shape, a dtype, text."""

    value: Any


@dataclass(frozen=True)
class Tuple:
    """Several operands, as in np.concatenate((a, b))."""

    items: tuple[Operand, ...]


Operand = Slot | Const | Tuple


@dataclass(frozen=True)
class Call:
    """One in-place call of the lowered program."""

    function: str
    arguments: tuple[Operand, ...]
    keywords: tuple[tuple[str, Operand], ...] = ()
    opaque: FunctionType | None = None


_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("subtract", operator.sub),
    ast.Mult: ("multiply", operator.mul),
    ast.Div: ("true_divide", operator.truediv),
    ast.FloorDiv: ("floor_divide", operator.floordiv),
    ast.Mod: ("remainder", operator.mod),
    ast.Pow: ("power", operator.pow),
}
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Gt: ("greater", operator.gt),
    ast.GtE: ("greater_equal", operator.ge),
    ast.Lt: ("less", operator.lt),
    ast.LtE: ("less_equal", operator.le),
    ast.Eq: ("equal", operator.eq),
    ast.NotEq: ("not_equal", operator.ne),
}
_REDUCTIONS = {"sum": "np.add.reduce", "max": "np.maximum.reduce", "min": "np.minimum.reduce"}
_POWERS: dict[float, str] = {2: "square", 0.5: "sqrt", -1: "reciprocal"}  # as ndarray.__pow__ does
LARGEST_DOT = 1 << 16
"""Above this many terms a dot product in float32 rounds visibly worse than NumPy's pairwise sum."""
_VIEWS = {"T", "reshape", "ravel", "transpose", "swapaxes"}


class Lowering:
    """Lowers statements one after another; `slots` says which array each identifier is."""

    def __init__(
        self, memory: Memory, slots: dict[str, Slot], functions: Mapping[str, FunctionType]
    ) -> None:
        self.memory = memory
        self.slots = slots
        self.calls: list[Call] = []
        self.multiply_adds = 0
        self.known: dict[str, Const] = {}
        """Identifiers whose value is a number already known, such as the gradient of the loss itself."""
        self._functions = functions
        self._locals: list[dict[str, Operand]] = []
        self._pinned: list[Slot] = []

    # -- statements ----------------------------------------------------------------------------------

    def statement(self, statement: Statement, *, assign: bool = False) -> list[Call]:
        """The calls of one statement. With `assign`, `+=` onto an array just zeroed becomes `=`."""
        self.calls = []
        target = self.slots.get(statement.target)
        if target is None:
            target = self._new_target(statement)
        accumulate = statement.operator != "=" and not assign
        into = None if accumulate or statement.target in statement.reads else target
        value = self._expression(statement.expression, into)
        if accumulate:
            self._call(f"np.{'add' if statement.operator == '+=' else 'subtract'}", (target, value), target)
        elif value is not target and not self._redirect(value, target):
            self._copy(target, value)
        self._give_back(value)
        for slot in self._pinned:
            self.memory.release(slot)
        self._pinned.clear()
        return self.calls

    def _redirect(self, value: Operand, target: Slot) -> bool:
        """Let the last call write into `target` at once, where only `target` itself stood in the way.

        `velocity = momentum * velocity + grad` must not overwrite velocity before it is read; the addition,
        which comes last and goes element by element, may.
        """
        if not self.calls or not isinstance(value, Slot) or not value.scratch or value.base is not None:
            return False
        last = self.calls[-1]
        written_last = bool(last.arguments) and last.arguments[-1] is value
        if value.shape != target.shape or value.dtype != target.dtype or not written_last:
            return False
        if not is_elementwise(last.function):
            return False
        self.calls[-1] = Call(last.function, (*last.arguments[:-1], target), last.keywords)
        return True

    def _new_target(self, statement: Statement) -> Slot:
        shape, dtype = self.outcome(statement.expression)
        target = self.memory.permanent(statement.target, shape, dtype)
        self.slots[statement.target] = target
        return target

    def outcome(self, expression: ast.expr) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and dtype of an expression, found without memory for its numbers."""
        shadow = Lowering(Ghosts(), {}, self._functions)
        for name in {part.id for part in ast.walk(expression) if isinstance(part, ast.Name)}:
            if name in self.slots:
                slot = self.slots[name]
                shadow.slots[name] = Ghosts().permanent(name, slot.shape, slot.dtype)
        value = shadow._expression(expression, None)
        self.multiply_adds += shadow.multiply_adds
        if isinstance(value, Slot):
            return value.shape, value.dtype
        array = np.asarray(_value(value))
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
                return _tuple([self._expression(part, None) for part in parts])
            case ast.UnaryOp():
                return self._unary(node, into)
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
            case ast.Slice():
                return Const(slice(*(self._bound(part) for part in (node.lower, node.upper, node.step))))
            case _:
                raise ProgramError(f"The compiler cannot lower {ast.unparse(node)!r}.")

    def _bound(self, node: ast.expr | None) -> Any:
        return None if node is None else _value(self._expression(node, None))

    def _name(self, name: str) -> Operand:
        if self._locals and name in self._locals[-1]:
            return self._locals[-1][name]
        if not self._locals and name in self.known:
            return self.known[name]
        if not self._locals and name in self.slots:
            return self.slots[name]
        raise ProgramError(f"The compiler does not know the name {name!r}.")

    def _unary(self, node: ast.UnaryOp, into: Slot | None) -> Operand:
        value = self._expression(node.operand, into)
        if isinstance(node.op, ast.USub):
            return Const(-value.value) if isinstance(value, Const) else self._ufunc("negative", (value,), into)
        raise ProgramError(f"The compiler cannot lower {ast.unparse(node)!r}.")

    def _binary(self, node: ast.BinOp, into: Slot | None) -> Operand:
        if isinstance(node.op, ast.MatMult):
            left, right = self._expression(node.left, None), self._expression(node.right, None)
            return self._matmul(left, right, into)
        name, plain = _BINARY[type(node.op)]
        left, right = self._pair(node.left, node.right, into)
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(plain(left.value, right.value))
        if name == "power" and isinstance(right, Const) and right.value in _POWERS:
            return self._ufunc(_POWERS[right.value], (left,), into)
        return self._ufunc(name, (left, right), into)

    def _pair(self, left: ast.expr, right: ast.expr, into: Slot | None) -> tuple[Operand, Operand]:
        """Both sides of an operation. Only one may use `into`: the first that has something to compute.

        A comparison used as a factor is written as zeros and ones of the other side's dtype at once: NumPy
        multiplies floats by floats nearly three times as fast as by booleans.
        """
        if isinstance(left, ast.Compare) or isinstance(right, ast.Compare):
            other = right if isinstance(left, ast.Compare) else left
            value = self._expression(other, into)
            test = left if isinstance(left, ast.Compare) else right
            assert isinstance(test, ast.Compare)
            dtype = value.dtype if isinstance(value, Slot) and value.dtype.kind == "f" else None
            flags = self._compare(test, None, dtype)
            return (flags, value) if test is left else (value, flags)
        first = self._expression(left, into)
        used = isinstance(first, Slot) and first.root is into
        return first, self._expression(right, None if used else into)

    def _compare(self, node: ast.Compare, into: Slot | None, dtype: np.dtype[Any] | None) -> Operand:
        name, plain = _COMPARE[type(node.ops[0])]
        left, right = self._expression(node.left, None), self._expression(node.comparators[0], None)
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(plain(left.value, right.value))
        shape = np.broadcast_shapes(_shape(left), _shape(right))
        out = self._out(shape, dtype or np.dtype(bool), into, ())
        self._call(f"np.{name}", (left, right), out)
        self._give_back(left, right, keep=out)
        return out

    def _ufunc(self, name: str, operands: Sequence[Operand], into: Slot | None) -> Operand:
        if all(isinstance(operand, Const) for operand in operands):
            return self._known(getattr(np, name)(*(_value(operand) for operand in operands)))
        shape = np.broadcast_shapes(*(_shape(operand) for operand in operands))
        operands = [self._as_wide(operand, shape) for operand in operands]
        out = self._out(shape, _ufunc_dtype(name, _samples(operands)), into, operands)
        self._call(f"np.{name}", operands, out)
        self._give_back(*operands, keep=out)
        return out

    def _as_wide(self, operand: Operand, shape: tuple[int, ...]) -> Operand:
        """A bias beside a batch of one: the same numbers in the other's shape take NumPy's short way."""
        if not isinstance(operand, Slot) or operand.shape == shape or math.prod(operand.shape) != math.prod(shape):
            return operand
        return self._reshaped(operand, "reshape", [shape])

    def _matmul(self, left: Operand, right: Operand, into: Slot | None) -> Slot:
        left, right = self._array(left), self._array(right)
        shape = _product_shape(left.shape, right.shape)
        out = self._out(shape, np.result_type(left.dtype, right.dtype), into, ())
        flat = len(left.shape) == 2 and len(right.shape) == 2
        self._call("np.dot" if flat else "np.matmul", (left, right), out)
        self.multiply_adds += math.prod(shape) * left.shape[-1]
        self._give_back(left, right, keep=out)
        return out

    # -- attributes, methods and functions -----------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> Operand:
        if isinstance(node.value, ast.Name) and node.value.id == "np":
            return Const(getattr(np, node.attr))
        value = self._expression(node.value, None)
        if isinstance(value, Slot):
            if node.attr in ("shape", "ndim", "size", "dtype"):
                facts = {"shape": value.shape, "ndim": len(value.shape), "size": math.prod(value.shape),
                         "dtype": value.dtype}
                return Const(facts[node.attr])
            if node.attr == "T":
                return self._view(value, f"{value.name}_T", lambda array: array.T)
        elif isinstance(value, Const):
            return Const(getattr(value.value, node.attr))
        raise ProgramError(f"The compiler cannot lower {ast.unparse(node)!r}.")

    def _view(self, base: Slot, name: str, look: Callable[[Any], Any]) -> Slot:
        array = look(base.array)
        return Slot(name, array, tuple(array.shape), base.dtype, base.scratch, base)

    def _subscript(self, node: ast.Subscript, into: Slot | None) -> Operand:
        value = self._expression(node.value, None)
        index = self._expression(node.slice, None)
        if isinstance(value, Const):
            return Const(value.value[_value(index)])
        assert isinstance(value, Slot)
        if isinstance(index, Slot):  # rows by number, as in np.eye(k)[target]
            out = self._out((*index.shape, *value.shape[1:]), value.dtype, into, ())
            self._call("np.take", (value, index, Const(0), out), None, mode=Const("clip"))
            self._give_back(value, index, keep=out)
            return out
        where = _value(index)
        return self._view(value, f"{value.name}_part", lambda array: array[where])

    def _called(self, node: ast.Call, into: Slot | None) -> Operand:
        keywords = {word.arg: _value(self._expression(word.value, None)) for word in node.keywords if word.arg}
        match node.func:
            case ast.Attribute(value=ast.Name(id="np"), attr=name):
                return self._numpy(name, node.args, keywords, into)
            case ast.Attribute(value=ast.BinOp(op=ast.Mult()) as product, attr="sum" | "mean" as name) if not (
                node.args or keywords
            ):
                return self._product_sum(product, name, into)
            case ast.Attribute(value=owner, attr=name):
                return self._method(name, self._expression(owner, None), node.args, keywords, into)
            case ast.Name(id=name):
                return self._function(name, node.args, into)
            case _:
                raise ProgramError(f"The compiler cannot lower {ast.unparse(node)!r}.")

    def _numpy(self, name: str, parts: list[ast.expr], keywords: dict[str, Any], into: Slot | None) -> Operand:
        if name in ("where", "zeros_like", "ones_like"):
            return self._where(parts, into) if name == "where" else self._filled(name, parts[0], into)
        function: Any = getattr(np, name)
        if isinstance(function, np.ufunc):
            if function.nin == 2:
                return self._ufunc(name, self._pair(parts[0], parts[1], into), into)
            return self._ufunc(name, [self._expression(part, into) for part in parts], into)
        operands = [self._expression(part, None) for part in parts]
        if all(isinstance(operand, Const) for operand in operands):
            return self._known(function(*(_value(operand) for operand in operands), **keywords))
        if name in (*_REDUCTIONS, "mean", "reshape", "transpose", "swapaxes", "ravel"):
            return self._on(operands[0], name, operands[1:], keywords, into)
        if name == "concatenate" and isinstance(operands[0], Tuple):
            return self._concatenate(operands[0], keywords.get("axis", 0), into)
        if name == "clip":
            low, high = operands[1], operands[2]
            return self._ufunc("minimum", (self._ufunc("maximum", (operands[0], low), into), high), into)
        return self._opaque(function, operands, keywords)

    def _method(
        self, name: str, owner: Operand, parts: list[ast.expr], keywords: dict[str, Any], into: Slot | None
    ) -> Operand:
        return self._on(owner, name, [self._expression(part, None) for part in parts], keywords, into)

    def _on(
        self, owner: Operand, name: str, operands: Sequence[Operand], keywords: dict[str, Any], into: Slot | None
    ) -> Operand:
        """A method, or the NumPy function of the same name, applied to an array."""
        values = [_value(operand) for operand in operands]
        if isinstance(owner, Const):
            return self._known(getattr(np.asarray(owner.value), name)(*values, **keywords))
        assert isinstance(owner, Slot)
        if name in _REDUCTIONS or name == "mean":
            axis = keywords.get("axis", values[0] if values else None)
            return self._reduce(owner, name, axis, bool(keywords.get("keepdims", False)), into)
        if name == "astype":
            out = self._out(owner.shape, np.dtype(values[0]), into, ())
            self._copy(out, owner)
            self._give_back(owner, keep=out)
            return out
        if name in _VIEWS:
            return self._reshaped(owner, name, values)
        raise ProgramError(f"The compiler cannot lower the method .{name}().")

    def _reshaped(self, owner: Slot, name: str, values: list[Any]) -> Slot:
        if isinstance(self.memory, Ghosts):  # a ghost cannot be reshaped without becoming real
            if name == "reshape":
                wished = values[0] if isinstance(values[0], tuple) else tuple(values)
                known = math.prod(size for size in wished if size != -1)
                shape = tuple(math.prod(owner.shape) // max(known, 1) if size == -1 else size for size in wished)
            elif name == "ravel":
                shape = (math.prod(owner.shape),)
            else:
                shape = getattr(owner.array, name)(*values).shape
            return self.memory.permanent(owner.name, shape, owner.dtype)
        return self._view(owner, f"{owner.name}_{name}", lambda array: getattr(array, name)(*values))

    def _reduce(self, owner: Slot, name: str, axis: Any, keepdims: bool, into: Slot | None) -> Slot:
        shape = _reduced(owner.shape, axis, keepdims)
        out = self._out(shape, owner.dtype, into, ())
        if name in ("sum", "mean") and axis == 0 and len(owner.shape) == 2 and len(shape) == 1:
            # Summing over the batch, as every bias does: a product with ones takes half of reduce's time.
            ones = self._array(Const(np.ones(owner.shape[0], owner.dtype)))
            self._call("np.dot", (ones, owner), out)
        else:
            function = _REDUCTIONS["sum" if name == "mean" else name]
            self._call(function, (owner, Const(axis), Const(None), out, Const(keepdims)), None)
        if name == "mean":
            count = math.prod(owner.shape) // max(math.prod(shape), 1)
            self._call("np.true_divide", (out, Const(count)), out)
        self._give_back(owner, keep=out)
        return out

    def _product_sum(self, product: ast.BinOp, name: str, into: Slot | None) -> Operand:
        """`(a * b).sum()` as one dot product of the two, laid flat: a third of the time on small arrays."""
        left, right = self._pair(product.left, product.right, None)
        alike = isinstance(left, Slot) and isinstance(right, Slot) and left.shape == right.shape
        if not alike or left.dtype.kind != "f" or not 0 < math.prod(left.shape) <= LARGEST_DOT:
            return self._on(self._ufunc("multiply", (left, right), None), name, (), {}, into)
        out = self._out((), left.dtype, into, ())
        flat = [self._reshaped(slot, "ravel", []) for slot in (left, right)]
        self._call("np.dot", flat, out)
        if name == "mean":
            self._call("np.true_divide", (out, Const(math.prod(left.shape))), out)
        self._give_back(left, right, keep=out)
        return out

    def _where(self, parts: list[ast.expr], into: Slot | None) -> Operand:
        test = self._array(self._expression(parts[0], None))
        yes, no = self._expression(parts[1], None), self._expression(parts[2], None)
        shape = np.broadcast_shapes(test.shape, _shape(yes), _shape(no))
        out = self._out(shape, _ufunc_dtype("add", _samples((yes, no))), into, ())
        self._copy(out, no)
        self._call("np.copyto", (out, yes), None, where=test)
        self._give_back(test, yes, no, keep=out)
        return out

    def _filled(self, name: str, like: ast.expr, into: Slot | None) -> Slot:
        model = self._array(self._expression(like, None))
        out = self._out(model.shape, model.dtype, into, ())
        self._copy(out, Const(0.0 if name == "zeros_like" else 1.0))
        return out

    def _concatenate(self, arrays: Tuple, axis: int, into: Slot | None) -> Slot:
        slots = [self._array(item) for item in arrays.items]
        shape = list(slots[0].shape)
        shape[axis] = sum(slot.shape[axis] for slot in slots)
        out = self._out(tuple(shape), slots[0].dtype, into, ())
        self._call("np.concatenate", (arrays, Const(axis), out), None)
        self._give_back(*slots, keep=out)
        return out

    def _function(self, name: str, parts: list[ast.expr], into: Slot | None) -> Operand:
        """A small named function of the family file, taken apart; where that fails, called as it is."""
        scope = self._locals[-1].get("__functions__") if self._locals else None
        functions: Mapping[str, Any] = scope.value if isinstance(scope, Const) else self._functions
        function = functions[name]
        operands = [self._expression(part, None) for part in parts]
        equation = read(function)
        known = {
            argument: operand.value
            for argument, operand in zip(equation.arguments, operands, strict=True)
            if isinstance(operand, Const) and isinstance(operand.value, (bool, int, float, str, tuple))
        }
        shapes = {
            argument: operand.shape
            for argument, operand in zip(equation.arguments, operands, strict=True)
            if isinstance(operand, Slot)
        }
        try:
            line = straighten(equation, known, shapes)
        except ProgramError:
            return self._opaque(function, operands, {})
        frame: dict[str, Operand] = dict(zip(equation.arguments, operands, strict=True))
        frame["__functions__"] = Const(equation.namespace)
        self._pin(*operands)
        self._locals.append(frame)
        for local, value in line.assignments:
            frame[local] = self._expression(value, None)
            self._pin(frame[local])
        result = self._expression(line.result, into)
        self._locals.pop()
        return result

    def _pin(self, *operands: Operand) -> None:
        """Keep scratch that is read more than once until the statement ends."""
        for operand in operands:
            if isinstance(operand, Slot) and operand.scratch:
                root = operand.root
                root.scratch = operand.scratch = False
                self._pinned.append(root)

    def _opaque(self, function: Any, operands: Sequence[Operand], keywords: dict[str, Any]) -> Slot:
        """A function that cannot be taken apart: called as it is, its result copied. Right, but it allocates."""
        bound = (lambda *arguments: function(*arguments, **keywords)) if keywords else function
        sample = bound(*(np.ones(o.shape, o.dtype) if isinstance(o, Slot) else _value(o) for o in operands))
        out = self._out(sample.shape, sample.dtype, None, ())
        self.calls.append(Call("opaque", (*operands, out), opaque=bound))
        self._give_back(*operands, keep=out)
        return out

    # -- arrays --------------------------------------------------------------------------------------

    def _out(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], into: Slot | None, reuse: Sequence[Operand]
    ) -> Slot:
        """Where a result goes: `into` if it fits, else over an operand no longer needed, else scratch."""
        if into is not None and into.shape == shape and into.dtype == dtype:
            return into
        for operand in reuse:
            if isinstance(operand, Slot) and operand.scratch and operand.base is None:
                if operand.shape == shape and operand.dtype == dtype:
                    return operand
        return self.memory.scratch(shape, dtype)

    def _give_back(self, *operands: Operand, keep: Slot | None = None) -> None:
        for operand in operands:
            if isinstance(operand, Slot) and operand.scratch and operand.root is not (keep and keep.root):
                self.memory.release(operand)

    def _array(self, operand: Operand) -> Slot:
        if isinstance(operand, Slot):
            return operand
        return self.memory.constant(np.asarray(_value(operand)), "constant")

    def _known(self, value: Any) -> Operand:
        if isinstance(value, np.ndarray) and value.ndim:
            return self.memory.constant(value, "constant")
        return Const(value.item() if isinstance(value, (np.generic, np.ndarray)) else value)

    def _copy(self, target: Slot, value: Operand) -> None:
        self.calls.append(Call("np.copyto", (target, value)))

    def _call(self, function: str, arguments: Sequence[Operand], out: Slot | None, **keywords: Operand) -> None:
        words = tuple(keywords.items())
        if out is not None:
            # NumPy asks for `out=` by name in maximum and minimum.
            named = function in ("np.maximum", "np.minimum")
            words = (*words, ("out", out)) if named else words
            arguments = arguments if named else (*arguments, out)
        self.calls.append(Call(function, tuple(arguments), words))


def is_elementwise(function: str) -> bool:
    """Whether a call such as "np.add" works on each number by itself, so that it may overwrite an operand."""
    return isinstance(getattr(np, function.removeprefix("np."), None), np.ufunc) and function != "np.matmul"


def _tuple(items: list[Operand]) -> Operand:
    if all(isinstance(item, Const) for item in items):
        return Const(tuple(_value(item) for item in items))
    return Tuple(tuple(items))


def _value(operand: Operand) -> Any:
    if isinstance(operand, Const):
        return operand.value
    raise ProgramError("The compiler needs a value here that is known before the program runs.")


def _shape(operand: Operand) -> tuple[int, ...]:
    return operand.shape if isinstance(operand, Slot) else ()


def _product_shape(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of `left @ right`, by the rules of np.matmul."""
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return (*np.broadcast_shapes(left[:-2], right[:-2]), *rows, *columns)


def _reduced(shape: tuple[int, ...], axis: Any, keepdims: bool) -> tuple[int, ...]:
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {position % len(shape) for position in axes} if shape else set[int]()
    if keepdims:
        return tuple(1 if position in gone else size for position, size in enumerate(shape))
    return tuple(size for position, size in enumerate(shape) if position not in gone)


def _samples(operands: Sequence[Operand]) -> tuple[Any, ...]:
    """What decides a result's dtype: arrays by their dtype, plain numbers by their (weak) kind."""
    return tuple(
        operand.dtype.str if isinstance(operand, Slot) else type(_value(operand)) for operand in operands
    )


@lru_cache(maxsize=None)
def _ufunc_dtype(name: str, kinds: tuple[Any, ...]) -> np.dtype[Any]:
    values = [np.ones(1, kind) if isinstance(kind, str) else kind(1) for kind in kinds]
    with np.errstate(all="ignore"):
        return np.asarray(getattr(np, name)(*values)).dtype
