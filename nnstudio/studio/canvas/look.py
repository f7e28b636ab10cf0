"""What a node card and an edge say, worked out from the graph in one place; the items only paint it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nnstudio.graph.node import OUTPUT, Edge, Node
from nnstudio.graph.ports import definition_of, input_ports, nodes_in, output_ports
from nnstudio.modules.shapes import Shape, format_shape, per_sample
from nnstudio.studio.canvas.complaints import Complaint
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon
from nnstudio.studio.formats import count, number

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.studio.canvas.sheet import Sheet


class Port(NamedTuple):
    """One port of a node; side is "input" or "output"."""

    side: str
    name: str


@dataclass(frozen=True)
class NodeLook:
    """Everything a card shows but its live value."""

    node_id: str
    name: str
    kind: str  # "Linear 2→8"
    icon: NodeIcon
    formula: str
    detail: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    connected: frozenset[Port]
    position: tuple[float, float]
    complaint: Complaint | None  # what is wrong with it
    bypassed: bool

    @property
    def severity(self) -> str | None:
        """Of its worst problem."""
        return None if self.complaint is None else self.complaint.severity


def looks(
    sheet: Sheet, complaints: Mapping[str, Complaint], ids: Collection[str] | None = None
) -> dict[str, NodeLook]:
    """The look of every node of the sheet, or of these, in document order."""
    level = sheet.level
    shapes = sheet.shapes()
    structure = level.structure
    found: dict[str, NodeLook] = {}
    for key in level.nodes if ids is None else ids:
        node = level.nodes[key]
        joined = {Port("output", edge.source_port) for edge in structure.outgoing[key]}
        joined.update(Port("input", port) for port in structure.incoming[key])
        found[key] = NodeLook(
            node_id=key,
            name=node.name,
            kind=_kind(sheet, node, shapes.get(key)),
            icon=_icon(node),
            formula=_formula(node),
            detail=_detail(sheet, node),
            inputs=input_ports(level, node),
            outputs=_outputs(level, node),
            connected=frozenset(joined),
            position=node.position,
            complaint=complaints.get(key),
            bypassed=node.bypassed,
        )
    return found


def grounds(sheet: Sheet) -> dict[str, tuple[object, ...]]:
    """What the look of every node follows from, but for what is wrong with it: the same objects as before
    where nothing has changed for the node.
    """
    level, inference = sheet.level, sheet.inferred
    incoming, outgoing = level.structure.incoming, level.structure.outgoing
    inputs, given = inference.inputs, inference.given
    return {
        key: (node, incoming[key], outgoing[key], inputs.get(key), given.get(key))
        for key, node in level.nodes.items()
    }


def edge_label(sheet: Sheet, edge: Edge) -> str:
    """The shape that flows along an edge: N×8, or nothing where it is not known."""
    group = sheet.level.nodes[edge.source].is_group
    shape = sheet.inferred.shape(edge.source, edge.source_port if group else OUTPUT)
    return "" if shape is None else format_shape(shape)


def _icon(node: Node) -> NodeIcon:
    definition = definition_of(node)
    return node_icon(definition, node.is_group, dict(node.settings) if definition is not None else None)


def _kind(sheet: Sheet, node: Node, shape: Shape | None) -> str:
    """The type; for what changes the number of features, from how many to how many."""
    if definition_of(node) is None and not node.is_group:
        return f"{node.type} (unknown)"
    given = [each for each in sheet.input_shapes(node.id).values() if each is not None]
    if shape and len(given) == 1 and len(given[0]) > 1 and len(shape) > 1 and given[0] != shape:
        return f"{node.type} {_features(given[0])}→{_features(shape)}"
    return node.type


def _features(shape: Shape) -> str:
    return "×".join(map(str, per_sample(shape)))


def _formula(node: Node) -> str:
    definition = definition_of(node)
    if definition is None or definition.role in ("input", "target"):
        return ""
    values = node.settings.get("value", ()) if definition.role in ("constant", "parameter") else ()
    if len(values) == 1:
        return f"{definition.formula} = {number(values[0])}"
    return definition.formula


def _detail(sheet: Sheet, node: Node) -> str:
    definition = definition_of(node)
    if node.inside is not None:
        return count(nodes_in(node.inside), "node")
    if definition is None:
        return "not in this version"
    if definition.role in ("input", "target"):
        size = tuple(node.settings.get("shape", ()))
        if not size:
            return "class number" if definition.role == "target" else "one number"
        return (
            count(size[0], "feature" if definition.role == "input" else "number")
            if len(size) == 1
            else format_shape(size)
        )
    numbers = sum(_count(parameter.shape) for parameter in sheet.parameters(node.id).values())
    return count(numbers, "parameter") if numbers else ""


def _count(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _outputs(level: Level, node: Node) -> tuple[str, ...]:
    """The outputs that may be connected; a criterion's loss is where the graph ends, so it shows none
    unless it is used.
    """
    definition = definition_of(node)
    outputs = output_ports(level, node)
    if definition is not None and definition.role == "criterion":
        used = {edge.source_port for edge in level.structure.outgoing[node.id]}
        return tuple(name for name in outputs if name in used)
    return outputs
