"""Judging a network sample by sample: the confusion matrix, precision and recall, and what it gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.parting import Part
from nnstudio.explain.answers import Answers
from nnstudio.explain.probing import Probe

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Judgement:
    """Of the samples of one part, in its order.

    true, chosen  classes (n,)
    sure          how much speaks for the chosen class, 0 to 1
    """

    true: Indices
    chosen: Indices
    sure: npt.NDArray[np.float64]
    classes: int

    @property
    def matrix(self) -> Indices:
        """How many samples of each true class (row) were taken for each class (column)."""
        pairs = self.true * self.classes + self.chosen
        found = np.bincount(pairs, minlength=self.classes**2)
        return found.reshape(self.classes, self.classes).astype(np.intp)

    @property
    def accuracy(self) -> float:
        """The share that is right; NaN for no samples."""
        right = int(np.count_nonzero(self.true == self.chosen))
        return right / len(self.true) if len(self.true) else float("nan")

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """Of the samples taken for each class, the share that is of it; NaN where none is taken for it."""
        matrix = self.matrix
        with np.errstate(invalid="ignore"):
            return np.diagonal(matrix) / matrix.sum(axis=0)

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """Of the samples of each class, the share that is taken for it; NaN where there are none."""
        matrix = self.matrix
        with np.errstate(invalid="ignore"):
            return np.diagonal(matrix) / matrix.sum(axis=1)

    def cell(self, true: int, chosen: int) -> Indices:
        """Which samples of a class were taken for a class, those it was surest of first."""
        return self._surest(np.flatnonzero((self.true == true) & (self.chosen == chosen)))

    @property
    def wrong(self) -> Indices:
        """Which samples are misclassified, those it was surest of first."""
        return self._surest(np.flatnonzero(self.true != self.chosen))

    def _surest(self, which: Indices) -> Indices:
        return which[np.argsort(-self.sure[which], kind="stable")]


def judge(probe: Probe, part: Part, answers: Answers) -> Judgement:
    """What the network makes of every sample of a part with classes."""
    outputs = probe.answer(part.x) if len(part) else np.zeros((0, max(2, answers.classes)))
    shares = answers.shares(outputs)
    chosen = answers.chosen(outputs)
    return Judgement(part.raw_y, chosen, shares[np.arange(len(chosen)), chosen], _classes(answers, chosen))


def _classes(answers: Answers, chosen: Indices) -> int:
    """A network may have more outputs than the data have classes."""
    return max(answers.classes, int(chosen.max(initial=-1)) + 1)
