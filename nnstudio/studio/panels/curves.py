"""A plot of one measure over the epochs, training and validation, each named in its own colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from nnstudio.studio import theme
from nnstudio.studio.formats import number

Numbers = NDArray[np.float64]

MOST_POINTS = 2000
_LOW = 84
"""Pixels: in a lower plot there is no room for words."""


class CurvePlot(QFrame):
    """Training in the forward blue, validation in vermillion; `noise` is what single batches gave.

    The last value of each curve is written into the plot in its colour, in the corner that such curves leave
    free: a loss falls, an accuracy rises.
    """

    def __init__(
        self, title: str, percent: bool = False, rises: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rises = rises
        self.setProperty("kind", "box")
        self.setAccessibleName(f"Curves of {title}")
        self._percent = percent
        self.title = QLabel(title)
        self.title.setProperty("kind", "strong")
        self.title.setContentsMargins(12, 6, 12, 0)
        self.plot = pg.PlotWidget()
        self._item: Any = self.plot.getPlotItem()
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAccessibleName(title)
        self.plot.setAntialiasing(True)
        self.plot.setStyleSheet("background: transparent;")
        self._item.getAxis("bottom").setStyle(tickAlpha=0)
        item = self._item
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        item.getAxis("left").setWidth(44)
        item.getAxis("bottom").setHeight(20)
        item.setContentsMargins(0, 4, 12, 0)
        item.getViewBox().setDefaultPadding(0.04)
        self.noise_curve = self.plot.plot(antialias=True)
        self.training_curve = self.plot.plot(antialias=True)
        self.validation_curve = self.plot.plot(antialias=True)
        self.nothing = QLabel(self.plot)
        self.nothing.setProperty("kind", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.plot, 1)
        self.setMinimumSize(120, 80)
        self.training, self.validation = QLabel(self), QLabel(self)
        for label in (self.training, self.validation):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._dress()
        self.show_curves([], [], [], None)

    def show_curves(
        self,
        epochs: Sequence[float],
        training: Sequence[float],
        validation: Sequence[float],
        noise: Numbers | None,
        most: float = 0.0,
    ) -> None:
        """Draw; a list that is empty draws nothing. `most` is how far the epochs are to go."""
        x = np.asarray(epochs, dtype=np.float64)
        for curve, values, label, name in (
            (self.training_curve, training, self.training, "training"),
            (self.validation_curve, validation, self.validation, "validation"),
        ):
            y = np.asarray(values, dtype=np.float64) * (100.0 if self._percent else 1.0)
            shown = min(len(x), len(y))
            curve.setData(*thinned(x[:shown], y[:shown]), symbol="o" if shown == 1 else None)
            label.setProperty("name", name)
            label.setProperty("value", self._worded(y[shown - 1]) if shown else "")
            label.setVisible(bool(shown))
        batches = np.zeros((0, 2)) if noise is None else noise[np.isfinite(noise).all(axis=1)]
        self.noise_curve.setData(batches[:, 0], batches[:, 1])
        if len(batches) and not len(training):
            self.training.setProperty("value", self._worded(batches[-1, 1]))
            self.training.setVisible(True)
        last = max([*x[-1:], *batches[-1:, 0], 1.0])
        self._item.setXRange(0, max(most, last), padding=0)
        empty = not len(x) and not len(batches)
        for side in ("left", "bottom"):
            self._item.getAxis(side).setVisible(not empty)
        self.nothing.setVisible(empty)
        self._place()

    def _worded(self, value: float) -> str:
        return f"{value:.1f} %" if self._percent else number(float(value))

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(None)
        item = self._item
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(c.dim)
            axis.setTickFont(theme.font(11))
        item.showGrid(x=False, y=True, alpha=0.25 if c.name == "dark" else 0.18)
        item.getAxis("left").setTickPen(pg.mkPen(c.dim, style=Qt.PenStyle.DotLine))
        faint = pg.mkColor(c.forward.mark)
        faint.setAlphaF(0.35)
        self.noise_curve.setPen(pg.mkPen(faint, width=1))
        for curve, accent, label in (
            (self.training_curve, c.forward, self.training),
            (self.validation_curve, c.backward, self.validation),
        ):
            curve.setPen(pg.mkPen(accent.mark, width=2))
            curve.setSymbolPen(pg.mkPen(accent.mark))
            curve.setSymbolBrush(accent.mark)
            curve.setSymbolSize(6)
            label.setStyleSheet(f"color: {accent.text};")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """The labels into their corner, above each other and flush right."""
        self.nothing.setGeometry(self.plot.rect())
        shown = [label for label in (self.training, self.validation) if not label.isHidden()]
        right, top = self.width() - 14, self.plot.y() + 4
        low = self.plot.height() < _LOW
        for row, label in enumerate(shown):
            name, value = label.property("name"), label.property("value")
            label.setText(value if low else f"{name} {value}")
            label.adjustSize()
            if self._rises:
                top = self.plot.y() + self.plot.height() - 26 - 18 * len(shown)
            label.move(right - label.width(), top + 18 * row)
        if low:  # beside the title, without their names, which the colours still tell
            for label in reversed(shown):
                label.move(right - label.width(), self.title.y() + 6)
                right -= label.width() + 10

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "training_curve"):
            theme.dress_later(self, self._dress)
        super().changeEvent(event)


def thinned(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """At most MOST_POINTS of a curve: of every stretch its lowest and its highest point, so that every peak
    stays.
    """
    if len(x) <= MOST_POINTS:
        return x, y
    stretch = -(-len(x) // (MOST_POINTS // 2))
    whole = len(x) // stretch * stretch
    rows = y[:whole].reshape(-1, stretch)
    starts = np.arange(len(rows)) * stretch
    filled = np.where(np.isfinite(rows), rows, 0)
    picked = np.sort(np.stack([starts + filled.argmin(axis=1), starts + filled.argmax(axis=1)]), axis=0)
    kept = np.unique(np.append(picked.T.ravel(), len(x) - 1))
    return x[kept], y[kept]
