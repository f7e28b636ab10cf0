"""A step's text: Markdown with {values} of the program and $formulas$, in which \\value{…} is a value."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.expressions import Values, check_expression, evaluate

UNKNOWN = "…"
MOST_NUMBERS = 64
_SPEC = re.compile(r"(,?)(?:\.(\d{1,2}))?([fegd%]?)")
_PLACE = re.compile(r"\\value\{([^{}]*)\}|(?<!\\)\{([^{}]*)\}")
_PART = re.compile(r"(`[^`\n]*`)|(\$[^$\n]+\$)|([^`$]+|.)", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A value in a text: its expression, how it is written, and in which line of the text it stands."""

    expression: str
    spec: str
    line: int
    start: int
    end: int


def places(text: str) -> Generator[Place]:
    """All values of a text, in order. Code between backquotes has none; formulas only \\value{…}."""
    for part in _PART.finditer(text):
        if part[1]:
            continue
        for found in _PLACE.finditer(part[0]):
            inside = found[1] if found[1] is not None else found[2]
            if part[2] and found[1] is None:
                continue
            start = part.start() + found.start()
            expression, spec = _split(inside)
            yield Place(expression, spec, text.count("\n", 0, start), start, part.start() + found.end())


def _split(inside: str) -> tuple[str, str]:
    """ "loss:.4f" -> loss and .4f; a colon within brackets belongs to the expression."""
    expression, colon, spec = inside.rpartition(":")
    if colon and "]" not in spec and ")" not in spec:
        return expression.strip(), spec.strip()
    return inside.strip(), ""


def check_text(text: str) -> Generator[tuple[int, str]]:
    """What is wrong with the values of a text: the line within it, and a sentence."""
    for place in places(text):
        if not _SPEC.fullmatch(place.spec):
            yield place.line, f"{place.spec} is no way to write a number; there are .4f, .3g, .2e, d, .1%"
        try:
            check_expression(place.expression)
        except LessonError as problem:
            yield place.line, f"in {{{place.expression}}}: {problem} (a brace that is none is written \\{{)"


def rendered(text: str, lookup: Values, faults: list[tuple[int, str]] | None = None) -> str:
    """The text with its values; … where one cannot be told, which is then said in `faults`."""
    parts: list[str] = []
    at = 0
    for place in places(text):
        parts.append(text[at : place.start])
        try:
            parts.append(written(evaluate(place.expression, lookup), place.spec))
        except Error as problem:
            parts.append(UNKNOWN)
            if faults is not None:
                faults.append((place.line, f"{{{place.expression}}} cannot be told: {problem}"))
        at = place.end
    parts.append(text[at:])
    return "".join(parts).replace("\\{", "{").replace("\\}", "}")


def written(value: Any, spec: str = "") -> str:
    """A number as the spec says, with a true minus sign; an array as its numbers in a row."""
    array = np.asarray(value)
    if array.dtype == bool:
        return "true" if array.all() else "false"
    found = _SPEC.fullmatch(spec)
    comma, digits, kind = (found[1], found[2], found[3]) if found else ("", None, "")
    if array.ndim == 0:
        return _one(array.item(), comma, digits, kind)
    numbers = [_one(each, comma, digits, kind) for each in array.ravel()[:MOST_NUMBERS].tolist()]
    return " ".join(numbers) + (" …" if array.size > MOST_NUMBERS else "")


def _one(value: float, comma: str, digits: str | None, kind: str) -> str:
    if kind == "d" or (
        not kind and digits is None and np.isfinite(value) and value == round(value) and abs(value) < 1e15
    ):
        text = f"{round(value):,}" if comma and np.isfinite(value) else f"{value:.0f}"
    else:
        text = f"{value:{comma}.{digits or ('4' if kind else '5')}{kind or 'g'}}"
    if float(value) == 0 or not any(letter in "123456789" for letter in text.partition("e")[0]):
        text = text.replace("-", "", 1) if text.startswith("-") and "n" not in text else text
    return text.replace("-", "−")
