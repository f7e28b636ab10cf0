"""The test of learning rates: the loss while the rate rises, what that suggests, and why."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.project.edits import SetTraining
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.panels.sections import text
from nnstudio.studio.plot_pen import plot_pen
from nnstudio.studio.samples import Samples
from nnstudio.training.rate_test import HIGHEST, LOWEST, RateTest

if TYPE_CHECKING:
    from nnstudio.graph import Graph

_LOOK_EVERY = 50  # milliseconds


class _Test:
    """A test in its thread."""

    def __init__(self, make: Callable[[], RateTest]) -> None:
        self._make = make
        self.test: RateTest | None = None
        self.share = 0.0
        self.sentence = ""
        self.cancelled = threading.Event()
        self.over = threading.Event()
        threading.Thread(target=self._work, name="nnstudio rate test").start()

    def _work(self) -> None:
        try:
            self.test = self._make()
            for share in self.test.run():
                self.share = share
                if self.cancelled.is_set():
                    break
        except Error as error:
            self.sentence = str(error)
        except Exception as fault:  # of ours; the window must not wait for ever
            self.sentence = f"The studio itself failed ({type(fault).__name__}: {fault})."
        finally:
            self.over.set()


class RateDialog(Dressed, QDialog):
    """Trains a copy from the first weights of the seed: the document changes when its result is used."""

    def __init__(
        self, document: Document, samples: Samples, why_not: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._samples, self._why_not = document, samples, why_not
        self._running: _Test | None = None
        self.suggestion: float | None = None
        self.setWindowTitle("Test of learning rates")
        self.resize(560, 460)
        self.lowest, self.highest = QLineEdit(f"{LOWEST:g}"), QLineEdit(f"{HIGHEST:g}")
        self.lowest.setAccessibleName("Lowest rate")
        self.highest.setAccessibleName("Highest rate")
        self.start = QPushButton("Start")
        self.start.setProperty("kind", "primary")
        self.start.setDefault(True)
        self.start.clicked.connect(self._start)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self._cancel)
        self.cancel.hide()
        above = QHBoxLayout()
        above.setSpacing(8)
        for words, field in (("From", self.lowest), ("to", self.highest)):
            label = QLabel(words)
            label.setBuddy(field)
            field.setFixedWidth(88)
            above.addWidget(label)
            above.addWidget(field)
        above.addStretch(1)
        above.addWidget(self.cancel)
        above.addWidget(self.start)
        self.plot: Any = pg.PlotWidget(enableMenu=False)
        self._prepare_plot()
        frame = QFrame()
        frame.setProperty("kind", "plot")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(4, 8, 8, 4)
        inside.addWidget(self.plot)
        self.words = text("A copy is trained with one batch at each rate, from the lowest on.", "dim")
        self.words.setAccessibleName("What the test found")
        self.use = QPushButton("Use it")
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._use)
        self.use.hide()
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addLayout(above)
        column.addWidget(frame, 1)
        column.addLayout(foot)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        document.replaced.connect(self.abandon)
        self._dress()

    @property
    def active(self) -> bool:
        return self._running is not None

    def abandon(self) -> None:
        """End what is under way."""
        self._timer.stop()
        if self._running is not None:
            self._running.cancelled.set()
            self._running = None
        self._stand(False)

    def _stand(self, active: bool) -> None:
        """Cancel stands beside Start, and not in its place: a second click must not undo the first."""
        at_start, at_cancel = self.start.hasFocus(), self.cancel.hasFocus()
        self.cancel.setVisible(active)
        if at_start and active:
            self.cancel.setFocus()
        self.start.setEnabled(not active)
        if at_cancel and not active:
            self.start.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self.abandon()
        super().hideEvent(event)

    def _cancel(self) -> None:
        self.abandon()
        self.words.setText("Cancelled.")

    def _start(self) -> None:
        try:
            lowest, highest = float(self.lowest.text()), float(self.highest.text())
        except ValueError:
            self.words.setText("A rate is a number, such as 0.001.")
            return
        why = self._why_not() or ("The data are being loaded." if self._samples.loading else "")
        if why:
            self.words.setText(why)
            return
        graph: Graph = self._document.graph.copy()
        splits, training = self._samples.splits, self._document.project.training
        self.suggestion = None
        self.use.hide()
        self._stand(True)
        self._running = _Test(lambda: RateTest(graph, splits, training, lowest=lowest, highest=highest))
        self._timer.start()

    def _look(self) -> None:
        running = self._running
        if running is None:
            return
        over, test = running.over.is_set(), running.test
        if test is not None:
            self._draw(test)
        if not over:
            self.words.setText(f"{100 * running.share:.0f} % of the rates are tried…")
            return
        self.abandon()
        self.words.setText(running.sentence or (test.sentence if test is not None else ""))
        self.suggestion = None if test is None else test.suggestion
        self._suggest()

    def _suggest(self) -> None:
        self.use.setVisible(self.suggestion is not None)
        self.mark.setVisible(self.suggestion is not None)
        if self.suggestion is not None:
            self.use.setText(f"Use {self.suggestion:g}")
            self.use.setToolTip(f"Train with a learning rate of {self.suggestion:g} (can be undone)")
            self.mark.setValue(float(np.log10(self.suggestion)))
            self.use.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use(self) -> None:
        if self.suggestion is not None:
            training = replace(self._document.project.training, lr=self.suggestion)
            self._document.push(SetTraining(training, f"Use a learning rate of {self.suggestion:g}"))
            self.words.setText(f"The learning rate is {self.suggestion:g} now.")
            self.use.hide()

    # -- the plot

    def _prepare_plot(self) -> None:
        self.plot.setAccessibleName("Loss against learning rate")
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setLogMode(x=True, y=False)
        self.plot.setStyleSheet("background: transparent;")
        self.raw: Any = self.plot.plot()
        self.smooth: Any = self.plot.plot()
        self.mark: Any = pg.InfiniteLine(angle=90)
        self.mark.hide()
        self.plot.addItem(self.mark)

    def _draw(self, test: RateTest) -> None:
        # The thread appends to these lists one after the other: as far as all of them have come.
        known = len(test.smoothed)
        rates, losses, smoothed = test.rates[:known], test.losses[:known], test.smoothed[:known]
        self.mark.hide()
        self.raw.setData(rates, losses)
        self.smooth.setData(rates, smoothed)
        if known:
            first, low = smoothed[0], min(smoothed)
            top = max(first, float(np.median(losses))) + 0.5 * max(first - low, 1e-12)
            self.plot.setYRange(low - 0.1 * (top - low), top, padding=0)

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(None)
        item: Any = self.plot.getPlotItem()
        for side, words in (("left", "loss"), ("bottom", "learning rate")):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(c.border))
            axis.setTextPen(c.dim)
            axis.setTickFont(theme.font(11))
            axis.enableAutoSIPrefix(False)
            axis.setLabel(words, color=c.dim)
        ratio = self.devicePixelRatioF()
        self.raw.setPen(plot_pen(c.faint, 1, ratio))
        self.smooth.setPen(plot_pen(c.forward.mark, 2, ratio))
        self.mark.setPen(plot_pen(c.update.mark, 2, ratio, Qt.PenStyle.DashLine))
