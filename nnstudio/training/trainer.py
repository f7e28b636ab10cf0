"""Trainer: the loop that trains, with no threads, no processes and no window."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.batching import batches, generator, random_state, restored
from nnstudio.data.parting import Splits
from nnstudio.errors import TrainingError
from nnstudio.graph import FlatGraph, Graph
from nnstudio.program import Program, compile
from nnstudio.training import optimizers
from nnstudio.training.binding import BoundData, bind, count, without_data
from nnstudio.training.changes import Changes
from nnstudio.training.checkpoint import Checkpoint, joined
from nnstudio.training.divergence import Diverged, diverged, finite
from nnstudio.training.evaluation import BATCH, Evaluation
from nnstudio.training.goal import Goal, Reached, Standing
from nnstudio.training.identity import DATA, FITTED, NETWORK, data_identity, network_identity
from nnstudio.training.schedules import RateSchedule
from nnstudio.training.settings import TrainingSettings, checked
from nnstudio.training.stability import Stability, stability
from nnstudio.training.threads import limited, limiting, thread_count

Array = npt.NDArray[Any]
Entry = dict[str, Any]

FEWEST_JUDGED, MOST_JUDGED = 256, 2000
"""The training accuracy is measured on as many samples as validation has, within these bounds."""
_SECONDS_BETWEEN_COPIES = 1.0


def require_loss(graph: Graph) -> None:
    """Raises TrainingError with the first problem because of which a graph has no loss to train on."""
    found = graph.obstacles()
    if not found:
        return
    if found[0].severity == "warning":
        raise TrainingError(
            "The graph has no criterion, so it has no loss to train on: add one, such as MSE."
        )
    more = f" ({len(found) - 1:,} more: see graph.problems())" if len(found) > 1 else ""
    raise TrainingError(
        f"The network cannot be trained before it is mended: {found[0].sentence.rstrip('.')}{more}."
    )


def _parameters(graph: FlatGraph) -> set[str]:
    return {f"{node.name}.{name}" for node in graph for name in node.parameters}


class Trainer:
    """Trains a graph on data as the settings say, one batch at a time; a broken one as far as it is valid.

    Same graph, data, settings and starting point give the same losses bit for bit on one machine. The state
    after any batch, put into a new trainer, continues as if there had been no break.

    data                Splits, arrays already bound to nodes, or None for a graph that takes no data
    weights             learned arrays to start from, "fc1.weight"; those that are missing start from the seed
    optimizer_state     of the run to be continued; that of another optimizer is left aside
    run_state           where that run stopped
    """

    def __init__(
        self,
        graph: Graph,
        data: Splits | BoundData | None,
        settings: TrainingSettings | None = None,
        *,
        weights: Mapping[str, npt.ArrayLike] | None = None,
        optimizer_state: Mapping[str, npt.ArrayLike] | None = None,
        run_state: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings or TrainingSettings()
        require_loss(graph)
        flat = graph.flatten()
        self.data = bind(flat, data, self.settings.dtype)
        self._part = part = without_data(flat, self.data.train)
        self.samples = count(self.data.train)
        if not self.samples:
            raise TrainingError(f"{self.data.title}: the training part holds no samples.")
        self._trains = {NETWORK: network_identity(flat), DATA: data_identity(self.data)}
        self._changes = Changes(self.settings, self._trains)
        self.program: Program = self._compiled(graph)
        if not self.program.parameter_count:
            raise TrainingError(
                "The graph has no parameters, so there is nothing to learn: add a Linear node."
            )
        self._compiled_for = self._changes.batch_size, self._changes.weight_decay
        self.threads = self._threads_for(self.program.batch_size)
        self._threads_to_measure = self._threads_for(BATCH)
        self._evaluation = Evaluation(part, self.data.task, self.data.unit)
        judged = min(max(FEWEST_JUDGED, count(self.data.validation)), MOST_JUDGED)
        spacing = -(-self.samples // judged)
        self._judged = {
            name: np.ascontiguousarray(array[::spacing]) for name, array in self.data.train.items()
        }
        self._schedule = RateSchedule(
            self.settings.schedule, self.settings.schedule_settings, self.settings.epochs
        )
        self._order = np.empty(self.samples, np.intp)
        self.epoch = 0
        """Whole epochs finished."""
        self.position: int = 0
        """Samples of the present epoch already used."""
        self.step = 0
        """Updates made."""
        self.history: list[Entry] = []
        """One entry for each epoch that this trainer finished."""
        self.checkpoints: list[Checkpoint] = []
        """Those that the settings ask for, in the order of their epochs."""
        self.goal = Goal.of(self.settings)
        """What ends a run before its epochs are over; may be set while it goes on."""
        self.reached: Reached = ""
        """What ended the run; "" where it was broken off or still goes on."""
        self._standing = Standing()
        self._random = generator(self.settings.seed)
        self._epoch_start = self._random.bit_generator.state
        self._loss_sum = 0.0
        self._loss_samples = 0
        self._recent_sum = 0.0
        self._recent_samples = 0
        self._seconds = 0.0
        idle = _parameters(flat) - _parameters(part)
        self.program.load_parameters({key: w for key, w in (weights or {}).items() if key not in idle})
        self._load_optimizer(optimizer_state or {})
        if run_state:
            self.resume(run_state)
        self.batch_loss = 0.0
        """The loss per sample of the batch trained last."""
        # Where a run stopped after an epoch's last batch, its entry shows it.
        self.used_rate = self._schedule.rate(self.lr, self.epoch, self.step - (self.position > 0))
        self._good = self.state()
        self._began_with = self._good["weights"]
        self._good_since = perf_counter()

    # -- how it stands

    @property
    def lr(self) -> float:
        """The learning rate before the schedule; may be set while a run is going on."""
        return self._changes.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self.change("lr", value)

    @property
    def batch_size(self) -> int:
        """How many samples make an update; 0 takes all of them."""
        return self._changes.batch_size

    @property
    def weight_decay(self) -> float:
        """What the optimizer pulls the parameters to zero with."""
        return self._changes.weight_decay

    def change(self, name: str, value: object) -> None:
        """Sets "lr", "batch_size" or "weight_decay" for the next batch and those after it, and marks it.

        TrainingError where the value cannot be one.
        """
        self._changes.change(name, value, self.step, self.epoch + self.position / self.samples)
        self._follow_changes()

    @property
    def epochs(self) -> int:
        """How many the run is to have in all; may be set while it goes on, and its schedule follows."""
        return self._schedule.epochs

    @epochs.setter
    def epochs(self, value: int) -> None:
        self._schedule.epochs = checked("epochs", value)

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        return self._schedule.rate(self.lr, self.epoch, self.step)

    @property
    def ending(self) -> str:
        """What ended the run, in one sentence; empty where its epochs are over, or nothing did."""
        return self._standing.in_words(self.reached, self.goal)

    @property
    def mean_loss(self) -> float | None:
        """The training loss so far in the present epoch, per sample; None before its first batch."""
        return self._loss_sum / self._loss_samples if self._loss_samples else None

    def recent_loss(self) -> float | None:
        """The mean training loss per sample since this was asked last; None where no batch was trained."""
        samples, total = self._recent_samples, self._recent_sum
        self._recent_samples, self._recent_sum = 0, 0.0
        return total / samples if samples else None

    def run_state(self) -> dict[str, Any]:
        """What a run needs beside parameters and optimizer state to continue exactly, as JSON values."""
        start = generator(0)
        start.bit_generator.state = self._epoch_start
        return {
            "epoch": self.epoch,
            "position": self.position,
            "step": self.step,
            "samples": self.samples,
            "random": random_state(start),
            "loss_sum": self._loss_sum,
            "loss_samples": self._loss_samples,
            "seconds": self._seconds,
            "schedule": self._schedule.state(),
            "standing": self._standing.to_dict(),
            "trained_seconds": self._standing.seconds,
            **self._changes.state(),
            **({FITTED: self.data.fitted} if self.data.fitted else {}),
        }

    def state(self) -> dict[str, Any]:
        """{"weights", "optimizer_state", "run_state"}, with which a new trainer continues exactly."""
        return {
            "weights": self.program.parameters(),
            "optimizer_state": self.program.optimizer_state(),
            "run_state": self.run_state(),
        }

    def resume(self, run_state: Mapping[str, Any]) -> None:
        """Stands where run_state() was taken. What was set anew in the settings since then holds.

        Where that was another network or other data, no loss from before is one to do better than, and the
        epoch begins anew.
        """
        changes = Changes(self.settings, self._trains)
        try:
            epoch, position, step = (int(run_state[name]) for name in ("epoch", "position", "step"))
            loss_sum, loss_samples = float(run_state["loss_sum"]), int(run_state["loss_samples"])
            random = restored(run_state["random"])
            trained = float(run_state.get("trained_seconds", 0.0))
            standing = Standing.from_dict(run_state.get("standing", Standing().to_dict()), trained)
            changes.load(run_state, step, epoch + position / max(1, int(run_state["samples"])))
            samples, seconds = int(run_state["samples"]), float(run_state["seconds"])
            schedule = dict(run_state["schedule"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, TrainingError) as error:
            raise TrainingError(
                f"The saved state of the run is damaged ({error}); start the run anew, the weights can stay."
            ) from None
        self.epoch, self.position, self.step = epoch, position, step
        self._loss_sum, self._loss_samples, self._seconds = loss_sum, loss_samples, seconds
        self._recent_sum, self._recent_samples = 0.0, 0  # of batches that are taken back
        if changes.incomparable or samples != self.samples:  # earlier states only say how many there were
            self._begin_epoch()
        self._random = random
        self._epoch_start = random.bit_generator.state
        self._schedule.load_state(schedule)
        if changes.incomparable:
            standing = Standing(seconds=standing.seconds)
            self._schedule.compare_anew()
        self._standing, self._changes = standing, changes
        self._follow_changes()

    # -- running

    def run(self, epochs: int | None = None, on_epoch: Callable[[Entry], None] | None = None) -> list[Entry]:
        """Trains `epochs` more epochs, by default what is left of `epochs`; gives their entries.

        An entry holds epoch (from 1), step, lr, seconds, train_loss and, where there is a validation part,
        validation_loss; for classes train_accuracy and validation_accuracy, and the same with precision,
        recall and top5; for numbers with rmse, mae and r2. Losses are per sample. Raises Diverged where a
        loss or a gradient is not finite.
        """
        first = len(self.history)
        until = None if epochs is None else self.epoch + checked("epochs", epochs)
        for entry in self.steps(until):
            if entry is not None and on_epoch is not None:
                on_epoch(entry)
        return self.history[first:]

    def run_epoch(self) -> Entry:
        """Trains to the end of the present epoch, and gives its entry."""
        return self.run(1)[0]

    def steps(self, until: int | None = None, *, to_goal: bool = True) -> Generator[Entry | None]:
        """Trains until so many epochs are finished, giving way after each batch, so that it can pause.

        Gives the entry of an epoch that is finished, else None. Between two batches the generator may be
        closed and another be started. `to_goal`: it ends earlier where the goal is reached; `reached` says
        what of it. A goal that had been reached before begins anew.
        """
        until = self.epochs if until is None else until
        standing = self._standing
        self.reached = ""
        if to_goal:
            standing.begin(self.goal)
        with limiting() as limit:
            while self.epoch < until:
                whole = False
                while not whole:
                    limit(self.threads)  # a change of the batch size may change their number
                    for _ in self._train():
                        yield
                        if to_goal and standing.out_of_time(self.goal):
                            self.reached = "seconds"
                            return
                    whole = self.position >= self.samples
                limit(self._threads_to_measure)
                entry = yield from self._finish_epoch()
                yield entry
                self.reached = standing.reached(self.goal) if to_goal else ""
                if self.reached:
                    return
        self.reached = "epochs"

    def evaluate(self, part: str = "validation") -> dict[str, float]:
        """The loss per sample and the metrics over a whole part; empty for an empty part."""
        with limited(self._threads_to_measure):
            run = self._evaluation.over(self.program, self.data.part(part))
            while True:
                try:
                    next(run)
                except StopIteration as finished:
                    return finished.value

    def _train(self) -> Generator[None]:
        """The batches that are left of the present epoch, up to a change that needs another program."""
        main, standing = self.program, self._standing
        size = main.batch_size
        every_step = self._schedule.every_step
        rate, rate_of = self.rate, self.lr
        self._random.bit_generator.state = self._epoch_start
        order = batches(
            self.samples,
            size,
            self._random,
            self.settings.shuffle,
            start=self.position,
            order=self._order,
        )
        feeds = tuple(self.data.train.items())
        for indices in order:
            began = perf_counter()
            here = len(indices)
            program = main if here == size else main.with_batch_size(here)
            program.feed(**{name: array.take(indices, 0) for name, array in feeds})
            if every_step or rate_of != self.lr:
                rate, rate_of = self.rate, self.lr
            with np.errstate(all="ignore"):
                updated = program.train_step(rate, guard=True)
            if not updated:
                raise self._diverged(program, rate)
            loss = self._evaluation.loss_sum(program, here)
            self._loss_sum += loss
            self._loss_samples += here
            self._recent_sum += loss
            self._recent_samples += here
            self.batch_loss = loss / here
            self.position += here
            self.step += 1
            self.used_rate = rate
            now = perf_counter()
            self._seconds += now - began
            standing.seconds += now - began
            if now - self._good_since > _SECONDS_BETWEEN_COPIES:
                self._keep_good(now)
            yield
            if self.program is not main:
                return

    def _finish_epoch(self) -> Generator[None, None, Entry]:
        """Measures, tells the schedule, and stands at the beginning of the next epoch."""
        validation = yield from self._timed(self._evaluation.over(self.program, self.data.validation))
        training = yield from self._timed(self._evaluation.over(self.program, self._judged))
        training["loss"] = self._loss_sum / max(1, self._loss_samples)
        self._schedule.after_epoch(validation.get("loss", training["loss"]))
        entry: Entry = {
            "epoch": self.epoch + 1,
            "step": self.step,
            "lr": self.used_rate,
            "seconds": self._seconds,
            **{f"train_{name}": value for name, value in training.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
        }
        better = self._standing.after_epoch(entry)
        self.history.append(entry)
        self.epoch += 1
        self._epoch_start = self._random.bit_generator.state
        self._begin_epoch()
        self._keep_checkpoints(validation.get("loss"), better)
        return entry

    def _keep_checkpoints(self, validation_loss: float | None, better: bool) -> None:
        best = better and validation_loss is not None and self.settings.keep_best
        every = self.settings.keep_every and self.epoch % self.settings.keep_every == 0
        if best or every:
            state = self.state()
            if best:
                new = Checkpoint(self.epoch, self.step, "best", validation_loss, **state)
                self.checkpoints = joined(self.checkpoints, new)
            if every:
                new = Checkpoint(self.epoch, self.step, "every", validation_loss, **state)
                self.checkpoints = joined(self.checkpoints, new)

    def _timed(
        self, measuring: Generator[None, None, dict[str, float]]
    ) -> Generator[None, None, dict[str, float]]:
        """Counts the time that measuring takes, and not that in which the run is paused."""
        while True:
            began = perf_counter()
            try:
                next(measuring)
            except StopIteration as finished:
                return finished.value
            finally:
                took = perf_counter() - began
                self._seconds += took
                self._standing.seconds += took
            yield

    def _begin_epoch(self) -> None:
        self.position = 0
        self._loss_sum = 0.0
        self._loss_samples = 0
        self._seconds = 0.0

    def _compiled(self, graph: Graph) -> Program:
        """The program of what is in force."""
        settings = self.settings
        return compile(
            graph,
            min(self._changes.batch_size or self.samples, self.samples),
            settings.dtype,
            settings.backend,
            settings.seed,
            optimizer=optimizers.definition(settings.optimizer),
            optimizer_settings={**settings.optimizer_settings, "weight_decay": self._changes.weight_decay},
            part=self._part,
        )

    def _follow_changes(self) -> None:
        """Takes a program of its own for another batch size or decay, as a run continued from here would."""
        inforce = self._changes.batch_size, self._changes.weight_decay
        if inforce == self._compiled_for:
            return
        former, self.program = self.program, self._compiled(self.program.graph)
        self._compiled_for = inforce
        self.program.load_parameters(former.parameters())
        self.program.load_optimizer_state(former.optimizer_state())
        self.threads = self._threads_for(self.program.batch_size)

    def _threads_for(self, samples: int) -> int:
        return thread_count(self.program.multiply_adds, samples, self.settings.threads)

    def _load_optimizer(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Takes the state over where it is this optimizer's for this graph; else it starts afresh."""
        known = {name: array.shape for name, array in self.program.optimizer_state().items()}
        if known == {name: np.shape(array) for name, array in state.items()}:
            self.program.load_optimizer_state(state)

    # -- when numbers stop being finite

    def _limit_below(self, rate: float) -> Stability | None:
        """The limit of the learning rate that this one is above, where it is above one.

        Where the run began the numbers still were as they should be; there it says most.
        """
        settings = replace(
            self.settings,
            optimizer_settings={**self.settings.optimizer_settings, "weight_decay": self.weight_decay},
        )
        for weights in (self._began_with, self._good["weights"]):
            found = stability(self.program.graph, self._part, self.data.train, weights, settings)
            if found is not None and rate > found.largest_lr:
                return found
        return None

    def _keep_good(self, now: float) -> None:
        if finite(self.program.flat):
            self._good = self.state()
        self._good_since = now

    def _diverged(self, program: Program, rate: float) -> Diverged:
        """Says where, and goes back to the last good weights if the present ones are spoilt."""
        whole = finite(self.program.flat)
        kept = self.step if whole else int(self._good["run_state"]["step"])
        limit = partial(self._limit_below, rate)
        problem = diverged(program, self.step, self.epoch, rate, kept, limit, self.data.unscaled)
        if not whole:
            self.program.load_parameters(self._good["weights"])
            self.program.load_optimizer_state(self._good["optimizer_state"])
            self.resume(self._good["run_state"])
            self.history = [entry for entry in self.history if entry["epoch"] <= self.epoch]
        return problem
