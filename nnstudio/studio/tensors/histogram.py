"""How the numbers of a tensor are spread: bars over their range, zero marked, each bar can be asked."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nnstudio.explain.statistics import Statistics
from nnstudio.studio import theme
from nnstudio.studio.formats import count, number
from nnstudio.studio.tensors.heat_map import STALE_OPACITY


class Histogram(QWidget):
    """Of the finite numbers; the tallest bar fills the height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histogram")
        self._of: Statistics | None = None
        self._true = True

    def show_statistics(self, of: Statistics | None, true: bool) -> None:
        self._of, self._true = of, true
        if of is not None and of.histogram.any():
            at = int(of.histogram.argmax())
            self.setAccessibleDescription(
                f"Most numbers, {int(of.histogram[at]):,} of {of.count:,}, lie between "
                f"{number(float(of.edges[at]))} and {number(float(of.edges[at + 1]))}"
            )
        else:
            self.setAccessibleDescription("")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 56)

    def plot_box(self) -> QRectF:
        return QRectF(0, 16, self.width(), max(8, self.height() - 36))

    def bar_at(self, spot: QPointF) -> int | None:
        """The bar under a point."""
        box = self.plot_box()
        if self._of is None or not box.contains(spot):
            return None
        bars = len(self._of.histogram)
        return min(bars - 1, int((spot.x() - box.left()) / box.width() * bars))

    def words_of(self, bar: int) -> str:
        """ "12 numbers from −0.1 to −0.05" """
        assert self._of is not None
        low, high = (number(float(self._of.edges[bar + side])) for side in (0, 1))
        return f"{count(int(self._of.histogram[bar]), 'number')} from {low} to {high}"

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self.bar_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if bar is None else self.words_of(bar), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        of = self._of
        if of is None or not of.histogram.any():
            return
        painter = QPainter(self)
        c, box = theme.colours(), self.plot_box()
        most, bars = int(of.histogram.max()), len(of.histogram)
        pitch = box.width() / bars
        low, high = float(of.edges[0]), float(of.edges[-1])
        painter.setOpacity(1.0 if self._true else STALE_OPACITY)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, many in enumerate(of.histogram.tolist()):
            if not many:
                continue
            middle = (float(of.edges[at]) + float(of.edges[at + 1])) / 2
            painter.setBrush(QColor(c.positive if middle >= 0 else c.negative))
            tall = max(1.0, many / most * box.height())
            painter.drawRect(
                QRectF(box.left() + at * pitch + 0.5, box.bottom() - tall, max(1.0, pitch - 1), tall)
            )
        painter.setOpacity(1.0)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if low < 0 < high:
            x = box.left() - low / (high - low) * box.width()
            painter.setPen(QPen(QColor(c.dim), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setFont(theme.font(11, mono=True))
        painter.setPen(QColor(c.dim))
        below = QRectF(box.left(), box.bottom() + 2, box.width(), 16)
        middle_y = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | middle_y, number(low))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | middle_y, number(high))
        if low < 0 < high and 60 < -low / (high - low) * box.width() < box.width() - 60:
            x = box.left() - low / (high - low) * box.width()
            painter.drawText(QRectF(x - 20, below.top(), 40, 16), Qt.AlignmentFlag.AlignCenter, "0")
        above = QRectF(box.left(), 0, box.width(), 14)
        words = f"tallest bar: {most:,}" if math.isfinite(low) else ""
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | middle_y, words)
        painter.end()
