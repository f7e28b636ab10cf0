"""The last phase: bends for the edges that would run behind a card."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnstudio.studio.canvas.layout.grid import Floats, Ints

Point = tuple[float, float]

CLEAR = 8.0  # how near an edge may come to a card it passes, above and below
LANE = 16.0  # between two edges led over everything
_SAMPLES = np.linspace(0, 1, 25)
_ROUNDS = 40
_MOST = 200  # bends of one edge


class Obstacles:
    """Cards in columns: those of a column stand one above the other and none reaches into the next."""

    def __init__(
        self, column: Ints, lefts: Floats, left: Floats, top: Floats, width: Floats, height: Floats
    ) -> None:
        """`lefts`: where each column begins; the rest by card."""
        order = np.lexsort((top, column))
        self._lefts = lefts
        self._low = float((top - CLEAR).min(initial=0.0)) - 1.0
        self._tall = float((top + height + CLEAR).max(initial=0.0)) - self._low + 2.0
        self._top = column[order] * self._tall + top[order] - CLEAR - self._low
        self._bottom = self._top + height[order] + 2 * CLEAR
        self._left, self._right = left[order], (left + width)[order]

    def meet(self, start: Floats, end: Floats) -> NDArray[np.bool_]:
        """(n,) whether the curve between each two points, (n, 2), runs behind a card."""
        points = curves(start, end)
        x, y = points[..., 0], points[..., 1]
        column = np.maximum(np.searchsorted(self._lefts, x, side="right") - 1, 0)
        key = column * self._tall + np.clip(y - self._low, 0.0, self._tall - 1.0)
        at = np.searchsorted(self._top, key, side="right") - 1
        inside = (key < self._bottom[at]) & (at >= 0) & (x > self._left[at]) & (x < self._right[at])
        return np.any(inside, axis=1)


def curves(start: Floats, end: Floats) -> Floats:
    """Points on the curves between each two points, (n, samples, 2); as the canvas draws them, level at both
    ends.
    """
    ahead = end[:, 0] - start[:, 0]
    pull = np.where(ahead >= 0, np.maximum(24.0, ahead * 0.5), np.minimum(160.0, 48.0 - ahead * 0.5))
    pull = np.minimum(pull, np.maximum(np.maximum(abs(ahead), abs(end[:, 1] - start[:, 1])), 24.0))
    t = _SAMPLES[None, :]
    s = 1 - t
    a, b, c, d = s**3, 3 * s**2 * t, 3 * s * t**2, t**3
    x0, x1, pull = start[:, :1], end[:, :1], pull[:, None]
    x = a * x0 + b * (x0 + pull) + c * (x1 - pull) + d * x1
    y = (a + b) * start[:, 1:] + (c + d) * end[:, 1:]
    return np.stack([x, y], axis=-1)


def thinned(obstacles: Obstacles, routes: Sequence[list[Point]]) -> list[list[Point]]:
    """The routes, each from a port through bends to a port, without the bends that no card asks for."""
    routes = [list(route) for route in routes]
    bent = [i for i, route in enumerate(routes) if len(route) > 2]
    if not bent:
        return routes
    behind = obstacles.meet(_points([routes[i][0] for i in bent]), _points([routes[i][-1] for i in bent]))
    for index, meets in zip(bent, behind.tolist(), strict=True):
        if not meets:
            routes[index] = [routes[index][0], routes[index][-1]]
    at = {i: 1 for i in bent if len(routes[i]) > 2}  # the bend each route tries to do without
    for _ in range(_ROUNDS):
        if not at:
            break
        tried = list(at)
        start = _points([routes[i][at[i] - 1] for i in tried])
        end = _points([routes[i][at[i] + 1] for i in tried])
        for index, meets in zip(tried, obstacles.meet(start, end).tolist(), strict=True):
            if meets:
                at[index] += 1
            else:
                del routes[index][at[index]]
            if at[index] >= len(routes[index]) - 1:
                del at[index]
    return [route if len(route) <= _MOST + 2 else [route[0], route[-1]] for route in routes]


def _points(points: Sequence[Point]) -> Floats:
    return np.array(points, dtype=float).reshape(-1, 2)


def runs(lefts: Sequence[float], rights: Sequence[float], ys: Sequence[float]) -> list[Point]:
    """The bends of an edge that passes columns at these heights: where each level stretch begins and ends."""
    found: list[Point] = []
    for index, y in enumerate(ys):
        if index == 0 or ys[index - 1] != y:
            found.append((lefts[index], y))
        if index + 1 == len(ys) or ys[index + 1] != y:
            found.append((rights[index], y))
    return found


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """A lane for every stretch from left to right, so that none share one where they overlap."""
    ends: list[float] = []
    found = [0] * len(spans)
    for index in sorted(range(len(spans)), key=lambda i: (spans[i], i)):
        left, right = spans[index]
        free = next((lane for lane, end in enumerate(ends) if end < left), len(ends))
        if free == len(ends):
            ends.append(right)
        else:
            ends[free] = right
        found[index] = free
    return found
