"""Folding what is selected into a group and unfolding it again; and where one looked on each level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nnstudio.graph import GROUP, Edit, GroupNodes, Rename, Sequence, UngroupNode
from nnstudio.graph.naming import name_for
from nnstudio.studio.canvas.chosen import chosen
from nnstudio.studio.canvas.name_editor import NameEditor

if TYPE_CHECKING:
    from nnstudio.project import Project
    from nnstudio.studio.canvas.view import Canvas

    Path = tuple[str, ...]

_OUTSIDE = ("Input", "Output")  # they belong to their level


@dataclass(frozen=True)
class _Fold:
    """A fold that was just made, with the place on the undo stack behind it."""

    edit: GroupNodes
    group_id: str
    step: int


class Grouping:
    """The canvas' verbs for groups: each one edit."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.name_editor = NameEditor(canvas)

    def fold(self) -> str | None:
        """Put what is selected into a group with the ports it needs, and ask for its name in place; returns
        the group's id.

        Input and Output nodes of the level stay outside: they are its own ports.
        """
        canvas = self._canvas
        canvas.abandon()
        what = chosen(canvas.graph_scene)
        level = canvas.sheet.level
        inner = tuple(key for key in what.nodes if level.nodes[key].type not in _OUTSIDE)
        left = [level.nodes[key].name for key in what.nodes if key not in inner]
        if not what.nodes:
            canvas.refused.emit("Select the nodes that the group shall hold.")
            return None
        group_id = level.next_id()
        edit = GroupNodes(inner or what.nodes, name_for(level, GROUP), what.frames)
        if not canvas.sheet.push(edit):
            return None
        canvas.select([group_id])
        canvas.reveal(group_id)
        if left:
            verb = "is a port" if len(left) == 1 else "are ports"
            canvas.refused.emit(f"{' and '.join(left)} {verb} of this level and stayed outside the group.")
        fold = _Fold(edit, group_id, canvas.document.stack.index())
        self.name_editor.ask(group_id, partial(self._name, fold))
        return group_id

    def _name(self, fold: _Fold, name: str) -> None:
        """The group gets its name as if it had been folded under it: one step for the user."""
        canvas = self._canvas
        node = canvas.sheet.level.nodes.get(fold.group_id)
        if node is None or node.name == name:
            return
        document = canvas.document
        if document.stack.index() != fold.step or not document.take_back():
            canvas.sheet.push(Rename(fold.group_id, name))
            return
        canvas.sheet.push(GroupNodes(fold.edit.node_ids, name, fold.edit.frame_ids))
        canvas.select([fold.group_id])

    def unfold(self) -> None:
        """Put what is in the selected groups back onto this level, and select it."""
        canvas = self._canvas
        canvas.abandon()
        before = canvas.sheet.level
        groups = [key for key in canvas.selected_nodes() if before.nodes[key].is_group]
        if not groups:
            canvas.refused.emit("Select a group to unfold.")
            return
        edits: list[Edit] = [UngroupNode(key) for key in groups]
        edit = edits[0] if len(edits) == 1 else Sequence(edits, f"Ungroup {len(edits)} groups")
        if canvas.sheet.push(edit):
            after = canvas.sheet.level
            frames = [key for key in after.frames if key not in before.frames]
            canvas.graph_scene.select([key for key in after.nodes if key not in before.nodes], frames=frames)


class LevelViews:
    """Where one looked on each level of the document, to look there again on coming back."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._project: Project | None = None
        self._views: dict[Path, tuple[float, QPointF]] = {}
        canvas.sheet.leaving.connect(self.keep)

    def keep(self) -> None:
        """This level is being left."""
        canvas = self._canvas
        self._forget_another()
        self._views[canvas.sheet.path] = (canvas.scale_now(), canvas.seen().center())

    def show(self) -> None:
        """Look at this level as before; at all of it where one has not been here."""
        canvas = self._canvas
        self._forget_another()
        kept = self._views.get(canvas.sheet.path)
        contents = canvas.graph_scene.contents()
        if kept is not None:
            scale, centre = kept
            canvas.zoom(scale / canvas.scale_now())
            canvas.look_at(centre)
        if kept is None or not canvas.seen().intersects(contents):
            canvas.frame()

    def _forget_another(self) -> None:
        project = self._canvas.document.project
        if project is not self._project:
            self._project, self._views = project, {}
