"""The fitted curve: what the network answers along its one input, over the data's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from nnstudio.data import Scaling
from nnstudio.explain.probing import Probe
from nnstudio.explain.regions import MOST_COUNTED, counted, folds, most_regions
from nnstudio.studio import theme
from nnstudio.studio.axes import dress_axes
from nnstudio.studio.colours import category
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count, number
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.panels.sections import text
from nnstudio.studio.plot_pen import plot_pen

Floats = NDArray[np.float64]
PLACES = 301
MOST_POINTS = 800
_MOST_CURVES = 10


@dataclass(frozen=True, eq=False)
class Fitted:
    """`y` (places, outputs) along `x`, both in the data's own unit; `kinks` where units of the first layer
    change.
    """

    x: Floats
    y: Floats
    kinks: Floats
    sentence: str


class CurveView(Dressed, LearnedView):
    title = "Fitted curve"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Facts | None = None
        self._of: object = None
        self.fitted: Fitted | None = None
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAntialiasing(True)
        self._item: Any = self.plot.getPlotItem()
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, maxTickLevel=0)
        self._item.getAxis("left").setWidth(48)
        self.others = pg.ScatterPlotItem(size=6)
        self.points = pg.ScatterPlotItem(size=6)
        for scatter in (self.others, self.points):
            self.plot.addItem(scatter)
        self.curves = [self.plot.plot(antialias=True) for _ in range(_MOST_CURVES)]
        self.kinks = pg.PlotDataItem(connect="pairs")
        self._item.addItem(self.kinks, ignoreBounds=True)
        self.words = text("", "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        column.addWidget(self.words)
        self._dress()

    def suits(self, facts: Facts) -> bool:
        return facts.width == 1

    def follow(self, facts: Facts) -> None:
        self._facts = facts
        if self._of is not facts.splits:
            self._of = facts.splits
            self._show_points(facts)

    def question(self, facts: Facts) -> Question | None:
        splits = facts.splits
        scaling = Scaling.none() if splits is None else splits.scaling
        classes = facts.task == "classes"
        low, high = self._range(facts)
        shape = facts.input_shape

        def ask(probe: Probe) -> Fitted:
            x = np.linspace(low, high, PLACES)
            outputs = probe.answer(scaling.apply(x.reshape(-1, *shape), probe.program.dtype))
            y = np.asarray(outputs.reshape(len(x), -1), np.float64)
            if classes:
                shares = facts.answers(probe).shares(outputs)
                y = shares[:, 1:] if shares.shape[1] == 2 else shares
            elif splits is not None and splits.target_scaling.factor.size in (1, y.shape[1]):
                y = splits.target_scaling.undo(y)
            units = [fold for fold in folds(probe, 1) if fold.kinked]
            own = [fold for fold in units if fold.node == units[0].node]
            places = np.array([-fold.offset / fold.slope[0] for fold in own if not fold.flat])
            return Fitted(x, y, scaling.undo(places.reshape(-1, 1)).reshape(-1), _pieces(own))

        return ask

    def show_answer(self, answer: Any) -> None:
        fitted: Fitted = answer
        self.fitted = fitted
        for number_, curve in enumerate(self.curves):
            shown = number_ < fitted.y.shape[1]
            curve.setVisible(shown)
            if shown:
                curve.setData(fitted.x, fitted.y[:, number_])
        inside = fitted.kinks[(fitted.kinks >= fitted.x[0]) & (fitted.kinks <= fitted.x[-1])]
        self._item.setXRange(float(fitted.x[0]), float(fitted.x[-1]), padding=0)
        finite = fitted.y[np.isfinite(fitted.y)]
        low, high = self._heights()
        low, high = min(low, float(finite.min(initial=low))), max(high, float(finite.max(initial=high)))
        room = 0.06 * ((high - low) or 1.0)
        self._item.setYRange(low - room, high + room, padding=0)
        self.kinks.setData(np.repeat(inside, 2), np.tile([low - room, low + room], len(inside)))
        self.words.setText(fitted.sentence)
        self.words.setVisible(bool(fitted.sentence))
        self.plot.setAccessibleName(
            f"Fitted curve from {number(float(fitted.x[0]))} to {number(float(fitted.x[-1]))}. "
            f"{fitted.sentence}"
        )

    # -- inside

    def _range(self, facts: Facts) -> tuple[float, float]:
        if facts.dataset is None:
            return -8.0, 8.0
        x = facts.dataset.x
        low, high = float(x.min()), float(x.max())
        room = 0.05 * ((high - low) or 1.0)
        return low - room, high + room

    def _heights(self) -> tuple[float, float]:
        """The range of the data's targets."""
        dataset = None if self._facts is None else self._facts.dataset
        if dataset is None or self._facts is None or self._facts.task == "none":
            return 0.0, 0.0
        return (0.0, 1.0) if dataset.task == "classes" else (float(dataset.y.min()), float(dataset.y.max()))

    def _show_points(self, facts: Facts) -> None:
        splits = facts.splits
        if splits is None or facts.task == "none":
            self.points.setData([], [])
            self.others.setData([], [])
            return
        data = splits.dataset
        step = max(1, -(-data.samples // MOST_POINTS))
        x = np.asarray(data.x, np.float64).reshape(data.samples, -1)[:, 0]
        y = np.asarray(data.y, np.float64).reshape(data.samples, -1)
        if data.task == "classes" and data.classes > 2:
            y = np.zeros_like(y)
        trained = splits.train.indices[::step]
        others = np.concatenate([splits.validation.indices, splits.test.indices])[::step]
        self.points.setData(x[trained], y[trained, 0])
        self.others.setData(x[others], y[others, 0])
        self._item.setLabel("bottom", data.feature_names[0] if data.feature_names else "x")

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(c.inset)
        dress_axes(self._item, labelled=False)
        faint = pg.mkColor(c.dim)
        faint.setAlphaF(0.55)
        self.points.setPen(pg.mkPen(None))
        self.points.setBrush(pg.mkBrush(faint))
        ratio = self.devicePixelRatioF()
        self.others.setPen(pg.mkPen(faint, width=1))
        self.others.setBrush(pg.mkBrush(None))
        for number_, curve in enumerate(self.curves):
            tint = c.forward.mark if number_ == 0 else category(number_ + 1, c)
            curve.setPen(plot_pen(tint, 2.5, ratio))
        self.kinks.setPen(plot_pen(c.update.mark, 2, ratio))


def _pieces(units: list[Any]) -> str:
    """Into how many pieces the units cut the line, and how many there could be."""
    n = len(units)
    if not n:
        return ""
    if n > MOST_COUNTED:
        return f"{units[0].node} has {count(n, 'unit')}: pieces are counted up to {MOST_COUNTED}."
    return (
        f"The {count(n, 'kink')} of {units[0].node} cut the line into {count(counted(units), 'piece')}, "
        f"of at most 1 + {n:,} = {most_regions(n, 1):,}."
    )
