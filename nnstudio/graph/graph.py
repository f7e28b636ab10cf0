"""The graph: the document that is drawn, edited, checked and compiled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph import document_format
from nnstudio.graph.bypassing import SetBypassed
from nnstudio.graph.change import Change
from nnstudio.graph.edit import Edit
from nnstudio.graph.edits import AddEdge, AddNode, Move, RemoveEdge, RemoveNode, Rename, SetSettings
from nnstudio.graph.flatten import FlatGraph, flatten
from nnstudio.graph.group_edits import GroupNodes, UngroupNode
from nnstudio.graph.inference import Inference, infer
from nnstudio.graph.level import Level
from nnstudio.graph.naming import name_for
from nnstudio.graph.node import GROUP, OUTPUT, Edge, Node, Position
from nnstudio.graph.obstacles import obstacles
from nnstudio.graph.ports import input_ports, output_ports
from nnstudio.graph.problem import Problem
from nnstudio.graph.problems import Problems
from nnstudio.modules.module import Parameter
from nnstudio.modules.shapes import Shape

Listener = Callable[[Change], None]
Path = tuple[str, ...]


class Graph:
    """Nodes, edges, and what follows from them.

    It changes through edits only: `apply` performs one and returns its inverse, and the short ways below
    (`add`, `connect`, …) make one and apply it. Where a method takes `path`, these are the ids of the
    groups that lead to a level inside; the empty path is the graph's own level.
    """

    def __init__(self, level: Level | None = None) -> None:
        self._level = Level() if level is None else level
        self._listeners: list[Listener] = []
        self._inference: Inference | None = None
        self._flat: tuple[Inference, FlatGraph] | None = None
        self._problems = Problems()

    def __repr__(self) -> str:
        return f"Graph({len(self.nodes)} nodes, {len(self.edges)} edges)"

    # -- the document

    @property
    def level(self) -> Level:
        """The present content as a value that never changes: to hand to a thread or compare with later."""
        return self._level

    @property
    def nodes(self) -> Mapping[str, Node]:
        """By id, in document order."""
        return MappingProxyType(self._level.nodes)

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self._level.edges

    def node(self, node: Node | str) -> Node:
        """The node as it is now, by id, by name, or by dotted name (`encoder.fc1`)."""
        key = node.id if isinstance(node, Node) else node
        path = self.path(key)
        return self._level.at(path[:-1]).nodes[path[-1]]

    def path(self, name: str) -> Path:
        """The ids that lead to the node of this id, name or dotted name."""
        level = self._level
        if name in level.nodes:
            return (name,)
        path: list[str] = []
        parts = name.split(".")
        for index, part in enumerate(parts):
            node_id = level.names.get(part)
            if node_id is None:
                raise GraphError(f"There is no node called {name!r} in the graph.")
            path.append(node_id)
            inside = level.nodes[node_id].inside
            if index < len(parts) - 1:
                if inside is None:
                    raise GraphError(f"There is no node called {name!r} in the graph: {part} is not a group.")
                level = inside
        return tuple(path)

    def inputs_of(self, node: Node | str, path: Path = ()) -> dict[str, Edge]:
        """The edge at each connected input port; the first one, where a file brought two."""
        incoming = self._level.at(path).structure.incoming[self._id(node, path)]
        return {port: edges[0] for port, edges in incoming.items()}

    def consumers_of(self, node: Node | str, path: Path = ()) -> tuple[Edge, ...]:
        """The edges that leave a node."""
        return tuple(self._level.at(path).structure.outgoing[self._id(node, path)])

    def input_ports(self, node: Node | str, path: Path = ()) -> tuple[str, ...]:
        """The names of a node's input ports, in order."""
        level = self._level.at(path)
        return input_ports(level, level.node(self._id(node, path)))

    def output_ports(self, node: Node | str, path: Path = ()) -> tuple[str, ...]:
        """The names of a node's output ports, in order."""
        level = self._level.at(path)
        return output_ports(level, level.node(self._id(node, path)))

    def name_for(self, type_name: str, path: Path = ()) -> str:
        """The name that a new node of this type would get."""
        return name_for(self._level.at(path), type_name)

    # -- changing it

    def apply(self, edit: Edit) -> Edit:
        """Perform an edit, tell the listeners, return the inverse. GraphError: nothing has changed."""
        before = self._level
        after, inverse = edit.on(before)
        if after.nodes is not before.nodes:
            document_format.check_size(after.count(), after.depth())
        self._level = after
        change = Change(edit, inverse, before, after)
        for listener in tuple(self._listeners):
            listener(change)
        return inverse

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener(change)` called after every edit; what is returned ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def add(
        self,
        type: str,
        name: str | None = None,
        *,
        position: Position | None = None,
        inside: Graph | None = None,
        **settings: Any,
    ) -> Node:
        """A new node; `inside` is for a group."""
        node_id = self._level.next_id()
        content = None if inside is None else inside.level
        self.apply(AddNode(type, name, settings, position, content, id=node_id))
        return self._level.nodes[node_id]

    def connect(
        self, a: Node | str, b: Node | str, port: str | None = None, source_port: str | None = None
    ) -> Edge:
        """An edge from a to b, by default into b's first free input port, and from a's first output port."""
        level = self._level
        source, target = level.node(self._id(a)), level.node(self._id(b))
        if source_port is None:
            outputs = output_ports(level, source)
            if not outputs:
                raise GraphError(f"{source.name} has no output: put an Output node into the group.")
            source_port = outputs[0]
        edge = Edge(source.id, target.id, port or self._free_port(target), source_port)
        self.apply(AddEdge(edge))
        return edge

    def remove(self, node: Node | str) -> None:
        """Remove a node and its edges."""
        self.apply(RemoveNode(self._id(node)))

    def disconnect(self, edge: Edge) -> None:
        """Remove an edge. GraphError where there is none such."""
        self.apply(RemoveEdge(edge))

    def rename(self, node: Node | str, name: str) -> None:
        """Give a node another name. GraphError where it is taken."""
        self.apply(Rename(self._id(node), name))

    def move(self, node: Node | str, position: Position) -> None:
        """Put a node elsewhere on the canvas."""
        self.apply(Move({self._id(node): position}))

    def set(self, node: Node | str, **settings: Any) -> None:
        """Change settings of a node. GraphError for an unknown or a wrong one."""
        self.apply(SetSettings(self._id(node), settings))

    def bypass(self, *nodes: Node | str, on: bool = True) -> None:
        """Have nodes pass their first input on, or use them again. GraphError for one that cannot."""
        self.apply(SetBypassed(tuple(self._id(node) for node in nodes), on))

    def group(self, nodes: Iterable[Node | str], name: str | None = None) -> Node:
        """Put nodes of the top level into a new group, and return it."""
        node_id = self._level.next_id()
        self.apply(GroupNodes(tuple(self._id(node) for node in nodes), name))
        return self._level.nodes[node_id]

    def ungroup(self, node: Node | str) -> None:
        """Dissolve a group into the top level."""
        self.apply(UngroupNode(self._id(node)))

    # -- what follows from it

    def shapes(self, path: Path = ()) -> dict[str, Shape | None]:
        """Node id -> the shape of its (first) output with the batch as "N", None where it is not known."""
        level = self._level.at(path)
        inference = self.inferred(path)
        found: dict[str, Shape | None] = {}
        for node in level.nodes.values():
            port = OUTPUT if node.inside is None else next(iter(output_ports(level, node)), OUTPUT)
            found[node.id] = inference.shape(node.id, port)
        return found

    def output_shapes(self, node: Node | str, path: Path = ()) -> dict[str, Shape | None]:
        """The shape at every output port of a node; a group may have several."""
        inference = self.inferred(path)
        node_id = self._id(node, path)
        return {port: inference.shape(node_id, port) for port in self.output_ports(node_id, path)}

    def input_shapes(self, node: Node | str, path: Path = ()) -> dict[str, Shape]:
        """The shapes that arrive at a node, by port, as far as they are known."""
        return dict(self.inferred(path).inputs.get(self._id(node, path), {}))

    def parameters(self, node: Node | str, path: Path = ()) -> dict[str, Parameter]:
        """The learned arrays of a node; none where its input shapes are not known."""
        finding = self.inferred(path).findings.get(self._id(node, path))
        return {} if finding is None else dict(finding.parameters)

    def inferred(self, path: Path = ()) -> Inference:
        """All that is known about the shapes on a level; worked out anew only where something changed."""
        inference = self._inference
        if inference is None or inference.level is not self._level.structure:
            self._inference = inference = infer(self._level, None, inference)
        for node_id in path:
            inference = inference.inside.get(node_id, Inference())
        return inference

    def flatten(self) -> FlatGraph:
        """The valid modules in the order of computation, groups dissolved into dotted names.

        The same object until shapes, names or settings change: read it only.
        """
        inference = self.inferred()
        if self._flat is None or self._flat[0] is not inference:
            former = None if self._flat is None else self._flat[1]
            self._flat = (inference, flatten(self._level, inference, former))
        return self._flat[1]

    def problems(
        self,
        data_widths: Mapping[str, tuple[int, ...]] | None = None,
        class_counts: Mapping[str, int] | None = None,
    ) -> list[Problem]:
        """What is wrong; empty when the graph can run and train.

        `data_widths` are the shapes of one sample that the dataset gives, by the names of Input and Target
        nodes, and `class_counts` how many classes the numbers for a Target come from.
        """
        return self._problems.find(self._level, self.inferred(), self.flatten, data_widths, class_counts)

    def obstacles(
        self, problems: Iterable[Problem] | None = None, roles: Collection[str] = ("criterion",)
    ) -> list[Problem]:
        """Those of the problems because of which there is no loss to train on; empty when it can be computed.

        All other errors only keep a part of the graph out of the program, see nnstudio.graph.obstacles.
        """
        problems = self.problems() if problems is None else problems
        return obstacles(self._level, self.flatten(), problems, roles)

    # -- as a value

    def to_dict(self) -> dict[str, Any]:
        """JSON values; `from_dict` gives the same graph back."""
        return document_format.to_dict(self._level)

    @classmethod
    def from_dict(cls, value: Any) -> Graph:
        """GraphError, saying where, for what has not the form of a graph; what is merely unknown is kept."""
        return cls(document_format.from_dict(value))

    def copy(self) -> Graph:
        """An independent graph with the same content, without the listeners. Costs nothing."""
        return Graph(self._level)

    # -- inside

    def _id(self, node: Node | str, path: Path = ()) -> str:
        level = self._level.at(path)
        key = node.id if isinstance(node, Node) else node
        if key in level.nodes:
            return key
        if key in level.names:
            return level.names[key]
        raise GraphError(f"There is no node called {key!r} on this level of the graph.")

    def _free_port(self, node: Node) -> str:
        ports = input_ports(self._level, node)
        taken = {edge.port for edge in self._level.edges if edge.target == node.id}
        for port in ports:
            if port not in taken:
                return port
        if node.type == GROUP and not ports:
            raise GraphError(f"{node.name} has no input: put an Input node into the group.")
        if not ports:
            raise GraphError(f"{node.name} ({node.type}) has no input, so nothing can be connected to it.")
        raise GraphError(
            f"{node.name} has no free input, so there would be two edges into its {ports[-1]}: "
            "disconnect one first."
        )
