"""Predicted against true numbers: on the diagonal the network is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from nnstudio.explain.probing import Probe
from nnstudio.studio import theme
from nnstudio.studio.axes import dress_axes
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import number
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.judged_view import PartChooser
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.panels.sections import text
from nnstudio.training.metrics import Errors

Floats = NDArray[np.float64]
MOST_POINTS = 1500


@dataclass(frozen=True, eq=False)
class Predicted:
    """True and predicted (samples, numbers), in the data's own unit; and how far they are apart."""

    true: Floats
    predicted: Floats
    errors: dict[str, float]
    scaled: bool = False
    """Whether the network itself answers in another unit."""


class PredictedView(Dressed, LearnedView):
    title = "Predicted"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.predicted: Predicted | None = None
        self.part = PartChooser()
        self.part.chosen.connect(self.asked)
        self.which = Chooser()
        self.which.setAccessibleName("Which number")
        self.which.activated.connect(lambda _: self._paint())
        self.words = text("", "dim")
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._item: Any = self.plot.getPlotItem()
        for side, words in (("left", "predicted"), ("bottom", "true")):
            axis = self._item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, maxTickLevel=0)
            self._item.setLabel(side, words)
        self._item.getAxis("left").setWidth(64)
        self.diagonal = self.plot.plot(antialias=True)
        self.points = pg.ScatterPlotItem(size=6)
        self.plot.addItem(self.points)
        top = QHBoxLayout()
        top.addWidget(self.part)
        top.addWidget(self.which)
        top.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        self._dress()

    def suits(self, facts: Facts) -> bool:
        return facts.task == "numbers"

    def follow(self, facts: Facts) -> None:
        self.part.follow(facts)
        data = facts.dataset
        if data is None:
            return
        many = data.y.reshape(data.samples, -1).shape[1]
        names = [name or f"y{i + 1}" for i, name in enumerate(data.target_names or [""] * many)]
        if names != [self.which.itemText(row) for row in range(self.which.count())]:
            self.which.clear()
            self.which.addItems(names)
        self.which.setVisible(many > 1)

    def question(self, facts: Facts) -> Question | None:
        part, splits = facts.part(self.part.part), facts.splits
        if part is None or splits is None:
            return None

        def ask(probe: Probe) -> Predicted | None:
            data = splits.dataset
            true = np.asarray(data.y[part.indices], np.float64)
            outputs = probe.answer(part.x)
            if outputs.size != true.size:
                return None
            predicted = splits.target_scaling.undo(outputs.reshape(true.shape))
            rows, scaled = len(true), not splits.target_scaling.is_none
            errors = Errors(np.ones(()))
            errors.add(predicted, true)
            return Predicted(true.reshape(rows, -1), predicted.reshape(rows, -1), errors.result(), scaled)

        return ask

    def show_answer(self, answer: Any) -> None:
        self.predicted = answer
        self._paint()

    def _paint(self) -> None:
        found = self.predicted
        if found is None:
            self.words.setText("The answer is no number for each target.")
            self.points.setData([], [])
            return
        column = max(0, self.which.currentIndex())
        step = max(1, -(-len(found.true) // MOST_POINTS))
        true, predicted = found.true[::step, column], found.predicted[::step, column]
        finite = np.isfinite(predicted)
        self.points.setData(true[finite], predicted[finite])
        low = float(min(true.min(), predicted[finite].min(initial=np.inf)))
        high = float(max(true.max(), predicted[finite].max(initial=-np.inf)))
        room = 0.04 * ((high - low) or 1.0)
        self.diagonal.setData([low - room, high + room], [low - room, high + room])
        self._item.setXRange(low - room, high + room, padding=0)
        self._item.setYRange(low - room, high + room, padding=0)
        names = {"rmse": "RMSE", "mae": "MAE", "r2": "R²"}
        words = " · ".join(f"{names[key]} {number(value)}" for key, value in found.errors.items())
        if found.scaled:
            words += " · in the data's own unit"
        self.words.setText(words)
        self.plot.setAccessibleName(f"Predicted against true numbers: {words}")

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(c.inset)
        dress_axes(self._item)
        faint = pg.mkColor(c.forward.mark)
        faint.setAlphaF(0.6)
        self.points.setPen(pg.mkPen(None))
        self.points.setBrush(pg.mkBrush(faint))
        self.diagonal.setPen(pg.mkPen(c.dim, width=1, style=Qt.PenStyle.DashLine))
