"""What a loose edge may be joined to: worked out once when it is picked up, and looked up while it moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from nnstudio.graph import AddEdge, Edge, Edit, RemoveEdge, Sequence
from nnstudio.graph.order import reachable
from nnstudio.graph.ports import definition_of
from nnstudio.modules.shapes import Shape
from nnstudio.studio.canvas.fitting import Fit, caution, givers, takers
from nnstudio.studio.canvas.look import Port

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene
    from nnstudio.studio.canvas.sheet import Sheet

End = tuple[str, Port]  # node id and port


class Verdict(NamedTuple):
    """What is to be said of an end: why it cannot be joined, or what will be wrong, and what has to go."""

    refusal: str = ""
    caution: str = ""
    replaces: Edge | None = None

    @property
    def mark(self) -> str:
        """How the port is painted."""
        return "faint" if self.refusal else "doubtful" if self.caution else "valid"


class Joining:
    """One end is fixed; `taken` is an edge that has been picked up at its other end."""

    def __init__(self, scene: GraphScene, fixed: End, taken: Edge | None = None) -> None:
        self._scene = scene
        self._sheet: Sheet = scene.sheet
        self.fixed = fixed
        self.taken = taken
        self.side = "input" if fixed[1].side == "output" else "output"
        self._verdicts: dict[End, Verdict] = {}
        self._into = {
            (edge.target, edge.port): edge for edge in self._sheet.level.edges if edge != self.taken
        }
        self._closing = self._nodes_that_would_close_a_cycle()

    # -- the ends there are

    def ends(self) -> Iterator[End]:
        """All that are on the right side, in document order."""
        for key, item in self._scene.nodes.items():
            for port in item.ports():
                if port.side == self.side:
                    yield key, port

    def choices(self) -> list[End]:
        """The ends that may be joined: those that fit and are free first, and then the nearest."""
        start = self._scene.nodes[self.fixed[0]].port_point(self.fixed[1])

        def order(end: End) -> tuple[bool, bool, float]:
            away = self._scene.nodes[end[0]].port_point(end[1]) - start
            verdict = self.verdict(end)
            distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
            return bool(verdict.caution), verdict.replaces is not None, distance

        return sorted((end for end in self.ends() if not self.verdict(end).refusal), key=order)

    def verdict(self, end: End) -> Verdict:
        found = self._verdicts.get(end)
        if found is None:
            found = self._verdicts[end] = self._judge(end)
        return found

    def _judge(self, end: End) -> Verdict:
        level = self._sheet.level
        fixed, other = level.nodes[self.fixed[0]].name, level.nodes[end[0]].name
        if end[0] == self.fixed[0]:
            return Verdict(f"{other} cannot feed itself.")
        if end[0] in self._closing:
            first, last = (other, fixed) if self.side == "input" else (fixed, other)
            return Verdict(f"{first} feeds {last} already: this edge would close a cycle.")
        edge = self.edge(end)
        others = self.arriving_beside(edge.target, edge.port)
        said = caution(level, edge, self.given(edge.source, edge.source_port), others)
        return Verdict(caution=said, replaces=self._into.get((edge.target, edge.port)))

    def _nodes_that_would_close_a_cycle(self) -> set[str]:
        edges = [edge for edge in self._sheet.level.edges if edge != self.taken]
        if self.side == "input":
            edges = [Edge(edge.target, edge.source, edge.port) for edge in edges]
        return reachable([self.fixed[0]], edges)

    # -- shapes

    def given(self, node_id: str, port: str) -> Shape | None:
        """What an output gives."""
        return self._sheet.output_shapes(node_id).get(port)

    def arriving_beside(self, node_id: str, port: str) -> dict[str, Shape]:
        """What arrives at the other inputs of a node."""
        away = self.taken.port if self.taken is not None and self.taken.target == node_id else port
        arriving = self._sheet.input_shapes(node_id)
        return {name: shape for name, shape in arriving.items() if name not in (port, away)}

    def newcomers(self) -> dict[str, Fit]:
        """The node types that could stand at the loose end, by name."""
        key, port = self.fixed
        node = self._sheet.level.nodes[key]
        if self.side == "input":
            definition = definition_of(node)
            return takers(self.given(key, port.name), definition is not None and definition.role == "target")
        return givers(node, port.name, self.arriving_beside(key, port.name))

    # -- joining

    def edge(self, end: End) -> Edge:
        """The edge there would be. It has no bends: it goes another way than one that was picked up."""
        source, target = (self.fixed, end) if self.side == "input" else (end, self.fixed)
        return Edge(source[0], target[0], target[1].name, source[1].name)

    def edit(self, end: End) -> Edit | None:
        """What joins the ends; None where they are joined already."""
        edge = self.edge(end)
        if edge == self.taken:
            return None
        former = self._into.get((edge.target, edge.port))
        if edge == former:
            return None
        gone: list[Edit] = [RemoveEdge(each) for each in (self.taken, former) if each is not None]
        join = AddEdge(edge)
        return Sequence([*gone, join], join.label_on(self._sheet.level)) if gone else join

    def edit_with(self, add: Edit, node_id: str, fit: Fit, label: str) -> Edit:
        """What adds a node and joins it."""
        side = "input" if self.side == "input" else "output"
        edge = self.edge((node_id, Port(side, fit.port)))
        former = self._into.get((edge.target, edge.port))
        gone: list[Edit] = [] if former is None else [RemoveEdge(former)]
        return Sequence([*gone, add, AddEdge(edge)], label)
