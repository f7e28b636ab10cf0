"""Trainer: the loop that trains, with no threads, no processes and no window."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.batching import batches, generator, random_state, restored
from nnstudio.data.parting import Splits
from nnstudio.errors import TrainingError
from nnstudio.graph import Graph
from nnstudio.program import Program, compile
from nnstudio.training import optimizers
from nnstudio.training.binding import BoundData, bind, count
from nnstudio.training.divergence import Diverged, diverged, finite
from nnstudio.training.evaluation import Evaluation
from nnstudio.training.schedules import RateSchedule
from nnstudio.training.settings import TrainingSettings, checked
from nnstudio.training.threads import limited, thread_count

Array = npt.NDArray[Any]
Entry = dict[str, Any]

FEWEST_JUDGED, MOST_JUDGED = 256, 2000
"""The training accuracy is measured on as many samples as validation has, within these bounds."""
_SECONDS_BETWEEN_COPIES = 1.0


class Trainer:
    """Trains a graph on data as the settings say, one batch at a time.

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
        flat = graph.flatten()
        if not any(node.definition.role == "criterion" for node in flat):
            raise TrainingError(
                "The graph has no criterion, so it has no loss to train on: add one, such as MSE."
            )
        self.data = bind(flat, data, self.settings.dtype)
        self.samples = count(self.data.train)
        if not self.samples:
            raise TrainingError(f"{self.data.title}: the training part holds no samples.")
        self.program: Program = compile(
            graph,
            min(self.settings.batch_size or self.samples, self.samples),
            self.settings.dtype,
            self.settings.backend,
            self.settings.seed,
            optimizer=optimizers.definition(self.settings.optimizer),
            optimizer_settings=self.settings.optimizer_settings,
        )
        if not self.program.parameter_count:
            raise TrainingError(
                "The graph has no parameters, so there is nothing to learn: add a Linear node."
            )
        self.threads = thread_count(
            self.program.multiply_adds, self.program.batch_size, self.settings.threads
        )
        self._evaluation = Evaluation(flat, self.data.task, self.data.unit)
        judged = min(max(FEWEST_JUDGED, count(self.data.validation)), MOST_JUDGED)
        spacing = -(-self.samples // judged)
        self._judged = {
            name: np.ascontiguousarray(array[::spacing]) for name, array in self.data.train.items()
        }
        self._schedule = RateSchedule(
            self.settings.schedule, self.settings.schedule_settings, self.settings.epochs
        )
        self._order = np.empty(self.samples, np.intp)
        self._lr = self.settings.lr
        self.epoch = 0
        """Whole epochs finished."""
        self.position: int = 0
        """Samples of the present epoch already used."""
        self.step = 0
        """Updates made."""
        self.history: list[Entry] = []
        """One entry for each epoch that this trainer finished."""
        self._random = generator(self.settings.seed)
        self._epoch_start = self._random.bit_generator.state
        self._loss_sum = 0.0
        self._loss_samples = 0
        self._recent_sum = 0.0
        self._recent_samples = 0
        self._seconds = 0.0
        self.program.load_parameters(weights or {})
        self._load_optimizer(optimizer_state or {})
        if run_state:
            self.resume(run_state)
        # That of the update made last: where a run stopped after an epoch's last batch, its entry shows it.
        self._rate = self._schedule.rate(self._lr, self.epoch, self.step - (self.position > 0))
        self._good = self.state()
        self._good_since = perf_counter()

    # -- how it stands

    @property
    def lr(self) -> float:
        """The learning rate before the schedule; may be set while a run is going on."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = checked("lr", value)

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        return self._schedule.rate(self._lr, self.epoch, self.step)

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
            "lr": self._lr,
            "lr_setting": self.settings.lr,
        }

    def state(self) -> dict[str, Any]:
        """{"weights", "optimizer_state", "run_state"}, with which a new trainer continues exactly."""
        return {
            "weights": self.program.parameters(),
            "optimizer_state": self.program.optimizer_state(),
            "run_state": self.run_state(),
        }

    def resume(self, run_state: Mapping[str, Any]) -> None:
        """Stands where run_state() was taken. A learning rate set anew in the settings since then holds."""
        try:
            epoch, position, step = (int(run_state[name]) for name in ("epoch", "position", "step"))
            loss_sum, loss_samples = float(run_state["loss_sum"]), int(run_state["loss_samples"])
            random = restored(run_state["random"])
            lr, lr_setting = float(run_state["lr"]), float(run_state["lr_setting"])
            samples, seconds = int(run_state["samples"]), float(run_state["seconds"])
            schedule = dict(run_state["schedule"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise TrainingError(
                f"The saved state of the run is damaged ({error}); start the run anew, the weights can stay."
            ) from None
        self.epoch, self.position, self.step = epoch, position, step
        self._loss_sum, self._loss_samples, self._seconds = loss_sum, loss_samples, seconds
        if samples != self.samples:  # another dataset, or another split: its epoch starts anew
            self._begin_epoch()
        self._random = random
        self._epoch_start = random.bit_generator.state
        self._schedule.load_state(schedule)
        if lr_setting == self.settings.lr:
            self.lr = lr

    # -- running

    def run(self, epochs: int | None = None, on_epoch: Callable[[Entry], None] | None = None) -> list[Entry]:
        """Trains `epochs` more epochs, by default those left of the settings' epochs; gives their entries.

        An entry holds epoch (from 1), step, lr, seconds, train_loss and, where there is a validation part,
        validation_loss; for classes train_accuracy and validation_accuracy; for numbers the same with rmse,
        mae and r2. Losses are per sample. Raises Diverged where a loss or a gradient is not finite.
        """
        first = len(self.history)
        until = self.settings.epochs if epochs is None else self.epoch + checked("epochs", epochs)
        for entry in self.steps(until):
            if entry is not None and on_epoch is not None:
                on_epoch(entry)
        return self.history[first:]

    def run_epoch(self) -> Entry:
        """Trains to the end of the present epoch, and gives its entry."""
        return self.run(1)[0]

    def steps(self, until: int | None = None) -> Generator[Entry | None]:
        """Trains until so many epochs are finished, giving way after each batch, so that it can pause.

        Gives the entry of an epoch that is finished, else None. Between two batches the generator may be
        closed and another be started.
        """
        until = self.settings.epochs if until is None else until
        with limited(self.threads):
            while self.epoch < until:
                yield from self._train()
                yield (yield from self._finish_epoch())

    def evaluate(self, part: str = "validation") -> dict[str, float]:
        """The loss per sample and the metrics over a whole part; empty for an empty part."""
        with limited(self.threads):
            run = self._evaluation.over(self.program, self.data.part(part))
            while True:
                try:
                    next(run)
                except StopIteration as finished:
                    return finished.value

    def _train(self) -> Generator[None]:
        """The batches that are left of the present epoch."""
        size = self.program.batch_size
        every_step = self._schedule.every_step
        rate, rate_of = self.rate, self._lr
        self._random.bit_generator.state = self._epoch_start
        order = batches(
            self.samples,
            size,
            self._random,
            self.settings.shuffle,
            start=-(-self.position // size),
            order=self._order,
        )
        feeds = tuple(self.data.train.items())
        for indices in order:
            began = perf_counter()
            here = len(indices)
            program = self.program if here == size else self.program.with_batch_size(here)
            program.feed(**{name: array.take(indices, 0) for name, array in feeds})
            if every_step or rate_of != self._lr:
                rate, rate_of = self.rate, self._lr
            with np.errstate(all="ignore"):
                updated = program.train_step(rate, guard=True)
            if not updated:
                raise self._diverged(program, rate)
            loss = self._evaluation.loss_sum(program, here)
            self._loss_sum += loss
            self._loss_samples += here
            self._recent_sum += loss
            self._recent_samples += here
            self.position += here
            self.step += 1
            self._rate = rate
            now = perf_counter()
            self._seconds += now - began
            if now - self._good_since > _SECONDS_BETWEEN_COPIES:
                self._keep_good(now)
            yield

    def _finish_epoch(self) -> Generator[None, None, Entry]:
        """Measures, tells the schedule, and stands at the beginning of the next epoch."""
        validation = yield from self._timed(self._evaluation.over(self.program, self.data.validation))
        training = yield from self._timed(self._evaluation.over(self.program, self._judged))
        training["loss"] = self._loss_sum / max(1, self._loss_samples)
        self._schedule.after_epoch(validation.get("loss", training["loss"]))
        entry: Entry = {
            "epoch": self.epoch + 1,
            "step": self.step,
            "lr": self._rate,
            "seconds": self._seconds,
            **{f"train_{name}": value for name, value in training.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
        }
        self.history.append(entry)
        self.epoch += 1
        self._epoch_start = self._random.bit_generator.state
        self._begin_epoch()
        return entry

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
                self._seconds += perf_counter() - began
            yield

    def _begin_epoch(self) -> None:
        self.position = 0
        self._loss_sum = 0.0
        self._loss_samples = 0
        self._seconds = 0.0

    def _load_optimizer(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Takes the state over where it is this optimizer's for this graph; else it starts afresh."""
        known = {name: array.shape for name, array in self.program.optimizer_state().items()}
        if known == {name: np.shape(array) for name, array in state.items()}:
            self.program.load_optimizer_state(state)

    # -- when numbers stop being finite

    def _keep_good(self, now: float) -> None:
        if finite(self.program.flat):
            self._good = self.state()
        self._good_since = now

    def _diverged(self, program: Program, rate: float) -> Diverged:
        """Says where, and goes back to the last good weights if the present ones are spoilt."""
        whole = finite(self.program.flat)
        kept = self.step if whole else int(self._good["run_state"]["step"])
        problem = diverged(program, self.step, self.epoch, rate, kept)
        if not whole:
            self.program.load_parameters(self._good["weights"])
            self.program.load_optimizer_state(self._good["optimizer_state"])
            self.resume(self._good["run_state"])
            self.history = [entry for entry in self.history if entry["epoch"] <= self.epoch]
        return problem
