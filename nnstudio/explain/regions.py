"""Where units change over the inputs: each one's line, and into how many regions they cut the plane.

A unit of the first layer changes at a point (one input) or along a line (two). n of them cut d dimensions
into at most the sum of C(n, s) for s up to d.
Source: Montúfar, Pascanu, Cho and Bengio, On the Number of Linear Regions of Deep Neural Networks, 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.probing import Probe

Array = npt.NDArray[Any]
KINKED = ("ReLU", "LeakyReLU", "PReLU")
"""Activations that are straight on both sides of zero: between their lines the network is flat."""

MOST_COUNTED = 64
"""More units than these are not counted: n lines meet in up to n (n - 1) / 2 points."""

_SAME = 1e-5  # relative: float32 weights that mean one line
_FAR = 7.0


@dataclass(frozen=True)
class Fold:
    """A unit of the first hidden layer: it is on where slope · x + offset is above zero."""

    node: str
    unit: int
    slope: tuple[float, ...]
    offset: float
    kinked: bool

    @property
    def flat(self) -> bool:
        """Whether it is the same everywhere, and so cuts nothing."""
        return not any(self.slope)


def most_regions(units: int, dimensions: int) -> int:
    """Into how many regions so many units can cut so many dimensions: the sum of C(units, s)."""
    return sum(comb(units, s) for s in range(dimensions + 1))


def first_activations(probe: Probe) -> list[str]:
    """The activations with none before them, in the order of computation."""
    active = {node.name for node in probe.flat if node.definition.category == "Activations"}
    return [
        node.name
        for node in probe.flat
        if node.name in active and not (probe.flat.upstream(node.sources.values()) & active)
    ]


def folds(probe: Probe, dimensions: int) -> list[Fold]:
    """Every unit of the first activations whose argument is a plane over the inputs, with that plane.

    It is found by asking the program at a few places, so it holds for whatever stands before the activation.
    """
    sources = {name: probe.flat[name].sources["input"] for name in first_activations(probe)}
    if not sources:
        return []
    rng = np.random.Generator(np.random.PCG64(0))
    places = np.concatenate(
        [np.zeros((1, dimensions)), np.eye(dimensions), rng.uniform(-_FAR, _FAR, (8, dimensions))]
    )
    answers = probe.outputs(places, dict.fromkeys(sources.values()))
    found: list[Fold] = []
    for name, source in sources.items():
        values = np.asarray(answers[source].reshape(len(places), -1), np.float64)
        offset = values[0]
        slopes = values[1 : dimensions + 1] - offset
        size = np.abs(values).max(axis=0, initial=0) + 1e-30
        wrong = np.abs(places @ slopes + offset - values).max(axis=0) / size
        # Differences of float32 numbers leave some dust where the slope is zero.
        slopes = np.where(np.abs(slopes) <= 1e-6 * np.abs(offset), 0.0, slopes)
        kinked = probe.flat[name].definition.name in KINKED
        for unit in np.flatnonzero(wrong < 1e-4):
            slope = tuple(float(each) for each in slopes[:, unit])
            found.append(Fold(name, int(unit), slope, float(offset[unit]), kinked))
    return found


def counted(lines: Sequence[Fold]) -> int:
    """Into how many regions points on a line, or lines in the plane, cut it: exactly, and everywhere.

    Every line adds one, and every point where m of them meet adds m - 1.
    """
    cutting = [fold for fold in lines if not fold.flat]
    if not cutting:
        return 1
    if len(cutting[0].slope) == 1:
        return 1 + len(_distinct(np.array([[-fold.offset / fold.slope[0]] for fold in cutting])))
    rows = np.array([[*fold.slope, fold.offset] for fold in cutting])
    rows /= np.hypot(rows[:, 0], rows[:, 1])[:, None]
    # One line is written in two ways: the first of its numbers that is not zero shall be positive.
    turned = (rows[:, 0] < -_SAME) | ((np.abs(rows[:, 0]) <= _SAME) & (rows[:, 1] < 0))
    rows[turned] *= -1
    rows = _distinct(rows)
    meetings: list[list[float]] = []
    for first in range(len(rows)):
        for second in range(first + 1, len(rows)):
            a, b = rows[first], rows[second]
            across = a[0] * b[1] - a[1] * b[0]
            if abs(across) > _SAME:
                meetings.append([(a[1] * b[2] - b[1] * a[2]) / across, (b[0] * a[2] - a[0] * b[2]) / across])
    _, pairs = _grouped(np.array(meetings).reshape(-1, 2))
    # Where m lines meet, m (m - 1) / 2 pairs of them do.
    through = np.rint((1 + np.sqrt(1 + 8 * pairs)) / 2)
    return 1 + len(rows) + int((through - 1).sum())


def patterns(probe: Probe, places: Array) -> tuple[int, int]:
    """How many different sets of kinked units are on at the places, and how many such units there are.

    Never more than there are regions: one that no place falls into is not seen.
    """
    sources = [node.sources["input"] for node in probe.flat if node.definition.name in KINKED]
    if not sources:
        return 1, 0
    answers = probe.outputs(places, dict.fromkeys(sources))
    on = np.concatenate([answers[name].reshape(len(places), -1) > 0 for name in sources], axis=1)
    packed = np.ascontiguousarray(np.packbits(on, axis=1))
    return len(np.unique(packed.view(f"V{packed.shape[1]}"))), on.shape[1]


def _distinct(rows: Array) -> Array:
    """The rows that are not the same as an earlier one."""
    return _grouped(rows)[0]


def _grouped(rows: Array) -> tuple[Array, npt.NDArray[np.intp]]:
    """The rows that are not the same as an earlier one, and how many there are of each."""
    kept: Array = np.empty_like(rows)
    times = np.zeros(len(rows), np.intp)
    count = 0
    for row in rows:
        near = _SAME * max(1.0, float(np.abs(row).max()))
        same = np.flatnonzero(np.abs(kept[:count] - row).max(axis=1, initial=0) <= near)
        if len(same):
            times[same[0]] += 1
        else:
            kept[count], times[count] = row, 1
            count += 1
    return kept[:count], times[:count]
