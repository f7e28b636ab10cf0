"""The graph as JSON values, and back.

{"nodes": [{"id", "name", "type", "settings", "position", "bypassed"?,
"inside"?}], "edges": [{"source", "source_port",
"target", "port", "bends"?}], "frames"?: [{"id", "title", "position", "size", "colour"}]}; `inside` has the
same form. What this version does not know (a node type, a setting, a
field anywhere) is kept and written back as it was. What has the wrong form is a GraphError that says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from nnstudio.errors import GraphError
from nnstudio.graph.bypassing import can_be_bypassed
from nnstudio.graph.frame import Frame, check_bends, check_frame, check_frame_count, check_position
from nnstudio.graph.frozen import EMPTY, FrozenDict, freeze_mapping, thaw
from nnstudio.graph.level import Level
from nnstudio.graph.naming import check_text
from nnstudio.graph.node import GROUP, OUTPUT, Edge, Node
from nnstudio.modules.catalogue import definitions
from nnstudio.wording import short

MOST_NODES = 100_000
MOST_EDGES = 1_000_000
MOST_LEVELS = 32

NODE_FIELDS = ("id", "name", "type", "settings", "position", "bypassed")
EDGE_FIELDS = ("source", "source_port", "target", "port", "bends")
FRAME_FIELDS = ("id", "title", "position", "size", "colour")


def to_dict(level: Level) -> dict[str, Any]:
    """The level as a dict of JSON values, from which from_dict makes it again."""
    found = {
        **thaw(level.extra),
        "nodes": [_node_to_dict(node) for node in level.nodes.values()],
        "edges": [_edge_to_dict(edge) for edge in level.edges],
    }
    if level.frames:
        found["frames"] = [
            {
                **thaw(frame.extra),
                "id": frame.id,
                "title": frame.title,
                "position": list(frame.position),
                "size": list(frame.size),
                "colour": frame.colour,
            }
            for frame in level.frames.values()
        ]
    return found


def _edge_to_dict(edge: Edge) -> dict[str, Any]:
    found = {
        **thaw(edge.extra),
        "source": edge.source,
        "source_port": edge.source_port,
        "target": edge.target,
        "port": edge.port,
    }
    if edge.bends:
        found["bends"] = [list(place) for place in edge.bends]
    return found


def _node_to_dict(node: Node) -> dict[str, Any]:
    found = {
        **thaw(node.extra),
        "id": node.id,
        "name": node.name,
        "type": node.type,
        "settings": thaw({**node.unknown_settings, **node.settings}),
        "position": list(node.position),
    }
    if node.bypassed:
        found["bypassed"] = True
    if node.inside is not None:
        found["inside"] = to_dict(node.inside)
    return found


def from_dict(value: Any) -> Level:
    """The level that to_dict wrote, unknown types and fields kept. GraphError where it cannot be read."""
    return _Reader().level(value, "", 1)


def check_size(count: int, depth: int) -> None:
    """Raises GraphError for more nodes, or groups nested deeper, than a graph may have."""
    if count > MOST_NODES:
        raise GraphError(f"The graph would have {count:,} nodes, but at most {MOST_NODES:,} are allowed.")
    if depth > MOST_LEVELS:
        raise GraphError(
            f"Groups would be nested {depth} levels deep, but at most {MOST_LEVELS} are allowed."
        )


class _Reader:
    def __init__(self) -> None:
        self.nodes_seen = 0
        self.edges_seen = 0

    def level(self, value: Any, where: str, depth: int) -> Level:
        """`where` is the place in the file, "nodes[3].inside." or nothing at the top."""
        entry = _mapping(value, where.rstrip(".") or "The graph")
        nodes = _list(entry, "nodes", where)
        edges = _list(entry, "edges", where)
        self.nodes_seen += len(nodes)
        self.edges_seen += len(edges)
        check_size(self.nodes_seen, depth)
        if self.edges_seen > MOST_EDGES:
            raise GraphError(f"The graph has more than {MOST_EDGES:,} edges.")
        found: dict[str, Node] = {}
        names: dict[str, str] = {}
        for index, item in enumerate(nodes):
            place = f"{where}nodes[{index}]"
            node = self.node(item, place, depth)
            if node.id in found:
                raise GraphError(f"{place}.id is {node.id!r}, which another node has already.")
            if node.name in names:
                raise GraphError(
                    f"{place}.name is {node.name!r}, which another node on its level has already."
                )
            found[node.id] = node
            names[node.name] = node.id
        for node_id, node in found.items():
            if names.get(node_id, node_id) != node_id:
                raise GraphError(
                    f"{where}nodes: {node_id!r} is the id of {node.name} and the name of another node; "
                    "change one of them."
                )
        read = tuple(_edge(item, f"{where}edges[{index}]", found) for index, item in enumerate(edges))
        extra = _rest(entry, ("nodes", "edges", "frames"), where)
        return Level(found, read, extra, self.frames(entry, where))

    def frames(self, entry: Mapping[str, Any], where: str) -> dict[str, Frame]:
        """The frames of a level; there may be none."""
        found: dict[str, Frame] = {}
        values = _list(entry, "frames", where) if "frames" in entry else []
        check_frame_count(len(values))
        for index, value in enumerate(values):
            place = f"{where}frames[{index}]"
            item = _mapping(value, place)
            frame_id, title, position, size, colour = (_field(item, name, place) for name in FRAME_FIELDS)
            extra = _rest(item, FRAME_FIELDS, place + ".")
            frame = check_frame(Frame(frame_id, title, position, size, colour, extra), f"{place}.")
            if frame.id in found:
                raise GraphError(f"{place}.id is {frame.id!r}, which another frame has already.")
            found[frame.id] = frame
        return found

    def node(self, value: Any, where: str, depth: int) -> Node:
        entry = _mapping(value, where)
        node_id = check_text(_field(entry, "id", where), f"{where}.id")
        name = check_text(_field(entry, "name", where), f"{where}.name")
        kind = _field(entry, "type", where)
        if not isinstance(kind, str) or not kind:
            raise GraphError(f"{where}.type must be the name of a node type.")
        position = check_position(_field(entry, "position", where), f"{where}.position")
        bypassed = entry.get("bypassed", False)
        if not isinstance(bypassed, bool):
            raise GraphError(f"{where}.bypassed must be true or false, not {_kind(bypassed)}.")
        settings = _mapping(entry.get("settings", EMPTY), f"{where}.settings")
        if kind == GROUP:
            inside = self.level(_field(entry, "inside", where), f"{where}.inside.", depth + 1)
            unknown = freeze_mapping(settings, f"{where}.settings")
            extra = _rest(entry, (*NODE_FIELDS, "inside"), where + ".")
            return Node(node_id, name, kind, EMPTY, position, inside, unknown, extra, bypassed)
        extra = _rest(entry, NODE_FIELDS, where + ".")
        known = definitions().get(kind)
        if known is None:
            raw = freeze_mapping(settings, f"{where}.settings")
            return Node(node_id, name, kind, raw, position, None, EMPTY, extra, bypassed)
        ours = {key: setting for key, setting in settings.items() if key in known.settings}
        theirs = {key: setting for key, setting in settings.items() if key not in known.settings}
        try:
            complete = FrozenDict(known.complete(ours))
        except GraphError as error:
            raise GraphError(f"{where}.settings, of the node {name}: {error}") from None
        unknown = freeze_mapping(theirs, f"{where}.settings")
        node = Node(node_id, name, kind, complete, position, None, unknown, extra, bypassed)
        if bypassed and not can_be_bypassed(node):
            raise GraphError(f"{where}.bypassed is true, but a node of the type {kind} cannot be bypassed.")
        return node


def _edge(value: Any, where: str, nodes: Mapping[str, Node]) -> Edge:
    entry = _mapping(value, where)
    ends: list[str] = []
    for end in ("source", "target"):
        node_id = _field(entry, end, where)
        if not isinstance(node_id, str) or node_id not in nodes:
            raise GraphError(f"{where}.{end} is {short(node_id)}, but no node has that id.")
        ends.append(node_id)
    port = check_text(_field(entry, "port", where), f"{where}.port")
    source_port = check_text(entry.get("source_port", OUTPUT), f"{where}.source_port")
    bends = check_bends(entry["bends"], f"{where}.bends") if "bends" in entry else ()
    return Edge(ends[0], ends[1], port, source_port, _rest(entry, EDGE_FIELDS, where + "."), bends)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise GraphError(f"{where} must be an object, not {_kind(value)}.")
    return cast("Mapping[str, Any]", value)


def _list(entry: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = _field(entry, name, where.rstrip(".") or "The graph")
    if not isinstance(value, list):
        raise GraphError(f"{where}{name} must be a list, not {_kind(value)}.")
    return cast("list[Any]", value)


def _field(entry: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in entry:
        raise GraphError(f"{where} has no field {name!r}.")
    return entry[name]


def _rest(entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> FrozenDict:
    rest = {key: value for key, value in entry.items() if key not in known}
    return freeze_mapping(rest, where.rstrip(".") or "The graph")


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object" if isinstance(value, Mapping) else type(value).__name__
