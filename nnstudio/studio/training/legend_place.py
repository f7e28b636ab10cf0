"""Where a legend stands: the corner of a plot in which it covers least of the curves, or above the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF

from nnstudio.studio.training.legend import Detail, LegendEntry

Numbers = NDArray[np.float64]
TOP_RIGHT, BOTTOM_RIGHT, TOP_LEFT, BOTTOM_LEFT, HEAD = range(5)
_EVERY = 3.0
"""Pixels across, between two places at which a curve is looked at."""
_LITTLE = 6
"""So many places less are no reason to move: a legend that jumps is worse."""
_COVERS, _STAYS = 0.05, 0.1
"""Of the places of curves, those that a legend may cover when it comes, and where it stands already."""
_COVERS_AT_WORST = 0.25
"""The same for one that has so many entries that they do not fit above the plot."""


@dataclass(frozen=True)
class Place:
    """Where a legend stands, with how much of each entry, in which columns."""

    corner: int
    detail: Detail
    box: QRectF
    columns: list[list[LegendEntry]]


def placed(
    entries: Sequence[LegendEntry],
    room: QRectF,
    head: QRectF,
    places: Numbers,
    liked: Sequence[int],
    former: Place | None,
) -> Place:
    """In the freest corner of the room, with names and values, where these leave the curves to be seen; else
    in the head above it; with as little left of each as is needed for that. Of too many only the lines are
    left, in the corner. What stands somewhere stays there until it is much in the way.
    """

    def in_corner(detail: Detail, may: float) -> Place | None:
        found = _in_corner(entries, detail, room, places, liked, former)
        if former is not None and (former.corner, former.detail) == (found.corner, detail):
            may = max(may, _STAYS)
        fits = found.box.width() <= room.width()
        return found if fits and covered(found.box, places) <= may * len(places) else None

    return (
        in_corner(Detail.ALL, _COVERS)
        or in_head(entries, head, Detail.VALUE)
        or in_corner(Detail.VALUE, _COVERS)
        or in_head(entries, head, Detail.LINE)
        or in_corner(Detail.VALUE, _COVERS_AT_WORST)
        or _in_corner(entries, Detail.LINE, room, places, liked, former)
    )


def _in_corner(
    entries: Sequence[LegendEntry],
    detail: Detail,
    room: QRectF,
    places: Numbers,
    liked: Sequence[int],
    former: Place | None,
) -> Place:
    columns = _columns(entries, detail, room)
    wide = sum(max(entry.width() for entry in column) for column in columns)
    boxes = corners(QSizeF(wide, len(columns[0]) * entries[0].height()), room)
    standing = liked[0] if former is None or former.corner == HEAD else former.corner
    corner = freest(boxes, places, liked, standing)
    return Place(corner, detail, boxes[corner], columns)


def in_head(entries: Sequence[LegendEntry], head: QRectF, least: Detail) -> Place | None:
    """Beside each other, flush right in the head, with as much of each as fits; None where not even the least
    does.
    """
    for detail in (Detail.ALL, Detail.VALUE, Detail.LINE):
        if detail < least:
            break
        for entry in entries:
            entry.set_detail(detail)
        wide = sum(entry.width() for entry in entries)
        if wide <= head.width():
            box = QRectF(head.right() - wide, head.top(), wide, entries[0].height())
            return Place(HEAD, detail, box, [[entry] for entry in entries])
    return None


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
