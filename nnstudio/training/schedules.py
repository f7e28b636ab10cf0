# pyright: basic, reportSelfClsParameterName=false, reportArgumentType=false
# basic, because the functions of a class of equations have no self and take numbers by name.
"""Schedules: how the learning rate changes while a run goes on.

Each is a class of equations over plain numbers. `rate` gives the learning rate in use from `lr` (the one
that was set), `epoch` (how many are finished), `step` (how many updates were made), `epochs` (how many
the run is to have) and settings. A schedule that looks at the losses keeps numbers from one epoch to the
next: `start` gives the first ones, and `after_epoch` the next, from these and the epoch's `loss`.
"""

import math
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from nnstudio.errors import TrainingError
from nnstudio.modules.equations import Description, Equations, members, setting
from nnstudio.wording import did_you_mean, short


class Schedule(Equations):
    """What all schedules are."""

    start: ClassVar[dict[str, Any]] = {}
    compared: ClassVar[tuple[str, ...]] = ()
    """Of these numbers those that come from comparing losses."""


class Constant(Schedule):
    """Always the learning rate that was set."""

    formula = "lr"
    aliases = ("none", "fixed")

    def rate(lr):
        return lr


class Step(Schedule):
    """Multiplied by a factor every so many epochs.  Source: torch.optim.lr_scheduler.StepLR."""

    formula = "lr · γ^⌊epoch / every⌋"
    aliases = ("staircase", "step decay")
    every: int = setting(10, "After how many epochs the rate drops.", low=1, high=1_000_000)
    factor: float = setting(0.5, "What the rate is multiplied by.", low=1e-6, high=1)

    def rate(lr, epoch, every, factor):
        return lr * factor ** (epoch // every)


class Exponential(Schedule):
    """Multiplied by a factor after each epoch.  Source: torch.optim.lr_scheduler.ExponentialLR."""

    formula = "lr · γ^epoch"
    aliases = ("geometric",)
    factor: float = setting(0.95, "What the rate is multiplied by.", low=1e-6, high=1)

    def rate(lr, epoch, factor):
        return lr * factor**epoch


class Cosine(Schedule):
    """Half a cosine wave down to the lowest rate, where it stays.

    Source: torch.optim.lr_scheduler.CosineAnnealingLR, which goes up again where this one stays.
    """

    formula = "min + (lr − min) · (1 + cos(π · epoch / period)) / 2"
    aliases = ("annealing",)
    period: int = setting(
        0,
        "After how many epochs it is at its lowest; 0 takes those of the run.",
        low=0,
        high=1_000_000,
        zero="all of the run",
    )
    min_lr: float = setting(0.0, "The lowest rate.", low=0, high=1e6)

    def rate(lr, epoch, epochs, period, min_lr):
        share = min(1, epoch / max(1, period or epochs))
        return min_lr + (lr - min_lr) * (1 + math.cos(math.pi * share)) / 2


class Plateau(Schedule):
    """Multiplied by a factor when the loss has not fallen for a while.

    Looks at the validation loss, and at the training loss where no part is kept for validation.
    Source: torch.optim.lr_scheduler.ReduceLROnPlateau (mode min, relative threshold).
    """

    formula = "lr · γ^reductions"
    aliases = ("reduce on plateau",)
    factor: float = setting(0.5, "What the rate is multiplied by.", low=1e-6, high=1)
    patience: int = setting(5, "How many epochs without progress are borne.", low=0, high=1_000_000)
    threshold: float = setting(1e-4, "By what share the loss must fall to count as progress.", low=0, high=1)
    cooldown: int = setting(0, "How many epochs after a drop are not counted.", low=0, high=1_000_000)
    min_lr: float = setting(0.0, "The lowest rate.", low=0, high=1e6)
    start = {"best": None, "waited": 0, "resting": 0, "reductions": 0}
    compared = ("best", "waited")

    def rate(lr, reductions, factor, min_lr):
        return max(lr * factor**reductions, min(lr, min_lr))

    def after_epoch(loss, best, waited, resting, reductions, patience, threshold, cooldown):
        better = best is None or loss < best - threshold * abs(best)
        waited = 0 if better or resting else waited + 1
        resting = max(0, resting - 1)
        if waited > patience:
            waited, resting, reductions = 0, cooldown, reductions + 1
        return {
            "best": loss if better else best,
            "waited": waited,
            "resting": resting,
            "reductions": reductions,
        }


class Inverse(Schedule):
    """Falls with every update, as Torch7's learningRateDecay does: lr / (1 + t · decay).

    Source: Torch7 optim.sgd and nn.StochasticGradient.
    """

    formula = "lr / (1 + t · decay)"
    aliases = ("torch7", "learning rate decay", "1/t")
    decay: float = setting(0.001, "How fast the rate falls.", low=0, high=1e6)

    def rate(lr, step, decay):
        return lr / (1 + step * decay)


class ScheduleDefinition(Description):
    """Everything there is to know about one schedule, read from its class; its name is in lower case."""

    def __init__(self, cls: type[Schedule]) -> None:
        super().__init__(cls)
        self.name = cls.__name__.lower()
        self.start: dict[str, Any] = cls.start
        self.compared: tuple[str, ...] = cls.compared


class RateSchedule:
    """A schedule with its settings and, where it looks at the losses, what it remembers of them."""

    def __init__(self, name: str, settings: Mapping[str, Any], epochs: int) -> None:
        self.definition = definition(name)
        self._settings = self.definition.complete(settings)
        self.epochs = epochs
        """How many the run is to have; may be set while it goes on."""
        self._state = dict(self.definition.start)
        self.every_step: bool = "step" in self.definition.reads("rate")

    def rate(self, lr: float, epoch: int, step: int) -> float:
        """The learning rate after `epoch` whole epochs and `step` updates, where `lr` is the one set."""
        return float(self._call("rate", {"lr": lr, "epoch": epoch, "step": step, "epochs": self.epochs}))

    def after_epoch(self, loss: float) -> None:
        """Tells the schedule the loss of an epoch that is finished."""
        if "after_epoch" in self.definition.functions and math.isfinite(loss):
            self._state = self._call("after_epoch", {"loss": float(loss)})

    def state(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return dict(self._state)

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Remembers what state() gave; names of another schedule are left alone."""
        for name, value in state.items():
            if name in self._state and (value is None or isinstance(value, int | float)):
                self._state[name] = value

    def compare_anew(self) -> None:
        """Forgets the losses of a network that was another one; the rate stays."""
        self._state |= {name: self.definition.start[name] for name in self.definition.compared}

    def _call(self, function: str, values: Mapping[str, Any]) -> Any:
        known = {**self._settings, **self._state, **values}
        return self.definition.functions[function](
            **{name: known[name] for name in self.definition.reads(function)}
        )


@cache
def definitions() -> dict[str, ScheduleDefinition]:
    """Every schedule by its name, in the order of this file."""
    kinds = [cls for cls in members(sys.modules[__name__], Schedule) if cls is not Schedule]
    return {each.name: each for each in map(ScheduleDefinition, kinds)}


def definition(name: str) -> ScheduleDefinition:
    """The schedule of that name, in any case of letters. TrainingError names the nearest one there is."""
    found = definitions().get(str(name).casefold())
    if found is None:
        hint = did_you_mean(name, definitions(), f"there are {', '.join(definitions())}")
        raise TrainingError(f"There is no schedule {short(str(name))}; {hint}")
    return found
