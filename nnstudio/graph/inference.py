"""Shapes: what flows along every edge, worked out from the inputs on, as far as the graph is valid.

One pass over a level in topological order. What a node gave for the same type, settings and input shapes is
remembered from one pass to the next, so that an edit costs only the nodes whose shapes it touches; an edit
that moves nodes costs nothing, because the result is kept with the structure of the level.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.level import Level, Structure
from nnstudio.graph.node import OUTPUT, Node
from nnstudio.graph.ports import output_ports, passed_port
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition, Parameter
from nnstudio.modules.shapes import Shape

Shapes = Mapping[str, Shape]


@dataclass(eq=False)
class Finding:
    """What one node gives for certain input shapes: an output shape and parameters, or the reason why not."""

    inputs: Shapes
    settings: Mapping[str, Any]
    definition: Definition
    shape: Shape | None = None
    fault: GraphError | None = None

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        return {} if self.shape is None else self.definition.parameters(self.inputs, self.settings)


@dataclass
class Inference:
    """What is known about one level.

    A node without an output shape is not valid, and neither is what it feeds. The finding of a bypassed node
    tells what it would give; its output has the shape of its first input.
    """

    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    inputs: dict[str, Shapes] = field(default_factory=dict[str, Shapes])
    outputs: dict[tuple[str, str], Shape] = field(default_factory=dict[tuple[str, str], Shape])
    inside: dict[str, Inference] = field(default_factory=dict[str, "Inference"])
    level: Structure | None = None
    fed: Shapes | None = None

    def shape(self, node_id: str, port: str = OUTPUT) -> Shape | None:
        return self.outputs.get((node_id, port))


def infer(level: Level, fed: Shapes | None = None, former: Inference | None = None) -> Inference:
    """The shapes on a level. `fed` are those that come into a group, by port; None for the graph itself.

    `former` is an earlier result for an earlier state of the same level: what still holds is taken from it.
    """
    structure = level.structure
    if former is not None and former.level is structure and former.fed == fed:
        return former
    result = Inference(level=structure, fed=fed)
    known = definitions()
    outputs = result.outputs
    alike: dict[Hashable, Shape] = {}
    for node_id in structure.order:
        node = level.nodes[node_id]
        shapes: dict[str, Shape] = {}
        for port, edges in structure.incoming[node_id].items():
            if len(edges) == 1:  # where two edges meet, nothing is known
                shape = outputs.get((edges[0].source, edges[0].source_port))
                if shape is not None:
                    shapes[port] = shape
        result.inputs[node_id] = shapes

        if node.bypassed:
            passed = shapes.get(passed_port(level, node) or "")
            if passed is not None:
                outputs.update({(node_id, port): passed for port in output_ports(level, node)})
        if node.inside is not None:
            earlier = None if former is None else former.inside.get(node_id)
            inside = infer(node.inside, shapes, earlier)
            result.inside[node_id] = inside
            if node.bypassed:
                continue
            for inner in node.inside.nodes.values():
                if inner.type == "Output" and (inner.id, OUTPUT) in inside.outputs:
                    outputs[node_id, inner.name] = inside.outputs[inner.id, OUTPUT]
            continue
        if fed is not None and node.type == "Input":
            if node.name in fed:
                outputs[node_id, OUTPUT] = fed[node.name]
            continue
        definition = known.get(node.type)
        if definition is None or not shapes.keys() >= set(definition.ports):
            continue
        if len(shapes) > len(definition.ports):  # a file may have edges into ports that there are not
            shapes = {port: shapes[port] for port in definition.ports}
        finding = None if former is None else former.findings.get(node_id)
        if finding is None or not _still_holds(finding, node, definition, shapes):
            finding = _find(node, definition, shapes, alike)
        result.findings[node_id] = finding
        if finding.shape is not None and not node.bypassed:
            outputs[node_id, OUTPUT] = finding.shape
    return result


def _still_holds(finding: Finding, node: Node, definition: Definition, shapes: Shapes) -> bool:
    return finding.definition is definition and finding.settings is node.settings and finding.inputs == shapes


def _find(node: Node, definition: Definition, shapes: Shapes, alike: dict[Hashable, Shape]) -> Finding:
    """`alike`: the shapes that nodes of one type, with the same settings and inputs, were found to give."""
    key = (node.type, tuple(node.settings.values()), *shapes.items())
    shape = alike.get(key)
    if shape is None:
        try:
            shape = alike[key] = definition.infer(shapes, node.settings)
        except GraphError as error:
            return Finding(shapes, node.settings, definition, fault=error)
    return Finding(shapes, node.settings, definition, shape)
