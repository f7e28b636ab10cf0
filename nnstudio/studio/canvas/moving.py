"""The gesture that moves what is selected: onto lines and grid, and a node without readers into an edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from nnstudio.errors import Error
from nnstudio.studio.canvas.cargo import Cargo
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.guides import Guides
from nnstudio.studio.canvas.inserting import Slot, closed_to, insertion

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas


class MoveSelected(Gesture):
    """Moves the selected nodes and frames with what they carry. With Alt they go just where the mouse goes:
    nothing snaps, and where an edge takes a node in nothing moves aside.
    """

    cursor = Qt.CursorShape.SizeAllCursor
    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF, node: str | None = None, frame: str = "") -> None:
        """What was taken hold of is a node, or a frame."""
        super().__init__(canvas)
        self._start = start
        self._node, self._frame = node, frame
        nodes, frames = self.scene.selected_nodes(), self.scene.selected_frames()
        self._cargo = Cargo(self.scene, nodes, frames)
        held = self.scene.nodes.get(node) if node is not None else None
        self._grabbed = self.scene.frames[frame].scene_box() if held is None else held.scene_card()
        self._by = QPointF()
        self._guides = Guides(canvas, self._cargo.nodes, self._cargo.frames)
        closed = None
        if node is not None and list(self._cargo.nodes) == [node] and not self._cargo.frames:
            closed = closed_to(canvas.sheet.level, node)
        self._slot = None if closed is None else Slot(canvas, closed)

    def _card(self) -> QRectF:
        return self._grabbed.translated(self._by)

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        by = point - self._start
        self._guides.clear()
        free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        if not free:
            by += self._guides.snap(self._grabbed.translated(by))
        self._by = by
        self._cargo.shift(by)
        if self._slot is not None:
            self._slot.look(self._card(), aside=not free)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        slot = self._slot
        if slot is None or slot.edge is None or self._node is None:
            edit = self._cargo.edit(self._by)
        else:
            try:
                edit = insertion(self.scene, self._node, slot.edge, self._card(), slot.aside)
            except Error as error:
                self.canvas.refused.emit(str(error))
                edit = None
        if edit is None or not self.canvas.sheet.push(edit):
            self.cancel()

    def click(self, modifiers: Qt.KeyboardModifier) -> None:
        """Of several that are selected, the one that was clicked is meant."""
        keys = Qt.KeyboardModifier
        if not modifiers & (keys.ShiftModifier | keys.ControlModifier):
            self.scene.select(*(([self._node], [], []) if self._node else ([], [], [self._frame])))

    def cancel(self) -> None:
        self._cargo.shift(QPointF())

    def boxes(self) -> list[QRectF]:
        slot = [] if self._slot is None else [self._slot.bounds(self._card())]
        return [*self._guides.boxes(), *slot]

    def paint(self, painter: QPainter) -> None:
        if self._slot is not None and self._slot.edge is not None:
            self._slot.paint(painter, self._card())
        else:
            self._guides.paint(painter)
