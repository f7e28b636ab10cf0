"""The curves that a lesson has kept, one over the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnstudio.lessons.stage import Run
from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import number
from nnstudio.studio.training.line import thinned

_TINTS = ("purple", "yellow", "green", "grey", "orange", "blue")
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_LINE = 20


class RunsPlot(Dressed, QWidget):
    """The loss over the epochs: faint that of each update, strong that of each epoch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: tuple[Run, ...] = ()
        self.plot = pg.PlotWidget(enableMenu=False)
        self._item: Any = self.plot.getPlotItem()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAntialiasing(True)
        self.plot.setStyleSheet("background: transparent;")
        self.plot.setFixedHeight(168)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        self._item.getAxis("left").setWidth(32)
        self._item.getAxis("bottom").setHeight(20)
        self.names = _Names()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 4, 20, 4)
        column.setSpacing(4)
        column.addWidget(self.plot)
        column.addWidget(self.names)
        self._dress()

    def show_runs(self, runs: Mapping[str, Run]) -> None:
        """Draw them, in the order in which they were trained."""
        wanted = tuple(runs.values())
        if wanted != self.runs:
            self.runs = wanted
            self._draw()
        last = [f"{run.name} {number(loss)}" for run in wanted for loss in _by_epoch(run)[-1:]]
        self.setAccessibleName(f"Loss over the epochs: {', '.join(last) or 'nothing trained yet'}")

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(None)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(c.dim)
            axis.setTickFont(theme.font(11))
        self._item.showGrid(x=False, y=True, alpha=0.25 if c.name == "dark" else 0.18)
        self._item.getAxis("left").setTickPen(pg.mkPen(c.dim, style=Qt.PenStyle.DotLine))
        self._draw()

    def _draw(self) -> None:
        self._item.clear()
        highest = 0.0
        for place, run in enumerate(self.runs):
            losses, epochs = np.asarray(run.losses, np.float64), _by_epoch(run)
            if len(losses) > len(epochs) > 0:
                faint = _pen(place)
                tint = faint.color()
                tint.setAlphaF(0.28 if len(losses) < 200 else 0.1)
                at = np.arange(1, len(losses) + 1) * len(epochs) / len(losses)
                self._item.plot(*thinned(at, losses), pen=pg.mkPen(tint, width=1), antialias=True)
        for place, run in enumerate(self.runs):
            epochs = _by_epoch(run)
            highest = max(highest, float(np.max(epochs, initial=0.0)))
            self._item.plot(np.arange(1, len(epochs) + 1), epochs, pen=_pen(place), antialias=True)
        # Single updates reach far above: what is compared are the epochs.
        self._item.setYRange(0, 1.25 * highest or 1.0, padding=0)
        self.names.show_runs(self.runs)


class _Names(QWidget):
    """Under the plot, a line for each curve: how it is drawn, its name, and its last loss."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[Run, ...] = ()

    def show_runs(self, runs: tuple[Run, ...]) -> None:
        self._runs = runs
        self.setFixedHeight(_LINE * len(runs))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _LINE * len(self._runs))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        for place, run in enumerate(self._runs):
            box = QRectF(0, place * _LINE, self.width(), _LINE)
            painter.setPen(_pen(place))
            painter.drawLine(QPointF(0, box.center().y()), QPointF(24, box.center().y()))
            painter.setPen(QColor(theme.colours().text))
            words = box.adjusted(32, 0, 0, 0)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), run.name)
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            for loss in _by_epoch(run)[-1:]:
                painter.drawText(words, right, number(float(loss)))
        painter.end()


def _by_epoch(run: Run) -> list[float]:
    return [float(entry["train_loss"]) for entry in run.entries if "train_loss" in entry]


def _pen(place: int) -> QPen:
    """Curves differ in colour and in dashes; these colours mean nothing elsewhere."""
    pen = QPen(QColor(theme.colours().frame(_TINTS[place % len(_TINTS)]).text), 2)
    pen.setStyle(_DASHES[place % len(_DASHES)])
    pen.setCosmetic(True)
    return pen
