"""Sets made by a formula and a seed: the same options give the same samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.limits import MAX_MADE, MAX_SAMPLES
from nnstudio.errors import DataError
from nnstudio.modules.equations import Setting

Array = NDArray[Any]
XY = tuple[Array, Array]

ORIGIN = "made by nnstudio"
LICENCE = "free of rights"


def _samples(default: int) -> Setting:
    return Setting("samples", "int", default, "How many samples to make.", 1, MAX_SAMPLES)


def _noise(default: float) -> Setting:
    return Setting("noise", "float", default, "Standard deviation of the normal noise added.", 0, 1000)


SEED = Setting("seed", "int", 0, "Makes the same samples again.", 0, 2**53)


@dataclass(frozen=True)
class SyntheticSet:
    """One formula: `make(rng, options)` gives x (n, inputs) and y, (n,) class numbers or (n, 1) numbers."""

    name: str
    title: str
    doc: str
    task: str
    make: Callable[[np.random.Generator, dict[str, Any]], XY]
    options: tuple[Setting, ...]

    def sizes(self, options: dict[str, Any]) -> tuple[int, int, int]:
        """Samples, inputs and classes (0: numbers) that these options will give."""
        inputs = 1 if self.name == "sine" else int(options.get("inputs", 2))
        classes = options.get("arms", options.get("classes", 2)) if self.task == "classes" else 0
        return int(options["samples"]), inputs, int(classes)

    def draw(self, options: dict[str, Any]) -> XY:
        """x and y for complete options.  DataError, before anything is allocated, when too large."""
        samples, inputs, classes = self.sizes(options)
        if samples * inputs > MAX_MADE:
            raise DataError(
                f"{self.name}: {samples:,} samples of {inputs:,} inputs are {samples * inputs:,} numbers, "
                f"more than {MAX_MADE:,}; take fewer samples."
            )
        if samples < classes:
            raise DataError(
                f"{self.name}: {classes:,} classes need at least {classes:,} samples, not {samples:,}."
            )
        return self.make(np.random.Generator(np.random.PCG64(options["seed"])), options)


def _classes(n: int, classes: int) -> Array:
    """Class numbers 0, 1, …, 0, 1, …"""
    return np.arange(n) % classes


def _along(y: Array, last: float) -> Array:
    """Where each sample stands among those of its class, spread evenly from 0 to `last`."""
    counts: Array = np.bincount(y)
    rank: Array = np.arange(len(y)) // len(counts)
    return rank * last / np.maximum(counts[y] - 1, 1)


def _around(radius: Array, angle: Array) -> Array:
    """Points (n, 2) by radius and by angle in whole turns."""
    return np.column_stack((radius * np.cos(2 * np.pi * angle), radius * np.sin(2 * np.pi * angle)))


def _noisy(rng: np.random.Generator, x: Array, options: dict[str, Any]) -> Array:
    return x + options["noise"] * rng.standard_normal(x.shape) if options["noise"] else x


def _xor(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    corners: Array = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    x = corners[_classes(options["samples"], 4)]
    return _noisy(rng, x.astype(np.float64), options), x[:, 0] ^ x[:, 1]


def _spirals(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    y = _classes(options["samples"], options["arms"])
    along = _along(y, 1)
    return _noisy(
        rng, _around(0.05 + 0.95 * along, options["turns"] * along + y / options["arms"]), options
    ), y


def _moons(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    y = _classes(options["samples"], 2)
    upper = _around(np.ones(len(y)), _along(y, 0.5))
    return _noisy(rng, np.where(y[:, None] == 0, upper, [1.0, 0.5] - upper), options), y


def _circles(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    y = _classes(options["samples"], options["classes"])
    counts: Array = np.bincount(y)
    ring = _around(
        (y + 1) / options["classes"], _along(y, 1) * (1 - 1 / counts[y])
    )  # the last is not the first
    return _noisy(rng, ring, options), y


def _gaussians(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    classes, inputs = int(options["classes"]), int(options["inputs"])
    if inputs == 2:
        angle: Array = np.linspace(0, 1, classes, endpoint=False)
        centres = _around(np.full(classes, 2.0), angle)
    else:
        centres = 2 * rng.standard_normal((classes, inputs))
    y = _classes(options["samples"], classes)
    return _noisy(rng, centres[y], options), y


def _sine(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    x = rng.uniform(-np.pi, np.pi, (options["samples"], 1)) * options["periods"]
    return x, _noisy(rng, np.sin(x), options)


def _linear(rng: np.random.Generator, options: dict[str, Any]) -> XY:
    weight, bias = rng.standard_normal((options["inputs"], 1)), rng.standard_normal()
    x = rng.standard_normal((options["samples"], options["inputs"]))
    y = np.einsum("ni,io->no", x, weight) + bias  # no BLAS: its rounding is not the same on every machine
    return x, _noisy(rng, y, options)


SYNTHETIC_SETS = (
    SyntheticSet(
        "xor",
        "Exclusive or",
        "The four corners of a square; the class is 1 where just one of the two inputs is 1.",
        "classes",
        _xor,
        (_samples(4), _noise(0.0), SEED),
    ),
    SyntheticSet(
        "spirals",
        "Spirals",
        "Arms that wind around each other, one class an arm.",
        "classes",
        _spirals,
        (
            _samples(400),
            _noise(0.02),
            Setting("arms", "int", 2, "How many arms, and classes.", 2, 20),
            Setting("turns", "float", 1.5, "How often an arm winds around the centre.", 0, 20),
            SEED,
        ),
    ),
    SyntheticSet(
        "moons",
        "Two moons",
        "Two half circles, one reaching into the other.",
        "classes",
        _moons,
        (_samples(400), _noise(0.1), SEED),
    ),
    SyntheticSet(
        "circles",
        "Circles",
        "Rings around one centre, one class a ring.",
        "classes",
        _circles,
        (
            _samples(400),
            _noise(0.05),
            Setting("classes", "int", 2, "How many rings, and classes.", 2, 20),
            SEED,
        ),
    ),
    SyntheticSet(
        "gaussians",
        "Gaussian clouds",
        "Round clouds of points, one class a cloud; two inputs put the centres on a circle, more at random.",
        "classes",
        _gaussians,
        (
            _samples(400),
            _noise(0.6),
            Setting("classes", "int", 3, "How many clouds, and classes.", 2, 100),
            Setting("inputs", "int", 2, "How many inputs.", 1, 10_000),
            SEED,
        ),
    ),
    SyntheticSet(
        "sine",
        "Noisy sine",
        "y = sin(x) with noise, x even over the periods asked for: a curve to fit.",
        "numbers",
        _sine,
        (
            _samples(400),
            _noise(0.1),
            Setting("periods", "float", 1.0, "How many periods x covers.", 0.01, 100),
            SEED,
        ),
    ),
    SyntheticSet(
        "linear",
        "Linear",
        "y = w·x + b with noise; w and b are drawn from the seed.",
        "numbers",
        _linear,
        (_samples(400), _noise(0.1), Setting("inputs", "int", 1, "How many inputs.", 1, 10_000), SEED),
    ),
)
