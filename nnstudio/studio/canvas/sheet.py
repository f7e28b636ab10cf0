"""The sheet: the level of the document that a canvas shows, the whole graph or the inside of a group."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from PySide6.QtCore import QObject, Signal

from nnstudio.graph import Edge, Edit, EditInside, Graph, Problem
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.problem import Path
from nnstudio.modules.module import Parameter
from nnstudio.modules.shapes import Shape
from nnstudio.studio.document import Document


class Sheet(QObject):
    """Where one is in the document. Two windows on one document may stand on different sheets."""

    leaving = Signal()  # this level is still there, and another is shown next
    replaced = Signal()  # another level, or another document altogether
    graph_changed = Signal()  # what is on this level, or what follows from it
    moved = Signal()  # only places
    problems_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.path: Path = ()
        self.notices: tuple[Problem, ...] = ()
        """What was found out while the program ran: shown like problems, and gone with what caused it."""
        document.replaced.connect(self._show_top)
        document.graph_changed.connect(self._follow)
        document.moved.connect(self.moved)
        document.problems_changed.connect(self.problems_changed)

    # -- what there is

    @property
    def graph(self) -> Graph:
        return self.document.graph

    @property
    def level(self) -> Level:
        return self.document.level.at(self.path)

    @property
    def names(self) -> list[str]:
        """What the groups that were entered are called, from the outermost to this one."""
        found: list[str] = []
        level = self.document.level
        for key in self.path:
            node, level = level.group(key)
            found.append(node.name)
        return found

    @property
    def prefix(self) -> str:
        """What the program puts before the names of this level: "encoder.block." or nothing."""
        return "".join(f"{name}." for name in self.names)

    @property
    def problems(self) -> list[Problem]:
        return self.document.problems

    @property
    def inferred(self) -> Inference:
        """All that is known about the shapes on this level."""
        return self.graph.inferred(self.path)

    def shapes(self) -> dict[str, Shape | None]:
        return self.graph.shapes(self.path)

    def input_shapes(self, node_id: str) -> dict[str, Shape]:
        return self.graph.input_shapes(node_id, self.path)

    def output_shapes(self, node_id: str) -> dict[str, Shape | None]:
        return self.graph.output_shapes(node_id, self.path)

    def parameters(self, node_id: str) -> dict[str, Parameter]:
        return self.graph.parameters(node_id, self.path)

    def sizes(self) -> dict[str, int]:
        """How many numbers each node learns, by id; only nodes that learn any."""
        return self.document.sizes(self.path)

    def here(self, path: Iterable[str]) -> str | None:
        """The node of this level that a way from the top leads to, or through; None where it does not."""
        way = tuple(path)
        depth = len(self.path)
        return way[depth] if len(way) > depth and way[:depth] == self.path else None

    def edge_of(self, problem: Problem) -> Edge | None:
        return problem.edge_on(self.path)

    def show_notices(self, notices: Iterable[Problem]) -> None:
        found = tuple(notices)
        if found != self.notices:
            self.notices = found
            self.problems_changed.emit()

    # -- changing it

    def push(self, edit: Edit, merge: Hashable = None) -> bool:
        """Apply an edit of this level, as Document.push does."""
        if self.path:
            edit = EditInside(self.path, edit)
        return self.document.push(edit, merge)

    # -- going elsewhere

    def enter(self, node_id: str) -> bool:
        """Show what is inside a group; False where the node is none."""
        if not self.level.node(node_id).is_group:
            return False
        self.go((*self.path, node_id))
        return True

    def leave(self) -> str | None:
        """Show what is around this group, and return the group's id; None at the top."""
        if not self.path:
            return None
        left = self.path[-1]
        self.go(self.path[:-1])
        return left

    def go(self, path: Path) -> None:
        """Show the level that a path leads to."""
        if path != self.path:
            self.leaving.emit()
            self.path = path
            self.replaced.emit()

    def _show_top(self) -> None:
        self.path = ()
        self.replaced.emit()

    def _follow(self) -> None:
        path = self._what_is_left()
        if path != self.path:
            self.go(path)
        else:
            self.graph_changed.emit()

    def _what_is_left(self) -> Path:
        """The path as far as its groups are still there."""
        level = self.document.level
        for depth, key in enumerate(self.path):
            node = level.nodes.get(key)
            if node is None or node.inside is None:
                return self.path[:depth]
            level = node.inside
        return self.path
