"""Shapes: what flows along every edge, worked out from the inputs on, as far as the graph is valid.

One pass over a level in topological order, that looks only at the nodes which an edit has touched and at
those that get another shape through it; of all others the former result is taken over. An edit that moves
nodes costs nothing, because the result is kept with the structure of the level.
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
from nnstudio.modules.shapes import Shape, count

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

    @cached_property
    def size(self) -> int:
        """How many numbers the node learns."""
        return sum(count(parameter.shape) for parameter in self.parameters.values())


@dataclass
class Inference:
    """What is known about one level.

    A node without an output shape is not valid, and neither is what it feeds. The finding of a bypassed node
    tells what it would give; its output has the shape of its first input. Tables are never changed in place,
    and what they hold for a node is the same object as before where nothing has changed for it.
    """

    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    inputs: dict[str, Shapes] = field(default_factory=dict[str, Shapes])
    given: dict[str, Shapes] = field(default_factory=dict[str, Shapes])  # by output port; of valid nodes
    inside: dict[str, Inference] = field(default_factory=dict[str, "Inference"])
    level: Structure | None = None
    fed: Shapes | None = None
    nodes: Mapping[str, Node] = field(default_factory=dict[str, Node])

    def shape(self, node_id: str, port: str = OUTPUT) -> Shape | None:
        given = self.given.get(node_id)
        return None if given is None else given.get(port)


def infer(level: Level, fed: Shapes | None = None, former: Inference | None = None) -> Inference:
    """The shapes on a level. `fed` are those that come into a group, by port; None for the graph itself.

    `former` is an earlier result for an earlier state of the same level: what still holds is taken from it.
    """
    structure = level.structure
    if former is not None and former.level is structure and former.fed == fed:
        return former
    if former is None or former.level is None:
        result = Inference(level=structure, fed=fed, nodes=level.nodes)
        touched = set(structure.order)
    else:
        result = Inference(
            dict(former.findings),
            dict(former.inputs),
            dict(former.given),
            dict(former.inside),
            structure,
            fed,
            level.nodes,
        )
        for key in former.inputs.keys() - set(structure.order):
            _forget(result, key)
        touched = _touched(level, structure, fed, former)
    alike: dict[Hashable, Shape] = {}
    outgoing = structure.outgoing
    for node_id in structure.order:
        if node_id in touched and _look_at(level, level.nodes[node_id], result, alike):
            touched.update([edge.target for edge in outgoing[node_id]])
    return result


def _touched(level: Level, structure: Structure, fed: Shapes | None, former: Inference) -> set[str]:
    """The nodes that are others than before, or are fed by others; without those that merely follow."""
    assert former.level is not None
    touched = set(structure.order) - former.inputs.keys()
    nodes, before = level.nodes, former.nodes
    if nodes is not before:
        touched.update([key for key in structure.order if nodes[key] is not before.get(key)])
    incoming, fed_before = structure.incoming, former.level.incoming
    if incoming is not fed_before:
        touched.update([key for key in structure.order if incoming[key] is not fed_before.get(key)])
    outgoing, read_before = structure.outgoing, former.level.outgoing
    if outgoing is not read_before:  # an unknown type has the outputs that are read
        changed = [key for key in structure.order if outgoing[key] is not read_before.get(key)]
        touched.update(changed)
    if fed != former.fed:
        touched.update([key for key in structure.order if nodes[key].type == "Input"])
    for key in former.given.keys() - set(
        structure.order
    ):  # gone, or in a cycle now: nothing comes from there
        touched.update([edge.target for edge in outgoing.get(key, ())])
    return touched


def _forget(result: Inference, node_id: str) -> None:
    for table in (result.findings, result.inputs, result.given, result.inside):
        table.pop(node_id, None)


def _look_at(level: Level, node: Node, result: Inference, alike: dict[Hashable, Shape]) -> bool:
    """Work out one node, whose sources are done. Whether it gives something else than before."""
    assert result.level is not None
    node_id = node.id
    shapes: dict[str, Shape] = {}
    for port, edges in result.level.incoming[node_id].items():
        if len(edges) == 1:  # where two edges meet, nothing is known
            shape = result.shape(edges[0].source, edges[0].source_port)
            if shape is not None:
                shapes[port] = shape
    former_inputs = result.inputs.get(node_id)
    if former_inputs is None or former_inputs != shapes:
        result.inputs[node_id] = shapes
    given = _given(level, node, result, result.inputs[node_id], alike)
    former = result.given.get(node_id)
    if given == former or not (given or former):
        return False
    if given:
        result.given[node_id] = given
    else:
        del result.given[node_id]
    return True


def _given(
    level: Level, node: Node, result: Inference, shapes: Shapes, alike: dict[Hashable, Shape]
) -> Shapes:
    """The shapes at the outputs of a node, as far as they are known; keeps what was found on the way."""
    node_id = node.id
    outputs: dict[str, Shape] = {}
    former = result.findings.pop(node_id, None)
    if node.bypassed:
        passed = shapes.get(passed_port(level, node) or "")
        if passed is not None:
            outputs = dict.fromkeys(output_ports(level, node), passed)
    if node.inside is not None:
        result.inside[node_id] = inside = infer(node.inside, shapes, result.inside.get(node_id))
        if not node.bypassed:
            for inner in node.inside.nodes.values():
                shape = inside.shape(inner.id) if inner.type == "Output" else None
                if shape is not None:
                    outputs[inner.name] = shape
        return outputs
    result.inside.pop(node_id, None)
    if result.fed is not None and node.type == "Input":
        if node.name in result.fed:
            outputs[OUTPUT] = result.fed[node.name]
        return outputs
    definition = definitions().get(node.type)
    if definition is None or not shapes.keys() >= set(definition.ports):
        return outputs
    if len(shapes) > len(definition.ports):  # a file may have edges into ports that there are not
        shapes = {port: shapes[port] for port in definition.ports}
    finding = former
    if finding is None or not _still_holds(finding, node, definition, shapes):
        finding = _find(node, definition, shapes, alike)
    result.findings[node_id] = finding
    if finding.shape is not None and not node.bypassed:
        outputs[OUTPUT] = finding.shape
    return outputs


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
