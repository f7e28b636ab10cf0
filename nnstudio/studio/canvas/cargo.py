"""What goes along when something is moved: a frame's content, and the bends of edges between two nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from nnstudio.graph import Edit, Move, Sequence, SetBends, SetFrame
from nnstudio.graph.frame import Frame
from nnstudio.graph.node import Edge, Position

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene


class Cargo:
    """Nodes and frames, with all that goes where they go. Shown elsewhere by `shift`, put there by `edit`."""

    def __init__(self, scene: GraphScene, ids: Iterable[str], frame_ids: Iterable[str] = ()) -> None:
        self._scene = scene
        level = scene.sheet.level
        chosen, framed = list(ids), list(frame_ids)
        inner, inner_frames = contents(scene, framed)
        wanted = {*chosen, *inner}
        self._heading = level.frames[framed[0]] if len(framed) == 1 and wanted == inner else None
        self.nodes: dict[str, Position] = {
            key: node.position for key, node in level.nodes.items() if key in wanted
        }
        self.frames: dict[str, Frame] = {
            key: frame for key, frame in level.frames.items() if key in {*framed, *inner_frames}
        }
        self.bends: dict[Edge, tuple[Position, ...]] = {
            edge: edge.bends
            for edge in level.edges
            if edge.bends and edge.source in self.nodes and edge.target in self.nodes
        }

    def shift(self, by: QPointF) -> None:
        """Show everything moved by so much from where it is in the graph."""
        x, y = by.x(), by.y()
        scene = self._scene
        for key, (left, top) in self.nodes.items():
            if key in scene.nodes:
                scene.nodes[key].setPos(left + x, top + y)
        scene.reroute(self.nodes)
        for key, frame in self.frames.items():
            if key in scene.frames:
                scene.frames[key].show_frame(_moved(frame, x, y))
        if self.bends:
            scene.bend({edge: _all_moved(bends, x, y) for edge, bends in self.bends.items()})

    def edit(self, by: QPointF) -> Edit | None:
        """The edit that moves everything by so much; None where that is nothing."""
        x, y = by.x(), by.y()
        if (x, y) == (0, 0) or not (self.nodes or self.frames):
            return None
        edits: list[Edit] = [SetFrame(_moved(frame, x, y)) for frame in self.frames.values()]
        if self.nodes:
            edits.append(Move({key: (left + x, top + y) for key, (left, top) in self.nodes.items()}))
        edits += [SetBends(edge, _all_moved(bends, x, y)) for edge, bends in self.bends.items()]
        return edits[0] if len(edits) == 1 else Sequence(edits, self._label(edits))

    def _label(self, edits: list[Edit]) -> str:
        if self._heading is not None:
            return f"Move frame {self._heading.title}".rstrip()
        if not self.frames:
            return edits[0].label_on(self._scene.sheet.level)
        parts = [(len(self.nodes), "node"), (len(self.frames), "frame")]
        said = [f"{many} {what}" + "s"[: many > 1] for many, what in parts if many]
        return f"Move {' and '.join(said)}"


def contents(scene: GraphScene, frame_ids: Iterable[str]) -> tuple[set[str], set[str]]:
    """The nodes whose cards lie in one of these frames, and the other frames that do."""
    chosen = [scene.frames[key].scene_box() for key in frame_ids if key in scene.frames]
    nodes: set[str] = set()
    frames: set[str] = set()
    for box in chosen:
        nodes |= {item.node_id for item in scene.places.cards_in(box, 0.0) if box.contains(item.scene_card())}
        frames |= {key for key, item in scene.frames.items() if box.contains(item.scene_box())}
    return nodes, frames


def _moved(frame: Frame, x: float, y: float) -> Frame:
    return replace(frame, position=(frame.position[0] + x, frame.position[1] + y))


def _all_moved(places: Iterable[Position], x: float, y: float) -> tuple[Position, ...]:
    return tuple((left + x, top + y) for left, top in places)


def spread(scene: GraphScene, right_of: float, by: float, without: Mapping[str, object]) -> list[Edit]:
    """What makes room: everything from a place on goes to the right, and frames across it grow wider."""
    level = scene.sheet.level
    edits: list[Edit] = []
    moved = {
        key: (node.position[0] + by, node.position[1])
        for key, node in level.nodes.items()
        if node.position[0] >= right_of and key not in without
    }
    if moved:
        edits.append(Move(moved))
    for frame in level.frames.values():
        box = QRectF(*frame.position, *frame.size)
        if box.left() >= right_of:
            edits.append(SetFrame(_moved(frame, by, 0)))
        elif box.right() > right_of:
            edits.append(SetFrame(replace(frame, size=(frame.size[0] + by, frame.size[1]))))
    for edge in level.edges:
        if any(x >= right_of for x, _ in edge.bends):
            bends = tuple((x + by if x >= right_of else x, y) for x, y in edge.bends)
            edits.append(SetBends(edge, bends))
    return edits
