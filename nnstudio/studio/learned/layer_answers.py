"""Every layer's answer to one sample: the classes as bars, and each layer's numbers as a strip of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nnstudio.studio import theme
from nnstudio.studio.colours import diverging
from nnstudio.studio.formats import count, number

Floats = NDArray[np.float64]
_NAME = 76
_BAR = (11, 15)
_STRIP = (20, 48)
"""Pixels, least and most, of a class's bar and of a layer's strip; those between as there is room."""
_BETWEEN = 8


class LayerAnswers(QWidget):
    """Nothing is drawn on the sheet yet: then it is empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.names: tuple[str, ...] = ()
        self.shares: Floats = np.zeros(0)
        self.layers: dict[str, NDArray[Any]] = {}
        self.setAccessibleName("Answers of the layers")

    def show_answers(
        self, names: tuple[str, ...], shares: Floats, layers: Mapping[str, NDArray[Any]]
    ) -> None:
        """What speaks for each class, and what each layer gives."""
        self.names, self.shares, self.layers = names, shares, dict(layers)
        order = np.argsort(-shares)[:3] if len(shares) else []
        words = ", ".join(f"{self._name(int(each))} {shares[each]:.0%}" for each in order)
        self.setAccessibleDescription(words)
        self.setMinimumHeight(self._tall(0))
        self.updateGeometry()
        self.update()

    def _name(self, index: int) -> str:
        return self.names[index] if index < len(self.names) else str(index)

    def _tall(self, most: int) -> int:
        return len(self.shares) * _BAR[most] + len(self.layers) * _STRIP[most] + _BETWEEN

    def sizeHint(self) -> QSize:
        return QSize(180, self._tall(0))

    @property
    def _bar(self) -> float:
        """How tall a class's bar is: they grow before the strips do."""
        room = self.height() - self._tall(0)
        return min(_BAR[1], _BAR[0] + max(0.0, room / max(1, len(self.shares))))

    def strip_box(self, index: int) -> QRectF:
        """Where the cells of a layer are, beside its name."""
        top = len(self.shares) * self._bar + _BETWEEN
        tall = (self.height() - top) / max(1, len(self.layers))
        tall = min(max(tall, _STRIP[0]), _STRIP[1])
        left = self._label_width() + 8
        return QRectF(left, top + index * tall, max(10.0, self.width() - left - 6), tall - 5)

    def _label(self, name: str) -> str:
        return f"{name} · {self.layers[name].size:,}"

    def _label_width(self) -> float:
        metrics = QFontMetrics(theme.font(11))
        longest = max((metrics.horizontalAdvance(self._label(name)) for name in self.layers), default=0)
        return min(longest, 0.4 * self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        self._paint_bars(painter)
        self._paint_strips(painter)
        painter.end()

    def _paint_bars(self, painter: QPainter) -> None:
        c = theme.colours()
        metrics = painter.fontMetrics()
        best = int(self.shares.argmax()) if len(self.shares) else -1
        names = max((metrics.horizontalAdvance(self._name(i)) for i in range(len(self.shares))), default=0)
        left = min(names, _NAME) + 8
        room = max(10, self.width() - left - 44)
        centre = Qt.AlignmentFlag.AlignVCenter
        tall = self._bar
        for index, share in enumerate(self.shares.tolist()):
            top = index * tall
            strong = index == best
            painter.setPen(QColor(c.text if strong else c.dim))
            words = metrics.elidedText(self._name(index), Qt.TextElideMode.ElideRight, _NAME)
            painter.drawText(QRectF(0, top, left - 6, tall), Qt.AlignmentFlag.AlignRight | centre, words)
            painter.fillRect(QRectF(left, top + 2, room, tall - 4), QColor(c.raised))
            painter.fillRect(QRectF(left, top + 2, room * share, tall - 4), QColor(c.forward.mark))
            painter.drawText(QRectF(left + room + 6, top, 40, tall), centre, f"{share:.0%}")

    def _paint_strips(self, painter: QPainter) -> None:
        c = theme.colours()
        metrics, wide = painter.fontMetrics(), self._label_width()
        for index, (name, values) in enumerate(self.layers.items()):
            box = self.strip_box(index)
            painter.setPen(QColor(c.dim))
            words = metrics.elidedText(self._label(name), Qt.TextElideMode.ElideMiddle, int(wide) + 1)
            beside = QRectF(0, box.top(), wide + 1, box.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
            pixels = diverging(cells(values), float(np.abs(values).max(initial=0)), c)
            rows, columns = pixels.shape[:2]
            whole = np.ascontiguousarray(pixels)
            image = QImage(whole.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            painter.drawImage(box, image)
            painter.setPen(QColor(c.border))
            painter.drawRect(box)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for index, (name, values) in enumerate(self.layers.items()):
                if self.strip_box(index).contains(event.pos().toPointF()):
                    on = int(np.count_nonzero(values > 0))
                    largest = number(float(values.max()))
                    words = f"{name}: {count(values.size, 'number')}, {on:,} above 0, the largest {largest}"
                    QToolTip.showText(event.globalPos(), words, self)
                    return True
        return super().event(event)


def cells(values: NDArray[Any]) -> Floats:
    """The numbers in rows, NaN where the last row is not full."""
    flat = np.asarray(values, np.float64).reshape(-1)
    rows = 1 if len(flat) <= 64 else -(-len(flat) // 64) if len(flat) <= 512 else 8
    columns = -(-len(flat) // rows)
    found = np.zeros(rows * columns)
    found[: len(flat)] = flat
    return found.reshape(rows, columns)
