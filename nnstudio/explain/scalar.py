"""One number's arithmetic, written out: "0.25 · (−1.5) = −0.375", with digits that make it come out right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from nnstudio.explain.numerals import latex_number, plain_number, shown

Kind = Literal["number", "sum", "product", "quotient", "power", "minus", "call", "compare", "rest"]
_HOLD: dict[str, int] = {
    "sum": 0, "minus": 1, "product": 2, "quotient": 2, "power": 3, "number": 4, "call": 4, "compare": 4,
    "rest": 4,
}  # fmt: skip
DIGITS = 4
"""Significant digits that the result is shown with."""
_ROUNDING = 2e-4
"""What float32 leaves of a sum, as a share of its largest number."""
_FINER = (4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 17)
_SIGNS: dict[str, tuple[str, Callable[[float, float], Any]]] = {
    ">": (">", lambda a, b: a > b),
    ">=": (r"\geq", lambda a, b: a >= b),
    "<": ("<", lambda a, b: a < b),
    "<=": (r"\leq", lambda a, b: a <= b),
    "==": ("=", lambda a, b: a == b),
    "!=": (r"\neq", lambda a, b: a != b),
}
_LATEX = {
    "maximum": r"\max", "minimum": r"\min", "tanh": r"\tanh", "log": r"\log", "normal_cdf": r"\Phi",
    "sin": r"\sin", "cos": r"\cos",
}  # fmt: skip
_PLAIN = {"maximum": "max", "minimum": "min", "normal_cdf": "Φ"}


@dataclass(frozen=True)
class Scalar:
    """A number and how it comes about.

    kind    a "number", or how `parts` are combined; "rest" stands for further terms of a sum, added up
    value   what it is, unrounded
    parts   what it is made of
    name    of a call the function's name, of a comparison its sign
    call    the function itself
    count   of a rest, how many terms it stands for
    """

    kind: Kind
    value: float
    parts: tuple[Scalar, ...] = ()
    name: str = ""
    call: Callable[..., Any] | None = None
    count: int = 0

    @cached_property
    def leaves(self) -> int:
        """How many numbers are written down in it."""
        return sum(part.leaves for part in self.parts) if self.parts else 1

    def worth(self, digits: int) -> float:
        """What comes out when the numbers are written with so many digits and worked out as written."""
        with np.errstate(all="ignore"):
            return self._worth(digits)

    def _worth(self, digits: int) -> float:
        if not self.parts:
            return shown(self.value, digits)
        parts = [part._worth(digits) for part in self.parts]
        match self.kind:
            case "sum":
                return math.fsum(parts) if all(map(math.isfinite, parts)) else float(np.sum(parts))
            case "product":
                return float(np.prod(np.array(parts)))
            case "quotient":
                return float(np.divide(parts[0], parts[1]))
            case "power":
                return float(np.power(parts[0], parts[1]))
            case "minus":
                return -parts[0]
            case "compare":
                return float(_SIGNS[self.name][1](*parts))
            case _:
                assert self.call is not None
                return float(self.call(*map(np.float64, parts)))

    def plain(self, digits: int, hold: int = 0) -> str:
        """As text: "0.25 · (−1.5) + 2"; in brackets where it is looser than its place."""
        text = self._plain(digits)
        loose = _HOLD[self.kind] < hold or (hold > 0 and not self.parts and text.startswith("−"))
        return f"({text})" if loose else text

    def _plain(self, digits: int) -> str:
        match self.kind:
            case "number":
                return plain_number(self.value, digits)
            case "rest":
                terms = "term" if self.count == 1 else "terms"
                return f"… ({self.count:,} {terms} more, together {plain_number(self.value, digits)})"
            case "sum":
                return _added([part.plain(digits, 1 if number else 0) for number, part in
                               enumerate(map(_unsigned, self.parts))], self.parts)  # fmt: skip
            case "product":
                return " · ".join(part.plain(digits, 2) for part in self.parts)
            case "quotient":
                return f"{self.parts[0].plain(digits, 3)} / {self.parts[1].plain(digits, 3)}"
            case "power":
                return f"{self.parts[0].plain(digits, 4)}^{self.parts[1].plain(digits, 4)}"
            case "minus":
                return f"−{self.parts[0].plain(digits, 2)}"
            case "compare":
                return f"[{self.parts[0].plain(digits)} {self.name} {self.parts[1].plain(digits)}]"
            case _:
                name = _PLAIN.get(self.name, self.name)
                return f"{name}({', '.join(part.plain(digits) for part in self.parts)})"

    def latex(self, digits: int, hold: int = 0) -> str:
        """The same as LaTeX."""
        text = self._latex(digits)
        loose = _HOLD[self.kind] < hold and self.kind != "quotient"
        loose = loose or (hold > 0 and not self.parts and text.startswith("-"))
        loose = loose or (hold >= 3 and self.kind == "number" and r"\cdot" in text)
        return rf"\left({text}\right)" if loose else text

    def _latex(self, digits: int) -> str:
        parts = self.parts
        match self.kind:
            case "number":
                return latex_number(self.value, digits)
            case "rest":
                terms = "term" if self.count == 1 else "terms"
                number = latex_number(self.value, digits)
                return rf"\underbrace{{\ldots}}_{{\text{{{self.count} {terms} more: }} {number}}}"
            case "sum":
                return _added([part.latex(digits, 1 if number else 0) for number, part in
                               enumerate(map(_unsigned, parts))], parts, "-")  # fmt: skip
            case "product":
                return r" \cdot ".join(part.latex(digits, 2) for part in parts)
            case "quotient":
                return rf"\frac{{{parts[0].latex(digits)}}}{{{parts[1].latex(digits)}}}"
            case "power":
                return f"{parts[0].latex(digits, 4)}^{{{parts[1].latex(digits)}}}"
            case "minus":
                return f"-{parts[0].latex(digits, 2)}"
            case "compare":
                sign = _SIGNS[self.name][0]
                return rf"\left[{parts[0].latex(digits)} {sign} {parts[1].latex(digits)}\right]"
            case _:
                return self._latex_call(digits)

    def _latex_call(self, digits: int) -> str:
        inner = [part.latex(digits) for part in self.parts]
        match self.name:
            case "exp":
                return f"e^{{{inner[0]}}}"
            case "sqrt":
                return rf"\sqrt{{{inner[0]}}}"
            case "abs":
                return rf"\left|{inner[0]}\right|"
            case "log1p":
                return rf"\log\left(1 + {self.parts[0].latex(digits, 1)}\right)"
            case "expm1":
                return rf"\left(e^{{{inner[0]}}} - 1\right)"
            case _:
                name = _LATEX.get(self.name) or rf"\operatorname{{{self.name.replace('_', ' ')}}}"
                return rf"{name}\left({', '.join(inner)}\right)"


def _unsigned(part: Scalar) -> Scalar:
    """The term without the minus that the sum writes before it."""
    return part.parts[0] if part.kind == "minus" else part


def _added(texts: Sequence[str], parts: Sequence[Scalar], minus: str = "−") -> str:
    text = texts[0] if parts[0].kind != "minus" else f"{minus}{texts[0]}"
    for written, part in zip(texts[1:], parts[1:], strict=True):
        text += f" {minus if part.kind == 'minus' else '+'} {written}"
    return text


def number(value: float) -> Scalar:
    """A number as it is."""
    return Scalar("number", float(value))


def added(terms: Sequence[Scalar]) -> Scalar:
    """A sum; terms that are sums themselves are taken apart, a single term is left as it is."""
    flat = [part for term in terms for part in (term.parts if term.kind == "sum" else (term,))]
    if len(flat) == 1:
        return flat[0]
    flat = [flat[0], *map(_minus_before, flat[1:])] if flat else flat
    with np.errstate(all="ignore"):
        return Scalar("sum", float(np.sum([part.value for part in flat])) if flat else 0.0, tuple(flat))


def _minus_before(term: Scalar) -> Scalar:
    """A negative number as minus a positive one, and minus a negative one as a positive."""
    if term.kind == "number" and term.value < 0:
        return Scalar("minus", term.value, (number(-term.value),))
    if term.kind == "minus" and term.parts[0].kind == "number" and term.parts[0].value < 0:
        return number(term.value)
    return term


def multiplied(factors: Sequence[Scalar]) -> Scalar:
    """A product; factors that are written as one are left out."""
    flat = [part for factor in factors for part in (factor.parts if factor.kind == "product" else (factor,))]
    flat = [part for part in flat if part.kind != "number" or part.value != 1.0] or [number(1.0)]
    if len(flat) == 1:
        return flat[0]
    with np.errstate(all="ignore"):
        return Scalar("product", float(np.prod([part.value for part in flat])), tuple(flat))


def rest(value: float, count: int) -> Scalar:
    """`count` more terms of a sum that are not written out, together `value`."""
    return Scalar("rest", float(value), count=count)


@dataclass(frozen=True)
class Sum:
    """An equation in numbers: `plain` and `latex` such as "0.25 · (−1.5) = −0.375".

    left       how it comes about, without the result
    result     the result as it is shown
    digits     with how many significant digits the numbers on the left are written
    exact      whether the left side, worked out with the numbers as they are written, gives the result to
               the digits shown; where it is not, rounding within the program is larger, and ≈ is written
    """

    plain: str
    latex: str
    left: str
    result: str
    digits: int
    exact: bool


def equation(scalar: Scalar, stored: float) -> Sum:
    """`scalar` written out, equal to the stored value: with as many digits as that takes.

    The result has DIGITS significant digits; where the terms cancel and the program's own rounding shows in
    them, fewer, and zero where nothing else is left.
    """
    stored += 0.0  # no zero with a minus
    if not math.isfinite(stored):
        same = _same(scalar.worth(17), stored)
        return _sum(scalar, DIGITS, plain_number(stored), latex_number(stored), same)
    gap = abs(scalar.worth(17) - stored)
    if not gap <= _ROUNDING * max(_largest(scalar), abs(stored)):  # no rounding: it is another number
        return _sum(scalar, DIGITS, plain_number(stored), latex_number(stored), False)
    for result in range(DIGITS, 0, -1):
        for digits in _FINER:
            worth = scalar.worth(digits) + 0.0
            if math.isfinite(worth) and f"{worth:.{result}g}" == f"{stored:.{result}g}":
                return _sum(scalar, digits, plain_number(stored, result), latex_number(stored, result), True)
    scale = _largest(scalar)
    for places in range(12, 3, -1):  # all digits cancel: the result is shown beside what it is made of
        unit = scale * 10.0**-places
        worth = scalar.worth(17)
        if math.isfinite(worth) and abs(worth) < unit / 2 and abs(stored) < unit / 2:
            return _sum(scalar, DIGITS, "0", "0", _rounds_to_nothing(scalar.worth(DIGITS), unit))
    return _sum(scalar, DIGITS, plain_number(stored), latex_number(stored), False)


def _rounds_to_nothing(worth: float, unit: float) -> bool:
    return abs(worth) < max(unit, 1e-300)


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _largest(scalar: Scalar) -> float:
    own = abs(scalar.value) if math.isfinite(scalar.value) else 0.0
    return max([own, *map(_largest, scalar.parts)])


def _sum(scalar: Scalar, digits: int, result: str, latex: str, exact: bool) -> Sum:
    sign, mark = ("=", "=") if exact else ("≈", r"\approx")
    left = scalar.plain(digits)
    if not scalar.parts:
        return Sum(result, latex, left, result, digits, exact)
    return Sum(
        f"{left} {sign} {result}", f"{scalar.latex(digits)} {mark} {latex}", left, result, digits, exact
    )
