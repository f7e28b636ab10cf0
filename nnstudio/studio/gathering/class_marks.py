"""How a sample of a class is marked: by its colour and by a shape, so that nobody needs to tell colours."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap

from nnstudio.studio import theme

SHAPES = ("o", "s", "t", "d", "t1", "star", "p")
"""As pyqtgraph calls them."""
_SIDES = {
    "s": (4, 45.0),
    "t": (3, 90.0),
    "d": (4, 0.0),
    "t1": (3, -90.0),
    "star": (5, -90.0),
    "p": (5, -90.0),
}


def tint(number: int) -> QColor:
    """The colour of a class."""
    tints = theme.colours().classes
    return QColor(tints[number % len(tints)])


def shape(number: int) -> str:
    """The mark of a class."""
    return SHAPES[number % len(SHAPES)]


def outline(number: int, radius: float) -> QPainterPath:
    """The mark around the origin."""
    path, name = QPainterPath(), shape(number)
    if name == "o":
        path.addEllipse(QPointF(0, 0), radius, radius)
        return path
    sides, turn = _SIDES[name]
    corners = 2 * sides if name == "star" else sides
    for corner in range(corners):
        angle = math.radians(turn + 360 * corner / corners)
        far = radius * (0.5 if name == "star" and corner % 2 else 1.15)
        point = QPointF(far * math.cos(angle), far * math.sin(angle))
        if corner:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    return path


def icon(number: int) -> QIcon:
    """The mark of a class, for a button."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        pixmap = QPixmap(round(16 * ratio), round(16 * ratio))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        painter.translate(QRectF(0, 0, 16, 16).center())
        painter.fillPath(outline(number, 5), tint(number))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        made.addPixmap(pixmap)
    return made
