"""Pulses: values on their way along the edges, and gradients on their way back.

Where they are is worked out for all at once; a frame with many of them is a copy of the still picture with
the pulses on it, one with few repaints only where these were and are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

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
_PHASES = ("zero_grad", "forward", "backward", "update")
_GOLDEN = 0.618033988749895


class Pulses(QObject):
    """Those of one canvas. `flow` lets them run until `stop`; `travel` sends one along each edge, once, while
    those sent before are still under way. Under `reduced` motion none moves: each stands in the middle of its
    edge, and goes when others are sent.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._clear()
        self._begun = 0.0
        self._now = 0.0
        self._once = False
        self._former = QRect()
        self.reduced = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(lambda: self.show_at(time.monotonic()))

    def _clear(self) -> None:
        self._edges: list[Edge] = []
        self._phases: NDArray[np.intp] = np.zeros(0, dtype=np.intp)  # places in _PHASES
        self._classes: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._starts: NDArray[np.float64] = np.zeros(0)  # shares of the way; or seconds of the clock
        self._lengths: NDArray[np.float64] = np.zeros(0)  # seconds from one end to the other
        self._rows: tuple[object, NDArray[np.intp]] | None = None
        self._bent: tuple[object, NDArray[np.intp]] | None = None

    # -- beginning and ending

    def set_calm(self, calm: bool) -> None:
        """Half as many frames, while the machine has better things to do: a network trains."""
        self._timer.setInterval(2 * _FRAME_MS if calm else _FRAME_MS)

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
        self.stop()
        known = self._canvas.graph_scene.edges
        edges = [edge for edge in edges if edge in known]
        starts = np.arange(len(edges), dtype=np.float64) * _GOLDEN % 1.0
        self._send(edges, phase, magnitudes or {}, starts, PERIOD, time.monotonic(), once=False)

    def travel(
        self,
        edges: Iterable[Edge],
        phase: str,
        magnitude: float | Mapping[Edge, float] = 0.5,
        seconds: float = PASS,
    ) -> None:
        """One pulse along each of these edges: with the value, or against the edge with the gradient."""
        now = time.monotonic()
        if self.reduced or not self._once:
            self.stop()
        known = self._canvas.graph_scene.edges
        edges = [edge for edge in dict.fromkeys(edges) if edge in known]
        again = set(edges)
        self._keep([index for index, edge in enumerate(self._edges) if edge not in again])
        sizes = magnitude if isinstance(magnitude, Mapping) else dict.fromkeys(edges, magnitude)
        self._send(edges, phase, sizes, np.full(len(edges), now), seconds, now, once=True)

    def _send(
        self,
        edges: list[Edge],
        phase: str,
        magnitudes: Mapping[Edge, float],
        starts: NDArray[Any],
        seconds: float,
        now: float,
        once: bool,
    ) -> None:
        if not edges:
            return
        self._once = once
        strengths = np.array([magnitudes.get(edge, 0.5) for edge in edges], dtype=np.float64)
        classes = np.rint(np.nan_to_num(np.clip(strengths, 0, 1)) * (len(_SIZES) - 1)).astype(np.intp)
        # Those sent last are the first: what is asked of one is asked of the newest.
        self._edges = [*edges, *self._edges]
        phases = np.full(len(edges), _PHASES.index(phase), dtype=np.intp)
        self._phases = np.concatenate([phases, self._phases])
        self._classes = np.concatenate([classes, self._classes])
        self._starts = np.concatenate([starts, self._starts])
        self._lengths = np.concatenate([np.full(len(edges), seconds), self._lengths])
        self._rows = None
        self._begun = now
        if not self.reduced and not self._timer.isActive():
            self._timer.start()
        self.show_at(now)

    def _keep(self, rows: list[int]) -> None:
        """Only these are left."""
        if len(rows) < len(self._edges):
            self._edges = [self._edges[row] for row in rows]
            self._phases, self._classes = self._phases[rows], self._classes[rows]
            self._starts, self._lengths, self._rows = self._starts[rows], self._lengths[rows], None

    def stop(self) -> None:
        """None is left. Where there was none nothing is touched: the canvas may be going."""
        if self._edges:
            self._timer.stop()
            if self.many:
                self._canvas.viewport().update()
            self._clear()
            self._repaint(QRect())

    def show_at(self, seconds: float) -> None:
        """Have them painted where they are at a time of the monotonic clock."""
        self._now = seconds
        if self._once and not self.reduced:
            under_way = np.flatnonzero(seconds - self._starts < self._lengths)
            if not len(under_way):
                self.stop()
                return
            was_many = self.many
            self._keep(under_way.tolist())
            if was_many and not self.many:
                self._canvas.viewport().update()
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
        if self._once:
            t = np.clip((seconds - self._starts) / self._lengths, 0.0, 1.0)
            t = t * t * (3 - 2 * t)  # it sets out and arrives gently
        else:
            t = (self._starts + max(0.0, seconds - self._begun) / self._lengths) % 1.0
        return np.where(self._phases == _PHASES.index("backward"), 1.0 - t, t)

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
        """And which of them these are."""
        places = self._canvas.graph_scene.places
        rows, bent = self._on()
        shares, which = self.shares(seconds), np.arange(len(rows))
        if within is not None:
            inside = np.zeros(len(places.edges), dtype=bool)
            inside[places.edge_rows_in(within)] = True
            kept = np.flatnonzero(inside[rows])
            rows, shares, which = rows[kept], shares[kept], kept
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
        return found, which

    def _on(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows of the edges among all, and which of them are no single curve."""
        scene = self._canvas.graph_scene
        known = scene.places
        if self._rows is None or self._rows[0] is not known:
            self._keep([index for index, edge in enumerate(self._edges) if edge in known.edge_row])
            rows = np.array([known.edge_row[edge] for edge in self._edges], dtype=np.intp)
            self._rows, self._bent = (known, rows), None
        rows = self._rows[1]
        looks = (known.bendings, scene.shifts)
        if self._bent is None or self._bent[0] != looks:
            bent = known.roundabout(rows)
            bent |= np.array([bool(known.edges[row].bends) for row in rows.tolist()], dtype=bool)
            self._bent = (looks, np.flatnonzero(bent))
        return rows, self._bent[1]

    # -- painting

    def paint(self, painter: QPainter, to_device: QTransform, ratio: float, rect: QRectF) -> None:
        """With a painter in device pixels, those in a part of the scene."""
        if not self._edges:
            return
        scale = to_device.m11() / ratio
        straight = scale < FAR
        whole = straight and len(self._edges) > 1
        found, which = self._positions(self._now, straight, None if whole else rect)
        spots = found * to_device.m11() + np.array([to_device.dx(), to_device.dy()])
        size = ratio * (0.6 if straight else min(max(scale, 0.7), 2.0))
        phases = self._phases[which]
        for phase in np.unique(phases).tolist():
            rows = np.flatnonzero(phases == phase)
            strip = _strip(theme.colours().phase(_PHASES[phase]).mark, round(size, 2))
            cell = strip.height()
            sources = np.zeros((len(rows), 4))
            sources[:, 0] = self._classes[which[rows]] * cell
            sources[:, 2:] = cell
            half = cell % 2 / 2
            draw_pictures(painter, np.round(spots[rows] - half) + half, strip, sources)


def _on_bent(item: EdgeItem, share: float, straight: bool) -> tuple[float, float]:
    """A place on an edge that is not one plain curve."""
    pieces = item.pieces()
    index = min(int(share * len(pieces)), len(pieces) - 1)
    t = share * len(pieces) - index
    a, b, c, d = pieces[index]
    if straight and item.bends:
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
