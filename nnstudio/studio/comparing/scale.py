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

_WIDE = 20.0
"""From so many times between the lowest and the highest on, a scale is logarithmic."""


@dataclass(frozen=True)
class Scale:
    """`places` of the runs in their order, NaN where one has no value; `marks` are (place, words)."""

    title: str
    places: tuple[float, ...]
    marks: tuple[tuple[float, str], ...]


def scales_of(runs: Sequence[RunRecord]) -> list[Scale]:
    """What was varied, then the loss and the first other measure."""
    names = list(dict.fromkeys(name for run in runs for name in run.varied))
    found = [_varied(name, [run.varied.get(name) for run in runs]) for name in names]
    found.append(_measured("loss", [_finite(loss_of(run)) for run in runs]))
    for measure in MEASURES:
        values = [figure(run, f"validation_{measure}") for run in runs]
        if any(value is not None for value in values):
            found.append(_measured(measure, values))
            break
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _varied(name: str, values: Sequence[Any]) -> Scale:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) == len(values):
        return _numeric(words_for(name), values, lambda value: value_text(name, _like(value, values)))
    known = list(dict.fromkeys(value_text(name, value) for value in values))
    places = {word: (index + 0.5) / len(known) for index, word in enumerate(known)}
    texts = [value_text(name, value) for value in values]
    return Scale(
        words_for(name), tuple(places[text] for text in texts), tuple((at, w) for w, at in places.items())
    )


def _measured(measure: str, values: Sequence[float | None]) -> Scale:
    """A run whose numbers ran away stands at the end of the axis, and leaves the others their room."""
    title = MEASURES[measure].title if measure in MEASURES else "loss"
    known = sorted(value for value in values if value is not None and math.isfinite(value))
    low, high = -math.inf, math.inf
    if known and measure in MEASURES and MEASURES[measure].rises:
        low = min(-1.0, known[-1])
    elif known and known[len(known) // 2] > 0:
        high = _WIDE * known[(len(known) - 1) // 2]
    held = [None if value is None else min(max(value, low), high) for value in values]

    def words(value: float) -> str:
        beyond = "≥ " if value == high != known[-1] else "≤ " if value == low != known[0] else ""
        return beyond + worded(measure, value)

    return _numeric(title, held, words)


def _numeric(title: str, values: Sequence[float | None], worded: Any) -> Scale:
    known = sorted({float(value) for value in values if value is not None and math.isfinite(value)})
    if not known:
        return Scale(title, tuple(math.nan for _ in values), ())
    low, high = known[0], known[-1]
    log = low > 0 and high / low >= _WIDE

    def place(value: float | None) -> float:
        if value is None or not math.isfinite(value):
            return math.nan
        if low == high:
            return 0.5
        if log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    shown = known if len(known) <= 5 else [low, high]
    return Scale(title, tuple(map(place, values)), tuple((place(each), worded(each)) for each in shown))


def _like(value: float, values: Sequence[Any]) -> int | float:
    """A whole number where all of them are."""
    return int(value) if all(isinstance(each, int) for each in values) else value
