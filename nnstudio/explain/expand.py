"""A statement at one element: the syntax tree and the program's arrays become one number's arithmetic.

Arrays are worked out by Python from the statement itself; here it is only followed which numbers went in.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.place import Element
from nnstudio.explain.scalar import Scalar, added, multiplied, number, rest
from nnstudio.program.equation import rebuild

Array = npt.NDArray[Any]

MOST_TERMS = 6
"""So many terms of a sum are written out: the largest ones, in their order."""
MOST_LEAVES = 40
"""Where more numbers would be written, inner parts are written as the number that comes out of them."""
DEEPEST = 10
_NAMES: dict[type[ast.cmpop], str] = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.Pow: np.power,
    ast.MatMult: np.matmul,
}
_INDEX = "index_array"


class Expander:
    """Writes elements of expressions out, over the values of one moment."""

    def __init__(self, values: Callable[[str], Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self._value_of = values
        self._functions = functions
        self._arrays: dict[int, tuple[ast.expr, Array]] = {}

    def scalar(self, expression: ast.expr, element: Element) -> Scalar:
        """How the number at `element` of the expression comes about."""
        whole = self._at(expression, element, DEEPEST)
        return whole if whole.leaves <= MOST_LEAVES else _cut(whole, _deepest_of(whole))

    def array(self, expression: ast.expr, given: Mapping[str, Any] | None = None) -> Array:
        """The whole array of an expression; `given` are further names that it may read."""
        if given is not None:
            return self._evaluate(expression, given)
        known = self._arrays.get(id(expression))
        if known is None:
            known = self._arrays[id(expression)] = (expression, self._evaluate(expression, {}))
        return known[1]

    def _evaluate(self, node: ast.expr, given: Mapping[str, Any]) -> Array:
        if isinstance(node, ast.Name) and node.id not in given:
            return np.asarray(self._value_of(node.id))
        with np.errstate(all="ignore"):
            if not given:
                match node:
                    case ast.BinOp() if type(node.op) in _OPERATIONS:
                        operation = _OPERATIONS[type(node.op)]
                        return np.asarray(operation(self._raw(node.left), self._raw(node.right)))
                    case ast.Call(keywords=[]) if (function := self._function(node.func)) is not None:
                        return np.asarray(function(*map(self._raw, node.args)))
                    case ast.Call(func=ast.Attribute(value=base)) | ast.Subscript(value=base):
                        if not _is_numpy(base):
                            return self._over_base(node, base)
                    case _:
                        pass
            return np.asarray(self._run(node, given))

    def _over_base(self, node: ast.expr, base: ast.expr) -> Array:
        """A method or a part of an array, which is worked out first."""
        if isinstance(base, ast.Attribute):  # of a shape, not of an array
            return np.asarray(self._run(node, {}))
        over = rebuild(node, lambda part: ast.Name(_INDEX, ast.Load()) if part is base else None)
        return np.asarray(self._run(over, {_INDEX: self.array(base)}))

    def _raw(self, node: ast.expr) -> Any:
        """An operand; a written number stays one, so that the arrays decide the dtype."""
        return node.value if isinstance(node, ast.Constant) else self.array(node)

    def _function(self, node: ast.expr) -> Callable[..., Any] | None:
        """A function of whole arrays that is called by position."""
        if isinstance(node, ast.Name):
            return self._functions.get(node.id)
        if isinstance(node, ast.Attribute) and _is_numpy(node.value):
            found = getattr(np, node.attr)
            return found if isinstance(found, np.ufunc) else None
        return None

    def _run(self, node: ast.expr, given: Mapping[str, Any]) -> Any:
        """What Python makes of an expression. Only statements of the program come here: our own definitions'
        source, and names that we made."""
        names = {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and part.id not in self._functions and part.id not in given
        } - {"np"}
        values = {name: self._value_of(name) for name in names}
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<statement>", "eval")
        return eval(code, {"np": np, **self._functions}, {**values, **given})

    # -- one element -----------------------------------------------------------------------------------

    def _at(self, node: ast.expr, element: Element, depth: int) -> Scalar:
        if depth <= 0:
            return self._leaf(node, element)
        found = self._taken_apart(node, element, depth - 1)
        return self._leaf(node, element) if found is None else found

    def _leaf(self, node: ast.expr, element: Element) -> Scalar:
        return number(float(self.array(node)[element]))

    def _taken_apart(self, node: ast.expr, element: Element, depth: int) -> Scalar | None:
        match node:
            case ast.BinOp(op=ast.MatMult()):
                return self._inner_product(node, element, depth)
            case ast.BinOp():
                return self._arithmetic(node, element, depth)
            case ast.UnaryOp(op=ast.USub()):
                inner = self._at(node.operand, element, depth)
                if inner.kind == "number":
                    return number(-inner.value)
                return Scalar("minus", -inner.value, (inner,))
            case ast.Compare():
                return self._comparison(node, element, depth)
            case ast.Attribute(attr="T"):
                return self._at(node.value, element[::-1], depth + 1)
            case ast.Subscript():
                return self._moved(node, node.value, element, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"))):
                return self._numpy(node, element, depth)
            case ast.Call(func=ast.Attribute() as method):
                return self._method(node, method, element, depth)
            case ast.Call(func=ast.Name(id="sum_to")):
                return self._summed_to(node, element, depth)
            case ast.Call(func=ast.Name(id=name)):
                return self._called(node, self._functions.get(name), name, element, depth)
            case _:
                return None

    def _under(self, node: ast.expr, element: Element) -> Element:
        """The index into an operand that is repeated along some axes."""
        shape = self.array(node).shape
        own = element[len(element) - len(shape) :]
        return tuple(0 if size == 1 else each for each, size in zip(own, shape, strict=True))

    def _operand(self, node: ast.expr, element: Element, depth: int) -> Scalar:
        return self._at(node, self._under(node, element), depth)

    def _arithmetic(self, node: ast.BinOp, element: Element, depth: int) -> Scalar | None:
        left = self._operand(node.left, element, depth)
        right = self._operand(node.right, element, depth)
        with np.errstate(all="ignore"):
            value = float(self.array(node)[element])
        match node.op:
            case ast.Add():
                return added([left, right])
            case ast.Sub():
                return added([left, Scalar("minus", -right.value, (right,))])
            case ast.Mult():
                return multiplied([left, right])
            case ast.Div():
                return left if _is_one(right) else Scalar("quotient", value, (left, right))
            case ast.Pow():
                return left if _is_one(right) else Scalar("power", value, (left, right))
            case _:
                return None

    def _comparison(self, node: ast.Compare, element: Element, depth: int) -> Scalar | None:
        name = _NAMES.get(type(node.ops[0]))
        if name is None or len(node.ops) > 1:
            return None
        parts = (self._operand(node.left, element, depth), self._operand(node.comparators[0], element, depth))
        return Scalar("compare", float(self.array(node)[element]), parts, name)

    def _inner_product(self, node: ast.BinOp, element: Element, depth: int) -> Scalar | None:
        left, right = self.array(node.left), self.array(node.right)
        if right.ndim != 2 or left.ndim < 1:
            return None
        row, column = element[:-1], element[-1]
        with np.errstate(all="ignore"):
            terms = left[row].astype(np.float64) * right[:, column].astype(np.float64)

        def written(k: int) -> Scalar:
            first = self._at(node.left, (*row, k), depth)
            return multiplied([first, self._at(node.right, (k, column), depth)])

        return _shortened(terms, written)

    def _moved(self, node: ast.expr, base: ast.expr, element: Element, depth: int) -> Scalar | None:
        """An element of an array that is only arranged anew: where it was before."""
        source = self.array(base)
        index = np.arange(source.size).reshape(source.shape)
        moved = rebuild(node, lambda part: ast.Name(_INDEX, ast.Load()) if part is base else None)
        try:
            place = int(self.array(moved, {_INDEX: index})[element])
        except (IndexError, TypeError, ValueError):
            return None
        return self._at(base, _unravel(place, source.shape), depth + 1)

    def _method(self, node: ast.Call, func: ast.Attribute, element: Element, depth: int) -> Scalar | None:
        match func.attr:
            case "reshape" | "astype":
                return self._moved(node, func.value, element, depth) if func.attr == "reshape" else None
            case "sum" | "mean":
                return self._reduced(node, func, element, depth)
            case _:
                return None

    def _reduced(self, node: ast.Call, func: ast.Attribute, element: Element, depth: int) -> Scalar | None:
        source = self.array(func.value)
        places = np.arange(source.size).reshape(source.shape)
        keywords: dict[str | None, Any] = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        axis = keywords.get("axis")
        if source.ndim == 0:
            return self._at(func.value, (), depth)
        along = range(source.ndim) if axis is None else np.atleast_1d(axis).tolist()
        axes = tuple(int(each) % source.ndim for each in along)
        kept = [each for each in range(source.ndim) if each not in axes]
        own = element if not keywords.get("keepdims") else tuple(element[each] for each in kept)
        rows = np.transpose(places, (*kept, *axes)).reshape((*[source.shape[each] for each in kept], -1))
        mine = rows[own]
        with np.errstate(all="ignore"):
            terms = source.reshape(-1)[mine].astype(np.float64)
        total = _shortened(terms, lambda k: self._at(func.value, _unravel(int(mine[k]), source.shape), depth))
        if func.attr == "mean" and len(terms) > 1:
            value = float(self.array(node)[element])
            return Scalar("quotient", value, (total, number(len(terms))))
        return total

    def _summed_to(self, node: ast.Call, element: Element, depth: int) -> Scalar | None:
        """sum_to(grad, like): the elements of grad that the element of like was repeated into."""
        source, like = self.array(node.args[0]), self.array(node.args[1])
        index = np.arange(like.size).reshape(like.shape)
        mine = np.flatnonzero(np.broadcast_to(index, source.shape).reshape(-1) == index[element])
        terms = source.reshape(-1)[mine].astype(np.float64)
        return _shortened(
            terms, lambda k: self._at(node.args[0], _unravel(int(mine[k]), source.shape), depth)
        )

    def _numpy(self, node: ast.Call, element: Element, depth: int) -> Scalar | None:
        assert isinstance(node.func, ast.Attribute)
        match node.func.attr:
            case "where":
                test, yes, no = node.args
                chosen = yes if self.array(test)[self._under(test, element)] else no
                return self._operand(chosen, element, depth)
            case "full_like":
                return self._operand(node.args[1], (), depth)
            case "zeros_like":
                return number(0.0)
            case "concatenate" if isinstance(node.args[0], ast.Tuple):
                return self._joined(node, node.args[0].elts, element, depth)
            case "eye" | "resize" | "sum" | "mean":
                return None
            case name:
                return self._called(node, getattr(np, name, None), name, element, depth)

    def _joined(
        self, node: ast.Call, parts: Sequence[ast.expr], element: Element, depth: int
    ) -> Scalar | None:
        first = 0
        given: dict[str, Any] = {}
        names: dict[ast.expr, ast.Name] = {}
        for number_, part in enumerate(parts):
            source = self.array(part)
            given[f"{_INDEX}_{number_}"] = np.arange(first, first + source.size).reshape(source.shape)
            names[part] = ast.Name(f"{_INDEX}_{number_}", ast.Load())
            first += source.size
        moved = rebuild(node, lambda each: names.get(each) if isinstance(each, ast.expr) else None)
        place = int(self.array(moved, given)[element])
        for part in parts:
            source = self.array(part)
            if place < source.size:
                return self._at(part, _unravel(place, source.shape), depth)
            place -= source.size
        return None

    def _called(
        self, node: ast.Call, function: Callable[..., Any] | None, name: str, element: Element, depth: int
    ) -> Scalar | None:
        """A function of each number by itself."""
        shapes = [self.array(argument).shape for argument in node.args]
        if function is None or node.keywords or not shapes:
            return None
        if self.array(node).shape != np.broadcast_shapes(*shapes):
            return None
        parts = tuple(self._operand(argument, element, depth) for argument in node.args)
        return Scalar("call", float(self.array(node)[element]), parts, name, function)


def _shortened(terms: Array, written: Callable[[int], Scalar]) -> Scalar:
    """A sum with its largest terms written out and the others added up."""
    if len(terms) <= MOST_TERMS + 1:
        return added([written(k) for k in range(len(terms))]) if len(terms) else number(0.0)
    sizes = np.abs(np.nan_to_num(terms, nan=np.inf))
    largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_TERMS])
    others = np.delete(terms, largest)
    with np.errstate(all="ignore"):
        more = rest(math.fsum(others) if np.isfinite(others).all() else float(others.sum()), len(others))
    return added([*(written(int(k)) for k in largest), more])


def _deepest_of(scalar: Scalar) -> int:
    """How deep a number may be written out so that not more than MOST_LEAVES numbers are written."""
    level: list[Scalar] = [scalar]
    depth = ended = 0  # numbers that have no parts, on the levels above
    while (parts := [part for each in level for part in each.parts]) and depth < DEEPEST:
        ended += sum(not each.parts for each in level)
        if ended + len(parts) > MOST_LEAVES:
            break
        level = parts
        depth += 1
    return depth


def _cut(scalar: Scalar, depth: int) -> Scalar:
    """Deeper parts as the numbers that come out of them."""
    if not scalar.parts:
        return scalar
    if depth <= 0:
        return number(scalar.value)
    return replace(scalar, parts=tuple(_cut(part, depth - 1) for part in scalar.parts))


def _unravel(place: int, shape: tuple[int, ...]) -> Element:
    return tuple(int(axis) for axis in np.unravel_index(place, shape)) if shape else ()


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"


def _is_one(scalar: Scalar) -> bool:
    return scalar.kind == "number" and scalar.value == 1.0
