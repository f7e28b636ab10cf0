"""One axis of parallel coordinates: where the values of the runs stand on it, from 0 below to 1 above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnstudio.project.difference import words_for
from nnstudio.project.sweep import loss_of
from nnstudio.project.sweep_points import value_text
from nnstudio.studio.comparing.words import figure, worded
from nnstudio.studio.training.measures import MEASURES

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

_WIDE = 10.0
"""From so many times between the lowest and the highest on, a scale is logarithmic."""
_MOST_MARKS = 5
_FAR = 20.0
"""So many times the loss in the middle is what has run away."""


@dataclass(frozen=True)
class Scale:
    """`places` of the runs in their order, NaN where one has no value; `marks` are (place, words)."""

    title: str
    places: tuple[float, ...]
    marks: tuple[tuple[float, str], ...]


def scales_of(runs: Sequence[RunRecord]) -> list[Scale]:
    """What was varied, then the loss and the first other measure, called as in the table."""
    names = list(dict.fromkeys(name for run in runs for name in run.varied))
    found = [_varied(name, [run.varied.get(name) for run in runs]) for name in names]
    judged = any(figure(run, "validation_loss") is not None for run in runs)
    losses = [_finite(loss_of(run)) for run in runs]
    found.append(_measured("loss", "Validation" if judged else "Training", losses))
    for measure in MEASURES:
        values = [figure(run, f"validation_{measure}") for run in runs]
        if any(value is not None for value in values):
            found.append(_measured(measure, MEASURES[measure].title, values))
            break
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _varied(name: str, values: Sequence[Any]) -> Scale:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    title = words_for(name)
    title = title if "." in title else title[:1].upper() + title[1:]
    if len(numbers) == len(values):
        return _numeric(title, values, lambda value: value_text(name, _like(value, values)))
    known = list(dict.fromkeys(value_text(name, value) for value in values))
    places = {word: (index + 0.5) / len(known) for index, word in enumerate(known)}
    texts = [value_text(name, value) for value in values]
    return Scale(title, tuple(places[text] for text in texts), tuple((at, w) for w, at in places.items()))


def _measured(measure: str, title: str, values: Sequence[float | None]) -> Scale:
    """A run whose numbers ran away stands at the end of the axis, and leaves the others their room."""
    known = sorted(value for value in values if value is not None and math.isfinite(value))
    low, high = -math.inf, math.inf
    if known and measure in MEASURES and MEASURES[measure].rises:
        low = min(-1.0, known[-1])
    elif known and known[len(known) // 2] > 0:
        high = _FAR * known[(len(known) - 1) // 2]
    held = [None if value is None else min(max(value, low), high) for value in values]

    def words(value: float) -> str:
        beyond = "≥ " if value == high != known[-1] else "≤ " if value == low != known[0] else ""
        return beyond + worded(measure, value)

    return _numeric(title, held, words, even=measure in MEASURES and MEASURES[measure].rises)


def _numeric(title: str, values: Sequence[float | None], worded: Any, even: bool = False) -> Scale:
    known = sorted({float(value) for value in values if value is not None and math.isfinite(value)})
    if not known:
        return Scale(title, tuple(math.nan for _ in values), ())
    low, high = known[0], known[-1]
    log = not even and low > 0 and high / low >= _WIDE

    def place(value: float | None) -> float:
        if value is None or not math.isfinite(value):
            return math.nan
        if low == high:
            return 0.5
        if log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    shown = known
    if len(known) > _MOST_MARKS:
        shown = [low, *(_decades(low, high) if log else ()), high]
    return Scale(title, tuple(map(place, values)), tuple((place(each), worded(each)) for each in shown))


def _decades(low: float, high: float) -> list[float]:
    """The powers of ten well between two numbers."""
    powers = range(math.ceil(math.log10(2 * low)), math.floor(math.log10(high / 2)) + 1)
    return [10.0**power for power in powers] if len(powers) < _MOST_MARKS else []


def _like(value: float, values: Sequence[Any]) -> int | float:
    """A whole number where all of them are."""
    return int(value) if all(isinstance(each, int) for each in values) else value
