"""The rows of a CSV file as numbers: by numpy's C reader, and cell by cell where something is unusual.

The second way is the truth: what the first refuses goes through it, and it knows where an error is.
"""

from __future__ import annotations

import array
import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.csv_layout import MISSING, Layout, number
from nnstudio.data.faults import Fault, Faults
from nnstudio.data.limits import MAX_CATEGORIES, MAX_CLASSES, MAX_NUMBERS
from nnstudio.errors import DataError
from nnstudio.wording import short

Array = NDArray[Any]
Block = tuple[str, int, int]
_CHUNK = 1 << 22
"""Numbers kept together: so many that the memory of each chunk goes back as soon as it is copied."""
_CARE = 1 << 17  # numbers that were read cell by cell, before they are put with the others
UNREADABLE = "\ufffd"
"""Stands for bytes that are no text, where the reader is forgiving."""


class RowReader:
    """Turns blocks of lines into float64 rows of the columns used, in the layout's order.

    A cell of a text column becomes the index of its text in `texts[column]`.

    known     the only texts there may be in a column, by column; elsewhere each new one is taken down
    missing   a row that lacks a value: "error" stops there, "drop" leaves the row out, "mean" gives NaN (the
              row is left out where it is the target that is missing)
    bad       a row that is no row of the table: "error" stops there, "drop" leaves it out and notes it
    dropped   how many rows were left out for a missing value
    faults    the rows that were left out because they are bad
    """

    def __init__(
        self,
        layout: Layout,
        missing: str = "error",
        bad: str = "error",
        known: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        self.layout = layout
        self.missing, self.bad = missing, bad
        self.dropped: int = 0
        self.faults = Faults()
        self._known: Mapping[int, Sequence[str]] = {} if known is None else known
        self.texts: dict[int, dict[str, int]] = {
            column: {text: code for code, text in enumerate(self._known.get(column, ()))}
            for column in sorted(layout.texts)
        }
        self._numbers = 0
        self._targets = frozenset(layout.targets)
        mark = re.escape(layout.delimiter)
        # quotation marks around a whole cell that holds neither one itself nor a line end
        self._simply_quoted = re.compile(rf'"(?<=[\n{mark}]")[^"\n]*"(?=[\n{mark}])')
        self._converters = self._fast_converters()

    def read(self, blocks: Iterator[Block], seen: Callable[[int], None]) -> Array:
        """All rows, (rows, columns used).  `seen(bytes)` is called after each block."""
        rows = _Gathered(len(self.layout.used))
        for part in self.parts(blocks, seen):
            self._count(part.size)
            rows.add(part)
        return rows.joined()

    def parts(self, blocks: Iterator[Block], seen: Callable[[int], None]) -> Iterator[Array]:
        """The rows, some at a time."""
        for text, line, done in blocks:
            if '"' in text and '"' in self._simply_quoted.sub("", f"\n{text}\n"):
                # a cell may hold a line end, and so reach into the next block: read on line by line
                rest = _watched(chain([(text, line, done)], blocks), seen)
                yield from self._rows_with_care(rest, line)
                break
            lines = text.split("\n")
            plain = self._with_points(text)
            rows = None if plain is None else self._rows_fast(plain.split("\n"))
            if rows is None:
                yield from self._rows_with_care((row + "\n" for row in lines), line)
            else:
                yield rows
            seen(done)

    def _count(self, numbers: int) -> None:
        self._numbers += numbers
        if self._numbers > MAX_NUMBERS:
            raise DataError(
                f"{self.layout.name} holds more than {MAX_NUMBERS:,} numbers; take fewer rows or columns."
            )

    def _fast_converters(self) -> dict[int | str, Callable[[str], float]]:
        unused = set(range(len(self.layout.columns))) - set(self.layout.used)
        converters: dict[int | str, Callable[[str], float]] = dict.fromkeys(unused, _nothing)
        for column, codes in self.texts.items():
            converters[column] = _coder(codes, self._most(column))
        return converters

    def _with_points(self, text: str) -> str | None:
        """The lines as numpy reads them, or None where they must be taken with care."""
        if UNREADABLE in text:
            return None
        comma = self.layout.decimal
        if comma == ".":
            return text
        # Elsewhere than in numbers a comma is part of a text, and a point is no part of a number.
        if self.texts or "." in text or comma == self.layout.delimiter:
            return None
        return text.replace(comma, ".")

    def _rows_fast(self, lines: list[str]) -> Array | None:
        """The rows by numpy's reader, or None where it refuses them or where a value is not finite."""
        if not any(map(str.strip, lines)):
            return np.empty((0, len(self.layout.used)))
        try:
            rows: Array = np.loadtxt(
                lines,
                dtype=np.float64,
                comments=None,
                delimiter=self.layout.delimiter,
                converters=self._converters or None,
                ndmin=2,
                encoding=None,
                quotechar='"',
            )
        except (ValueError, OverflowError):
            return None
        if rows.shape[1] != len(self.layout.columns):
            return None
        if self.layout.used != tuple(range(rows.shape[1])):
            rows = rows[:, self.layout.used]
        return rows if np.isfinite(rows).all() else None

    def _rows_with_care(self, lines: Iterable[str], first_line: int) -> Iterator[Array]:
        layout = self.layout
        width, used = len(layout.columns), layout.used
        values = array.array("d")
        reader = csv.reader(lines, delimiter=layout.delimiter, skipinitialspace=True, strict=True)
        line = first_line
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                self.refuse(Fault(line, f"{error}"), "; check its quotation marks")
                line = first_line + reader.line_num
                continue
            if row is None:
                break
            if any(map(str.strip, row)):
                if len(row) != width:
                    columns = f"{len(row):,} column{'' if len(row) == 1 else 's'}"
                    self.refuse(Fault(line, f"the row has {columns}, but the first row has {width:,}"), "")
                else:
                    values.extend(self._plain_row(row) or self._odd_row(row, line))
            line = first_line + reader.line_num
            if len(values) >= _CARE:
                yield np.frombuffer(values, np.float64).reshape(-1, len(used))
                values = array.array("d")
        if values:
            yield np.frombuffer(values, np.float64).reshape(-1, len(used))

    def refuse(self, fault: Fault, remedy: str) -> None:
        """Leave a bad row out, or stop there with a sentence: DataError."""
        if self.bad == "drop":
            self.faults.add(fault)
            return
        layout = self.layout
        where = (
            f"{layout.name}, line {fault.line:,}"
            if fault.column is None
            else layout.place(fault.line, fault.column)
        )
        raise DataError(f"{where}: {fault.reason}{remedy}.")

    def _plain_row(self, row: list[str]) -> list[float] | None:
        """The row at once, where all its cells are used and are numbers; else None."""
        if self.texts:
            return None
        cells = [row[column] for column in self.layout.used]
        together = "".join(cells)
        if "_" in together or not together.isascii():
            return None
        if self.layout.decimal != ".":
            if "." in together:
                return None
            cells = [cell.replace(self.layout.decimal, ".") for cell in cells]
        try:
            numbers = list(map(float, cells))
        except ValueError:
            return None
        return numbers if math.isfinite(sum(numbers)) else None

    def _odd_row(self, row: list[str], line: int) -> list[float]:
        """The row cell by cell; [] when it is left out, DataError where that is not asked for."""
        numbers: list[float] = []
        for column in self.layout.used:
            cell = row[column].strip()
            codes = self.texts.get(column)
            if is_missing(cell, codes is not None):
                if self.missing == "mean" and column not in self._targets:
                    numbers.append(math.nan)
                    continue
                if self.missing == "error":
                    where = self.layout.place(line, column)
                    # Of inputs alone each row gets its answer, and there is nothing to choose.
                    other = "choose missing: drop" if self._targets else "take the row out of the file"
                    raise DataError(f"{where}: the value is missing; fill it in, or {other}.")
                self.dropped += 1
                return []
            if codes is None:
                value, reason, hint = number_in(cell, self.layout)
                if value is None:
                    self.refuse(Fault(line, reason, column), hint)
                    return []
                numbers.append(value)
                continue
            if UNREADABLE in cell:
                self.refuse(Fault(line, not_text(cell), column), "")
                return []
            if cell not in codes and len(codes) >= self._most(column):
                self._refuse_text(cell, codes, line, column)
                return []
            numbers.append(float(codes.setdefault(cell, len(codes))))
        return numbers

    def _most(self, column: int) -> int:
        """How many different texts there may be."""
        if column in self._known:
            return len(self._known[column])
        return MAX_CLASSES if column in self._targets else MAX_CATEGORIES

    def _refuse_text(self, cell: str, codes: Mapping[str, int], line: int, column: int) -> None:
        """One text too many."""
        if column in self._known:
            some = ", ".join(short(text) for text in list(codes)[:8]) + (" …" if len(codes) > 8 else "")
            self.refuse(Fault(line, f"{short(cell)} is none of the categories known, {some}", column), "")
            return
        many = f"{self.layout.name}, column {column + 1}: more than {self._most(column):,} different values"
        if column in self._targets:
            raise DataError(f"{many}, too many to be classes; choose another target column.")
        raise DataError(f"{many}, too many to be an input each; leave this column out.")


def is_missing(cell: str, text: bool) -> bool:
    """Whether a cell, stripped, says nothing; of a text only the empty one."""
    return cell == "" or (not text and cell.lower() in MISSING)


def not_text(cell: str) -> str:
    """Why a text cannot be read."""
    return f"{short(cell)} holds bytes that are no text in this encoding"


def number_in(cell: str, layout: Layout) -> tuple[float | None, str, str]:
    """The finite number in a cell; else None, why it is none, and what may help."""
    value = number(cell, layout.decimal)
    if value is not None and math.isfinite(value):
        return value, "", ""
    if value is not None:
        return None, f"{short(cell)} is not a finite number", ""
    hint, pointed = "", cell.replace(",", ".")
    if layout.decimal != "." and number(cell) is not None:
        hint = "; write it with a comma, or choose decimal: point"
    elif layout.delimiter != "," and cell.count(",") == 1 and number(pointed) is not None:
        hint = f"; write it with a point, {pointed}, or choose decimal: comma"
    return None, f"{short(cell)} is not a number", hint


def _nothing(cell: str) -> float:
    return 0.0


def _coder(codes: dict[str, int], most: int) -> Callable[[str], float]:
    def code(cell: str) -> float:
        cell = cell.strip()
        if not cell or (cell not in codes and len(codes) >= most):
            return math.nan  # the careful way then says what is wrong
        return float(codes.setdefault(cell, len(codes)))

    return code


def _watched(blocks: Iterable[Block], seen: Callable[[int], None]) -> Iterator[str]:
    """The lines of the blocks, one by one."""
    for text, _, done in blocks:
        lines = text.split("\n")
        last = lines.pop()
        for line in lines:
            yield line + "\n"
        if last:
            yield last
        seen(done)


class _Gathered:
    """Rows put together, in chunks that take no more memory than they need, and once each."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._size = max(1, _CHUNK // max(1, columns))
        self._chunks: list[Array] = []
        self._free = 0

    def add(self, rows: Array) -> None:
        start = 0
        while start < len(rows):
            if not self._free:
                self._chunks.append(np.empty((self._size, self._columns)))
                self._free = self._size
            more = min(self._free, len(rows) - start)
            at = self._size - self._free
            self._chunks[-1][at : at + more] = rows[start : start + more]
            start += more
            self._free -= more

    def joined(self) -> Array:
        """All rows in one array; each chunk is let go as soon as it is copied."""
        count = len(self._chunks) * self._size - self._free
        whole: Array = np.empty((count, self._columns))
        for start in range(0, count, self._size):
            chunk = self._chunks.pop(0)
            whole[start : start + self._size] = chunk[: count - start]
        return whole
