"""Parting a dataset into training, validation and test, and scaling each as the training part says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnstudio.data import scaling, targets
from nnstudio.data.categories import are_categories
from nnstudio.data.dataset import Dataset
from nnstudio.data.files import Progress, report
from nnstudio.data.filling import filled
from nnstudio.data.scaling import Scaling
from nnstudio.data.settings import DataSettings
from nnstudio.errors import DataError

Array = NDArray[Any]
Indices = NDArray[np.intp]
_STAGES = 6


@dataclass(frozen=True, eq=False)
class Part:
    """Some samples of a dataset, scaled and ready to feed.

    x        (n, …) float32 or float64, C-contiguous
    y        the natural targets: int64 (n,) class numbers, or floats (n, k); targets_for serves other shapes
    raw_y    the class numbers, or the scaled numbers, that every form of targets is made of
    indices  of these samples in the dataset, in this order
    """

    name: str
    title: str
    x: Array
    y: Array
    raw_y: Array
    indices: Indices
    task: str
    targets: str
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.indices)

    @property
    def classes(self) -> int:
        """How many classes the whole dataset has; 0 where the targets are numbers."""
        return len(self.class_names)

    @property
    def served_dtype(self) -> np.dtype[Any]:
        """The dtype in which floats are served, x's own."""
        return self.x.dtype


@dataclass(frozen=True, eq=False)
class Splits:
    """The three parts, the scalings fitted on the first, and the dataset they are of."""

    train: Part
    validation: Part
    test: Part
    scaling: Scaling
    target_scaling: Scaling
    dataset: Dataset

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """Training, validation and test, in this order."""
        return self.train, self.validation, self.test


def split(
    dataset: Dataset, settings: DataSettings, dtype: DTypeLike = "float32", progress: Progress | None = None
) -> Splits:
    """The parts of a dataset as the settings say; the same settings and dataset give the same parts.

    Validation and test may be empty.  DataError when nothing is left to train on; `progress` watches it, and
    stops it by False.
    """
    try:
        return _split(dataset, settings, dtype, lambda done: report(progress, done, _STAGES, dataset.title))
    except MemoryError:
        raise DataError(f"The parts of {dataset.title} do not fit into this machine's memory.") from None


def _split(dataset: Dataset, settings: DataSettings, dtype: DTypeLike, done: Callable[[int], None]) -> Splits:
    done(0)
    train, validation, test = part_indices(dataset, settings)
    done(1)
    dataset = filled(dataset, train)
    done(2)
    inputs = scaling.fit(settings.scaling, dataset.x, train, dataset.value_range)
    inputs = inputs.without(are_categories(dataset.columns))
    outputs = Scaling.none()
    if dataset.task == "numbers":
        outputs = scaling.fit_targets(settings.target_scaling, dataset.y, train)
    elif settings.target_scaling == "standardise":
        raise DataError(
            f"{dataset.title} has classes as targets, which are not scaled; set target_scaling to none."
        )

    def part(stage: int, name: str, rows: Indices) -> Part:
        done(stage)
        x = inputs.apply(dataset.x, dtype, rows)
        raw = dataset.y[rows] if dataset.task == "classes" else outputs.apply(dataset.y, dtype, rows)
        bare = Part(
            name, dataset.title, x, raw, raw, rows, dataset.task, settings.targets, dataset.class_names
        )
        y = targets.natural_targets(bare)
        return Part(name, dataset.title, x, y, raw, rows, dataset.task, settings.targets, dataset.class_names)

    parts = part(3, "training", train), part(4, "validation", validation), part(5, "test", test)
    done(_STAGES)
    return Splits(*parts, inputs, outputs, dataset)


def part_indices(dataset: Dataset, settings: DataSettings) -> tuple[Indices, Indices, Indices]:
    """Which samples are for training, validation and test: disjoint, and together all of them."""
    n = dataset.samples
    wanted = _rounded(settings.validation * n), _rounded(settings.test * n)
    if sum(wanted) >= n:
        raise DataError(
            f"{dataset.title} has {n:,} sample{'' if n == 1 else 's'}: {wanted[0]:,} for validation and "
            f"{wanted[1]:,} for test leave none to train on; take smaller parts or more samples."
        )
    rng = np.random.Generator(np.random.PCG64(settings.seed))
    order: Indices = rng.permutation(n) if settings.shuffle else np.arange(n, dtype=np.intp)
    if not (settings.stratify and dataset.task == "classes"):
        first, second = n - sum(wanted), n - wanted[1]
        return order[:first].copy(), order[first:second].copy(), order[second:].copy()
    labels = dataset.y[order]
    counts = np.bincount(labels, minlength=dataset.classes)
    tests = _shares(counts, wanted[1], counts)
    validations = _shares(counts, wanted[0], counts - tests)
    # the rank of a sample among its class, in this order: the last are test, those before are validation
    by_class = np.argsort(labels, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(n, np.intp)
    rank[by_class] = np.arange(n) - np.repeat(starts, counts)
    is_test = rank >= (counts - tests)[labels]
    is_train = rank < (counts - tests - validations)[labels]
    return order[is_train], order[~is_train & ~is_test], order[is_test]


def _shares(counts: NDArray[np.intp], wanted: int, free: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many of each class make up `wanted`: in proportion, the largest remainders rounded up.

    One of each class stays with the training part as long as others can be had.
    """
    exact = counts * (wanted / counts.sum())
    shares = np.minimum(np.floor(exact).astype(np.intp), np.maximum(free - 1, 0))
    order = np.argsort(shares - exact, kind="stable")
    for spare in (1, 0):
        while (missing := wanted - int(shares.sum())) > 0:
            open_classes = order[(free - spare - shares)[order] > 0][:missing]
            if not len(open_classes):
                break
            shares[open_classes] += 1
    return shares


def _rounded(value: float) -> int:
    return int(value + 0.5)
