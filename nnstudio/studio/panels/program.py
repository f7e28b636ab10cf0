"""The program pane: what runs, as the NumPy code a person would have written, the current line lit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.studio import theme
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.colours import mix
from nnstudio.studio.stepping import Stepper

if TYPE_CHECKING:
    from nnstudio.program import Statement

Index = QModelIndex | QPersistentModelIndex
_ROW = 20
_GUTTER = 44
_TITLES = {
    "zero_grad": "zero the gradients",
    "forward": "forward",
    "backward": "backward",
    "update": "update",
}


class Line(NamedTuple):
    """One row: a statement, one of the calls it became (`call`), or the heading of a phase."""

    text: str
    phase: str
    statement: Statement | None = None
    call: bool = False


class ProgramLines(QAbstractListModel):
    """The rows, made when the program or the way of showing it changes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.widest = 0  # characters in the longest line
        self._rows: dict[int, int] = {}

    def show_program(self, stepper: Stepper, as_run: bool) -> None:
        lines: list[Line] = []
        rows: dict[int, int] = {}
        phase = ""
        for statement in stepper.statements():
            if statement.phase != phase:
                phase = statement.phase
                lines.append(Line(f"# {_TITLES[phase]}", phase))
            rows[statement.index] = len(lines)
            lines.append(Line(statement.text, phase, statement))
            if as_run and stepper.program is not None:
                calls = stepper.program.lowered(statement).splitlines()
                lines.extend(Line(call, phase, statement, True) for call in calls)
        self.beginResetModel()
        self.lines, self._rows = lines, rows
        self.widest = max((len(line.text) for line in lines), default=0)
        self.endResetModel()

    def row_of(self, statement: Statement) -> int:
        """-1 where the statement is not of the program shown."""
        row = self._rows.get(statement.index, -1)
        return row if row >= 0 and self.lines[row].text == statement.text else -1

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.ToolTipRole and line.statement is not None and line.statement.node:
            return f"{line.statement.node} · {line.statement.quantity} · {line.phase}"
        if role == Qt.ItemDataRole.AccessibleTextRole and line.statement is not None:
            return f"{line.statement.index + 1}, {line.phase}: {line.text}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.lines[index.row()].statement is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Painter(QStyledItemDelegate):
    """Line number, phase bar, code; the current line on its phase's colour."""

    def __init__(self, panel: ProgramPanel) -> None:
        super().__init__(panel)
        self._panel = panel

    def sizeHint(self, option: Option, index: Index) -> QSize:
        """All rows are alike, so that the list asks once and not for thousands of lines."""
        wide = QFontMetricsF(theme.font(12, mono=True)).horizontalAdvance("m") * (
            self._panel.model.widest + 4
        )
        return QSize(round(wide) + _GUTTER + 16, _ROW)

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        c = theme.colours()
        panel = self._panel
        line = panel.model.lines[index.row()]
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        accent = c.phase(line.phase)
        current = line.statement is not None and not line.call and panel.is_current(line.statement)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ink = c.text
        if current:
            painter.setBrush(QColor(accent.fill))
            painter.drawRoundedRect(box.adjusted(4, 0, -4, 0), 4, 4)
            ink = accent.on_fill
        elif line.statement is not None and panel.is_marked(line.statement):
            painter.setBrush(QColor(c.selected))
            painter.drawRoundedRect(box.adjusted(4, 0, -4, 0), 4, 4)
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected and not current:
            painter.setBrush(QColor(mix(c.selected, c.focus, 0.18)))
            painter.drawRoundedRect(box.adjusted(4, 0, -4, 0), 4, 4)
        left = box.left()
        if line.statement is None:
            painter.setFont(theme.font(12, mono=True))
            painter.setPen(QColor(accent.text))
            painter.drawText(box.adjusted(_GUTTER + 12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, line.text)
            painter.restore()
            return
        if not line.call:
            painter.setFont(theme.font(11, mono=True))
            painter.setPen(QColor(ink if current else c.dim))
            number = QRectF(left, box.top(), _GUTTER - 8, box.height())
            painter.drawText(
                number,
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                str(line.statement.index + 1),
            )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(accent.on_fill if current else accent.mark))
        painter.drawRect(QRectF(left + _GUTTER, box.top() + 3, 3, box.height() - 6))
        font = theme.font(12, mono=True)
        painter.setFont(font)
        painter.setPen(QColor(c.dim if line.call else ink))
        indent = _GUTTER + (36 if line.call else 12)
        painter.drawText(box.adjusted(indent, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, line.text)
        painter.restore()


class _List(QListView):
    """Copies with Ctrl+C."""

    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class ProgramPanel(QWidget):
    """Follows the stepper; a click on a line selects its node, a selected node marks its lines."""

    def __init__(self, stepper: Stepper, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._canvas = stepper, canvas
        self._marked: set[str] = set()
        self._following = False
        self.setAccessibleName("Program")
        self.model = ProgramLines(self)
        self.list = _List()
        self.list.setModel(self.model)
        self.list.setProperty("kind", "inset")
        self.list.setAccessibleName("Statements of the program")
        self.list.setItemDelegate(_Painter(self))
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
        self.as_run.setToolTip("Show below each statement the in-place calls that it runs as")
        self.copy = QToolButton()
        self.copy.setText("Copy")
        self.copy.setProperty("kind", "quiet")
        self.copy.setToolTip("Copy the selected lines, or the whole program as text that runs")
        self.where = QLabel()
        self.where.setProperty("kind", "dim")
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 0, 0)
        row.addWidget(self.where, 1)
        row.addWidget(self.as_run)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.as_run.toggled.connect(self.rebuild)
        self.copy.clicked.connect(self.copy_text)
        self.list.copied.connect(self.copy_text)
        self.list.selectionModel().selectionChanged.connect(self._choose)
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
        self.model.show_program(self._stepper, self.as_run.isChecked())
        count = len(self._stepper.statements())
        self.nothing.setText(self._stepper.sentence or "The program appears here once modules are connected.")
        self.nothing.setVisible(not count or bool(self._stepper.sentence))
        self.list.setVisible(bool(count))
        self.copy.setEnabled(bool(count))
        self.as_run.setEnabled(bool(count))
        self.follow()

    def follow(self) -> None:
        """Light the current line and bring it into view."""
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
        self.list.viewport().update()

    # -- selecting

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
            text = "\n".join(self.model.lines[row].text for row in rows)
        else:
            program = self._stepper.program
            text = "" if program is None else program.source
        QGuiApplication.clipboard().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "list"):
            self.list.viewport().update()
        super().changeEvent(event)
