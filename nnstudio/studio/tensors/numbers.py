"""Numbers as they are typed, pasted and copied."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import Error

_WORDS = {"nan": math.nan, "inf": math.inf, "∞": math.inf, "-inf": -math.inf, "-∞": -math.inf}


def read(text: str) -> float:
    """The number a person has typed. Raises Error, a sentence, where it is none."""
    plain = text.strip().replace("−", "-").replace(" ", "").replace(" ", "")
    if plain.casefold().lstrip("+") in _WORDS:
        return _WORDS[plain.casefold().lstrip("+")]
    try:
        return float(plain)
    except ValueError:
        pass
    try:
        return float(plain.replace(",", "")) if plain.count(",") != 1 else float(plain.replace(",", "."))
    except ValueError:
        shown = text.strip()[:40]
        hint = "type digits, such as −0.25 or 1e-3, or NaN or inf"
        raise Error(f"“{shown}” is not a number: {hint}.") from None


def exact(value: Any) -> str:
    """The shortest text that reads back as the same number."""
    if isinstance(value, np.floating):
        return str(value)
    return repr(value.item()) if isinstance(value, np.generic) else repr(value)


def read_block(text: str) -> list[list[float]]:
    """Cells copied from a spreadsheet: lines of numbers between tabs, semicolons or commas.

    Raises Error where a cell is no number or the lines are of several lengths.
    """
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if not lines:
        raise Error("There is nothing to paste: copy some cells with numbers first.")
    mark = next((each for each in ("\t", ";", ",") if any(each in line for line in lines)), None)
    rows: list[list[float]] = []
    for number, line in enumerate(lines, 1):
        cells = [line] if mark is None else line.split(mark)
        if len(cells) == 1 and mark is None and len(line.split()) > 1:
            cells = line.split()
        try:
            rows.append([read(cell) for cell in cells])
        except Error as error:
            raise Error(f"Line {number} of what is pasted: {error}") from None
        if len(rows[-1]) != len(rows[0]):
            raise Error(
                f"Line {number} of what is pasted has {len(rows[-1])} numbers, but the first has "
                f"{len(rows[0])}."
            )
    return rows


def as_block(matrix: NDArray[Any]) -> str:
    """Cells as a spreadsheet takes them, every digit of each number."""
    return "\n".join("\t".join(exact(value) for value in row) for row in matrix)
