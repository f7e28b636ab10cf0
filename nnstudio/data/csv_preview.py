"""A look at a table before it is taken: what each column holds, what is missing, which rows are bad.

The rows go the way that reading takes them, so that what is told here is what reading will meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.csv_layout import DECIMALS, DELIMITERS, Layout, first_rows, holds_texts, layout_of
from nnstudio.data.csv_rows import UNREADABLE, Block, RowReader, is_missing, not_text, number_in
from nnstudio.data.csv_table import first_of, without_lines
from nnstudio.data.csv_text import text_blocks
from nnstudio.data.faults import Fault, Faults
from nnstudio.data.files import Progress, report
from nnstudio.data.limits import FEW_VALUES, MAX_CLASSES
from nnstudio.errors import DataError

Array = NDArray[Any]
SHOWN_ROWS = 50
_BEGINNING = 1 << 18  # letters that are looked at in a moment, even where a row has thousands of columns


ENOUGH_ROWS = 20
"""Of which it is no chance that a column is the same in all, or counts them."""
NUMBERS_THEM = "numbers the rows"


@dataclass(frozen=True)
class ColumnLook:
    """What a column holds.

    kind      "numbers", "whole numbers" or "texts"
    missing   how many rows lack it
    bad       how many rows are bad because of it
    distinct  how many different values there are; None where there are more than are counted
    low, high   of its numbers; NaN where there are none
    """

    name: str
    kind: str
    missing: int = 0
    bad: int = 0
    distinct: int | None = None
    low: float = math.nan
    high: float = math.nan

    @property
    def suits_classes(self) -> bool:
        """Whether it would be taken for classes as a target: texts, or few whole numbers."""
        return self.kind == "texts" or (
            self.kind == "whole numbers" and self.distinct is not None and self.distinct <= FEW_VALUES
        )

    def tells_nothing(self, rows: int) -> str:
        """Why no sample of so many can be told from another by it, after its range; "" where it may be."""
        if rows < ENOUGH_ROWS or self.kind == "texts":
            return ""
        if self.low == self.high:
            return "in every row"
        numbered = self.kind == "whole numbers" and self.low in (0, 1) and self.high - self.low + 1 == rows
        return NUMBERS_THEM if numbered and self.distinct in (rows, None) and not self.missing else ""


@dataclass(frozen=True)
class TablePreview:
    """What a table looks like.

    delimiter   "," ";" "|" or "tab"
    decimal     "point" or "comma"
    first       its first rows as they stand there
    rows        how many rows there are, bad ones and those that lack a value among them
    lacking     how many rows lack a value
    faults      the bad rows; a row that is bad in several columns is here once
    complete    whether the whole file was looked at
    """

    name: str
    size: int
    delimiter: str
    encoding: str
    decimal: str
    header: bool
    columns: tuple[ColumnLook, ...]
    first: tuple[tuple[str, ...], ...]
    rows: int
    lacking: int
    faults: Faults
    complete: bool


def preview_table(
    path: Path, size: int, options: Mapping[str, Any], whole: bool = True, progress: Progress | None = None
) -> TablePreview:
    """Look at the table, or at its beginning alone.  `options` are those of the reader.

    DataError where it cannot be looked at as a table at all.
    """
    name, encoding = path.name, options["encoding"]
    try:
        with path.open("rb") as file:
            blocks = text_blocks(file, name, encoding, forgiving=True)
            head = first_of(blocks) if whole else first_of(blocks, _BEGINNING)
            text = "".join(part for part, _, _ in head)
            layout = _whole_layout(name, text, options)
            survey = _Survey(layout)
            done = 0

            def seen(read: int) -> None:
                nonlocal done
                done = read
                report(progress, read, size, name)

            rest: Iterator[Block] = blocks if whole else iter(())
            for part in survey.parts(chain(without_lines(head, layout.body_line), rest), seen):
                survey.take(part)
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}.") from None
    rows, _ = first_rows(name, text.split("\n"), layout.delimiter)
    mark = next(word for word, each in DELIMITERS.items() if each == layout.delimiter)
    decimal = next(word for word, each in DECIMALS.items() if each == layout.decimal)
    return TablePreview(
        name=name,
        size=size,
        delimiter=mark,
        encoding=encoding,
        decimal=decimal,
        header=layout.header,
        columns=tuple(map(survey.look, range(len(layout.columns)))),
        first=tuple(map(tuple, rows[layout.header : SHOWN_ROWS + layout.header])),
        rows=survey.rows + survey.faults.count,
        lacking=survey.dropped,
        faults=survey.faults,
        complete=whole or done >= size,
    )


def _whole_layout(name: str, text: str, options: Mapping[str, Any]) -> Layout:
    """The layout in which every column is read, each as what it looks like."""
    found = layout_of(
        name,
        text,
        inputs=(),
        targets=(),
        last_is_target=False,
        task="auto",
        delimiter=options["delimiter"],
        header=options["header"],
        decimal=options["decimal"],
    )
    rows, _ = first_rows(name, text.split("\n"), found.delimiter)
    width = len(found.columns)
    body = [row for row in rows[found.header :] if len(row) == width]
    columns = tuple(range(width))
    texts = frozenset(c for c in columns if holds_texts([row[c] for row in body], "auto", found.decimal))
    return replace(found, inputs=columns, targets=(), texts=texts)


class _Survey(RowReader):
    """Reads every row, forgives everything, and counts."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout, missing="mean", bad="drop")
        width = len(layout.columns)
        self.rows = 0
        self._missing = [0] * width
        self._bad = [0] * width
        self._low: Array = np.full(width, np.inf)
        self._high: Array = np.full(width, -np.inf)
        self._whole = np.ones(width, np.bool_)
        self._values: list[set[float]] = [set() for _ in range(width)]
        self._counted = [column for column in range(width) if column not in self.texts]

    def take(self, rows: Array) -> None:
        """Count what a part of the table holds."""
        self.rows += len(rows)
        if not len(rows):
            return
        self._low = np.fmin(self._low, np.fmin.reduce(rows, axis=0))
        self._high = np.fmax(self._high, np.fmax.reduce(rows, axis=0))
        missing: NDArray[np.bool_] = np.isnan(rows)
        self._whole &= ((rows == np.floor(rows)) | missing).all(axis=0)
        anywhere: NDArray[np.bool_] = np.any(missing, axis=0)
        for column in self._counted:
            known, values = self._values[column], rows[:, column]
            known.update((values[~missing[:, column]] if anywhere[column] else values).tolist())
        self._counted = [column for column in self._counted if not self._too_many(column)]

    def _too_many(self, column: int) -> bool:
        """Whether a column has too many different values for classes, so that they are counted no further."""
        most = MAX_CLASSES if self._whole[column] else FEW_VALUES
        return len(self._values[column]) > most

    def _most(self, column: int) -> int:
        return MAX_CLASSES

    def look(self, column: int) -> ColumnLook:
        """What a column holds, as far as was looked."""
        name = self.layout.columns[column]
        missing, bad = self._missing[column], self._bad[column]
        texts = self.texts.get(column)
        if texts is not None:
            distinct = len(texts) if len(texts) < MAX_CLASSES else None
            return ColumnLook(name, "texts", missing, bad, distinct)
        low, high = float(self._low[column]), float(self._high[column])
        none = low > high
        return ColumnLook(
            name,
            "whole numbers" if self._whole[column] and not none else "numbers",
            missing,
            bad,
            None if self._too_many(column) else len(self._values[column]),
            math.nan if none else low,
            math.nan if none else high,
        )

    def _odd_row(self, row: list[str], line: int) -> list[float]:
        numbers: list[float] = []
        lacking, fault = False, None
        for column, given in enumerate(row):
            cell, codes = given.strip(), self.texts.get(column)
            if is_missing(cell, codes is not None):
                self._missing[column] += 1
                lacking = True
                numbers.append(math.nan)
            elif codes is None:
                value, reason, hint = number_in(cell, self.layout)
                if value is None:
                    self._bad[column] += 1
                    fault = fault or Fault(line, reason + hint, column)
                else:
                    numbers.append(value)
            elif UNREADABLE in cell:
                self._bad[column] += 1
                fault = fault or Fault(line, not_text(cell), column)
            else:
                if len(codes) < MAX_CLASSES:
                    codes.setdefault(cell, len(codes))
                numbers.append(0.0)
        self.dropped += lacking
        if fault is not None:
            self.faults.add(fault)
            return []
        return numbers
