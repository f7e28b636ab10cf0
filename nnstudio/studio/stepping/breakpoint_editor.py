"""The breakpoints in a small window: what there is, what is wrong with it, and a line to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.studio import theme
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.panels.sections import Complaint
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program.breakpoint import Breakpoint

_PHASES = {
    "any phase": None,
    "zero the gradients": "zero_grad",
    "forward": "forward",
    "backward": "backward",
    "update": "update",
}
_ANY_NODE = "any node"
_ROLE = Qt.ItemDataRole.UserRole


class BreakpointEditor(Dressed, QDialog):
    """Stays open while one steps."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.setWindowTitle("Breakpoints")
        self.setMinimumWidth(480)
        self.condition = QLineEdit()
        self.condition.setPlaceholderText("loss < 0.1, any NaN, max(abs(fc1.grad_weight)) > 10")
        self.condition.setAccessibleName("Condition")
        self.condition.setClearButtonEnabled(True)
        self.node = Chooser()
        self.node.setAccessibleName("Node")
        self.phase = Chooser()
        self.phase.setAccessibleName("Phase")
        for words, phase in _PHASES.items():
            self.phase.addItem(words, phase)
        self.add = QPushButton("Add")
        self.add.setDefault(True)
        self.complaint = Complaint()
        self.list = QListWidget()
        self.list.setProperty("kind", "inset")
        self.list.setAccessibleName("Breakpoints")
        self.list.setWordWrap(True)
        self.nothing = QLabel(
            "No breakpoint yet. Playing and running stop at a breakpoint; single steps do not."
        )
        self.nothing.setProperty("kind", "dim")
        self.nothing.setWordWrap(True)
        self.delete = QPushButton("Delete")
        self.close_button = QPushButton("Close")
        self._lay_out()
        self.add.clicked.connect(self.add_one)
        self.condition.textEdited.connect(self._look_at_condition)
        self.list.itemChanged.connect(self._switched)
        self.list.currentRowChanged.connect(self._follow_row)
        self.delete.clicked.connect(self.remove)
        self.close_button.clicked.connect(self.close)
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list, self.remove).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        stepper.breakpoints_changed.connect(self.refresh)
        stepper.recompiled.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        heading = QLabel("Stop when")
        heading.setBuddy(self.condition)
        heading.setProperty("kind", "strong")
        places = QHBoxLayout()
        at, during = QLabel("at"), QLabel("in")
        places.setSpacing(8)
        for widget, stretch in ((at, 0), (self.node, 1), (during, 0), (self.phase, 1), (self.add, 0)):
            places.addWidget(widget, stretch)
        below = QHBoxLayout()
        below.addWidget(self.delete)
        below.addStretch(1)
        below.addWidget(self.close_button)
        column.addWidget(heading)
        column.addWidget(self.condition)
        column.addLayout(places)
        column.addWidget(self.complaint)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        column.addLayout(below)

    # -- following

    def refresh(self) -> None:
        """The list, and the nodes there are to choose from."""
        stepper = self._stepper
        names = dict.fromkeys(line.node for line in stepper.statements() if line.node)
        chosen = self.node.currentText()
        if [self.node.itemText(i) for i in range(1, self.node.count())] != list(names):
            self.node.clear()
            self.node.addItem(_ANY_NODE)
            self.node.addItems(list(names))
            self.node.setCurrentText(chosen if chosen in names else _ANY_NODE)
        row = self.list.currentRow()
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for each in stepper.breakpoints:
            self.list.addItem(self._item(each))
        self.list.blockSignals(blocked)
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        self.nothing.setVisible(not stepper.breakpoints)
        self.list.setVisible(bool(stepper.breakpoints))
        self._follow_row()

    def _item(self, breakpoint: Breakpoint) -> QListWidgetItem:
        words = str(breakpoint)
        problem = self._stepper.stops.problem(breakpoint, self._stepper.program)
        item = QListWidgetItem(words[:1].upper() + words[1:] + (f"\n{problem}" if problem else ""))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if breakpoint.enabled else Qt.CheckState.Unchecked)
        item.setData(_ROLE, breakpoint)
        if problem:
            item.setIcon(theme.icon("warning", theme.colours().warning.text))
            item.setToolTip(problem)
        return item

    def _follow_row(self, _row: int = 0) -> None:
        self.delete.setEnabled(self.list.currentItem() is not None)

    # -- what the user does

    def wanted(self) -> Breakpoint:
        """What is written above the list."""
        from nnstudio.program.breakpoint import Breakpoint

        node = self.node.currentText()
        phase: Any = self.phase.currentData()
        condition = self.condition.text().strip()
        return Breakpoint(None if node in (_ANY_NODE, "") else node, phase, None, condition or None)

    def add_one(self) -> None:
        """Set the breakpoint, unless it could stop nothing: then say why."""
        wanted = self.wanted()
        problem = self._problem(wanted)
        self.complaint.say(problem or "")
        if problem is None:
            self._stepper.add_breakpoint(wanted)
            self.condition.clear()
            self.list.setCurrentRow(self.list.count() - 1)

    def _problem(self, wanted: Breakpoint) -> str | None:
        if self._stepper.program is None:
            return self._stepper.sentence or "There is no program yet to stop in: connect some modules."
        return self._stepper.stops.problem(wanted, self._stepper.program)

    def _look_at_condition(self) -> None:
        """While one types, a complaint goes as soon as it is no longer so; none comes before Add."""
        if self.complaint.text() and self._problem(self.wanted()) is None:
            self.complaint.say("")

    def _switched(self, item: QListWidgetItem) -> None:
        self._stepper.stops.enable(item.data(_ROLE), item.checkState() == Qt.CheckState.Checked)

    def remove(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._stepper.remove_breakpoint(item.data(_ROLE))

    def _dress(self) -> None:
        self.refresh()
