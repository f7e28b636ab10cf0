"""The loss of single batches over a run, thinned as it grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnstudio.training.snapshot import POINT

Numbers = NDArray[np.float64]

MOST_POINTS = 2000
STEP, EPOCH, LOSS = (POINT.index(name) for name in ("step", "epoch", "loss"))


class Points:
    """Rows of step, epoch, loss, learning rate and seconds: each the mean of the batches since the one
    before. Where there are too many, two become one.
    """

    def __init__(self) -> None:
        self.rows: Numbers = np.zeros((0, len(POINT)))

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, rows: Numbers) -> None:
        if len(rows):
            self.rows = np.concatenate([self.rows, rows])
        while len(self.rows) > MOST_POINTS:
            even = self.rows[: len(self.rows) // 2 * 2]
            self.rows = even.reshape(-1, 2, len(POINT)).mean(axis=1)

    def until(self, step: float) -> Numbers:
        """Those up to an update: what comes after it belongs to a run that was taken back."""
        return self.rows[: int(np.searchsorted(self.rows[:, STEP], step, side="right"))]

    def keep_until(self, step: float) -> None:
        """Forget what comes after an update: it is trained once more, or in another way."""
        self.rows = self.until(step)
