"""How a CSV file is laid out, as its first rows show: delimiter, header, names, and the columns used."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nnstudio.data.limits import FEW_VALUES, MAX_COLUMNS
from nnstudio.data.settings import Column
from nnstudio.errors import DataError
from nnstudio.wording import did_you_mean, short

DELIMITERS = {"tab": "\t", ";": ";", ",": ",", "|": "|"}
DECIMALS = {"point": ".", "comma": ","}
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?"))
SAMPLED_ROWS = 1000
_QUOTED = re.compile(r'"[^"]*"')
_POINTED = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_COMMAED = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Layout:
    """What the first rows say.

    columns    the name of every column; "" where the header leaves it empty
    header     whether the first row is one
    inputs, targets   the columns used, by index
    texts       those of the columns used that are read as texts: categories, or classes
    body_line  how many lines of the file come before the first row of data
    decimal    "." or ",": what stands before the part of a number that is less than one
    """

    name: str
    delimiter: str
    columns: tuple[str, ...]
    header: bool
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    texts: frozenset[int]
    body_line: int
    decimal: str = "."

    @property
    def used(self) -> tuple[int, ...]:
        """The columns that are read, inputs first."""
        return self.inputs + self.targets

    def place(self, line: int, column: int) -> str:
        """Where a cell is, for a sentence; columns count from 1 there, as lines do."""
        title = f" ({short(self.columns[column])})" if self.header and self.columns[column] else ""
        return f"{self.name}, line {line:,}, column {column + 1:,}{title}"


class NoColumn(DataError):
    """A table has no such column, or several that are called so."""


def number(text: str, decimal: str = ".") -> float | None:
    """The number a cell holds (maybe infinite or NaN) or None; unlike float(), no 1_000 and only ASCII.

    Where the decimal is a comma a point is refused: in 1.500 it parts thousands, and in 1.5 nobody knows.
    """
    if "_" in text or not text.isascii():
        return None
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    try:
        return float(text)
    except ValueError:
        return None


def layout_of(
    name: str,
    text: str,
    *,
    inputs: Sequence[Column],
    targets: Sequence[Column],
    last_is_target: bool,
    task: str,
    categories: Sequence[Column] = (),
    delimiter: str = "auto",
    header: str = "auto",
    decimal: str = "auto",
) -> Layout:
    """The layout that a file's first lines show; DataError when a column is unknown or none is left."""
    lines = text.split("\n")
    separator = sniffed(lines) if delimiter == "auto" else DELIMITERS[delimiter]
    rows, body_line = first_rows(name, lines, separator)
    if not rows:
        raise DataError(f"{name} holds no rows.")
    width = len(rows[0])
    if width > MAX_COLUMNS:
        raise DataError(f"{name} has {width:,} columns, more than {MAX_COLUMNS:,}.")
    point = _decimal_in(rows, separator) if decimal == "auto" else DECIMALS[decimal]
    has_header = _looks_like_header(rows[0], point) if header == "auto" else header == "yes"
    names = tuple(rows[0]) if has_header else tuple(f"column {n + 1}" for n in range(width))
    used, aimed = _chosen(name, names, has_header, inputs, targets, last_is_target)
    texts = frozenset(_index(name, names, has_header, column) for column in categories)
    if texts - set(used):
        stray = min(texts - set(used))
        raise NoColumn(f"{name}: column {stray + 1} ({short(names[stray])}) is no input, and so no category.")
    body = [row for row in rows[has_header:] if len(row) == width]
    return Layout(
        name=name,
        delimiter=separator,
        columns=names,
        header=has_header,
        inputs=used,
        targets=aimed,
        texts=texts | {c for c in aimed if holds_texts([row[c] for row in body], task, point)},
        body_line=body_line if has_header else 0,
        decimal=point,
    )


