"""Alignment guides: what is dragged snaps to the lines of its neighbours, and the lines are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nnstudio.studio import theme
from nnstudio.studio.canvas.gestures import snapped
from nnstudio.studio.canvas.lettering import colour

if TYPE_CHECKING:
    from collections.abc import Collection

    from nnstudio.studio.canvas.view import Canvas

REACH_PIXELS = 6.0
_BEYOND_PIXELS = 14.0  # a line stands out of what it joins
_SAME = 0.01

Boxes = NDArray[np.float64]  # (…, 4): left, top, right, bottom


class Neighbours(NamedTuple):
    boxes: Boxes
    stops: tuple[NDArray[np.float64], NDArray[np.float64]]  # along each axis: begin, middle and end of each


class Guides:
    """For one box that is dragged among others that stand still."""

    def __init__(self, canvas: Canvas, nodes: Collection[str], frames: Collection[str] = ()) -> None:
        self._canvas = canvas
        self._scene = canvas.graph_scene
        self._nodes = frozenset(nodes)
        self._beside: tuple[object, Neighbours] | None = None
        self._frames = {key for key in self._scene.frames if key not in frames} if frames else set[str]()
        self.lines: list[QLineF] = []

    def snap(self, box: QRectF) -> QPointF:
        """By how much to move the box to where it belongs: onto a neighbour's line, else onto the grid."""
        others = self._others()
        reach = REACH_PIXELS / self._canvas.scale_now()
        corner = box.topLeft()
        to_grid = snapped(corner) - corner
        x, y = _nearest(box, others, reach, 0), _nearest(box, others, reach, 1)
        by = QPointF(to_grid.x() if x is None else x, to_grid.y() if y is None else y)
        self.lines = _lines(box.translated(by), others, _BEYOND_PIXELS / self._canvas.scale_now())
        return by

    def clear(self) -> None:
        self.lines = []

    def _others(self) -> Neighbours:
        """The neighbours in view: cards beside cards, and frames beside frames. They stand still: found
        once, until the view is another.
        """
        seen = self._canvas.seen()
        key = (self._scene.places, seen)
        if self._beside is None or self._beside[0] != key:
            boxes = self._standing(seen)
            self._beside = (key, Neighbours(boxes, (_stops(boxes, 0), _stops(boxes, 1))))
        return self._beside[1]

    def _standing(self, seen: QRectF) -> Boxes:
        if self._frames:
            boxes = [self._scene.frames[key].scene_box() for key in self._frames]
            found = [(b.left(), b.top(), b.right(), b.bottom()) for b in boxes if b.intersects(seen)]
            return np.array(found, dtype=np.float64).reshape(-1, 4)
        places = self._scene.places
        rows = places.rows_in(seen, 0.0)
        rows = rows[~places.with_edges(self._nodes)[0][rows]]
        return np.hstack([places.corners[rows], places.corners[rows] + places.sizes[rows]])

    def boxes(self) -> list[QRectF]:
        """What each line covers."""
        room = 2 / self._canvas.scale_now()
        boxes = (QRectF(line.p1(), line.p2()).normalized() for line in self.lines)
        return [box.adjusted(-room, -room, room, room) for box in boxes]

    def paint(self, painter: QPainter) -> None:
        if not self.lines:
            return
        pen = QPen(colour(theme.colours().focus), 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self.lines)


def _stops(boxes: Boxes, axis: int) -> NDArray[np.float64]:
    """Begin, middle and end along an axis: (…, 3)."""
    low, high = boxes[..., axis], boxes[..., axis + 2]
    return np.stack([low, (low + high) / 2, high], axis=-1)


def _own(box: QRectF, axis: int) -> tuple[float, float, float]:
    if axis:
        return box.top(), box.center().y(), box.bottom()
    return box.left(), box.center().x(), box.right()


def _nearest(box: QRectF, others: Neighbours, reach: float, axis: int) -> float | None:
    """How far the nearest line is, like on like; None where none is within reach."""
    away = (others.stops[axis] - _own(box, axis)).ravel()
    if not len(away):
        return None
    best = float(away[np.abs(away).argmin()])
    return best if abs(best) <= reach else None


def _lines(box: QRectF, others: Neighbours, beyond: float) -> list[QLineF]:
    """Through everything that is aligned with the box: one line for all that share it, and no second one
    for cards of the same size, whose other lines are aligned then, too.
    """
    found: list[QLineF] = []
    for axis in (0, 1):
        own = _own(box, axis)
        aligned = np.abs(others.stops[axis] - own) < _SAME
        if not aligned.any():
            continue
        left = np.ones(len(aligned), dtype=bool)
        for kind in range(3):
            on = left & aligned[:, kind]
            if not on.any():
                continue
            left &= ~on
            across = 1 - axis
            begin, _, end = _own(box, across)
            low = min(float(others.boxes[on, across].min()), begin) - beyond
            high = max(float(others.boxes[on, across + 2].max()), end) + beyond
            at = own[kind]
            found.append(QLineF(at, low, at, high) if axis == 0 else QLineF(low, at, high, at))
    return found
