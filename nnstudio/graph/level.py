"""A Level: the nodes and edges of the graph, or of one group, as a value that never changes.

An edit makes a new level out of the old one; what did not change is shared between the two. So an edit that
fails has changed nothing, a copy of a graph costs nothing, and a thread may read a level while the user
draws on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from nnstudio.errors import GraphError
from nnstudio.graph.frozen import EMPTY
from nnstudio.graph.node import Edge, Node
from nnstudio.graph.order import is_ordered, topological_order

Item = TypeVar("Item")


class Level:
    __slots__ = ("_structure", "_top", "edges", "extra", "names", "nodes")

    nodes: dict[str, Node]  # never changed in place
    edges: tuple[Edge, ...]
    extra: Mapping[str, Any]
    names: Mapping[str, str]

    def __init__(
        self,
        nodes: dict[str, Node] | None = None,
        edges: tuple[Edge, ...] = (),
        extra: Mapping[str, Any] = EMPTY,
        *,
        names: Mapping[str, str] | None = None,
        structure: Structure | None = None,
        top: int | None = None,
    ) -> None:
        """`names` (name -> id), `structure` and `top` are handed on by a level this one was made from."""
        self.nodes = {} if nodes is None else nodes
        self.edges = edges
        self.extra = extra
        self.names = {node.name: key for key, node in self.nodes.items()} if names is None else names
        self._structure = structure
        self._top = top

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Level):
            return NotImplemented
        return (
            list(self.nodes.values()) == list(other.nodes.values())
            and self.edges == other.edges
            and self.extra == other.extra
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Level], tuple[Any, ...]]:
        return Level, (dict(self.nodes), self.edges, self.extra)

    def __repr__(self) -> str:
        return f"Level({len(self.nodes)} nodes, {len(self.edges)} edges)"

    # -- reading

    @property
    def structure(self) -> Structure:
        """What follows from the nodes and edges wherever they stand: shared by levels that differ in
        positions only.
        """
        if self._structure is None:
            self._structure = Structure(self)
        return self._structure

    def node(self, node_id: str) -> Node:
        try:
            return self.nodes[node_id]
        except KeyError:
            raise GraphError(
                f"There is no node with the id {node_id!r} on this level of the graph."
            ) from None

    def group(self, node_id: str) -> tuple[Node, Level]:
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
        """The id of the next node: it follows from the ids there are, so undo and redo need no counter in
        the file.
        """
        if self._top is None:
            self._top = max(map(id_number, self.nodes), default=0)
        number = self._top + 1
        while f"n{number}" in self.names:  # a name never equals another node's id
            number += 1
        return f"n{number}"

    def depth(self) -> int:
        """1 without groups, 2 with groups that hold none, and so on."""
        return 1 + max((inside.depth() for inside in self._insides()), default=0)

    def count(self) -> int:
        """All nodes, those inside groups included."""
        return len(self.nodes) + sum(inside.count() for inside in self._insides())

    def _insides(self) -> list[Level]:
        return [node.inside for node in self.nodes.values() if node.inside is not None]

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
        top = None if self._top is None else max(self._top, id_number(node.id))
        return Level(nodes, self.edges, self.extra, names={**self.names, node.name: node.id}, top=top)

    def moved(self, nodes: dict[str, Node]) -> Level:
        """With nodes that differ from the present ones in nothing but their positions."""
        return Level(nodes, self.edges, self.extra, names=self.names, structure=self.structure, top=self._top)

    def replace(self, node: Node) -> Level:
        """With `node` in the place of the one that has its id."""
        former = self.node(node.id)
        names = self.names
        if former.name != node.name:
            if node.name in names:
                raise GraphError(f"There is already a node called {node.name} on this level of the graph.")
            names = {node.name if name == former.name else name: key for name, key in names.items()}
        nodes = dict(self.nodes)
        nodes[node.id] = node
        return Level(nodes, self.edges, self.extra, names=names, top=self._top)

    def without(self, node_ids: Collection[str]) -> Level:
        """Without these nodes and the edges at them."""
        nodes = {key: node for key, node in self.nodes.items() if key not in node_ids}
        edges = tuple(
            edge for edge in self.edges if edge.source not in node_ids and edge.target not in node_ids
        )
        return Level(nodes, edges, self.extra)

    def with_edges(self, edges: Iterable[Edge]) -> Level:
        return Level(self.nodes, tuple(edges), self.extra, names=self.names, top=self._top)


class Structure:
    """Who feeds whom, and in which order: built once per level, when first asked for."""

    def __init__(self, level: Level) -> None:
        self._ids = tuple(level.nodes)
        self._edges = level.edges

    @cached_property
    def incoming(self) -> dict[str, dict[str, list[Edge]]]:
        """Node id -> input port -> the edges into it, in document order."""
        found: dict[str, dict[str, list[Edge]]] = {key: {} for key in self._ids}
        for edge in self._edges:
            found[edge.target].setdefault(edge.port, []).append(edge)
        return found

    @cached_property
    def outgoing(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {key: [] for key in self._ids}
        for edge in self._edges:
            found[edge.source].append(edge)
        return found

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Sources before targets, document order as tie-break, without the nodes in or behind a cycle."""
        if is_ordered(self._ids, self._edges):
            return self._ids
        return topological_order(self._ids, self._edges)


def id_number(node_id: str) -> int:
    """The k of "nk", and 0 for an id that was made elsewhere."""
    digits = node_id[1:]
    if node_id[:1] == "n" and digits.isascii() and digits.isdecimal() and not digits.startswith("0"):
        return int(digits)
    return 0
