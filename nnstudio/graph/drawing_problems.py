"""Problems of the drawing: nodes that are not known, and edges that are missing, too many or in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nnstudio.graph.edit import Edit, Sequence
from nnstudio.graph.edits import ChangeType, RemoveEdge
from nnstudio.graph.fixes import connection, joined
from nnstudio.graph.inference import Shapes
from nnstudio.graph.node import Edge, Node
from nnstudio.graph.order import cycles
from nnstudio.graph.ports import definition_of, input_ports, is_unknown, output_ports
from nnstudio.graph.problem import Context, Place, Problem
from nnstudio.modules.catalogue import nearest

SHOWN_IN_CYCLE = 8


@dataclass(frozen=True, eq=False)
class Part:
    """The problems of one node, and what they follow from.

    A node without problems has none whatever else there is; what is said of others depends also on the names
    of its neighbours and on what could be connected to it. `lasting` is False where more matters: then it is
    worked out every time.
    """

    node: Node
    incoming: Mapping[str, list[Edge]]
    outgoing: list[Edge]
    problems: tuple[Problem, ...]
    inputs: Shapes | None = None
    context: Context | None = None
    neighbours: tuple[str, ...] = ()
    lasting: bool = True

    def holds(self, place: Place, node: Node) -> bool:
        structure = place.level.structure
        if (
            self.node is not node
            or self.incoming is not structure.incoming[node.id]
            or self.outgoing is not structure.outgoing[node.id]
        ):
            return False
        return not self.problems or (
            self.lasting
            and self.inputs is place.inference.inputs.get(node.id)
            and self.context is place.context
            and self.neighbours == _neighbours(place, node)
        )


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was found on one level: by node, and all of it."""

    prefix: str
    parts: Mapping[str, Part]
    problems: tuple[Problem, ...]
    context: Context | None


def drawing_problems(place: Place, former: Drawn | None = None) -> Drawn:
    """On one level; the groups on it are looked into by the caller. `former` is what was found before."""
    nothing: Mapping[str, Part] = {}
    known = former.parts if former is not None and former.prefix == place.prefix else nothing
    parts: dict[str, Part] = {}
    found: list[Problem] = []
    for key, node in place.level.nodes.items():
        part = known.get(key)
        if part is None or not part.holds(place, node):
            part = _part(place, node)
        parts[key] = part
        if part.problems:
            found += part.problems
    found += _cycles(place)
    context = place.context if found else None
    return Drawn(place.prefix, parts, tuple(found), context)


def _part(place: Place, node: Node) -> Part:
    structure = place.level.structure
    incoming, outgoing = structure.incoming[node.id], structure.outgoing[node.id]
    found = (*_unknown(place, node), *_edges_into(place, node), *_edges_out_of(place, node))
    if not found:
        return Part(node, incoming, outgoing, found)
    inputs = place.inference.inputs.get(node.id)
    # Whether an edge into it would close a cycle is a question about the whole graph.
    lasting = not outgoing or all(problem.kind != "missing-input" for problem in found)
    return Part(node, incoming, outgoing, found, inputs, place.context, _neighbours(place, node), lasting)


def _neighbours(place: Place, node: Node) -> tuple[str, ...]:
    nodes, structure = place.level.nodes, place.level.structure
    above = [nodes[edge.source].name for edges in structure.incoming[node.id].values() for edge in edges]
    return (*above, *[nodes[edge.target].name for edge in structure.outgoing[node.id]])


def _unknown(place: Place, node: Node) -> Iterator[Problem]:
    if is_unknown(node):
        near = nearest(node.type)
        hint = (
            f"the nearest it knows is {near}" if near else "remove the node or open it with a newer version"
        )
        sentence = f"is a {node.type}, a type this version does not know; {hint}"
        fix = ChangeType(node.id, near) if near else None
        severity = "warning" if node.bypassed else "error"
        yield place.problem("unknown-type", node, sentence, severity=severity, fix=fix)
    if node.unknown_settings:
        names = _list(list(node.unknown_settings))
        sentence = (
            f"has {names}, which its type {node.type} does not know in this version: kept, but without effect"
        )
        yield place.problem("unknown-setting", node, sentence, severity="warning")
    if node.extra:
        yield _unknown_field(place, node, list(node.extra), None)


