"""The numbers that a text states beside those that its lesson's checks assert, so that none can rot."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable

from nnstudio.lessons.lesson import Lesson
from nnstudio.lessons.text import places

_CODE = re.compile(r"`[^`\n]*`")
_SCRIPTS = re.compile(r"[\^_](?:\{[^{}]*\}|\d+|\w)|\[\d+\]|\\(?:begin|end)\{\w+\}")
"""Upper and lower indices of a formula, such as the layer in Z^{[2]}: they name, they do not state."""
_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e-?\d+)?(?![\w]|,\d)")


def unasserted(lesson: Lesson) -> Generator[tuple[int, str]]:
    """Each number of a text that no check or act has named by then: the line and the number.

    Values that a text inserts are computed, and those that a lesson types in are so because it does.
    0 and 1 are left aside, and so is what stands between backquotes.
    """
    known = {0.0, 1.0}
    known |= _values(str(each) for each in (*lesson.settings.values(), lesson.project))
    for step in lesson.steps:
        known |= _values(check.text for check in step.checks)
        known |= _values(act.words for act in step.acts)
        for text, first in ((step.text, step.text_line), (step.after, step.after_line)):
            for line, number in numbers(text):
                if abs(_value(number)) not in known:
                    yield first + line, number


def numbers(text: str) -> Generator[tuple[int, str]]:
    """The numbers that a text states itself, each with its line within the text."""
    plain = list(text)
    for place in places(text):
        plain[place.start : place.end] = " " * (place.end - place.start)
    blanked = "".join(plain)
    for pattern in (_CODE, _SCRIPTS):
        blanked = pattern.sub(lambda found: " " * len(found[0]), blanked)
    for found in _NUMBER.finditer(blanked):
        yield blanked.count("\n", 0, found.start()), found[0]


def _values(texts: Iterable[str]) -> set[float]:
    return {_value(found) for text in texts for found in _NUMBER.findall(text)}


def _value(number: str) -> float:
    return float(number.replace(",", ""))
