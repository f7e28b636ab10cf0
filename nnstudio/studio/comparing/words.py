"""Runs in words: when they were, how long they took, how they ended, what two of them differ in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nnstudio.project.difference import difference
from nnstudio.studio.formats import number
from nnstudio.studio.training.measures import MEASURES
from nnstudio.studio.training.panel import duration

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST = 12
"""Differences that are told; of more the number is."""


def moment(when: str) -> str:
    """ "22 Nov, 16:03", by the clock of this place."""
    at = datetime.fromisoformat(when).astimezone()
    return f"{at.day} {_MONTHS[at.month - 1]}, {at:%H:%M}"


def took(seconds: float) -> str:
    """0.42 s, 8.1 s, 2 min 5 s."""
    if seconds < 9.95:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    return duration(seconds)


def figure(run: RunRecord, name: str) -> float | None:
    """A number of its last epoch, "validation_loss"; None where it has none."""
    found: Any = run.last.get(name)
    return float(found) if isinstance(found, int | float) else None


def worded(measure: str, value: float | None) -> str:
    """A loss or another measure: 0.1234, 97.5 %."""
    if value is None:
        return "–"
    known = MEASURES.get(measure)
    return f"{100 * value:.1f} %" if known is not None and known.percent else number(value)


def against(chosen: RunRecord, run: RunRecord) -> str:
    """What a run has that the chosen one has otherwise: "learning rate 0.01, fc1.out_features 8"."""
    found = difference(chosen.setup, run.setup)
    return ", ".join(f"{each.what} {each.second}" for each in found) or "nothing"


def compared(first: RunRecord, second: RunRecord) -> str:
    """Two runs in a few lines: what they were made of, then how they ended."""
    found = difference(first.setup, second.setup)
    told = "; ".join(map(str, found[:_MOST])) or "nothing in settings, data or drawing"
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    lines = [f"{first.name} against {second.name}: {told}{more}."]
    results: list[str] = []
    known = next((name for name in MEASURES if figure(first, f"train_{name}") is not None), "")
    for measure in ("loss", known):
        for part in ("validation", "train"):
            mine, theirs = (figure(run, f"{part}_{measure}") for run in (first, second))
            if mine is not None and theirs is not None:
                name = "training" if part == "train" else part
                title = MEASURES[measure].title if measure in MEASURES else measure
                title = title if title.isupper() else title.casefold()
                results.append(f"{name} {title} {worded(measure, mine)} against {worded(measure, theirs)}")
                break
    if results:
        lines.append(f"They ended with {'; '.join(results)}.")
    return "\n".join(lines)


def described(run: RunRecord) -> str:
    """One run in a line."""
    words = [f"{run.name}: {run.outcome}" if run.outcome else run.name]
    if run.state is None:
        words.append("Its weights are not kept: restored, it has to be trained again.")
    return " ".join(words)
