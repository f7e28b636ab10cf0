"""Cards that have been laid out anew glide to their places: the graph has them there from the beginning."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QStyle

from nnstudio.graph.node import Edge, Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnstudio.studio.canvas.view import Canvas

SECONDS = 0.25
_FRAME_MS = 16


class Glide(QObject):
    """Of one canvas. What is done to the graph meanwhile, or with the mouse, ends it at once."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._from: dict[str, Position] = {}
        self._bent: dict[Edge, tuple[Position, ...]] = {}  # where the bends of edges set out
        self._begun = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(lambda: self.show_at(time.monotonic() - self._begun))
        sheet = canvas.sheet
        # The scene follows these, too, and has been connected before.
        for signal in (sheet.moved, sheet.graph_changed, sheet.replaced):
            signal.connect(self.finish)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def begin(self, places: Mapping[str, Position]) -> None:
        """From these places to where the graph has the nodes. Under reduced motion they are there at once."""
        self.finish()
        canvas = self._canvas
        if canvas.pulses.reduced or not canvas.style().styleHint(
            QStyle.StyleHint.SH_Widget_Animation_Duration, None, canvas
        ):
            return
        level, scene = canvas.sheet.level, canvas.graph_scene
        self._from = {
            key: place
            for key, place in places.items()
            if key in level.nodes and level.nodes[key].position != place
        }
        if not self._from:
            return
        self._show(0.0)
        for edge in level.edges:
            if edge.bends and edge in scene.edges:
                self._bent[edge] = _between(scene.edges[edge].ends(), len(edge.bends))
        self._begun = time.monotonic()
        self._timer.start()
        self._show(0.0)

    def show_at(self, seconds: float) -> None:
        """Have them painted where they are so long after the beginning."""
        if seconds >= SECONDS:
            self.finish()
            return
        rest = 1 - seconds / SECONDS
        self._show(1 - rest**3)

    def finish(self) -> None:
        """Everything where the graph has it."""
        self._timer.stop()
        if self._from:
            self._show(1.0)
            self._from, self._bent = {}, {}

    def _show(self, share: float) -> None:
        scene, level = self._canvas.graph_scene, self._canvas.sheet.level
        shown: list[str] = []
        for key, (x, y) in self._from.items():
            node = level.nodes.get(key)
            if node is not None and key in scene.nodes:
                to_x, to_y = node.position
                if share < 1:
                    to_x, to_y = x + (to_x - x) * share, y + (to_y - y) * share
                scene.nodes[key].setPos(to_x, to_y)
                shown.append(key)
        scene.reroute(shown)
        bends: dict[Edge, tuple[Position, ...]] = {}
        for edge in level.edges:
            begun = self._bent.get(edge)
            if begun is not None and edge in scene.edges:
                way = zip(begun, edge.bends, strict=False)
                bends[edge] = (
                    edge.bends
                    if share >= 1
                    else tuple(
                        (x + (to_x - x) * share, y + (to_y - y) * share) for (x, y), (to_x, to_y) in way
                    )
                )
        if bends:
            scene.bend(bends)


def _between(ends: tuple[object, object], many: int) -> tuple[Position, ...]:
    """Places evenly on the straight way between two ends."""
    start, end = ([each.x(), each.y()] for each in ends)  # type: ignore[attr-defined]
    shares = np.linspace(0, 1, many + 2)[1:-1, None]
    places = np.array(start) * (1 - shares) + np.array(end) * shares
    return tuple((float(x), float(y)) for x, y in places)
