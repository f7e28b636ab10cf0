"""What lies under and instead of the items: dots, the plain picture from afar, words on an empty canvas."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.scene import GraphScene

DOT_PITCH = 24.0
_LEAST_PIXELS = 14.0


def paint_dots(painter: QPainter, rect: QRectF, to_view: QTransform) -> None:
    """Fill a scene rectangle and draw the grid's dots in it, thinned out as one zooms away."""
    c = theme.colours()
    painter.fillRect(rect, QColor(c.canvas))
    pitch = DOT_PITCH * to_view.m11()
    while pitch < _LEAST_PIXELS:
        pitch *= 2
    size = round(pitch)
    tile = _tile(size, c.dots, painter.device().devicePixelRatio())
    seen = to_view.mapRect(rect).toAlignedRect()
    painter.save()
    painter.resetTransform()
    # A dot stands on the scene's origin, in the middle of a tile.
    left, top = round(to_view.dx()) - size // 2, round(to_view.dy()) - size // 2
    painter.drawTiledPixmap(
        QRectF(seen), tile, QPointF((seen.left() - left) % size, (seen.top() - top) % size)
    )
    painter.restore()


@lru_cache(maxsize=16)
def _tile(size: int, tint: str, ratio: float) -> QPixmap:
    """A square with one dot in its middle."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tint))
    painter.drawEllipse(QPointF(size // 2, size // 2), 1.0, 1.0)
    painter.end()
    return made


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
