"""The edits of groups: fold nodes into one, unfold it again, and edit what is inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, Sequence, back, name_of
from nnstudio.graph.frame import MOST_BENDS, Frame, check_frame_count
from nnstudio.graph.frozen import FrozenDict
from nnstudio.graph.level import Level, id_number
from nnstudio.graph.naming import check_name, free_name, name_for
from nnstudio.graph.node import GROUP, OUTPUT, Edge, Node, Position
from nnstudio.graph.order import reachable
from nnstudio.graph.ports import group_inputs, group_outputs, input_ports
from nnstudio.modules.catalogue import definition

Bends = tuple[Position, ...]

PORT_DISTANCE = 200.0  # from the folded nodes to the Input and Output nodes beside them


@dataclass(frozen=True)
class GroupNodes(Edit):
    """Folds nodes into a group. What comes in gets an Input node inside, what goes out an Output node.

    Frames stay where they are but for those of `frame_ids`, which go inside: a level does not know how large
    cards are drawn, so which frames lie wholly among the nodes is for the canvas to say. The bends of an edge
    that comes in go inside with it, as they are the former edge's own; those of one that goes out stay.
    """

    node_ids: tuple[str, ...]
    name: str | None = None
    frame_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "node_ids", tuple(dict.fromkeys(self.node_ids)))
        object.__setattr__(self, "frame_ids", tuple(dict.fromkeys(self.frame_ids)))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        count = len(self.node_ids)
        what = name_of(level, self.node_ids[0]) if count == 1 else f"{count} nodes"
        return f"Group {what}" if self.name is None else f"Group {what} as {self.name}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        chosen = set(self.node_ids)
        self._check(level, chosen)
        inner = [node for node in level.nodes.values() if node.id in chosen]
        group_id = level.next_id()
        rest = level.without(chosen)
        name = free_name(rest, name_for(level, GROUP)) if self.name is None else check_name(rest, self.name)

        folded = {key: level.frame(key) for key in self.frame_ids}
        if folded:
            folded = {key: frame for key, frame in level.frames.items() if key in folded}
            rest = rest.drawn(frames={key: each for key, each in rest.frames.items() if key not in folded})

        inside = Level({node.id: node for node in inner}, frames=folded)
        left = min(node.position[0] for node in inner) - PORT_DISTANCE
        right = max(node.position[0] for node in inner) + PORT_DISTANCE
        ports: dict[tuple[str, str], Node] = {}
        inner_edges: list[Edge] = []
        outer_edges: list[Edge] = []
        for edge in level.edges:
            comes_in, goes_out = edge.target in chosen, edge.source in chosen
            if comes_in and goes_out:
                inner_edges.append(edge)
            elif comes_in:
                key = (edge.source, edge.source_port)
                if key not in ports:
                    inside, ports[key] = _with_port(
                        inside, "Input", left, level.nodes[edge.target].position[1]
                    )
                    outer_edges.append(Edge(edge.source, group_id, ports[key].name, edge.source_port))
                inner_edges.append(replace(edge, source=ports[key].id, source_port=OUTPUT))
            elif goes_out:
                key = (edge.source, edge.source_port)
                if key not in ports:
                    inside, ports[key] = _with_port(
                        inside, "Output", right, level.nodes[edge.source].position[1]
                    )
                    inner_edges.append(Edge(edge.source, ports[key].id, "input", edge.source_port))
                outer_edges.append(replace(edge, source=group_id, source_port=ports[key].name))
            else:
                outer_edges.append(edge)

        group = Node(group_id, name, GROUP, position=_middle(inner), inside=inside.with_edges(inner_edges))
        after = rest.put(group).with_edges(outer_edges)
        return after, back(level, after, self.label_on(level))

    def _check(self, level: Level, chosen: set[str]) -> None:
        if not chosen:
            raise GraphError("There is nothing to group: select at least one node.")
        for node_id in self.node_ids:
            node = level.node(node_id)
            if node.type in ("Input", "Output"):
                raise GraphError(
                    f"{node.name} is an {node.type} of this level and cannot go into a group: "
                    "leave it outside."
                )
        behind = {edge.target for edge in level.edges if edge.source in chosen and edge.target not in chosen}
        outside = [edge for edge in level.edges if edge.source not in chosen]
        between = reachable(behind, outside)
        for edge in outside:
            if edge.source in between and edge.target in chosen:
                name = level.nodes[edge.source].name
                raise GraphError(
                    f"{name} is fed by nodes of this group and feeds others of it, so the group would feed "
                    f"itself: take {name} into the group too."
                )


def _with_port(inside: Level, kind: str, x: float, y: float) -> tuple[Level, Node]:
    settings = FrozenDict(definition(kind).complete({}))
    node = Node(inside.next_id(), name_for(inside, kind), kind, settings, (x, y))
    return inside.put(node), node


def _middle(nodes: Items[Node]) -> Position:
    count = len(nodes)
    return (sum(node.position[0] for node in nodes) / count, sum(node.position[1] for node in nodes) / count)


@dataclass(frozen=True)
class UngroupNode(Edit):
    """Unfolds a group: its nodes join this level, its Input and Output nodes vanish and their edges are
    joined.

    Names and ids that are taken here get the next free ones. Nodes go back to where their ids put them in
    the document order, frames in the drawing order, and edges to where their targets do, so unfolding what
    has just been folded mostly gives the former document; the inverse that GroupNodes returns always does.
    Where two edges become one, it keeps the bends of both.
    """

    node_id: str

    def title(self, level: Level | None) -> str:
        return f"Ungroup {name_of(level, self.node_id)}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        _, inside = level.group(self.node_id)
        after = level.without({self.node_id})
        new_ids: dict[str, str] = {}
        for node in inside.nodes.values():
            if node.type not in ("Input", "Output"):
                node_id = node.id if _is_free_id(after, node.id) else after.next_id()
                new_ids[node.id] = node_id
                name = free_name(after, node.name)
                if (node_id, name) != (node.id, node.name):
                    node = replace(node, id=node_id, name=name)
                after = after.put(node, _place(after, node_id))
        after = after.with_edges(_merged(after, _joined(level, inside, self.node_id, new_ids)))
        if inside.frames:
            after = after.drawn(frames=_with_frames(after, inside))
        return after, back(level, after, self.label_on(level))


def _with_frames(level: Level, inside: Level) -> dict[str, Frame]:
    found = level
    for frame in inside.frames.values():
        if frame.id in found.frames:
            frame = replace(frame, id=found.next_frame_id())
        frames = list(found.frames.values())
        later = (i for i, each in enumerate(frames) if id_number(each.id, "f") > id_number(frame.id, "f"))
        frames.insert(next(later, len(frames)), frame)
        found = found.drawn(frames={each.id: each for each in frames})
    check_frame_count(len(found.frames))
    return found.frames


def _is_free_id(level: Level, node_id: str) -> bool:
    return node_id not in level.nodes and node_id not in level.names


def _place(level: Level, node_id: str) -> int:
    """Before the first node with a higher number."""
    number = id_number(node_id)
    for index, key in enumerate(level.nodes):
        if id_number(key) > number:
            return index
    return len(level.nodes)


def _joined(level: Level, inside: Level, group_id: str, new_ids: Mapping[str, str]) -> Iterable[Edge]:
    """The edges that were inside the group, and those that went through its ports."""
    feeds: dict[str, list[Edge]] = {}
    for edge in level.edges:
        if edge.target == group_id and edge.source != group_id:
            feeds.setdefault(edge.port, []).append(edge)
    into: dict[str, list[Edge]] = {}  # the edges to each Output node inside
    for edge in inside.edges:
        if edge.port == "input":
            into.setdefault(edge.target, []).append(edge)
    ports = {node.name: node for node in inside.nodes.values() if node.type == "Output"}

    def sources(edges: Iterable[Edge]) -> Iterable[tuple[str, str, Bends]]:
        """Where the values on these inner edges come from after unfolding, and what they were bent through
        on the way; nowhere, behind an open port."""
        seen: set[str] = set()
        stack = [(edge, edge.bends) for edge in edges][::-1]
        while stack:
            edge, bends = stack.pop()
            if edge.source in new_ids:
                yield new_ids[edge.source], edge.source_port, bends
                continue
            port = inside.nodes[edge.source]
            if port.id in seen:
                continue
            seen.add(port.id)
            if port.type == "Output":
                stack.extend((feed, feed.bends + bends) for feed in into.get(port.id, ())[::-1])
            else:
                for feed in feeds.get(port.name, ()):
                    yield feed.source, feed.source_port, feed.bends + bends

    for edge in inside.edges:
        if edge.target in new_ids:
            for source, source_port, bends in sources([edge]):
                target = new_ids[edge.target]
                yield Edge(source, target, edge.port, source_port, edge.extra, bends[:MOST_BENDS])
    for edge in level.edges:
        port = ports.get(edge.source_port) if edge.source == group_id else None
        if port is not None and edge.target != group_id:
            for source, source_port, before in sources(into.get(port.id, ())):
                bends = (before + edge.bends)[:MOST_BENDS]
                yield Edge(source, edge.target, edge.port, source_port, edge.extra, bends)


def _merged(level: Level, joined: Iterable[Edge]) -> list[Edge]:
    """The level's edges with the joined ones, each before the first edge whose target or port comes later."""
    place = {key: index for index, key in enumerate(level.nodes)}
    ports = {key: input_ports(level, node) for key, node in level.nodes.items()}

    def key(edge: Edge) -> tuple[int, int]:
        names = ports[edge.target]
        return place[edge.target], names.index(edge.port) if edge.port in names else len(names)

    result: list[Edge] = []
    waiting = sorted(joined, key=key, reverse=True)
    for edge in level.edges:
        while waiting and key(waiting[-1]) < key(edge):
            result.append(waiting.pop())
        result.append(edge)
    return result + waiting[::-1]


