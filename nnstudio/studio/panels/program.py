"""The program pane: what runs, as the NumPy code a person would have written, the current line lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.panels.program_lines import CODE, GUTTER, LinePainter, ProgramLines, character
from nnstudio.studio.steady import Steady
from nnstudio.studio.stepping.stepper import Stepper
from nnstudio.studio.stepping.value_tip import value_tip

if TYPE_CHECKING:
    from nnstudio.program import Statement

ROOM_FOR_CALLS = 600
"""Pixels from which calls stand beside their line, and not below it."""


class LineList(QListView):
    """Copies with Ctrl+C; its margin sets breakpoints, by a click or F9; names tell what they hold."""

    copied = Signal()
    margin_clicked = Signal(int)  # a row
    resized = Signal()

    def __init__(self, panel: ProgramPanel) -> None:
        super().__init__()
        self._panel = panel
        self.margin_row = -1
        """The row whose margin the pointer is on."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() == Qt.Key.Key_F9:
            self._panel.toggle_breakpoint()
        else:
            super().keyPressEvent(event)

    def _margin_at(self, place: QPoint) -> int:
        """The row whose margin is there, -1 where none is."""
        index = self.indexAt(place)
        inside = index.isValid() and place.x() - self.visualRect(index).left() < GUTTER
        line = self._panel.model.lines[index.row()] if inside else None
        return index.row() if line is not None and line.statement is not None and not line.call else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._margin_at(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.margin_clicked.emit(row)
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._margin_at(event.position().toPoint()))
        if self.margin_row < 0:
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.margin_row:
            self.margin_row = row
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words, where = self._panel.tip_at(event.pos())
            if words:
                QToolTip.showText(event.globalPos(), words, self.viewport(), where)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class ProgramPanel(QWidget):
    """Follows the stepper; a click on a line selects its node, a selected node marks its lines."""

    problem_wanted = Signal(object)  # the Problem at which the program ends

    def __init__(self, stepper: Stepper, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._canvas = stepper, canvas
        self._marked: set[str] = set()
        self._following = False
        self._stops: dict[int, bool] = {}
        self._beside = False
        self._lit_row = -1
        self.setAccessibleName("Program")
        self.model = ProgramLines(self)
        self.list = LineList(self)
        self.list.setModel(self.model)
        self.list.setProperty("kind", "inset")
        self.list.setAccessibleName("Statements of the program")
        self.list.setItemDelegate(LinePainter(self, self))
        self.list.setUniformItemSizes(True)
        self.list.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setMouseTracking(True)
        self.nothing = QLabel()
        self.nothing.setProperty("kind", "dim")
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(4, 4, 4, 4)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.as_run = QToolButton()
        self.as_run.setText("As run")
        self.as_run.setCheckable(True)
        self.as_run.setProperty("kind", "quiet")
        self.as_run.setToolTip("Show beside each statement the in-place calls that it runs as")
        self.copy = QToolButton()
        self.copy.setText("Copy")
        self.copy.setProperty("kind", "quiet")
        self.copy.setToolTip("Copy the selected lines, or the whole program as text that runs")
        self.notice = QLabel()
        self.notice.setProperty("kind", "warning")
        self.notice.setWordWrap(True)
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        self.notice.setContentsMargins(4, 0, 4, 4)
        self.notice.hide()
        self.where = QLabel()
        self.where.setProperty("kind", "dim")
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 0, 0)
        row.addWidget(Steady(self.where), 1)
        row.addWidget(self.as_run)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.notice)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.as_run.toggled.connect(self.rebuild)
        self.copy.clicked.connect(self.copy_text)
        self.list.copied.connect(self.copy_text)
        self.list.selectionModel().selectionChanged.connect(self._choose)
        self.list.clicked.connect(self._clicked)
        self.list.margin_clicked.connect(self._toggle_row)
        self.list.resized.connect(self._follow_width)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        stepper.restarted.connect(self._say_restarted)
        stepper.breakpoints_changed.connect(self._follow_stops)
        stepper.recompiled.connect(self.rebuild)
        stepper.moved.connect(self.follow)
        canvas.selection_changed.connect(self._mark)
        self.rebuild()

    # -- what is lit

    def is_current(self, statement: Statement) -> bool:
        return statement is self._stepper.statement

    def is_marked(self, statement: Statement) -> bool:
        return self._canvas.sheet.here(statement.path) in self._marked

    def current_row(self) -> int:
        """The row of the statement that is lit, -1 where none is."""
        statement = self._stepper.statement
        return -1 if statement is None else self.model.row_of(statement)

    def rebuild(self) -> None:
        """Another program, or another way of showing it."""
        stepper = self._stepper
        self._beside = self.list.viewport().width() >= ROOM_FOR_CALLS
        self.model.show_program(
            stepper.program,
            self.as_run.isChecked(),
            self._beside,
            stepper.obstacle if stepper.ready else None,
        )
        self.notice.hide()
        self._follow_stops()
        count = len(self._stepper.statements())
        self.nothing.setText(self._stepper.sentence or "The program appears here once modules are connected.")
        self.nothing.setVisible(not count or bool(self._stepper.sentence))
        self.list.setVisible(bool(count))
        self.copy.setEnabled(bool(count))
        self.as_run.setEnabled(bool(count))
        self.follow()

    def _follow_width(self) -> None:
        """Calls stand beside their lines where there is room."""
        if self.as_run.isChecked() and self._beside != (self.list.viewport().width() >= ROOM_FOR_CALLS):
            self.rebuild()

    def _say_restarted(self, sentence: str) -> None:
        self.notice.setText(sentence)
        self.notice.show()

    def follow(self) -> None:
        """Light the current line and bring it into view."""
        if self._stepper.moment > 0:
            self.notice.hide()
        row, statement = self.current_row(), self._stepper.statement
        total = len(self._stepper.statements())
        if statement is None or row < 0:
            self.where.setText(f"{total:,} statements" if total != 1 else "1 statement")
            if not total:
                self.where.setText("")
        else:
            node = f" · {statement.node}" if statement.node else ""
            self.where.setText(f"{statement.index + 1} of {total:,}{node} · {statement.quantity}")
            # The line before it and the two behind it come along.
            for near in (row - 1, min(row + 2, len(self.model.lines) - 1), row):
                self.list.scrollTo(self.model.index(max(0, near)), QListView.ScrollHint.EnsureVisible)
        for lit in {self._lit_row, row} - {-1}:
            self.list.update(self.model.index(lit))
        self._lit_row = row

    # -- breakpoints

    def stop_at(self, statement: Statement) -> bool | None:
        """Whether a breakpoint at a line stops; None where there is none."""
        return self._stops.get(statement.index)

    def hovered_margin(self) -> int:
        return self.list.margin_row

    def _follow_stops(self) -> None:
        program = self._stepper.program
        self._stops = {}
        for each in self._stepper.breakpoints if program is not None else ():
            for line in self._stepper.statements():
                if program is not None and each.is_at(program, line):
                    self._stops[line.index] = each.enabled or self._stops.get(line.index, False)
        self.list.viewport().update()

    def toggle_breakpoint(self) -> None:
        """On the line that has the keyboard."""
        index = self.list.currentIndex()
        if index.isValid():
            self._toggle_row(index.row())

    def _toggle_row(self, row: int) -> None:
        from nnstudio.program.breakpoint import Breakpoint

        statement, program = self.model.lines[row].statement, self._stepper.program
        if statement is None or program is None:
            return
        there = [each for each in self._stepper.breakpoints if each.is_at(program, statement)]
        for each in there:
            self._stepper.remove_breakpoint(each)
        if not there:
            self._stepper.add_breakpoint(Breakpoint(statement=statement.text))

    def _show_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        statement = self.model.lines[index.row()].statement if index.isValid() else None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if statement is not None:
            run = menu.addAction("Run to This Line")
            run.setEnabled(self._stepper.can_step)
            run.triggered.connect(lambda: self._stepper.run_to(statement=statement))
            words = "Remove the Breakpoint" if statement.index in self._stops else "Breakpoint on This Line"
            menu.addAction(words).triggered.connect(lambda: self._toggle_row(self.model.row_of(statement)))
            menu.addSeparator()
        menu.addAction("Copy").triggered.connect(lambda: self.copy_text())
        menu.popup(self.list.viewport().mapToGlobal(place))

    # -- what a name holds

    def tip_at(self, place: QPoint) -> tuple[str, QRect]:
        """What is said about the place under the pointer, and how far that holds."""
        index = self.list.indexAt(place)
        if not index.isValid():
            return "", QRect()
        box, line = self.list.visualRect(index), self.model.lines[index.row()]
        x = place.x() - box.left()
        if line.problem is not None:
            return "Click to see what is wrong", box
        if line.statement is not None and x < GUTTER and not line.call:
            there = line.statement.index in self._stops
            return ("Click to remove the breakpoint" if there else "Click to stop here"), box
        found = self.model.name_at(index.row(), x)
        if found is not None:
            name, first, last = found
            words = value_tip(self._stepper, name)
            if words is not None:
                wide = character()
                return words, QRect(
                    round(box.left() + CODE + first * wide),
                    box.top(),
                    round((last - first) * wide),
                    box.height(),
                )
        if line.statement is None or not line.statement.node:
            return "", QRect()
        return f"{line.statement.node} · {line.statement.torch7}", box

    # -- selecting

    def _clicked(self, index: QModelIndex) -> None:
        problem = self.model.lines[index.row()].problem
        if problem is not None:
            self.problem_wanted.emit(problem)

    def _mark(self) -> None:
        marked = set(self._canvas.selected_nodes())
        if marked == self._marked:
            return
        self._marked = marked
        if marked and not self._following:
            first = next(
                (
                    i
                    for i, line in enumerate(self.model.lines)
                    if line.statement and self.is_marked(line.statement)
                ),
                -1,
            )
            if first >= 0:
                self.list.scrollTo(self.model.index(first), QListView.ScrollHint.EnsureVisible)
        self.list.viewport().update()

    def _choose(self) -> None:
        """Lines are selected: select their nodes."""
        sheet = self._canvas.sheet
        nodes = {
            sheet.here(line.statement.path)
            for line in (self.model.lines[index.row()] for index in self.list.selectedIndexes())
            if line.statement is not None
        }
        here = [node for node in nodes if node is not None and node in sheet.level.nodes]
        if here:
            self._following = True
            self._canvas.select(here)
            if len(here) == 1:
                self._canvas.reveal(here[0])
            self._following = False

    def copy_text(self) -> None:
        """Put the selected lines, or the whole program, on the clipboard."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        if len(rows) > 1:
            text = "\n".join(self.model.lines[row].text for row in rows if self.model.lines[row].text)
        else:
            program = self._stepper.program
            text = "" if program is None else program.source
        QGuiApplication.clipboard().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "list"):
            self.list.viewport().update()
        super().changeEvent(event)
