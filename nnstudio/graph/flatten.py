"""The graph without its groups, in the order of computation: what the compiler reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.class_numbers import ClassFault, class_faults
from nnstudio.graph.inference import Finding, Inference
from nnstudio.graph.level import Level
from nnstudio.graph.node import OUTPUT
from nnstudio.graph.ports import output_ports, passed_port
from nnstudio.modules.module import Definition, Parameter
from nnstudio.modules.shapes import Shape

Path = tuple[str, ...]


@dataclass(frozen=True)
class FlatNode:
    """A valid module: dotted name (`encoder.fc1`), the ids that lead to it, who feeds each of its ports."""

    name: str
    path: tuple[str, ...]
    definition: Definition
    settings: Mapping[str, Any]
    sources: Mapping[str, str]
    shape: Shape
    input_shapes: Mapping[str, Shape]
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class FlatGraph:
    """Valid nodes only, sources before targets, document order as tie-break.

    `feeders` tells for every node of the graph that is not inside a bypassed group, by the ids that lead to
    it and whether it is valid or not, which valid module feeds each of its ports. `faults` are those of class
    numbers, by the names of nodes that would be valid without.
    """

    nodes: list[FlatNode] = field(default_factory=list[FlatNode])
    feeders: dict[Path, Mapping[str, str]] = field(default_factory=dict[Path, Mapping[str, str]])
    made: dict[Path, tuple[Finding, FlatNode]] = field(
        default_factory=dict[Path, tuple[Finding, FlatNode]], repr=False, compare=False
    )
    faults: dict[str, ClassFault] = field(default_factory=dict[str, ClassFault])

    def __iter__(self) -> Iterator[FlatNode]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, name: str) -> FlatNode:
        for node in self.nodes:
            if node.name == name:
                return node
        raise GraphError(f"There is no valid node called {name} in the graph.")

    def upstream(self, names: Iterable[str]) -> set[str]:
        """The nodes that these are computed from, and themselves."""
        found = set(names)
        for node in reversed(self.nodes):
            if node.name in found:
                found.update(node.sources.values())
        return found

    def without(self, names: Iterable[str]) -> FlatGraph:
        """The same without these nodes and all that is computed from them."""
        gone = set(names)
        if not gone:
            return self
        kept: list[FlatNode] = []
        for node in self.nodes:
            if node.name in gone or not gone.isdisjoint(node.sources.values()):
                gone.add(node.name)
            else:
                kept.append(node)
        return FlatGraph(kept, self.feeders, self.made, self.faults)

    @cached_property
    def purpose(self) -> set[str]:
        """The nodes that the loss is computed from; where there is none, the Outputs; else every node."""
        for role in ("criterion", "output"):
            ends = [node.name for node in self.nodes if node.definition.role == role]
            if ends:
                return self.upstream(ends)
        return {node.name for node in self.nodes}


def flatten(level: Level, inference: Inference, former: FlatGraph | None = None) -> FlatGraph:
    """The nodes of all levels as one list, groups dissolved; only the part that is valid.

    A bypassed node is left out, and what reads it reads what feeds it. The nodes of the `former` flat graph
    are taken over where they are still right.
    """
    flat = FlatGraph()
    _visit(level, inference, {}, "", (), flat, {} if former is None else former.made)
    flat.faults.update(class_faults(flat.nodes))
    return flat.without(flat.faults)


def _visit(
    level: Level,
    inference: Inference,
    fed: Mapping[str, str],
    prefix: str,
    path: Path,
    flat: FlatGraph,
    former: Mapping[Path, tuple[Finding, FlatNode]],
) -> dict[str, str]:
    """Add a level's nodes. `fed` and the result: port of the group -> the module behind it."""
    behind: dict[tuple[str, str], str] = {}  # (node id, output port) -> the module that computes it
    results: dict[str, str] = {}
    nodes, incoming, findings = level.nodes, level.structure.incoming, inference.findings
    for node_id in level.structure.order:
        node = nodes[node_id]
        here = (*path, node_id)
        sources: dict[str, str] = {}
        for port, edges in incoming[node_id].items():
            if len(edges) == 1:  # where two edges meet, nothing is known
                name = behind.get((edges[0].source, edges[0].source_port))
                if name is not None:
                    sources[port] = name
        flat.feeders[here] = sources
        if node.bypassed:
            passed = sources.get(passed_port(level, node) or "")
            if passed is not None:
                behind.update({(node_id, port): passed for port in output_ports(level, node)})
            continue
        if node.inside is not None:
            inside = inference.inside[node_id]
            for port, name in _visit(
                node.inside, inside, sources, f"{prefix}{node.name}.", here, flat, former
            ).items():
                behind[node_id, port] = name
            continue
        if path and node.type == "Input":
            if node.name in fed:
                behind[node_id, OUTPUT] = fed[node.name]
            continue
        shape = inference.shape(node_id)
        if shape is None:
            continue
        if path and node.type == "Output":
            results[node.name] = behind[node_id, OUTPUT] = sources["input"]
            continue
        found = findings[node_id]
        name = behind[node_id, OUTPUT] = prefix + node.name
        made = former.get(here)
        if made is None or made[0] is not found or made[1].name != name or made[1].sources != sources:
            ports = {port: sources[port] for port in found.definition.ports}
            shapes = {port: found.inputs[port] for port in ports}
            made = (
                found,
                FlatNode(
                    name, here, found.definition, found.settings, ports, shape, shapes, found.parameters
                ),
            )
        flat.made[here] = made
        flat.nodes.append(made[1])
    return results
