"""The lines of the program pane: what each row holds, and how it is painted."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.studio import theme
from nnstudio.studio.colours import mix

if TYPE_CHECKING:
    from nnstudio.graph import Problem
    from nnstudio.program import Program, Statement

Index = QModelIndex | QPersistentModelIndex
ROW = 20
MARGIN = 18
"""Where breakpoints are."""
GUTTER = 54
"""The margin and the line numbers."""
CODE = GUTTER + 12
BESIDE = 52
"""Characters of a line beside which the calls stand; what is longer is cut."""
_BELOW = 24  # pixels that calls are indented below their line
_TITLES = {
    "zero_grad": "zero the gradients",
    "forward": "forward",
    "backward": "backward",
    "update": "update",
}
_NAME = re.compile(r"[A-Za-z_]\w*")


class Line(NamedTuple):
    """One row: a statement, a call it became (`call`), the heading of a phase, or where the program ends.

    With calls beside, `beside` is the first of them; the others follow in rows that have no `text`.
    """

    text: str
    phase: str
    statement: Statement | None = None
    call: bool = False
    beside: str = ""
    problem: Problem | None = None


class ProgramLines(QAbstractListModel):
    """The rows, made when the program or the way of showing it changes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.widest = 0  # characters in the longest line, calls beside it included
        self.column = 0  # the character at which calls stand beside; 0 where they do not
        self._rows: dict[int, int] = {}

    def show_program(
        self,
        program: Program | None,
        as_run: bool = False,
        beside: bool = False,
        problem: Problem | None = None,
    ) -> None:
        """`as_run` adds the calls, beside each statement or below it; `problem` is where the program ends."""
        lines: list[Line] = []
        rows: dict[int, int] = {}
        phase = ""
        for statement in program.statements if program is not None else ():
            if statement.phase != phase:
                if phase == "forward" and problem is not None:
                    lines.append(_end(problem))
                phase = statement.phase
                lines.append(Line(f"# {_TITLES[phase]}", phase))
            rows[statement.index] = len(lines)
            calls = program.lowered(statement).splitlines() if as_run and program is not None else []
            if beside:
                lines.append(Line(statement.text, phase, statement, beside=calls[0] if calls else ""))
                lines.extend(Line("", phase, statement, True, call) for call in calls[1:])
            else:
                lines.append(Line(statement.text, phase, statement))
                lines.extend(Line(call, phase, statement, True) for call in calls)
        if problem is not None and not any(line.problem for line in lines):
            lines.append(_end(problem))
        self.beginResetModel()
        self.lines, self._rows = lines, rows
        self.widest = max((len(line.text) for line in lines), default=0)
        self.column = min(self.widest, BESIDE) + 3 if as_run and beside else 0
        if self.column:
            self.widest = self.column + max((len(line.beside) for line in lines), default=0)
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
            return line.text or line.beside
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if line.problem is not None:
                return f"The program ends here: {line.problem.sentence}"
            if line.statement is not None:
                calls = f", runs as {line.beside}" if line.beside else ""
                return f"{line.statement.index + 1}, {line.phase}: {line.text}{calls}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.lines[index.row()].statement is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def name_at(self, row: int, x: float) -> tuple[str, int, int] | None:
        """The name that stands `x` pixels from a line's left, and from which character to which."""
        line = self.lines[row]
        if line.statement is None or not line.text:
            return None
        left = CODE + (_BELOW if line.call else 0)
        place = int((x - left) // character()) if x >= left else -1
        for found in _NAME.finditer(line.text):
            if found.start() <= place < found.end():
                return found.group(), found.start(), found.end()
        return None


def _end(problem: Problem) -> Line:
    return Line(f"ends here: {problem.sentence}", "forward", problem=problem)


@cache
def character() -> float:
    """The width of a character of code."""
    return QFontMetricsF(theme.font(12, mono=True)).horizontalAdvance("m")


class Shown(Protocol):
    """What the painter asks of the pane."""

    model: ProgramLines

    def is_current(self, statement: Statement) -> bool: ...
    def is_marked(self, statement: Statement) -> bool: ...
    def stop_at(self, statement: Statement) -> bool | None: ...
    def hovered_margin(self) -> int: ...


class LinePainter(QStyledItemDelegate):
    """Breakpoint, line number, phase bar, code; the current line on its phase's colour."""

    def __init__(self, panel: Shown, parent: QWidget) -> None:
        super().__init__(parent)
        self._panel = panel

    def sizeHint(self, option: Option, index: Index) -> QSize:
        """All rows are alike, so that the list asks once and not for thousands of lines."""
        return QSize(round(character() * (self._panel.model.widest + 4)) + CODE + 4, ROW)

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
        band = box.adjusted(MARGIN, 0, -4, 0)
        if current:
            painter.setBrush(QColor(accent.fill))
            painter.drawRoundedRect(band, 4, 4)
            ink = accent.on_fill
        elif line.statement is not None and panel.is_marked(line.statement):
            painter.setBrush(QColor(c.selected))
            painter.drawRoundedRect(band, 4, 4)
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected and not current:
            painter.setBrush(QColor(mix(c.selected, c.focus, 0.18)))
            painter.drawRoundedRect(band, 4, 4)
        painter.setFont(theme.font(12, mono=True))
        left, middle = box.left(), Qt.AlignmentFlag.AlignVCenter
        if line.statement is None:
            ends = line.problem is not None
            painter.setPen(QColor(c.error.text if ends else accent.text))
            painter.drawText(box.adjusted(CODE, 0, 0, 0), middle, line.text)
            if ends:
                theme.icon("error", c.error.text).paint(
                    painter, round(left) + GUTTER - 8, round(box.top()) + 3, 14, 14
                )
            painter.restore()
            return
        if not line.call:
            self._paint_margin(painter, box, index.row(), line.statement)
            painter.setFont(theme.font(11, mono=True))
            painter.setPen(QColor(ink if current else c.dim))
            number = QRectF(left, box.top(), GUTTER - 8, box.height())
            right = int(Qt.AlignmentFlag.AlignRight | middle)
            painter.drawText(number, right, str(line.statement.index + 1))
            painter.setFont(theme.font(12, mono=True))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(accent.on_fill if current else accent.mark))
        painter.drawRect(QRectF(left + GUTTER, box.top() + 3, 3, box.height() - 6))
        column = panel.model.column
        start = CODE + (_BELOW if line.call and not column else 0)
        text, wide = line.text, character()
        if column and len(text) > column - 2:
            text = f"{text[: column - 3]}…"
        painter.setPen(QColor(c.dim if line.call else ink))
        painter.drawText(box.adjusted(start, 0, 0, 0), middle, text)
        if line.beside:
            painter.setPen(QColor(accent.on_fill if current else c.dim))
            painter.drawText(box.adjusted(CODE + wide * column, 0, 0, 0), middle, line.beside)
        painter.restore()

    def _paint_margin(self, painter: QPainter, box: QRectF, row: int, statement: Statement) -> None:
        """A full dot stops; an empty one is switched off; a faint one is where a click would set it."""
        c = theme.colours()
        stop = self._panel.stop_at(statement)
        if stop is None and row != self._panel.hovered_margin():
            return
        tint = QColor(c.faint if stop is None else c.error.mark)
        painter.setPen(QPen(tint, 1.5))
        painter.setBrush(tint if stop else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(box.left() + 5, box.top() + ROW / 2 - 4, 8, 8))
        painter.setPen(Qt.PenStyle.NoPen)