@dataclass(frozen=True)
class EditInside(Edit):
    """An edit of what is inside the group that the ids of `path` lead to.

    Where it renames an Input or Output node, the edges at that port of the group follow; where it removes
    one, they go with it. (`inside_only` leaves them alone: inverses put each edge back by themselves.)
    """

    path: tuple[str, ...]
    edit: Edit
    inside_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", tuple(self.path))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        if level is None:
            return self.edit.label
        return self.edit.label_on(level.at(self.path))

    def on(self, level: Level) -> tuple[Level, Edit]:
        if not self.path:
            return self.edit.on(level)
        label = self.label_on(level)
        first, rest = self.path[0], self.path[1:]
        group, before = level.group(first)
        edit = EditInside(rest, self.edit, self.inside_only, label=label) if rest else self.edit
        after, inverse = edit.on(before)
        changed = {**level.nodes, first: replace(group, inside=after)}
        undo = EditInside((first,), inverse, inside_only=True, label=label)
        if after.structure is before.structure:
            return level.moved(changed), undo
        result = level.replace(changed[first])
        if self.inside_only:
            return result, undo
        edges = _following(level, first, before, after)
        if edges == list(level.edges):
            return result, undo
        final = result.with_edges(edges)
        return final, Sequence([back(result, final, label), undo], label)


