"""One curve of a plot: its points, how they are drawn, and its entry in the legend."""

from __future__ import annotations

from operator import is_
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from nnstudio.studio.training.legend import LegendEntry
from nnstudio.studio.training.smoothing import smoothed

Numbers = NDArray[np.float64]

MOST_POINTS = 2000


class Line:
    """`x` and `y` are all of its points as they were measured, whatever of them is drawn."""

    def __init__(self, plot: Any, name: str, parent: QWidget, smooths: bool = True) -> None:
        self._plot = plot
        self._smooths = smooths
        self.raw: Any = None
        """Made when there is something to smooth: to take a curve into a plot costs milliseconds."""
        self.curve: Any = plot.plot(antialias=True)
        self.entry = LegendEntry(name, parent)
        self.x: Numbers = np.zeros(0)
        self.y: Numbers = np.zeros(0)
        self.slot = -1
        """Which of the colours and dashes for runs it has; of itself none."""
        self._drawn: tuple[Any, ...] = ()
        self._pen, self._words = QPen(), ""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def shown(self) -> bool:
        return self.entry.isChecked() and bool(len(self.x))

    def put(self, x: Numbers, y: Numbers) -> None:
        """These are its points; `draw` shows them."""
        shown = min(len(x), len(y))
        self.x, self.y = x[:shown], y[:shown]

    def is_of(self, x: Numbers, y: Numbers) -> bool:
        """Whether these are its points already."""
        return np.array_equal(self.x, x, equal_nan=True) and np.array_equal(self.y, y, equal_nan=True)

    def last(self) -> float | None:
        """The newest value there is."""
        known = self.y[np.isfinite(self.y)]
        return float(known[-1]) if len(known) else None

    def draw(self, smoothing: float, log: bool, most: int) -> None:
        """At most about so many points; what is smoothed has its measured points faintly behind it."""
        wanted = (self.x, self.y, self.shown, smoothing, log, most)
        same = self._drawn and all(map(is_, self._drawn[:2], wanted[:2]))
        if same and self._drawn[2:] == wanted[2:]:
            return  # of many runs in one plot only one is new at a time
        self._drawn = wanted
        x, y = (self.x, self.y) if self.shown else (self.x[:0], self.y[:0])
        weight = smoothing if self._smooths else 0.0
        calm = smoothed(y, weight)
        few_x, few_y = thinned(x, calm, most)
        self.curve.setData(few_x, _scaled(few_y, log), symbol="o" if len(x) == 1 else None)
        if weight > 0 and self.raw is None:
            self.raw = self._plot.plot(antialias=True)
            self.raw.setZValue(self.curve.zValue() - 0.5)
            self._dress_raw()
        if self.raw is not None:
            behind = thinned(x, y, most) if weight > 0 else (x[:0], y[:0])
            self.raw.setData(behind[0], _scaled(behind[1], log))

    def dress(self, pen: QPen, words: str) -> None:
        if pen == self._pen and words == self._words:
            return
        self._pen, self._words = QPen(pen), words
        self.curve.setPen(pen)
        self._dress_raw()
        self.curve.setSymbolPen(pg.mkPen(pen.color()))
        self.curve.setSymbolBrush(pen.color())
        self.curve.setSymbolSize(6)
        self.entry.dress(pen, words)

    def _dress_raw(self) -> None:
        if self.raw is not None:
            faint = QColor(self._pen.color())
            faint.setAlphaF(0.3 * faint.alphaF())
            self.raw.setPen(pg.mkPen(faint, width=1))

    def nearest(self, x: float) -> tuple[float, float] | None:
        """The measured point nearest to a place on the axis; None where there is none, or it is hidden."""
        if not self.shown:
            return None
        after = int(np.searchsorted(self.x, x))
        index = min(max(after, 0), len(self.x) - 1)
        if after > 0 and (after == len(self.x) or x - self.x[after - 1] <= self.x[index] - x):
            index = after - 1
        return float(self.x[index]), float(self.y[index])

    def remove(self) -> None:
        for item in (self.raw, self.curve):
            if item is not None:
                self._plot.removeItem(item)
        self.entry.hide()
        self.entry.deleteLater()


def _scaled(y: Numbers, log: bool) -> Numbers:
    """What a logarithmic axis shows; nothing where a number has no logarithm."""
    if not log:
        return y
    return np.log10(y, where=y > 0, out=np.full(len(y), np.nan))


def thinned(x: Numbers, y: Numbers, most: int = MOST_POINTS) -> tuple[Numbers, Numbers]:
    """At most so many points of a curve: of every stretch its lowest and its highest point, so that every
    peak stays.
    """
    if len(x) <= most:
        return x, y
    stretch = -(-len(x) // (most // 2))
    whole = len(x) // stretch * stretch
    rows = y[:whole].reshape(-1, stretch)
    starts = np.arange(len(rows)) * stretch
    filled = np.where(np.isfinite(rows), rows, 0)
    picked = np.sort(np.stack([starts + filled.argmin(axis=1), starts + filled.argmax(axis=1)]), axis=0)
    kept = np.unique(np.append(picked.T.ravel(), len(x) - 1))
    return x[kept], y[kept]
