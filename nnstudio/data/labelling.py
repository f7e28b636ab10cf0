"""From a column of values or texts to targets: class numbers with their names, or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.csv_layout import number
from nnstudio.data.limits import FEW_VALUES, MAX_CLASSES
from nnstudio.errors import DataError

Array = NDArray[Any]
Labels = tuple[Array, tuple[str, ...]]


def from_texts(codes: Array, texts: Mapping[str, int]) -> Labels:
    """Codes (n,) of texts -> int64 class numbers and the names, sorted: as numbers where all of them are."""
    by_code = {code: text for text, code in texts.items()}
    present, inverse = np.unique(codes.astype(np.int64), return_inverse=True)
    names = [by_code[int(code)] for code in present]
    values = [number(name) for name in names]
    if all(value is not None and np.isfinite(value) for value in values):
        return from_values(np.array(values, np.float64)[inverse])
    order = sorted(range(len(names)), key=lambda index: names[index])
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank[inverse], tuple(names[index] for index in order)


def from_values(values: Array) -> Labels:
    """Numbers (n,) -> int64 class numbers and the names, in the order of the numbers."""
    distinct, inverse = np.unique(values, return_inverse=True)
    if len(distinct) > MAX_CLASSES:
        raise DataError(
            f"The target has {len(distinct):,} different values, too many for classes; choose task: numbers."
        )
    names = tuple(str(int(v)) if float(v).is_integer() else repr(float(v)) for v in distinct)
    return inverse.astype(np.int64), names


def look_like_classes(values: Array) -> bool:
    """Whole numbers, few different ones, each seen twice on average."""
    if values.dtype.kind == "f" and not (values == np.floor(values)).all():
        return False
    distinct = len(np.unique(values))
    return distinct <= FEW_VALUES and 2 * distinct <= len(values)


def targets_of(values: Array, task: str) -> tuple[Array, str, tuple[str, ...]]:
    """Numeric targets (n,) or (n, …) -> y, "classes" or "numbers", and the class names, as `task` asks."""
    single = values.ndim == 1 or values[0].size == 1
    if task == "classes" and not single:
        raise DataError(
            f"Classes need one target column, but there are {values[0].size:,}; choose one, or task: numbers."
        )
    flat = values.reshape(len(values), -1)
    if single and (task == "classes" or (task == "auto" and look_like_classes(flat[:, 0]))):
        y, names = from_values(flat[:, 0])
        return y, "classes", names
    return flat.astype(np.float64), "numbers", ()