def _following(level: Level, group_id: str, before: Level, after: Level) -> list[Edge]:
    """The level's edges after the ports of a group have changed."""
    inputs = _renamed_ports(before, after, "Input")
    outputs = _renamed_ports(before, after, "Output")
    if all(old == new for ports in (inputs, outputs) for old, new in ports.items()):
        return list(level.edges)
    edges: list[Edge] = []
    for edge in level.edges:
        # A port that the group did not have before (a file may name any) stays as it is.
        port: str | None = edge.port
        if edge.target == group_id:
            port = inputs.get(port, port)
        source_port: str | None = edge.source_port
        if edge.source == group_id:
            source_port = outputs.get(source_port, source_port)
        if port is None or source_port is None:
            continue
        same = (port, source_port) == (edge.port, edge.source_port)
        edges.append(edge if same else replace(edge, port=port, source_port=source_port))
    return edges


def _renamed_ports(before: Level, after: Level, kind: str) -> dict[str, str | None]:
    """Old port -> what it is called now; None where it is gone.

    A new node of the old name takes its edges over.
    """
    names = group_inputs(after) if kind == "Input" else group_outputs(after)
    found: dict[str, str | None] = {}
    for node in before.nodes.values():
        if node.type == kind:
            now = after.nodes.get(node.id)
            if now is not None and now.type == kind:
                found[node.name] = now.name
            else:
                found[node.name] = node.name if node.name in names else None
    return found
