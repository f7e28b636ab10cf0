"""Columns of texts among the inputs: each text is an input of its own, 1 where a sample has it and else 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.csv_layout import number
from nnstudio.data.limits import MAX_NUMBERS
from nnstudio.errors import DataError

Array = NDArray[Any]


@dataclass(frozen=True)
class InputColumn:
    """A column of a table among the inputs.

    categories   its different texts, in the order of their inputs; () where it holds numbers

    They are those of the whole file and not of its training part alone: another seed of the split must not
    change how many inputs a network has. What a text stands for is learned from the training part only.
    """

    name: str
    categories: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        return len(self.categories) or 1

    @property
    def features(self) -> tuple[str, ...]:
        """The names of these inputs."""
        return tuple(f"{self.name} = {text}" for text in self.categories) or (self.name,)


def are_categories(columns: Sequence[InputColumn]) -> NDArray[np.bool_]:
    """Of each input, whether it stands for a category."""
    return np.array([bool(each.categories) for each in columns for _ in range(each.width)], np.bool_)


def present(codes: Array, texts: Mapping[str, int]) -> tuple[str, ...]:
    """The texts whose codes there are, sorted: as numbers where all of them are."""
    by_code = {code: text for text, code in texts.items()}
    found = [by_code[int(code)] for code in np.unique(codes[~np.isnan(codes)])]
    values = {text: number(text) for text in found}
    if all(value is not None and np.isfinite(value) for value in values.values()):
        return tuple(sorted(found, key=lambda text: (values[text] or 0.0, text)))
    return tuple(sorted(found))


def spread(
    rows: Array, columns: Sequence[InputColumn], texts: Sequence[Mapping[str, int] | None], name: str
) -> Array:
    """The inputs (n, all widths) of rows (n, columns), in which a text is its code, and NaN where it lacks.

    `texts` has the codes of each column, None where it holds numbers.  DataError where they are too many.
    """
    width = sum(each.width for each in columns)
    if len(rows) * width > MAX_NUMBERS:
        most = max(columns, key=lambda each: each.width)
        raise DataError(
            f"{name}: {len(rows):,} rows of {width:,} inputs are more than {MAX_NUMBERS:,} numbers; leave "
            f"out the column {most.name}, whose {most.width:,} categories are an input each."
        )
    out: Array = np.zeros((len(rows), width))
    start = 0
    for place, (column, codes) in enumerate(zip(columns, texts, strict=True)):
        given, stop = rows[:, place], start + column.width
        if codes is None:
            out[:, start] = given
        else:
            at: NDArray[np.intp] = np.zeros(max(codes.values(), default=0) + 1, np.intp)
            for index, text in enumerate(column.categories):
                at[codes[text]] = index
            there = np.flatnonzero(~np.isnan(given))
            out[there, start + at[given[there].astype(np.intp)]] = 1.0
            out[np.isnan(given), start:stop] = np.nan
        start = stop
    return out
