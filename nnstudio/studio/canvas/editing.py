"""What the studio's actions do to the graph on the canvas: each one edit, on what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nnstudio.graph import Edit, Move, Remove
from nnstudio.studio.canvas.connecting_by_keys import connect_from_node
from nnstudio.studio.canvas.dropping import clear_of_cards, placement
from nnstudio.studio.canvas.gestures import snapped
from nnstudio.studio.canvas.layout import arranged
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH
from nnstudio.studio.canvas.parts import place_kept
from nnstudio.studio.canvas.searching import search_at

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_BESIDE = 72.0  # between the selected card and a new one


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
        middle = clear_of_cards(canvas, canvas.seen().center())
        if module in canvas.kept():
            return place_kept(canvas, canvas.kept()[module], middle)
        spot = snapped(middle - QPointF(WIDTH / 2, HEIGHT / 2))
        return self.place(placement(canvas, module, spot, canvas.sheet.level.next_id(), None))

    def place(self, edit: Edit) -> str | None:
        """Push an edit that adds one node, and select that node; None where it cannot be."""
        canvas = self._canvas
        node_id = canvas.sheet.level.next_id()
        if not canvas.sheet.push(edit):
            return None
        canvas.select([node_id])
        canvas.reveal(node_id)
        canvas.module_added.emit(canvas.sheet.level.nodes[node_id].type)
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
        if nodes or edges:
            canvas.sheet.push(Remove(tuple(nodes), tuple(edges)))

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

    def search(self, point: QPointF | None = None) -> None:
        """Look for a module to add at a point, by default at the pointer, else beside the selected node."""
        canvas = self._canvas
        canvas.abandon()
        search_at(canvas, self._place_for_new() if point is None else point)

    def _place_for_new(self) -> QPointF:
        """Where the middle of a new card may be: under the pointer, right of the selected card or in the
        middle, and where a card is in the way, below it.
        """
        canvas = self._canvas
        here = canvas.walk.current()
        if canvas.pointer is not None:
            point = canvas.scene_point(canvas.pointer)
        elif here is not None:
            card = canvas.graph_scene.nodes[here].scene_card()
            point = card.center() + QPointF(card.width() / 2 + _BESIDE + WIDTH / 2, 0)
        else:
            point = canvas.seen().center()
        return clear_of_cards(canvas, point)

    def connect_by_keys(self) -> None:
        """Begin to connect the selected node with the keyboard: from its output, or to its input where it has
        none.
        """
        self._connect("output")

    def connect_to_by_keys(self) -> None:
        """The same the other way round: choose what feeds an input of the selected node."""
        self._connect("input")

    def _connect(self, side: str) -> None:
        canvas = self._canvas
        canvas.abandon()
        canvas.setFocus()
        selected = canvas.selected_nodes()
        if len(selected) != 1:
            canvas.refused.emit("Select one node to connect.")
            return
        look = canvas.graph_scene.nodes[selected[0]].look
        if side == "output" and not look.outputs:
            side = "input"
        if not (look.outputs if side == "output" else look.inputs):
            canvas.refused.emit(f"{look.name} has no {side} to connect.")
            return
        connect_from_node(canvas, selected[0], side)

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
