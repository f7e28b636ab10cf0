"""A node's card, painted: icon, name, type, value or formula, ports, and what state it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.lettering import colour, elided, width_of
from nnstudio.studio.canvas.look import NodeLook
from nnstudio.studio.canvas.measures import HEADER, HEIGHT, PORT_PITCH, PORT_RADIUS, RADIUS
from nnstudio.studio.canvas.node_icon import paint_node_icon
from nnstudio.studio.colours import Colours

if TYPE_CHECKING:
    from nnstudio.studio.canvas.node_item import NodeItem

_BOLD = QFont.Weight.DemiBold
_SHEETS = (8.0, 4.0)  # how far the sheets behind a group's card stand out


def card_height(ports: int) -> float:
    """The height of a card with so many input ports."""
    return max(HEIGHT, 16 + PORT_PITCH * ports)


def role_tint(role: str, c: Colours) -> str:
    """The mark on the left edge: what comes in, what is computed, what is made small."""
    if role in ("input", "target"):
        return c.forward.mark
    return c.backward.mark if role == "criterion" else c.faint


def paint_card(painter: QPainter, item: NodeItem, face: QPixmap | None = None) -> None:
    """With the card's corner at the painter's origin. `face` is a picture, as large as the one that is
    painted, of what `paint_face` paints.
    """
    c = theme.colours()
    look, card = item.look, item.card()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if item.dimmed:
        painter.setOpacity(0.45)
    _paint_ground(painter, item, card, c)
    if look.bypassed:
        former = painter.opacity()
        painter.setOpacity(former * 0.55)
        _paint_header(painter, look, card, c)
        painter.setOpacity(former)
        _paint_bypass(painter, item, card, c)
    else:
        if face is None:
            _paint_header(painter, look, card, c)
        else:
            to_device = painter.worldTransform()
            painter.resetTransform()
            painter.drawPixmap(0, 0, face)
            painter.setWorldTransform(to_device)
        _paint_body(painter, item, card, c)
    if face is None:
        _paint_ports(painter, item, c)


def paint_face(painter: QPainter, item: NodeItem) -> None:
    """What of a card stays as it is while the program runs: icon, names and ports."""
    c = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    card = item.card()
    # Letters are smoothed towards what is beneath them, so that it is the card here too.
    painter.fillRect(QRectF(8, 8, card.width() - 16, 32), colour(c.card))
    _paint_header(painter, item.look, card, c)
    _paint_ports(painter, item, c)


def _paint_ports(painter: QPainter, item: NodeItem, c: Colours) -> None:
    for port in item.ports():
        ring = c.forward.mark if port in item.look.connected else c.edge
        spot = QPointF(*item.port_offset(port))
        _paint_port(painter, spot, ring, item.port_marks.get(port, ""), c)


def _paint_ground(painter: QPainter, item: NodeItem, card: QRectF, c: Colours) -> None:
    selected = item.isSelected()
    accent = c.phase(item.phase).mark if item.phase else None
    if item.look.icon.role == "group":
        painter.setPen(QPen(colour(c.card_border), 1))
        painter.setBrush(colour(c.raised))
        for out in _SHEETS:
            painter.drawRoundedRect(card.adjusted(out + 0.5, out + 0.5, out - 0.5, out - 0.5), RADIUS, RADIUS)
    strong = selected or accent is not None
    edge = c.focus if selected else accent or c.card_border
    pen = QPen(colour(edge), 2 if strong else 1)
    if item.look.bypassed and not strong:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(colour(c.card))
    inset = 0.0 if strong else 0.5
    painter.drawRoundedRect(card.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
    if accent and selected:
        painter.setPen(QPen(colour(accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(card.adjusted(-4, -4, 4, 4), RADIUS + 4, RADIUS + 4)
    painter.fillRect(QRectF(0, 12, 3, 24), colour(role_tint(item.look.icon.role, c)))


def _paint_header(painter: QPainter, look: NodeLook, card: QRectF, c: Colours) -> None:
    paint_node_icon(painter, look.icon, QRectF(10, 10, 28, 28))
    left, width = 46.0, card.width() - 46.0 - 10.0
    painter.setPen(colour(c.text))
    painter.setFont(theme.bold(13))
    painter.drawText(QPointF(left, 22), elided(look.name, 13, width, _BOLD))
    painter.setFont(theme.font(11))
    painter.setPen(colour(c.dim))
    painter.drawText(QPointF(left, 36), elided(look.kind, 11, width))


def _body(card: QRectF) -> QRectF:
    return QRectF(14, HEADER + 2, card.width() - 28, card.height() - HEADER - 10)


def _paint_body(painter: QPainter, item: NodeItem, card: QRectF, c: Colours) -> None:
    box = _body(card)
    if item.thumbnail is not None:
        item.thumbnail.paint(painter, box, item.fresh)
        return
    lines = [line for line in (item.look.formula, item.look.detail) if line]
    painter.setFont(theme.font(12))
    painter.setPen(colour(c.dim))
    line_height = 17.0
    top = box.center().y() - line_height * len(lines) / 2
    for i, line in enumerate(lines):
        row = QRectF(box.left(), top + i * line_height, box.width(), line_height)
        painter.drawText(row, Qt.AlignmentFlag.AlignCenter, elided(line, 12, box.width()))


def _paint_bypass(painter: QPainter, item: NodeItem, card: QRectF, c: Colours) -> None:
    """Hatched, with the edge drawn through and the word for it."""
    hatch = QBrush(colour(c.edge, 0.35), Qt.BrushStyle.BDiagPattern)
    scale = painter.deviceTransform().m11() or 1.0
    hatch.setTransform(QTransform.fromScale(1 / scale, 1 / scale))  # lines as thin as they are at 100 %
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hatch)
    painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
    ports = item.ports()
    start = next((item.port_offset(port) for port in ports if port.side == "input"), None)
    end = next((item.port_offset(port) for port in ports if port.side == "output"), None)
    if start and end:
        painter.setPen(QPen(colour(c.edge), 2))
        painter.drawLine(QLineF(*start, *end))
    wide = width_of("bypassed", 12, _BOLD) + 20
    pill = QRectF(0, 0, wide, 22)
    pill.moveCenter(QPointF(card.center().x(), card.center().y() + 26))
    painter.setPen(QPen(colour(c.card_border), 1))
    painter.setBrush(colour(c.card))
    painter.drawRoundedRect(pill, 11, 11)
    painter.setFont(theme.font(12, _BOLD))
    painter.setPen(colour(c.text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, "bypassed")


def _paint_port(painter: QPainter, spot: QPointF, ring: str, mark: str, c: Colours) -> None:
    radius, fill = PORT_RADIUS, c.card
    if mark == "valid":
        ring, radius = c.focus, PORT_RADIUS + 1.5
    elif mark == "snap":
        ring, fill, radius = c.focus, c.focus, PORT_RADIUS + 2.5
    elif mark == "doubtful":
        ring, radius = c.warning.mark, PORT_RADIUS + 1.5
    elif mark == "refused":
        ring, fill, radius = c.error.mark, c.error.mark, PORT_RADIUS + 1.5
    elif mark == "faint":
        ring, radius = c.faint, PORT_RADIUS - 1
    painter.setPen(QPen(colour(ring), 2))
    painter.setBrush(colour(fill))
    painter.drawEllipse(spot, radius, radius)
