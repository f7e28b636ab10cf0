"""Putting a module from the palette onto the canvas: where it would land, and onto which edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnstudio.graph import AddNode, Edge, Edit
from nnstudio.graph.naming import name_for
from nnstudio.modules.catalogue import definitions
from nnstudio.studio import theme
from nnstudio.studio.canvas.gestures import SNAP, snapped
from nnstudio.studio.canvas.inserting import Slot, insertion
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon, paint_node_icon
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH, card_height

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

MODULE_MIME = "application/x-nnstudio-module"


def module_of(mime: QMimeData) -> str | None:
    """The node type that is being dragged, if it is one."""
    name = bytes(mime.data(MODULE_MIME).data()).decode(errors="replace")
    return name if name in definitions() else None


class Landing:
    """Where a dragged module would land: drawn as an empty card while it is over the canvas."""

    def __init__(self, canvas: Canvas, module: str) -> None:
        self.canvas = canvas
        self.module = module
        self.position = QPointF()
        definition = definitions().get(module)
        ports = () if definition is None else definition.ports
        self._tall = card_height(len(ports))
        passes = definition is not None and definition.role == "module" and ports
        self._slot = Slot(canvas) if passes else None

    @property
    def edge(self) -> Edge | None:
        """What it would be put into."""
        return None if self._slot is None else self._slot.edge

    def card(self) -> QRectF:
        return QRectF(self.position.x(), self.position.y(), WIDTH, self._tall)

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """The pointer is at this scene position; it holds the card by its middle. With Alt it lands just
        there, and where an edge takes it in nothing moves aside.
        """
        free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        corner = point - QPointF(WIDTH, self._tall) / 2
        self.position = corner if free else snapped(corner)
        if self._slot is not None:
            self._slot.look(self.card(), aside=not free)

    def edit(self, node_id: str) -> Edit:
        """What adds the module there. GraphError where it cannot be."""
        add = AddNode(self.module, position=(self.position.x(), self.position.y()), id=node_id)
        slot = self._slot
        if slot is None or slot.edge is None:
            return add
        return insertion(self.canvas.graph_scene, add, slot.edge, self.card(), slot.aside)

    def drop(self) -> None:
        """Add it there."""
        self.canvas.editing.place(self.edit(self.canvas.sheet.level.next_id()))

    def icon(self) -> NodeIcon:
        return node_icon(definitions()[self.module])

    def words(self) -> tuple[str, str]:
        """The name it would get, and what it is or where it would go."""
        note = self.module if self.edge is None else "between the two"
        return name_for(self.canvas.sheet.level, self.module), note

    def bounds(self) -> QRectF:
        box = self.card().adjusted(-4, -4, 4, 4)
        return box if self._slot is None else box.united(self._slot.bounds(self.card()))

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = self.card()
        if self._slot is not None:
            self._slot.paint(painter, card)
        fill = QColor(c.card)
        fill.setAlphaF(0.85)
        painter.setPen(QPen(QColor(c.focus), 2, Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawRoundedRect(card, 8, 8)
        name, note = self.words()
        paint_node_icon(painter, self.icon(), QRectF(card.left() + 10, card.top() + 10, 28, 28))
        painter.setFont(theme.bold(13))
        painter.setPen(QColor(c.text))
        painter.drawText(QPointF(card.left() + 46, card.top() + 22), name)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(c.dim))
        painter.drawText(QPointF(card.left() + 46, card.top() + 36), note)


def clear_of_cards(canvas: Canvas, middle: QPointF) -> QPointF:
    """Where the middle of a new card may be: there, or where cards are in the way, below them."""
    cards = [item.scene_card() for item in canvas.graph_scene.nodes.values()]
    half = QPointF(WIDTH / 2 + SNAP, HEIGHT / 2 + SNAP)
    while True:
        room = QRectF(middle - half, middle + half)
        bottoms = [card.bottom() for card in cards if card.intersects(room)]
        if not bottoms:
            return middle
        middle = QPointF(middle.x(), max(bottoms) + half.y() + SNAP)
