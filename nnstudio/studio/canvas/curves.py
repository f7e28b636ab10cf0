"""The curves that edges are: level at both ends, smooth through their bends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

Place = tuple[float, float]
Cubic = tuple[Place, Place, Place, Place]
Box = tuple[float, float]  # top and bottom of a card
LEAST_ROW = 24.0  # nearer than this one above the other, no edge is seen between two cards
LANE = 20.0  # from the cards to an edge that is led past them
_LANES, _LANES_SHARE = 28.0, 0.02
_WIDEST_TURN = 44.0
_SAMPLES = np.linspace(0, 1, 25)[:, None]


def pull(ahead: float, across: float) -> float:
    """How far the control points stand from the ends: further where the edge runs backwards.

    `places.pulls` is the same for many edges at once.
    """
    wanted = max(24.0, ahead * 0.5) if ahead >= 0 else min(160.0, 48.0 - ahead * 0.5)
    return min(wanted, max(abs(ahead), abs(across), 24.0))


def detour(start: Place, end: Place, source: Box, target: Box) -> tuple[Place, ...]:
    """Where an edge is led that runs back within a row: past both cards, above them where it rises, else
    below; a long one further out than one within it. () for any other.

    `places.roundabout` tells which of many edges these are.
    """
    back = start[0] - end[0]
    if back <= 0 or source[0] > target[1] + LEAST_ROW or target[0] > source[1] + LEAST_ROW:
        return ()
    out = LANE + round(min(_LANES, back * _LANES_SHARE))
    lane = min(source[0], target[0]) - out if end[1] < start[1] else max(source[1], target[1]) + out
    return (start[0], lane), (end[0], lane)


def cubics(start: Place, end: Place, bends: Sequence[Place] = ()) -> list[Cubic]:
    """The curve piece by piece, as four points each; one piece more than there are bends."""
    if not bends:
        reach = pull(end[0] - start[0], end[1] - start[1])
        return [(start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end)]
    points = [start, *bends, end]
    slopes: list[Place] = [(1.0, 0.0)]
    for before, after in zip(points[:-2], points[2:], strict=True):
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        slopes.append((dx / length, dy / length))
    slopes.append((1.0, 0.0))
    pieces: list[Cubic] = []
    for index, (a, b) in enumerate(pairwise(points)):
        reach = 0.36 * ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
        (ux, uy), (vx, vy) = slopes[index], slopes[index + 1]
        pieces.append((a, (a[0] + ux * reach, a[1] + uy * reach), (b[0] - vx * reach, b[1] - vy * reach), b))
    return pieces


def around(start: Place, end: Place, lane: tuple[Place, ...]) -> list[Cubic]:
    """A detour piece by piece: a turn, a level stretch, and a turn."""
    (x0, y), (x1, _) = lane
    first, last = _turn(start[1], y), _turn(end[1], y)
    third = (x1 - x0) / 3
    return [
        (start, (start[0] + first, start[1]), (x0 + first, y), (x0, y)),
        ((x0, y), (x0 + third, y), (x1 - third, y), (x1, y)),
        ((x1, y), (x1 - last, y), (end[0] - last, end[1]), end),
    ]


def _turn(here: float, there: float) -> float:
    """How far the control points of a half turn stand out of it."""
    return min(0.5 * abs(there - here), _WIDEST_TURN)


def path_of(pieces: Sequence[Cubic]) -> QPainterPath:
    path = QPainterPath(QPointF(*pieces[0][0]))
    for _, a, b, end in pieces:
        path.cubicTo(a[0], a[1], b[0], b[1], end[0], end[1])
    return path


def points_of(pieces: Sequence[Cubic]) -> NDArray[np.float64]:
    """The curve as 25 points a piece, (…, 2)."""
    found = []
    t, s = _SAMPLES, 1 - _SAMPLES
    for piece in pieces:
        p = np.array(piece)
        found.append(s**3 * p[0] + 3 * s**2 * t * p[1] + 3 * s * t**2 * p[2] + t**3 * p[3])
    return np.concatenate(found)


def middle_of(pieces: Sequence[Cubic]) -> tuple[Place, Place]:
    """The middle of the curve, and the unit normal there that points up (or left where it is upright)."""
    if len(pieces) % 2:
        a, b, c, d = pieces[len(pieces) // 2]
        x, y = (a[0] + 3 * (b[0] + c[0]) + d[0]) / 8, (a[1] + 3 * (b[1] + c[1]) + d[1]) / 8
        along = (d[0] + c[0] - b[0] - a[0], d[1] + c[1] - b[1] - a[1])
    else:
        _, _, before, (x, y) = pieces[len(pieces) // 2 - 1]
        along = (x - before[0], y - before[1])
    length = (along[0] ** 2 + along[1] ** 2) ** 0.5 or 1.0
    u, v = along[1] / length, -along[0] / length
    if v > 0.05 or (abs(v) <= 0.05 and u < 0):
        u, v = -u, -v
    return (x, y), (u, v)


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """An edge without bends, as a path."""
    return path_of(cubics((start.x(), start.y()), (end.x(), end.y())))
