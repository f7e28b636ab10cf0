"""The training run of the open document: a session in the background, looked at by a timer."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error, TrainingError
from nnstudio.project.edits import SetRun
from nnstudio.project.moves import new_names, rename
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.training.session import Session
    from nnstudio.training.snapshot import Snapshot

RunState = Literal["idle", "starting", "running", "paused"]

_LOOK_EVERY = 33  # milliseconds: nobody sees more than thirty frames a second
_MOST_POINTS = 2000
_runs = itertools.count(1)


class Run(QObject):
    """Train, pause, go on, stop. What a run has reached goes into the document as one undoable edit.

    `sentence` says how the last run ended where that needs words; `tone` is "error" or "" then.
    """

    state_changed = Signal()
    progressed = Signal()  # a newer snapshot, or new history
    refused = Signal(str)  # why nothing can be trained

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self.state: RunState = "idle"
        self.sentence = ""
        self.tone = ""
        self.culprit = ""
        """The node at which numbers stopped being finite, where that ended the last run."""
        self.session: Session | None = None
        self.snapshot: Snapshot | None = None
        self.points: NDArray[np.float64] = np.zeros((0, 2))
        """Epoch and loss of the present run, thinned to at most 2,000 rows."""
        self.goal = 0
        self.watched: Callable[[], list[str]] = list
        """Tells which quantities the studio wants to look at."""
        self._started_from: Level | None = None
        self._earlier: list[dict[str, Any]] = []
        self._number = 0
        self._wanted = False
        self._clock = (0.0, 0.0)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        document.replaced.connect(self.abandon)
        document.training_changed.connect(self._follow_rate)
        document.graph_changed.connect(self._follow_graph)
        samples.changed.connect(self._start_if_wanted)

    # -- what there is

    @property
    def active(self) -> bool:
        """Whether there is a run that is computing, or paused and may go on."""
        return self.state != "idle"

    @property
    def computing(self) -> bool:
        return self.state in ("starting", "running")

    @property
    def history(self) -> list[dict[str, Any]]:
        """One entry per epoch: those of the document, or while a run is going on its own behind them."""
        if self.session is None:
            return self._document.project.history
        mine = self.session.history
        if not mine:
            return self._earlier
        return [entry for entry in self._earlier if _epoch(entry) < _epoch(mine[0])] + list(mine)

    @property
    def epoch(self) -> float:
        """How many epochs are done, parts of one included."""
        if self.session is None or self.snapshot is None:
            history = self._document.project.history
            return _epoch(history[-1]) if history else 0.0
        status = self.snapshot.status
        return status["epoch"] + status["position"] / max(1, status["samples"])

    @property
    def steps_per_second(self) -> float:
        return float(self.snapshot.status["steps_per_second"]) if self.snapshot is not None else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By the pace of this run so far; None before there is one."""
        began, at = self._clock
        done, took = self.epoch - at, monotonic() - began
        if not self.computing or done <= 0 or took < 0.3:
            return None
        return max(0.0, (self.goal - self.epoch) * took / done)

    def why_not(self) -> str:
        """Why the document cannot be trained now, in words; empty where it can."""
        problems = self._document.problems
        errors = [each for each in problems if each.severity == "error" or each.kind == "no-criterion"]
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            return f"The graph cannot be trained yet: {errors[0].sentence.rstrip('.')}{more}."
        if not self._document.level.nodes:
            return "There is nothing to train yet: drag modules from the palette, or open an example."
        if self._samples.sentence:
            return self._samples.sentence
        return ""

    # -- commands

    def toggle(self) -> None:
        """What the Train button does: train, pause, go on."""
        if self.computing:
            self.pause()
        elif self.state == "paused":
            self.go_on()
        else:
            self.start()

    def start(self) -> None:
        """Train what is left of the settings' epochs, or as many again."""
        if self.active:
            return
        why = self.why_not()
        if why:
            self._say(why, "error")
            self.refused.emit(why)
            self.state_changed.emit()
            return
        if self._samples.loading:
            self._wanted = True
            self._say("Loading the data…", "")
            self.state_changed.emit()
            return
        project = self._document.project
        from nnstudio.training.session import Session

        try:
            self.session = Session(
                project.graph,
                self._samples.splits,
                project.training,
                weights=project.fitting_weights(),
                optimizer_state=project.optimizer_state,
                run_state=project.run_state,
            )
            self.session.watch(self.watched())
            self.session.start()
        except Error as error:
            self._drop()
            self._say(str(error), "error")
            self.refused.emit(str(error))
            self.state_changed.emit()
            return
        done, epochs = int(project.run_state.get("epoch", 0)), project.training.epochs
        self.goal = epochs if epochs > done else done + epochs
        self._started_from = project.graph.level
        self._earlier = list(project.history)
        self._number = next(_runs)
        self.snapshot = None
        self.points = np.zeros((0, 2))
        self._clock = (monotonic(), float(done))
        self._say("", "")
        self._become("starting")
        self._timer.start()

    def pause(self) -> None:
        if self.session is not None and self.computing:
            self.session.pause()

    def go_on(self) -> None:
        if self.session is not None and self.state == "paused":
            self.session.resume()
            self._clock = (monotonic(), self.epoch)
            self._become("running")
            self._timer.start()

    def stop(self) -> None:
        """End the run after the batch it is in; what it has reached stays."""
        self._wanted = False
        if self.session is not None:
            self.session.stop()
            self._timer.start()

    def rewind(self) -> None:
        """Back to the first weights of the seed, with no history; one undoable edit."""
        if not self.active and (self._document.project.weights or self._document.project.history):
            self._say("", "")
            self._document.push(SetRun(label="Rewind to the first weights"))

    def settle(self) -> None:
        """Put what the run has reached so far into the document, and let it run on."""
        if self.session is not None:
            self.session.poll()
            self._keep()

    def abandon(self) -> None:
        """End the run and forget it: the document it was of is no more."""
        self._wanted = False
        was = self.active
        self._drop()
        self._say("", "")
        if was:
            self._become("idle")

    # -- looking

    def _look(self) -> None:
        session = self.session
        if session is None:
            self._timer.stop()
            return
        known = len(session.history)
        newer = session.poll()
        if newer is not None:
            self.snapshot = newer
            self._gather(session.take_points())
        state = session.state
        if state in ("starting", "running", "paused"):
            if newer is not None or len(session.history) != known:
                self.progressed.emit()
            if state == "paused" and self.state != "paused":
                self._timer.stop()
                self._keep()
            if state != self.state:
                self._become(state)
            return
        self._finish(session)

    def _finish(self, session: Session) -> None:
        """The run has ended, in whatever way: keep what it reached and say how it went."""
        self._gather(session.take_points())
        ending, sentence = session.state, session.sentence
        culprit = str(session.problem.get("node", ""))
        if ending != "failed":
            self._keep()
        self._drop()
        words = {"finished": "", "stopped": ""}
        self._say(words.get(ending, sentence or "The training failed."), "" if ending in words else "error")
        self.culprit = culprit
        self._become("idle")

    def reached(self) -> SetRun | None:
        """What the run has reached so far, as an edit of the document; None where there is nothing."""
        session, began = self.session, self._started_from
        if session is None or began is None:
            return None
        reached = session.checkpoint()
        state = reached["run_state"]
        if not state:
            return None  # it ended before it had begun
        project = self._document.project
        names = new_names(began, project.graph.level)
        weights, _ = rename(reached["weights"], names)
        moments, _ = rename(reached["optimizer_state"], names)
        # After numbers went wrong the run stands at an earlier epoch than its last entry.
        history = [entry for entry in self.history if _epoch(entry) <= state["epoch"]]
        return SetRun({**project.weights, **weights}, moments, dict(state), history, "Train")

    def _keep(self) -> None:
        """The run so far as an edit; a later one of the same run takes its place on the undo stack."""
        edit = self.reached()
        if edit is not None:
            self._document.push(edit, merge=("run", self._number))

    def _gather(self, rows: NDArray[np.float64]) -> None:
        if len(rows):
            self.points = np.concatenate([self.points, rows[:, 1:3]])
        while len(self.points) > _MOST_POINTS:
            even = self.points[: len(self.points) // 2 * 2]
            self.points = even.reshape(-1, 2, 2).mean(axis=1)

    # -- following the document

    def _follow_rate(self) -> None:
        """The learning rate may be changed while the run goes on."""
        if self.session is not None:
            rate = self._document.project.training.lr
            running = self.snapshot.status["lr"] if self.snapshot is not None else None
            if running != rate:
                try:
                    self.session.set_lr(rate)
                except TrainingError as error:
                    self._say(str(error), "error")

    def _follow_graph(self) -> None:
        """A sentence about the graph as it was means nothing any more."""
        if not self.active and self.sentence:
            self._say("", "")
            self.state_changed.emit()

    def _start_if_wanted(self) -> None:
        if self._wanted:
            self._wanted = False
            self.start()

    def _say(self, sentence: str, tone: str) -> None:
        self.sentence, self.tone, self.culprit = sentence, tone, ""

    def _become(self, state: RunState) -> None:
        self.state = state
        self.state_changed.emit()
        self.progressed.emit()

    def _drop(self) -> None:
        self._timer.stop()
        session, self.session = self.session, None
        self.snapshot = None
        if session is not None:
            # Its process needs a moment to go, for which no window should wait.
            threading.Thread(target=session.close, name="end of training").start()
        self.state = "idle"


def _epoch(entry: dict[str, Any]) -> float:
    epoch = entry.get("epoch")
    return epoch if isinstance(epoch, int | float) else 0
