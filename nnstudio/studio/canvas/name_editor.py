"""A name asked for where the node is: a field over its card."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from nnstudio.errors import Error
from nnstudio.graph.naming import check_name
from nnstudio.studio.panels.sections import Complaint

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_LEAST_WIDTH = 216
_MOST_WIDTH = 320
_RIM = 8


class NameEditor(QFrame):
    """Enter, and leaving the field, give the name; Esc leaves the node the one it has."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._node_id = ""
        self._apply: Callable[[str], object] | None = None
        self.setProperty("kind", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.field = QLineEdit()
        self.field.setAccessibleName("Name of the group")
        self.field.setAccessibleDescription("Enter takes the name, Esc keeps the one it has")
        self.complaint = Complaint()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self.complaint)
        self.field.textEdited.connect(self._check)
        self.field.installEventFilter(self)
        canvas.looked.connect(self._place)
        canvas.sheet.replaced.connect(self.close_quietly)
        self.hide()

    def ask(self, node_id: str, apply: Callable[[str], object]) -> None:
        """Show it over a node of the sheet; `apply` gets the name, where it is one."""
        self._node_id, self._apply = node_id, apply
        self.field.setText(self._canvas.sheet.level.nodes[node_id].name)
        self._complain("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def close_quietly(self) -> None:
        """Away with it; the canvas has the keyboard again, if it was here."""
        self._apply = None
        held = self.field.hasFocus()
        self.hide()
        if held:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        """Give the name on, unless it cannot be one."""
        apply, name = self._apply, self.field.text().strip()
        if apply is not None and self._check(name):
            self.close_quietly()
            apply(name)

    def _check(self, text: str) -> bool:
        level = self._canvas.sheet.level
        if self._node_id not in level.nodes:
            self.close_quietly()
            return False
        try:
            check_name(level, text.strip(), self._node_id)
        except Error as error:
            self._complain(str(error))
            return False
        self._complain("")
        return True

    def _complain(self, words: str) -> None:
        self.complaint.say(words)
        if bool(self.field.property("invalid")) != bool(words):
            self.field.setProperty("invalid", bool(words))
            self.field.style().polish(self.field)
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        """Over the title of the card, within the canvas."""
        item = self._canvas.graph_scene.nodes.get(self._node_id)
        if item is None:
            return
        card = item.scene_card()
        corner = self._canvas.mapFromScene(card.topLeft())
        right = self._canvas.mapFromScene(QPointF(card.right(), card.top()))
        room = self._canvas.rect().adjusted(_RIM, _RIM, -_RIM, -_RIM)
        width = min(max(_LEAST_WIDTH, right.x() - corner.x()), _MOST_WIDTH, room.width())
        self._column.activate()
        wrapped = self._column.hasHeightForWidth()
        height = self._column.totalHeightForWidth(width) if wrapped else self._column.sizeHint().height()
        self.setFixedSize(width, height)
        left = min(max(room.left(), (corner.x() + right.x() - width) // 2), room.right() - width)
        top = min(max(room.top(), corner.y() - 4), room.bottom() - self.height())
        self.move(left, top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut and self._apply is not None:
            self._take()
            self.close_quietly()  # where it was no name, the node keeps its own
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self._take()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_quietly()
                return True
        return False
