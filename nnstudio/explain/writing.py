"""Writes an expression: a syntax tree that the compiler reads becomes LaTeX and plain words."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nnstudio.explain.letters import Letter, upright
from nnstudio.explain.numerals import latex_number, plain_number

ATOM, POWER, TIMES, SIGN, PLUS, COMPARE = 5, 4, 3, 2, 1, 0
"""How tightly what is written holds together; what is looser than its place is put into brackets."""

_NAMED = {
    "tanh": (r"\tanh", "the hyperbolic tangent of"),
    "log": (r"\log", "the logarithm of"),
    "sign": (r"\operatorname{sign}", "the sign of"),
    "normal_cdf": (r"\Phi", "phi of"),
    "sin": (r"\sin", "the sine of"),
    "cos": (r"\cos", "the cosine of"),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Gt: (">", "greater than"),
    ast.GtE: (r"\geq", "at least"),
    ast.Lt: ("<", "less than"),
    ast.LtE: (r"\leq", "at most"),
    ast.Eq: ("=", "equal to"),
    ast.NotEq: (r"\neq", "not equal to"),
}
_GUARDS = {"minimum": (87,), "maximum": (1e-44, 1e-12, -100)}
"""Limits that only keep a function from overflowing: the formula is written without them."""


@dataclass(frozen=True)
class Written:
    """A part of a formula, and how tightly it holds together."""

    latex: str
    spoken: str
    hold: int
    open: bool = False
    """Whether it ends with what a sum runs over, so that nothing may follow it."""

    def closed(self) -> Written:
        """In brackets where a sum would run on over what follows."""
        return self.at_least(ATOM) if self.open else self

    def at_least(self, hold: int) -> Written:
        """In brackets where it is looser than its place."""
        if self.hold >= hold:
            return self
        return Written(rf"\left({self.latex}\right)", f"open bracket {self.spoken} close bracket", ATOM)


class Writer:
    """Writes expressions. `letter` names variables, `shape` tells their shapes (None where not known)."""

    def __init__(
        self, letter: Callable[[str], Letter], shape: Callable[[str], Sequence[Any] | None], wide: bool = True
    ) -> None:
        self._letter = letter
        self._shape = shape
        self._wide_unknown = wide

    def write(self, node: ast.expr) -> Written:
        """An expression as LaTeX and in words."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            return self._other(node)
        return method(node)

    # -- leaves ----------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> Written:
        letter = self._letter(node.id)
        hold = POWER if letter.latex.startswith((r"\frac", r"\left.")) else ATOM
        return Written(letter.latex, letter.spoken, hold)

    def _constant(self, node: ast.Constant) -> Written:
        if not isinstance(node.value, (int, float)) or isinstance(node.value, bool):
            return Written(upright(str(node.value)), str(node.value), ATOM)
        value = float(node.value)
        hold = SIGN if value < 0 else ATOM
        return Written(latex_number(value, 4), plain_number(value, 4), hold)

    # -- arithmetic ------------------------------------------------------------------------------------

    def _binop(self, node: ast.BinOp) -> Written:
        match node.op:
            case ast.Add() | ast.Sub():
                sign, word = ("+", "plus") if isinstance(node.op, ast.Add) else ("-", "minus")
                left = self.write(node.left).closed().at_least(PLUS)
                right = self._unsigned(node.right)
                return Written(
                    f"{left.latex} {sign} {right.latex}",
                    f"{left.spoken} {word} {right.spoken}",
                    PLUS,
                    right.open,
                )
            case ast.Div():
                left, right = self.write(node.left), self.write(node.right)
                spoken = f"{_part(left)} over {_part(right)}"
                return Written(rf"\frac{{{left.latex}}}{{{right.latex}}}", spoken, POWER)
            case ast.Pow():
                left, right = self.write(node.left).at_least(ATOM), self.write(node.right)
                spoken = f"{left.spoken} to the power {_part(right)}"
                if right.latex == "2":
                    spoken = f"{left.spoken} squared"
                return Written(f"{left.latex}^{{{right.latex}}}", spoken, POWER)
            case ast.MatMult():
                left, right = self._unsigned(node.left).closed(), self._unsigned(node.right)
                return Written(rf"{left.latex}\,{right.latex}", f"{left.spoken} times {right.spoken}", TIMES)
            case _:
                return self._product(node)

    def _unsigned(self, node: ast.expr) -> Written:
        """A term or factor that stands after an operator: a minus sign there needs brackets."""
        return self.write(node).at_least(TIMES)

    def _product(self, node: ast.BinOp) -> Written:
        if not isinstance(node.op, ast.Mult):
            return self._other(node)
        if ast.dump(node.left) == ast.dump(node.right):
            squared = self.write(node.left).at_least(ATOM)
            return Written(f"{squared.latex}^{{2}}", f"{squared.spoken} squared", POWER)
        first, second = node.left, node.right
        if number_of(second) is not None and number_of(first) is None:
            first, second = second, first  # 2x, not x2
        left, right = self.write(first).at_least(SIGN).closed(), self._unsigned(second)
        hold = SIGN if left.hold == SIGN else TIMES
        if self._wide(first) and self._wide(second):
            spoken = f"{left.spoken} times {right.spoken} element by element"
            return Written(rf"{left.latex} \odot {right.latex}", spoken, hold, right.open)
        near = not right.latex[:1].isdigit() and not right.latex.startswith((r"\frac{1}", r"\frac{2}"))
        sign = r"\," if near else r" \cdot "
        spoken = f"{left.spoken} times {right.spoken}"
        return Written(f"{left.latex}{sign}{right.latex}", spoken, hold, right.open)

    def _unaryop(self, node: ast.UnaryOp) -> Written:
        inner = self.write(node.operand)
        if not isinstance(node.op, ast.USub):
            return inner
        inner = inner.at_least(TIMES)
        return Written(f"-{inner.latex}", f"minus {inner.spoken}", SIGN, inner.open)

    def _compare(self, node: ast.Compare) -> Written:
        left, right = self.write(node.left), self.write(node.comparators[0])
        sign, word = _COMPARISONS.get(type(node.ops[0]), ("?", "compared with"))
        latex = rf"\left[{left.latex} {sign} {right.latex}\right]"
        return Written(latex, f"one where {left.spoken} is {word} {right.spoken}, else zero,", ATOM)

    # -- arrays ----------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> Written:
        if node.attr == "T":
            inner = self.write(node.value).at_least(ATOM)
            return Written(rf"{inner.latex}^{{\top}}", f"{inner.spoken} transposed", POWER)
        if node.attr == "size":
            size = self._size(node.value)
            return Written(size, f"{size} numbers" if size == "n" else size, ATOM)
        return self._other(node)

    def _size(self, node: ast.expr) -> str:
        shape = self._shape(node.id) if isinstance(node, ast.Name) else None
        if shape is None or not all(isinstance(axis, int) for axis in shape):
            return "n"
        return str(math.prod(shape))

    def _subscript(self, node: ast.Subscript) -> Written:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            shape = self._shape(node.value.value.id) if isinstance(node.value.value, ast.Name) else None
            where = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if shape is not None and isinstance(where, int):
                return Written(str(shape[where]), str(shape[where]), ATOM)
            return Written("N", "the number of samples", ATOM)
        if isinstance(node.value, ast.Call) and _called(node.value) == "eye":
            inner = self.write(node.slice)
            return Written(rf"\mathbf{{1}}_{{{inner.latex}}}", f"one at {inner.spoken}, else zero,", POWER)
        inner = self.write(node.value).at_least(ATOM)
        cut = _cut(node.slice)
        return Written(f"{inner.latex}_{{[{cut}]}}", f"the part of {inner.spoken}", POWER)

    def _call(self, node: ast.Call) -> Written:
        if isinstance(node.func, ast.Attribute) and not _is_numpy(node.func.value):
            return self._method(node, node.func)
        name = _called(node)
        arguments = node.args
        if name in ("minimum", "maximum"):
            return self._extreme(node, name)
        match name, len(arguments):
            case "exp", 1:
                inner = self.write(arguments[0])
                spoken = f"e to the power {_part(inner)}"
                return Written(f"e^{{{inner.latex}}}", spoken, POWER)
            case "expm1", 1:
                inner = self.write(arguments[0])
                return Written(f"e^{{{inner.latex}}} - 1", f"e to the power {_part(inner)} minus 1", PLUS)
            case "log1p", 1:
                inner = self.write(arguments[0]).at_least(TIMES)
                return _function(r"\log", "the logarithm of", f"1 + {inner.latex}", f"1 plus {inner.spoken}")
            case "sqrt", 1:
                inner = self.write(arguments[0])
                return Written(rf"\sqrt{{{inner.latex}}}", f"the square root of {_part(inner)}", ATOM)
            case "abs", 1:
                inner = self.write(arguments[0])
                return Written(rf"\left|{inner.latex}\right|", f"the absolute value of {_part(inner)}", ATOM)
            case "where", 3:
                return self._cases(arguments)
            case "full_like", 2:
                return self.write(arguments[1])
            case "resize", 2:
                return self.write(arguments[0])
            case "zeros_like", 1:
                return Written("0", "zero", ATOM)
            case "sum_to", 2:
                inner = self.write(arguments[0]).at_least(TIMES)
                return Written(rf"\sum {inner.latex}", f"the sum of {_part(inner)}", TIMES, open=True)
            case "concatenate", _ if isinstance(arguments[0], ast.Tuple):
                parts = [self.write(part) for part in arguments[0].elts]
                latex = r",\ ".join(part.latex for part in parts)
                joined = " and ".join(part.spoken for part in parts)
                return Written(rf"\left[{latex}\right]", f"{joined} side by side", ATOM)
            case _:
                latex, spoken = _NAMED.get(name, (rf"\operatorname{{{_plain(name)}}}", f"{name} of"))
                inner = [self.write(argument) for argument in arguments]
                return _function(
                    latex, spoken, ", ".join(each.latex for each in inner),
                    " and ".join(each.spoken for each in inner),
                )  # fmt: skip

    def _extreme(self, node: ast.Call, name: str) -> Written:
        left, right = node.args
        for guarded, limit in ((left, right), (right, left)):
            if number_of(limit) in _GUARDS[name] and _is_whole_or_tiny(limit):
                return self.write(guarded)
        word = "max" if name == "maximum" else "min"
        spoken = "the larger of" if name == "maximum" else "the smaller of"
        first, second = self.write(left), self.write(right)
        return _function(
            rf"\{word}", spoken, f"{first.latex}, {second.latex}", f"{first.spoken} and {second.spoken}"
        )

    def _cases(self, arguments: Sequence[ast.expr]) -> Written:
        test, yes, no = arguments
        condition = self.write(test)
        latex = condition.latex.removeprefix(r"\left[").removesuffix(r"\right]")
        first, second = self.write(yes), self.write(no)
        return Written(
            rf"\begin{{cases}} {first.latex} & \text{{if }} {latex} \\ {second.latex} & \text{{else}} "
            rf"\end{{cases}}",
            f"{first.spoken} {condition.spoken.replace('one where', 'where').removesuffix(', else zero,')}, "
            f"else {second.spoken}",
            COMPARE,
        )

    def _method(self, node: ast.Call, func: ast.Attribute) -> Written:
        inner = self.write(func.value)
        axis = next((word.value for word in node.keywords if word.arg == "axis"), None)
        match func.attr:
            case "sum" | "mean" | "max" | "min":
                over, words = _over(axis)
                if func.attr == "mean":
                    return _function(r"\operatorname{mean}", f"the mean{words} of", inner.latex, inner.spoken)
                if func.attr == "sum":
                    held = inner.at_least(TIMES)
                    spoken = f"the sum{words} of {_part(inner)}"
                    return Written(rf"\sum{over} {held.latex}", spoken, TIMES, open=True)
                word = "largest" if func.attr == "max" else "smallest"
                held = inner.at_least(POWER)
                spoken = f"the {word}{words} of {_part(inner)}"
                return Written(rf"\{func.attr}{over} {held.latex}", spoken, TIMES)
            case "reshape":
                return inner
            case "astype":
                return inner
            case _:
                return self._other(node)

    def _tuple(self, node: ast.Tuple) -> Written:
        parts = [self.write(part) for part in node.elts]
        return Written(
            rf"\left({', '.join(part.latex for part in parts)}\right)",
            ", ".join(part.spoken for part in parts),
            ATOM,
        )

    def _other(self, node: ast.expr) -> Written:
        text = ast.unparse(node)
        return Written(upright(text), text, ATOM)

    def _wide(self, node: ast.expr) -> bool:
        """Whether an expression is an array of several numbers, as far as can be told."""
        match node:
            case ast.Name():
                shape = self._shape(node.id)
                if shape is None:
                    return self._wide_unknown
                return any(axis != 1 for axis in shape)
            case ast.Constant():
                return False
            case ast.Call(func=ast.Attribute(attr="sum" | "mean"), keywords=[]):
                return False
            case ast.Attribute(attr="size" | "ndim"):
                return False
            case ast.Subscript(value=ast.Attribute(attr="shape")):
                return False
            case _:
                children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
                return any(self._wide(child) for child in children if not _is_numpy(child))


