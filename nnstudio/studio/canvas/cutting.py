"""The gesture that cuts edges by a stroke drawn across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from nnstudio.graph import Edge, removal
from nnstudio.studio import theme
from nnstudio.studio.canvas.curves import points_of
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.lettering import colour
from nnstudio.studio.canvas.note import note_box, paint_note

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_STEP_PIXELS = 3.0


class Cut(Gesture):
    """Every edge that the stroke crosses is removed, as one edit."""

    cursor = Qt.CursorShape.CrossCursor
    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF) -> None:
        super().__init__(canvas)
        self._stroke = [start]
        self.cut: dict[Edge, None] = {}

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        last = self._stroke[-1]
        if (point - last).manhattanLength() < _STEP_PIXELS / self.canvas.scale_now():
            return
        self._stroke.append(point)
        box = QRectF(last, point).normalized()
        for item in self.scene.places.edges_in(box):
            if item.edge not in self.cut and crosses(points_of(item.pieces()), last, point):
                self.cut[item.edge] = None

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        sheet = self.canvas.sheet
        if self.cut:
            sheet.push(removal(sheet.graph, [], list(self.cut), path=sheet.path))

    def _lines(self) -> list[str]:
        many = len(self.cut)
        return [f"Cut {many} edge{'s'[: many > 1]}"] if many else []

    def bounds(self) -> QRectF:
        room = 4 / self.canvas.scale_now()
        box = QPolygonF(self._stroke).boundingRect().adjusted(-room, -room, room, room)
        for edge in self.cut:
            if edge in self.scene.edges:
                box = box.united(self.scene.edges[edge].path().controlPointRect().adjusted(-6, -6, 6, 6))
        return box.united(note_box(self.canvas, self._stroke[-1], self._lines()))

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for edge in self.cut:
            if edge in self.scene.edges:
                path = self.scene.edges[edge].path()
                painter.strokePath(path, QPen(colour(c.canvas), 5))
                painter.strokePath(path, QPen(colour(c.error.mark), 2.5, Qt.PenStyle.DotLine))
        pen = QPen(colour(c.text), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(self._stroke))
        paint_note(painter, self.canvas, self._stroke[-1], self._lines(), "error")


def crosses(line: NDArray[np.float64], start: QPointF, end: QPointF) -> bool:
    """Whether a straight stroke meets a line through these points, (n, 2)."""
    a, b = np.array([start.x(), start.y()]), np.array([end.x(), end.y()])
    first, last = line[:-1], line[1:]
    long = (first != last).any(axis=1)  # where two pieces of a curve meet, a point stands twice
    ends_apart = _side(a, b, first) * _side(a, b, last) <= 0
    stroke_apart = _turn(first, last, a) * _turn(first, last, b) <= 0
    return bool((ends_apart & stroke_apart & long).any())


def _side(a: NDArray[np.float64], b: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])


def _turn(
    first: NDArray[np.float64], last: NDArray[np.float64], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    along, away = last - first, point - first
    return along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
