"""What the studio's actions do to the graph on the canvas: each one edit, on what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nnstudio.graph import (
    AddNode,
    Edge,
    Edit,
    Move,
    Sequence,
    SetBends,
    SetBypassed,
    downstream,
    removal,
    upstream,
)
from nnstudio.graph.bypassing import can_be_bypassed
from nnstudio.studio.canvas.aligning import Aligning
from nnstudio.studio.canvas.bending import straightened
from nnstudio.studio.canvas.cargo import Cargo
from nnstudio.studio.canvas.connecting_by_keys import connect_from_node
from nnstudio.studio.canvas.dropping import clear_of_cards
from nnstudio.studio.canvas.frame_verbs import FrameVerbs
from nnstudio.studio.canvas.gestures import Selection, snapped
from nnstudio.studio.canvas.gliding import Glide
from nnstudio.studio.canvas.layout import arranged_level
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
        self.align = Aligning(canvas)
        self.frames = FrameVerbs(canvas)
        self.glide = Glide(canvas)

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
        return self.place(AddNode(module, position=(spot.x(), spot.y()), id=canvas.sheet.level.next_id()))

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
        """Remove the selected nodes, edges and frames, as one edit. Where a node passed something on, its
        reader is joined to what fed it.
        """
        canvas, scene = self._canvas, self._canvas.graph_scene
        canvas.abandon()
        nodes, edges, frames = Selection.of(scene)
        if nodes or edges or frames:
            sheet = canvas.sheet
            sheet.push(removal(sheet.graph, nodes, edges, frames, sheet.path))

    def bypass(self) -> None:
        """Let the selected nodes pass their first input on; or use them again, where all of them do."""
        canvas = self._canvas
        canvas.abandon()
        level, chosen = canvas.sheet.level, canvas.selected_nodes()
        able = [key for key in chosen if can_be_bypassed(level.nodes[key])] or chosen
        if able:
            on = not all(level.nodes[key].bypassed for key in able)
            canvas.sheet.push(SetBypassed(tuple(able), on))

    def arrange(self) -> None:
        """Lay the graph out from left to right, as one edit; where several nodes are selected, only these."""
        canvas = self._canvas
        canvas.abandon()
        chosen = canvas.selected_nodes()
        only = chosen if len(chosen) > 1 else None
        level = canvas.sheet.level
        arrangement = arranged_level(level, only)
        former = {key: level.nodes[key].position for key in arrangement.positions}
        moved = {key: at for key, at in arrangement.positions.items() if at != former[key]}
        edits: list[Edit] = [Move(moved)] if moved else []
        edits += [
            SetBends(edge, arrangement.bends[edge])
            for edge in level.edges
            if edge in arrangement.bends and edge.bends != arrangement.bends[edge]
        ]
        if edits:
            what = "the graph" if only is None else f"{len(only)} nodes"
            canvas.sheet.push(Sequence(edits, f"Arrange {what}"))
            if only is None:
                canvas.frame()
            self.glide.begin(former)

    def straighten(self) -> None:
        """Take the bends of the selected edges away, and of those between selected nodes."""
        canvas = self._canvas
        canvas.abandon()
        edit = straightened(self._bent())
        if edit is not None:
            canvas.sheet.push(edit)

    def _bent(self) -> list[Edge]:
        canvas = self._canvas
        nodes, edges = set(canvas.selected_nodes()), set(canvas.graph_scene.selected_edges())
        return [
            edge
            for edge in canvas.sheet.level.edges
            if edge.bends and (edge in edges or (edge.source in nodes and edge.target in nodes))
        ]

    def usable(self) -> dict[str, bool]:
        """Which of the actions mean something for what is selected, by the names they have."""
        canvas, scene = self._canvas, self._canvas.graph_scene
        nodes, edges, frames = Selection.of(scene)
        level = canvas.sheet.level
        many = len(nodes)
        lines = ("left", "centre", "right", "top", "middle", "bottom")
        return {
            "delete": bool(nodes or edges or frames),
            "bypass": any(can_be_bypassed(level.nodes[key]) for key in nodes if key in level.nodes),
            "walk_edges": bool(nodes) or canvas.edge_walk.current() is not None,
            "select_upstream": bool(nodes),
            "select_downstream": bool(nodes),
            "straighten": bool(self._bent()),
            **{f"align_{line}": many > 1 for line in lines},
            "distribute_across": many > 2,
            "distribute_down": many > 2,
        }

    def select_all(self) -> None:
        canvas = self._canvas
        canvas.select(canvas.graph_scene.nodes, [], canvas.graph_scene.frames)

    def select_upstream(self) -> None:
        """Everything that feeds what is selected, too."""
        canvas = self._canvas
        canvas.abandon()
        canvas.select(upstream(canvas.sheet.level, canvas.selected_nodes()))

    def select_downstream(self) -> None:
        """Everything that what is selected feeds, too."""
        canvas = self._canvas
        canvas.abandon()
        canvas.select(downstream(canvas.sheet.level, canvas.selected_nodes()))

    def nudge(self, by: QPointF) -> None:
        """Move what is selected by a little; one after the other these are one edit."""
        canvas, scene = self._canvas, self._canvas.graph_scene
        cargo = Cargo(scene, canvas.selected_nodes(), scene.selected_frames())
        edit = cargo.edit(by)
        if edit is not None:
            canvas.sheet.push(edit, merge=("nudge", *cargo.nodes, *cargo.frames))

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
