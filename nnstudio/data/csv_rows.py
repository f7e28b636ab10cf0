"""The rows of a CSV file as numbers: by numpy's C reader, and cell by cell where something is unusual.

The second way is the truth: what the first refuses goes through it, and it knows where an error is.
"""

from __future__ import annotations

import array
import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.csv_layout import MISSING, Layout, number
from nnstudio.data.limits import MAX_CLASSES, MAX_FILE_BYTES, MAX_NUMBERS
from nnstudio.errors import DataError
from nnstudio.wording import short

Array = NDArray[Any]
_BLOCK_BYTES = 1 << 22
_LINE_BYTES = 1 << 26


def text_blocks(file: BinaryIO, name: str, encoding: str) -> Iterator[tuple[str, int, int]]:
    """Whole lines of the file, some megabytes at a time: (text, number of its first line, bytes read so far).

    Line ends become "\\n".  DataError names the byte and the line of what is not text.
    """
    rest, offset, line = b"", 0, 1
    while True:
        read = file.read(_BLOCK_BYTES)
        block = rest + read
        cut = _last_line_end(block) if read else len(block)
        if read and not cut:
            if len(block) > _LINE_BYTES:
                raise DataError(f"{name}, line {line:,} is longer than {_LINE_BYTES:,} bytes; is it a table?")
            rest = block
            continue
        if cut:
            text = _decoded(block[:cut], name, encoding, offset, line)
            yield text, line, offset + cut
            line += text.count("\n")
        offset += cut
        rest = block[cut:]
        if offset > MAX_FILE_BYTES:
            raise DataError(f"{name} has more than {MAX_FILE_BYTES:,} bytes; take a part of it.")
        if not read:
            return


def _last_line_end(block: bytes) -> int:
    cut = block.rfind(b"\n") + 1
    return cut or block.rfind(b"\r", 0, -1) + 1  # a last \r may be half of \r\n


