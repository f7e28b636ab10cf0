"""A node: one item that knows its card, its ports and its value, and is hit-tested by geometry alone."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnstudio.studio import theme
from nnstudio.studio.canvas.card import card_height, paint_card, paint_face
from nnstudio.studio.canvas.look import NodeLook, Port
from nnstudio.studio.canvas.measures import HEIGHT, MARGIN, PORT_PITCH, PORT_RADIUS, WIDTH
from nnstudio.studio.canvas.selectable import Selectable
from nnstudio.studio.canvas.thumbnail import Thumbnail

__all__ = ["HEIGHT", "PORT_PITCH", "PORT_RADIUS", "WIDTH", "NodeItem", "card_height"]


class NodeItem(Selectable):
    """The card of one node, its top left corner at the node's position."""

    def __init__(self, look: NodeLook) -> None:
        super().__init__()
        self.look = look
        self.thumbnail: Thumbnail | None = None
        self.fresh = False  # the value shown is of the present inputs and parameters
        self.phase: str | None = None  # lit while a statement of this phase works here
        self.port_marks: dict[Port, str] = {}  # while a connection is drawn
        self.dimmed = False
        self.picture: QPixmap | None = None  # of the card as the view showed it last
        self.picture_scale = 0.0  # device pixels a scene unit; 0 where the card looks otherwise by now
        self._painted_scale = 0.0
        self._face: tuple[tuple[NodeLook, float, str], QPixmap] | None = None
        self._offsets: dict[Port, tuple[float, float]] | None = None
        self._height = card_height(max(len(look.inputs), len(look.outputs)))
        self.setZValue(1)
        self.setPos(*look.position)

    @property
    def node_id(self) -> str:
        return self.look.node_id

    def show_look(self, look: NodeLook) -> None:
        if (look.inputs, look.outputs) != (self.look.inputs, self.look.outputs):
            self.prepareGeometryChange()
            self._offsets = None
            self._height = card_height(max(len(look.inputs), len(look.outputs)))
        self.look = look
        x, y = look.position
        if (self.x(), self.y()) != (x, y):
            self.setPos(x, y)
        self.update()

    def update(self, *_: object) -> None:
        self.picture_scale = 0.0
        super().update()

    # -- geometry

    def card(self) -> QRectF:
        """The card in the item's coordinates; taller than usual only where the ports need it."""
        return QRectF(0, 0, WIDTH, self._height)

    def size(self) -> tuple[float, float]:
        return WIDTH, self._height

    def place(self) -> tuple[float, float]:
        return self.x(), self.y()

    def scene_card(self) -> QRectF:
        return QRectF(self.x(), self.y(), WIDTH, self._height)

    def port_offset(self, port: Port) -> tuple[float, float]:
        """Where a port is, seen from the card's corner: inputs on the left edge, outputs on the right,
        spread about its middle.
        """
        if self._offsets is None:
            self._offsets = self._spread()
        place = self._offsets.get(port)
        if place is None:  # a file's edge at a port that there is not
            return (0.0 if port.side == "input" else WIDTH), self._first(port.side)
        return place

    def _spread(self) -> dict[Port, tuple[float, float]]:
        found: dict[Port, tuple[float, float]] = {}
        for side, names, x in (("input", self.look.inputs, 0.0), ("output", self.look.outputs, WIDTH)):
            first = self._first(side)
            for index, name in enumerate(names):
                found[Port(side, name)] = (x, first + index * PORT_PITCH)
        return found

    def _first(self, side: str) -> float:
        count = len(self.look.inputs if side == "input" else self.look.outputs)
        return self._height / 2 - (max(1, count) - 1) / 2 * PORT_PITCH

    def port_point(self, port: Port) -> QPointF:
        """Where a port is, in scene coordinates."""
        x, y = self.port_offset(port)
        return QPointF(self.x() + x, self.y() + y)

    def ports(self) -> list[Port]:
        if self._offsets is None:
            self._offsets = self._spread()
        return list(self._offsets)

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
        above = 14.0 if self.look.complaint is not None else 0.0
        return self.card().adjusted(-MARGIN - 4 * above, -MARGIN - above, MARGIN, MARGIN)

    # -- painting

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """As vectors, for pictures; the view shows the same as a picture it keeps (painting.py)."""
        paint_card(painter, self)
        complaint = self.look.complaint
        if complaint is not None:
            from nnstudio.studio.canvas.badge import badge_size, paint_badge

            corner = (WIDTH + 9 - badge_size(complaint.words).width(), -15.0)
            paint_badge(painter, corner, complaint.severity, complaint.words)

    def picture_at(self, scale: float) -> QPixmap:
        """The card with its margin, sharp at so many device pixels a scene unit; kept until it changes."""
        if self.picture is None or self.picture_scale != scale:
            plain = not (self.dimmed or self.port_marks or self.look.bypassed)
            # Kept from the second time on: most cards are painted once, one that lights up again and again.
            face = self._face_at(scale) if plain and self._painted_scale == scale else None
            self._painted_scale = scale
            self.picture = self._painted(scale, lambda painter: paint_card(painter, self, face))
            self.picture_scale = scale
        return self.picture

    def forget_picture(self) -> None:
        self.picture = self._face = None
        self.picture_scale = self._painted_scale = 0.0

    def _face_at(self, scale: float) -> QPixmap:
        """What of the card no light and no number changes."""
        key = (self.look, scale, theme.colours().name)
        known = self._face
        if known is None or known[0][0] is not self.look or known[0][1:] != key[1:]:
            known = self._face = (key, self._painted(scale, lambda painter: paint_face(painter, self)))
        return known[1]

    def _painted(self, scale: float, paint: Callable[[QPainter], None]) -> QPixmap:
        margin = math.ceil(MARGIN * scale)
        made = QPixmap(math.ceil(WIDTH * scale) + 2 * margin, math.ceil(self._height * scale) + 2 * margin)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.translate(margin, margin)
        painter.scale(scale, scale)
        paint(painter)
        painter.end()
        return made
