"""The edits of what is only drawn, frames and the bends of edges: shapes and program stay what they were."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, name_of
from nnstudio.graph.frame import Frame, check_bends, check_frame, check_frame_count
from nnstudio.graph.level import Level
from nnstudio.graph.node import Edge, Position


@dataclass(frozen=True)
class AddFrame(Edit):
    """A new frame, drawn above the others, or at `index` of the drawing order.

    An empty id stands for the next free one.
    """

    frame: Frame
    index: int | None = None

    def title(self, level: Level | None) -> str:
        return f"Add frame {self.frame.title}".rstrip()

    def on(self, level: Level) -> tuple[Level, Edit]:
        frame_id = self.frame.id or level.next_frame_id()
        frame = check_frame(replace(self.frame, id=frame_id))
        if frame.id in level.frames:
            raise GraphError(f"There is already a frame with the id {frame.id!r} on this level.")
        check_frame_count(len(level.frames) + 1)
        frames = list(level.frames.values())
        frames.insert(len(frames) if self.index is None else self.index, frame)
        return level.drawn(frames={each.id: each for each in frames}), RemoveFrame(frame.id, label=self.label)


@dataclass(frozen=True)
class RemoveFrame(Edit):
    """Takes a frame away; what lies in it stays."""

    frame_id: str

    def title(self, level: Level | None) -> str:
        frame = None if level is None else level.frames.get(self.frame_id)
        return f"Remove frame {self.frame_id if frame is None else frame.title}".rstrip()

    def on(self, level: Level) -> tuple[Level, Edit]:
        frame = level.frame(self.frame_id)
        index = list(level.frames).index(self.frame_id)
        frames = {key: each for key, each in level.frames.items() if key != self.frame_id}
        return level.drawn(frames=frames), AddFrame(frame, index, label=self.label_on(level))


@dataclass(frozen=True)
class SetFrame(Edit):
    """Puts a frame in the place of the one that has its id: another title, place, size or colour."""

    frame: Frame

    def title(self, level: Level | None) -> str:
        former = None if level is None else level.frames.get(self.frame.id)
        if former is None:
            return f"Change frame {self.frame.title}".rstrip()
        if former.title != self.frame.title:
            return f"Rename frame to {self.frame.title}" if self.frame.title else "Clear a frame's title"
        if former.colour != self.frame.colour:
            return f"Colour frame {former.title} {self.frame.colour}"
        change = "Move" if former.size == self.frame.size else "Resize"
        return f"{change} frame {former.title}".rstrip()

    def on(self, level: Level) -> tuple[Level, Edit]:
        former = level.frame(self.frame.id)
        frames = {**level.frames, self.frame.id: check_frame(self.frame)}
        return level.drawn(frames=frames), SetFrame(former, label=self.label_on(level))


@dataclass(frozen=True)
class SetBends(Edit):
    """Leads an edge through these places, in order from its source to its target; none makes it straight.

    Where a file brought several edges alike, the last one is meant.
    """

    edge: Edge
    bends: tuple[Position, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "bends", tuple(self.bends))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        ends = f"{name_of(level, self.edge.source)} to {name_of(level, self.edge.target)}"
        return f"Bend the edge from {ends}" if self.bends else f"Straighten the edge from {ends}"

    def on(self, level: Level) -> tuple[Level, Edit]:
        bends = check_bends(self.bends)
        index = level.place_of(self.edge)
        former = level.edges[index]
        edges = (*level.edges[:index], replace(former, bends=bends), *level.edges[index + 1 :])
        return level.drawn(edges=edges), SetBends(former, former.bends, label=self.label_on(level))
