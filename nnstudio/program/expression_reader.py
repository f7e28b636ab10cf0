"""Reading an expression: its text to Python's syntax tree, and of that only what the language has."""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from nnstudio.modules.shapes import format_shape
from nnstudio.program.expression import ANYWHERE, Compute, Expression, ExpressionError, Scope
from nnstudio.program.expression_functions import (
    FUNCTIONS,
    Array,
    Misuse,
    check_size,
    elementwise,
    numbers,
    product,
    product_size,
    whole,
)
from nnstudio.wording import did_you_mean

T = TypeVar("T")

LONGEST = 2000
MOST_NODES = 500
DEEPEST = 60

_NAMES = {"pi": math.pi, "inf": math.inf, "NaN": math.nan, "nan": math.nan}
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "⋅": "*", "⊙": "*", "÷": "/", "−": "-",
          "²": "**2", "³": "**3", "^": "**", "ᵀ": ".T"}  # fmt: skip
_TEXT = r"\"[^\"]*\"|'[^']*'"
_QUOTED = re.compile(rf"\(\s*({_TEXT})\s*\)")
_KEY = rf"value\(\s*(?:{_TEXT})\s*\)|[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\s*\[[^\[\]]*\])?"
_PHRASE = re.compile(
    rf"(?P<text>{_TEXT})"
    rf"|\bany\s+(?P<kind>nan|inf)s?\b(?:\s+anywhere\b|\s+in\s+(?P<key>{_KEY}))?"
    rf"|(?P<sign>[{''.join(map(re.escape, _SIGNS))}])",
    re.IGNORECASE,
)
_FINDERS: dict[str, Callable[[Array], Any]] = {"any_nan": np.isnan, "any_inf": np.isinf}
_BINARY: dict[type[ast.operator], Callable[[Array, Array], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_COMPARED: dict[type[ast.cmpop], tuple[str, Callable[[Array, Array], Any]]] = {
    ast.Lt: ("<", np.less),
    ast.LtE: ("<=", np.less_equal),
    ast.Gt: (">", np.greater),
    ast.GtE: (">=", np.greater_equal),
    ast.Eq: ("==", np.equal),
    ast.NotEq: ("!=", np.not_equal),
}


class Reader:
    """Turns one text into functions, and refuses every node of the tree that is not in the language."""

    def __init__(self, text: str, functions: frozenset[str]) -> None:
        if len(text) > LONGEST:
            raise ExpressionError(
                f"An expression may have at most {LONGEST:,} characters, not {len(text):,}.", LONGEST
            )
        self._text = text
        self._functions = functions
        self._names: dict[str, None] = {}
        self._calls: dict[str, None] = {}
        self._source, self._origin = _translated(text)

    def expression(self) -> Expression:
        """The expression. Raises ExpressionError."""
        tree = self._tree()
        if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
            raise self._unread(tree, "it is too long")
        compute = self._read(tree, 0)
        both = self._both_sides(tree)
        return Expression(self._text, tuple(self._names), tuple(self._calls), compute, both)

    # -- the text ------------------------------------------------------------------------------------

    def _tree(self) -> ast.expr:
        if not self._source:
            raise ExpressionError("There is no expression: write one, such as `loss < 0.1`.", 1)
        if not self._source.isprintable():
            raise self._unread_at(1, "it holds control characters")
        try:
            with warnings.catch_warnings():  # of what is understood nothing is worth a warning
                warnings.simplefilter("ignore")
                return ast.parse(self._source, mode="eval").body
        except SyntaxError as problem:
            raise self._not_a_sentence(problem.offset or len(self._origin) + 1) from None
        except (RecursionError, MemoryError, ValueError):
            raise self._unread_at(1, "it is nested too deeply") from None

    def _not_a_sentence(self, offset: int) -> ExpressionError:
        single = re.search(r"(?<![=<>!])=(?!=)", self._source)
        if single is not None and self._source.count("(", 0, single.start()) == 0:
            return self._unread_at(self._origin[single.start()] + 1, "two values are compared with ==")
        if offset > len(self._origin):
            return self._unread_at(len(self._text) + 1, "something is missing at its end")
        return self._unread_at(
            self._origin[offset - 1] + 1,
            'it does not go on like this (a name that is no plain word is written value("…"))',
        )

    def _unread_at(self, column: int, why: str) -> ExpressionError:
        return ExpressionError(f"{self._shown} cannot be read at column {column}: {why}.", column)

    def _unread(self, node: ast.AST, why: str) -> ExpressionError:
        return self._unread_at(self._column(node), why)

    def _without_value(self, node: ast.AST, why: object) -> ExpressionError:
        column = self._column(node)
        return ExpressionError(f"{self._shown} has no value, at column {column}: {why}.", column)

    @property
    def _shown(self) -> str:
        text = " ".join(self._text.split())
        return f"`{text if len(text) <= 80 else text[:79] + '…'}`"

    def _column(self, node: ast.AST) -> int:
        place = self._place(getattr(node, "col_offset", 0))
        return self._origin[min(place, len(self._origin) - 1)] + 1

    def _place(self, offset: int) -> int:
        """ast counts bytes; this counts characters."""
        return len(self._source.encode()[:offset].decode(errors="ignore"))

    # -- the tree ------------------------------------------------------------------------------------

    def _read(self, node: ast.expr, depth: int) -> Compute:
        if depth > DEEPEST:
            raise self._unread(node, "it is nested too deeply")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute():
                return self._quantity(node, depth)
            case ast.List() | ast.Tuple():
                return self._list(node, depth)
            case ast.Subscript():
                return self._part(node, depth)
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.BoolOp():
                return self._junction(node, depth)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.Call():
                return self._call(node, depth)
            case _:
                raise self._unread(node, "this is not part of the language of expressions")

    def _constant(self, node: ast.Constant) -> Compute:
        value = node.value
        if isinstance(value, bool):
            return _always(np.asarray(value))
        if isinstance(value, int | float):
            try:
                return _always(np.asarray(float(value)))
            except OverflowError:
                raise self._unread(node, "this number is too large") from None
        if isinstance(value, str):
            raise self._unread(node, "text stands only in value(…)")
        raise self._unread(node, "this is no number")

    def _quantity(self, node: ast.Name | ast.Attribute, depth: int) -> Compute:
        key = self._key(node)
        if isinstance(node, ast.Attribute) and node.attr == "T":
            inner = self._read(node.value, depth + 1)
            return lambda scope: inner(scope).T
        if key is None:
            raise self._unread(node, "after a dot comes a name, and before it too")
        if key in _NAMES:
            return _always(np.asarray(_NAMES[key]))
        return self._looked_up(key, node)

    def _key(self, node: ast.expr) -> str | None:
        """A dotted name as it was written: Python would spell some letters otherwise."""
        inner = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        if not isinstance(inner, ast.Name) or node.end_col_offset is None:
            return None
        return "".join(self._source[self._place(node.col_offset) : self._place(node.end_col_offset)].split())

    def _looked_up(self, key: str, node: ast.expr) -> Compute:
        self._names[key] = None

        def value(scope: Scope) -> Array:
            found = self._array(scope.lookup(key), node)
            scope.spend(found.size)
            return found

        return value

    def _array(self, found: Any, node: ast.expr) -> Array:
        try:
            array = np.asarray(found)
        except ValueError:
            raise self._without_value(node, "its rows have different lengths") from None
        if array.dtype.kind not in "biuf":
            raise self._without_value(node, "this is no tensor of numbers")
        return array if array.dtype == np.bool_ else array.astype(np.float64, copy=False)

    def _list(self, node: ast.List | ast.Tuple, depth: int) -> Compute:
        items = [self._read(item, depth + 1) for item in node.elts]

        def value(scope: Scope) -> Array:
            arrays = [numbers(item(scope)) for item in items]
            if len({array.shape for array in arrays}) > 1:
                raise self._without_value(node, "the items of this list have different shapes")
            self._checked(node, lambda: check_size(sum(array.size for array in arrays)))
            return np.stack(arrays) if arrays else np.zeros(0)

        return value

    def _part(self, node: ast.Subscript, depth: int) -> Compute:
        inner = self._read(node.value, depth + 1)
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        indices = [self._index(place, depth + 1) for place in places]

        def value(scope: Scope) -> Array:
            array = inner(scope)
            try:
                return np.asarray(array[tuple(index(scope) for index in indices)])
            except IndexError:
                written = self._source[
                    self._place(node.slice.col_offset) : self._place(node.end_col_offset or 0)
                ]
                raise self._without_value(
                    node, f"a tensor of the shape {format_shape(array.shape)} has no element [{written}"
                ) from None

        return value

    def _index(self, node: ast.expr, depth: int) -> Callable[[Scope], int | slice]:
        if isinstance(node, ast.Slice):
            ends = [
                None if end is None else self._index(end, depth + 1)
                for end in (node.lower, node.upper, node.step)
            ]

            def cut(scope: Scope) -> slice:
                lower, upper, step = (None if end is None else end(scope) for end in ends)
                if step == 0:
                    raise self._without_value(node, "the step of a part cannot be 0")
                return slice(lower, upper, step)

            return cut
        inner = self._read(node, depth)

        def place(scope: Scope) -> int:
            return self._checked(node, lambda: whole(numbers(inner(scope)), "an index"))

        return place

    def _unary(self, node: ast.UnaryOp, depth: int) -> Compute:
        inner = self._read(node.operand, depth + 1)
        match node.op:
            case ast.Not():
                return lambda scope: np.asarray(not _truth(inner(scope)))
            case ast.USub():
                return lambda scope: np.asarray(-numbers(inner(scope)))
            case ast.UAdd():
                return lambda scope: numbers(inner(scope))
            case _:
                raise self._unread(node, "this sign is not part of the language of expressions")

    def _binary(self, node: ast.BinOp, depth: int) -> Compute:
        left, right = self._read(node.left, depth + 1), self._read(node.right, depth + 1)
        if isinstance(node.op, ast.MatMult):

            def multiply(scope: Scope) -> Array:
                a, b = left(scope), right(scope)

                def work() -> Array:
                    scope.spend(product_size(a, b))
                    return product(a, b)

                return self._checked(node, work)

            return multiply
        compute = _BINARY.get(type(node.op))
        if compute is None:
            raise self._unread(node.right, "the sign before this is not part of the language of expressions")
        return self._elementwise(node, compute, left, right)

    def _elementwise(
        self, node: ast.expr, compute: Callable[[Array, Array], Any], left: Compute, right: Compute
    ) -> Compute:
        def value(scope: Scope) -> Array:
            a, b = left(scope), right(scope)

            def work() -> Array:
                found = elementwise(compute, a, b)
                scope.spend(found.size)
                return found

            return self._checked(node, work)

        return value

    def _junction(self, node: ast.BoolOp, depth: int) -> Compute:
        parts = [self._read(part, depth + 1) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        return lambda scope: np.asarray(
            any(_truth(part(scope)) for part in parts)
            if decisive
            else all(_truth(part(scope)) for part in parts)
        )

    def _comparison(self, node: ast.Compare, depth: int) -> Compute:
        values = [self._read(value, depth + 1) for value in (node.left, *node.comparators)]
        pairs: list[Compute] = []
        for sign, left, right, place in zip(node.ops, values, values[1:], node.comparators, strict=False):
            known = _COMPARED.get(type(sign))
            if known is None:
                raise self._unread(place, "values are compared with < <= == != >= >")
            pairs.append(self._elementwise(node, known[1], left, right))
        if len(pairs) == 1:
            return pairs[0]
        return lambda scope: np.asarray(all(_truth(pair(scope)) for pair in pairs))

    def _both_sides(self, node: ast.expr) -> tuple[Compute, str, Compute] | None:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return (
                self._read(node.left, 0),
                _COMPARED[type(node.ops[0])][0],
                self._read(node.comparators[0], 0),
            )
        if isinstance(node, ast.Call) and self._key(node.func) == "close" and len(node.args) >= 2:
            return self._read(node.args[0], 0), "≈", self._read(node.args[1], 0)
        return None

    # -- calls ---------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, depth: int) -> Compute:
        name = self._key(node.func)
        if name == "value":
            return self._quoted(node)
        if name in _FINDERS:
            return self._search(node, _FINDERS[name], depth)
        if name in self._functions:
            return self._foreign(node, name, depth)
        if name not in FUNCTIONS:
            known = [*FUNCTIONS, *sorted(self._functions), "value"]
            hint = did_you_mean(name, known, "the language has no other than its own").removesuffix(".")
            raise self._unread(node, f"there is no function {name}; {hint}")
        return self._own(node, name, depth)

    def _quoted(self, node: ast.Call) -> Compute:
        text = self._source[
            self._place(node.func.end_col_offset or 0) : self._place(node.end_col_offset or 0)
        ]
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise self._unread(node, 'value takes one name in quotes, as in value("layer 1.output")')
        return self._looked_up(quoted[1][1:-1], node)

    def _search(self, node: ast.Call, found: Callable[[Array], Any], depth: int) -> Compute:
        if node.args:
            inner = self._read(node.args[0], depth + 1)
            return lambda scope: np.asarray(bool(found(numbers(inner(scope))).any()))
        self._names[ANYWHERE] = None

        def anywhere(scope: Scope) -> Array:
            arrays = cast("list[Any]", scope.lookup(ANYWHERE))
            return np.asarray(any(bool(found(self._array(array, node)).any()) for array in arrays))

        return anywhere

    def _own(self, node: ast.Call, name: str, depth: int) -> Compute:
        function = FUNCTIONS[name]
        words = {word.arg: self._read(word.value, depth + 1) for word in node.keywords if word.arg}
        given = [self._read(argument, depth + 1) for argument in node.args]
        taken = () if function.many else function.words[: len(given)]
        fits = len(given) >= 1 if function.many else function.needed <= len(given) <= len(function.words)
        if (
            not fits
            or len(words) < len(node.keywords)
            or set(words) - set(function.words)
            or {*taken} & {*words}
        ):
            raise self._unread(node, f"{name} is written {name}({function.usage})")

        def value(scope: Scope) -> Array:
            arrays = [argument(scope) for argument in given]
            named = {word: argument(scope) for word, argument in words.items()}

            def work() -> Array:
                scope.spend(sum(array.size for array in arrays))
                found = np.asarray(function.compute(*arrays, **named))
                scope.spend(found.size)
                return found if found.dtype == np.bool_ else numbers(found)

            return self._checked(node, work)

        return value

    def _foreign(self, node: ast.Call, name: str, depth: int) -> Compute:
        self._calls[name] = None
        given = [self._argument(argument, depth + 1) for argument in node.args]
        words = {word.arg: self._argument(word.value, depth + 1) for word in node.keywords if word.arg}

        def value(scope: Scope) -> Array:
            function = scope.functions.get(name)
            if function is None:
                raise self._without_value(node, f"nothing here knows the function {name}")
            try:
                found = function(
                    *(argument(scope) for argument in given),
                    **{word: argument(scope) for word, argument in words.items()},
                )
            except TypeError:
                raise self._without_value(node, f"{name} does not take these arguments") from None
            return self._array(found, node)

        return value

    def _argument(self, node: ast.expr, depth: int) -> Callable[[Scope], Any]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            return lambda scope: text
        key = self._key(node)
        if key is not None and key not in _NAMES:
            return lambda scope: key
        return self._read(node, depth)

    def _checked(self, node: ast.expr, work: Callable[[], T]) -> T:
        try:
            return work()
        except Misuse as problem:
            raise self._without_value(node, problem) from None


def _translated(text: str) -> tuple[str, list[int]]:
    """The text in Python's spelling, without blanks around it; and where each character of it was."""
    text = re.sub(r"\s", " ", text)
    source: list[str] = []
    origin: list[int] = []

    def keep(start: int, end: int) -> None:
        source.extend(text[start:end])
        origin.extend(range(start, end))

    def put(piece: str, start: int) -> None:
        source.extend(piece)
        origin.extend([start] * len(piece))

    end = len(text) - len(text.lstrip())
    for match in _PHRASE.finditer(text, end):
        keep(end, match.start())
        if match["text"] is not None:
            keep(*match.span())
        elif match["sign"] is not None:
            put(_SIGNS[match["sign"]], match.start())
        else:
            put(f"any_{match['kind'].lower()}(", match.start())
            if match["key"] is not None:
                keep(*match.span("key"))
            put(")", match.end() - 1)
        end = match.end()
    keep(end, len(text.rstrip()))
    return "".join(source), origin


def _always(value: Array) -> Compute:
    return lambda scope: value


def _truth(array: Array) -> bool:
    return bool(np.all(array != 0))
