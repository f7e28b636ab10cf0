"""A graph as a small picture: cards and edges, drawn from the document alone.

Nothing here touches a widget or a QPixmap, so that it may be drawn in any thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge
from nnstudio.graph.ports import definition_of, input_ports, output_ports
from nnstudio.studio.canvas.node_item import PORT_PITCH, WIDTH, card_height
from nnstudio.studio.colours import Colours

_MARGIN = 10
_LARGEST = 0.32  # of the size on the canvas: two nodes do not fill the picture


def miniature(level: Level, size: QSize, ratio: float, colours: Colours) -> QImage:
    """The level fitted into `size`, sharp at a device pixel ratio; transparent where nothing is."""
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    if level.nodes:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint(painter, level, QRectF(0, 0, size.width(), size.height()), colours)
        painter.end()
    return image


def _paint(painter: QPainter, level: Level, room: QRectF, c: Colours) -> None:
    cards = {key: _card(level, key) for key in level.nodes}
    whole = QRectF()
    for card in cards.values():
        whole = whole.united(card)
    room = room.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    scale = min(room.width() / whole.width(), room.height() / whole.height(), _LARGEST)
    painter.translate(room.center())
    painter.scale(scale, scale)
    painter.translate(-whole.center())
    pen = QPen(QColor(c.edge), 1.2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for edge in level.edges:
        if edge.source in cards and edge.target in cards:
            painter.drawPath(_curve(level, edge, cards))
    for key, card in cards.items():
        border = QPen(QColor(c.edge), 1)
        border.setCosmetic(True)
        painter.setPen(border)
        painter.setBrush(QColor(c.card))
        radius = 2.5 / scale
        painter.drawRoundedRect(card, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_tint(level, key, c)))
        band = card.adjusted(card.width() * 0.16, card.height() * 0.36, -card.width() * 0.16, 0)
        band.setHeight(card.height() * 0.28)
        painter.drawRoundedRect(band, radius * 0.6, radius * 0.6)


def _tint(level: Level, key: str, c: Colours) -> str:
    """Data in blue, the loss in vermillion, what learns in green, the rest grey."""
    node = level.nodes[key]
    definition = definition_of(node)
    if definition is None or node.is_group:
        return c.zero_grad.mark
    if definition.role in ("input", "target"):
        return c.forward.mark
    if definition.role == "criterion":
        return c.backward.mark
    return c.update.mark if "parameters" in definition.functions else c.zero_grad.mark


def _card(level: Level, key: str) -> QRectF:
    node = level.nodes[key]
    ports = max(len(input_ports(level, node)), len(output_ports(level, node)))
    return QRectF(*node.position, WIDTH, card_height(ports))


def _curve(level: Level, edge: Edge, cards: dict[str, QRectF]) -> QPainterPath:
    source, target = level.nodes[edge.source], level.nodes[edge.target]
    start = _port(cards[edge.source], output_ports(level, source), edge.source_port, right=True)
    end = _port(cards[edge.target], input_ports(level, target), edge.port, right=False)
    pull = max(24.0, abs(end.x() - start.x()) / 2)
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(pull, 0), end - QPointF(pull, 0), end)
    return path


def _port(card: QRectF, names: tuple[str, ...], name: str, right: bool) -> QPointF:
    index = names.index(name) if name in names else 0
    y = card.center().y() + (index - (max(1, len(names)) - 1) / 2) * PORT_PITCH
    return QPointF(card.right() if right else card.left(), y)
