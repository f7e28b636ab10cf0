"""A curve made calmer: each point the mean of those before it, the nearer the heavier."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

STRONGEST = 0.99
_FORGOTTEN = 1e-3  # what weighs less than this is left out


def smoothed(y: Numbers, weight: float) -> Numbers:
    """The exponential mean of a curve: a point weighs `weight` times the one after it; 0 changes nothing.

    Means begin with the first point itself and not with zero. What is not finite stays so, and does not
    spoil its neighbours.
    """
    weight = min(weight, STRONGEST)
    if weight <= 0 or len(y) < 2:
        return y
    reach = min(len(y), 1 + math.ceil(math.log(_FORGOTTEN) / math.log(weight)))
    weights = weight ** np.arange(reach)
    there = np.isfinite(y)
    total = np.convolve(np.where(there, y, 0.0), weights)[: len(y)]
    share = np.convolve(there.astype(np.float64), weights)[: len(y)]
    return np.where(there, total / np.maximum(share, _FORGOTTEN), np.nan)
