"""Problems of the drawing: nodes that are not known, and edges that are missing, too many or in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, Sequence
from nnstudio.graph.edits import AddEdge, ChangeType, RemoveEdge, check_edge
from nnstudio.graph.fixes import connection
from nnstudio.graph.node import OUTPUT, Edge, Node
from nnstudio.graph.order import cycles
from nnstudio.graph.ports import definition_of, input_ports, is_unknown, output_ports
from nnstudio.graph.problem import Place, Problem
from nnstudio.modules.catalogue import nearest

SHOWN_IN_CYCLE = 8


def drawing_problems(place: Place) -> Iterator[Problem]:
    """On one level; the groups on it are looked into by the caller."""
    for node in place.level.nodes.values():
        yield from _unknown(place, node)
        yield from _edges_into(place, node)
        yield from _edges_out_of(place, node)
    yield from _cycles(place)


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
    definition = definition_of(node)
    if port == "target" and definition is not None and definition.role == "criterion":
        return _only_target(place, node, port)
    return connection(place.level, place.inference, place.outputs, node, port)


def _only_target(place: Place, node: Node, port: str) -> Edit | None:
    """For a criterion without a target: the edge from the one Target that nothing reads yet."""
    definition = definition_of(node)
    if port != "target" or definition is None or definition.role != "criterion":
        return None
    level = place.level
    free = [n for n in level.nodes.values() if n.type == "Target" and not level.structure.outgoing[n.id]]
    return _connection(place, free[0], node) if len(free) == 1 else None


def _only_criterion(place: Place, target: Node) -> Edit | None:
    """For a Target that nothing reads: the edge to the one criterion that has no target yet."""
    free: list[Node] = []
    for node in place.level.nodes.values():
        definition = definition_of(node)
        if definition is None or definition.role != "criterion" or "target" not in definition.ports:
            continue
        if "target" not in place.level.structure.incoming[node.id]:
            free.append(node)
    return _connection(place, target, free[0]) if len(free) == 1 else None


def _connection(place: Place, target: Node, criterion: Node) -> Edit | None:
    edge = Edge(target.id, criterion.id, "target", OUTPUT)
    try:
        check_edge(place.level, edge)
    except GraphError:
        return None
    return AddEdge(edge)


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
