"""The panel "What it learned": a row of views, those that suit the task and the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from time import thread_time
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.explain.probing import Probe
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document
from nnstudio.studio.learned.boundary_view import BoundaryView
from nnstudio.studio.learned.confusion_view import ConfusionView
from nnstudio.studio.learned.curve_view import CurveView
from nnstudio.studio.learned.drawing_view import DrawingView
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.mistakes_view import MistakesView
from nnstudio.studio.learned.predicted_view import PredictedView
from nnstudio.studio.learned.present import Present
from nnstudio.studio.learned.surface_view import SurfaceView
from nnstudio.studio.learned.view import LearnedView
from nnstudio.studio.learned.weights_view import WeightsView
from nnstudio.studio.panels.sections import text
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.stepper import Stepper

_QUIET = 15  # milliseconds: what comes together is shown together
_LIVE = 100  # milliseconds between two looks at a run
_REST = 20
"""After a look at a run, so many times as long passes before the next: it takes less than 5 % of one core."""

NOTHING = (
    "Here you see what the network makes of its data: boundaries, fitted curves, weights as pictures, "
    "mistakes, the loss around its weights.\n"
)


class LearnedPanel(QWidget):
    """Asks a network of its own, in a thread, and at most ten times a second while training goes on."""

    said = Signal(str)  # a sentence for the status line

    def __init__(
        self,
        document: Document,
        samples: Samples,
        stepper: Stepper,
        present: Present,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("What it learned")
        self._document, self._samples, self._stepper = document, samples, stepper
        self.present = present
        self._background = Background(self)
        self._probe: tuple[tuple[object, ...], Probe] | None = None
        self.took = 0.0
        """Seconds of computing that the last look took in its thread."""
        self._waiting = False
        self._wished: LearnedView | None = None
        self.facts = Facts.of(document, samples)
        self._stale = True
        self.boundary = BoundaryView()
        self.curve = CurveView()
        self.drawing = DrawingView()
        self.confusion = ConfusionView()
        self.mistakes = MistakesView()
        self.predicted = PredictedView()
        self.weights = WeightsView()
        self.surface = SurfaceView(document, samples, self.present)
        self.views: Sequence[LearnedView] = (
            self.boundary,
            self.curve,
            self.predicted,
            self.drawing,
            self.confusion,
            self.mistakes,
            self.weights,
            self.surface,
        )
        for judged in (self.confusion, self.mistakes):
            judged.opened.connect(self._step_with)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Views of what it learned")
        self.tabs.setProperty("kind", "small")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.where = QLabel()
        self.where.setProperty("kind", "dim")
        self.pages = QStackedWidget()
        self.nothing = text("", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for view in self.views:
            self.tabs.addTab(view.title)
            self.pages.addWidget(view)
            view.asked.connect(self._ask_at_once)
        self.pages.addWidget(self.nothing)
        top = QHBoxLayout()
        top.addWidget(self.tabs, 1)
        top.addWidget(self.where)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 4)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.pages, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)
        self.tabs.currentChanged.connect(self._show_view)
        document.graph_changed.connect(self._forget)
        document.training_changed.connect(self._forget)
        document.data_changed.connect(self._forget)
        samples.changed.connect(self._forget)
        self.present.changed.connect(self.follow_soon)
        self._follow_facts()

    # -- which views there are

    @property
    def view(self) -> LearnedView | None:
        """The one that is seen; None where nothing can be shown."""
        shown = self.pages.currentWidget()
        return shown if isinstance(shown, LearnedView) else None

    def show_view(self, view: QWidget) -> None:
        """Bring a view to the front; one that suits only what is still being loaded, once it does."""
        index = self.pages.indexOf(view)
        self._wished = None if self.tabs.isTabVisible(index) and not self._stale else self.views[index]
        if self.tabs.isTabVisible(index):
            self.tabs.setCurrentIndex(index)

    def _forget(self) -> None:
        """The graph or the data are others: other views may suit them."""
        self._stale = True
        self.follow_soon()

    def _follow_facts(self) -> None:
        self._stale = False
        self.facts = Facts.of(self._document, self._samples)
        suited = [view.suits(self.facts) for view in self.views]
        for number, suits in enumerate(suited):
            self.tabs.setTabVisible(number, suits)
            if suits:
                self.views[number].follow(self.facts)
        if self._wished is not None and suited[self.views.index(self._wished)]:
            self.tabs.setCurrentIndex(self.views.index(self._wished))
            self._wished = None
        current = self.tabs.currentIndex()
        if any(suited) and (current < 0 or not suited[current]):
            self.tabs.setCurrentIndex(suited.index(True))
        self._say_nothing("" if any(suited) else NOTHING + self._needed())

    def _needed(self) -> str:
        if not self._document.level.nodes:
            return "Draw a network first, or open an example."
        if self.facts.splits is None:
            return self._samples.sentence or "Choose data for it in the Data panel."
        return "Join an Input to modules and a criterion, so that there is an answer."

    def _say_nothing(self, sentence: str) -> None:
        self.nothing.setText(sentence)
        self.tabs.setVisible(any(self.tabs.isTabVisible(each) for each in range(self.tabs.count())))
        self.pages.setCurrentWidget(
            self.nothing if sentence else self.views[max(0, self.tabs.currentIndex())]
        )

    def _show_view(self, index: int) -> None:
        if index >= 0 and self.tabs.isTabVisible(index):
            self.pages.setCurrentIndex(index)
            self._ask_at_once()

    def _step_with(self, part: str, place: int) -> None:
        """Feed the stepper a sample of the gallery; it has only those of the training part."""
        if part != "training":
            self.said.emit("The program steps with training samples: choose Training to step with one.")
        elif self.present.live:
            self.said.emit("Pause the training to step with a sample.")
        else:
            self._stepper.feed_from(place)
            self._stepper.set_sample(0)
            self.said.emit(f"The program has training sample {place + 1:,} now.")

    # -- asking

    def follow_soon(self) -> None:
        """There may be something else to see; while training goes on, not more often than the pace allows."""
        if self.isVisible() and not self._soon.isActive():
            rest = max(_LIVE, _REST * 1000 * self.took) if self.present.live else _QUIET
            self._soon.start(int(rest))

    def _ask_at_once(self) -> None:
        if self.isVisible():
            self._soon.start(0)

    def _say_where(self) -> None:
        """In a word, so that all views have room beside it; the tip says more."""
        self.where.setText(self.present.word())
        words = f"The weights that are shown: {self.present.words()}"
        self.where.setToolTip(words)
        self.where.setAccessibleName(words)

    def _ask(self) -> None:
        if self._stale:
            self._follow_facts()
        self._say_where()
        index = self.tabs.currentIndex()
        if self._background.busy:
            self._waiting = True
            return
        if index < 0 or not self.tabs.isTabVisible(index):
            return
        view, facts = self.views[index], self.facts
        question, weights = view.question(facts), self.present.weights()
        if question is None or weights is None:
            return
        project = self._document.project
        key = (self._document.level.structure, project.training.dtype, project.training.seed)
        known = self._probe[1] if self._probe is not None and self._probe[0] == key else None
        graph = project.graph.copy() if known is None else project.graph

        def job() -> tuple[Probe, Any, float]:
            began = thread_time()
            probe = known or Probe(graph, project.training.dtype, project.training.seed)
            probe.load(weights)
            return probe, question(probe), thread_time() - began

        def then(result: Any, error: Error | None) -> None:
            if error is not None:
                self._probe = None
                self._say_nothing(str(error))
            else:
                probe, answer, self.took = result
                self._probe = (key, probe)
                if facts is self.facts:
                    self._say_nothing("")
                    view.show_answer(answer)
            if self._waiting:
                self._waiting = False
                self.follow_soon()

        self._background.run(job, then)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_at_once()
