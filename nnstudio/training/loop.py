"""Loop: a trainer that obeys commands and publishes snapshots; it runs in a process or thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf
from queue import Empty, SimpleQueue
from time import perf_counter, thread_time
from typing import Any

from nnstudio.errors import Error, ProgramError
from nnstudio.shared_memory import Array, Layout, aligned
from nnstudio.training.checkpoint import Checkpoint
from nnstudio.training.divergence import Diverged
from nnstudio.training.goal import Goal, end_of_run
from nnstudio.training.snapshot import FIGURES, SnapshotLayout, SnapshotWriter
from nnstudio.training.trainer import Entry, Trainer
from nnstudio.training.watching import Watching

Command = Mapping[str, Any]
Message = dict[str, Any]

SHORTEST_INTERVAL = 1 / 30
"""Nobody sees more than so many snapshots a second."""
COST_SHARE = 1 / 40
"""Of the time, what publishing snapshots may take."""
FIGURES_INTERVAL = 1 / 4
FIGURES_SHARE = 1 / 60
"""The same for the figures of the layers."""
MOST_WATCHED = 64 << 20
_SECONDS_BETWEEN_LOOKS = 1.0
_OF_A_DIVERGENCE = ("node", "statement", "step", "lr", "largest_lr", "lr_to_try", "unscaled_targets")


class Loop:
    """Serves until it is told to close.

    commands   {"do": "start", "epochs"} "pause" "resume" "stop" "batch" "epoch"
               {"do": "change", "name", "value"} {"do": "goal", "goal"} {"do": "epochs", "epochs"}
               {"do": "watch", "keys"} {"do": "figures", "on"} "publish" "close"
    tell       gets what must not be lost: {"is": "ready", "layout"}, {"is": "history", "entries"} and
               {"is": "state", "state", "reached", "sentence", "number", "problem"}, with the number that came
               with the command it answers; the rest goes through snapshots
    memory     gives the block of a size that snapshots are published in
    abandoned  whether nobody is there any more to read them
    pack       makes a checkpoint into what a message {"is": "checkpoint", "checkpoint"} can carry
    """

    def __init__(
        self,
        trainer: Trainer,
        commands: SimpleQueue[Command],
        tell: Callable[[Message], None],
        memory: Callable[[int], Array],
        abandoned: Callable[[], bool] = lambda: False,
        pack: Callable[[Checkpoint], Any] = lambda checkpoint: checkpoint,
    ) -> None:
        self._trainer = trainer
        self._commands = commands
        self._tell = tell
        self._abandoned = abandoned
        self._pack = pack
        self._told: list[Checkpoint] = []
        program = trainer.program
        self._figures = Watching(program, trainer.samples)
        layout = SnapshotLayout(
            Layout.of(program.parameters()), Layout.of(program.optimizer_state()), self._room_to_watch()
        )
        self._writer = SnapshotWriter(memory(layout.size), layout)
        self._state = "ready"
        self._number = 0
        self._until = 0
        self._began_with = trainer.epoch  # what was done when the run was begun, or gone on with
        self._only = ""
        self._watched: tuple[str, ...] = ()
        self._figures_on = False
        self._next_figures = 0.0
        self._entries: list[Entry] = []
        self._began = perf_counter()
        self._last = (self._began, trainer.step)
        self._next = self._next_point = 0.0
        self._closed = False
        self._publish()
        tell({"is": "ready", "layout": layout.to_dict()})

    def serve(self) -> None:
        """Obeys until closed."""
        while not self._closed:
            if self._state == "running":
                self._run()
                continue
            try:
                self._obey(self._commands.get(timeout=_SECONDS_BETWEEN_LOOKS))
            except Empty:
                self._closed = self._abandoned()

    # -- running

    def _run(self) -> None:
        trainer, commands = self._trainer, self._commands
        goal, seen, add_batch = (self._until, self._only), trainer.step, self._writer.add_batch
        first = trainer.step
        self._last = (perf_counter(), first)
        self._add_point(self._last[0])  # of what was trained on the way to another goal
        place = trainer.epoch + trainer.position / trainer.samples
        self._writer.begin_points(first, place, self._last[0] - self._began)
        # An epoch that is begun is trained to its end, also where fewer are asked for by now.
        least = trainer.epoch + (trainer.position > 0)
        # Paused while an epoch is judged, one batch is the first of the next.
        one = trainer.epoch + (2 if self._only == "batch" else 1)
        until = one if self._only else max(self._until, least)
        steps = trainer.steps(until, to_goal=not self._only)
        try:
            for entry in steps:
                if trainer.step != seen:
                    seen = trainer.step
                    add_batch(seen, trainer.batch_loss, trainer.used_rate)
                if entry is not None:
                    self._entries.append(entry)
                if not commands.empty():
                    while not commands.empty():
                        self._obey(commands.get())
                    if self._state != "running" or self._closed or goal != (self._until, self._only):
                        return
                if self._only and self._is_done(entry, first):
                    self._become("paused")
                    return
                now = perf_counter()
                if now >= self._next_point:
                    self._add_point(now)
                if now >= self._next:
                    if self._figures_on and now >= self._next_figures and not self._may_be_last(entry):
                        self._next_figures = inf  # until they are measured: after the next batch
                        self._figures.remember(trainer.program, trainer.step)
                    else:
                        self._publish()
            self._become("finished", trainer.ending)
        except Diverged as problem:
            facts = {name: getattr(problem, name) for name in _OF_A_DIVERGENCE}
            self._become("diverged", str(problem), {**facts, "epoch": trainer.epoch})
        except Error as problem:
            self._become("failed", str(problem))
        finally:
            steps.close()

    def _may_be_last(self, entry: Entry | None) -> bool:
        """Whether figures are due and this may be the last batch: no later one may come to measure them."""
        epoch_trained = entry is not None or self._trainer.position >= self._trainer.samples
        return epoch_trained and self._figures.is_due(self._trainer.step)

    def _is_done(self, entry: Entry | None, first: int) -> bool:
        """Whether the one batch or the one epoch that was asked for is. The last batch ends its epoch too."""
        if self._only == "epoch" or self._trainer.position >= self._trainer.samples:
            return entry is not None
        return self._trainer.step > first

    # -- commands

    def _obey(self, command: Command) -> None:
        self._number = command.get("number", self._number)
        match command["do"]:
            case "start":
                epochs = command.get("epochs")
                self._began_with = self._trainer.epoch
                self._go(self._next_goal() if epochs is None else self._trainer.epoch + epochs)
            case "resume":
                self._go(self._until if self._until > self._trainer.epoch else self._next_goal())
            case "batch" | "epoch" as only:
                self._go(self._until, only)
            case "pause" if self._state == "running":
                self._become("paused")
            case "stop" if self._state in ("running", "paused", "finished"):
                self._until = 0
                self._become("stopped")
            case "change":
                self._trainer.change(command["name"], command["value"])
                self._publish()
            case "goal":
                self._trainer.goal = Goal(**command["goal"])
            case "epochs":
                self._trainer.epochs = command["epochs"]
                if self._until:
                    self._until = end_of_run(command["epochs"], self._began_with)
            case "watch":
                self._watched = tuple(command["keys"])
                self._publish()
            case "figures":
                self._figures_on = bool(command["on"])
                self._next_figures = 0.0
            case "publish":
                self._publish()
            case "close":
                self._closed = True
            case _:
                pass

    def _next_goal(self) -> int:
        """What is left of the settings' epochs, or as many again once they are done."""
        return end_of_run(self._trainer.epochs, self._trainer.epoch)

    def _go(self, until: int, only: str = "") -> None:
        self._until, self._only = until, only
        self._state = "running"
        if self._figures_on:
            self._figures.remember(self._trainer.program, self._trainer.step)
        self._say("")

    def _become(self, state: str, sentence: str = "", problem: Message | None = None) -> None:
        self._state = state
        if self._figures.step != self._trainer.step:
            self._measure()  # where it halts they are there also for who looks only then
        self._publish()
        self._say(sentence, problem)

    def _say(self, sentence: str, problem: Message | None = None) -> None:
        told = {"is": "state", "state": self._state, "sentence": sentence, "number": self._number}
        reached = self._trainer.reached if self._state == "finished" else ""
        self._tell({**told, "reached": reached, "problem": problem or {}})

    # -- snapshots

    def _measure(self) -> None:
        """The figures of the layers; they have a share of the time of their own."""
        began = thread_time()
        self._figures.measure(self._trainer.program, self._trainer.step)
        took = thread_time() - began
        self._next_figures = perf_counter() + max(FIGURES_INTERVAL, took / FIGURES_SHARE)

    @property
    def _shows_figures(self) -> bool:
        return self._figures_on or 0 < self._figures.step == self._trainer.step

    def _publish(self) -> None:
        if self._figures_on and self._figures.is_due(self._trainer.step):
            self._measure()
        began, cost = perf_counter(), thread_time()
        trainer, program = self._trainer, self._trainer.program
        if self._entries:
            # Before the snapshot, so that whoever sees an epoch finished there has its entry.
            self._tell({"is": "history", "entries": self._entries})
            self._entries = []
        self._tell_checkpoints()
        then, step = self._last
        self._add_point(began)
        status = {
            "epoch": trainer.epoch,
            "position": trainer.position,
            "samples": trainer.samples,
            "step": trainer.step,
            "batch_size": program.batch_size,
            "weight_decay": trainer.weight_decay,
            "steps_per_second": (trainer.step - step) / (began - then) if began > then else 0.0,
            "lr": trainer.lr,
            "rate": trainer.rate,
            "loss": trainer.mean_loss,
            "threads": trainer.threads,
            "run_state": trainer.run_state(),
        }
        if self._shows_figures:
            status["figures"] = {"step": self._figures.step, "rows": self._figures.rows}
        self._writer.publish(status, program.parameters(), program.optimizer_state(), self._looked_at())
        self._last = (began, trainer.step)
        # What it costs this thread: waiting for a busy machine is no reason to show less.
        self._next = perf_counter() + max(SHORTEST_INTERVAL, (thread_time() - cost) / COST_SHARE)
        self._closed = self._closed or self._abandoned()

    def _add_point(self, now: float) -> None:
        """One of the loss curve. Points are five numbers, and do not wait for snapshots, which of a large
        network are few: so its single batches are seen as those of a small one.
        """
        trainer = self._trainer
        loss = trainer.recent_loss()
        if loss is not None:
            epoch = trainer.epoch + trainer.position / trainer.samples
            self._writer.add_point(trainer.step, epoch, loss, trainer.used_rate, now - self._began)
        self._next_point = now + SHORTEST_INTERVAL

    def _tell_checkpoints(self) -> None:
        """Those that are new; of many since the last snapshot, only the ones that are still kept."""
        kept = self._trainer.checkpoints
        if kept is self._told:
            return
        known = {id(each) for each in self._told}
        for checkpoint in kept:
            if id(checkpoint) not in known:
                with suppress(OSError):  # no room for the file of one: training is worth more
                    self._tell({"is": "checkpoint", "checkpoint": self._pack(checkpoint)})
        self._told = kept

    def _looked_at(self) -> dict[str, Array]:
        """The watched quantities of the present batch; gradients inside are computed only for this."""
        program = self._trainer.program
        keys = [key for key in self._watched if key in program]
        if not all(program.is_current(key) for key in keys):
            try:
                program.zero_grad()
                program.forward()
                program.backward()
            except ProgramError:  # nothing was fed yet
                keys = []
        table = {FIGURES: self._figures.table} if self._shows_figures else {}
        return {**table, **{key: program[key] for key in keys if program.is_current(key)}}

    def _room_to_watch(self) -> int:
        """Every output and gradient once, as far as that is reasonable; memory is taken only when written."""
        program = self._trainer.program
        width = sum(_size(node.shape, program.batch_size) for node in program.graph.flatten())
        parameters = sum(array.nbytes for array in program.parameters().values())
        arrays = min(2 * (width * program.dtype.itemsize + parameters) + (1 << 16), MOST_WATCHED)
        return aligned(self._figures.nbytes) + arrays


def _size(shape: tuple[int | str, ...], batch: int) -> int:
    """How many numbers an array of this shape holds for a batch."""
    size = 1
    for dim in shape:
        size *= batch if isinstance(dim, str) else dim
    return size
