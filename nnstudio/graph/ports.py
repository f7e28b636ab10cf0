"""The ports of a node: by its definition, by the nodes inside a group, or as far as edges tell."""

from __future__ import annotations

from nnstudio.graph.level import Level
from nnstudio.graph.node import GROUP, OUTPUT, Node
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition


def definition_of(node: Node) -> Definition | None:
    """None for a group, and for a type this version does not know."""
    return None if node.type == GROUP else definitions().get(node.type)


def is_unknown(node: Node) -> bool:
    """Whether this version has no such node type."""
    return node.type != GROUP and node.type not in definitions()


def input_ports(level: Level, node: Node) -> tuple[str, ...]:
    """In order. A node of unknown type has the ports that edges go to."""
    if node.inside is not None:
        return group_inputs(node.inside)
    found = definition_of(node)
    if found is not None:
        return found.ports
    return tuple(level.structure.incoming[node.id])


def passed_port(level: Level, node: Node) -> str | None:
    """The input that the node passes on when it is bypassed: its first."""
    return next(iter(input_ports(level, node)), None)


def output_ports(level: Level, node: Node) -> tuple[str, ...]:
    """In order. A node of unknown type has the ports that edges leave from, or one."""
    if node.inside is not None:
        return group_outputs(node.inside)
    if definition_of(node) is not None:
        return (OUTPUT,)
    return tuple(dict.fromkeys(edge.source_port for edge in level.structure.outgoing[node.id])) or (OUTPUT,)


def group_inputs(inside: Level) -> tuple[str, ...]:
    """The input ports of a group: the names of the Input nodes inside."""
    return tuple(node.name for node in inside.nodes.values() if node.type == "Input")


def group_outputs(inside: Level) -> tuple[str, ...]:
    """The output ports of a group: the names of the Output nodes inside."""
    return tuple(node.name for node in inside.nodes.values() if node.type == "Output")


def nodes_in(inside: Level) -> int:
    """How many nodes a group holds, those of groups in it included. Ports are none."""
    return sum(
        (0 if node.type in ("Input", "Output") else 1) if node.inside is None else 1 + nodes_in(node.inside)
        for node in inside.nodes.values()
    )
