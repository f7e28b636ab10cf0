"""Checks: what must be true once a step is done, and the sentence that is said where it is not."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import Error, LessonError
from nnstudio.lessons import scripts
from nnstudio.lessons.expressions import Values, check_expression, evaluate

Array = npt.NDArray[Any]

ABOUT = re.compile(r"≈|~=")
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "be",
    ast.NotEq: "not be",
    ast.Lt: "be below",
    ast.LtE: "be at most",
    ast.Gt: "be above",
    ast.GtE: "be at least",
}
_NUMBERS_ALONE = re.compile(r"[-+\d.eE\[\](),\s/*]+")
_PLAIN_NUMBERS = re.compile(r"[-+\d.eE\[\](),\s]+")
_DECIMALS = re.compile(r"(?<![\w.])\d+\.(\d+)(?![\w.])")
MOST_SHOWN = 8


@dataclass(frozen=True)
class Verdict:
    """Whether a check holds. `waiting`: what it speaks of has not been computed yet, or is being computed."""

    check: Check
    holds: bool
    sentence: str = ""
    waiting: bool = False
    left_out: bool = False
    """Not looked at, because something it needs is not installed here."""
    found: Array | None = field(default=None, compare=False, repr=False)
    """The left-hand side of what does not hold, and `agrees`: for which of its numbers it does."""
    agrees: Array | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Check:
    """`left relation right`, or any expression that must be true.

    relation   "≈", a comparison sign, or "" for an expression as a whole
    otherwise  the teacher's sentence for when it does not hold
    needs      a Python package without which it is left out: "torch"
    """

    text: str
    line: int
    left: str
    relation: str = ""
    right: str = ""
    within: float | None = None
    otherwise: str = ""
    needs: str = ""
    words: str = field(default="hold", compare=False)

    def verdict(self, lookup: Values) -> Verdict:
        """How it stands with these values."""
        if self.needs and not scripts.installed(self.needs):
            return Verdict(self, True, f"{self.needs} is not installed here", left_out=True)
        try:
            with np.errstate(all="ignore"):
                return self._judge(lookup)
        except NotYet as problem:
            return Verdict(self, False, f"{self.text}: {problem}", waiting=True)
        except Error as problem:
            return Verdict(self, False, f"{self.text} cannot be judged: {problem}")

    def _judge(self, lookup: Values) -> Verdict:
        if not self.relation:
            holds = bool(np.all(evaluate(self.text, lookup)))
            return Verdict(self, holds, "" if holds else f"{self.text} does not hold.")
        left, right = evaluate(self.left, lookup), evaluate(self.right, lookup)
        about = self.relation == "≈"
        agrees = self._about(left, right, lookup.rounding) if about else evaluate(self.text, lookup)
        if bool(np.all(agrees)):
            return Verdict(self, True)
        wanted = shown(right) if self.right.strip() == shown(right) else _named(self.right, right)
        sentence = f"{self.left} should {self.words} {wanted}, but is {shown(left)}."
        return Verdict(self, False, sentence, found=np.asarray(left), agrees=np.asarray(agrees))

    def _about(self, left: Any, right: Any, rounding: float) -> Array:
        """For each number whether it is near enough; a single no where the two cannot be compared."""
        a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
        if a.shape != b.shape and a.size != b.size:
            return np.asarray(False)
        if not np.isfinite(b).all():
            return np.asarray(False)
        a = a.reshape(b.shape)
        finite = np.where(np.isfinite(a), a, 0.0)
        within = self.within if self.within is not None else self._tolerance(finite, b, rounding)
        return np.isfinite(a) & (np.abs(finite - b) <= within)

    def _tolerance(self, a: Array, b: Array, rounding: float) -> float:
        """Half a unit of the last digit that is written, or the rounding of the arithmetic."""
        for side in (self.right, self.left):
            decimals = [len(found[1]) for found in _DECIMALS.finditer(side)]
            if decimals and _PLAIN_NUMBERS.fullmatch(side):
                return 0.5000001 * 10.0 ** -min(decimals)
        largest = max(float(np.max(np.abs(each), initial=0.0)) for each in (a, b))
        return rounding * max(largest, 1e-30)


class NotYet(LessonError):
    """What a check speaks of is not there yet."""


def parse_check(text: str, line: int) -> Check:
    """A `check:` line. Raises LessonError with a sentence alone."""
    text = " ".join(text.split())
    if not text:
        raise LessonError("check: says nothing that must be true.")
    text, needs = _split_off(text, r"needs ([a-z]+)")
    parts = ABOUT.split(text)
    if len(parts) > 2:
        raise LessonError("a check has one ≈; make two checks.")
    if len(parts) == 2:
        right, within = _split_off(parts[1].strip(), r"within ([-+.\deE]+)")
        left = parts[0].strip()
        check_expression(left)
        check_expression(right)
        tolerance = _number(within) if within else None
        return Check(
            f"{left} ≈ {parts[1].strip()}", line, left, "≈", right, tolerance, needs=needs, words="be about"
        )
    check_expression(text)
    left, relation, right, words = _compared(text)
    return Check(text, line, left, relation, right, needs=needs, words=words)


def _split_off(text: str, pattern: str) -> tuple[str, str]:
    found = re.search(rf"\s{pattern}$", text)
    return (text[: found.start()].rstrip(), found[1]) if found else (text, "")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < np.inf:
        raise LessonError(f"within needs a number such as 1e-6, not {text}.")
    return value


def _compared(text: str) -> tuple[str, str, str, str]:
    """The two sides of a single comparison and what it says in words; the whole text where it is none."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, "", "", "hold"
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in _RELATIONS:
        left = ast.get_source_segment(text, tree.left)
        right = ast.get_source_segment(text, tree.comparators[0])
        if left and right:
            return left, type(tree.ops[0]).__name__, right, _RELATIONS[type(tree.ops[0])]
    return text, "", "", "hold"


def _named(text: str, value: Any) -> str:
    """A right-hand side with its value, where it does not say it itself."""
    if _NUMBERS_ALONE.fullmatch(text):
        return text
    return f"{text}, which is {shown(value)}"


def shown(value: Any) -> str:
    """A value in a sentence: a number, or the first numbers of an array."""
    array = np.asarray(value)
    if array.dtype == bool:
        return "true" if array.all() else "false"
    if array.ndim == 0:
        return _digits(array.item())
    numbers = " ".join(_digits(each) for each in array.ravel()[:MOST_SHOWN].tolist())
    return numbers if array.size <= MOST_SHOWN else f"{numbers} … ({array.size:,} numbers)"


def _digits(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
