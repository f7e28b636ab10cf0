"""What the numbers that a network gives mean: which class, and how sure it is of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.probing import Probe
from nnstudio.graph import Graph

Array = npt.NDArray[Any]

_READ_AS = {"CrossEntropy": "SoftMax", "BCEWithLogits": "Sigmoid", "ClassNLL": "Exp"}
"""The module whose equation turns what such a criterion is given into probabilities."""


@dataclass(frozen=True)
class Answers:
    """How the outputs of a network are read.

    classes   how many classes the data have
    halfway   one output tells two classes apart: above it, it is the second
    """

    criterion: str
    classes: int
    halfway: float

    @classmethod
    def of(cls, probe: Probe, classes: int, signs: bool = False) -> Answers:
        """For a probe; `signs`: two classes are told apart as -1 and 1."""
        halfway = 0.5 if probe.judged is None else probe.judged.halfway
        return cls(probe.criterion, classes, 0.0 if signs else halfway)

    def chosen(self, outputs: Array) -> npt.NDArray[np.intp]:
        """The class (n,) that each of the outputs (n, …) means."""
        rows = outputs.reshape(len(outputs), -1)
        if rows.shape[1] > 1:
            return rows.argmax(axis=1)
        return (rows[:, 0] > self.halfway).astype(np.intp)

    def shares(self, outputs: Array) -> npt.NDArray[np.float64]:
        """How much speaks for each class (n, classes), in sum 1: probabilities where the criterion makes
        them such, else the chosen class as far as it leads.
        """
        rows = np.asarray(outputs.reshape(len(outputs), -1), np.float64)
        read = _READ_AS.get(self.criterion)
        if read is not None:
            rows = _through(read, rows)
        elif rows.shape[1] > 1 and (rows.min(initial=0) < 0 or (np.abs(rows.sum(axis=1) - 1) > 1e-3).any()):
            rows = _led(rows)
        if rows.shape[1] > 1:
            return rows
        middle = 0.5 if read is not None else self.halfway
        yes = np.clip(rows[:, 0] - middle + 0.5 if read or middle else rows[:, 0] / 2 + 0.5, 0, 1)
        return np.stack([1 - yes, yes], axis=1)


@cache
def _reader(module: str, width: int) -> Probe:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(width,)), graph.add(module, "read"))
    return Probe(graph, "float64")


def _through(module: str, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What a module of the catalogue gives for the rows."""
    if not len(rows):
        return rows
    return np.nan_to_num(_reader(module, rows.shape[1]).answer(rows), nan=0.0)


def _led(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Equal shares, of which the largest output takes as much as it leads the next by."""
    many = rows.shape[1]
    ordered = np.sort(rows, axis=1)
    lead = np.clip(ordered[:, -1] - ordered[:, -2], 0, 1)
    shares = np.repeat(((1 - lead) / many)[:, None], many, axis=1)
    shares[np.arange(len(rows)), rows.argmax(axis=1)] += lead
    return shares
