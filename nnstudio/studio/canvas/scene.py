"""The scene: one item for every node, edge and comment frame of the sheet, and what is lit among them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsSceneHelpEvent, QToolTip

from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge, Position
from nnstudio.graph.problem import Problem
from nnstudio.studio.canvas.complaints import Complaint, complaints
from nnstudio.studio.canvas.edge_item import EdgeItem
from nnstudio.studio.canvas.edge_words import EdgeWord
from nnstudio.studio.canvas.frame_item import FrameItem
from nnstudio.studio.canvas.look import Port, edge_label, grounds, looks
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.canvas.places import Places
from nnstudio.studio.canvas.selectable import Selectable
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.canvas.thumbnail import Thumbnail

_EXTENT = 100_000.0
_NEAR = 7.0  # scene units from an edge, for its tooltip
_FEW = 40  # rectangles told one by one before all is said to be spoilt
_Item = NodeItem | EdgeItem | FrameItem


class GraphScene(QGraphicsScene):
    """Items follow the sheet by difference: what an edit left alone is not touched.

    Where things are is asked of `places`, what is seen is painted by painting.py; as a QGraphicsScene it
    holds the items and renders them into vector pictures.
    """

    spoilt = Signal(QRectF)  # what is shown there is no longer right; an empty rectangle means everywhere

    def __init__(self, sheet: Sheet, parent: QObject | None = None) -> None:
        super().__init__(-_EXTENT, -_EXTENT, 2 * _EXTENT, 2 * _EXTENT, parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.sheet = sheet
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[Edge, EdgeItem] = {}
        self.frames: dict[str, FrameItem] = {}
        self.revision = 0  # counts whatever changes what is seen
        self._altered: set[Selectable] | None = None  # look otherwise since one asked; None: all
        self.shifts = 0  # counts moves, of lifted nodes too
        self.lifted: frozenset[str] = frozenset()  # nodes that are being dragged
        self._pinned: str | None = None
        self.words_of: Callable[[Edge], tuple[EdgeWord, ...]] = lambda edge: ()
        """What is known of the numbers that travel along an edge."""
        self.dragging: Callable[[], bool] = lambda: False  # whether a gesture is under way
        self._spoilt_since = 0
        self._places: Places | None = None
        self._lit: list[NodeItem | EdgeItem] = []
        self._quiet = False
        self._chosen: set[Selectable] = set()  # what is selected
        self._level: Level | None = None
        self._grounds: dict[str, tuple[object, ...]] = {}
        self._wrong: Mapping[str, Complaint] = {}
        self._wrong_edges: Mapping[Edge, Complaint] = {}
        sheet.replaced.connect(self._start_afresh)
        sheet.graph_changed.connect(self.follow)
        sheet.moved.connect(self._follow_places)
        sheet.problems_changed.connect(self._follow_problems)
        self.follow()

    # -- following the graph

    def follow(self) -> None:
        """Make the items agree with the graph."""
        sheet = self.sheet
        level = sheet.level
        self._complain(sheet.document.announced_problems)
        wrong, wrong_edges = self._wrong, self._wrong_edges
        former, self._grounds = self._grounds, grounds(sheet)
        changed = [
            key
            for key, ground in self._grounds.items()
            if not _same(ground, former.get(key)) or self.nodes[key].look.complaint != wrong.get(key)
        ]
        present = dict.fromkeys(level.edges)
        joined = len(self.edges), len(self.nodes)
        for edge in [edge for edge in self.edges if edge not in present]:
            self._drop(self.edges.pop(edge))
        for key in [key for key in self.nodes if key not in level.nodes]:
            self._drop(self.nodes.pop(key))
        fewer = (len(self.edges), len(self.nodes)) != joined
        moved: set[str] = set()
        added = False
        for key, look in looks(sheet, wrong, changed).items():
            item = self.nodes.get(key)
            if item is None:
                self.nodes[key] = item = NodeItem(look)
                self._put(item)
                added = True
            elif item.look != look:
                old = item.look
                item.show_look(look)
                if (old.position, old.inputs, old.outputs) != (look.position, look.inputs, look.outputs):
                    moved.add(key)
        others = set(changed)
        for edge in present:
            item = self.edges.get(edge)
            if item is None:
                item = EdgeItem(edge, self.nodes[edge.source], self.nodes[edge.target])
                item.complaint = wrong_edges.get(edge)
                item.fresh = item.source.fresh
                self.edges[edge] = item
                self._put(item)
                added = True
            elif edge.source in moved or edge.target in moved:
                item.route()
            elif edge.source not in others:
                continue
            item.show_label(edge_label(sheet, edge))
        if fewer or added or moved:
            self._places = None
            self.spoil_all()
        self._follow_drawing(level)

    def _put(self, item: _Item) -> None:
        item.graph_scene = self
        self.addItem(item)

    def _follow_places(self) -> None:
        """Nodes stand elsewhere, edges are bent otherwise, frames are others; nothing else is new."""
        moved: list[str] = []
        level = self.sheet.level
        for key, node in level.nodes.items():
            item = self.nodes[key]
            if item.look.position != node.position or item.place() != node.position:
                item.show_look(replace(item.look, position=node.position))
                moved.append(key)
        self.reroute(moved)
        self._follow_drawing(level)

    def _follow_drawing(self, level: Level) -> None:
        """Bends and frames."""
        former, self._level = self._level, level
        if former is None or former.edges is not level.edges:
            for edge in level.edges:
                if self.edges[edge].bends != edge.bends:
                    self.show_bends(edge, edge.bends)
        if former is None or former.frames is not level.frames:
            for key in [key for key in self.frames if key not in level.frames]:
                self._drop(self.frames.pop(key))
                self.spoil_all()
            for key, frame in level.frames.items():
                item = self.frames.get(key)
                if item is None:
                    self.frames[key] = item = FrameItem(frame)
                    self._put(item)
                    item.update()
                elif item.frame != frame or item.scene_box().topLeft() != QPointF(*frame.position):
                    item.show_frame(frame)
            if list(self.frames) != list(level.frames):  # drawn in the level's order
                self.frames = {key: self.frames[key] for key in level.frames}

    def show_bends(self, edge: Edge, bends: tuple[Position, ...]) -> None:
        """Draw an edge through these places, which may be on their way with the mouse."""
        item = self.edges[edge]
        item.update()
        item.bend(bends)
        if self._places is not None:
            self._places.bend()
        item.update()

    def _complain(self, problems: Iterable[Problem]) -> None:
        nodes, self._wrong_edges = complaints(self.sheet, (*problems, *self.sheet.notices))
        if self._pinned in nodes:
            found = nodes[self._pinned]
            nodes[self._pinned] = replace(found, words=f"stops here: {found.words}")
        self._wrong = nodes

    def pin(self, node_id: str | None) -> None:
        """Say at the badge of this node that the program of a broken graph ends there; None: nowhere."""
        if node_id != self._pinned:
            self._pinned = node_id
            self._follow_problems()

    def _follow_problems(self) -> None:
        self._complain(self.sheet.problems)
        wrong, wrong_edges = self._wrong, self._wrong_edges
        for key, item in self.nodes.items():
            if item.look.complaint != wrong.get(key):
                item.show_look(replace(item.look, complaint=wrong.get(key)))
        for edge, item in self.edges.items():
            if item.complaint != wrong_edges.get(edge):
                item.complaint = wrong_edges.get(edge)
                item.update()

    def _start_afresh(self) -> None:
        """Another document: nothing that is shown means anything any more."""
        self.put_out()
        # scene.clear() would delete items that Python still holds, and tell nobody.
        for table in (self.edges, self.nodes, self.frames):
            for key in list(table):
                self._drop(table.pop(key))  # type: ignore[arg-type]
        self._level = self._places = None
        self._grounds = {}
        self.spoil_all()
        self.follow()

    def _drop(self, item: _Item) -> None:
        item.setSelected(False)
        if item in self._lit:
            self._lit.remove(item)
        item.graph_scene = None
        self.removeItem(item)

    def reroute(self, ids: Iterable[str]) -> None:
        """These nodes stand elsewhere, dragged or moved: so do the edges at them."""
        moved = list(ids)
        if not moved:
            return
        if self.dragging() and self.lifted != frozenset(moved):
            self.lifted = frozenset(moved)
            self.revision += 1
        self.shifts += 1
        few = len(moved) <= _FEW // 4
        edges, dirty = self.places.move(moved, few)
        for item in edges:
            item.route()
        for box in dirty if few else [QRectF()]:
            self._tell(box)
        if not self.lifted:
            self.revision += 1

    def put_down(self) -> None:
        """What was dragged lies with the rest again."""
        if self.lifted:
            self.lifted = frozenset()
            self.revision += 1

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        # Qt would ask the items; the canvas knows what is under the pointer, and has put it there.
        viewport = event.widget()
        tip = viewport.toolTip() or self.edge_tip(event.scenePos())
        QToolTip.showText(event.screenPos(), tip, viewport)
        event.setAccepted(bool(tip))

    def edge_tip(self, point: QPointF) -> str:
        """What is known of the numbers on the edge at a point, where no card covers it."""
        item = None if self.node_at(point) is not None else self.edge_at(point, _NEAR)
        if item is None or not item.words():
            return ""
        head = f"{item.source.look.name} → {item.target.look.name}"
        return "\n".join(
            [f"{head} · {item.label}" if item.label else head, *(w.spoken() for w in item.words())]
        )

    def numbers_at(self, node_id: str) -> list[str]:
        """What is known of the numbers on a node's edges, in words: "from x: value 0.27, gradient −1.5"."""
        found: list[str] = []
        for edge, item in self.edges.items():
            if node_id not in (edge.source, edge.target) or not item.words():
                continue
            comes = edge.target == node_id
            end = f"from {item.source.look.name}" if comes else f"to {item.target.look.name}"
            found.append(f"{end}: {', '.join(word.spoken() for word in item.words())}")
        return found

    def bend(self, edges: Mapping[Edge, tuple[Position, ...]]) -> None:
        """Show edges led through these places, until the graph says otherwise."""
        items = [(self.edges[edge], bends) for edge, bends in edges.items() if edge in self.edges]
        for item, _ in items:
            item.update()
        for item, bends in items:
            item.bend(bends)
        if self._places is not None:
            self._places.bend()
        for item, _ in items:
            item.update()

    # -- what has to be painted again

    def spoil(self, item: Selectable) -> None:
        """An item looks otherwise."""
        self.revision += 1
        if self._altered is not None:
            self._altered.add(item)
        if self._spoilt_since <= _FEW:
            self._tell(item.sceneBoundingRect())

    def spoil_all(self) -> None:
        self.revision += 1
        self._altered = None
        self._tell(QRectF())

    def take_altered(self) -> set[Selectable] | None:
        """What looks otherwise since this was asked last; None where that may be everything."""
        altered, self._altered = self._altered, set()
        return altered

    def _tell(self, box: QRectF) -> None:
        """Once all is said to be spoilt nothing more is said, until that is painted."""
        if self.signalsBlocked() or self._spoilt_since > _FEW:
            return
        self._spoilt_since = _FEW + 1 if box.isEmpty() else self._spoilt_since + 1
        self.spoilt.emit(box if self._spoilt_since <= _FEW else QRectF())

    def painted(self, whole: bool = True) -> None:
        """What was said to be spoilt so far has been painted: everything, or the few places told."""
        if whole or self._spoilt_since <= _FEW:
            self._spoilt_since = 0

    # -- finding

    @property
    def places(self) -> Places:
        if self._places is None:
            self._places = Places(self.nodes.values(), self.edges.values())
        return self._places

    def node_at(self, point: QPointF) -> NodeItem | None:
        """The topmost card over a point."""
        near = self.places.cards_in(QRectF(point, point), 0.0)
        return near[-1] if near else None

    def nodes_in(self, box: QRectF) -> list[NodeItem]:
        """The nodes that a rectangle touches, ports and outline included."""
        return self.places.cards_in(box)

    def port_at(self, point: QPointF, reach: float, side: str | None = None) -> tuple[NodeItem, Port] | None:
        """The nearest port within reach, of one side if told."""
        best: tuple[NodeItem, Port] | None = None
        nearest = reach
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self.places.cards_in(box):
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
        near = [item for item in self.places.edges_in(box) if not item.hidden_while_dragged]
        near = [item for item in near if item.distance(point) <= reach]
        return min(near, key=lambda item: item.distance(point), default=None)

    def frame_at(self, point: QPointF) -> FrameItem | None:
        """The topmost frame whose title or corner is there: the rest of a frame is as good as canvas."""
        for item in reversed(self.frames.values()):
            if item.title_box().contains(point) or item.grip_box().contains(point):
                return item
        return None

    def edge_into(self, node_id: str, port: str) -> Edge | None:
        incoming = self.sheet.level.structure.incoming.get(node_id, {}).get(port)
        return incoming[0] if incoming and incoming[0] in self.edges else None

    def selected_nodes(self) -> list[str]:
        """Ids in document order."""
        return [key for key, item in self.nodes.items() if item in self._chosen] if self._chosen else []

    def selected_edges(self) -> list[Edge]:
        edges = [item.edge for item in self._chosen if isinstance(item, EdgeItem)]
        return edges if len(edges) < 2 else [edge for edge, item in self.edges.items() if item.isSelected()]

    def selected_frames(self) -> list[str]:
        return [key for key, item in self.frames.items() if item.isSelected()]

    def selectedItems(self) -> list[QGraphicsItem]:
        tables: tuple[Mapping[Any, _Item], ...] = (self.frames, self.edges, self.nodes)
        return [item for table in tables for item in table.values() if item.isSelected()]

    def select(self, ids: Iterable[str], edges: Iterable[Edge] = (), frames: Iterable[str] = ()) -> None:
        """Select exactly these, telling listeners once."""
        changed = False
        self._quiet = True
        wanted: set[Selectable] = {self.nodes[key] for key in ids if key in self.nodes}
        wanted |= {self.edges[key] for key in edges if key in self.edges}
        wanted |= {self.frames[key] for key in frames if key in self.frames}
        for item in self._chosen ^ wanted:
            item.setSelected(item in wanted)
            changed = True
        self._quiet = False
        if changed:
            self.selectionChanged.emit()

    def selection_shifted(self, item: Selectable) -> None:
        """An item was selected, or is no longer."""
        (self._chosen.add if item.isSelected() else self._chosen.discard)(item)
        if not self._quiet:
            self.selectionChanged.emit()

    def contents(self, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around the cards of these nodes, or around all cards and frames."""
        if ids is not None:
            return self.places.box([key for key in ids if key in self.nodes])
        box = self.places.box()
        for item in self.frames.values():
            box = box.united(item.scene_box())
        return box

    # -- light and values

    def light(
        self,
        node_id: str | None,
        edges: Iterable[Edge],
        phase: str,
        value: str = "",
        strength: float = 0.5,
    ) -> None:
        """Light one node and some edges in a phase's colour, the value written beside the first of the
        edges, which are thick for a strength of 1.
        """
        self.put_out()
        if node_id in self.nodes:
            item = self.nodes[node_id]
            item.phase = phase
            item.update()
            self._lit.append(item)
        for index, edge in enumerate(edge for edge in edges if edge in self.edges):
            item = self.edges[edge]
            item.light(phase, value if index == 0 else "", strength)
            self._lit.append(item)

    def lit_edges(self) -> list[EdgeItem]:
        return [item for item in self._lit if isinstance(item, EdgeItem)]

    def put_out(self) -> None:
        for item in self._lit:
            if isinstance(item, EdgeItem):
                item.light(None)
            else:
                item.phase = None
                item.update()
        self._lit.clear()

    def set_thumbnail(self, node_id: str, array: NDArray[Any] | None) -> None:
        """Show an array, which nobody changes any more, on a node's card (None: nothing, the formula comes
        back). Shown as current.
        """
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

    def say(self, edges: Iterable[Edge] | None = None) -> None:
        """The numbers that travel along these edges are others; by default those of all."""
        for edge in self.edges if edges is None else edges:
            if edge in self.edges:
                self.edges[edge].forget_words()

    # -- what complains

    def complaining(self) -> list[NodeItem]:
        """The nodes that something is wrong with."""
        return [self.nodes[key] for key in self._wrong if key in self.nodes]

    def complaining_edges(self) -> list[EdgeItem]:
        return [self.edges[edge] for edge in self._wrong_edges if edge in self.edges]


def _same(ground: tuple[object, ...], former: tuple[object, ...] | None) -> bool:
    """Whether all is the very same as before."""
    return former is not None and all(map(operator.is_, ground, former))
