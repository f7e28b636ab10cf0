"""How the numbers of one array are spread, over the run: time across, values upwards, more is brighter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nnstudio.studio import theme
from nnstudio.studio.formats import number
from nnstudio.studio.training.figures import moments, spread

if TYPE_CHECKING:
    from nnstudio.training.watching import Figure

_ROWS, _COLUMNS = 48, 240
_LEFT, _BELOW = 44, 20
ACCENTS = {"parameter": "update", "gradient": "backward", "activation": "forward"}


class SpreadView(QWidget):
    """The picture, with the least and the greatest value beside it and the updates below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures: list[Figure] = []
        self.setMinimumSize(120, 64)
        self.setAccessibleName("Histograms over the run")

    def show_figures(self, figures: list[Figure]) -> None:
        self.figures = figures
        self.setAccessibleDescription(in_words(figures[-1]) if figures else "")
        self.setToolTip(self.accessibleDescription())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.inset))
        painter.drawRoundedRect(self.rect(), 6, 6)
        painter.setPen(QColor(c.dim))
        painter.setFont(theme.font(11))
        if not self.figures:
            words = "Train with this open to see how the numbers of each layer spread."
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(16, 8, -16, -8), flags, words)
            painter.end()
            return
        shares, low, high = spread(self.figures, _ROWS)
        shares = shares[:, moments(self.figures, _COLUMNS)]
        metrics = painter.fontMetrics()
        left = max(_LEFT, 8 + max(metrics.horizontalAdvance(number(each)) for each in (low, high)))
        box = QRectF(self.rect()).adjusted(left, 8, -10, -_BELOW)
        accent = c.phase(ACCENTS[self.figures[-1].kind])
        painter.drawImage(box, _image(shares, c.inset, accent.mark))
        if low < 0 < high:
            zero = box.bottom() + low / (high - low) * box.height()
            painter.setPen(QPen(QColor(c.dim), 1, Qt.PenStyle.DotLine))
            painter.drawLine(int(box.left()), int(zero), int(box.right()), int(zero))
            painter.setPen(QColor(c.dim))
        right = Qt.AlignmentFlag.AlignRight
        beside = QRectF(0, box.top() - 4, left - 6, box.height() + 8)
        painter.drawText(beside, right | Qt.AlignmentFlag.AlignTop, number(high))
        painter.drawText(beside, right | Qt.AlignmentFlag.AlignBottom, number(low))
        below = QRectF(box.left(), box.bottom() + 2, box.width(), _BELOW - 2)
        begun, now = f"{self.figures[0].step:,}", f"update {self.figures[-1].step:,}"
        if len(self.figures) > 1 and metrics.horizontalAdvance(f"{begun}  {now}") < below.width():
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, begun)
        painter.drawText(below, right, now)
        painter.end()


def _image(shares: np.ndarray, ground: str, tint: str) -> QImage:
    """Shares as a picture; the root of a share, so that what is rare is seen too."""
    strength = np.sqrt(shares / max(float(shares.max()), 1e-12))[:, :, None]
    ends = [np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in (ground, tint)]
    pixels = np.empty((*shares.shape, 4), np.uint8)
    pixels[:, :, :3] = ends[0] + (ends[1] - ends[0]) * strength
    pixels[:, :, 3] = 255
    height, width = shares.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def in_words(figure: Figure) -> str:
    """fc1.weight after 1,200 updates: −0.5 to 0.4, deviation 0.2, norm 2.3, mean 0.01"""
    return f"{figure.key} after {figure.step:,} updates: {facts(figure)}, mean {number(figure.mean)}"


def facts(figure: Figure) -> str:
    """−0.5 to 0.4, deviation 0.2, norm 2.3"""
    low, high = number(figure.low), number(figure.high)
    return f"{low} to {high}, deviation {number(figure.std)}, norm {number(figure.norm)}"
