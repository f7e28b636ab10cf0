"""The training run of the open document: a session in the background, looked at by a timer."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.project.edits import SetRun, SetTraining, Together
from nnstudio.project.kept_checkpoints import RestoreCheckpoint, checkpoints_now
from nnstudio.project.record import ended_after, epoch_of
from nnstudio.project.run_edits import RestoreRun
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.training.beginning import Beginning, maker, why_not
from nnstudio.studio.training.following import Following
from nnstudio.studio.training.origin import Origin
from nnstudio.studio.training.pace import Pace
from nnstudio.studio.training.points import Points
from nnstudio.studio.training.recording import Recording
from nnstudio.studio.training.remedy import Remedy, ScaledTargets, remedy_for
from nnstudio.training.checkpoint import joined
from nnstudio.training.identity import network_identity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnstudio.training.checkpoint import Checkpoint
    from nnstudio.training.session import Session
    from nnstudio.training.snapshot import Snapshot
    from nnstudio.training.watching import Figure

RunState = Literal["idle", "starting", "running", "paused"]

_LOOK_EVERY = 33  # milliseconds
_SHOW_EVERY = (
    0.08  # seconds: numbers that change more often cannot be read, and what draws them costs the run
)
_runs = itertools.count(1)


class Run(QObject):
    """Train, pause, go on, stop. What a run has reached goes into the document as one undoable edit.

    `sentence` says how the last run ended where that needs words; `tone` is "error" or "" then.
    """

    state_changed = Signal()
    looked = Signal()  # a newer snapshot has come: for whoever collects them; nothing is painted at this
    progressed = Signal()  # a newer snapshot, or new history; about twelve times a second
    refused = Signal(str)  # why nothing can be trained

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self.state: RunState = "idle"
        self.wish = ""
        """ "pausing" or "stopping" from when that is asked for until it is so."""
        self.sentence = ""
        self.tone = ""
        self.culprit = ""
        """The node at which numbers stopped being finite, where that ended the last run."""
        self.remedy: Remedy | ScaledTargets | None = None
        """What would mend it."""
        self.session: Session | None = None
        self.snapshot: Snapshot | None = None
        self._points = Points()
        self._pace = Pace()
        self.following = Following(document, self)
        self._figures_wanted = False
        self._last_figures: dict[str, Figure] = {}
        self.watched: Callable[[], list[str]] = list
        """Tells which quantities the studio wants to look at."""
        self._kept: list[Checkpoint] = []  # those that there were when the run began
        self._origin: Origin | None = None
        self._recording: Recording | None = None
        self._earlier: list[dict[str, Any]] = []
        self._number = 0
        self._wanted: Callable[[], None] | None = None  # what waits for the data
        self._background = Background(self)
        self._beginning: Beginning | None = None
        self._told, self._untold = 0.0, False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        document.replaced.connect(self._begin_anew)
        self.following.lengthened.connect(self._lengthen)
        self.following.refused.connect(lambda words: self._say(words, "error"))
        document.graph_changed.connect(self._follow_document)
        document.data_changed.connect(self._follow_document)
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
        return [entry for entry in self._earlier if epoch_of(entry) < epoch_of(mine[0])] + list(mine)

    @property
    def epoch(self) -> float:
        """How many epochs are done, parts of one included."""
        if self.session is None or self.snapshot is None:
            history = self._document.project.history
            return epoch_of(history[-1]) if history else 0.0
        status = self.snapshot.status
        return status["epoch"] + status["position"] / max(1, status["samples"])

    @property
    def step(self) -> int:
        """How many updates are made."""
        if self.session is None or self.snapshot is None:
            return int(self._document.project.run_state.get("step", 0))
        return int(self.snapshot.status["step"])

    @property
    def points(self) -> NDArray[np.float64]:
        """The loss of single batches up to now: rows of step, epoch, loss, learning rate, seconds."""
        return self._points.until(self.step)

    @property
    def figures(self) -> dict[str, Figure]:
        """Those of the layers in the newest snapshot; of a run that is over, where it ended."""
        if self.snapshot is not None:
            return self.snapshot.figures
        return {key: each for key, each in self._last_figures.items() if each.step == self.step}

    @property
    def steps_per_second(self) -> float:
        return float(self.snapshot.status["steps_per_second"]) if self.snapshot is not None else 0.0

    @property
    def goal(self) -> int:
        """After which epoch the run ends."""
        return self._pace.goal

    @property
    def seconds_left(self) -> float | None:
        """Until it ends, or pauses after one epoch; by its pace so far, and None before there is one."""
        return self._pace.left(self.epoch, *self._time) if self.state == "running" else None

    @property
    def share(self) -> float:
        """How much of the run is done, from 0 to 1."""
        return self._pace.share(self.epoch, *self._time)

    @property
    def _time(self) -> tuple[float, float]:
        """For how many seconds it has trained, and for how many it shall at most; 0: there is no limit."""
        trained = 0.0 if self.snapshot is None else self.snapshot.status["run_state"]["trained_seconds"]
        return trained, self._document.project.training.seconds

    @property
    def marks(self) -> list[dict[str, Any]]:
        """What was changed on the way: {"step", "epoch", "name", "from", "to"} each."""
        state = self._document.project.run_state
        if self.session is not None and self.snapshot is not None:
            state = self.snapshot.status["run_state"]
        return list(state.get("changes", ()))

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """What has been put by to go back to, the newest last."""
        if self.session is None:
            return checkpoints_now(self._document.project)
        return reduce(joined, self.session.checkpoints, self._kept)

    @property
    def network(self) -> str:
        """The mark of the network as it is drawn now, by which a checkpoint is of it or of another."""
        return network_identity(self._document.graph.flatten())

    def why_not(self) -> str:
        """Why the document cannot be trained now, in words; empty where it can."""
        return why_not(self._document, self._samples)

    # -- commands

    def toggle(self) -> None:
        """What the Train button does: train, pause, go on."""
        if self.computing:
            self.pause()
        elif self.state == "paused":
            self.go_on()
        else:
            self.start()

    def start(self, epochs: int | None = None) -> None:
        """Train so many more epochs; by default what is left of the settings', or as many again."""
        self._set_going(lambda session: session.start(epochs), more=epochs)

    def one_batch(self) -> None:
        """Train the next batch alone, and pause."""
        self._take_a_step(lambda session: session.one_batch())

    def one_epoch(self) -> None:
        """Train to the end of the present epoch, and pause."""
        self._take_a_step(lambda session: session.one_epoch())
        self._pace.halt = int(self.epoch) + 1

    def _take_a_step(self, command: Callable[[Session], None]) -> None:
        if self.session is not None and self.state == "paused":
            command(self.session)
            self._go()
        else:
            self._set_going(command)

    def _set_going(self, command: Callable[[Session], None], more: int | None = None) -> None:
        """A session for the document as it is now, with its first command; once its data are there."""
        if self.active:
            return
        why = self.why_not()
        if why:
            self._refuse(why)
            return
        project = self._document.project
        done, training = int(project.run_state.get("epoch", 0)), project.training
        self._pace.begin(training.epochs if more is None else done + more, done)
        if self._samples.loading:
            self._wanted = partial(self._set_going, command, more)
            self._say("Loading the data…", "")
            self._become("starting")
            return
        self._origin = Origin.of(project)
        if self._recording is not None:
            self._recording.deleteLater()
        self._recording = Recording(project, self)
        self._earlier = list(project.history)
        self._number = next(_runs)
        self.following.begin(training)
        self._points.keep_until(self.step)
        self.snapshot = None
        self._kept = [each for each in checkpoints_now(project) if each.epoch <= done]
        self._say("", "")
        make = maker(project, self._samples.splits, self.watched(), self._figures_wanted)
        self._beginning = Beginning(make, command)
        self._background.run(self._beginning.session, self._begun)
        self._become("starting")

    def _begun(self, session: Session | None, error: Error | None) -> None:
        """The session is there, or there can be none."""
        beginning, self._beginning = self._beginning, None
        if session is None or beginning is None:
            self._drop()
            self._refuse(str(error))
            self.progressed.emit()
            return
        self.session = session
        self._pace.go(self.epoch)
        beginning.catch_up(session)
        self.following.attach(session)
        self._timer.start()

    def pause(self) -> None:
        if self._wanted is not None:
            self.stop()  # it has not begun; Train begins it
        elif self._beginning is not None:
            self._beginning.later(lambda session: session.pause())
        elif self.session is not None and self.computing:
            self.session.pause()
            self._wish("pausing")

    def go_on(self) -> None:
        if self.session is not None and self.state == "paused":
            self.session.resume()
            self._go()

    def _go(self) -> None:
        self._pace.halt = 0
        self._pace.go(self.epoch)
        self._become("running")
        self._timer.start()

    def stop(self) -> None:
        """End the run after the batch it is in; what it has reached stays."""
        if self._wanted is not None or self._beginning is not None:
            self._drop()  # there is nothing yet to be kept
            self._say("", "")
            self._become("idle")
        elif self.session is not None:
            self.session.stop()
            self._timer.start()
            self._wish("stopping")

    def rewind(self) -> None:
        """Back to the first weights of the seed, with no history; one undoable edit."""
        if not self.active and (self._document.project.weights or self._document.project.history):
            self._say("", "")
            self._document.push(SetRun(label="Rewind to the first weights", checkpoints=()))

    def reseed(self) -> None:
        """Other first weights, and another order of samples: the next seed, with no history; one edit."""
        if self.active:
            return
        training = self._document.project.training
        self._say("", "")
        other = replace(training, seed=training.seed + 1 if training.seed < 2**63 - 1 else 0)
        label = f"Reseed to {other.seed}"
        self._document.push(Together((SetTraining(other), SetRun(checkpoints=())), label))

    def watch_figures(self, on: bool) -> None:
        """Whether snapshots hold the figures of the layers, which take a little of the run's time."""
        self._figures_wanted = on
        if self._beginning is not None:
            self._beginning.later(lambda session: session.watch_figures(on))
        elif self.session is not None:
            self.session.watch_figures(on)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Back to what the run had reached at a checkpoint; one undoable edit."""
        if not self.active:
            self._say("", "")
            self._document.push(RestoreCheckpoint(checkpoint.epoch))

    def restore_run(self, id: str) -> None:
        """The document as it was when a kept run ended; one undoable edit."""
        if not self.active and self._document.push(RestoreRun(id)):
            self._say("", "")
            self._points = Points()  # those of another run
            self.progressed.emit()

    def settle(self) -> None:
        """Put what the run has reached so far into the document, and let it run on."""
        if self.session is not None:
            self.session.poll()
            rests = self.state == "paused" and self.session.state == "paused"
            if not rests or self._document.project.run_state != self.session.checkpoint()["run_state"]:
                self._keep()  # else it was kept when it paused, and a saved document stays as it was saved

    def abandon(self) -> None:
        """End the run and forget it: the document it was of is no more."""
        was = self.active
        self._drop()
        self._say("", "")
        if was:
            self._become("idle")

    def _begin_anew(self) -> None:
        self.abandon()
        self._points, self._last_figures = Points(), {}

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
            self._points.add(session.take_points())
            self.looked.emit()
        state = session.state
        if state in ("starting", "running", "paused"):
            self._untold |= newer is not None or len(session.history) != known
            if self._untold and monotonic() >= self._told + _SHOW_EVERY:
                self._tell()
            if state == "paused" and self.state != "paused":
                self._timer.stop()
                self._keep()
            if state != self.state:
                self._become(state)
            return
        self._finish(session)

    def _finish(self, session: Session) -> None:
        """The run has ended, in whatever way: keep what it reached and say how it went."""
        self._points.add(session.take_points())
        if self.snapshot is not None:
            self._last_figures = self.snapshot.figures
            self._tell()  # what came with the end is seen too, however short the run was
        ending, sentence = session.state, session.sentence
        problem = session.problem
        if ending != "failed":
            self._keep()
        self._drop()
        well = ending in ("finished", "stopped")
        self._say(sentence if well else sentence or "The training failed.", "" if well else "error")
        self.culprit = str(problem.get("node", ""))
        self.remedy = remedy_for(problem, self._origin)
        self._become("idle")

    def mend(self) -> None:
        """Do what would mend the run that went wrong."""
        if self.remedy is not None and not self.active:
            edit = self.remedy.edit(self._document.project)
            self._say("", "")
            self._document.push(edit)
            self.state_changed.emit()

    def reached(self) -> SetRun | None:
        """What the run has reached so far, as an edit of the document; None where there is nothing."""
        return None if self.session is None else self._as_edit(self.session.checkpoint())

    def _as_edit(self, reached: dict[str, Any]) -> SetRun | None:
        if self._origin is None:
            return None
        return self._origin.reached(self._document.project, reached, self.history, self.checkpoints)

    def _keep(self) -> None:
        """The run so far as an edit; a later one of the same run takes its place on the undo stack."""
        session, recording = self.session, self._recording
        if session is None or recording is None:
            return
        reached = session.checkpoint()
        edit = self._as_edit(reached)
        if edit is None:
            return
        verb = {"stopped": "Stopped", "finished": "Finished"}.get(session.state, "Paused")
        done = int(edit.run_state["epoch"])
        outcome = session.sentence or ended_after(done, verb)
        kept = recording.kept(self._document.project, edit, reached, outcome, self.checkpoints)
        self._document.push(kept, merge=("run", self._number))

    # -- following the document

    def _lengthen(self, epochs: int) -> None:
        self._pace.lengthen(epochs, self.epoch)
        self._tell()

    def _follow_document(self) -> None:
        """A sentence about the graph as it was means nothing any more; a run that goes on keeps it."""
        if self._wanted is not None:
            return  # it begins with the document as it is then
        left_behind = self._origin.left_behind(self._document.project) if self.active and self._origin else ""
        if left_behind != self.sentence and (left_behind or self.sentence):
            self._say(left_behind, "")
            self.state_changed.emit()

    def _start_if_wanted(self) -> None:
        if self._wanted is not None:
            begin, self._wanted, self.state = self._wanted, None, "idle"
            begin()

    def _refuse(self, why: str) -> None:
        self._say(why, "error")
        self.refused.emit(why)
        self.state_changed.emit()

    def _say(self, sentence: str, tone: str) -> None:
        self.sentence, self.tone, self.culprit, self.remedy = sentence, tone, "", None

    def _wish(self, wish: str) -> None:
        """Say at once what was asked for: the batch that is being trained may take its time."""
        self.wish = wish
        self.state_changed.emit()

    def _become(self, state: RunState) -> None:
        self.state, self.wish = state, ""
        self.state_changed.emit()
        self._tell()

    def _tell(self) -> None:
        """To all who show the run; not counting the time that showing it takes."""
        self._untold = False
        self.progressed.emit()
        self._told = monotonic()

    def _drop(self) -> None:
        self._timer.stop()
        self.following.end()
        self._wanted = None
        if self._beginning is not None:
            self._background.forget()
            self._beginning.give_up()
            self._beginning = None
        session, self.session = self.session, None
        self.snapshot = None
        if session is not None:
            # Its process needs a moment to go, for which no window should wait.
            threading.Thread(target=session.close, name="end of training").start()
        self.state = "idle"
