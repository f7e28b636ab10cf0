"""What lies under the graph: the dots of the grid, and the words on an empty canvas."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap, QTransform

from nnstudio.studio import theme

DOT_PITCH = 24.0
_LEAST_PIXELS = 14.0
_REPEATS = 12  # squares along a side of the picture that is laid out


def paint_dots(painter: QPainter, rect: QRectF, to_view: QTransform) -> None:
    """Fill a scene rectangle and draw the grid's dots in it, thinned out as one zooms away.

    Leaves the painter in the view's coordinates.
    """
    c = theme.colours()
    pitch = DOT_PITCH * to_view.m11()
    while pitch < _LEAST_PIXELS:
        pitch *= 2
    size = round(pitch)
    tile = _tile(size, c.dots, c.canvas, painter.device().devicePixelRatio())
    side = size * _REPEATS
    seen = to_view.mapRect(rect).toAlignedRect()
    painter.resetTransform()
    # A dot stands on the scene's origin, in the middle of a square.
    left, top = round(to_view.dx()) - size // 2, round(to_view.dy()) - size // 2
    painter.drawTiledPixmap(
        QRectF(seen), tile, QPointF((seen.left() - left) % side, (seen.top() - top) % side)
    )


@lru_cache(maxsize=8)
def _tile(size: int, tint: str, ground: str, ratio: float) -> QPixmap:
    """Squares with a dot in the middle of each, on the ground: opaque, so that it is merely copied."""
    square = _opaque(round(size * ratio), ground)
    painter = QPainter(square)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tint))
    painter.drawEllipse(QPointF(size // 2 * ratio, size // 2 * ratio), ratio, ratio)
    painter.end()
    image = _opaque(square.width() * _REPEATS, ground)
    painter = QPainter(image)
    painter.drawTiledPixmap(image.rect(), QPixmap.fromImage(square))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)


def _opaque(side: int, ground: str) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    return image


def paint_invitation(painter: QPainter, room: QRect) -> None:
    """What an empty canvas says."""
    c = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QRectF(room).center()
    painter.setPen(QColor(c.text))
    painter.setFont(theme.bold(16))
    title = QRectF(room.left(), middle.y() - 36, room.width(), 28)
    painter.drawText(title, Qt.AlignmentFlag.AlignCenter, "Draw a network")
    painter.setFont(theme.font(13))
    painter.setPen(QColor(c.dim))
    lines = (
        "Drag a module from the left onto the canvas, or double-click it.",
        "Then drag from one port to another to connect them.",
    )
    for index, line in enumerate(lines):
        row = QRectF(room.left(), middle.y() - 2 + 22 * index, room.width(), 22)
        painter.drawText(row, Qt.AlignmentFlag.AlignCenter, line)
