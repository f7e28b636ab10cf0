"""Putting a part of a graph, pasted or kept, onto the canvas: where it goes, and what shows it until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt

from nnstudio.graph.clipping import STEP
from nnstudio.graph.naming import free_name
from nnstudio.project import Part, PastePart
from nnstudio.studio.canvas.dropping import MODULE_MIME, Landing, module_of
from nnstudio.studio.canvas.gestures import snapped
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.graph.node import Position
    from nnstudio.studio.canvas.view import Canvas
    from nnstudio.studio.kept_groups import KeptGroup


def take_part(canvas: Canvas, part: Part, at: Position | None, text: str = "") -> list[str]:
    """Paste a part into the sheet, its upper left corner at a place (None: beside where it came from), and
    select what has come; returns the ids of its nodes, none where it could not be.
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
    """The upper left corner for a part whose middle is to lie at a point; further to the right and below,
    where a copy lies just there already.
    """
    box = bounds(part)
    at = snapped(middle - box.center() + box.topLeft())
    level = canvas.sheet.level
    taken = {*(each.position for each in level.nodes.values()), *_of_frames(level)}
    inner = [QPointF(*place) - box.topLeft() for place in _of_nodes(part) + _of_frames(part)]
    while any((place.x(), place.y()) in taken for place in (at + each for each in inner)):
        at += QPointF(STEP, STEP)
    return at.x(), at.y()


def bounds(part: Level) -> QRectF:
    """What the cards and frames of a part cover, as far as can be told before they are drawn."""
    boxes = [QRectF(*place, WIDTH, HEIGHT) for place in _of_nodes(part)]
    boxes += [QRectF(*frame.position, *frame.size) for frame in part.frames.values()]
    found = QRectF()
    for box in boxes:
        found = found.united(box)
    return found


def _of_nodes(level: Level) -> list[Position]:
    return [node.position for node in level.nodes.values()]


def _of_frames(level: Level) -> list[Position]:
    return [frame.position for frame in level.frames.values()]
