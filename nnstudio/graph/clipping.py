"""Copying a part of a level, and pasting it into another, or into the same again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, back
from nnstudio.graph.frame import Frame, check_frame_count, check_position
from nnstudio.graph.level import Level, id_number
from nnstudio.graph.naming import free_stem
from nnstudio.graph.node import Node, Position

STEP = 32.0  # how far right and below the copied a pasted part lies, where no place is given


def clip(level: Level, node_ids: Collection[str], frame_ids: Collection[str] = ()) -> Level:
    """These nodes in document order, the edges between them, and these frames: a level of its own.

    Ids, names and places are what they were. GraphError for an id that is not there.
    """
    chosen = {level.node(key).id for key in node_ids}
    framed = {level.frame(key).id for key in frame_ids}
    nodes = {key: node for key, node in level.nodes.items() if key in chosen}
    edges = tuple(edge for edge in level.edges if edge.source in chosen and edge.target in chosen)
    frames = {key: frame for key, frame in level.frames.items() if key in framed}
    return Level(nodes, edges, frames=frames)


@dataclass(frozen=True)
class Paste(Edit):
    """Puts a copy of a part at the end of the document order, its upper left corner `at` that place.

    Nodes and frames get new ids, and nodes a free name where theirs is taken; inner edges, bends and whatever
    else they carry stay. Without a place it lies beside and below where the part came from, clear of what was
    pasted there before.
    """

    part: Level = field(hash=False)
    at: Position | None = None

    def title(self, level: Level | None) -> str:
        nodes, frames = list(self.part.nodes.values()), len(self.part.frames)
        if len(nodes) == 1 and not frames:
            return f"Paste {nodes[0].name}"
        if nodes:
            return f"Paste {len(nodes):,} nodes" if len(nodes) > 1 else "Paste 1 node"
        if frames == 1:
            return f"Paste frame {next(iter(self.part.frames.values())).title}".rstrip()
        return f"Paste {frames:,} frames"

    def on(self, level: Level) -> tuple[Level, Edit]:
        placed = self.placed(level)
        check_frame_count(len(level.frames) + len(placed.frames))
        frames = {**level.frames, **placed.frames} if placed.frames else level.frames
        nodes = {**level.nodes, **placed.nodes}
        after = Level(nodes, (*level.edges, *placed.edges), level.extra, frames).after(level)
        return after, back(level, after, self.label_on(level))

    def placed(self, level: Level) -> Level:
        """The part as it will be on that level: its nodes and frames in their order, under their new ids."""
        x, y = self._shift(level)

        def moved(place: Position) -> Position:
            return check_position((place[0] + x, place[1] + y), "The place of what is pasted")

        ids = _new_ids(level, len(self.part.nodes))
        new_ids = dict(zip(self.part.nodes, ids, strict=True))
        taken = {*level.names, *level.nodes, *ids}
        nodes: dict[str, Node] = {}
        numbers: dict[str, int] = {}
        for key, node in self.part.nodes.items():
            name = node.name
            if name in taken:
                stem = free_stem(name)
                number = numbers.get(stem, 2)
                while f"{stem}{number}" in taken:
                    number += 1
                numbers[stem] = number + 1
                name = f"{stem}{number}"
            taken.add(name)
            nodes[new_ids[key]] = replace(node, id=new_ids[key], name=name, position=moved(node.position))
        edges = tuple(
            replace(
                edge,
                source=new_ids[edge.source],
                target=new_ids[edge.target],
                bends=tuple(moved(place) for place in edge.bends),
            )
            for edge in self.part.edges
        )
        first = id_number(level.next_frame_id(), "f")
        frames = {
            f"f{number}": replace(frame, id=f"f{number}", position=moved(frame.position))
            for number, frame in enumerate(self.part.frames.values(), first)
        }
        return Level(nodes, edges, frames=frames)

    def _shift(self, level: Level) -> Position:
        things: list[Node | Frame] = [*self.part.nodes.values(), *self.part.frames.values()]
        if not things:
            raise GraphError("There is nothing to paste: copy a node first.")
        if self.at is not None:
            x, y = check_position(self.at, "The place to paste at")
            return x - min(each.position[0] for each in things), y - min(each.position[1] for each in things)
        first = things[0].position
        there = {node.position for node in level.nodes.values()}
        there |= {frame.position for frame in level.frames.values()}
        step = STEP
        while (first[0] + step, first[1] + step) in there:
            step += STEP
        return step, step


def _new_ids(level: Level, many: int) -> list[str]:
    found: list[str] = []
    number = id_number(level.next_id())
    while len(found) < many:
        if f"n{number}" not in level.names:  # a name never equals another node's id
            found.append(f"n{number}")
        number += 1
    return found
