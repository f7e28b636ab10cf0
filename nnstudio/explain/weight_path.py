"""The way that the weights of a run have gone: as many of its places as fit, evenly spread over its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MOST_PLACES = 240
MOST_BYTES = 96 << 20


@dataclass(frozen=True)
class Place:
    """Weights after so many updates."""

    step: int
    weights: Mapping[str, Array]


class WeightPath:
    """Keeps copies of weights as a run tells them. When there are too many, every second one goes."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._spacing = 0

    @property
    def places(self) -> tuple[Place, ...]:
        """In the order of the steps; the last one is the newest that was added."""
        return tuple(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def clear(self) -> None:
        """Another run begins elsewhere."""
        self._places, self._spacing = [], 0

    def add(self, step: int, weights: Mapping[str, Array]) -> None:
        """One more place. A run that went back drops what lay ahead; other parameters begin another path."""
        if self._places and _shapes(self._places[0].weights) != _shapes(weights):
            self.clear()
        while self._places and self._places[-1].step >= step:
            self._places.pop()
        # Between two that are kept the newest only stands for now.
        if len(self._places) > 1 and step - self._places[-2].step < self._spacing:
            self._places.pop()
        self._places.append(Place(step, {key: np.array(array) for key, array in weights.items()}))
        size = max(1, sum(array.nbytes for array in weights.values()))
        most = max(8, min(MOST_PLACES, MOST_BYTES // size))
        if len(self._places) > most:
            last = self._places[-1]
            self._places = self._places[::2]
            if self._places[-1] is not last:
                self._places.append(last)
            gaps = [b.step - a.step for a, b in pairwise(self._places)]
            self._spacing = max(2 * self._spacing, sorted(gaps)[len(gaps) // 2])


def _shapes(weights: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {key: array.shape for key, array in weights.items()}
