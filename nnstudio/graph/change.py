"""What listeners are told after an edit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nnstudio.graph.edit import Edit
from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge


@dataclass(frozen=True)
class LevelChange:
    """How a level differs from before.

    `changed` nodes have the same id but another name, type, setting or position. `edges_bent` are edges that
    are still there with other bends, as they are now. Frames are told by their ids.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    edges_added: tuple[Edge, ...]
    edges_removed: tuple[Edge, ...]
    edges_bent: tuple[Edge, ...] = ()
    frames_added: tuple[str, ...] = ()
    frames_removed: tuple[str, ...] = ()
    frames_changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """An edit that was applied, the one that undoes it, and the graph's content before and after."""

    edit: Edit
    inverse: Edit
    before: Level
    after: Level

    @property
    def label(self) -> str:
        """For the undo list, with the names of nodes: "Add Linear fc3"."""
        return self.inverse.label

    @property
    def only_moved(self) -> bool:
        """Whether nothing but the drawing changed: positions, bends or frames.

        Shapes, problems and the program are then what they were.
        """
        return self.after.structure is self.before.structure

    @cached_property
    def top(self) -> LevelChange:
        return self.at(())

    def at(self, path: tuple[str, ...]) -> LevelChange:
        """The differences on the level that `path` leads to; one that is not there counts as empty."""
        before, after = _level(self.before, path), _level(self.after, path)
        known = set(before.edges)
        kept = set(after.edges)
        return LevelChange(
            tuple(key for key in after.nodes if key not in before.nodes),
            tuple(key for key in before.nodes if key not in after.nodes),
            tuple(key for key, node in after.nodes.items() if before.nodes.get(key, node) is not node),
            tuple(edge for edge in after.edges if edge not in known),
            tuple(edge for edge in before.edges if edge not in kept),
            _bent(before, after),
            tuple(key for key in after.frames if key not in before.frames),
            tuple(key for key in before.frames if key not in after.frames),
            tuple(key for key, frame in after.frames.items() if before.frames.get(key, frame) is not frame),
        )


def _bent(before: Level, after: Level) -> tuple[Edge, ...]:
    if before.edges is after.edges:
        return ()
    former = {edge: edge.bends for edge in before.edges}
    return tuple(edge for edge in after.edges if former.get(edge, edge.bends) != edge.bends)


def _level(level: Level, path: tuple[str, ...]) -> Level:
    for node_id in path:
        node = level.nodes.get(node_id)
        if node is None or node.inside is None:
            return Level()
        level = node.inside
    return level
