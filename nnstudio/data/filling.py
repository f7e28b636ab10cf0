"""Missing values: each is filled with the mean of its column, over the training part alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.dataset import Dataset
from nnstudio.errors import DataError

Array = NDArray[Any]


def missing_in(x: Array) -> NDArray[np.bool_] | None:
    """Where x (n, k) holds NaN, which becomes 0 there; None where nothing is missing."""
    found: NDArray[np.bool_] = np.zeros(x.shape, np.bool_)
    any_missing = False
    for column in range(x.shape[1]):
        where = np.isnan(x[:, column])
        if where.any():
            any_missing = True
            found[:, column] = where
            x[where, column] = 0.0
    return found if any_missing else None


def filled(dataset: Dataset, training: NDArray[np.intp]) -> Dataset:
    """The dataset with what is missing filled in as the training part says; itself where nothing is.

    DataError names a column that has no value there.
    """
    missing = dataset.missing
    if missing is None:
        return dataset
    x = np.array(dataset.x, np.float64)
    for column in np.flatnonzero(missing.any(axis=0)):
        present = training[~missing[training, column]]
        if not len(present):
            name = dataset.feature_names[column] if dataset.feature_names else f"column {column + 1}"
            raise DataError(f"{dataset.title}: {name} has no value in the training part; leave it out.")
        x[missing[:, column], column] = x[present, column].mean()
    return replace(dataset, x=x)
