"""Training that a lesson asks for: in the background, for so many epochs or steps, its curve kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.stage import Run as Recorded
from nnstudio.project import Project
from nnstudio.project.edits import SetRun, Together
from nnstudio.studio.background import Background

if TYPE_CHECKING:
    from nnstudio.studio.document import Document
    from nnstudio.studio.training.running import Run

Reached = SetRun | Together
Ended = Callable[[Reached | None, Recorded | None, Error | None], None]
_LOOK_EVERY = 60  # milliseconds


class Training(QObject):
    """One run at a time; what it has reached is handed over when it has ended."""

    progressed = Signal(int, int)  # steps or epochs done, of how many

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._cancelled = Event()
        self._done, self._total = 0, 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(lambda: self.progressed.emit(self._done, self._total))

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def cancel(self) -> None:
        """End it before the next step, and forget what it has reached."""
        self._cancelled.set()
        self._background.forget()
        self._timer.stop()

    def start(
        self, project: Project, epochs: int, steps: int, changes: dict[str, Any], name: str, then: Ended
    ) -> None:
        """Train where the project stands; `changes` to its settings hold for this run alone."""
        if self.running:
            raise LessonError("it is being trained already.")
        cancelled = self._cancelled = Event()
        self._done, self._total = 0, epochs or steps
        copy = _copied(project)

        def job() -> tuple[Reached, Recorded]:
            return self._train(copy, epochs, steps, changes, name, cancelled)

        def ended(reached: tuple[Reached, Recorded] | None, error: Error | None) -> None:
            self._timer.stop()
            edit, run = reached or (None, None)
            then(edit, run, error)

        self._timer.start()
        self._background.run(job, ended)

    def _train(
        self, project: Project, epochs: int, steps: int, changes: dict[str, Any], name: str, cancelled: Event
    ) -> tuple[Reached, Recorded]:
        from nnstudio.project.run import kept_run, run_of, trainer_of

        trainer = trainer_of(project, replace(project.training, **changes))
        first, begun = trainer.step, len(trainer.history)
        losses: list[float] = []
        run = trainer.steps(trainer.epoch + (epochs or 1_000_000))
        try:
            for entry in run:
                if cancelled.is_set():
                    raise LessonError("the training was given up.")
                loss = trainer.recent_loss()
                if loss is not None:
                    losses.append(loss)
                self._done = trainer.step - first if steps else len(trainer.history) - begun
                # The last batch of an epoch ends it too.
                ended = trainer.position < trainer.samples or entry is not None
                if steps and trainer.step - first >= steps and ended:
                    break
        finally:
            run.close()
        recorded = Recorded(name, tuple(losses), tuple(trainer.history[begun:]))
        return kept_run(project, trainer) if name else run_of(project, trainer), recorded


class Recorder(QObject):
    """Watches the window's own training run, so that a curve that a lesson asks for is kept of it too."""

    recorded = Signal(object, object)  # a Run without a name, and the project as it was before

    def __init__(self, document: Document, run: Run, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self._before: Project | None = None
        run.state_changed.connect(self._follow)

    def _follow(self) -> None:
        if self._run.computing:
            if self._before is None:
                self._before = _copied(self._document.project)
        elif not self._run.active and self._before is not None:
            before, self._before = self._before, None
            entries = tuple(self._document.project.history[len(before.history) :])
            losses = tuple(float(entry["train_loss"]) for entry in entries if "train_loss" in entry)
            if entries:
                self.recorded.emit(Recorded("", losses, entries), before)


def _copied(project: Project) -> Project:
    """For a thread: the window may change the project meanwhile. Arrays are never written to."""
    copy = Project(project.graph.copy(), data=project.data, training=project.training)
    copy.weights, copy.optimizer_state = dict(project.weights), dict(project.optimizer_state)
    copy.run_state, copy.history = dict(project.run_state), list(project.history)
    copy.path = project.path
    return copy
