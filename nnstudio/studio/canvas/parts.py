"""Putting a part of a graph, pasted or kept, onto the canvas: where it goes, and that it is selected then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from nnstudio.graph.clipping import STEP
from nnstudio.project import Part, PastePart
from nnstudio.studio.canvas.gestures import snapped
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.graph.node import Position
    from nnstudio.studio.canvas.view import Canvas


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
