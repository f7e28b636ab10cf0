"""The loss around the weights: a slice along two directions, worked out when asked for."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from nnstudio.explain.probing import Probe
from nnstudio.explain.surface import POINTS, Kind, LossProgram, Slice, loss_slice
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.document import Document
from nnstudio.studio.explaining.work_row import Progress, WorkRow
from nnstudio.studio.formats import count, number
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.present import Present, Weights
from nnstudio.studio.learned.surface_map import SurfaceMap
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.panels.sections import text
from nnstudio.studio.samples import Samples

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("Random directions", "random"),
    ("Along the path", "principal"),
)


class SurfaceView(LearnedView):
    """What is shown holds for the weights it was worked out at; that they have changed since is said."""

    title = "Surface"

    def __init__(
        self, document: Document, samples: Samples, present: Present, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._samples, self._present = document, samples, present
        self.slice: Slice | None = None
        self._of: Weights | None = None
        self.kind = Chooser()
        self.kind.setAccessibleName("Directions")
        self.kind.addItems([words for words, _ in _KINDS])
        self.kind.setToolTip("A plane through the weights: two random directions, or the run's main two")
        self.other = QToolButton()
        self.other.setText("Other")
        self.other.setToolTip("Take two other random directions")
        self.other.setAccessibleName("Take two other random directions")
        self.other.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.other.clicked.connect(self._turn)
        self.kind.currentIndexChanged.connect(self._follow_kind)
        self._seed = 0
        self.work = WorkRow("Work out")
        self.work.begun.connect(self.work_out)
        self.work.looked.connect(self._show_draft)
        self.work.stood.connect(self._stand)
        self._working = False
        self._draft: tuple[Slice, Weights] | None = None
        self.map = SurfaceMap()
        self.map.place_changed.connect(self._say)
        self.words = text("", "dim")
        self.stale = text("", "warning")
        top = QHBoxLayout()
        top.addWidget(self.kind)
        top.addWidget(self.other)
        top.addWidget(self.work, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.work.words)
        column.addWidget(self.map, 1)
        column.addWidget(self.words)
        column.addWidget(self.stale)
        self.stale.hide()
        self._say(None)

    def suits(self, facts: Facts) -> bool:
        return facts.has_loss

    def follow(self, facts: Facts) -> None:
        """Another graph has another loss."""
        self._tell_stale(True)

    def question(self, facts: Facts) -> Question | None:
        """Only whether the weights are still those it was worked out at."""
        if self._of is None:
            return None
        known = self._of

        def ask(probe: Probe) -> bool:
            now = probe.program.parameters()
            return any(key in known and (now[key] != known[key]).any() for key in now)

        return ask

    def show_answer(self, answer: Any) -> None:
        self._tell_stale(bool(answer))

    def work_out(self) -> None:
        """In the background; every row of the slice is a step of its progress."""
        weights = self._present.weights()
        if weights is None:
            self.work.say("The weights are not ready yet: try again in a moment.")
            return
        project = self._document.project
        graph, splits, training = project.graph.copy(), self._samples.splits, project.training
        kind, seed = _KINDS[self.kind.currentIndex()][1], self._seed
        places = [place.weights for place in self._present.path.places]
        began = self._present.began

        def job(progress: Progress) -> Slice:
            program = LossProgram(graph, splits, training.dtype, training.seed)
            path = [program.start() | began, *places] if places else []
            return loss_slice(program, weights, path, kind, seed=seed, progress=progress, draft=keep)

        def keep(coarse: Slice) -> None:
            self._draft = coarse, weights

        def take(found: Slice) -> None:
            self.slice, self._of, self._draft = found, weights, None
            self.map.show_slice(found)
            self._tell_stale(False)
            self._say(None)
            self.asked.emit()

        self._draft = None
        self.work.run(job, take)

    # -- inside

    def _show_draft(self) -> None:
        """What is known so far of the slice that is being worked out."""
        draft, self._draft = self._draft, None
        if draft is None:
            return
        self.slice, self._of = draft
        self.map.show_slice(self.slice)
        self._tell_stale(False)
        self._say(None)

    def _turn(self) -> None:
        self._seed += 1
        self.work_out()

    def _stand(self, working: bool) -> None:
        self._working = working
        self._follow_kind()

    def _follow_kind(self) -> None:
        """Other directions are for random ones; beside the progress there is no room for them."""
        random = _KINDS[self.kind.currentIndex()][1] == "random"
        self.other.setVisible(random and not self._working)

    def _tell_stale(self, stale: bool) -> None:
        shown = stale and self.slice is not None
        self.stale.setVisible(shown)
        self.stale.setText("Stale: the weights have changed since this was worked out." if shown else "")

    def _say(self, place: object) -> None:
        found = self.slice
        self.words.setVisible(found is not None)
        if found is None:
            return
        if isinstance(place, tuple):
            self.words.setText(f"loss {number(float(found.losses[place]))} here, {number(found.loss)} now")
        else:
            words = f"loss {number(found.loss)} now, over {count(found.samples, 'training sample')}"
            if len(found.path):
                words += (
                    f"; {found.held:.0%} of the path's way, seen at {count(len(found.path), 'place')}, "
                    "lies in this plane"
                )
            many = len(found.losses)
            coarse = f" Coarse as yet: {many}×{many} places." if many < POINTS else ""
            self.words.setText(f"{words}.{coarse}")
        self.map.setAccessibleDescription(self.words.text())
