"""Metrics: how good predictions are, beside the loss.

For classes accuracy, top 5, precision and recall; for numbers RMSE, MAE and R².
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.graph.flatten import FlatGraph

Array = NDArray[Any]

TOP = 5


@dataclass(frozen=True)
class Judged:
    """The node that predicts, the Target it is compared with, and the output half-way between two classes."""

    prediction: str
    target: str
    halfway: float


def judged(graph: FlatGraph) -> Judged | None:
    """The first criterion of the graph that compares something with a Target."""
    roles = {node.name: node.definition.role for node in graph}
    for node in graph:
        if node.definition.role == "criterion" and roles.get(node.sources.get("target", "")) == "target":
            return Judged(node.sources["input"], node.sources["target"], node.definition.halfway)
    return None


class Classes:
    """How well classes are told apart.

    Several outputs predict the class of the largest. One output predicts by a threshold half-way between the
    two values its target takes: for 0 and 1 as the criterion says, 0.5 or with logits 0; 0 for -1 and 1.

    accuracy           the share of samples whose class is predicted right
    top5               with more than five classes: that of samples whose class is among the five likeliest
    precision, recall  the mean over the classes that occur (macro): of the samples taken for a class the
                       share that is of it (0 where none is), of those of a class the share that is found
    """

    def __init__(self, halfway: float = 0.5) -> None:
        self._halfway = halfway
        self._counts = np.zeros((3, 2), np.int64)
        self._by_sign = np.zeros((3, 2), np.int64)
        self._signs = False
        self._near: int | None = None

    def add(self, prediction: Array, target: Array) -> None:
        """A batch: predictions (n, classes), (n, 1) or (n,); targets class numbers, rows, 0/1 or -1/1."""
        rows = prediction.reshape(len(prediction), -1)
        wanted = target.reshape(len(target), -1)
        if rows.shape[1] > 1:
            known = (wanted.argmax(axis=1) if wanted.shape[1] > 1 else wanted[:, 0]).astype(np.intp)
            classes = rows.shape[1]
            if self._counts.shape[1] != classes:
                self._counts = np.zeros((3, classes), np.int64)
            self._counts += _counted(known, rows.argmax(axis=1), classes)
            if classes > TOP:
                better = np.count_nonzero(rows > rows[np.arange(len(rows)), known][:, None], axis=1)
                self._near = (self._near or 0) + int(np.count_nonzero(better < TOP))
        else:
            # A batch may hold only ones: which two values they are of, all batches together tell.
            self._signs = self._signs or bool((wanted < 0).any())
            self._counts += _counted(wanted[:, 0] > 0.5, rows[:, 0] > self._halfway, 2)
            self._by_sign += _counted(wanted[:, 0] > 0, rows[:, 0] > 0, 2)

    def result(self) -> dict[str, float]:
        """{"accuracy", "precision", "recall"}, and "top5"; each from 0 to 1."""
        right, true, taken = self._by_sign if self._signs else self._counts
        samples, occur = int(true.sum()), (true > 0) | (taken > 0)
        found = {"accuracy": int(right.sum()) / samples}
        if self._near is not None:
            found[f"top{TOP}"] = self._near / samples
        for name, of in (("precision", taken), ("recall", true)):
            found[name] = float((right / np.maximum(of, 1))[occur].mean())
        return found


def _counted(true: Array, taken: Array, classes: int) -> Array:
    """For each class how many samples are taken for it rightly, are of it, and are taken for it."""
    hits = true[true == taken]
    return np.stack([np.bincount(each, minlength=classes) for each in (hits, true, taken)])


class Errors:
    """How far predicted numbers are from the true ones, in the data's own unit.

    rmse  root of the mean squared error;  mae  mean absolute error
    r2    1 - squared errors / squared distances from the mean: 1 is perfect, 0 no better than the mean;
          averaged over the outputs, and left out where the targets do not vary
    """

    def __init__(self, unit: Array) -> None:
        self._unit = unit
        self._samples = 0
        self._squares: Any = 0.0
        self._absolutes: Any = 0.0
        self._sums: Any = 0.0
        self._target_squares: Any = 0.0
        self._first: Any = None

    def add(self, prediction: Array, target: Array) -> None:
        """A batch: predictions and targets of one shape (n, …)."""
        true = np.asarray(target, np.float64) / self._unit
        error = np.asarray(prediction, np.float64).reshape(true.shape) / self._unit - true
        if self._first is None:
            self._first = true[:1]  # sums of distances from it stay exact where the targets lie far from zero
        shifted = true - self._first
        self._samples += len(true)
        self._squares = self._squares + (error * error).sum(axis=0)
        self._absolutes = self._absolutes + np.abs(error).sum(axis=0)
        self._sums = self._sums + shifted.sum(axis=0)
        self._target_squares = self._target_squares + (shifted * shifted).sum(axis=0)

    def result(self) -> dict[str, float]:
        """{"rmse", "mae", "r2"}; r2 only where it means something."""
        numbers = self._samples * np.size(self._squares)
        found = {
            "rmse": math.sqrt(float(np.sum(self._squares)) / numbers),
            "mae": float(np.sum(self._absolutes)) / numbers,
        }
        spread = np.atleast_1d(self._target_squares - self._sums * self._sums / self._samples)
        if (spread > 1e-12 * np.atleast_1d(self._target_squares)).all():
            found["r2"] = float(np.mean(1 - np.atleast_1d(self._squares) / spread))
        return found


Metric = Classes | Errors


def metric(task: str, pair: Judged | None, unit: Array) -> Metric | None:
    """A fresh metric for a task ("classes", "numbers", "none"), or None where only the loss counts."""
    if pair is None or task == "none":
        return None
    return Classes(pair.halfway) if task == "classes" else Errors(unit)