def _decoded(block: bytes, name: str, encoding: str, offset: int, line: int) -> str:
    if offset == 0:
        if block.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise DataError(f"{name} is UTF-16 text; save it as UTF-8.")
        if block.startswith(b"PK\x03\x04"):
            raise DataError(f"{name} is a zip file or a spreadsheet, not a CSV file; save it as CSV.")
        if block.startswith(b"\xef\xbb\xbf"):
            block = block[3:]
            offset = 3
    zero = block.find(b"\0")
    if zero >= 0:
        line += block.count(b"\n", 0, zero)
        raise DataError(f"{name}, line {line:,}: byte {offset + zero:,} is zero; this is not text.")
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError as error:
        where = line + block.count(b"\n", 0, error.start)
        raise DataError(
            f"{name}, line {where:,}: byte {offset + error.start:,} (0x{block[error.start]:02X}) is not "
            f"{encoding.upper()} text; save the file as UTF-8, or choose encoding: latin-1."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class RowReader:
    """Turns blocks of lines into float64 rows of the columns used, in the layout's order.

    A cell of a text column becomes the index of its text in `texts[column]`.
    """

    def __init__(self, layout: Layout, drop_missing: bool) -> None:
        self.layout = layout
        self.drop_missing = drop_missing
        self.dropped = 0
        self.texts: dict[int, dict[str, int]] = {column: {} for column in sorted(layout.text_targets)}
        self._numbers = 0
        mark = re.escape(layout.delimiter)
        # quotation marks around a whole cell that holds neither one itself nor a line end
        self._simply_quoted = re.compile(rf'"(?<=[\n{mark}]")[^"\n]*"(?=[\n{mark}])')
        self._converters = self._fast_converters()

    def read(self, blocks: Iterator[tuple[str, int, int]], seen: Callable[[int], None]) -> Array:
        """All rows, (rows, columns used).  `seen(bytes)` is called after each block."""
        parts: list[Array] = []
        for text, line, done in blocks:
            if '"' in text and '"' in self._simply_quoted.sub("", f"\n{text}\n"):
                # a cell may hold a line end, and so reach into the next block: read on line by line
                rest = _watched(chain([(text, line, done)], blocks), seen)
                parts.append(self._rows_with_care(rest, line))
                break
            lines = text.split("\n")
            rows = self._rows_fast(lines)
            parts.append(self._rows_with_care((row + "\n" for row in lines), line) if rows is None else rows)
            self._count(parts[-1].size)
            seen(done)
        return _joined(parts, len(self.layout.used))

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
            converters[column] = _coder(codes)
        return converters

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

    def _rows_with_care(self, lines: Iterable[str], first_line: int) -> Array:
        layout = self.layout
        width, used = len(layout.columns), layout.used
        values = array.array("d")
        reader = csv.reader(lines, delimiter=layout.delimiter, skipinitialspace=True, strict=True)
        line = first_line
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    if len(row) != width:
                        raise DataError(
                            f"{layout.name}, line {line:,}: the row has {len(row):,} column"
                            f"{'' if len(row) == 1 else 's'}, but the first row has {width:,}."
                        )
                    values.extend(self._plain_row(row) or self._odd_row(row, line))
                    if self._numbers + len(values) > MAX_NUMBERS:
                        self._count(len(values))
                line = first_line + reader.line_num
        except csv.Error as error:
            raise DataError(f"{layout.name}, line {line:,}: {error}; check its quotation marks.") from None
        return (
            np.frombuffer(values, np.float64).reshape(-1, len(used)) if values else np.empty((0, len(used)))
        )

    def _plain_row(self, row: list[str]) -> list[float] | None:
        """The row at once, where all its cells are used and are numbers; else None."""
        if self.texts:
            return None
        cells = [row[column] for column in self.layout.used]
        together = "".join(cells)
        if "_" in together or not together.isascii():
            return None
        try:
            numbers = list(map(float, cells))
        except ValueError:
            return None
        return numbers if math.isfinite(sum(numbers)) else None

    def _odd_row(self, row: list[str], line: int) -> list[float]:
        """The row cell by cell; [] when it is dropped for a missing value, DataError for other trouble."""
        numbers: list[float] = []
        for column in self.layout.used:
            cell = row[column].strip()
            codes = self.texts.get(column)
            if cell == "" or (codes is None and cell.lower() in MISSING):
                if not self.drop_missing:
                    raise DataError(
                        f"{self.layout.place(line, column)}: the value is missing; fill it in, or choose "
                        "missing: drop."
                    )
                self.dropped += 1
                return []
            if codes is None:
                numbers.append(self._number(cell, line, column))
                continue
            code = codes.setdefault(cell, len(codes))
            if code >= MAX_CLASSES:
                raise DataError(
                    f"{self.layout.name}, column {column + 1}: more than {MAX_CLASSES:,} different values, "
                    "too many to be classes; choose another target column."
                )
            numbers.append(float(code))
        return numbers

    def _number(self, cell: str, line: int, column: int) -> float:
        value = number(cell)
        if value is None:
            hint = ""
            if (
                self.layout.delimiter != ","
                and cell.count(",") == 1
                and number(cell.replace(",", ".")) is not None
            ):
                hint = f"; write it with a point, {cell.replace(',', '.')}"
            raise DataError(f"{self.layout.place(line, column)}: {short(cell)} is not a number{hint}.")
        if not math.isfinite(value):
            raise DataError(f"{self.layout.place(line, column)}: {short(cell)} is not a finite number.")
        return value


def _nothing(cell: str) -> float:
    return 0.0


def _coder(codes: dict[str, int]) -> Callable[[str], float]:
    def code(cell: str) -> float:
        cell = cell.strip()
        if not cell or (cell not in codes and len(codes) >= MAX_CLASSES):
            return math.nan  # the careful way then says what is wrong
        return float(codes.setdefault(cell, len(codes)))

    return code


def _watched(blocks: Iterable[tuple[str, int, int]], seen: Callable[[int], None]) -> Iterator[str]:
    """The lines of the blocks, one by one."""
    for text, _, done in blocks:
        lines = text.split("\n")
        last = lines.pop()
        for line in lines:
            yield line + "\n"
        if last:
            yield last
        seen(done)


def _joined(parts: list[Array], columns: int) -> Array:
    """The parts in one array, each let go as soon as it is copied."""
    rows: Array = np.empty((sum(map(len, parts)), columns))
    start = 0
    for index, part in enumerate(parts):
        rows[start : start + len(part)] = part
        start += len(part)
        parts[index] = rows[:0]
    return rows
