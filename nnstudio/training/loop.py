"""Loop: a trainer that obeys commands and publishes snapshots; it runs in a process or thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

from nnstudio.errors import Error, ProgramError
from nnstudio.training.divergence import Diverged
from nnstudio.training.memory import Array, Layout
from nnstudio.training.snapshot import SnapshotLayout, SnapshotWriter
from nnstudio.training.trainer import Entry, Trainer

Command = Mapping[str, Any]
Message = dict[str, Any]

SHORTEST_INTERVAL = 1 / 30
"""Nobody sees more than so many snapshots a second."""
COST_SHARE = 1 / 40
"""Of the time, what publishing snapshots may take."""
MOST_WATCHED = 64 << 20
_SECONDS_BETWEEN_LOOKS = 1.0


class Loop:
    """Serves until it is told to close.

    commands   {"do": "start", "epochs"} "pause" "resume" "stop" "batch" "epoch" {"do": "lr", "value"}
               {"do": "watch", "keys"} "publish" "close"
    tell       gets what must not be lost: {"is": "ready", "layout"}, {"is": "history", "entries"} and
               {"is": "state", "state", "sentence", "number", "problem"}, with the number that came with the
               command it answers; the rest goes through snapshots
    memory     gives the block of a size that snapshots are published in
    abandoned  whether nobody is there any more to read them
    """

    def __init__(
        self,
        trainer: Trainer,
        commands: SimpleQueue[Command],
        tell: Callable[[Message], None],
        memory: Callable[[int], Array],
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        self._trainer = trainer
        self._commands = commands
        self._tell = tell
        self._abandoned = abandoned
        program = trainer.program
        layout = SnapshotLayout(
            Layout.of(program.parameters()), Layout.of(program.optimizer_state()), self._room_to_watch()
        )
        self._writer = SnapshotWriter(memory(layout.size), layout)
        self._state = "ready"
        self._number = 0
        self._until = 0
        self._only = ""
        self._watched: tuple[str, ...] = ()
        self._entries: list[Entry] = []
        self._began = perf_counter()
        self._last = (self._began, trainer.step)
        self._next = 0.0
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
        goal = (self._until, self._only)
        first = trainer.step
        self._last = (perf_counter(), first)
        steps = trainer.steps(trainer.epoch + 1 if self._only else self._until)
        try:
            for entry in steps:
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
                if now >= self._next:
                    self._publish()
            self._become("finished")
        except Diverged as problem:
            facts = {name: getattr(problem, name) for name in ("node", "statement", "step", "lr")}
            self._become("diverged", str(problem), {**facts, "epoch": trainer.epoch})
        except Error as problem:
            self._become("failed", str(problem))
        finally:
            steps.close()

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
            case "lr":
                self._trainer.lr = command["value"]
                self._publish()
            case "watch":
                self._watched = tuple(command["keys"])
                self._publish()
            case "publish":
                self._publish()
            case "close":
                self._closed = True
            case _:
                pass

    def _next_goal(self) -> int:
        """What is left of the settings' epochs, or as many again once they are done."""
        epochs, done = self._trainer.settings.epochs, self._trainer.epoch
        return epochs if epochs > done else done + epochs

    def _go(self, until: int, only: str = "") -> None:
        self._until, self._only = until, only
        self._state = "running"
        self._say("")

    def _become(self, state: str, sentence: str = "", problem: Message | None = None) -> None:
        self._state = state
        self._publish()
        self._say(sentence, problem)

    def _say(self, sentence: str, problem: Message | None = None) -> None:
        told = {"is": "state", "state": self._state, "sentence": sentence, "number": self._number}
        self._tell({**told, "problem": problem or {}})

    # -- snapshots

    def _publish(self) -> None:
        began = perf_counter()
        trainer, program = self._trainer, self._trainer.program
        if self._entries:
            # Before the snapshot, so that whoever sees an epoch finished there has its entry.
            self._tell({"is": "history", "entries": self._entries})
            self._entries = []
        then, step = self._last
        loss = trainer.recent_loss()
        if loss is not None:
            epoch = trainer.epoch + trainer.position / trainer.samples
            self._writer.add_point(trainer.step, epoch, loss, trainer.rate, began - self._began)
        status = {
            "epoch": trainer.epoch,
            "position": trainer.position,
            "samples": trainer.samples,
            "step": trainer.step,
            "batch_size": program.batch_size,
            "steps_per_second": (trainer.step - step) / (began - then) if began > then else 0.0,
            "lr": trainer.lr,
            "rate": trainer.rate,
            "loss": trainer.mean_loss,
            "threads": trainer.threads,
            "run_state": trainer.run_state(),
        }
        self._writer.publish(status, program.parameters(), program.optimizer_state(), self._looked_at())
        self._last = (began, trainer.step)
        now = perf_counter()
        self._next = now + max(SHORTEST_INTERVAL, (now - began) / COST_SHARE)
        self._closed = self._closed or self._abandoned()

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
                return {}
        return {key: program[key] for key in keys if program.is_current(key)}

    def _room_to_watch(self) -> int:
        """Every output and gradient once, as far as that is reasonable; memory is taken only when written."""
        program = self._trainer.program
        width = sum(_size(node.shape, program.batch_size) for node in program.graph.flatten())
        parameters = sum(array.nbytes for array in program.parameters().values())
        return min(2 * (width * program.dtype.itemsize + parameters) + (1 << 16), MOST_WATCHED)


def _size(shape: tuple[int | str, ...], batch: int) -> int:
    """How many numbers an array of this shape holds for a batch."""
    size = 1
    for dim in shape:
        size *= batch if isinstance(dim, str) else dim
    return size
