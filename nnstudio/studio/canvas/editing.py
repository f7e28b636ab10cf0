"""What the studio's actions do to the graph on the canvas: each one edit, on what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from nnstudio.graph import Edit, Move, RemoveEdge, RemoveNode, Sequence
from nnstudio.studio.canvas.connecting import ConnectByKeys
from nnstudio.studio.canvas.dropping import placement
from nnstudio.studio.canvas.gestures import SNAP, snapped
from nnstudio.studio.canvas.layout import arranged
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas


class Editing:
    """The canvas' own verbs. Each leaves a gesture under way as if it had never begun."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def add_module(self, module: str) -> str | None:
        """Add a module of this type in the middle of the view, beside what is there already; returns its
        id.
        """
        canvas = self._canvas
        canvas.abandon()
        spot = snapped(canvas.seen().center() - QPointF(WIDTH / 2, HEIGHT / 2))
        taken = [item.scene_card() for item in canvas.graph_scene.nodes.values()]
        while any(card.intersects(QRectF(spot.x(), spot.y(), WIDTH, HEIGHT)) for card in taken):
            spot += QPointF(0, HEIGHT + 3 * SNAP)
        return self.place(placement(canvas, module, spot, canvas.sheet.level.next_id(), None))

    def place(self, edit: Edit) -> str | None:
        """Push an edit that adds one node, and select that node; None where it cannot be."""
        canvas = self._canvas
        node_id = canvas.sheet.level.next_id()
        if not canvas.sheet.push(edit):
            return None
        canvas.select([node_id])
        canvas.reveal(node_id)
        return node_id

    def delete(self) -> None:
        """Remove the selected nodes and edges, as one edit."""
        canvas = self._canvas
        canvas.abandon()
        nodes = canvas.selected_nodes()
        gone = set(nodes)
        edges = [
            edge
            for edge in canvas.graph_scene.selected_edges()
            if edge.source not in gone and edge.target not in gone
        ]
        edits: list[Edit] = [*(RemoveEdge(edge) for edge in edges), *(RemoveNode(key) for key in nodes)]
        if len(edits) == 1:
            canvas.sheet.push(edits[0])
        elif edits:
            what = f"{len(nodes)} nodes" if len(nodes) > 1 else f"{len(edits)} parts"
            canvas.sheet.push(Sequence(edits, f"Remove {what}"))

    def arrange(self) -> None:
        """Lay the graph out from left to right, as one edit."""
        canvas = self._canvas
        canvas.abandon()
        places = arranged(canvas.sheet.level)
        if places:
            canvas.sheet.push(Move(places, label="Arrange the graph"))
            canvas.frame()

    def select_all(self) -> None:
        self._canvas.select(self._canvas.graph_scene.nodes)

    def connect_by_keys(self) -> None:
        """Begin to connect the selected node's output with the keyboard."""
        canvas = self._canvas
        canvas.setFocus()
        selected = canvas.selected_nodes()
        if len(selected) != 1:
            canvas.refused.emit("Select one node to connect from.")
            return
        item = canvas.graph_scene.nodes[selected[0]]
        if not item.look.outputs:
            canvas.refused.emit(f"{item.look.name} has no output to connect from.")
            return
        gesture = ConnectByKeys(canvas, (selected[0], Port("output", item.look.outputs[0])))
        if not gesture.choices():
            gesture.cancel()
            canvas.refused.emit(f"There is no port that {item.look.name} could be connected to.")
            return
        canvas.begin(gesture)

    def enter(self) -> None:
        """Show what is inside the selected group."""
        selected = self._canvas.selected_nodes()
        if len(selected) == 1:
            self._canvas.sheet.enter(selected[0])

    def leave(self) -> None:
        """Show what is around this group, with the group selected."""
        left = self._canvas.sheet.leave()
        if left is not None:
            self._canvas.select([left])
