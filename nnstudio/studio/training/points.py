"""The loss of single batches over a run, thinned as it grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnstudio.training.snapshot import POINT

Numbers = NDArray[np.float64]

MOST_POINTS = 2000
STEP, EPOCH, LOSS, BATCHES = (POINT.index(name) for name in ("step", "epoch", "loss", "batches"))


class Points:
    """Rows of POINT: every batch by itself and, where these became too many, each so many in a row, as
    their mean.
    """

    def __init__(self) -> None:
        self.rows: Numbers = np.zeros((0, len(POINT)))
        self._stride = 1  # batches to a row

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, rows: Numbers) -> None:
        if not len(rows):
            return
        self.rows = gathered(np.concatenate([self.rows, rows]), self._stride)
        while len(self.rows) > MOST_POINTS:
            # All of them alike: early batches are no less worth than late ones.
            self._stride *= 2
            self.rows = gathered(self.rows, self._stride)

    def until(self, step: float) -> Numbers:
        """Those up to an update: what comes after it belongs to a run that was taken back."""
        return self.rows[: int(np.searchsorted(self.rows[:, STEP], step, side="right"))]

    def keep_until(self, step: float) -> None:
        """Forget what comes after an update: it is trained once more, or in another way."""
        self.rows = self.until(step)
        if not len(self.rows):
            self._stride = 1  # a run from the beginning is as long as it gets by itself


def gathered(rows: Numbers, stride: int) -> Numbers:
    """One row for every so many steps in a row: the mean of its batches, and how many these are."""
    if stride == 1 or not len(rows):
        return rows
    place = (rows[:, STEP] - 1) // stride
    starts = np.append(0, np.flatnonzero(np.diff(place)) + 1)
    many = rows[:, BATCHES : BATCHES + 1]
    counts = np.add.reduceat(many, starts)
    means = np.add.reduceat(rows * many, starts) / counts
    means[:, BATCHES] = counts[:, 0]
    return means
