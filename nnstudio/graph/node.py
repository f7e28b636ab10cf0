"""Node and Edge: the values a graph is drawn with. They never change; an edit puts another in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnstudio.graph.frozen import EMPTY

if TYPE_CHECKING:
    from nnstudio.graph.level import Level

GROUP = "Group"
OUTPUT = "output"

Position = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """A module in the drawing, or a group of modules.

    `settings` are complete for a type the catalogue knows, and as they were read for one it does not.
    `unknown_settings` are those a known type does not have: kept for the version that does.
    `inside` is what a group holds. A `bypassed` node passes its first input on.
    `extra` are fields of the file that this version does not know.
    """

    id: str
    name: str
    type: str
    settings: Mapping[str, Any] = field(default=EMPTY, hash=False)
    position: Position = (0.0, 0.0)
    inside: Level | None = field(default=None, hash=False)
    unknown_settings: Mapping[str, Any] = field(default=EMPTY, hash=False)
    extra: Mapping[str, Any] = field(default=EMPTY, hash=False)
    bypassed: bool = False

    def at(self, position: Position) -> Node:
        """The same node elsewhere; five times as fast as `replace`, for drags of a thousand nodes."""
        moved = object.__new__(Node)
        moved.__dict__.update(self.__dict__)
        moved.__dict__["position"] = position
        return moved

    @property
    def is_group(self) -> bool:
        return self.inside is not None


@dataclass(frozen=True)
class Edge:
    """From the output port of one node to the input port of another; both nodes by id, on the same level.

    `bends` are the places it is drawn through. They do not count when edges are compared: an edge that is
    bent is still the same. Read them from `level.edges`: the structure of a level may hold former ones.
    """

    source: str
    target: str
    port: str
    source_port: str = OUTPUT
    extra: Mapping[str, Any] = field(default=EMPTY, hash=False)
    bends: tuple[Position, ...] = field(default=(), compare=False)
