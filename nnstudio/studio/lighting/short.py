"""A quantity in few characters, and as one sample of the batch sees it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.studio.formats import number

LISTED = 3
"""So many numbers are listed one by one; of more, the least and the greatest are told."""


def seen(array: NDArray[Any], batched: bool, sample: int | None, classes: int = 0) -> NDArray[Any]:
    """What one sample has of a quantity, or the mean over the batch (None); class numbers have none: of those
    it is the share of each class.
    """
    if not batched or not array.ndim or not len(array):
        return array
    if sample is not None:
        return array[min(sample, len(array) - 1)]
    with np.errstate(all="ignore"):
        if classes:
            known = array[(array >= 0) & (array < classes)].astype(np.intp).ravel()
            return np.bincount(known, minlength=classes) / max(1, array.size)
        return array.mean(axis=0)


def brief(value: float, digits: int) -> str:
    """So many significant digits with a true minus sign: 0.27, −1.2e−7."""
    if not math.isfinite(value):
        return number(value)
    text = f"{value:.{digits}g}"
    if digits == 1 and 0 < abs(value) < 0.01:
        text = f"{value:.0e}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        if 0 <= int(exponent) < digits + 2:
            text = f"{value:.0f}"
        else:
            text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def forms(array: NDArray[Any]) -> tuple[str, ...]:
    """From the longest to the shortest: one number, a few, or from the least to the greatest."""
    values = np.asarray(array, dtype=np.float64).ravel()
    if not values.size:
        return ()
    if values.size == 1:
        one = float(values[0])
        return tuple(dict.fromkeys((number(one), brief(one, 3), brief(one, 2), brief(one, 1))))
    found: list[str] = []
    if values.size <= LISTED:
        listed = values.tolist()
        found = [f"({', '.join(brief(each, digits) for each in listed)})" for digits in (3, 2)]
    if np.isnan(values).any():
        return (*found, f"{int(np.isnan(values).sum()):,} NaN", "NaN")
    low, high = float(values.min()), float(values.max())
    if low == high:
        return (*found, *dict.fromkeys(f"all {brief(low, digits)}" for digits in (3, 2, 1)))
    found += [f"{brief(low, digits)} … {brief(high, digits)}" for digits in (3, 2)]
    found += [f"{brief(low, digits)}…{brief(high, digits)}" for digits in (2, 1)]
    most = max(-low, high)  # from the one sign to the other: no number is larger
    return (*found, *(f"±{brief(most, digits)}" for digits in (2, 1))) if low < 0 < high else tuple(found)


def magnitude(value: NDArray[Any] | None) -> float:
    """How large the numbers are, from 0 (a thousandth and less) to 1 (ten and more)."""
    if value is None or not np.size(value):
        return 0.5
    array = np.asarray(value, dtype=np.float64).ravel()
    with np.errstate(over="ignore"):
        size = math.sqrt(float(np.dot(array, array)) / array.size)
    return min(max((math.log10(max(size, 1e-12)) + 3) / 4, 0.0), 1.0) if math.isfinite(size) else 1.0
