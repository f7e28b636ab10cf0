"""A node's equations: its formula, and the lines of the program that compute it forwards and backwards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnstudio.program.statement import Statement
from nnstudio.studio import theme
from nnstudio.studio.panels.sections import empty_layout

MOST_LINES = 12


class PhaseDot(QWidget):
    """A dot in the colour of a phase."""

    def __init__(self, phase: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase = phase
        self.setToolTip(phase)
        self.setAccessibleName(phase)
        self.setFixedSize(8, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().phase(self._phase).mark))
        painter.drawEllipse(QRectF(0.5, 5.5, 7, 7))


class EquationsBox(QFrame):
    """Blue dots before what runs forwards, vermillion ones before what runs backwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "box")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self._formula = QLabel()
        self._formula.setTextFormat(Qt.TextFormat.PlainText)
        self._formula.setWordWrap(True)
        self._formula.setFont(theme.font(15))
        self._column.addWidget(self._formula)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self._column.addLayout(self._lines)
        self._shown: tuple[str, ...] = ()

    def show_equations(self, formula: str, statements: Sequence[Statement]) -> None:
        self._formula.setText(formula)
        self._formula.setVisible(bool(formula))
        texts = tuple(statement.text for statement in statements)
        self.setVisible(bool(formula or texts))
        if texts == self._shown:
            return
        self._shown = texts
        empty_layout(self._lines)
        for statement in statements[:MOST_LINES]:
            self._lines.addWidget(_line(statement))
        if len(texts) > MOST_LINES:
            more = QLabel(f"and {len(texts) - MOST_LINES} more in the program")
            more.setProperty("kind", "dim")
            self._lines.addWidget(more)

    def texts(self) -> tuple[str, ...]:
        """The lines as they are shown."""
        return self._shown


class _Code(QLabel):
    """A line of code that may break between any two words without asking for room."""

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())


def _line(statement: Statement) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(8)
    # A zero-width space after each bracket: where a long expression may go on in the next line.
    code = _Code(statement.text.replace("(", "(\u200b"))
    code.setTextFormat(Qt.TextFormat.PlainText)
    code.setWordWrap(True)
    code.setFont(theme.font(12, mono=True))
    code.setProperty("kind", "code")
    across.addWidget(PhaseDot(statement.phase), 0, Qt.AlignmentFlag.AlignTop)
    across.addWidget(code, 1)
    return row
