"""Words and colours for what paints itself many times a second: each measured, cut and rasterised once."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QTransform

from nnstudio.studio import theme


@lru_cache(maxsize=512)
def colour(name: str, alpha: float = 1.0) -> QColor:
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


@lru_cache(maxsize=64)
def _metrics(pixels: int, weight: QFont.Weight, mono: bool) -> QFontMetricsF:
    return QFontMetricsF(theme.font(pixels, weight, mono))


@lru_cache(maxsize=8192)
def width_of(text: str, pixels: int, weight: QFont.Weight = QFont.Weight.Normal, mono: bool = False) -> float:
    return _metrics(pixels, weight, mono).horizontalAdvance(text)


@lru_cache(maxsize=8192)
def elided(text: str, pixels: int, width: float, weight: QFont.Weight = QFont.Weight.Normal) -> str:
    """The text, cut with an ellipsis where it is wider than that."""
    return _metrics(pixels, weight, False).elidedText(text, Qt.TextElideMode.ElideRight, width)


def paint_words(painter: QPainter, box: QRectF, text: str, pixels: int, tint: str) -> None:
    """Text in the middle of a box, as letters: sharp in a vector picture too."""
    painter.setFont(theme.font(pixels))
    painter.setPen(colour(tint))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


@lru_cache(maxsize=1024)
def picture_of(text: str, pixels: int, tint: str, scale: float, back: str = "") -> QPixmap:
    """A short text as a picture in device pixels, on a ground if one is told; many edges say the same."""
    wide = round((width_of(text, pixels) + 6) * scale)
    tall = round((pixels + 3) * scale)
    made = QPixmap(max(1, wide), max(1, tall))
    made.fill(colour(back) if back else Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setTransform(QTransform.fromScale(scale, scale))
    painter.setFont(theme.font(pixels))
    painter.setPen(colour(tint))
    painter.drawText(QRectF(0, 0, wide / scale, tall / scale), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return made


def sharp(spot: QPointF, ratio: float) -> QPointF:
    """The nearest point of the device's own grid of pixels."""
    return QPointF(round(spot.x() * ratio) / ratio, round(spot.y() * ratio) / ratio)
