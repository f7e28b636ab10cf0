"""Aligning and distributing cards: where each goes, and the verbs that put them there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from nnstudio.graph import Move
from nnstudio.graph.node import Position

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_SHARES = {"left": 0.0, "centre": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}
_APART = 24.0  # between cards that are spread, as they would lie on one another
_ACROSS = ("left", "centre", "right")


def aligned(boxes: Mapping[str, QRectF], line: str, others: Sequence[QRectF] = ()) -> dict[str, Position]:
    """Where the boxes are when they share a line of the rectangle around them all: left, centre, right, top,
    middle or bottom. Those that would lie on one another, or on `others`, are spread along the line: a row
    that is aligned at the left becomes a column, from top to bottom as it was from left to right.
    """
    share = _SHARES[line]
    across = line in _ACROSS
    # The line is upright here: for a level one everything is turned.
    turned = {key: _turned(box, across) for key, box in boxes.items()}
    taken = [_turned(box, across) for box in others]
    low = min(box.left() for box in turned.values())
    high = max(box.right() for box in turned.values())
    at = low + (high - low) * share
    found: dict[str, Position] = {}
    end = -math.inf
    for row in _rows(turned):
        first = min(turned[key].top() for key in row)
        for key in row:
            box = turned[key]
            corner = QPointF(_whole(at - box.width() * share), first)
            place = QRectF(corner, box.size())
            if place.top() < end:
                place.moveTop(_whole(end + _APART))
            while place.topLeft() != box.topLeft() and (on := [o for o in taken if o.intersects(place)]):
                place.moveTop(_whole(max(other.bottom() for other in on) + _APART))
            end = place.bottom()
            found[key] = (place.x(), place.y()) if across else (place.y(), place.x())
    return {key: found[key] for key in boxes}


def _turned(box: QRectF, across: bool) -> QRectF:
    return box if across else QRectF(box.y(), box.x(), box.height(), box.width())


def _rows(boxes: Mapping[str, QRectF]) -> list[list[str]]:
    """From top to bottom, those side by side in one row, from left to right."""
    rows: list[list[str]] = []
    for key in sorted(boxes, key=lambda key: (boxes[key].top(), boxes[key].left())):
        if rows and boxes[key].center().y() < boxes[rows[-1][0]].bottom():
            rows[-1].append(key)
        else:
            rows.append([key])
    return [sorted(row, key=lambda key: boxes[key].left()) for row in rows]


def distributed(boxes: Mapping[str, QRectF], across: bool) -> dict[str, Position]:
    """Where the boxes are with the same gap between each and the next; the first and the last stay."""

    def first(key: str) -> float:
        return boxes[key].left() if across else boxes[key].top()

    def size(key: str) -> float:
        return boxes[key].width() if across else boxes[key].height()

    order = sorted(boxes, key=lambda key: first(key) + size(key) / 2)
    whole = first(order[-1]) + size(order[-1]) - first(order[0])
    gap = (whole - sum(map(size, order))) / max(1, len(order) - 1)
    place = first(order[0])
    found: dict[str, Position] = {}
    for key in order:
        at = first(key) if key in (order[0], order[-1]) else _whole(place)
        found[key] = (at, boxes[key].y()) if across else (boxes[key].x(), at)
        place += size(key) + gap
    return found


def _whole(place: float) -> float:
    """On a pixel, so that lines stay sharp."""
    return float(round(place))


class Aligning:
    """The verbs of one canvas, on the nodes that are selected."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def left(self) -> None:
        self._align("left")

    def centre(self) -> None:
        self._align("centre")

    def right(self) -> None:
        self._align("right")

    def top(self) -> None:
        self._align("top")

    def middle(self) -> None:
        self._align("middle")

    def bottom(self) -> None:
        self._align("bottom")

    def across(self) -> None:
        """The same gap between all, from left to right."""
        self._distribute(True)

    def down(self) -> None:
        """The same gap between all, from top to bottom."""
        self._distribute(False)

    def _boxes(self) -> dict[str, QRectF]:
        canvas = self._canvas
        canvas.abandon()
        return {key: canvas.graph_scene.nodes[key].scene_card() for key in canvas.selected_nodes()}

    def _align(self, line: str) -> None:
        boxes = self._boxes()
        if len(boxes) < 2:
            self._canvas.refused.emit("Select two nodes or more to align them.")
            return
        cards = self._canvas.graph_scene.nodes
        others = [item.scene_card() for key, item in cards.items() if key not in boxes]
        self._put(boxes, aligned(boxes, line, others), f"Align {len(boxes)} nodes at the {line}")

    def _distribute(self, across: bool) -> None:
        boxes = self._boxes()
        if len(boxes) < 3:
            self._canvas.refused.emit("Select three nodes or more to distribute them.")
            return
        how = "horizontally" if across else "vertically"
        self._put(boxes, distributed(boxes, across), f"Distribute {len(boxes)} nodes {how}")

    def _put(self, boxes: Mapping[str, QRectF], places: Mapping[str, Position], label: str) -> None:
        moved = {key: at for key, at in places.items() if at != (boxes[key].x(), boxes[key].y())}
        if moved:
            self._canvas.sheet.push(Move(moved, label=label))
