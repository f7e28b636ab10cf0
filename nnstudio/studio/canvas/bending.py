"""Bending edges: points that an edge is led through are added, dragged, and taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nnstudio.graph import Edge, Edit, Sequence, SetBends
from nnstudio.graph.node import Position
from nnstudio.studio import theme
from nnstudio.studio.canvas.edge_item import HANDLE_RADIUS, EdgeItem
from nnstudio.studio.canvas.gestures import Gesture, snapped
from nnstudio.studio.canvas.lettering import colour
from nnstudio.studio.canvas.note import note_box, paint_note

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

BEND_PIXELS = 9.0
_STRAIGHT_PIXELS = 6.0


class Bend(Gesture):
    """Drags one bend of an edge; dropped near the straight line between its neighbours it is taken away."""

    cursor = Qt.CursorShape.SizeAllCursor
    autopans = True

    def __init__(self, canvas: Canvas, item: EdgeItem, index: int, new_at: QPointF | None = None) -> None:
        """The bend there is at `index`, or a new one there at a place."""
        super().__init__(canvas)
        self._edge = item.edge
        self._former = item.bends
        self._index = index
        bends = item.bends
        if new_at is not None:
            bends = (*bends[:index], (new_at.x(), new_at.y()), *bends[index:])
        self._bends = bends
        self._new = new_at is not None
        self._drops = False  # let go now, it would be taken away
        self._show(bends)

    def _show(self, bends: tuple[Position, ...]) -> None:
        self._bends = bends
        if self._edge in self.scene.edges:
            self.scene.bend({self._edge: bends})

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        spot = point if modifiers & Qt.KeyboardModifier.AltModifier else snapped(point)
        bends = list(self._bends)
        bends[self._index] = (spot.x(), spot.y())
        self._show(tuple(bends))
        before, behind = self._neighbours()
        self._drops = _off_line(point, before, behind) <= _STRAIGHT_PIXELS / self.canvas.scale_now()

    def _neighbours(self) -> tuple[QPointF, QPointF]:
        """What lies before and behind the bend on the edge's way."""
        start, end = self.scene.edges[self._edge].ends()
        stops = [start, *(QPointF(*bend) for bend in self._bends), end]
        return stops[self._index], stops[self._index + 2]

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        bends = self._bends
        if self._drops:
            bends = bends[: self._index] + bends[self._index + 1 :]
        self._put(bends)

    def click(self, modifiers: Qt.KeyboardModifier) -> None:
        self._put(self._bends)

    def _put(self, bends: tuple[Position, ...]) -> None:
        if bends == self._former or not self.canvas.sheet.push(SetBends(self._edge, bends)):
            self.cancel()

    def cancel(self) -> None:
        self._show(self._former)

    def _lines(self) -> list[str]:
        return ["Let go: straight here"] if self._drops else []

    def bounds(self) -> QRectF:
        before, behind = self._neighbours()
        x, y = self._bends[self._index]
        room = 10 / min(1.0, self.canvas.scale_now())
        box = QRectF(before, behind).normalized().united(QRectF(x, y, 0, 0))
        return box.adjusted(-room, -room, room, room).united(
            note_box(self.canvas, QPointF(x, y), self._lines())
        )

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        before, behind = self._neighbours()
        spot = QPointF(*self._bends[self._index])
        if self._drops:
            pen = QPen(colour(c.focus), 1.5, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLine(before, behind)
        painter.setPen(QPen(colour(c.card), 2))
        painter.setBrush(colour(c.focus))
        painter.drawEllipse(spot, HANDLE_RADIUS + 2, HANDLE_RADIUS + 2)
        paint_note(painter, self.canvas, spot, self._lines(), "")


def _off_line(point: QPointF, start: QPointF, end: QPointF) -> float:
    """How far a point is from the straight line between two others."""
    along, away = end - start, point - start
    length = along.x() ** 2 + along.y() ** 2
    share = 0.0 if length == 0 else QPointF.dotProduct(along, away) / length
    off = away - along * min(max(share, 0.0), 1.0)
    return (off.x() ** 2 + off.y() ** 2) ** 0.5


def place_for(item: EdgeItem, point: QPointF) -> int:
    """Between which bends a new one at a point of the edge comes."""
    if not item.bends:
        return 0
    pieces = item.pieces()
    away: list[float] = []
    for piece in pieces:
        shares = [share / 24 for share in range(25)]
        away.append(min(_distance(_on(piece, share), point) for share in shares))
    return away.index(min(away))


def _on(piece: tuple[Position, Position, Position, Position], t: float) -> QPointF:
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    return QPointF(
        sum(weight * p[0] for weight, p in zip(weights, piece, strict=True)),
        sum(weight * p[1] for weight, p in zip(weights, piece, strict=True)),
    )


def _distance(a: QPointF, b: QPointF) -> float:
    return ((a.x() - b.x()) ** 2 + (a.y() - b.y()) ** 2) ** 0.5


def toggled(item: EdgeItem, point: QPointF, reach: float) -> SetBends:
    """What a double-click on an edge does: a bend there is taken away, else there is one more."""
    index, bends = item.bend_at(point, reach), item.bends
    if index is not None:
        return SetBends(item.edge, bends[:index] + bends[index + 1 :])
    index = place_for(item, point)
    return SetBends(item.edge, (*bends[:index], (point.x(), point.y()), *bends[index:]))


def straightened(edges: list[Edge]) -> Edit | None:
    """The edit that takes all bends of these edges away; None where they have none."""
    edits = [SetBends(edge, ()) for edge in edges if edge.bends]
    if len(edits) < 2:
        return edits[0] if edits else None
    return Sequence(edits, f"Straighten {len(edits)} edges")
