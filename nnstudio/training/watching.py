"""Watching: how the numbers of every layer are spread, as figures small enough for a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from nnstudio.program import Program

Array = NDArray[Any]
Kind = Literal["parameter", "gradient", "activation"]

BINS = 32
MOST_ROWS = 1000
MOST_SAMPLED = 1 << 14
"""Of a larger array, so many evenly spaced numbers stand for all in everything but the norm."""
FEWEST_JUDGED = 16
"""A unit that is 0 for fewer samples than these may well speak for others."""
_FACTS = ("low", "high", "norm", "mean", "std", "ratio", "dead")
WIDTH = len(_FACTS) + BINS


@dataclass(frozen=True, eq=False)
class Figure:
    """One array of the batch last trained.

    counts     how many numbers lie in each of BINS equal parts of low to high
    norm       the root of the sum of squares
    ratio      of a parameter: the norm of the last update by that of the parameter; else not a number
    dead       of an elementwise node: the share of units that are 0 for every sample; else not a number
    """

    key: str
    kind: Kind
    step: int
    counts: Array
    low: float
    high: float
    norm: float
    mean: float
    std: float
    ratio: float
    dead: float


class Watching:
    """The figures of a program's parameters, their gradients and its layers' outputs, in one table.

    `rows` are (key, kind) and say what each row of `table` is of. The table is float64 and written over.
    """

    def __init__(self, program: Program, samples: int) -> None:
        self._enough = min(FEWEST_JUDGED, samples)
        rows: list[tuple[str, Kind]] = []
        self._elementwise: set[str] = set()
        for node in program.graph.flatten():
            output = f"{node.name}.output"
            if (
                node.definition.role in ("module", "output")
                and node.shape[:1] == ("N",)
                and output in program
            ):
                rows.append((output, "activation"))
                if node.definition.elementwise:
                    self._elementwise.add(output)
            for name in node.parameters:
                if f"{node.name}.{name}" in program:
                    rows.append((f"{node.name}.{name}", "parameter"))
                    rows.append((f"{node.name}.grad_{name}", "gradient"))
        self.rows = rows[:MOST_ROWS]
        self.table = np.full((len(self.rows), WIDTH), np.nan)
        self.step = 0
        """After how many updates the table was measured."""
        self._before: dict[str, Array] = {}
        self._before_step = -1

    @property
    def nbytes(self) -> int:
        """How many bytes the table takes."""
        return self.table.nbytes

    def remember(self, program: Program, step: int) -> None:
        """Keeps the parameters as they are, to tell after the next batch how far they moved."""
        for key, kind in self.rows:
            if kind == "parameter":
                if key not in self._before:
                    self._before[key] = np.empty_like(program[key])
                np.copyto(self._before[key], program[key])
        self._before_step = step

    def is_due(self, step: int) -> bool:
        """Whether a batch was trained since the parameters were kept."""
        return 0 <= self._before_step < step

    def measure(self, program: Program, step: int) -> None:
        """Fills the table. What is not current keeps its row, and a parameter, where it is not known how it
        was before the last update, the ratio of an earlier one.
        """
        moved = self._before_step == step - 1
        for (key, kind), row in zip(self.rows, self.table, strict=True):
            if not program.is_current(key):
                continue
            array, ratio = program[key], row[5]
            _describe(array, row)
            if kind == "parameter":
                row[5] = _norm(array - self._before[key]) / row[2] if moved and row[2] else ratio
            elif key in self._elementwise and len(array) >= self._enough:
                row[6] = 1 - np.count_nonzero(array.any(axis=0)) / max(1, array[0].size)
        self.step = step
        self._before_step = -1


def figures(rows: Sequence[Sequence[str]], table: Array, step: int) -> dict[str, Figure]:
    """A table of Watching as figures by their key; arrays without a finite range are left out."""
    found: dict[str, Figure] = {}
    for (key, kind), row in zip(rows, table, strict=True):
        if np.isfinite(row[:2]).all():
            facts = {name: float(value) for name, value in zip(_FACTS, row, strict=False)}
            counts = row[len(_FACTS) :].astype(np.int64)
            found[key] = Figure(key, cast("Kind", kind), step, counts, **facts)
    return found


def _describe(array: Array, row: Array) -> None:
    """low, high, norm, mean, std and the counts of one array."""
    row[:] = np.nan
    flat = array.reshape(-1)
    some = flat[:: -(-flat.size // MOST_SAMPLED) or 1]
    if not some.size:
        return
    with np.errstate(all="ignore"):
        low, high = float(some.min()), float(some.max())
        spread = high - low
        row[:5] = low, high, _norm(flat), some.mean(), some.std()
        if not np.isfinite(spread):
            row[:2] = np.nan
            return
        places = ((some - low) * (BINS / spread if spread else 0.0)).astype(np.intp)
    np.clip(places, 0, BINS - 1, out=places)
    row[len(_FACTS) :] = np.bincount(places, minlength=BINS)


def _norm(array: Array) -> float:
    flat = array.reshape(-1)
    return float(np.sqrt(np.dot(flat, flat)))
