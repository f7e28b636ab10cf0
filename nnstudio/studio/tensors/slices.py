"""A tensor as rows and columns: which axis runs down, which across, and where the others stand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]
Element = tuple[int, ...]
LONGEST_ROW = 64
"""A vector with more numbers than this runs down and not across."""


@dataclass(frozen=True)
class Slice:
    """Two axes of an array of a shape, with an index for each of the others.

    rows, columns   axes; None where there is but one row or one column
    at              an index for every axis; those of `rows` and `columns` do not count
    fold            where rows is None, the numbers of `columns` in lines of so many; 0 for one line
    """

    shape: Shape
    rows: int | None
    columns: int | None
    at: Element
    fold: int = 0

    @property
    def row_count(self) -> int:
        if self.fold:
            return -(-self._length // self.fold)
        return 1 if self.rows is None else self.shape[self.rows]

    @property
    def column_count(self) -> int:
        if self.fold:
            return self.fold
        return 1 if self.columns is None else self.shape[self.columns]

    @property
    def _length(self) -> int:
        return 1 if self.columns is None else self.shape[self.columns]

    @property
    def others(self) -> list[int]:
        """The axes that are neither rows nor columns."""
        return [axis for axis in range(len(self.shape)) if axis not in (self.rows, self.columns)]

    def element(self, row: int, column: int) -> Element | None:
        """The index of a cell in the array; None behind the end of a folded line."""
        if not (0 <= row < self.row_count and 0 <= column < self.column_count):
            return None
        index = list(self.at)
        if self.fold:
            column = row * self.fold + column
            if column >= self._length:
                return None
        elif self.rows is not None:
            index[self.rows] = row
        if self.columns is not None:
            index[self.columns] = column
        return tuple(index)

    def cell(self, element: Element) -> tuple[int, int] | None:
        """Where an element stands; None where it is on another slice, or in a larger tensor."""
        if len(element) != len(self.shape) or any(element[axis] != self.at[axis] for axis in self.others):
            return None
        if any(index >= length for index, length in zip(element, self.shape, strict=True)):
            return None
        column = 0 if self.columns is None else element[self.columns]
        if self.fold:
            return divmod(column, self.fold)
        return (0 if self.rows is None else element[self.rows]), column

    def matrix(self, array: NDArray[Any]) -> NDArray[Any]:
        """The rows and columns, without a copy unless a folded last line is to be filled up."""
        index = tuple(
            slice(None) if axis in (self.rows, self.columns) else self.at[axis]
            for axis in range(len(self.shape))
        )
        part = array[index]
        if self.fold:
            missing = self.row_count * self.fold - self._length
            if missing:
                full = np.full(self.row_count * self.fold, np.nan, np.float64)
                full[: self._length] = part
                part = full
            return part.reshape(self.row_count, self.fold)
        if self.rows is not None and self.columns is not None and self.rows > self.columns:
            part = part.T
        return part.reshape(self.row_count, self.column_count)

    def moved(self, axis: int, index: int) -> Slice:
        """With another index for one of the other axes."""
        at = list(self.at)
        at[axis] = min(max(index, 0), self.shape[axis] - 1)
        return replace(self, at=tuple(at))

    def across(self, rows: int | None, columns: int | None) -> Slice:
        """With other axes for rows and columns; two that would be the same change places."""
        if rows == columns:
            rows, columns = (self.columns, columns) if columns != self.columns else (rows, self.rows)
        return replace(self, rows=rows, columns=columns, fold=0)


def default_slice(
    shape: Shape, *, sample: int | None = None, image: Shape | None = None, square: bool = False
) -> Slice:
    """The last two axes; of a long vector a column.

    With a `sample`, the first axis stands at it. What is left, if it is a vector with the numbers of an
    `image`, or with `square` of any square, is folded to it.
    """
    at = [0] * len(shape)
    axes = list(range(len(shape)))
    if sample is not None and axes:
        at[0] = min(sample, shape[0] - 1)
        axes = axes[1:]
    if not axes:
        return Slice(shape, None, None, tuple(at))
    if len(axes) > 1:
        return Slice(shape, axes[-2], axes[-1], tuple(at))
    length = shape[axes[0]]
    side = image_side(length, image) if square or image else 0
    if side:
        return Slice(shape, None, axes[0], tuple(at), side)
    if length > LONGEST_ROW:
        return Slice(shape, axes[0], None, tuple(at))
    return Slice(shape, None, axes[0], tuple(at))


def picture_slice(at: Slice, aspect: float = 1.6) -> Slice:
    """The same for a picture: a vector of more than a few numbers is folded into a rectangle."""
    count = at.row_count * at.column_count
    if at.fold or min(at.row_count, at.column_count) != 1 or count <= LONGEST_ROW:
        return at
    wide = max(1, math.ceil(math.sqrt(count * aspect)))
    # A width that leaves no gap in the last line, if there is one nearby.
    fold = next((width for width in range(wide, max(1, wide // 2), -1) if count % width == 0), wide)
    return Slice(at.shape, None, at.columns if at.columns is not None else at.rows, at.at, fold)


def image_side(length: int, image: Shape | None) -> int:
    """The width of the image that so many numbers are; 0 where they are none."""
    if image and len(image) == 2 and image[0] * image[1] == length:
        return image[1]
    side = math.isqrt(length)
    return side if side * side == length and length >= 16 else 0


def written(element: Element) -> str:
    """ "[3, 0]"; nothing for a single number."""
    return f"[{', '.join(map(str, element))}]" if element else ""
