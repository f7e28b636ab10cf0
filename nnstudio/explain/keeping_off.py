"""A module put before another one, so that this only meets numbers for which it has a value and a slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnstudio.explain.local import Local, worked_out
from nnstudio.explain.not_finite import Spoilt, finite
from nnstudio.graph import AddEdge, AddNode, Edge, Edit, EditInside, RemoveEdge, Sequence
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.catalogue import definition
from nnstudio.program.program import Program

_BESIDE = 120.0  # how far below its neighbours a node is put in between
_KEEPING_OFF: tuple[tuple[str, dict[str, float], str], ...] = (
    ("SoftPlus", {}, "makes every number positive"),
    ("HardTanh", {"min_value": -20.0, "max_value": 20.0}, "keeps every number between −20 and 20"),
)
"""What can be put before a node so that it only meets numbers for which it has a value."""


def kept_off(program: Program, spoilt: Spoilt) -> tuple[Edit, str, str] | None:
    """A module before the node, so that it only meets numbers for which it has a value and a slope.

    The edit, the words for its button, and what that module does; None where none of them helps.
    """
    local = Local(program)
    node = local.anatomy.nodes.get(spoilt.node)
    if node is None or spoilt.statement is None or spoilt.grown:
        return None
    level = program.graph.level.at(node.path[:-1])
    for port in node.definition.ports:
        edge = next((each for each in level.edges if (each.target, each.port) == (node.path[-1], port)), None)
        if edge is None or f"grad_{port}" not in node.definition.functions:
            continue
        for module, settings, words in _KEEPING_OFF:
            if _helps(local, node, port, module, settings):
                label = f"Put a {module} before {node.name}"
                return _between(program, node, edge, module, settings, label), label, words
    return None


def _helps(local: Local, node: FlatNode, port: str, module: str, settings: dict[str, float]) -> bool:
    """Whether the node, and its slope, are finite for what the module makes of what arrives at a port."""
    known: dict[str, Any] = {**node.settings}
    with np.errstate(all="ignore"):
        for name in node.sources:
            known[name] = local.argument(node, name)
        before = definition(module)
        known[port] = worked_out(before, {**before.complete(settings), "input": known[port]}, "output")
        known["grad_output"] = np.ones_like(worked_out(node.definition, known, "output"))
        wanted = [f"grad_{each}" for each in node.definition.ports]
        return all(
            finite(np.asarray(worked_out(node.definition, known, name)))
            for name in ("output", *(name for name in wanted if name in node.definition.functions))
        )


def _between(
    program: Program, node: FlatNode, edge: Edge, module: str, settings: dict[str, float], label: str
) -> Edit:
    level = program.graph.level.at(node.path[:-1])
    ends = level.nodes[edge.source].position, level.nodes[edge.target].position
    place = ((ends[0][0] + ends[1][0]) / 2, max(ends[0][1], ends[1][1]) + _BESIDE)
    ident = level.next_id()
    edits: list[Edit] = [
        AddNode(module, settings=settings, position=place, id=ident),
        RemoveEdge(edge),
        AddEdge(Edge(edge.source, ident, "input", edge.source_port)),
        AddEdge(Edge(ident, edge.target, edge.port)),
    ]
    return at(node, lambda _: Sequence(edits, label))


def at(node: FlatNode, edit: Callable[[str], Edit]) -> Edit:
    """An edit of a node, which may stand inside of groups; `edit` makes it from the node's id."""
    own = edit(node.path[-1])
    return EditInside(node.path[:-1], own) if len(node.path) > 1 else own
