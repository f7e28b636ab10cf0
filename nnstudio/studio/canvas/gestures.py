"""What the mouse does on the canvas, one object a gesture: begun by a press, ended by a release or by Esc.

A gesture may show what it is about to do, but only its end changes the document, by one edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnstudio.graph import Move
from nnstudio.studio import theme

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

SNAP = 8.0


class Gesture:
    """`update` and `end` take scene positions, except for Pan, which moves the scene itself."""

    cursor: Qt.CursorShape | None = None
    autopans = False  # the view follows the pointer out of its rim
    by_mouse = True  # else the mouse has no say in it

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.scene = canvas.graph_scene

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse has moved."""

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The button was released: do it."""

    def cancel(self) -> None:
        """Esc: leave everything as it was."""

    def bounds(self) -> QRectF:
        """What `paint` covers, in scene coordinates."""
        return QRectF()

    def paint(self, painter: QPainter) -> None:
        """Drawn above the scene, in scene coordinates."""


class Pan(Gesture):
    """Moves the view; positions are the viewport's."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: Canvas, start: QPointF) -> None:
        super().__init__(canvas)
        self._last = start
        self._begun = (canvas.horizontalScrollBar().value(), canvas.verticalScrollBar().value())

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        moved = point - self._last
        self._last = point
        self.canvas.pan(-round(moved.x()), -round(moved.y()))

    def cancel(self) -> None:
        self.canvas.horizontalScrollBar().setValue(self._begun[0])
        self.canvas.verticalScrollBar().setValue(self._begun[1])


class BoxSelect(Gesture):
    """Selects the nodes a rectangle touches; with Shift or Ctrl in addition to those that are selected."""

    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF, keep: bool) -> None:
        super().__init__(canvas)
        self._start = self._now = start
        self._before = self.scene.selected_nodes() if keep else []
        self._before_edges = self.scene.selected_edges() if keep else []
        self.scene.select(self._before, self._before_edges)

    def bounds(self) -> QRectF:
        return QRectF(self._start, self._now).normalized().adjusted(-2, -2, 2, 2)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._now = point
        box = QRectF(self._start, self._now).normalized()
        touched = [key for key, item in self.scene.nodes.items() if item.scene_card().intersects(box)]
        self.scene.select([*self._before, *touched], self._before_edges)

    def cancel(self) -> None:
        self.scene.select(self._before, self._before_edges)

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        fill = QColor(c.focus)
        fill.setAlphaF(0.12)
        pen = QPen(QColor(c.focus), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRect(QRectF(self._start, self._now).normalized())


class MoveNodes(Gesture):
    """Moves the selected nodes, onto the grid unless Alt is held; the graph hears of it once, at the end."""

    cursor = Qt.CursorShape.SizeAllCursor
    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF, grabbed: str) -> None:
        super().__init__(canvas)
        self._start = start
        self._grabbed = grabbed
        self._ids = self.scene.selected_nodes()
        self._origins = {key: self.scene.nodes[key].pos() for key in self._ids}

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        anchor = self._origins[self._grabbed]
        target = anchor + point - self._start
        if not modifiers & Qt.KeyboardModifier.AltModifier:
            target = snapped(target)
        self._shift(target - anchor)

    def _shift(self, by: QPointF) -> None:
        for key, origin in self._origins.items():
            if key in self.scene.nodes:
                self.scene.nodes[key].setPos(origin + by)
        self.scene.reroute(self._ids)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        places = {key: self.scene.nodes[key].pos() for key in self._ids if key in self.scene.nodes}
        moved = {key: (place.x(), place.y()) for key, place in places.items() if place != self._origins[key]}
        if moved:
            self.canvas.sheet.push(Move(moved))

    def cancel(self) -> None:
        self._shift(QPointF())


def snapped(point: QPointF) -> QPointF:
    """The nearest point of the 8-px grid."""
    return QPointF(round(point.x() / SNAP) * SNAP, round(point.y() / SNAP) * SNAP)
