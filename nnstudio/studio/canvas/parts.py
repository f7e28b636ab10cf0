"""Putting a part of a graph, pasted or kept, onto the canvas: where it goes, and what shows it until then."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt

from nnstudio.graph.naming import free_name
from nnstudio.graph.ports import input_ports, output_ports
from nnstudio.project import Part, PastePart
from nnstudio.studio.canvas.dropping import MODULE_MIME, Landing, module_of
from nnstudio.studio.canvas.gestures import SNAP, snapped
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH, card_height

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.graph.node import Position
    from nnstudio.studio.canvas.view import Canvas
    from nnstudio.studio.kept_groups import KeptGroup

APART = 24.0  # between what is put down by itself and what was there


def take_part(canvas: Canvas, part: Part, at: Position, text: str = "") -> list[str]:
    """Paste a part into the sheet, its upper left corner at a place, and select what has
    come; returns the ids of its nodes, none where it could not be.
    """
    sheet = canvas.sheet
    before = sheet.level
    if not canvas.document.push(PastePart(part, at, sheet.path, text)):
        return []
    after = sheet.level
    nodes = [key for key in after.nodes if key not in before.nodes]
    canvas.graph_scene.select(nodes, frames=[key for key in after.frames if key not in before.frames])
    if nodes:
        canvas.reveal(nodes[0])
    return nodes


def place_kept(canvas: Canvas, kept: KeptGroup, middle: QPointF) -> str | None:
    """Add a kept group with its middle at a point; returns its id, None where it could not be."""
    corner = snapped(middle - QPointF(WIDTH / 2, HEIGHT / 2))
    placed = take_part(canvas, kept.part, (corner.x(), corner.y()), f"Add {kept.name}")
    if not placed:
        return None
    canvas.module_added.emit(kept.name)
    return placed[0]


def landing_for(canvas: Canvas, mime: QMimeData) -> Landing | None:
    """Where what is dragged over the canvas would land; None for what cannot."""
    module = module_of(mime)
    if module is not None:
        return Landing(canvas, module)
    kept = canvas.kept().get(bytes(mime.data(MODULE_MIME).data()).decode(errors="replace"))
    return None if kept is None else KeptLanding(canvas, kept)


class KeptLanding(Landing):
    """A kept group that is dragged."""

    def __init__(self, canvas: Canvas, kept: KeptGroup) -> None:
        super().__init__(canvas, kept.name)
        self._kept = kept

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.position = snapped(point - QPointF(WIDTH / 2, HEIGHT / 2))

    def drop(self) -> None:
        place_kept(self.canvas, self._kept, self.position + QPointF(WIDTH / 2, HEIGHT / 2))

    def icon(self) -> NodeIcon:
        return node_icon(None, group=True)

    def words(self) -> tuple[str, str]:
        return free_name(self.canvas.sheet.level, self.module), "Group"


def free_place(canvas: Canvas, part: Level, middle: QPointF) -> Position:
    """The upper left corner for a part whose middle is to lie at a point; below, where it would cover a card
    or lie on a frame.
    """
    box = bounds(part)
    return _clear(canvas, part, snapped(middle - box.center() + box.topLeft()))


def place_beside(canvas: Canvas, part: Level) -> Position:
    """The upper left corner for a copy of a part that lies on the canvas: the first free place below it."""
    box = bounds(part)
    return _clear(canvas, part, QPointF(box.left(), box.bottom() + APART))


def _clear(canvas: Canvas, part: Level, corner: QPointF) -> Position:
    """The first place from there downwards where the part's cards cover no card, and its frames neither card
    nor frame.
    """
    scene, places = canvas.graph_scene, canvas.graph_scene.places
    cards = np.hstack([places.corners, places.corners + places.sizes])
    frames = _rims([item.scene_box() for item in scene.frames.values()])
    by = corner - bounds(part).topLeft()
    pairs = [
        (_rims([box.translated(by) for box in _cards(part)]), cards),
        (_rims([box.translated(by) for box in _frames(part)]), np.vstack([cards, frames])),
    ]
    down = 0.0
    while further := max(_overlap(mine, theirs, down) for mine, theirs in pairs):
        down += math.ceil(further / SNAP) * SNAP
    return corner.x(), corner.y() + down


def _overlap(mine: NDArray[np.float64], theirs: NDArray[np.float64], down: float) -> float:
    """How much further down some boxes, (n, 4), must go to be below all others they are on."""
    left, top, right, bottom = mine[:, None].transpose(2, 0, 1)
    top, bottom = top + down, bottom + down
    on = (left < theirs[:, 2]) & (right > theirs[:, 0]) & (top < theirs[:, 3]) & (bottom > theirs[:, 1])
    return float(np.where(on, theirs[:, 3] + APART - top, 0.0).max(initial=0.0))


def _rims(boxes: list[QRectF]) -> NDArray[np.float64]:
    """Left, top, right and bottom of each, (n, 4)."""
    return np.array([[box.left(), box.top(), box.right(), box.bottom()] for box in boxes]).reshape(-1, 4)


def bounds(part: Level) -> QRectF:
    """What the cards and frames of a part cover, as far as can be told before they are drawn."""
    found = QRectF()
    for box in _cards(part) + _frames(part):
        found = found.united(box)
    return found


def _cards(part: Level) -> list[QRectF]:
    found: list[QRectF] = []
    for node in part.nodes.values():
        ports = max(len(input_ports(part, node)), len(output_ports(part, node)))
        found.append(QRectF(*node.position, WIDTH, card_height(ports)))
    return found


def _frames(part: Level) -> list[QRectF]:
    return [QRectF(*frame.position, *frame.size) for frame in part.frames.values()]
