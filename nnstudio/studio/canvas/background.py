"""What lies under and instead of the items: dots, the plain picture from afar, words on an empty canvas."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnstudio.studio import theme
from nnstudio.studio.canvas.scene import GraphScene

DOT_PITCH = 24.0
_LEAST_PIXELS = 14.0


def paint_dots(painter: QPainter, rect: QRectF, scale: float) -> None:
    """Fill a scene rectangle and draw the grid's dots in it, thinned out as one zooms away."""
    c = theme.colours()
    painter.fillRect(rect, QColor(c.canvas))
    pitch = DOT_PITCH
    while pitch * scale < _LEAST_PIXELS:
        pitch *= 2
    xs = np.arange(math.ceil(rect.left() / pitch), math.floor(rect.right() / pitch) + 1) * pitch
    ys = np.arange(math.ceil(rect.top() / pitch), math.floor(rect.bottom() / pitch) + 1) * pitch
    if xs.size == 0 or ys.size == 0:
        return
    pen = QPen(QColor(c.dots), 2.0)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPoints([QPointF(x, y) for y in ys.tolist() for x in xs.tolist()])


def paint_far(painter: QPainter, scene: GraphScene, rect: QRectF) -> None:
    """All edges in one call and all cards in one more: what is readable at that distance."""
    c = theme.colours()
    cards, lines = scene.far_shapes()
    pen = QPen(QColor(c.edge), 1.5)
    pen.setCosmetic(True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(lines) < 2000)
    painter.setPen(pen)
    if lines:
        painter.drawLines(lines)
    border = QPen(QColor(c.edge), 1)
    border.setCosmetic(True)
    painter.setPen(border)
    painter.setBrush(QColor(c.card))
    if cards:
        painter.drawRects(cards)
    _paint_marked(painter, scene)


def _paint_marked(painter: QPainter, scene: GraphScene) -> None:
    """The few cards and edges that say something: lit, selected, with a problem."""
    c = theme.colours()
    painter.setPen(Qt.PenStyle.NoPen)
    for item in scene.nodes.values():
        tint = c.phase(item.phase).mark if item.phase else c.focus if item.isSelected() else None
        if tint is None and item.look.severity is not None:
            tint = c.error.mark if item.look.severity == "error" else c.warning.mark
        if tint is not None:
            painter.fillRect(item.scene_card(), QColor(tint))
    for item in scene.edges.values():
        if item.phase:
            pen = QPen(QColor(c.phase(item.phase).mark), 3)
            pen.setCosmetic(True)
            painter.setPen(pen)
            ends = item.ends()
            painter.drawLine(QLineF(ends[0], ends[1]))


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
