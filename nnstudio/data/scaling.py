"""Scaling: one affine map per feature, fitted on the training part only, applied to all that is fed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnstudio.errors import DataError

Array = NDArray[Any]
_BLOCK = 1 << 20  # numbers held in float64 at a time
_CLOSE = 0.5


@dataclass(frozen=True, eq=False)
class Scaling:
    """y = (x - offset) * factor; both are float64, of one sample's shape, or () for all features alike."""

    offset: Array
    factor: Array

    @classmethod
    def none(cls) -> Scaling:
        """The scaling that leaves every value as it is."""
        return cls(np.zeros(()), np.ones(()))

    @property
    def is_none(self) -> bool:
        """Whether apply gives back the values it gets."""
        return bool(np.all(self.offset == 0) and np.all(self.factor == 1))

    def without(self, alone: NDArray[np.bool_]) -> Scaling:
        """The scaling that leaves these features alone; () where there are none."""
        if self.is_none or not alone.any():
            return self
        return Scaling(np.where(alone, 0.0, self.offset), np.where(alone, 1.0, self.factor))

    def apply(self, x: Array, dtype: DTypeLike = "float64", rows: NDArray[np.intp] | None = None) -> Array:
        """Scaled copy of x (n, …), or of its `rows`: C-contiguous, of dtype, computed in float64.

        DataError when a result does not fit dtype.
        """
        count = len(x) if rows is None else len(rows)
        out: Array = np.empty((count, *x.shape[1:]), dtype)
        for start, stop in _blocks(count, out.size):
            block = x[start:stop] if rows is None else x[rows[start:stop]]
            with np.errstate(over="ignore", invalid="ignore"):
                out[start:stop] = (block.astype(np.float64) - self.offset) * self.factor
            if not np.isfinite(out[start:stop]).all():
                raise DataError(
                    f"A value between {block.min():g} and {block.max():g} does not fit {out.dtype.name} "
                    "after scaling; choose float64 or another scaling."
                )
        return out

    def undo(self, y: Array) -> Array:
        """The values, in float64, that apply would map to y: predictions in their own unit."""
        return np.asarray(y, np.float64) / self.factor + self.offset

    def to_dict(self) -> dict[str, Any]:
        """JSON values from which from_dict makes the same scaling, bit for bit."""
        return {"offset": self.offset.tolist(), "factor": self.factor.tolist()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Scaling:
        """The scaling that to_dict wrote; DataError when it is none."""
        try:
            offset, factor = (np.array(given[name], np.float64) for name in ("offset", "factor"))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise DataError(
                "A scaling must hold an offset and a factor, both numbers or lists of numbers."
            ) from None
        if offset.shape != factor.shape or not (np.isfinite(offset).all() and np.isfinite(factor).all()):
            raise DataError(
                f"The offset {offset.shape} and factor {factor.shape} of a scaling must be finite and alike."
            )
        if not factor.all():
            raise DataError("A scaling's factor must not be 0.")
        return cls(offset, factor)


def fit(
    kind: str, x: Array, rows: NDArray[np.intp], value_range: tuple[float, float] | None = None
) -> Scaling:
    """The scaling of x's features ("none", "standardise" or "unit") as seen in `rows` alone.

    A feature that is constant there is only shifted.  "unit" takes value_range where it is known, else the
    least and the greatest value seen.
    """
    if kind == "none":
        return Scaling.none()
    if kind == "unit" and value_range is not None:
        low, high = value_range
        return Scaling(np.array(float(low)), np.array(1.0 / (high - low)))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        low, high = _extremes(x, rows)
        if kind == "unit":
            offset, spread = low, high - low
        else:
            offset = np.clip(
                _mean(x, rows, None), low, high
            )  # rounding must not move a constant off its value
            spread = np.sqrt(_mean(x, rows, offset))
        factor = 1.0 / spread
    factor = np.where((low == high) | ~np.isfinite(factor), 1.0, factor)
    if not (np.isfinite(offset).all() and np.isfinite(spread).all()):
        raise DataError(
            f"The inputs reach from {low.min():g} to {high.max():g}, too far apart to {kind} in float64; "
            "bring them to another unit first."
        )
    return Scaling(offset, factor)


def fit_targets(kind: str, y: Array, rows: NDArray[np.intp]) -> Scaling:
    """The same for targets that are numbers, where "auto" looks whether they need it."""
    if kind == "auto":
        kind = "standardise" if far_from_answers(y, rows) else "none"
    return fit(kind, y, rows)


def far_from_answers(y: Array, rows: NDArray[np.intp]) -> bool:
    """Whether targets (n, k) are not of the size of what a fresh network answers: some lie beyond -1 and 1,
    or all those of one kind closer together than 0.5.

    Shares and signs, which an output between 0 and 1 or -1 and 1 can reach, so are left as they are.
    """
    low, high = _extremes(y, rows)
    return bool((low < -1).any() or (high > 1).any() or (high - low < _CLOSE).any())


def _blocks(rows: int, numbers: int) -> list[tuple[int, int]]:
    step = max(1, _BLOCK * rows // max(1, numbers))
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]


def _extremes(x: Array, rows: NDArray[np.intp]) -> tuple[Array, Array]:
    low: Array = np.full(x.shape[1:], np.inf)
    high: Array = np.full(x.shape[1:], -np.inf)
    for start, stop in _blocks(len(rows), len(rows) * int(np.prod(x.shape[1:]))):
        block = x[rows[start:stop]]
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
    return low, high


def _mean(x: Array, rows: NDArray[np.intp], around: Array | None) -> Array:
    """Mean of x over rows, or of its squared distance from `around`."""
    total: Array = np.zeros(x.shape[1:])
    for start, stop in _blocks(len(rows), len(rows) * int(np.prod(x.shape[1:]))):
        block: Array = x[rows[start:stop]].astype(np.float64)
        total = total + (block.sum(axis=0) if around is None else np.square(block - around).sum(axis=0))
    return total / len(rows)
