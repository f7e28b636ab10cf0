"""What the commands print: one JSON object, or columns of text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on one line; NaN and infinity, which JSON has no word for, as null."""
    print(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    """Columns as wide as their widest cell; those numbered in `right` are set flush right."""
    cells = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        parts = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(parts).rstrip())


def count(number: int, one: str, many: str | None = None) -> str:
    """count(1, "epoch") is "1 epoch", count(2000, "epoch") is "2,000 epochs"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
