"""A problem of the graph: what is wrong, where, in one sentence, and the edit that mends it, if any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from nnstudio.graph.edit import Edit
from nnstudio.graph.fixes import Output, outputs_of
from nnstudio.graph.group_edits import EditInside
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge, Node

Severity = Literal["error", "warning"]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """`kind` is one of:

    wrong-size, bad-shape, too-large, class-count, data-width: sizes that do not fit;
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


@dataclass(frozen=True)
class Place:
    """A level in which problems are looked for: how to name its nodes, and to reach them with an edit."""

    level: Level
    inference: Inference
    path: Path = ()
    prefix: str = ""

    @cached_property
    def outputs(self) -> tuple[list[Output], list[Output]]:
        """The known outputs here: those that nothing reads yet, and all."""
        return outputs_of(self.level, self.inference)

    def inside(self, node: Node) -> Place:
        assert node.inside is not None
        inference = self.inference.inside.get(node.id, Inference())
        return Place(node.inside, inference, (*self.path, node.id), f"{self.prefix}{node.name}.")

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
    labelled = replace(edit, label=edit.label_on(level))
    return EditInside(path, labelled) if path else labelled
