"""The names of curves, each in its colour with its last value; pressed, its curve is hidden or shown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from nnstudio.studio import theme

_SAMPLE = 14  # pixels of a line before the name
_PAD = 4
_HEIGHT = 18


class LegendEntry(QAbstractButton):
    """One curve: a piece of its line, its name, and its last value."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = ""
        self._named = True
        self._line = QPen()
        self.words = ""
        """The colour of its name."""
        self.name = name
        self.setCheckable(True)
        self.setChecked(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._tell)
        self.say("")

    def say(self, value: str) -> None:
        """The last value of the curve, in words."""
        self._value = value
        self.setText(f"{self.name} {value}".strip())
        self._tell()

    def set_named(self, named: bool) -> None:
        """Whether there is room for the name beside the value."""
        self._named = named
        self.update()

    def dress(self, line: QPen, words: str) -> None:
        self._line, self.words = QPen(line), words
        self.update()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._shown())
        return QSize(_PAD + _SAMPLE + 6 + width + _PAD, _HEIGHT)

    def _shown(self) -> str:
        return self.text() if self._named or not self._value else self._value

    def _tell(self) -> None:
        state = "shown" if self.isChecked() else "hidden"
        self.setAccessibleName(f"{self.text()}, {state}")
        self.setToolTip(f"{'Hide' if self.isChecked() else 'Show'} the curve of {self.name}")

    def paintEvent(self, e: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        on = self.isChecked()
        line = QPen(self._line)
        if not on:
            line.setColor(QColor(c.faint))
        line.setWidthF(2)
        painter.setPen(line)
        middle = box.center().y()
        painter.drawLine(QPointF(_PAD, middle), QPointF(_PAD + _SAMPLE, middle))
        font = self.font()
        font.setStrikeOut(not on)
        painter.setFont(font)
        painter.setPen(QColor(self.words if on else c.dim))
        painter.drawText(
            box.adjusted(_PAD + _SAMPLE + 6, 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self._shown(),
        )
        painter.end()
