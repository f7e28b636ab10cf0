"""A node: one item that paints its card, its ports and its value, and is hit-tested by geometry alone."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnstudio.studio import theme
from nnstudio.studio.canvas.look import NodeLook, Port
from nnstudio.studio.canvas.node_icon import paint_node_icon
from nnstudio.studio.canvas.thumbnail import Thumbnail

WIDTH = 152.0
HEIGHT = 112.0
PORT_RADIUS = 5.0
PORT_PITCH = 24.0
_MARGIN = 14.0  # ports, selection outline and badge stand out of the card
_HEADER = 44.0
_RADIUS = 8.0


class NodeItem(QGraphicsItem):
    """The card of one node, its top left corner at the node's position."""

    def __init__(self, look: NodeLook) -> None:
        super().__init__()
        self.look = look
        self.thumbnail: Thumbnail | None = None
        self.fresh = False  # the value shown is of the present inputs and parameters
        self.phase: str | None = None  # lit while a statement of this phase works here
        self.port_marks: dict[Port, str] = {}  # "valid", "snap" or "refused" while a connection is drawn
        self.dimmed = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        # Panning then copies pictures and paints nothing.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(1)
        self._measure()
        self.show_look(look)

    @property
    def node_id(self) -> str:
        return self.look.node_id

    def show_look(self, look: NodeLook) -> None:
        if (look.inputs, look.outputs) != (self.look.inputs, self.look.outputs):
            self.prepareGeometryChange()
        self.look = look
        self._measure()
        x, y = look.position
        if (self.x(), self.y()) != (x, y):
            self.setPos(x, y)
        self.update()

    # -- geometry

    def card(self) -> QRectF:
        """The card in the item's coordinates; taller than usual only where the ports need it."""
        return self._card

    def _measure(self) -> None:
        self._card = QRectF(0, 0, WIDTH, card_height(max(len(self.look.inputs), len(self.look.outputs))))
        self._bounds = self._card.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def place(self) -> tuple[float, float]:
        return self.x(), self.y()

    def scene_card(self) -> QRectF:
        return self.card().translated(self.pos())

    def port_point(self, port: Port) -> QPointF:
        """Where a port is, in scene coordinates: inputs on the left edge, outputs on the right, spread
        about its middle.
        """
        names = self.look.inputs if port.side == "input" else self.look.outputs
        index = names.index(port.name) if port.name in names else 0
        x = 0.0 if port.side == "input" else WIDTH
        y = self.card().height() / 2 + (index - (max(1, len(names)) - 1) / 2) * PORT_PITCH
        return self.pos() + QPointF(x, y)

    def ports(self) -> list[Port]:
        look = self.look
        return [Port("input", name) for name in look.inputs] + [Port("output", name) for name in look.outputs]

    def port_at(self, point: QPointF, reach: float) -> Port | None:
        """The nearest port within `reach` of a scene point."""
        best, nearest = None, reach
        for port in self.ports():
            spot = self.port_point(port)
            distance = math.hypot(spot.x() - point.x(), spot.y() - point.y())
            if distance <= nearest:
                best, nearest = port, distance
        return best

    def boundingRect(self) -> QRectF:
        return self._bounds

    # -- painting

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        c = theme.colours()
        card = self.card()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.dimmed:
            painter.setOpacity(0.45)
        accent = c.phase(self.phase).mark if self.phase else None
        if self.isSelected():
            painter.setPen(QPen(QColor(c.focus), 2))
        elif accent:
            painter.setPen(QPen(QColor(accent), 2))
        else:
            painter.setPen(QPen(QColor(c.card_border), 1))
        painter.setBrush(QColor(c.card))
        inset = 0.0 if self.isSelected() or accent else 0.5
        painter.drawRoundedRect(card.adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)
        if accent and self.isSelected():
            painter.setPen(QPen(QColor(accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(-4, -4, 4, 4), _RADIUS + 4, _RADIUS + 4)
        self._paint_header(painter, card)
        self._paint_body(painter, card)
        self._paint_ports(painter)
        self._paint_badge(painter, card)

    def _paint_header(self, painter: QPainter, card: QRectF) -> None:
        c = theme.colours()
        look = self.look
        paint_node_icon(painter, look.icon, QRectF(10, 10, 28, 28))
        left, width = 46.0, card.width() - 46.0 - 10.0
        painter.setPen(QColor(c.text))
        name = theme.bold(13)
        painter.setFont(name)
        painter.drawText(QPointF(left, 22), _elided(look.name, name, width))
        kind = theme.font(11)
        painter.setFont(kind)
        painter.setPen(QColor(c.dim))
        painter.drawText(QPointF(left, 36), _elided(look.kind, kind, width))

    def _paint_body(self, painter: QPainter, card: QRectF) -> None:
        c = theme.colours()
        box = QRectF(14, _HEADER + 2, card.width() - 28, card.height() - _HEADER - 10)
        if self.thumbnail is not None:
            self.thumbnail.paint(painter, box, self.fresh)
            return
        small = theme.font(12)
        painter.setFont(small)
        painter.setPen(QColor(c.dim))
        lines = [line for line in (self.look.formula, self.look.detail) if line]
        line_height = 17.0
        top = box.center().y() - line_height * len(lines) / 2
        for i, line in enumerate(lines):
            painter.setPen(QColor(c.dim))
            row = QRectF(box.left(), top + i * line_height, box.width(), line_height)
            painter.drawText(row, Qt.AlignmentFlag.AlignCenter, _elided(line, small, box.width()))

    def _paint_ports(self, painter: QPainter) -> None:
        c = theme.colours()
        origin = self.pos()
        for port in self.ports():
            ring = c.forward.mark if port in self.look.connected else c.edge
            self._paint_port(painter, self.port_point(port) - origin, ring, self.port_marks.get(port, ""))

    def _paint_port(self, painter: QPainter, spot: QPointF, ring: str, mark: str) -> None:
        c = theme.colours()
        radius, fill = PORT_RADIUS, c.card
        if mark == "valid":
            ring, fill, radius = c.focus, c.card, PORT_RADIUS + 1.5
        elif mark == "snap":
            ring, fill, radius = c.focus, c.focus, PORT_RADIUS + 2.5
        elif mark == "refused":
            ring, fill, radius = c.error.mark, c.error.mark, PORT_RADIUS + 1.5
        elif mark == "doubtful":
            ring, radius = c.warning.mark, PORT_RADIUS - 0.5
        elif mark == "faint":
            ring, radius = c.faint, PORT_RADIUS - 1
        painter.setPen(QPen(QColor(ring), 2))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(spot, radius, radius)

    def _paint_badge(self, painter: QPainter, card: QRectF) -> None:
        severity = self.look.severity
        if severity is None:
            return
        c = theme.colours()
        accent = c.error if severity == "error" else c.warning
        box = QRectF(card.right() - 13, card.top() - 9, 22, 22)
        painter.setPen(QPen(QColor(c.canvas), 2))
        painter.setBrush(QColor(accent.fill))
        painter.drawEllipse(box)
        theme.paint_icon(painter, "problem", accent.on_fill, box.adjusted(3, 3, -3, -3))


def card_height(ports: int) -> float:
    """The height of a card with so many input ports."""
    return max(HEIGHT, 16 + PORT_PITCH * ports)


def _elided(text: str, font: QFont, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
