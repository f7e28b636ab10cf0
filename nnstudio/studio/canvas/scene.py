"""The scene: one item for every node and every edge of the graph, and what is lit among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from nnstudio.graph.node import Edge
from nnstudio.studio.canvas.edge_item import EdgeItem
from nnstudio.studio.canvas.look import Port, edge_labels, looks, severities
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.canvas.thumbnail import Thumbnail

_EXTENT = 100_000.0


class GraphScene(QGraphicsScene):
    """Items follow the graph by difference: what an edit left alone is not touched."""

    def __init__(self, sheet: Sheet, parent: QObject | None = None) -> None:
        super().__init__(-_EXTENT, -_EXTENT, 2 * _EXTENT, 2 * _EXTENT, parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.setBspTreeDepth(10)
        self.sheet = sheet
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[Edge, EdgeItem] = {}
        self._lit: list[NodeItem | EdgeItem] = []
        self._far_cards: list[QRectF] | None = None
        self._far_lines: list[QLineF] | None = None
        self._contents: QRectF | None = None
        sheet.replaced.connect(self._start_afresh)
        sheet.graph_changed.connect(self.follow)
        sheet.moved.connect(self._follow_places)
        sheet.problems_changed.connect(self._follow_problems)
        self.follow()

    # -- following the graph

    def follow(self) -> None:
        """Make the items agree with the graph."""
        sheet = self.sheet
        wanted = looks(sheet, sheet.document.announced_problems)
        present = set(sheet.level.edges)
        for edge in [edge for edge in self.edges if edge not in present]:
            self._drop(self.edges.pop(edge))
        for key in [key for key in self.nodes if key not in wanted]:
            self._drop(self.nodes.pop(key))
        moved: set[str] = set()
        for key, look in wanted.items():
            item = self.nodes.get(key)
            if item is None:
                self.nodes[key] = item = NodeItem(look)
                self.addItem(item)
            elif item.look != look:
                old = item.look
                item.show_look(look)
                if (old.position, old.inputs, old.outputs) != (look.position, look.inputs, look.outputs):
                    moved.add(key)
        for edge, label in edge_labels(sheet).items():
            if edge not in self.edges:
                item = EdgeItem(edge, self.nodes[edge.source], self.nodes[edge.target])
                self.edges[edge] = item
                self.addItem(item)
            elif edge.source in moved or edge.target in moved:
                self.edges[edge].route()
            self.edges[edge].show_label(label)
        self.forget_far()

    def _follow_places(self) -> None:
        """Nodes stand elsewhere, and nothing else is new."""
        moved = []
        for key, node in self.sheet.level.nodes.items():
            item = self.nodes[key]
            if item.look.position != node.position or item.place() != node.position:
                item.show_look(replace(item.look, position=node.position))
                moved.append(key)
        self.reroute(moved)

    def _follow_problems(self) -> None:
        sheet, problems = self.sheet, self.sheet.problems
        severity = severities(sheet, problems)
        for key, item in self.nodes.items():
            if item.look.severity != severity.get(key):
                item.show_look(replace(item.look, severity=severity.get(key)))
        broken = {edge for problem in problems if (edge := sheet.edge_of(problem)) is not None}
        for edge, item in self.edges.items():
            if item.broken != (edge in broken):
                item.broken = edge in broken
                item.update()

    def _start_afresh(self) -> None:
        """Another document: nothing that is shown means anything any more."""
        self.put_out()
        # scene.clear() would delete items that Python still holds, and tell nobody.
        for edge in list(self.edges):
            self._drop(self.edges.pop(edge))
        for key in list(self.nodes):
            self._drop(self.nodes.pop(key))
        self.follow()

    def _drop(self, item: NodeItem | EdgeItem) -> None:
        item.setSelected(False)
        if item in self._lit:
            self._lit.remove(item)
        self.removeItem(item)

    def reroute(self, ids: Iterable[str]) -> None:
        """Route again the edges at these nodes, which are being dragged."""
        moved = set(ids)
        for edge, item in self.edges.items():
            if edge.source in moved or edge.target in moved:
                item.route()
        self.forget_far()

    # -- finding

    def node_at(self, point: QPointF) -> NodeItem | None:
        for item in self.items(point):
            if isinstance(item, NodeItem) and item.scene_card().contains(point):
                return item
        return None

    def port_at(self, point: QPointF, reach: float, side: str | None = None) -> tuple[NodeItem, Port] | None:
        """The nearest port within reach, of one side if told."""
        best: tuple[NodeItem, Port] | None = None
        nearest = reach
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self.items(box):
            if not isinstance(item, NodeItem):
                continue
            for port in item.ports():
                if side is not None and port.side != side:
                    continue
                away = item.port_point(port) - point
                distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
                if distance <= nearest:
                    best, nearest = (item, port), distance
        return best

    def edge_at(self, point: QPointF, reach: float) -> EdgeItem | None:
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        near = [
            item for item in self.items(box) if isinstance(item, EdgeItem) and not item.hidden_while_dragged
        ]
        near = [item for item in near if item.distance(point) <= reach]
        return min(near, key=lambda item: item.distance(point), default=None)

    def edge_into(self, node_id: str, port: str) -> Edge | None:
        return next((edge for edge in self.edges if edge.target == node_id and edge.port == port), None)

    def selected_nodes(self) -> list[str]:
        """Ids in document order."""
        return [key for key, item in self.nodes.items() if item.isSelected()]

    def selected_edges(self) -> list[Edge]:
        return [edge for edge, item in self.edges.items() if item.isSelected()]

    def select(self, ids: Iterable[str], edges: Iterable[Edge] = ()) -> None:
        """Select exactly these, telling listeners once."""
        wanted, wanted_edges = set(ids), set(edges)
        if wanted == set(self.selected_nodes()) and wanted_edges == set(self.selected_edges()):
            return
        self.blockSignals(True)
        for key, item in self.nodes.items():
            item.setSelected(key in wanted)
        for edge, item in self.edges.items():
            item.setSelected(edge in wanted_edges)
        self.blockSignals(False)
        self.selectionChanged.emit()

    def contents(self, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around the cards of these nodes, or of all."""
        if ids is None:
            if self._contents is None:
                self._contents = self.contents(self.nodes)
            return QRectF(self._contents)
        box = QRectF()
        for key in ids:
            box = box.united(self.nodes[key].scene_card())
        return box

    # -- light and values

    def light(self, node_id: str | None, edges: Iterable[Edge], phase: str, value: str = "") -> None:
        """Light one node and some edges in a phase's colour, the value written beside the first of the
        edges.
        """
        self.put_out()
        if node_id in self.nodes:
            item = self.nodes[node_id]
            item.phase = phase
            item.update()
            self._lit.append(item)
        for index, edge in enumerate(edge for edge in edges if edge in self.edges):
            item = self.edges[edge]
            item.light(phase, value if index == 0 else "")
            self._lit.append(item)

    def put_out(self) -> None:
        for item in self._lit:
            if isinstance(item, EdgeItem):
                item.light(None)
            else:
                item.phase = None
                item.update()
        self._lit.clear()

    def set_thumbnail(self, node_id: str, array: NDArray[Any] | None) -> None:
        """Show an array on a node's card (None: nothing, the formula comes back). Shown as current."""
        item = self.nodes.get(node_id)
        if item is not None:
            item.thumbnail = None if array is None else Thumbnail(array)
            item.fresh = array is not None
            item.update()

    def clear_thumbnails(self) -> None:
        for item in self.nodes.values():
            if item.thumbnail is not None:
                item.thumbnail = None
                item.update()

    def set_fresh(self, ids: Iterable[str]) -> None:
        """Say whose shown outputs are current; the other cards and the edges from them look stale."""
        fresh = set(ids)
        for key, item in self.nodes.items():
            if item.fresh != (key in fresh):
                item.fresh = key in fresh
                item.update()
        for edge, item in self.edges.items():
            if item.fresh != (edge.source in fresh):
                item.fresh = edge.source in fresh
                item.update()

    # -- far away

    def repaint_all(self) -> None:
        """The colours are others: no picture kept is right any more."""
        for item in self.nodes.values():
            item.update()

    def forget_far(self) -> None:
        self._far_cards = self._far_lines = self._contents = None

    def far_shapes(self) -> tuple[list[QRectF], list[QLineF]]:
        """Cards as rectangles and edges as lines, for one call each where the view is zoomed far out."""
        if self._far_cards is None or self._far_lines is None:
            self._far_cards = [item.scene_card() for item in self.nodes.values()]
            self._far_lines = [QLineF(*item.ends()) for item in self.edges.values()]
        return self._far_cards, self._far_lines
