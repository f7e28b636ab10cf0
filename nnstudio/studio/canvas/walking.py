"""Going from node to node with the arrows, by where they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

WAYS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
_ASIDE = 2.0  # how much worse it is to be beside the way than further along it


class Walk:
    """Where one is: the node that was selected last, wherever the selection came from."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._current: str | None = None

    def current(self) -> str | None:
        """Of the selected nodes the one that was walked to, or else the first; None where none is."""
        selected = self._canvas.selected_nodes()
        if self._current not in selected:
            self._current = selected[0] if selected else None
        return self._current

    def go(self, key: Qt.Key, extend: bool = False) -> None:
        """Select the nearest node that way, alone or in addition; from no node, the one nearest to the middle
        of the view.
        """
        canvas, here = self._canvas, self.current()
        centres = {key: item.scene_card().center() for key, item in canvas.graph_scene.nodes.items()}
        if here is None:
            target = nearest(centres, canvas.seen().center(), QPointF())
        else:
            start = centres.pop(here)
            target = nearest(centres, start, WAYS[key])
        if target is None:
            return
        kept = canvas.selected_nodes() if extend else []
        self._current = target
        canvas.select([*kept, target])
        canvas.reveal(target)


def nearest(places: dict[str, QPointF], start: QPointF, way: QPointF) -> str | None:
    """The nearest place that way, rather straight ahead than aside; without a way the nearest of all."""
    best: tuple[bool, float] | None = None
    found: str | None = None
    for key, place in places.items():
        away = place - start
        if way.isNull():
            rank = (False, math.hypot(away.x(), away.y()))
        else:
            along = away.x() * way.x() + away.y() * way.y()
            aside = abs(away.x() * way.y()) + abs(away.y() * way.x())
            if along <= 1:
                continue
            # What is more aside than ahead comes last: an arrow to the right does not go down first.
            rank = (aside > along, along + _ASIDE * aside)
        if best is None or rank < best:
            best, found = rank, key
    return found
