"""A matrix of any size as one that can be painted: each block of cells by its largest number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 384  # cells of a picture, each way


@dataclass(frozen=True)
class Reduced:
    """`cells` are float32 of MOST×MOST at most; `limit` is the largest finite size in the whole matrix."""

    cells: NDArray[np.float32]
    limit: float


def reduced(matrix: NDArray[Any]) -> Reduced:
    """Every block becomes the number of its that is farthest from zero, NaN where it holds one."""
    rows, columns = matrix.shape
    low = high = matrix
    if rows > MOST:
        cuts = np.linspace(0, rows, MOST, endpoint=False).astype(np.intp)
        low, high = np.minimum.reduceat(low, cuts, axis=0), np.maximum.reduceat(high, cuts, axis=0)
    if columns > MOST:
        cuts = np.linspace(0, columns, MOST, endpoint=False).astype(np.intp)
        low, high = np.minimum.reduceat(low, cuts, axis=1), np.maximum.reduceat(high, cuts, axis=1)
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        cells = np.where(high >= -low, high, low)
        cells = np.where(np.isnan(low), np.nan, cells)
        if matrix.size == cells.size or np.isfinite(cells).all():
            sizes = np.abs(cells[np.isfinite(cells)])
        else:  # what is not finite hides finite numbers of its block
            whole = np.asarray(matrix)
            sizes = np.abs(whole[np.isfinite(whole)])
        return Reduced(cells.astype(np.float32), float(sizes.max()) if sizes.size else 0.0)
