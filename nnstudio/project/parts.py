"""A part of a project with its weights: what is copied, pasted, kept as a template and carried as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nnstudio.errors import GraphError, ProjectError
from nnstudio.graph import EditInside, Graph, Level, Paste, clip
from nnstudio.graph.node import Position
from nnstudio.project import strict_json
from nnstudio.project.array_text import array_from_json, array_to_json
from nnstudio.project.edits import EditGraph, ProjectEdit
from nnstudio.project.project import Array, Project
from nnstudio.project.strict_json import printable

Path = tuple[str, ...]

FORMAT = "nnstudio-part"
VERSION = 1
_FIRST = ("format", "version")


@dataclass(frozen=True, eq=False)
class Part:
    """Nodes with their inner edges, frames, and weights by the names they have in the part: "fc1.weight"."""

    level: Level
    weights: Mapping[str, Array] = field(default_factory=dict[str, Array])


def part_of(project: Project, path: Path, node_ids: Collection[str], frame_ids: Collection[str] = ()) -> Part:
    """A part of the level that `path` leads to; arrays are shared, not copied. GraphError for unknown ids."""
    level = clip(project.graph.level.at(path), node_ids, frame_ids)
    prefix = _prefix(project.graph.level, path)
    weights: dict[str, Array] = {}
    for name, array in project.weights.items():
        if name.startswith(prefix):
            inner = name[len(prefix) :]
            if inner.partition(".")[0] in level.names:
                weights[inner] = array
    return Part(level, weights)


def to_text(project: Project, path: Path, node_ids: Collection[str], frame_ids: Collection[str] = ()) -> str:
    """A part as JSON text for the clipboard or a file. ProjectError where it would take more than 64 MiB."""
    return part_to_text(part_of(project, path, node_ids, frame_ids))


def part_to_text(part: Part, where: str = "What is copied") -> str:
    """The part as JSON text: its graph as in a project file, its weights as base64 of little-endian bytes."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "graph": Graph(part.level).to_dict(),
        "weights": {name: array_to_json(array, name, where) for name, array in part.weights.items()},
    }
    return strict_json.write(value, where, first=_FIRST).decode()


def from_text(text: str, where: str = "The text") -> Part:
    """The part that such text holds. ProjectError, in one sentence beginning with `where`, for any other."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise ProjectError(f"{where} holds half a character (a lone surrogate).") from None
    value = strict_json.parse(data, where)
    if not isinstance(value, dict) or cast("dict[str, Any]", value).get("format") != FORMAT:
        raise ProjectError(f"{where} is not a copied part of a graph.")
    fields = cast("dict[str, Any]", value)
    version = fields.get("version")
    if type(version) is not int or version < 1:
        raise ProjectError(f"{where} has no version that is a number from 1 on.")
    if version > VERSION:
        raise ProjectError(f"{where} comes from a newer version of nnstudio: its form is {version}.")
    try:
        level = Graph.from_dict(fields.get("graph")).level
    except GraphError as error:
        raise ProjectError(f"{where}: {error}") from None
    weights = fields.get("weights", {})
    if not isinstance(weights, dict):
        raise ProjectError(f'{where} is damaged: its "weights" are not an object.')
    arrays: dict[str, Array] = {}
    for name, entry in cast("dict[str, Any]", weights).items():
        node, dot, _ = name.partition(".")
        if not dot or node not in level.names:
            raise ProjectError(f"{where} is damaged: it has weights {printable(name)}, but no such node.")
        arrays[name] = array_from_json(entry, name, where)
    return Part(level, arrays)


@dataclass(frozen=True, eq=False)
class PastePart(ProjectEdit):
    """Pastes a part with its weights into the level that `path` leads to; graph.Paste says where and how.

    `text` is the label for the undo list, where "Paste fc1" is not what was done.
    """

    part: Part
    at: Position | None = None
    path: Path = ()
    text: str = ""

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._paste().label

    def _paste(self) -> Paste:
        return Paste(self.part.level, self.at, label=self.text)

    def apply(self, project: Project) -> EditGraph:
        top = project.graph.level
        paste = self._paste()
        placed = paste.placed(top.at(self.path))
        prefix = _prefix(top, self.path)
        names = {
            old.name: new.name
            for old, new in zip(self.part.level.nodes.values(), placed.nodes.values(), strict=True)
        }
        weights: dict[str, Array] = {}
        for name, array in self.part.weights.items():
            node, _, rest = name.partition(".")
            weights[f"{prefix}{names[node]}.{rest}"] = array
        edit = EditInside(self.path, paste) if self.path else paste
        return EditGraph(edit, weights).apply(project)


def _prefix(level: Level, path: Path) -> str:
    """What the names of arrays begin with on the level that `path` leads to: "encoder."."""
    names: list[str] = []
    for node_id in path:
        node, level = level.group(node_id)
        names.append(node.name + ".")
    return "".join(names)
