"""The learning rate of each step of an epoch that is stepped over, as a training run would have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from nnstudio.program import Program
    from nnstudio.training.evaluation import Evaluation
    from nnstudio.training.settings import TrainingSettings


@dataclass(frozen=True)
class Judged:
    """What a run's losses are measured by, and the samples that are kept for it."""

    evaluation: Evaluation
    validation: Mapping[str, NDArray[Any]]

    @property
    def kept(self) -> bool:
        """Whether there are any."""
        return bool(self.validation) and all(map(len, self.validation.values()))

    def validation_loss(self, program: Program) -> float | None:
        """The loss per sample; None where no samples are kept, or it is not finite."""
        measuring = self.evaluation.over(program, self.validation)
        while True:
            try:
                next(measuring)
            except StopIteration as finished:
                return finished.value.get("loss")


class Scheduled:
    """One epoch of the schedule, of which some batches were begun before.

    A schedule that looks at the losses is told the validation loss behind the epoch or, where no samples are
    kept for that, the mean training loss of these batches.
    """

    def __init__(
        self,
        training: TrainingSettings,
        judged: Judged | None,
        state: Mapping[str, Any],
        *,
        epoch: int,
        batches: int,
        begun: int,
    ) -> None:
        from nnstudio.training.schedules import RateSchedule

        self._schedule = RateSchedule(training.schedule, training.schedule_settings, training.epochs)
        self._schedule.load_state(state)
        self._lr, self._judged = training.lr, judged if self._schedule.state() else None
        self._epoch, self._batches, self._begun = epoch, batches, begun
        self._losses, self._samples = 0.0, 0

    @property
    def state(self) -> dict[str, Any]:
        """What it remembers of the losses."""
        return self._schedule.state()

    def rate(self, step: int) -> float:
        """Of a step, by how many there were behind those that were begun before."""
        return self._schedule.rate(self._lr, self._epoch, self._epoch * self._batches + self._begun + step)

    def trained(self, program: Program, samples: int) -> None:
        """A batch has been trained on."""
        if self._judged is not None and not self._judged.kept:
            size = samples or program.batch_size
            part = program if size == program.batch_size else program.with_batch_size(size)
            self._losses += self._judged.evaluation.loss_sum(part, size)
            self._samples += size

    def ended(self, program: Program) -> None:
        """The epoch is over: the next one has another rate."""
        if self._judged is not None:
            loss = self._judged.validation_loss(program)
            if loss is None and self._samples:
                loss = self._losses / self._samples
            if loss is not None:
                self._schedule.after_epoch(loss)
        program.lr = self._schedule.rate(self._lr, self._epoch + 1, (self._epoch + 1) * self._batches)
