"""What the mouse does on the canvas, one object a gesture: begun by a press, ended by a release or by Esc.

A gesture may show what it is about to do, but only its end changes the document, by one edit. Each kind has
a file (moving, connecting, bending, cutting, framing); here are what is common to them, and two that only
look and select.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from nnstudio.graph.node import Edge
from nnstudio.studio import theme
from nnstudio.studio.canvas.lettering import colour

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene
    from nnstudio.studio.canvas.view import Canvas

SNAP = 8.0


class Selection(NamedTuple):
    """What is selected, to be selected again."""

    nodes: list[str]
    edges: list[Edge]
    frames: list[str]

    @classmethod
    def of(cls, scene: GraphScene) -> Selection:
        return cls(scene.selected_nodes(), scene.selected_edges(), scene.selected_frames())


class Gesture:
    """`update` and `end` take scene positions, except for Pan, which moves the scene itself."""

    cursor: Qt.CursorShape | None = None
    autopans = False  # the view follows the pointer out of its rim
    by_mouse = True  # else the mouse has no say in it
    former: Selection | None = None  # selected before the press, and again where the gesture is cancelled

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.scene = canvas.graph_scene

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse has moved."""

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The button was released: do it."""

    def click(self, modifiers: Qt.KeyboardModifier) -> None:
        """The button was released where it was pressed, without an `update`."""
        self.cancel()

    def cancel(self) -> None:
        """Esc: leave everything as it was."""

    def press(self, key: Qt.Key) -> bool:
        """Act on a key; False where it means nothing here."""
        return False

    def bounds(self) -> QRectF:
        """What `paint` covers, in scene coordinates."""
        return QRectF()

    def boxes(self) -> list[QRectF]:
        """The same piece by piece: what lies between them need not be painted again."""
        return [self.bounds()]

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
    """Selects the nodes a rectangle touches and the frames it encloses; with Shift or Ctrl in addition to
    what is selected.
    """

    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF, keep: bool) -> None:
        super().__init__(canvas)
        self._start = self._now = start
        self.former = Selection.of(self.scene)
        self._kept = self.former if keep else Selection([], [], [])
        self.scene.select(*self._kept)

    def bounds(self) -> QRectF:
        room = 2 / self.canvas.scale_now()
        return QRectF(self._start, self._now).normalized().adjusted(-room, -room, room, room)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._now = point
        box = QRectF(self._start, self._now).normalized()
        touched = [item.node_id for item in self.scene.places.cards_in(box, 0.0)]
        around = [key for key, item in self.scene.frames.items() if box.contains(item.scene_box())]
        kept = self._kept
        self.scene.select([*kept.nodes, *touched], kept.edges, [*kept.frames, *around])

    def click(self, modifiers: Qt.KeyboardModifier) -> None:
        """Beside everything: what was selected is no longer."""

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        pen = QPen(colour(c.focus), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(colour(c.focus, 0.12))
        painter.drawRect(QRectF(self._start, self._now).normalized())


def snapped(point: QPointF) -> QPointF:
    """The nearest point of the 8-px grid."""
    return QPointF(round(point.x() / SNAP) * SNAP, round(point.y() / SNAP) * SNAP)
