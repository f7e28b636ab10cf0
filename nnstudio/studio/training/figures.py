"""The figures of every layer over a run, few enough to be drawn: newest last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nnstudio.training.watching import Figure

MOST_KEPT = 120
"""Moments of each array; where there are more, every second one is let go."""


class Figures:
    """What was measured, by key and kind: parameters, gradients, activations."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Figure]] = {}

    def add(self, figures: Iterable[Figure]) -> bool:
        """Takes them in, and says whether any was new. A step gone back to forgets what came after it."""
        newer = False
        for figure in figures:
            kept = self._kept.setdefault(figure.key, [])
            while kept and kept[-1].step > figure.step:
                kept.pop()
            if kept and kept[-1].step == figure.step:
                continue
            kept.append(figure)
            newer = True
            if len(kept) > MOST_KEPT:
                self._kept[figure.key] = [*kept[:-1:2], kept[-1]]
        return newer

    def forget_after(self, step: int) -> bool:
        """Lets go of what was measured after a step that the run has gone back to; whether there was any."""
        after = [key for key, kept in self._kept.items() if kept and kept[-1].step > step]
        for key in after:
            self._kept[key] = [each for each in self._kept[key] if each.step <= step]
        return bool(after)

    def of(self, key: str) -> list[Figure]:
        """All moments of one array, the newest last."""
        return self._kept.get(key, [])

    def newest(self, kind: str) -> list[Figure]:
        """The newest of every array of a kind, in the order of the program."""
        return [kept[-1] for kept in self._kept.values() if kept and kept[-1].kind == kind]


def spread(figures: list[Figure], rows: int) -> tuple[NDArray[np.float64], float, float]:
    """Histograms side by side on one scale: shares (rows, moments), the greatest value in the first row, and
    the least and the greatest value.
    """
    low, high = min(each.low for each in figures), max(each.high for each in figures)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, rows + 1)
    found = np.zeros((rows, len(figures)))
    for column, each in enumerate(figures):
        total = max(1, int(each.counts.sum()))
        if each.low == each.high:
            found[min(rows - 1, int((each.low - low) / (high - low) * rows)), column] = 1.0
            continue
        places = np.linspace(each.low, each.high, len(each.counts) + 1)
        below = np.append(0.0, np.cumsum(each.counts)) / total
        found[:, column] = np.diff(np.interp(edges, places, below, left=0.0, right=1.0))
    return found[::-1], low, high


def moments(figures: list[Figure], columns: int) -> NDArray[np.intp]:
    """Which of the figures each of so many columns shows, where the updates go evenly across: the one
    that is nearest. What was let go of old moments so leaves no stretch of the run shorter.
    """
    steps = np.array([each.step for each in figures])
    wanted = np.linspace(steps[0], steps[-1], columns)
    return np.searchsorted((steps[1:] + steps[:-1]) / 2, wanted)