def sniffed(lines: Sequence[str]) -> str:
    """The delimiter found equally often in each of the first lines, else the one found most often."""
    sample = [_QUOTED.sub("", line) for line in lines[:200] if line.strip()][:100]
    counts = {mark: [line.count(mark) for line in sample] for mark in DELIMITERS.values()}
    for mark, found in counts.items():
        if found and found[0] > 0 and min(found) == max(found):
            return mark
    best = max(counts, key=lambda mark: sum(counts[mark]))
    return best if sum(counts[best]) else ","


def first_rows(name: str, lines: Sequence[str], delimiter: str) -> tuple[list[list[str]], int]:
    """Up to SAMPLED_ROWS rows that are not blank, stripped, and the line that the first one ends on."""
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[list[str]] = []
    first_reaches = 0
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            rows.append(cells)
            if len(rows) == 1:
                first_reaches = reader.line_num
            if len(rows) == SAMPLED_ROWS:
                break
    except csv.Error as error:  # a later row's trouble is met again, with its line, when all rows are read
        if not rows:
            raise DataError(
                f"{name}, line {reader.line_num:,}: {error}; check its quotation marks."
            ) from None
    return rows, first_reaches


def _decimal_in(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """A comma where numbers are written with one, and none with a point."""
    if delimiter == "," or any(_POINTED.fullmatch(cell) for row in rows for cell in row if "." in cell):
        return "."
    return "," if any(_COMMAED.fullmatch(cell) for row in rows for cell in row if "," in cell) else "."


def _looks_like_header(row: Sequence[str], decimal: str) -> bool:
    """No cell is a number, and one at least says something."""
    return all(number(cell, decimal) is None for cell in row) and any(
        cell.lower() not in MISSING for cell in row
    )


def holds_texts(cells: Sequence[str], task: str, decimal: str = ".") -> bool:
    """Whether a target column is read as texts: classes are asked for, or its texts are more than slips."""
    if task == "classes":
        return True
    if task == "numbers":
        return False
    said = [cell for cell in cells if cell.lower() not in MISSING]
    texts = sum(number(cell, decimal) is None for cell in said)
    distinct = len(set(said))
    return texts > 0 and (2 * texts >= len(said) or (distinct <= FEW_VALUES and 2 * distinct <= len(said)))


def _chosen(
    name: str,
    names: tuple[str, ...],
    has_header: bool,
    inputs: Sequence[Column],
    targets: Sequence[Column],
    last_is_target: bool,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Input and target columns by index.

    A column without a name (a row number, a comma too many) is used only when asked for.
    """
    useful = [n for n, title in enumerate(names) if title or not has_header]
    aimed = tuple(_index(name, names, has_header, column) for column in targets)
    used = tuple(_index(name, names, has_header, column) for column in inputs)
    if not aimed and last_is_target:
        free = [n for n in useful if n not in used]
        if not free:
            raise DataError(f"{name} has no column left for the target; name fewer input columns.")
        aimed = (free[-1],)
    if not used:
        used = tuple(n for n in useful if n not in aimed)
    if not used:
        raise DataError(
            f"{name} has {len(names):,} column{'' if len(names) == 1 else 's'}, which leaves none as input; "
            "check its delimiter and the target columns."
        )
    seen: set[int] = set()
    for column in used + aimed:
        if column in seen:
            raise DataError(f"{name}: column {column + 1} ({short(names[column])}) is chosen twice.")
        seen.add(column)
    return used, aimed


def _index(name: str, names: tuple[str, ...], has_header: bool, column: Column) -> int:
    width = len(names)
    if isinstance(column, int):
        if not -width <= column < width:
            raise NoColumn(
                f"{name} has no column {short(column)}: it has {width:,}, of index 0 to {width - 1:,}."
            )
        return column % width
    wanted = column.strip()
    found = names.count(wanted)
    if found == 1:
        return names.index(wanted)
    if found > 1:
        raise NoColumn(f"{name} has {found} columns named {short(wanted)}; choose one by its index.")
    there = f"it has {', '.join(short(title) for title in names[:8])}{' …' if width > 8 else ''}"
    hint = did_you_mean(wanted, names, there, show=short)
    raise NoColumn(f"{name} has no column {short(wanted)}; {hint}")
