"""Edits that leave no hole: what is removed heals over, and a node is put into the middle of an edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from math import dist
from typing import TYPE_CHECKING

from nnstudio.errors import GraphError
from nnstudio.graph.bypassing import can_be_bypassed
from nnstudio.graph.edit import Edit, Sequence, back, name_of
from nnstudio.graph.edits import AddEdge, AddNode, RemoveEdge, check_ports
from nnstudio.graph.frame import MOST_BENDS
from nnstudio.graph.frame_edits import RemoveFrame
from nnstudio.graph.inference import Inference, infer
from nnstudio.graph.level import Level
from nnstudio.graph.naming import name_for
from nnstudio.graph.node import GROUP, OUTPUT, Edge, Node, Position
from nnstudio.graph.order import reaches, topological_order
from nnstudio.graph.ports import (
    definition_of,
    group_inputs,
    group_outputs,
    input_ports,
    output_ports,
    passed_port,
)
from nnstudio.modules.catalogue import definition
from nnstudio.modules.shapes import Shape

if TYPE_CHECKING:
    from nnstudio.graph.graph import Graph

Path = tuple[str, ...]
Origin = tuple[str, str, tuple[Position, ...]]  # node, output port, bends on the way


@dataclass(frozen=True)
class Remove(Edit):
    """Takes nodes with their edges, single edges and frames away, all at once, and puts `joins` in.

    Fast for thousands; `removal` finds the joins that heal what is left.
    """

    node_ids: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    frame_ids: tuple[str, ...] = ()
    joins: tuple[Edge, ...] = ()

    def title(self, level: Level | None) -> str:
        nodes, edges, frames = len(self.node_ids), len(self.edges), len(self.frame_ids)
        if (nodes, frames) == (1, 0):
            return f"Remove {name_of(level, self.node_ids[0])}"
        if (nodes, edges, frames) == (0, 1, 0):
            return RemoveEdge(self.edges[0]).title(level)
        if (nodes, edges, frames) == (0, 0, 1):
            return RemoveFrame(self.frame_ids[0]).title(level)
        if nodes:
            edges = 0  # those at the nodes go without saying
        parts = [(nodes, "node"), (edges, "edge"), (frames, "frame")]
        return f"Remove {' and '.join(_count(many, what) for many, what in parts if many)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        removed = set(self.node_ids)
        for node_id in removed:
            level.node(node_id)
        framed = {level.frame(key).id for key in self.frame_ids}
        frames = {key: frame for key, frame in level.frames.items() if key not in framed}
        label = self.label_on(level)
        if not (removed or self.edges or self.joins):
            after = level.drawn(frames=frames)
            return after, back(level, after, label)
        edges = [
            edge
            for edge in _without(level, self.edges)
            if edge.source not in removed and edge.target not in removed
        ]
        nodes = {key: node for key, node in level.nodes.items() if key not in removed}
        after = Level(nodes, tuple(edges), level.extra, frames if framed else level.frames)
        after = after.after(level)
        if self.joins:
            after = _with(after, self.joins)
        return after, back(level, after, label)


def _count(many: int, what: str) -> str:
    return f"1 {what}" if many == 1 else f"{many:,} {what}s"


def _without(level: Level, unwanted: Iterable[Edge]) -> list[Edge]:
    """The level's edges without these; the last ones go, where a file brought several alike."""
    waiting = Counter(unwanted)
    kept: list[Edge] = []
    for edge in reversed(level.edges):
        if waiting.get(edge):
            waiting[edge] -= 1
        else:
            kept.append(edge)
    for edge, left in waiting.items():
        if left:
            level.place_of(edge)  # says that it is not there
            raise GraphError("The same edge cannot be removed twice.")
    return kept[::-1]


def _with(level: Level, joins: Iterable[Edge]) -> Level:
    taken = {(edge.target, edge.port) for edge in level.edges}
    for edge in joins:
        check_ports(level, edge)
        if (edge.target, edge.port) in taken:
            name = level.nodes[edge.target].name
            raise GraphError(
                f"There would be two edges into the {edge.port} of {name}: disconnect one first."
            )
        taken.add((edge.target, edge.port))
    after = level.with_edges((*level.edges, *joins))
    if len(topological_order(tuple(after.nodes), after.edges)) < len(after.nodes):
        for edge in joins:
            if reaches(edge.target, edge.source, after.edges):
                source, target = level.nodes[edge.source].name, level.nodes[edge.target].name
                raise GraphError(
                    f"Connecting {source} to {target} would close a cycle, and a graph has none."
                )
    return after


def removal(
    graph: Graph,
    node_ids: Collection[str],
    edges: Collection[Edge] = (),
    frame_ids: Collection[str] = (),
    path: Path = (),
    heal: bool = True,
) -> Remove:
    """The edit that removes these, and joins what a removed node had joined.

    A node that one edge leads into, and a bypassed one, passes something on: what read it reads then what
    fed it, unless the reader could not take the shape that comes from there. Several in a row heal as one.
    `edges` are those that are to go for their own sake: through them nothing is joined. What a healed edge
    was bent through it keeps.
    """
    level = graph.level.at(path)
    removed = set(node_ids)
    ids = tuple(key for key in level.nodes if key in removed)
    if len(ids) < len(removed):
        level.node(next(key for key in node_ids if key not in level.nodes))
    joins = _healing(graph, path, removed, frozenset(edges)) if heal and ids else []
    return Remove(ids, tuple(edges), tuple(frame_ids), tuple(joins))


