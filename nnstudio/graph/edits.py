"""The edits of nodes, edges and settings. (Those of groups are in group_edits.py.)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from nnstudio.errors import GraphError
from nnstudio.graph.bypassing import can_be_bypassed
from nnstudio.graph.edit import Edit, PutBack, back, name_of
from nnstudio.graph.frame import check_bends, check_position
from nnstudio.graph.frozen import EMPTY, FrozenDict
from nnstudio.graph.level import Level
from nnstudio.graph.naming import check_name, check_text, name_for
from nnstudio.graph.node import GROUP, OUTPUT, Edge, Node, Position
from nnstudio.graph.order import reaches
from nnstudio.graph.ports import definition_of, input_ports, is_unknown, output_ports
from nnstudio.modules.catalogue import definition

SPACING = 200.0  # between a node that is added without a position and the last one


@dataclass(frozen=True)
class AddNode(Edit):
    """A new node, at the end of the document order.

    Without an id, a name or a position it gets the next free one.
    """

    type: str
    name: str | None = None
    settings: Mapping[str, Any] = field(default=EMPTY, hash=False)
    position: Position | None = None
    inside: Level | None = field(default=None, hash=False)
    id: str | None = None

    def title(self, level: Level | None) -> str:
        name = self.name
        if name is None and level is not None:
            name = name_for(level, self.type)
        return f"Add {self.type}" if name is None else f"Add {self.type} {name}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        settings, inside = self._checked()
        name = name_for(level, self.type) if self.name is None else check_name(level, self.name)
        node_id = level.next_id() if self.id is None else check_text(self.id, "The id of a node")
        if level.names.get(node_id, name) != name:
            raise GraphError(f"{node_id} is the name of another node already and cannot be the id of {name}.")
        position = _next_position(level) if self.position is None else check_position(self.position)
        after = level.put(Node(node_id, name, self.type, settings, position, inside))
        return after, RemoveNode(node_id, label=self.label_on(level))

    def _checked(self) -> tuple[Mapping[str, Any], Level | None]:
        if self.type != GROUP:
            if self.inside is not None:
                raise GraphError(f"Only a group has an inside; {self.type} is none.")
            return FrozenDict(definition(self.type).complete(self.settings)), None
        if self.settings:
            raise GraphError(f"A group has no settings, so {next(iter(self.settings))} cannot be set.")
        return EMPTY, Level() if self.inside is None else self.inside


def _next_position(level: Level) -> Position:
    if not level.nodes:
        return (0.0, 0.0)
    x, y = level.nodes[next(reversed(level.nodes))].position
    return (x + SPACING, y)


@dataclass(frozen=True)
class RemoveNode(Edit):
    """Takes a node away, with its edges."""

    node_id: str

    def title(self, level: Level | None) -> str:
        return f"Remove {name_of(level, self.node_id)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        level.node(self.node_id)
        after = level.without({self.node_id})
        return after, back(level, after, self.label_on(level))


@dataclass(frozen=True)
class AddEdge(Edit):
    """Joins an output port to a free input port, where that closes no cycle."""

    edge: Edge

    def title(self, level: Level | None) -> str:
        return f"Connect {name_of(level, self.edge.source)} to {name_of(level, self.edge.target)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        check_edge(level, self.edge)
        edge = replace(self.edge, bends=check_bends(self.edge.bends)) if self.edge.bends else self.edge
        after = level.with_edges((*level.edges, edge))
        return after, RemoveEdge(self.edge, label=self.label_on(level))


def check_ports(level: Level, edge: Edge) -> tuple[Node, Node]:
    """The nodes at the ends. GraphError where one of them, or the port of the edge there, does not exist."""
    source, target = level.node(edge.source), level.node(edge.target)
    if not (source.inside is None and edge.source_port == OUTPUT):
        outputs = output_ports(level, source)
        if edge.source_port not in outputs and not is_unknown(source):
            raise GraphError(_no_port(source, "output", edge.source_port, outputs))
    inputs = input_ports(level, target)
    if edge.port not in inputs and not is_unknown(target):
        raise GraphError(_no_port(target, "input", edge.port, inputs))
    return source, target


def check_edge(level: Level, edge: Edge) -> None:
    """Raises GraphError where an end or a port of the edge does not exist, or the edge may not be there."""
    source, target = check_ports(level, edge)
    fed = feeds = False
    for other in level.edges:
        fed = fed or other.target == edge.source
        feeds = feeds or other.source == edge.target
        if other.target == edge.target and other.port == edge.port:
            former = level.nodes[other.source].name
            raise GraphError(
                f"There would be two edges into the {edge.port} of {target.name}, from {former} and "
                f"{source.name}: disconnect {former} first."
            )
    # Most edges join a node that nothing feeds yet, or that feeds nothing yet.
    closes = edge.source == edge.target or (fed and feeds and reaches(edge.target, edge.source, level.edges))
    if closes:
        raise GraphError(
            f"Connecting {source.name} to {target.name} would close a cycle, and a graph has none."
        )


def _no_port(node: Node, kind: str, port: str, ports: tuple[str, ...]) -> str:
    there = f"it has {', '.join(ports)}" if ports else "it has none"
    return f"{node.name} ({node.type}) has no {kind} called {port}: {there}."


@dataclass(frozen=True)
class RemoveEdge(Edit):
    """Take one edge away, the last where a file brought several alike. GraphError where there is none."""

    edge: Edge

    def title(self, level: Level | None) -> str:
        return f"Disconnect {name_of(level, self.edge.source)} from {name_of(level, self.edge.target)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        edges, index = level.edges, level.place_of(self.edge)
        after = level.with_edges(edges[:index] + edges[index + 1 :])
        return after, PutBack(edges=((index, edges[index]),), label=self.label_on(level))


@dataclass(frozen=True)
class Rename(Edit):
    """Give a node another name. GraphError for a name that is no name or is taken."""

    node_id: str
    name: str

    def title(self, level: Level | None) -> str:
        return f"Rename {name_of(level, self.node_id)} to {self.name}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        node = level.node(self.node_id)
        name = check_name(level, self.name, self.node_id)
        inverse = Rename(self.node_id, node.name, label=self.label_on(level))
        return level.replace(replace(node, name=name)), inverse


@dataclass(frozen=True)
class Move(Edit):
    """Puts nodes at positions: {node id: (x, y)}."""

    positions: Mapping[str, Position] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", FrozenDict(self.positions))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        if len(self.positions) == 1:
            return f"Move {name_of(level, next(iter(self.positions)))}"
        return f"Move {len(self.positions)} nodes"

    def on(self, level: Level) -> tuple[Level, Edit]:
        former: dict[str, Position] = {}
        nodes = dict(level.nodes)
        for node_id, position in self.positions.items():
            node = level.node(node_id)
            former[node_id] = node.position
            nodes[node_id] = node.at(check_position(position))
        return level.moved(nodes), Move(former, label=self.label_on(level))


@dataclass(frozen=True)
class SetSettings(Edit):
    """Gives some settings of a node new values; the others stay."""

    node_id: str
    settings: Mapping[str, Any] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", FrozenDict(self.settings))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        name = name_of(level, self.node_id)
        if len(self.settings) == 1:
            setting, value = next(iter(self.settings.items()))
            return f"Set {setting} of {name} to {setting_text(value)}"
        return f"Set {', '.join(self.settings)} of {name}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        node = level.node(self.node_id)
        if node.inside is not None:
            raise GraphError(f"{node.name} is a group and has no settings.")
        known = definition_of(node)
        if known is None:
            raise GraphError(
                f"{node.name} is of the unknown type {node.type}, whose settings cannot be changed here."
            )
        try:
            settings = FrozenDict(known.complete({**node.settings, **self.settings}))
        except GraphError as error:
            raise GraphError(f"{node.name}: {error}") from None
        former = {key: node.settings[key] for key in self.settings}
        after = level.replace(replace(node, settings=settings))
        return after, SetSettings(self.node_id, former, label=self.label_on(level))


@dataclass(frozen=True)
class SetSetting(Edit):
    """SetSettings for one setting."""

    node_id: str
    name: str
    value: Any = field(hash=False)

    def title(self, level: Level | None) -> str:
        return f"Set {self.name} of {name_of(level, self.node_id)} to {setting_text(self.value)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        return SetSettings(self.node_id, {self.name: self.value}, label=self.label_on(level)).on(level)


def setting_text(value: Any) -> str:
    """A setting's value in a label: short, a shape as 8×8."""
    if isinstance(value, list | tuple):
        items = cast("list[Any] | tuple[Any, ...]", value)
        if all(isinstance(item, int) for item in items):
            return "×".join(map(str, items)) if items else "()"
    text = str(cast("object", value))
    return text if len(text) <= 24 else text[:23] + "…"


@dataclass(frozen=True)
class ChangeType(Edit):
    """Makes a node one of another type.

    Settings that the new type has too, with values it allows, are kept. It stays bypassed where the new type
    can be.
    """

    node_id: str
    type: str

    def title(self, level: Level | None) -> str:
        return f"Change {name_of(level, self.node_id)} to {self.type}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        node = level.node(self.node_id)
        if node.inside is not None or self.type == GROUP:
            raise GraphError(f"{node.name} cannot change between a group and a module.")
        known = definition(self.type)
        kept: dict[str, Any] = {}
        for key, value in node.settings.items():
            if key in known.settings:
                try:
                    kept[key] = known.settings[key].check(value)
                except GraphError:
                    continue  # the default takes its place
        settings = FrozenDict(known.complete(kept))
        changed = replace(node, type=self.type, settings=settings, unknown_settings=EMPTY)
        changed = replace(changed, bypassed=node.bypassed and can_be_bypassed(changed))
        after = level.replace(changed)
        return after, back(level, after, self.label_on(level))
