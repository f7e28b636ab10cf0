"""Which quantities of the program travel along the edges of a sheet, and which its cards show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from nnstudio.graph import Edge
from nnstudio.graph.ports import passed_port

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.program import Statement
    from nnstudio.studio.canvas.sheet import Sheet

Path = tuple[str, ...]


class Carried(NamedTuple):
    """A quantity as the program knows it, "fc1.output"."""

    key: str
    batched: bool  # whether it has a row for each sample
    classes: bool = False  # one whole number a sample: the number of a class, mostly


class Ways:
    """Of one sheet as it is now. Groups and bypassed nodes are none of the program's: an edge from a group
    carries what a module inside of it computes, one that passes a bypassed node what stands before it.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._top = sheet.document.level
        flat = sheet.graph.flatten()
        targets = {node.name for node in flat if node.definition.role == "target" and node.shape == ("N",)}
        self._batched = {node.name: node.shape[:1] == ("N",) for node in flat}
        self._readers = Counter(name for node in flat for name in node.sources.values())
        self._names = {node.path: node.name for node in flat}
        self.values: dict[Edge, Carried] = {}
        self.gradients: dict[Edge, Carried] = {}
        self.cards: dict[str, Carried] = {}
        self._edges: dict[str, list[Edge]] = {}
        here, level = sheet.path, sheet.level
        for key in level.nodes:
            name = self._names.get((*here, key))
            if name is not None:
                self.cards[key] = Carried(f"{name}.output", self._batched[name], name in targets)
        for edge in level.edges:
            source = flat.feeders.get((*here, edge.target), {}).get(edge.port)
            if source not in self._batched:
                continue
            value = Carried(f"{source}.output", self._batched[source], source in targets)
            self.values[edge] = value
            self.cards.setdefault(edge.source, value)
            self._edges.setdefault(value.key, []).append(edge)
            gradient = self._gradient(level, here, edge, source)
            if gradient is not None:
                self.gradients[edge] = Carried(gradient, value.batched)
                self._edges.setdefault(gradient, []).append(edge)

    def along(self, statement: Statement) -> list[Edge]:
        """The edges that what a statement computes travels along: values go out, gradients come back."""
        if statement.phase == "backward" and statement.quantity == "grad_output":
            return [*self._edges.get(f"{statement.node}.output", ())]  # the sum of what comes back in them
        if statement.quantity == "output" or statement.phase == "backward":
            return [*self._edges.get(f"{statement.node}.{statement.quantity}", ())]
        return []

    def _gradient(self, level: Level, path: Path, edge: Edge, source: str) -> str | None:
        """What comes back along an edge; None where the program keeps no such quantity by itself."""
        ends = self._ends(level, path, edge)
        if len(ends) == 1:
            name, port = ends[0]
            return f"{name}.grad_{port}"
        # Several modules in a group read it: together they give what its source gets, if no other does.
        return f"{source}.grad_output" if ends and len(ends) == self._readers[source] else None

    def _ends(self, level: Level, path: Path, edge: Edge) -> list[tuple[str, str]]:
        """The modules, by name and port, that an edge leads to in the end."""
        node = level.nodes[edge.target]
        here = (*path, edge.target)
        if node.bypassed:
            onward = level.structure.outgoing[edge.target] if edge.port == passed_port(level, node) else ()
            return [end for each in onward for end in self._ends(level, path, each)]
        if node.inside is not None:
            port = node.inside.names.get(edge.port)
            onward = () if port is None else node.inside.structure.outgoing[port]
            return [end for each in onward for end in self._ends(node.inside, here, each)]
        if path and node.type == "Output":
            around = self._top.at(path[:-1])
            onward = [each for each in around.structure.outgoing[path[-1]] if each.source_port == node.name]
            return [end for each in onward for end in self._ends(around, path[:-1], each)]
        name = self._names.get(here)
        return [] if name is None else [(name, edge.port)]
