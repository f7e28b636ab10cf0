"""The edges of a node by keys: one after the other, from one to the nodes at its ends, and what there is to
say of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from nnstudio.graph.node import Edge
from nnstudio.studio.canvas.announcer import announce
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.note import note_box, paint_note
from nnstudio.studio.canvas.spoken import spoken_shape

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EdgeWalk:
    """Where one is: the edge that is selected alone, wherever the selection came from."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._home = ""  # the node one came from
        self._reached: Edge | None = None

    def current(self) -> Edge | None:
        scene = self._canvas.graph_scene
        edges = scene.selected_edges()
        alone = len(edges) == 1 and not (scene.selected_nodes() or scene.selected_frames())
        return edges[0] if alone else None

    def next(self, by: int = 1) -> None:
        """Select the first edge of the selected node; from an edge the next one of the same node."""
        canvas, here = self._canvas, self.current()
        canvas.abandon()
        canvas.setFocus()
        home = canvas.walk.current()
        if here is not None:
            home = self._home if self._home in (here.source, here.target) else here.source
        if home is None:
            canvas.refused.emit("Select a node to go to its edges.")
            return
        edges, name = self._of(home), canvas.sheet.level.nodes[home].name
        if not edges:
            canvas.refused.emit(f"{name} has no edges.")
            return
        index = (edges.index(here) + by) % len(edges) if here in edges else 0
        self._home, self._reached = home, edges[index]
        canvas.select([], [self._reached])
        middle = canvas.graph_scene.edges[self._reached].middle()
        if not canvas.seen().contains(middle):
            canvas.look_at(middle)
        announce(canvas, f"Edge {index + 1} of {len(edges)} at {name}")

    def _of(self, node_id: str) -> list[Edge]:
        """Those that arrive, in the order of the ports, and then those that leave."""
        structure = self._canvas.sheet.level.structure
        arriving = [edge for port in structure.incoming[node_id].values() for edge in port]
        ports = self._canvas.graph_scene.nodes[node_id].look.inputs
        arriving.sort(key=lambda edge: ports.index(edge.port) if edge.port in ports else len(ports))
        return list(dict.fromkeys([*arriving, *structure.outgoing[node_id]]))

    def press(self, key: Qt.Key) -> bool:
        """Act on a key while an edge is selected; False where it means nothing here."""
        edge, canvas = self.current(), self._canvas
        if edge is None:
            return False
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.next(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(edge.source if key == Qt.Key.Key_Left else edge.target)
        elif key == Qt.Key.Key_Escape and edge == self._reached:
            self._go(self._home)
        elif key in _ENTER:
            canvas.begin(EdgeNote(canvas, edge))
        else:
            return False
        return True

    def _go(self, node_id: str) -> None:
        self._canvas.select([node_id])
        self._canvas.reveal(node_id)


class EdgeNote(Gesture):
    """Says beside an edge what it joins, what flows there and what is wrong with it, until the next key or
    click.
    """

    by_mouse = False

    def __init__(self, canvas: Canvas, edge: Edge) -> None:
        super().__init__(canvas)
        self._edge = edge
        announce(canvas, spoken_shape(". ".join(line.rstrip(".") for line in self.lines())))

    def lines(self) -> list[str]:
        item = self.scene.edges.get(self._edge)
        if item is None:
            return []
        source, target = item.source.look, item.target.look
        port = f"{self._edge.source_port} of " if len(source.outputs) > 1 else ""
        said = [f"From {port}{source.name} to {self._edge.port} of {target.name}"]
        if item.label:
            said[0] += f": {item.label}"
        said += [word.spoken() for word in item.words()]
        return [*said, *(item.complaint.sentences if item.complaint is not None else ())]

    def press(self, key: Qt.Key) -> bool:
        self.canvas.finish_gesture()
        return key in (*_ENTER, Qt.Key.Key_Escape) or self.canvas.edge_walk.press(key)

    def _point(self) -> QPointF:
        return self.scene.edges[self._edge].middle()

    def _tone(self) -> str:
        complaint = self.scene.edges[self._edge].complaint
        return "" if complaint is None else complaint.severity

    def bounds(self) -> QRectF:
        return note_box(self.canvas, self._point(), self.lines()) if self.lines() else QRectF()

    def paint(self, painter: QPainter) -> None:
        if self.lines():
            paint_note(painter, self.canvas, self._point(), self.lines(), self._tone())
