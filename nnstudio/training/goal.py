"""Goals: what ends a run before its epochs are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from nnstudio.training.settings import TrainingSettings

Reached = Literal["", "epochs", "loss", "patience", "seconds"]


@dataclass(frozen=True)
class Goal:
    """Any one of these ends a run; 0 leaves it out.

    loss      the training loss of an epoch, per sample, is this or lower
    patience  so many epochs in a row were no better than the best before: by their validation loss, and by
              their training loss where no part is kept for validation
    seconds   so long was trained, pauses left out
    """

    loss: float = 0.0
    patience: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, settings: TrainingSettings) -> Goal:
        """What the settings of a project say."""
        return cls(settings.stop_loss, settings.patience, settings.seconds)

    def to_dict(self) -> dict[str, Any]:
        """JSON values from which Goal(**values) makes the same goal."""
        return {"loss": self.loss, "patience": self.patience, "seconds": self.seconds}


def end_of_run(epochs: int, done: int) -> int:
    """After which epoch a run ends that begins when `done` are done: with those of the settings that are
    left, or when there are none with as many again.
    """
    return epochs if epochs > done else done + epochs


@dataclass
class Standing:
    """How a run stands towards its goal: what it goes on from when it is continued.

    best, best_epoch  the lowest loss that patience looks at, and in which epoch it was; 0 before there is one
    waited            how many epochs since then
    loss              the training loss of the last epoch
    seconds           trained since the run began, or since the goal of so many seconds was last reached
    """

    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    loss: float | None = None
    seconds: float = 0.0

    def after_epoch(self, entry: Mapping[str, Any]) -> bool:
        """Takes in an epoch by its entry of the history; whether it was the best so far."""
        judged = entry.get("validation_loss", entry.get("train_loss"))
        better = judged is not None and (self.best is None or judged < self.best)
        if better:
            self.best, self.best_epoch = judged, int(entry["epoch"])
        self.waited = 0 if better else self.waited + 1
        self.loss = entry.get("train_loss")
        return better

    def begin(self, goal: Goal) -> None:
        """For a run that is to go on although its goal was reached: it waits, and counts, once more."""
        if goal.patience and self.waited >= goal.patience:
            self.waited = 0
        if self.out_of_time(goal):
            self.seconds = 0.0

    def out_of_time(self, goal: Goal) -> bool:
        """Whether it trained for as long as was asked for."""
        return 0 < goal.seconds <= self.seconds

    def reached(self, goal: Goal) -> Reached:
        """Which part of the goal is reached, "" where none is. To be asked after an epoch."""
        if goal.loss and self.loss is not None and self.loss <= goal.loss:
            return "loss"
        if goal.patience and self.waited >= goal.patience:
            return "patience"
        return "seconds" if self.out_of_time(goal) else ""

    def in_words(self, reached: Reached, goal: Goal) -> str:
        """What ended the run, as one sentence; empty where it ran its epochs."""
        match reached:
            case "loss":
                return f"The training loss is {self.loss:.4g}, no more than the {goal.loss:g} asked for."
            case "patience":
                epochs = f"{goal.patience:,} epochs" if goal.patience > 1 else "one epoch"
                best = f"{self.best:.4g} in epoch {self.best_epoch:,}"
                return f"The loss has not fallen for {epochs}; its lowest was {best}."
            case "seconds":
                time = f"{goal.seconds:g} seconds" if goal.seconds != 1 else "one second"
                return f"It has trained for {time}, as long as was asked for."
            case _:
                return ""

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for from_dict; without the seconds, which differ from one run to the next like it."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "loss": self.loss,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], seconds: float) -> Standing:
        """What to_dict wrote. ValueError, TypeError or KeyError where it is something else."""
        best, loss = given["best"], given["loss"]
        return cls(
            None if best is None else float(best),
            int(given["best_epoch"]),
            int(given["waited"]),
            None if loss is None else float(loss),
            seconds,
        )
