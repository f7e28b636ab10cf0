"""Learning-rate range test: the loss while the rate rises geometrically, and the rate that this suggests.

Source: Smith 2017, Cyclical learning rates for training neural networks, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.parting import Splits
from nnstudio.errors import TrainingError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData
from nnstudio.training.divergence import Diverged
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

STEPS = 100
LOWEST, HIGHEST = 1e-5, 10.0
MEMORY = 0.8
"""How much of the smoothed loss is kept from one batch to the next."""
FAR_WORSE = 4.0
"""It ends where the smoothed loss is so many times the lowest, above which nothing is to be learned."""
_LEAST_FALL = 0.02


class RateTest:
    """Trains a copy, one batch at each of the rates, until the loss is far worse than it was at its best.

    A twin that keeps the first weights sees the same batches. Some are harder than others, which hides what
    was learned; it is by how much each is easier now than with the first weights that a rate is judged.

    rates       those tried so far, from the lowest on
    losses      the loss per sample of the batch before the update at this rate
    suggestion  a third of the rate at which the loss is lowest, as 1, 2 or 5 times a power of ten; where it
                falls at the highest one still, that at which it falls fastest per tenfold. None before the
                end, and where the loss never falls
    sentence    why
    """

    def __init__(
        self,
        graph: Graph,
        data: Splits | BoundData | None,
        settings: TrainingSettings | None = None,
        *,
        weights: Mapping[str, npt.ArrayLike] | None = None,
        lowest: float = LOWEST,
        highest: float = HIGHEST,
        steps: int = STEPS,
    ) -> None:
        if not 0 < lowest < highest < math.inf:
            raise TrainingError(
                f"A range test goes from a rate above 0 up to a higher one, and {lowest:g} to {highest:g} "
                "does not."
            )
        if steps < 10:
            raise TrainingError(f"A range test tries 10 rates or more, not {steps:,}.")
        plain: dict[str, Any] = {"lr": lowest, "schedule": "constant", "schedule_settings": {}}
        plain |= {"keep_best": False, "keep_every": 0}
        settings = replace(settings or TrainingSettings(), **plain)
        self._trainer = Trainer(graph, data, settings, weights=weights)
        self._twin = Trainer(graph, self._trainer.data, replace(settings, lr=0.0), weights=weights)
        self._rates = np.geomspace(lowest, highest, steps)
        self.rates: list[float] = []
        self.losses: list[float] = []
        self._gains: list[float] = []
        self._at_first: list[float] = []
        self.suggestion: float | None = None
        self.sentence = ""

    @property
    def smoothed(self) -> list[float]:
        """For each rate the twin's mean loss, and to that the running mean of what is gained on it, without
        the bias of its beginning.
        """
        level = sum(self._at_first) / max(1, len(self._at_first))
        return [level + gain for gain in self._gains]

    def run(self) -> Generator[float]:
        """Tries all rates, giving way after each batch with the share that is done, 0 to 1."""
        trainer, running = self._trainer, 0.0
        steps, twins = (each.steps(10**9, to_goal=False) for each in (trainer, self._twin))
        for number, rate in enumerate(self._rates, 1):
            trainer.lr = rate
            try:
                loss, at_first = _next_loss(trainer, steps), _next_loss(self._twin, twins)
            except Diverged:
                break
            running = MEMORY * running + (1 - MEMORY) * (loss - at_first)
            self.rates.append(float(rate))
            self.losses.append(loss)
            self._at_first.append(at_first)
            self._gains.append(running / (1 - MEMORY**number))
            smoothed = self.smoothed
            if number > 10 and smoothed[-1] > FAR_WORSE * min(smoothed) > 0:
                break
            yield number / len(self._rates)
        steps.close()
        twins.close()
        self._conclude()
        yield 1.0

    def _conclude(self) -> None:
        smoothed = np.asarray(self.smoothed)
        lowest = int(smoothed.argmin()) if len(smoothed) else 0
        fell = smoothed[0] - smoothed[lowest] if lowest else 0.0
        if lowest < 2 or fell <= _LEAST_FALL * abs(float(smoothed[0])):
            self.sentence = (
                "The loss falls at none of these rates: look at the data and at the network first."
            )
            return
        best = self.rates[lowest]
        if len(self.rates) < len(self._rates) or smoothed[-1] > smoothed[lowest] + 0.1 * fell:
            self.suggestion = _round(best / 3)
            seen = f"The loss falls up to a rate of {best:.2g} and rises beyond"
        else:
            rate = self.rates[steepest(smoothed[: lowest + 1], max(1, len(self._rates) // 12))]
            self.suggestion = _round(min(rate, best / 3))
            seen = f"The loss falls fastest at {rate:.2g}, and still at {best:.2g}, the highest tried"
        self.sentence = f"{seen}: try {self.suggestion:g}."


def _next_loss(trainer: Trainer, steps: Generator[object]) -> float:
    """Trains one batch and gives its loss per sample. Between two epochs it measures, which takes no step."""
    before = trainer.step
    while trainer.step == before:
        next(steps)
    loss = trainer.recent_loss()
    assert loss is not None
    return loss


def steepest(losses: npt.NDArray[np.floating], reach: int) -> int:
    """Where the losses fall fastest, seen over `reach` rates to either side: single batches are noisy.

    It is the middle of that stretch: at the lowest loss itself, where stretches end, nothing falls any more.
    """
    places = np.arange(len(losses))
    after, before = np.minimum(places + reach, len(losses) - 1), np.maximum(places - reach, 0)
    found = int(((losses[after] - losses[before]) / (after - before)).argmin())
    return int(after[found] + before[found]) // 2


def _round(value: float) -> float:
    """The largest of …, 0.1, 0.2, 0.5, 1, … that is not above a number."""
    power = 10.0 ** math.floor(math.log10(value))
    factors: tuple[Any, ...] = (5, 2, 1)
    return float(f"{next((f for f in factors if f * power <= value * (1 + 1e-9)), 1) * power:.1g}")
