"""Putting a node into an edge: which edge takes it, where it goes, and what makes room for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from nnstudio.graph import AddNode, Edge, Edit, Move, Sequence, splice
from nnstudio.graph.bypassing import can_be_bypassed
from nnstudio.graph.order import reachable
from nnstudio.graph.ports import input_ports, output_ports
from nnstudio.studio import theme
from nnstudio.studio.canvas.cargo import spread
from nnstudio.studio.canvas.gestures import SNAP, snapped
from nnstudio.studio.canvas.lettering import colour
from nnstudio.studio.canvas.node_item import WIDTH
from nnstudio.studio.canvas.note import note_box, paint_note

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.studio.canvas.scene import GraphScene
    from nnstudio.studio.canvas.view import Canvas

REACH_PIXELS = 24.0
GAP = 56.0  # between the cards, where one is put between two others
_HALO = 10.0


class Slot:
    """Looks for the edge that a card is held over, and paints it lit."""

    def __init__(self, canvas: Canvas, closed: frozenset[str] = frozenset()) -> None:
        """Edges from or to nodes in `closed` take nothing."""
        self._canvas = canvas
        self._closed = closed
        self.edge: Edge | None = None
        self.aside = True  # what follows makes room

    def look(self, card: QRectF, aside: bool = True) -> Edge | None:
        """The edge under the middle of a card, which is to stay just there where nothing goes aside."""
        self.aside = aside
        scene, point = self._canvas.graph_scene, card.center()
        reach = min(REACH_PIXELS / self._canvas.scale_now(), card.height() / 2)
        near = scene.places.edges_in(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach))
        away = {
            item.edge: item.distance(point)
            for item in near
            if not {item.edge.source, item.edge.target} & self._closed
        }
        found = min(away, key=lambda edge: away[edge], default=None)
        self.edge = found if found is not None and away[found] <= reach else None
        return self.edge

    def _lines(self) -> list[str]:
        nodes = self._canvas.sheet.level.nodes
        if self.edge is None or not {self.edge.source, self.edge.target} <= nodes.keys():
            return []
        between = f"Between {nodes[self.edge.source].name} and {nodes[self.edge.target].name}"
        return [between if self.aside else f"{between}; nothing moves aside"]

    def bounds(self, card: QRectF) -> QRectF:
        item = self._canvas.graph_scene.edges.get(self.edge) if self.edge is not None else None
        if item is None:
            return QRectF()
        line = item.path().controlPointRect().adjusted(-_HALO, -_HALO, _HALO, _HALO)
        return line.united(note_box(self._canvas, _below(card), self._lines()))

    def paint(self, painter: QPainter, card: QRectF) -> None:
        """The edge in the colour of what is chosen, above the card: in a narrow gap it would be out of sight
        behind it. And in words below.
        """
        item = self._canvas.graph_scene.edges.get(self.edge) if self.edge is not None else None
        if item is None:
            return
        c = theme.colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(item.path(), QPen(colour(c.focus, 0.3), _HALO))
        painter.strokePath(item.path(), QPen(colour(c.focus), 3))
        painter.restore()
        paint_note(painter, self._canvas, _below(card), self._lines(), "")


def _below(card: QRectF) -> QPointF:
    return QPointF(card.center().x(), card.bottom())


def closed_to(level: Level, node_id: str) -> frozenset[str] | None:
    """The nodes at whose edges this node cannot be put in: itself, and where that would close a cycle. None
    where it fits into no edge, as it has no free input, passes nothing on or feeds something already.
    """
    node = level.nodes[node_id]
    taken = level.structure.incoming[node_id]
    free = [port for port in input_ports(level, node) if port not in taken]
    passes = can_be_bypassed(node) and output_ports(level, node)
    if not (free and passes) or level.structure.outgoing[node_id]:
        return None
    before = reachable([node_id], [Edge(e.target, e.source, e.port) for e in level.edges]) if taken else ()
    return frozenset({node_id, *before})


def insertion(scene: GraphScene, node: AddNode | str, edge: Edge, card: QRectF, aside: bool = True) -> Edit:
    """The edit that puts a node where its card is held, into an edge; unless told otherwise on the level of
    the edge, with what follows moved aside where there is no room. GraphError where it cannot be.
    """
    level = scene.sheet.level
    corner = card.topLeft()
    edits: list[Edit] = []
    if aside:
        corner, right_of, by = _room(scene, edge, card)
        if by:
            edits += spread(scene, right_of, by, {node: None} if isinstance(node, str) else {})
    place = (corner.x(), corner.y())
    if isinstance(node, str):
        edits.append(Move({node: place}))
    else:
        node = replace(node, position=place)
    after = level
    for edit in edits:
        after, _ = edit.on(after)
    joined = splice(after, node, edge)
    return Sequence([*edits, joined], joined.label)


def _room(scene: GraphScene, edge: Edge, card: QRectF) -> tuple[QPointF, float, float]:
    """Where the card goes; and by how much what is from a place on has to go to the right."""
    source, target = scene.nodes[edge.source].scene_card(), scene.nodes[edge.target].scene_card()
    start, end = scene.edges[edge].ends()
    spot = card.topLeft()
    level = (start.y() + end.y()) / 2 - card.height() / 2
    if abs(level - spot.y()) <= REACH_PIXELS:
        straight = start.y() == end.y()
        spot.setY(level if straight else snapped(QPointF(0, level)).y())
    least, most = source.right() + GAP, target.left() - GAP - WIDTH
    if target.left() < source.right():  # it runs backwards: no column lies between its ends
        return spot, 0.0, 0.0
    if least <= most:
        spot.setX(min(max(spot.x(), least), most))
        return spot, 0.0, 0.0
    spot.setX(least)
    by = snapped(QPointF(least - most + SNAP - 1, 0)).x()
    return spot, target.left(), by
