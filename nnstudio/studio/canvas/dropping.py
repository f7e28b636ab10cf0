"""Putting a module from the palette onto the canvas: where it would land, and onto which edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnstudio.graph import AddEdge, AddNode, Edge, Edit, Move, RemoveEdge, Sequence
from nnstudio.graph.naming import name_for
from nnstudio.modules.catalogue import definitions
from nnstudio.studio import theme
from nnstudio.studio.canvas.gestures import SNAP, snapped
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon, paint_node_icon
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

MODULE_MIME = "application/x-nnstudio-module"
_EDGE_REACH = 24.0
_GAP = 56.0  # between the cards, where one is put between two others


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
        self.edge: Edge | None = None

    def move(self, point: QPointF) -> None:
        """The pointer is at this scene position; it holds the card by its middle."""
        self.position = snapped(point - QPointF(WIDTH / 2, HEIGHT / 2))
        self.edge = None
        definition = definitions()[self.module]
        if definition.ports and definition.role != "criterion":
            found = self.canvas.graph_scene.edge_at(point, _EDGE_REACH / self.canvas.scale_now())
            self.edge = found.edge if found else None

    def edit(self, node_id: str) -> Edit:
        return placement(self.canvas, self.module, self.position, node_id, self.edge)

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
        box = QRectF(self.position.x(), self.position.y(), WIDTH, HEIGHT).adjusted(-4, -4, 4, 4)
        if self.edge is not None:
            box = box.united(self.canvas.graph_scene.edges[self.edge].sceneBoundingRect())
        return box

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.position.x(), self.position.y(), WIDTH, HEIGHT)
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


def placement(canvas: Canvas, module: str, position: QPointF, node_id: str, edge: Edge | None) -> Edit:
    """The edit that adds a module at a place; with an edge, in the middle of it."""
    if edge is None:
        return AddNode(module, position=(position.x(), position.y()), id=node_id)
    where, moved = _room(canvas, edge)
    add = AddNode(module, position=where, id=node_id)
    port = definitions()[module].ports[0]
    name = name_for(canvas.sheet.level, module)
    first = Edge(edge.source, node_id, port, edge.source_port)
    second = Edge(node_id, edge.target, edge.port)
    edits: list[Edit] = [RemoveEdge(edge), add, AddEdge(first), AddEdge(second)]
    if moved:
        edits.append(Move(moved))
    return Sequence(edits, f"Insert {module} {name}")


def _room(canvas: Canvas, edge: Edge) -> tuple[tuple[float, float], dict[str, tuple[float, float]]]:
    """Where a card fits between the ends of an edge, and where everything right of it goes to make room."""
    source = canvas.graph_scene.nodes[edge.source].scene_card()
    target = canvas.graph_scene.nodes[edge.target].scene_card()
    lacking = source.right() + WIDTH + 2 * _GAP - target.left()
    level = (source.center().y() + target.center().y()) / 2 - HEIGHT / 2
    if target.left() < source.right():  # the edge runs backwards: no column lies between its ends
        spot = snapped(QPointF((source.left() + target.left()) / 2, level))
        return (spot.x(), spot.y()), {}
    if lacking <= 0:
        spot = snapped(QPointF((source.right() + target.left() - WIDTH) / 2, level))
        return (spot.x(), spot.y()), {}
    by = snapped(QPointF(lacking + 7, 0)).x()
    spot = snapped(QPointF(source.right() + _GAP, source.center().y() - HEIGHT / 2))
    nodes = canvas.graph_scene.nodes
    moved = {key: (item.x() + by, item.y()) for key, item in nodes.items() if item.x() >= target.left()}
    return (spot.x(), spot.y()), moved
