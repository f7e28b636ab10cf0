"""A Level: the nodes, edges and frames of the graph, or of one group, as a value that never changes.

An edit makes a new level out of the old one; what did not change is shared between the two. So an edit that
fails has changed nothing, a copy of a graph costs nothing, and a thread may read a level while the user
draws on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.frame import Frame
from nnstudio.graph.frozen import EMPTY
from nnstudio.graph.node import Edge, Node
from nnstudio.graph.order import is_ordered, topological_order

Incoming = dict[str, dict[str, list[Edge]]]
Outgoing = dict[str, list[Edge]]


class Level:
    """Nodes by id in document order, edges, and frames by id in drawing order, the lowest first.

    How one level is made out of another is said above.
    """

    __slots__ = (
        "_former",
        "_groups",
        "_numbers",
        "_structure",
        "_top",
        "edges",
        "extra",
        "frames",
        "names",
        "nodes",
    )

    nodes: dict[str, Node]  # by id in document order; never changed in place
    edges: tuple[Edge, ...]
    extra: Mapping[str, Any]
    frames: dict[str, Frame]  # never changed in place either
    names: dict[str, str]  # name -> id

    def __init__(
        self,
        nodes: dict[str, Node] | None = None,
        edges: tuple[Edge, ...] = (),
        extra: Mapping[str, Any] = EMPTY,
        frames: dict[str, Frame] | None = None,
    ) -> None:
        self.nodes = {} if nodes is None else nodes
        self.edges = edges
        self.extra = extra
        self.frames = {} if frames is None else frames
        self.names = {node.name: key for key, node in self.nodes.items()}
        # What is worked out when first asked for, and handed on to the next level where it still holds:
        self._structure: Structure | None = None
        self._former: Structure | None = None  # of the last level on the way here that was asked for it
        self._top: int | None = None  # the highest number of an id
        self._groups: tuple[str, ...] | None = None
        self._numbers: dict[str, int] = {}  # stem -> a number below which all names are taken

    def _next(self, nodes: dict[str, Node], edges: tuple[Edge, ...], names: dict[str, str]) -> Level:
        """A level that has no node less than this one, and the same groups."""
        level = Level.__new__(Level)
        level.nodes, level.edges, level.names, level.extra = nodes, edges, names, self.extra
        level.frames = self.frames
        level._structure, level._former = None, self._structure or self._former
        level._top, level._groups, level._numbers = self._top, self._groups, self._numbers
        return level

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Level):
            return NotImplemented
        return (
            list(self.nodes.values()) == list(other.nodes.values())
            and self.edges == other.edges
            and [edge.bends for edge in self.edges] == [edge.bends for edge in other.edges]
            and self.extra == other.extra
            and list(self.frames.values()) == list(other.frames.values())
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Level], tuple[Any, ...]]:
        return Level, (dict(self.nodes), self.edges, self.extra, dict(self.frames))

    def __repr__(self) -> str:
        return f"Level({len(self.nodes)} nodes, {len(self.edges)} edges)"

    # -- reading

    @property
    def structure(self) -> Structure:
        """What follows from nodes and edges, wherever they stand; shared where only the drawing differs."""
        if self._structure is None:
            self._structure = Structure(self, self._former)
            self._former = None
        return self._structure

    def node(self, node_id: str) -> Node:
        """The node with that id on this level; GraphError where there is none."""
        try:
            return self.nodes[node_id]
        except KeyError:
            raise GraphError(
                f"There is no node with the id {node_id!r} on this level of the graph."
            ) from None

    def frame(self, frame_id: str) -> Frame:
        """The frame with that id on this level; GraphError where there is none."""
        try:
            return self.frames[frame_id]
        except KeyError:
            raise GraphError(
                f"There is no frame with the id {frame_id!r} on this level of the graph."
            ) from None

    def place_of(self, edge: Edge) -> int:
        """The index of an edge, the last of several alike. GraphError where there is none."""
        for index in range(len(self.edges) - 1, -1, -1):
            if self.edges[index] == edge:
                return index
        source, target = (
            self.nodes[key].name if key in self.nodes else key for key in (edge.source, edge.target)
        )
        raise GraphError(f"There is no edge from {source} to the {edge.port} of {target}.")

    def group(self, node_id: str) -> tuple[Node, Level]:
        """A group and what is inside it; GraphError where the node is none."""
        node = self.node(node_id)
        if node.inside is None:
            raise GraphError(f"{node.name} is not a group, so there is nothing inside it.")
        return node, node.inside

    def at(self, path: Iterable[str]) -> Level:
        """The level inside the group that the ids of `path` lead to."""
        level = self
        for node_id in path:
            level = level.group(node_id)[1]
        return level

    def next_id(self) -> str:
        """The id of the next node. It follows from the ids there are: undo and redo need no counter."""
        if self._top is None:
            self._top = max(map(id_number, self.nodes), default=0)
        number = self._top + 1
        while f"n{number}" in self.names:  # a name never equals another node's id
            number += 1
        return f"n{number}"

    def next_frame_id(self) -> str:
        """The id of the next frame; ids of frames and of nodes have nothing to do with each other."""
        return f"f{max((id_number(key, 'f') for key in self.frames), default=0) + 1}"

    def free_number(self, stem: str, first: int) -> int:
        """The first number from `first` on with which a new node could be called `stem` and the number."""
        number = max(first, self._numbers.get(stem, first))
        while f"{stem}{number}" in self.names or f"{stem}{number}" in self.nodes:
            number += 1
        if first == 1:
            self._numbers = {**self._numbers, stem: number}
        return number

    def depth(self) -> int:
        """1 without groups, 2 with groups that hold none, and so on."""
        return 1 + max((inside.depth() for inside in self._insides()), default=0)

    def count(self) -> int:
        """All nodes, those inside groups included."""
        return len(self.nodes) + sum(inside.count() for inside in self._insides())

    def _insides(self) -> list[Level]:
        if self._groups is None:
            self._groups = tuple(key for key, node in self.nodes.items() if node.inside is not None)
        return [inside for key in self._groups if (inside := self.nodes[key].inside) is not None]

    # -- making the next level

    def put(self, node: Node, index: int | None = None) -> Level:
        """With `node` at `index` of the document order, by default last. The id and the name must be free."""
        if node.id in self.nodes:
            raise GraphError(f"There is already a node with the id {node.id!r} on this level of the graph.")
        if node.name in self.names:
            raise GraphError(f"There is already a node called {node.name} on this level of the graph.")
        if index is None or index >= len(self.nodes):
            nodes = {**self.nodes, node.id: node}
        else:
            items = list(self.nodes.items())
            items.insert(index, (node.id, node))
            nodes = dict(items)
        level = self._next(nodes, self.edges, {**self.names, node.name: node.id})
        if self._top is not None:
            level._top = max(self._top, id_number(node.id))
        if self._groups is not None and node.inside is not None:
            level._groups = (*self._groups, node.id)
        return level

    def moved(self, nodes: dict[str, Node]) -> Level:
        """With nodes that differ from the present ones in nothing but their positions."""
        level = self._next(nodes, self.edges, self.names)
        level._structure = self.structure
        return level

    def drawn(self, edges: tuple[Edge, ...] | None = None, frames: dict[str, Frame] | None = None) -> Level:
        """With other frames, or with edges that differ from the present ones in nothing but their bends."""
        level = self._next(self.nodes, self.edges if edges is None else edges, self.names)
        level._structure = self.structure
        if frames is not None:
            level.frames = frames
        return level

    def replace(self, node: Node) -> Level:
        """With `node` in the place of the one that has its id; a group stays one, and a module too."""
        former = self.node(node.id)
        nodes = dict(self.nodes)
        nodes[node.id] = node
        if former.name == node.name:
            return self._next(nodes, self.edges, self.names)
        if node.name in self.names:
            raise GraphError(f"There is already a node called {node.name} on this level of the graph.")
        names = {node.name if key == node.id else name: key for name, key in self.names.items()}
        level = self._next(nodes, self.edges, names)
        level._numbers = {}
        return level

    def replaced(self, nodes: Mapping[str, Node]) -> Level:
        """With these nodes in the places of those that have their ids and names."""
        return self._next({**self.nodes, **nodes}, self.edges, self.names)

    def without(self, node_ids: Collection[str]) -> Level:
        """Without these nodes and the edges at them."""
        nodes = {key: node for key, node in self.nodes.items() if key not in node_ids}
        edges = tuple(
            edge for edge in self.edges if edge.source not in node_ids and edge.target not in node_ids
        )
        return Level(nodes, edges, self.extra, self.frames).after(self)

    def after(self, former: Level) -> Level:
        """The same level, which may take from the former one what still holds."""
        if self._structure is None:
            self._former = former._structure or former._former
        return self

    def with_edges(self, edges: Iterable[Edge]) -> Level:
        """The same nodes with these edges instead."""
        return self._next(self.nodes, tuple(edges), self.names)


class Structure:
    """Who feeds whom, and in which order: built once per level, when first asked for.

    Tables are never changed in place. What they say of a node is the same object as in the former structure
    where the edges at that node are the same, so that one can tell cheaply what an edit has touched.
    """

    def __init__(self, level: Level, former: Structure | None = None) -> None:
        self._ids = tuple(level.nodes)
        self._edges = level.edges
        if former is not None and former._tables is not None:
            self._tables = self._patched(former, *former._tables)
            self._take_order(former)
        else:
            self._tables: tuple[Incoming, Outgoing] | None = None

    @property
    def incoming(self) -> Incoming:
        """Node id -> input port -> the edges into it, in document order."""
        return self._both()[0]

    @property
    def outgoing(self) -> Outgoing:
        """Node id -> the edges from it, in document order."""
        return self._both()[1]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Sources before targets, document order as tie-break, without the nodes in or behind a cycle."""
        if is_ordered(self._ids, self._edges):
            return self._ids
        return topological_order(self._ids, self._edges)

    def _both(self) -> tuple[Incoming, Outgoing]:
        if self._tables is None:
            incoming: Incoming = {key: {} for key in self._ids}
            outgoing: Outgoing = {key: [] for key in self._ids}
            for edge in self._edges:
                incoming[edge.target].setdefault(edge.port, []).append(edge)
                outgoing[edge.source].append(edge)
            self._tables = (incoming, outgoing)
        return self._tables

    def _patched(
        self, former: Structure, incoming: Incoming, outgoing: Outgoing
    ) -> tuple[Incoming, Outgoing] | None:
        """The former tables with other entries where edges are others; None where all is to be built."""
        changed = _changed(former._edges, self._edges)
        if changed is None:
            return None
        if self._ids == former._ids:
            if not changed:
                return incoming, outgoing
            incoming, outgoing = dict(incoming), dict(outgoing)
        else:
            old_in, old_out = incoming, outgoing
            incoming = {key: old_in.get(key, {}) for key in self._ids}
            outgoing = {key: old_out.get(key, []) for key in self._ids}
        targets = {edge.target for edge in changed if edge.target in incoming}
        sources = {edge.source for edge in changed if edge.source in outgoing}
        incoming.update({key: {} for key in targets})
        outgoing.update({key: [] for key in sources})
        if changed:
            for edge in self._edges:
                if edge.target in targets:
                    incoming[edge.target].setdefault(edge.port, []).append(edge)
                if edge.source in sources:
                    outgoing[edge.source].append(edge)
        return incoming, outgoing

    def _take_order(self, former: Structure) -> None:
        if self._edges is former._edges and self._ids == former._ids and "order" in former.__dict__:
            self.order = former.order


def _changed(old: tuple[Edge, ...], new: tuple[Edge, ...]) -> list[Edge] | None:
    """The edges that only one of the two has; None where those that both have stand in another order."""
    if old is new:
        return []
    old_ids, new_ids = list(map(id, old)), list(map(id, new))
    known, present = set(old_ids), set(new_ids)
    if [key for key in old_ids if key in present] != [key for key in new_ids if key in known]:
        return None
    changed = [edge for edge in old if id(edge) not in present]
    return changed + [edge for edge in new if id(edge) not in known]


def id_number(node_id: str, letter: str = "n") -> int:
    """The k of "nk", and 0 for an id that was made elsewhere."""
    digits = node_id[1:]
    if node_id[:1] == letter and digits.isascii() and digits.isdecimal() and not digits.startswith("0"):
        return int(digits)
    return 0
