"""The upright axis of a plot of curves, linear or logarithmic, with as many numbers as there is room for."""

from __future__ import annotations

import math

import pyqtgraph as pg

from nnstudio.studio.formats import number

_ROOM = 18
"""Pixels that a number needs."""
_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8, 9))


class ValueAxis(pg.AxisItem):
    """`logarithmic`: what is drawn are decimal logarithms, and the numbers say what they are of."""

    def __init__(self) -> None:
        super().__init__("left")
        self.logarithmic = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        if not self.logarithmic:
            return super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        return [(None, log_ticks(low, high, max(2, int(size / _ROOM))))]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        if not self.logarithmic:
            return super().tickStrings(values, scale, spacing or 1.0)
        return [_short(10.0**value) for value in values]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Where numbers stand between two decimal logarithms: round ones, and no more than so many."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found: list[float] = []
    for parts in _PARTS:
        finer = [decade + math.log10(part) for decade in decades for part in parts]
        finer = [tick for tick in finer if low <= tick <= high]
        if len(finer) > most:
            break
        found = finer
    if found:
        return found
    every = -(-len(decades) // most)
    return [float(decade) for decade in decades if low <= decade <= high and decade % every == 0]


def _short(value: float) -> str:
    return f"{value:g}".replace("-", "−") if 1e-4 <= value < 1e5 else number(value)