# -- small parts -------------------------------------------------------------------------------------


def _function(latex: str, spoken: str, inside: str, said: str) -> Written:
    return Written(rf"{latex}\left({inside}\right)", f"{spoken} {said}", ATOM)


def _part(written: Written) -> str:
    """Spoken so that where it ends can be heard."""
    return written.spoken if written.hold >= POWER else f"open bracket {written.spoken} close bracket"


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"


def _plain(name: str) -> str:
    return name.replace("_", " ").strip()


def _over(axis: ast.expr | None) -> tuple[str, str]:
    # With \\limits, because the library that typesets draws endless brackets around \\sum_{j} without it.
    match number_of(axis) if axis is not None else None:
        case 0:
            return r"\limits_{n}", " over the samples"
        case -1 | 1:
            return r"\limits_{j}", " over the last axis"
        case _:
            return "", ""


def number_of(node: ast.expr) -> float | None:
    """The number that an expression writes down; None where it is more than that."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, (int, float)) else None


def _is_whole_or_tiny(node: ast.expr) -> bool:
    value = number_of(node)
    return isinstance(value, int) or (value is not None and 0 < value < 1e-6)


def _cut(node: ast.expr) -> str:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    shown: list[str] = []
    for part in parts:
        if isinstance(part, ast.Slice):
            ends = [("" if end is None else _end(end)) for end in (part.lower, part.upper)]
            shown.append(":".join(ends))
        else:
            shown.append(_end(part))
    return r",\,".join(shown)


def _end(node: ast.expr) -> str:
    value = number_of(node)
    return str(value) if value is not None else "k"
