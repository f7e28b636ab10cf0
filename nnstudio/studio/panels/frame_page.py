"""The inspector's page for a comment frame: its title and its colour."""

from __future__ import annotations

import itertools
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from nnstudio.graph import FRAME_COLOURS, Frame, SetFrame
from nnstudio.graph.frame import LONGEST_TITLE
from nnstudio.studio import theme
from nnstudio.studio.canvas.chosen import lying_in
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import Form, text
from nnstudio.studio.panels.verbs import Verbs

_sweeps = itertools.count(1)


class FramePage(Dressed, QWidget):
    """Applied while one types; one stay in the field is one undo step."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._frame_id = ""
        self._sweep = 0
        self.title = QLineEdit()
        self.title.setProperty("kind", "title")
        self.title.setPlaceholderText("Untitled frame")
        self.title.setMaxLength(LONGEST_TITLE)
        self.title.setAccessibleName("Title of the frame")
        self.title.textEdited.connect(self._set_title)
        self.title.installEventFilter(self)
        self._line = text("", "dim")
        self.colour = Chooser()
        self.colour.setAccessibleName("Colour of the frame")
        self.colour.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.colour.setIconSize(QSize(16, 16))
        for name in FRAME_COLOURS:
            self.colour.addItem(name)
        self.colour.activated.connect(self._set_colour)
        self.verbs = Verbs(("group", "duplicate", "delete"))
        form = Form()
        form.add("colour", self.colour, "What the frame is tinted in")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self._line)
        column.addLayout(head)
        column.addWidget(self.verbs)
        column.addWidget(form)
        column.addStretch(1)
        self._dress()

    def show_frame(self, frame_id: str) -> None:
        frame = self._frame(frame_id)
        if frame is None:
            return
        self._frame_id = frame_id
        if self.title.text() != frame.title:
            self.title.setText(frame.title)
        self.colour.setCurrentText(frame.colour)
        inside = len(lying_in(self._canvas.graph_scene, frame_id))
        self._line.setText(f"Frame · {count(inside, 'node')} in it, which move with it")

    def _frame(self, frame_id: str) -> Frame | None:
        return self._canvas.sheet.level.frames.get(frame_id)

    def _set_title(self, title: str) -> None:
        frame = self._frame(self._frame_id)
        if frame is not None:
            edit = SetFrame(replace(frame, title=title))
            self._canvas.sheet.push(edit, merge=("title", frame.id, self._sweep))

    def _set_colour(self, index: int) -> None:
        frame = self._frame(self._frame_id)
        if frame is not None and frame.colour != FRAME_COLOURS[index]:
            self._canvas.sheet.push(SetFrame(replace(frame, colour=FRAME_COLOURS[index])))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._sweep = next(_sweeps)
        return False

    def _dress(self) -> None:
        """A swatch beside each name."""
        for index, name in enumerate(FRAME_COLOURS):
            tint = theme.colours().frame(name)
            picture = QPixmap(QSize(32, 32))
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tint.border), 3))
            painter.setBrush(QColor(tint.fill))
            painter.drawRoundedRect(3, 3, 26, 26, 8, 8)
            painter.end()
            self.colour.setItemIcon(index, QIcon(picture))