def _healing(graph: Graph, path: Path, removed: set[str], cut: frozenset[Edge]) -> list[Edge]:
    level = graph.level.at(path)
    feeds: dict[str, list[Edge]] = {key: [] for key in removed}
    readers: list[Edge] = []
    taken: set[tuple[str, str]] = set()
    for edge in level.edges:
        if edge.target in removed:
            feeds[edge.target].append(edge)
        elif edge in cut:
            continue
        elif edge.source in removed:
            readers.append(edge)
        else:
            taken.add((edge.target, edge.port))
    if not readers:
        return []
    origins: dict[str, Origin] = {}
    for node_id in level.structure.order:
        if node_id in removed:
            edge = _passed_edge(level, level.nodes[node_id], feeds[node_id])
            if edge is None or edge in cut:
                continue
            if edge.source not in removed:
                origins[node_id] = (edge.source, edge.source_port, edge.bends)
            elif edge.source in origins:
                source, port, bends = origins[edge.source]
                origins[node_id] = (source, port, (bends + edge.bends)[:MOST_BENDS])
    found: dict[str, dict[str, Edge]] = {}
    for edge in readers:
        origin = origins.get(edge.source)
        if origin is not None and (edge.target, edge.port) not in taken:
            taken.add((edge.target, edge.port))
            bends = (origin[2] + edge.bends)[:MOST_BENDS]
            join = replace(edge, source=origin[0], source_port=origin[1], bends=bends)
            found.setdefault(edge.target, {})[edge.port] = join
    inference = graph.inferred(path)
    return [
        join
        for target, joins in found.items()
        if _takes(level, inference, target, joins)
        for join in joins.values()
    ]


def _passed_edge(level: Level, node: Node, feeds: list[Edge]) -> Edge | None:
    """The edge whose value a node passes on, for one that has just one; None for those that do not."""
    if not can_be_bypassed(node):
        return None
    if node.bypassed:
        feeds = [edge for edge in feeds if edge.port == passed_port(level, node)]
    return feeds[0] if len(feeds) == 1 else None


def _takes(level: Level, inference: Inference, target: str, joins: dict[str, Edge]) -> bool:
    """Whether the reader can work with what the joins would bring; as far as that is known."""
    node = level.nodes[target]
    if node.bypassed:
        return True
    arriving: dict[str, Shape] = dict(inference.inputs.get(target, {}))
    for port, edge in joins.items():
        shape = inference.shape(edge.source, edge.source_port)
        if shape is None:
            return True
        arriving[port] = shape
    if node.inside is not None:
        former = inference.inside.get(target)
        before = 0 if former is None else _faults(former)
        return _faults(infer(node.inside, arriving, former)) <= before
    known = definition_of(node)
    finding = inference.findings.get(target)
    if known is None or not set(known.ports) <= arriving.keys() or (finding and finding.fault):
        return True
    try:
        known.infer({port: arriving[port] for port in known.ports}, node.settings)
    except GraphError:
        return False
    return True


def _faults(inference: Inference) -> int:
    own = sum(finding.fault is not None for finding in inference.findings.values())
    return own + sum(_faults(inside) for inside in inference.inside.values())


def splice(level: Level, node: AddNode | str, edge: Edge, port: str | None = None) -> Edit:
    """The edit that puts a node into the middle of an edge: a new one, or the one with that id.

    It is led through `port`, by default the first input that is free, and the first output. The edge's bends
    stay, each on the side on which it lies. GraphError where the node cannot be there.
    """
    bent = level.edges[level.place_of(edge)]
    source, target = level.node(edge.source), level.node(edge.target)
    if isinstance(node, str):
        there = level.node(node)
        if node in (edge.source, edge.target):
            raise GraphError(f"{there.name} is at an end of this edge already.")
        taken = level.structure.incoming[node]
        inputs = tuple(each for each in input_ports(level, there) if each not in taken)
        outputs = output_ports(level, there)
        node_id, name, place = node, there.name, there.position
        edits: list[Edit] = []
    else:
        middle = tuple((a + b) / 2 for a, b in zip(source.position, target.position, strict=True))
        place = (middle[0], middle[1]) if node.position is None else node.position
        node_id = node.id or level.next_id()
        name = node.name or name_for(level, node.type)
        if node.type == GROUP:
            inside = node.inside or Level()
            inputs, outputs = group_inputs(inside), group_outputs(inside)
        else:
            inputs, outputs = definition(node.type).ports, (OUTPUT,)
        edits = [replace(node, id=node_id, position=place)]
    if not inputs or not outputs:
        lacking = "free input" if not inputs else "output"
        raise GraphError(f"{name} has no {lacking}, so it cannot go between {source.name} and {target.name}.")
    before, behind = _parted(bent.bends, source.position, place, target.position)
    first = Edge(edge.source, node_id, port or inputs[0], edge.source_port, bends=before)
    second = replace(bent, source=node_id, source_port=outputs[0], bends=behind)
    label = f"Insert {name} between {source.name} and {target.name}"
    return Sequence([RemoveEdge(edge), *edits, AddEdge(first), AddEdge(second)], label)


def _parted(
    bends: tuple[Position, ...], start: Position, place: Position, end: Position
) -> tuple[tuple[Position, ...], tuple[Position, ...]]:
    """The bends before and behind a place: where the way through it is the shortest."""
    stops = (start, *bends, end)
    detours = [
        dist(stops[k], place) + dist(place, stops[k + 1]) - dist(stops[k], stops[k + 1])
        for k in range(len(bends) + 1)
    ]
    index = detours.index(min(detours))
    return bends[:index], bends[index:]
