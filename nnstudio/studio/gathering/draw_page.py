"""The plane with its tools beside it: which class, which tool, how wide, and all away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.data import DataSettings
from nnstudio.data.drawn import MOST_CLASSES, MOST_POINTS, points_of, with_points
from nnstudio.errors import Error
from nnstudio.project.edits import SetData
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count
from nnstudio.studio.gathering import class_marks
from nnstudio.studio.gathering.drawing import BRUSH, ERASER, POINT, TOOLS, Drawing, Points
from nnstudio.studio.panels.sections import text

_TIPS = {
    POINT: "One point a click (P)",
    BRUSH: "Many points while the mouse is dragged (B)",
    ERASER: "Take points away (E, or the right button with any tool)",
}


class DrawPage(Dressed, QWidget):
    """Every stroke is one edit of the data settings."""

    said = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.drawing = Drawing()
        self.tools: dict[str, QToolButton] = {}
        self.class_buttons: list[QToolButton] = []
        self._tool_group, self._class_group = QButtonGroup(self), QButtonGroup(self)
        side = QVBoxLayout()
        side.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(4)
        for tool in TOOLS:
            button = self._toggle(
                tool, _TIPS[tool], self._tool_group, lambda tool=tool: self.choose_tool(tool)
            )
            self.tools[tool] = button
            row.addWidget(button)
        row.addStretch(1)
        side.addLayout(row)
        marks = QHBoxLayout()
        marks.setSpacing(4)
        for number in range(MOST_CLASSES):
            button = self._toggle(
                str(number),
                f"Draw points of class {number} (key {number})",
                self._class_group,
                partial(self.choose_class, number),
            )
            button.setAccessibleName(f"Class {number}")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(16, 16))
            self.class_buttons.append(button)
            marks.addWidget(button)
        self.more = QPushButton("+")
        self.more.setToolTip("One class more")
        self.more.setAccessibleName("One class more")
        self.more.setFixedWidth(32)
        self.more.clicked.connect(self._another_class)
        marks.addWidget(self.more)
        marks.addStretch(1)
        side.addLayout(marks)
        wide = QHBoxLayout()
        wide.setSpacing(8)
        label = QLabel("Width")
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setRange(2, 40)
        self.width_slider.setValue(10)
        self.width_slider.setMaximumWidth(120)
        self.width_slider.setAccessibleName("Width of brush and eraser")
        self.width_slider.setToolTip("How far brush and eraser reach")
        self.width_slider.valueChanged.connect(self._widen)
        label.setBuddy(self.width_slider)
        self.clear = QPushButton("Erase all")
        self.clear.setToolTip("Take all points away; undo brings them back")
        self.clear.clicked.connect(self._clear)
        for widget in (label, self.width_slider, self.clear):
            wide.addWidget(widget)
        wide.addStretch(1)
        side.addLayout(wide)
        self.facts = text("", "dim")
        side.addWidget(self.facts)
        side.addStretch(1)
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        both.addWidget(self.drawing, 1)
        both.addLayout(side, 1)
        self.drawing.stroked.connect(self._stroked)
        self.drawing.tool_wanted.connect(self.choose_tool)
        self.drawing.class_wanted.connect(self.choose_class)
        self.drawing.full.connect(
            lambda: self.said.emit(f"There are {MOST_POINTS:,} points: erase some first.")
        )
        self.choose_tool(POINT)
        self.choose_class(0)
        self._dress()

    def _toggle(self, words: str, tip: str, group: QButtonGroup, act: Callable[[], object]) -> QToolButton:
        made = QToolButton()
        made.setText(words)
        made.setToolTip(tip)
        made.setAccessibleName(words)
        made.setProperty("kind", "toggle")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: act())
        group.addButton(made)
        return made

    def choose_tool(self, tool: str) -> None:
        """Draw with it from now on."""
        self.drawing.tool = tool
        self.tools[tool].setChecked(True)
        self.drawing.update()

    def choose_class(self, number: int) -> None:
        """New points are of this class."""
        self.drawing.number = number
        self.class_buttons[number].setChecked(True)
        if self.drawing.tool == ERASER:
            self.choose_tool(POINT)

    def follow(self, data: DataSettings) -> None:
        """Show the points of the settings."""
        try:
            points = points_of(data.options)
        except Error as error:
            self.facts.setText(str(error))
            return
        classes = max(2, min(MOST_CLASSES, int(data.options.get("classes", 2))))
        self.drawing.show_points(points, classes)
        curve = data.task == "numbers"
        for number, button in enumerate(self.class_buttons):
            button.setVisible(number < classes and not curve)
        self.more.setVisible(classes < MOST_CLASSES and not curve)
        if self.drawing.number >= classes:
            self.choose_class(0)
        what = "y over x: a curve to fit" if curve else "x and y are the inputs"
        self.facts.setText(f"{count(len(points), 'point')}; {what}.")
        self.clear.setEnabled(bool(len(points)))

    def _stroked(self, points: Points) -> None:
        data = self._document.project.data
        if data is None:
            return
        more = len(points) - len(points_of(data.options))
        label = f"Draw {count(more, 'point')}" if more > 0 else f"Erase {count(-more, 'point')}"
        self._push(data, points, label)

    def _another_class(self) -> None:
        """One more, and new points are of it."""
        data = self._document.project.data
        if data is None:
            return
        classes = int(data.options.get("classes", 2)) + 1
        self._document.push(
            SetData(replace(data, options={**data.options, "classes": classes}), "Add a class")
        )
        self.choose_class(classes - 1)
        self.drawing.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        data = self._document.project.data
        if data is not None:
            self._push(data, self.drawing.points[:0], "Erase all points")

    def _push(self, data: DataSettings, points: Points, label: str) -> None:
        try:
            wanted = replace(data, options=with_points(data.options, points))
        except Error as error:
            self.said.emit(str(error))
            return
        self._document.push(SetData(wanted, label))

    def _widen(self, value: int) -> None:
        self.drawing.radius = value / 100
        self.drawing.update()

    def _dress(self) -> None:
        for number, button in enumerate(self.class_buttons):
            button.setIcon(class_marks.icon(number))
