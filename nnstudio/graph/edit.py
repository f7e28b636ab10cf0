"""What an edit is, the edit that puts things back, and several edits as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence as Items
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypeVar

from nnstudio.errors import GraphError
from nnstudio.graph.frame import Frame
from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge, Node

if TYPE_CHECKING:
    from nnstudio.graph.graph import Graph

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Edit(ABC):
    """A reversible change to a graph, as a value.

    `label` is for the undo list. Before the edit is applied it can only say what the edit itself knows
    ("Remove n3"); `described(graph)` has the names, and so has the label of the inverse that `apply`
    returns ("Remove fc2").
    """

    label: str = field(default="", kw_only=True, compare=False)

    def __post_init__(self) -> None:
        if not self.label:
            object.__setattr__(self, "label", self.title(None))

    def apply(self, graph: Graph) -> Edit:
        """Perform it and return the edit that undoes it. GraphError where it cannot be: nothing changed."""
        return graph.apply(self)

    def described(self, graph: Graph) -> Self:
        """The same edit, with the names of this graph's nodes in its label."""
        return replace(self, label=self.label_on(graph.level))

    def label_on(self, level: Level) -> str:
        return self.title(level) if self.label == self.title(None) else self.label

    @abstractmethod
    def title(self, level: Level | None) -> str:
        """What it does, in a few words; with names where the level it applies to is given."""

    @abstractmethod
    def on(self, level: Level) -> tuple[Level, Edit]:
        """The level after the edit, and the inverse edit. GraphError where it cannot be."""


def name_of(level: Level | None, node_id: str) -> str:
    """The node's name in a label; its id where it is not known."""
    node = None if level is None else level.nodes.get(node_id)
    return node_id if node is None else node.name


@dataclass(frozen=True)
class PutBack(Edit):
    """Removes some nodes and edges and puts others at exact places: how an edit that removed something is
    undone.

    `remove_nodes` are ids and `remove_edges` indices in the edges as they are; `nodes` and `edges` come
    with the index they have afterwards, in rising order. `frames` are all there are then, None where they
    stay. Fits only the very state that it was made for.
    """

    remove_nodes: tuple[str, ...] = ()
    remove_edges: tuple[int, ...] = ()
    nodes: tuple[tuple[int, Node], ...] = ()
    edges: tuple[tuple[int, Edge], ...] = ()
    frames: tuple[Frame, ...] | None = None

    def title(self, level: Level | None) -> str:
        return "Put back"

    def on(self, level: Level) -> tuple[Level, Edit]:
        removed = set(self.remove_nodes)
        unwanted = set(self.remove_edges)
        if not removed <= level.nodes.keys() or any(not 0 <= i < len(level.edges) for i in unwanted):
            raise _stale()
        old_nodes = tuple((i, node) for i, node in enumerate(level.nodes.values()) if node.id in removed)
        old_edges = tuple((i, level.edges[i]) for i in sorted(unwanted))

        nodes = _woven([node for node in level.nodes.values() if node.id not in removed], self.nodes)
        edges = _woven([edge for i, edge in enumerate(level.edges) if i not in unwanted], self.edges)
        frames = level.frames if self.frames is None else {frame.id: frame for frame in self.frames}
        if removed or unwanted or self.nodes or self.edges:
            after = Level({node.id: node for node in nodes}, tuple(edges), level.extra, frames).after(level)
        else:
            after = level.drawn(frames=frames)
        if len(after.nodes) != len(nodes) or len(after.names) != len(nodes):
            raise _stale()
        if any(edge.source not in after.nodes or edge.target not in after.nodes for edge in edges):
            raise _stale()
        inverse = PutBack(
            tuple(node.id for _, node in self.nodes),
            tuple(index for index, _ in self.edges),
            old_nodes,
            old_edges,
            None if self.frames is None else tuple(level.frames.values()),
            label=self.label,
        )
        return after, inverse


def _woven(rest: list[Thing], placed: tuple[tuple[int, Thing], ...]) -> list[Thing]:
    """The rest with things put at the indices that they shall have afterwards."""
    found: list[Thing] = []
    taken = 0
    for index, thing in placed:
        more = index - len(found)
        found += rest[taken : taken + more]
        taken += more
        found.append(thing)
    return found + rest[taken:]


def _stale() -> GraphError:
    return GraphError("This edit belongs to another state of the graph: undo and redo go one step at a time.")


def back(before: Level, after: Level, label: str) -> PutBack:
    """The edit that makes `before` out of `after`. What is the same object in both stays where it is."""
    same = {key for key, node in after.nodes.items() if before.nodes.get(key) is node}
    if [key for key in before.nodes if key in same] != [key for key in after.nodes if key in same]:
        same = set[str]()
    common = {id(edge) for edge in before.edges} & {id(edge) for edge in after.edges}
    if [id(edge) for edge in before.edges if id(edge) in common] != [
        id(edge) for edge in after.edges if id(edge) in common
    ]:
        common = set[int]()
    return PutBack(
        tuple(key for key in after.nodes if key not in same),
        tuple(i for i, edge in enumerate(after.edges) if id(edge) not in common),
        tuple((i, node) for i, node in enumerate(before.nodes.values()) if node.id not in same),
        tuple((i, edge) for i, edge in enumerate(before.edges) if id(edge) not in common),
        None if before.frames is after.frames else tuple(before.frames.values()),
        label=label,
    )


@dataclass(frozen=True)
class Sequence(Edit):
    """Several edits as one: all of them, or none where one cannot be."""

    edits: tuple[Edit, ...]

    def __init__(self, edits: Items[Edit], label: str = "") -> None:
        object.__setattr__(self, "edits", tuple(edits))
        object.__setattr__(self, "label", label)
        self.__post_init__()

    def title(self, level: Level | None) -> str:
        return self.edits[0].label if len(self.edits) == 1 else f"{len(self.edits)} changes"

    def on(self, level: Level) -> tuple[Level, Edit]:
        label = self.label_on(level)
        inverses: list[Edit] = []
        for edit in self.edits:
            level, inverse = edit.on(level)
            inverses.append(inverse)
        return level, Sequence(inverses[::-1], label)
