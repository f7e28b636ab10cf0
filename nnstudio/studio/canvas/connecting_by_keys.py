"""Connecting without a mouse: which port of a node, and which other port it is joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from nnstudio.modules.shapes import format_shape
from nnstudio.studio.canvas.announcer import announce
from nnstudio.studio.canvas.connecting import Connect, show_marks
from nnstudio.studio.canvas.dropping import clear_of_cards
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.joining import End
from nnstudio.studio.canvas.node_item import WIDTH
from nnstudio.studio.canvas.note import note_box, paint_note
from nnstudio.studio.canvas.searching import search_from

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Tab)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Backtab)
_NEW_NODE_AWAY = 72.0


class PickPort(Gesture):
    """Arrows or Tab go through the ports of one node, Enter takes one to connect from, Esc leaves."""

    by_mouse = False

    def __init__(self, canvas: Canvas, node_id: str, side: str) -> None:
        super().__init__(canvas)
        self._item = self.scene.nodes[node_id]
        self._ports = [port for port in self._item.ports() if port.side == side]
        self._index = 0
        self._show()

    def press(self, key: Qt.Key) -> bool:
        """Act on a key; False where it means nothing here."""
        if key in _ON or key in _BACK:
            self._index = (self._index + (1 if key in _ON else -1)) % len(self._ports)
            self._show()
            self.canvas.update_overlay()
        elif key in (*_ENTER, Qt.Key.Key_Space):
            self.cancel()
            connect_from(self.canvas, (self._item.node_id, self._ports[self._index]))
        else:
            return False
        return True

    def _show(self) -> None:
        chosen = self._ports[self._index]
        marks = {port: "valid" if port in self._ports else "faint" for port in self._item.ports()}
        show_marks(self._item, {**marks, chosen: "snap"}, False)
        announce(self.canvas, f"{self._words()}, {self._index + 1} of {len(self._ports)}")

    def _words(self) -> str:
        port = self._ports[self._index]
        return f"Connect {'from' if port.side == 'output' else 'to'} {port.name} of {self._item.look.name}"

    def cancel(self) -> None:
        show_marks(self._item, {}, False)

    def _point(self) -> QPointF:
        return self._item.port_point(self._ports[self._index])

    def bounds(self) -> QRectF:
        return note_box(self.canvas, self._point(), [self._words()])

    def paint(self, painter: QPainter) -> None:
        paint_note(painter, self.canvas, self._point(), [self._words()], "")


class ConnectByKeys(Connect):
    """Arrows or Tab go through the ends that may be joined, the likeliest first; Enter joins, Space searches
    for a new module to join, Esc leaves.
    """

    by_mouse = False
    autopans = False

    def __init__(self, canvas: Canvas, fixed: End) -> None:
        super().__init__(canvas, fixed, canvas.graph_scene.nodes[fixed[0]].port_point(fixed[1]))
        self._choices = self.joining.choices()
        self._index = 0
        self._aim()

    def choices(self) -> list[End]:
        return self._choices

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse has no say in it."""

    def press(self, key: Qt.Key) -> bool:
        """Act on a key; False where it means nothing here."""
        canvas = self.canvas
        if key in _ON or key in _BACK:
            if self._choices:
                self._index = (self._index + (1 if key in _ON else -1)) % len(self._choices)
                self._aim()
            canvas.update_overlay()
        elif key in _ENTER:
            self.finish()
            canvas.finish_gesture()
        elif key == Qt.Key.Key_Space:
            self.search()
        else:
            return False
        return True

    def search(self) -> None:
        """Look for a new module instead, to stand beside the node."""
        sign = 1 if self.joining.side == "input" else -1
        to_middle = QPointF(sign * WIDTH / 2, 0)
        away = QPointF(sign * _NEW_NODE_AWAY, 0)
        point = clear_of_cards(self.canvas, self._start() + away + to_middle) - to_middle
        self.cancel()
        search_from(self.canvas, self.joining, point)

    def _aim(self) -> None:
        if not self._choices:
            return
        end = self._choices[self._index]
        self.aim(end)
        self.canvas.reveal(end[0])
        item, (_, port) = self.scene.nodes[end[0]], end
        edge = self.joining.edge(end)
        shape = self.joining.given(edge.source, edge.source_port)
        words = [f"{item.look.name}, {port.name}", "" if shape is None else format_shape(shape)]
        place = f"{self._index + 1} of {len(self._choices)}"
        announce(self.canvas, ", ".join(filter(None, (*words, self.note(), place))))


def connect_from_node(canvas: Canvas, node_id: str, side: str) -> None:
    """Begin to connect a node by keys, first asking for its port where it has several on that side."""
    item = canvas.graph_scene.nodes[node_id]
    ports = [port for port in item.ports() if port.side == side]
    if len(ports) > 1:
        canvas.begin(PickPort(canvas, node_id, side))
    else:
        connect_from(canvas, (node_id, ports[0]))


def connect_from(canvas: Canvas, fixed: End) -> None:
    """Choose what a port is joined to; where nothing is there that it could be joined to, something new."""
    gesture = ConnectByKeys(canvas, fixed)
    canvas.begin(gesture)
    if not gesture.choices():
        gesture.search()
