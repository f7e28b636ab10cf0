"""Pulses: values on their way along the edges, and gradients on their way back.

Where they are is worked out for all at once; a frame with many of them is a copy of the still picture with
the pulses on it, one with few repaints only where these were and are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap, QTransform

from nnstudio.graph.node import Edge
from nnstudio.studio import theme
from nnstudio.studio.canvas.fragments import draw_pictures
from nnstudio.studio.canvas.lettering import colour
from nnstudio.studio.canvas.places import pulls
from nnstudio.studio.canvas.pressing import FAR

if TYPE_CHECKING:
    from nnstudio.studio.canvas.edge_item import EdgeItem
    from nnstudio.studio.canvas.view import Canvas

PERIOD = 1.2  # seconds from one end to the other where pulses flow
PASS = 0.5  # seconds of a single pass
_FRAME_MS = 16
_SIZES = (2.5, 3.5, 4.5, 6.0)  # radii in pixels, by magnitude
_CELL = 24  # pixels a side of a pulse's picture, its glow included
_MANY = 40  # so many are drawn onto a picture of everything else
_GOLDEN = 0.618033988749895


class Pulses(QObject):
    """Those of one canvas. `flow` lets them run until `stop`, `travel` once; under `reduced` motion none
    moves: each stands in the middle of its edge.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._edges: list[Edge] = []
        self._phase = "forward"
        self._classes: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._starts: NDArray[np.float64] = np.zeros(0)
        self._begun = 0.0
        self._now = 0.0
        self._once = False
        self._rows: tuple[object, NDArray[np.intp], NDArray[np.intp]] | None = None
        self._former = QRect()
        self.reduced = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(lambda: self.show_at(time.monotonic()))

    # -- beginning and ending

    @property
    def running(self) -> bool:
        return bool(self._edges)

    @property
    def many(self) -> bool:
        return len(self._edges) >= _MANY

    def flow(
        self,
        edges: Iterable[Edge],
        phase: str = "forward",
        magnitudes: Mapping[Edge, float] | None = None,
    ) -> None:
        """A pulse on each of these edges, again and again. Magnitudes from 0 to 1 make them thin or thick."""
        self._begin(edges, phase, magnitudes or {}, once=False)

    def travel(self, edges: Iterable[Edge], phase: str, magnitude: float = 0.5) -> None:
        """One pulse along each of these edges: with the value, or against the edge with the gradient."""
        listed = list(edges)
        self._begin(listed, phase, dict.fromkeys(listed, magnitude), once=True)

    def _begin(self, edges: Iterable[Edge], phase: str, magnitudes: Mapping[Edge, float], once: bool) -> None:
        self.stop()
        known = self._canvas.graph_scene.edges
        self._edges = [edge for edge in edges if edge in known]
        if not self._edges:
            return
        self._phase, self._once = phase, once
        strengths = np.array([magnitudes.get(edge, 0.5) for edge in self._edges], dtype=np.float64)
        steps = np.nan_to_num(np.clip(strengths, 0, 1)) * (len(_SIZES) - 1)
        self._classes = np.rint(steps).astype(np.intp)
        spread = np.arange(len(self._edges)) * _GOLDEN % 1.0
        self._starts = np.zeros(len(self._edges)) if once else spread.astype(np.float64)
        self._begun = time.monotonic()
        if not self.reduced:
            self._timer.start()
        self.show_at(self._begun)

    def stop(self) -> None:
        """None is left. Where there was none nothing is touched: the canvas may be going."""
        if self._edges:
            self._timer.stop()
            self._edges, self._rows = [], None
            self._repaint(QRect())

    def show_at(self, seconds: float) -> None:
        """Have them painted where they are at a time of the monotonic clock."""
        self._now = seconds
        if self._once and not self.reduced and seconds - self._begun >= PASS:
            self.stop()
            return
        viewport = self._canvas.viewport()
        if self.many:
            viewport.update()
        elif self._edges:
            places = self.positions(seconds, self._canvas.scale_now() < FAR)
            seen = self._canvas.viewportTransform()
            box = QRect()
            for x, y in places.tolist():
                spot = seen.map(QPointF(x, y)).toPoint()
                box = box.united(QRect(spot.x() - _CELL, spot.y() - _CELL, 2 * _CELL, 2 * _CELL))
            self._repaint(box)

    def _repaint(self, box: QRect) -> None:
        viewport = self._canvas.viewport()
        if self.many or (box.isEmpty() and self._former.isEmpty()):
            viewport.update()
        else:
            viewport.update(box)
            viewport.update(self._former)
        self._former = box

    # -- where they are

    def shares(self, seconds: float) -> NDArray[np.float64]:
        """How far along its edge each is, from the edge's source: 0 to 1."""
        if self.reduced:
            return np.full(len(self._edges), 0.5)
        passed = max(0.0, seconds - self._begun)
        if self._once:
            t = np.full(len(self._edges), min(1.0, passed / PASS))
            t = t * t * (3 - 2 * t)  # it sets out and arrives gently
        else:
            t = (self._starts + passed / PERIOD) % 1.0
        return 1.0 - t if self._phase == "backward" else t

    def positions(
        self, seconds: float, straight: bool = False, within: QRectF | None = None
    ) -> NDArray[np.float64]:
        """Where each is in the scene, (n, 2); from afar edges are straight. `within` leaves out those whose
        edges are elsewhere.
        """
        return self._positions(seconds, straight, within)[0]

    def _positions(
        self, seconds: float, straight: bool, within: QRectF | None
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """And which of the size classes each has."""
        places = self._canvas.graph_scene.places
        rows, bent = self._on()
        shares, classes = self.shares(seconds), self._classes
        if within is not None:
            inside = np.zeros(len(places.edges), dtype=bool)
            inside[places.edge_rows_in(within)] = True
            kept = np.flatnonzero(inside[rows])
            rows, shares, classes = rows[kept], shares[kept], classes[kept]
            bent = np.flatnonzero(np.isin(kept, bent))
        ends = places.ends()[rows]
        t = shares[:, None]
        start, end = ends[:, :2], ends[:, 2:]
        if straight:
            found = start + (end - start) * t
        else:
            reach = np.zeros_like(start)
            reach[:, 0] = pulls(ends)
            s = 1 - t
            found = s**3 * start + 3 * s**2 * t * (start + reach) + 3 * s * t**2 * (end - reach) + t**3 * end
        for index in bent.tolist():
            found[index] = _on_bent(places.edges[rows[index]], float(shares[index]), straight)
        return found, classes

    def _on(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows of the edges among all, and which of them have bends."""
        known = self._canvas.graph_scene.places
        key = (known, self._canvas.graph_scene.looked_over)
        if self._rows is None or self._rows[0] != key:
            still = [index for index, edge in enumerate(self._edges) if edge in known.edge_row]
            if len(still) < len(self._edges):
                self._edges = [self._edges[index] for index in still]
                self._classes, self._starts = self._classes[still], self._starts[still]
            rows = np.array([known.edge_row[edge] for edge in self._edges], dtype=np.intp)
            bent = [index for index, row in enumerate(rows.tolist()) if known.edges[row].bends]
            self._rows = (key, rows, np.array(bent, dtype=np.intp))
        return self._rows[1], self._rows[2]

    # -- painting

    def paint(self, painter: QPainter, to_device: QTransform, ratio: float, rect: QRectF) -> None:
        """With a painter in device pixels, those in a part of the scene."""
        if not self._edges:
            return
        scale = to_device.m11() / ratio
        straight = scale < FAR
        whole = straight and len(self._edges) > 1
        found, classes = self._positions(self._now, straight, None if whole else rect)
        spots = found * to_device.m11() + np.array([to_device.dx(), to_device.dy()])
        size = ratio * (0.6 if straight else min(max(scale, 0.7), 2.0))
        strip = _strip(theme.colours().phase(self._phase).mark, round(size, 2))
        cell = strip.height()
        sources = np.zeros((len(spots), 4))
        sources[:, 0] = classes * cell
        sources[:, 2:] = cell
        half = cell % 2 / 2
        draw_pictures(painter, np.round(spots - half) + half, strip, sources)


def _on_bent(item: EdgeItem, share: float, straight: bool) -> tuple[float, float]:
    """A place on an edge that is not one plain curve."""
    pieces = item.pieces()
    index = min(int(share * len(pieces)), len(pieces) - 1)
    t = share * len(pieces) - index
    a, b, c, d = pieces[index]
    if straight:
        return a[0] + (d[0] - a[0]) * t, a[1] + (d[1] - a[1]) * t
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
    return x, y


@lru_cache(maxsize=32)
def _strip(tint: str, size: float) -> QPixmap:
    """The pulses of all magnitudes side by side, each with its glow."""
    cell = max(4, math.ceil(_CELL * size * 0.75))
    made = QPixmap(cell * len(_SIZES), cell)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for index, radius in enumerate(_SIZES):
        middle = QPointF(cell * (index + 0.5), cell / 2)
        painter.setBrush(colour(tint, 0.28))
        reach = min(radius * 1.8 * size, cell / 2)
        painter.drawEllipse(middle, reach, reach)
        painter.setBrush(colour(tint))
        painter.drawEllipse(middle, max(1.2, radius * size), max(1.2, radius * size))
    painter.end()
    return made
