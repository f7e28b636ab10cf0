"""What a verb on the selection means: nodes, and the frames that belong to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene


@dataclass(frozen=True)
class Chosen:
    """Ids on the sheet: nodes in document order, frames in drawing order."""

    nodes: tuple[str, ...]
    frames: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.nodes or self.frames)

    @property
    def count(self) -> int:
        return len(self.nodes) + len(self.frames)


def chosen(scene: GraphScene) -> Chosen:
    """What is selected; a frame takes along what lies in it, and several nodes the frame that holds just
    them.
    """
    frames = set(scene.selected_frames())
    nodes = set(scene.selected_nodes())
    for key in frames:
        nodes |= lying_in(scene, key)
    frames |= {key for key in scene.frames if len(inside := lying_in(scene, key)) > 1 and inside <= nodes}
    return _in_order(scene, nodes, frames)


def lying_in(scene: GraphScene, frame_id: str) -> set[str]:
    """The nodes whose whole cards lie in a frame."""
    box = scene.frames[frame_id].scene_box()
    return {key for key, item in scene.nodes.items() if box.contains(item.scene_card())}


def _in_order(scene: GraphScene, nodes: Collection[str], frames: Collection[str]) -> Chosen:
    return Chosen(
        tuple(key for key in scene.nodes if key in nodes), tuple(key for key in scene.frames if key in frames)
    )
