"""A problem of the graph: what is wrong, where, in one sentence, and the edit that mends it, if any."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from nnstudio.graph.edit import Edit
from nnstudio.graph.fixes import MOST_TRIED, Output, can_take, outputs_of
from nnstudio.graph.group_edits import EditInside
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge, Node
from nnstudio.graph.ports import definition_of
from nnstudio.modules.shapes import Shape

Severity = Literal["error", "warning"]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """`kind` is one of:

    wrong-size, bad-shape, too-large, class-count, class-numbers, data-width: what does not fit;
    missing-input, two-edges, no-port, cycle: edges;
    unknown-type, unknown-setting, unknown-field: of another version of the studio;
    no-criterion, unconnected-target, empty: warnings about what is not there yet.

    `node` is the node's (dotted) name and `path` the ids that lead to it; both are empty for the graph as a
    whole. `own_edge` is on the level of that node. Errors keep a node, and what it feeds, out of the program;
    the rest runs.
    """

    kind: str
    severity: Severity
    sentence: str
    node: str = ""
    path: Path = ()
    port: str | None = None
    own_edge: Edge | None = None
    fix: Edit | None = None

    @property
    def node_id(self) -> str | None:
        """The id on the graph's own level: of the node, or of the group that it is in."""
        return self.id_on(())

    @property
    def edge(self) -> Edge | None:
        """The edge, if it is on the graph's own level."""
        return self.edge_on(())

    @property
    def fix_label(self) -> str:
        return "" if self.fix is None else self.fix.label

    def id_on(self, path: Path) -> str | None:
        """The id on that level: of the node, or of the group that it is in; None if it is elsewhere."""
        within = len(self.path) > len(path) and self.path[: len(path)] == path
        return self.path[len(path)] if within else None

    def edge_on(self, path: Path) -> Edge | None:
        """The edge, if it is on the level that `path` leads to: an equal one may be on another."""
        return self.own_edge if self.path[:-1] == path else None


Context = tuple[tuple[tuple[str, str, str, Shape | None], ...], ...]


@dataclass(frozen=True)
class Place:
    """A level in which problems are looked for: how to name its nodes, and to reach them with an edit."""

    level: Level
    inference: Inference
    path: Path = ()
    prefix: str = ""
    former: Context | None = None

    @cached_property
    def outputs(self) -> tuple[list[Output], list[Output]]:
        """The known outputs here: those that nothing reads yet, and all; or too many for a choice."""
        return outputs_of(self.level, self.inference, MOST_TRIED)

    @cached_property
    def free_targets(self) -> list[Node]:
        """The Targets that nothing reads."""
        outgoing = self.level.structure.outgoing
        return [node for node in self.level.nodes.values() if node.type == "Target" and not outgoing[node.id]]

    @cached_property
    def free_criteria(self) -> list[Node]:
        """The criteria that could have a target and have none."""
        incoming = self.level.structure.incoming
        found: list[Node] = []
        for node in self.level.nodes.values():
            if "target" not in incoming[node.id]:
                known = definition_of(node)
                if known is not None and known.role == "criterion" and "target" in known.ports:
                    found.append(node)
        return found

    @cached_property
    def context(self) -> Context:
        """What could be connected to what, as far as problems of single nodes depend on it.

        The same object as the former one where it is equal.
        """
        outputs = [
            tuple((node.id, node.name, port, shape) for node, port, shape in known[: MOST_TRIED + 1])
            for known in self.outputs
        ]
        single = [
            tuple((node.id, node.name, "", None) for node in nodes[:2])
            for nodes in (self.free_targets, self.free_criteria)
        ]
        found = (*outputs, *single)
        return self.former if self.former == found and self.former is not None else found

    @cached_property
    def _taken(self) -> dict[Hashable, bool]:
        return {}

    def takes(self, node: Node, port: str, shape: Shape) -> bool:
        """Whether the node could work with that shape at the port; asked once for nodes that are alike."""
        inputs = self.inference.inputs.get(node.id, {})
        key = (node.type, node.bypassed, tuple(node.settings.values()), port, shape, *inputs.items())
        if key not in self._taken:
            self._taken[key] = can_take(self.inference, node, port, shape)
        return self._taken[key]

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        return {}

    def closes(self, source: Node, target: Node) -> bool:
        """Whether an edge between them would close a cycle."""
        incoming = self.level.structure.incoming
        if source.id == target.id or not incoming[source.id] or not self.level.structure.outgoing[target.id]:
            return source.id == target.id
        above = self._above.get(source.id)
        if above is None:
            above = self._above[source.id] = {source.id}
            stack = [source.id]
            while stack:
                for edges in incoming[stack.pop()].values():
                    for edge in edges:
                        if edge.source not in above:
                            above.add(edge.source)
                            stack.append(edge.source)
        return target.id in above

    def inside(self, node: Node, former: Context | None = None) -> Place:
        assert node.inside is not None
        inference = self.inference.inside.get(node.id, Inference())
        return Place(node.inside, inference, (*self.path, node.id), f"{self.prefix}{node.name}.", former)

    def problem(
        self,
        kind: str,
        node: Node,
        sentence: str,
        *,
        severity: Severity = "error",
        port: str | None = None,
        edge: Edge | None = None,
        fix: Edit | None = None,
    ) -> Problem:
        """A problem of a node on this level; `sentence` goes on after the node's name."""
        name = self.prefix + node.name
        mend = None if fix is None else fix_at(self.path, fix, self.level)
        return Problem(kind, severity, f"{name} {sentence}.", name, (*self.path, node.id), port, edge, mend)


def fix_at(path: Path, edit: Edit, level: Level) -> Edit:
    """The edit, for the level that `path` leads to, labelled with the names of that level's nodes."""
    label = edit.label_on(level)
    labelled = edit if label == edit.label else replace(edit, label=label)
    return EditInside(path, labelled) if path else labelled
