"""The names of curves, each in its colour with its last value; pressed, its curve is hidden or shown."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from nnstudio.studio import theme

_SAMPLE = 14  # pixels of a line before the name
_PAD = 4
_HEIGHT = 18


class Detail(IntEnum):
    """How much of an entry there is room for; what is left out stands in its tip."""

    LINE = 0
    VALUE = 1
    ALL = 2


class LegendEntry(QAbstractButton):
    """One curve: a piece of its line, its name, and its last value."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = ""
        self._detail = Detail.ALL
        self._line = QPen()
        self._note = ""
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

    def note(self, words: str) -> None:
        """What there is to know about the curve, for the tool tip."""
        if words != self._note:
            self._note = words
            self._tell()

    def set_detail(self, detail: Detail) -> None:
        """As large as it is then."""
        if detail != self._detail:
            self._detail = detail
            self._tell()
        self.resize(self.sizeHint())
        self.update()

    def dress(self, line: QPen, words: str) -> None:
        self._line, self.words = QPen(line), words
        self.update()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._shown())
        return QSize(_PAD + _SAMPLE + (6 + width if width else 0) + _PAD, _HEIGHT)

    def _shown(self) -> str:
        if self._detail == Detail.LINE:
            return ""
        return self.text() if self._detail == Detail.ALL or not self._value else self._value

    def _tell(self) -> None:
        state = "shown" if self.isChecked() else "hidden"
        self.setAccessibleName(f"{self.text()}, {state}")
        act = f"{'Hide' if self.isChecked() else 'Show'} the curve of {self.name}"
        words = (self.text() if self._detail != Detail.ALL else "", self._note, act)
        self.setToolTip("\n".join(word for word in words if word))
        self.setAccessibleDescription(self._note)

    def paintEvent(self, e: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        # Its ground lets what runs behind be guessed, and the words be read.
        ground = QColor(c.inset)
        ground.setAlphaF(0.75)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 4, 4)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        on = self.isChecked()
        line = QPen(self._line)
        if not on:
            line.setColor(QColor(c.faint))
        line.setCosmetic(False)
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
