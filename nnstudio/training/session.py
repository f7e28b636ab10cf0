"""Session: a trainer in the background, with commands to it and snapshots from it, and no waiting."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from time import monotonic, sleep
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.parting import Splits
from nnstudio.errors import TrainingError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData, bind
from nnstudio.training.carriers import Carrier, ProcessCarrier, ThreadCarrier
from nnstudio.training.changes import checked_change
from nnstudio.training.checkpoint import Checkpoint, joined
from nnstudio.training.goal import Goal, Reached
from nnstudio.training.identity import FITTED
from nnstudio.training.job import Job
from nnstudio.training.loop import Message
from nnstudio.training.settings import TrainingSettings, checked
from nnstudio.training.snapshot import POINT, Snapshot, SnapshotLayout, SnapshotReader
from nnstudio.training.trainer import Entry

Array = NDArray[Any]
State = Literal[
    "new", "starting", "running", "paused", "stopped", "finished", "diverged", "failed", "died", "closed"
]


class Session:
    """Trains in a process of its own, or in a thread where no process can be started.

    The graph is copied and the data bound when the session is made, so that later edits do not reach it; what
    does not fit raises DataError or TrainingError then. After that nothing raises and nothing waits:
    `poll()`, called by a timer, takes in what the run has told, and `state` and `sentence` say how it stands:

    new, starting             not yet begun; the process is coming up
    running, paused, stopped  as the last command left it
    finished                  the epochs that were asked for are done
    diverged                  a loss or a gradient was not finite; the last good weights stand (see `problem`)
    failed                    it could not run; `sentence` says why
    died                      the process is gone; the last snapshot is kept, and start() goes on from there
    closed                    by close()

    history    one entry for each finished epoch, none lost
    snapshot   the newest, without its arrays of parameters; checkpoint() gives these
    """

    def __init__(
        self,
        graph: Graph,
        data: Splits | BoundData | None,
        settings: TrainingSettings | None = None,
        *,
        weights: Mapping[str, Array] | None = None,
        optimizer_state: Mapping[str, Array] | None = None,
        run_state: Mapping[str, Any] | None = None,
        background: Literal["auto", "process", "thread"] = "auto",
    ) -> None:
        self.settings = settings or TrainingSettings()
        graph = graph.copy()
        bound = bind(graph.flatten(), data, self.settings.dtype)
        self._fitted = bound.fitted  # it stays as it is, and so need not come back with every snapshot
        self._job = Job(
            graph,
            replace(bound, fitted={}),
            self.settings,
            dict(weights or {}),
            dict(optimizer_state or {}),
            dict(run_state or {}),
        )
        self._background = background
        self._carrier: Carrier | None = None
        self._reader: SnapshotReader | None = None
        self._seen = 0
        self._asked = 0
        self._points_seen = 0
        self._points: list[NDArray[np.float64]] = []
        self._watched: tuple[str, ...] = ()
        self._goal: Goal | None = None
        self._epochs: int | None = None
        self._figures_on = False
        self.state: State = "new"
        self.sentence = ""
        self.problem: Message = {}
        """Of a divergence: node, statement, step, lr, largest_lr, lr_to_try, unscaled_targets, and the epoch
        gone back to."""
        self.reached: Reached = ""
        """What ended a run that is finished; `sentence` says it in words where it was not the epochs."""
        self.history: list[Entry] = []
        self.snapshot: Snapshot | None = None
        self.checkpoints: list[Checkpoint] = []
        """Those that the settings ask for, in the order of their epochs; a new list when one comes."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def background(self) -> str:
        """ "process" or "thread"; "" before the first start."""
        return self._carrier.kind if self._carrier else ""

    @property
    def pid(self) -> int | None:
        """The number of the process, where there is one."""
        return self._carrier.pid if isinstance(self._carrier, ProcessCarrier) else None

    # -- commands: each returns at once

    def start(self, epochs: int | None = None) -> None:
        """Trains `epochs` more epochs; by default what is left of the settings', or as many again.

        TrainingError where it is no number of epochs.
        """
        wanted = None if epochs is None else checked("epochs", epochs)
        self._run({"do": "start", "epochs": wanted})

    def pause(self) -> None:
        """Halts after the batch that is being trained."""
        self._send({"do": "pause"})

    def resume(self) -> None:
        """Goes on to the goal of the last start."""
        self._run({"do": "resume"})

    def stop(self) -> None:
        """Halts after the batch that is being trained, and forgets the goal."""
        self._send({"do": "stop"})

    def one_batch(self) -> None:
        """Trains one batch, and pauses."""
        self._run({"do": "batch"})

    def one_epoch(self) -> None:
        """Trains to the end of the present epoch, and pauses."""
        self._run({"do": "epoch"})

    def set_lr(self, lr: float) -> None:
        """The learning rate from the next batch on. TrainingError where it cannot be one."""
        self.change("lr", lr)

    def change(self, name: str, value: object) -> None:
        """ "lr", "batch_size" or "weight_decay" from the next batch on; it is marked in the run state.

        TrainingError where the value cannot be one. Before the first start it does nothing: see settings.
        """
        self._send({"do": "change", "name": name, "value": checked_change(self.settings, name, value)})

    def set_epochs(self, epochs: int) -> None:
        """How many epochs the run is to have in all, instead of what the settings say; a run that goes on
        is as long from now on. It ends with the present epoch where so many are done already.

        TrainingError where it is no number of epochs.
        """
        self._epochs = checked("epochs", epochs)
        self._send({"do": "epochs", "epochs": self._epochs})

    def set_goal(self, goal: Goal) -> None:
        """What ends the run before its epochs are over, instead of what the settings say."""
        self._goal = goal
        self._send({"do": "goal", "goal": goal.to_dict()})

    def watch(self, keys: Iterable[str]) -> None:
        """Snapshots hold these quantities ("act1.output", "fc1.grad_weight") of the batch last trained."""
        self._watched = tuple(keys)
        self._send({"do": "watch", "keys": self._watched})

    def watch_figures(self, on: bool) -> None:
        """Whether snapshots hold the figures of every layer, measured about four times a second."""
        self._figures_on = on
        self._send({"do": "figures", "on": on})

    def close(self) -> None:
        """Ends the background; what was seen last stays readable. May wait up to two seconds."""
        if self._carrier is not None:
            self.poll()
        if self._carrier is not None:
            self._carrier.close()
            self._take_in(self._carrier)
            self._carrier = None
        self.state = "closed"

    # -- what comes back

    def poll(self) -> Snapshot | None:
        """Takes in what came since the last poll; gives the newest snapshot if there is a newer one.

        Never waits: for a timer.
        """
        if self._carrier is None:
            return None
        ended = self._carrier.ended()
        self._take_in(self._carrier)
        newer = None
        if self._reader is not None and self._reader.sequence != self._seen:
            newer = self._reader.latest()
        if newer is not None:
            self._seen = newer.sequence
            self.snapshot = newer
        if ended is not None:
            self._bury(self._carrier, ended)
        return newer

    def take_points(self) -> NDArray[np.float64]:
        """The points of the loss curve since this was asked last: rows of step, epoch, loss, lr, seconds."""
        self._gather_points()
        taken, self._points = self._points, []
        return np.concatenate(taken) if taken else np.zeros((0, len(POINT)))

    def checkpoint(self) -> dict[str, Any]:
        """{"weights", "optimizer_state", "run_state"} as they are now, for a Trainer to go on from."""
        found = self._reader.latest(arrays=True) if self._reader is not None else None
        if found is None:
            return {
                "weights": self._job.weights,
                "optimizer_state": self._job.optimizer_state,
                "run_state": self._job.run_state,
            }
        return {
            "weights": found.parameters,
            "optimizer_state": found.optimizer,
            "run_state": self._with_fitted(found.status["run_state"]),
        }

    def wait(self, *states: State, timeout: float = 60.0) -> State:
        """Polls until the state is one of these, by default any but starting and running. For scripts.

        TrainingError where it takes longer than `timeout` seconds.
        """
        deadline = monotonic() + timeout
        while True:
            self.poll()
            if self.state in states or (not states and self.state not in ("new", "starting", "running")):
                return self.state
            if monotonic() > deadline:
                raise TrainingError(f"After {timeout:g} seconds the run is still {self.state}.")
            sleep(0.002)

    # -- inside

    def _run(self, command: Message) -> None:
        """What sets the run going has a number, so that news from before are not taken for news of it."""
        if self.state == "closed":
            raise TrainingError("This training session is closed; begin another.")
        self._asked += 1
        if self._carrier is None:
            self._launch()
        else:
            self.state = "running"
        self.sentence, self.problem, self.reached = "", {}, ""
        self._send({**command, "number": self._asked})

    def _send(self, command: Message) -> None:
        if self._carrier is not None:
            self._carrier.send(command)

    def _launch(self) -> None:
        self._gather_points()
        self._reader, self._seen, self._points_seen = None, 0, 0
        self._forget_after(int(self._job.run_state.get("epoch", 0)))
        self._carrier = self._carry()
        self.state = "starting"
        if self._watched:
            self._send({"do": "watch", "keys": self._watched})
        if self._figures_on:
            self._send({"do": "figures", "on": True})
        if self._goal is not None:
            self._send({"do": "goal", "goal": self._goal.to_dict()})
        if self._epochs is not None:
            self._send({"do": "epochs", "epochs": self._epochs})

    def _forget_after(self, epoch: int) -> None:
        """Epochs after the one that a run goes back to come once more."""
        self.history = [entry for entry in self.history if entry["epoch"] <= epoch]

    def _carry(self) -> Carrier:
        possible = bool(sys.executable) and not getattr(sys, "frozen", False)
        if self._background != "thread" and possible:
            try:
                return ProcessCarrier(self._job)
            except OSError as problem:
                if self._background == "process":
                    raise TrainingError(f"No process for training can be started: {problem}.") from None
        return ThreadCarrier(self._job)

    def _take_in(self, carrier: Carrier) -> None:
        for message in carrier.messages():
            match message["is"]:
                case "ready":
                    layout = SnapshotLayout.from_dict(message["layout"])
                    self._reader = SnapshotReader(carrier.block(layout.size), layout)
                case "checkpoint":
                    new: Checkpoint = message["checkpoint"]
                    new = replace(new, run_state=self._with_fitted(new.run_state))
                    self.checkpoints = joined(self.checkpoints, new)
                case "history":
                    self.history += message["entries"]
                case "state" if message.get("number", self._asked) == self._asked:
                    self.state = message["state"]
                    self.sentence = message["sentence"]
                    self.problem = message.get("problem", {})
                    self.reached = message.get("reached", "")
                    if self.state == "diverged":
                        self._forget_after(self.problem["epoch"])
                case _:
                    pass

    def _with_fitted(self, run_state: Mapping[str, Any]) -> dict[str, Any]:
        """The state of the run with what belongs to it of the data."""
        return {**run_state, FITTED: self._fitted} if self._fitted else dict(run_state)

    def _bury(self, carrier: Carrier, ended: str) -> None:
        """The background is gone: keep what it published last, to go on from."""
        self._job = replace(self._job, **self.checkpoint())
        carrier.close()
        self._carrier = None
        if self.state == "failed":
            return
        self.state = "died"
        self.sentence = f"The training process {ended}"
        if self.snapshot is None:
            self.sentence += " before it had begun; start it again."
        else:
            status = self.snapshot.status
            kept = f"the weights of update {status['step']:,} (epoch {status['epoch'] + 1:,}) are kept"
            self.sentence += f"; {kept}, and training can go on from there."

    def _gather_points(self) -> None:
        if self._reader is not None:
            self._points_seen, rows = self._reader.points(self._points_seen)
            self._points.append(rows)
