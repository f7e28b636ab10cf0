"""Dataset: all samples of one source, as they came, before they are parted and scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.categories import InputColumn
from nnstudio.errors import DataError

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and their targets.

    x            (n, …) float64, float32 or uint8, finite
    y            (n,) int64 class numbers where task is "classes"; (n, k) float64 where it is "numbers"
    image_shape  how x may be drawn, such as (8, 8), where it is a picture
    value_range  the known full range of x, such as (0, 255); scaling "unit" uses it
    columns      of a table, those that x is made of: several numbers of x may be the categories of one
    missing      where the source has no value, of x's shape: x holds 0 there until the parts are made
    """

    name: str
    title: str
    x: Array
    y: Array
    task: str
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    value_range: tuple[float, float] | None = None
    origin: str = ""
    licence: str = ""
    missing: NDArray[np.bool_] | None = None
    columns: tuple[InputColumn, ...] = ()

    def __post_init__(self) -> None:
        if len(self.x) == 0:
            raise DataError(f"{self.title} holds no samples.")
        if len(self.x) != len(self.y):
            raise DataError(f"{self.title} has {len(self.x):,} inputs but {len(self.y):,} targets.")
        for what, array in (("x", self.x), ("y", self.y)):
            require_finite(array, f"{self.title}, {what}")

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.x)

    @property
    def classes(self) -> int:
        """How many classes there are; 0 where the targets are numbers."""
        return len(self.class_names)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one sample, such as (64,)."""
        return self.x.shape[1:]

    @property
    def target_shape(self) -> tuple[int, ...]:
        """The shape of one target: () for a class number, (k,) for k numbers."""
        return self.y.shape[1:]

    @property
    def lacking(self) -> int:
        """How many values of the source are missing; a category counts once."""
        if self.missing is None:
            return 0
        starts = np.cumsum([0, *(each.width for each in self.columns)])[: len(self.columns)]
        return int((self.missing[:, starts] if self.columns else self.missing).sum())

    @property
    def raw_y(self) -> Array:
        """y as it came."""
        return self.y

    @property
    def targets(self) -> str:
        """The form targets_for serves y in, where no settings choose one."""
        return "auto"

    @property
    def served_dtype(self) -> np.dtype[Any]:
        """The dtype of what targets_for serves, where no settings choose one."""
        return np.dtype(np.float64)


def require_finite(array: Array, where: str) -> None:
    """DataError names the first sample that holds NaN or infinity.  Looks in blocks, so it copies little."""
    if array.dtype.kind != "f":
        return
    block = max(1, (1 << 20) * len(array) // max(1, array.size))
    for start in range(0, len(array), block):
        finite = np.isfinite(array[start : start + block])
        if not finite.all():
            place = np.argwhere(~finite)[0]
            value = array[start + int(place[0]), *place[1:]]
            raise DataError(
                f"{where}: sample {start + int(place[0]):,} holds {value}, which is not a finite number."
            )