def _unknown_field(place: Place, node: Node, fields: list[str], edge: Edge | None) -> Problem:
    where = "" if edge is None else f" on its edge into {edge.port}"
    sentence = f"has {_list(fields)}{where}, which this version does not know: kept, but without effect"
    return place.problem("unknown-field", node, sentence, severity="warning", edge=edge)


def _edges_into(place: Place, node: Node) -> Iterator[Problem]:
    level = place.level
    incoming = level.structure.incoming[node.id]
    ports = input_ports(level, node)
    for port, edges in incoming.items():
        for edge in edges:
            if edge.extra:
                yield _unknown_field(place, node, list(edge.extra), edge)
            if port not in ports:
                there = f"its inputs are {_list(list(ports))}" if ports else "it has none"
                sentence = (
                    f"has no input called {port}, but {_source(place, edge)} is connected to it; {there}"
                )
                yield place.problem("no-port", node, sentence, port=port, edge=edge, fix=RemoveEdge(edge))
        if port in ports and len(edges) > 1:
            names = _list([_source(place, edge) for edge in edges])
            sentence = f"has {len(edges)} edges into its {port}, from {names}, but an input takes one"
            fix = _removal(place, edges[1:])
            yield place.problem("two-edges", node, sentence, port=port, edge=edges[1], fix=fix)
    for port in ports[:1] if node.bypassed else ports:
        if port not in incoming:
            sentence = f"has nothing connected to its {port}"
            fix = _only_output(place, node, port)
            yield place.problem("missing-input", node, sentence, port=port, fix=fix)


def _edges_out_of(place: Place, node: Node) -> Iterator[Problem]:
    level = place.level
    outgoing = level.structure.outgoing[node.id]
    if node.type == "Target" and not outgoing:
        sentence = "is a target that nothing reads: connect it to the target of a criterion"
        fix = _only_criterion(place, node)
        yield place.problem("unconnected-target", node, sentence, severity="warning", fix=fix)
    if not outgoing or is_unknown(node):
        return
    ports = output_ports(level, node)
    for edge in outgoing:
        if edge.source_port not in ports:
            there = f"its outputs are {_list(list(ports))}" if ports else "it has none"
            sentence = (
                f"has no output called {edge.source_port}, but {_target(place, edge)} reads it; {there}"
            )
            yield place.problem(
                "no-port", node, sentence, port=edge.source_port, edge=edge, fix=RemoveEdge(edge)
            )


def _only_output(place: Place, node: Node, port: str) -> Edit | None:
    """The edge into a port from the one output that fits; for a criterion's target, from the one Target that
    nothing reads yet.
    """
    definition = definition_of(node)
    if port != "target" or definition is None or definition.role != "criterion":
        return connection(place.outputs, node, port, place.takes, place.closes)
    free = place.free_targets
    return _connection(place, free[0], node) if len(free) == 1 else None


def _only_criterion(place: Place, target: Node) -> Edit | None:
    """For a Target that nothing reads: the edge to the one criterion that has no target yet."""
    free = place.free_criteria
    return _connection(place, target, free[0]) if len(free) == 1 else None


def _connection(place: Place, target: Node, criterion: Node) -> Edit | None:
    return None if place.closes(target, criterion) else joined(target, criterion, "target")


def _cycles(place: Place) -> Iterator[Problem]:
    level = place.level
    if len(level.structure.order) == len(level.nodes):
        return
    for ring, closing in cycles(tuple(level.nodes), level.edges):
        names = [place.prefix + level.nodes[key].name for key in ring]
        node = level.nodes[ring[0]]
        if len(ring) == 1:
            sentence = "feeds itself: remove that edge"
        else:
            shown = names if len(names) <= SHOWN_IN_CYCLE else [*names[: SHOWN_IN_CYCLE - 1], "…", names[-1]]
            way = " → ".join([*shown, names[0]])
            sentence = f"is one of {len(names)} nodes in a cycle, {way}: remove one of its edges"
        yield place.problem("cycle", node, sentence, edge=closing[0], fix=_removal(place, closing))


def _removal(place: Place, edges: list[Edge]) -> Edit:
    if len(edges) == 1:
        return RemoveEdge(edges[0])
    first = RemoveEdge(edges[0]).title(place.level)
    return Sequence([RemoveEdge(edge) for edge in edges], f"{first} and remove {len(edges) - 1} more edges")


def _source(place: Place, edge: Edge) -> str:
    return place.prefix + place.level.nodes[edge.source].name


def _target(place: Place, edge: Edge) -> str:
    return place.prefix + place.level.nodes[edge.target].name


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
