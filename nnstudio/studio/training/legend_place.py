"""Where a legend stands: the corner of a plot in which it covers least of the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF

from nnstudio.studio.training.legend import Detail, LegendEntry

Numbers = NDArray[np.float64]
TOP_RIGHT, BOTTOM_RIGHT, TOP_LEFT, BOTTOM_LEFT = range(4)
_EVERY = 3.0
"""Pixels across, between two places at which a curve is looked at."""
_LITTLE = 6
"""So many places less are no reason to move: a legend that jumps is worse."""
_COVERS, _STAYS = 0.25, 0.32
"""Of the places of curves, those that a legend may cover when it comes, and where it stands already."""


@dataclass(frozen=True)
class Place:
    """Where a legend stands, with how much of each entry, in which columns."""

    corner: int
    detail: Detail
    box: QRectF
    columns: list[list[LegendEntry]]


def placed(
    entries: Sequence[LegendEntry], room: QRectF, places: Numbers, liked: Sequence[int], former: Place | None
) -> Place:
    """With names and values where these leave the curves to be seen; else with less of each entry, and at
    last only their lines, side by side. What stands somewhere stays there until it is much in the way.
    """
    found = former
    for detail in (Detail.ALL, Detail.VALUE, Detail.LINE):
        columns = _columns(entries, detail, room)
        wide = sum(max(entry.width() for entry in column) for column in columns)
        boxes = corners(QSizeF(wide, len(columns[0]) * entries[0].height()), room)
        corner = freest(boxes, places, liked, liked[0] if former is None else former.corner)
        found = Place(corner, detail, boxes[corner], columns)
        may = _STAYS if former is not None and detail == former.detail else _COVERS
        if wide <= room.width() and covered(found.box, places) <= may * len(places):
            break
    assert found is not None
    return found


def _columns(entries: Sequence[LegendEntry], detail: Detail, room: QRectF) -> list[list[LegendEntry]]:
    for entry in entries:
        entry.set_detail(detail)
    if detail == Detail.LINE:
        rows = -(-len(entries) // max(1, int(room.width()) // entries[0].width()))
    else:
        rows = max(1, min(len(entries), int(room.height()) // entries[0].height()))
    return [list(entries[start : start + rows]) for start in range(0, len(entries), rows)]


def traced(x: Numbers, y: Numbers, view: Sequence[Sequence[float]], box: QRectF) -> Numbers:
    """Where a curve runs on the screen (n, 2), looked at every few pixels; `view` are the ranges of the axes
    that `box` shows.
    """
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    (left, right), (low, high) = view
    if not len(x) or right <= left or high <= low or box.isEmpty():
        return np.zeros((0, 2))
    first, last = (
        box.left() + (float(end) - left) / (right - left) * box.width() for end in (x.min(), x.max())
    )
    across = np.arange(first, last + _EVERY, _EVERY)
    places = left + (across - box.left()) / box.width() * (right - left)
    down = box.bottom() - (np.interp(places, x, y) - low) / (high - low) * box.height()
    return np.stack([across, down], axis=1)


def corners(size: QSizeF, room: QRectF) -> list[QRectF]:
    """A legend of a size in the four corners of a room, in the order of their names above."""
    right, low = room.right() - size.width(), room.bottom() - size.height()
    spots = ((right, room.top()), (right, low), (room.left(), room.top()), (room.left(), low))
    return [QRectF(QPointF(x, y), size) for x, y in spots]


def covered(box: QRectF, places: Numbers) -> int:
    """How many of the places lie under a box."""
    x, y = places[:, 0], places[:, 1]
    inside = (x >= box.left()) & (x <= box.right()) & (y >= box.top() - 2) & (y <= box.bottom() + 2)
    return int(inside.sum())


def freest(boxes: Sequence[QRectF], places: Numbers, liked: Sequence[int], former: int) -> int:
    """The corner that covers least, the more liked of equals; the former one unless that is much worse."""
    counts = [covered(box, places) for box in boxes]
    best = min(liked, key=lambda corner: counts[corner])
    return former if counts[former] <= counts[best] + _LITTLE else best
