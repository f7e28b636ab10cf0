"""One array as a file: CSV for a spreadsheet, npy for NumPy, each with every digit."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExchangeError, ProjectError
from nnstudio.project.atomic import write_atomically

Array = npt.NDArray[Any]

ENDINGS = (".csv", ".npy")


def write_tensor(array: Array, path: str | os.PathLike[str]) -> None:
    """Write an array as `.csv` or `.npy`, as the ending of `path` says.

    npy keeps shape and dtype. CSV has one line for each row of the last axis (one line for a vector, one
    number for a scalar), in the shortest form that reads back as the same number; what is no number is nan,
    inf or -inf. The file is complete or is not there. Raises ExchangeError for another ending and where the
    file cannot be written.
    """
    target = Path(path)
    match target.suffix.casefold():
        case ".npy":
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(array) if array.ndim else array, allow_pickle=False)
            data = buffer.getvalue()
        case ".csv":
            data = _csv(array)
        case ending:
            given = ending or "a file without an ending"
            raise ExchangeError(f"A tensor is written as {' or '.join(ENDINGS)}, not as {given}.")
    try:
        write_atomically(target, data)
    except ProjectError as problem:  # which says what is in the way, whatever is written
        raise ExchangeError(str(problem)) from problem


def _csv(array: Array) -> bytes:
    rows = array.reshape((-1, array.shape[-1])) if array.ndim else array.reshape((1, 1))
    lines: list[str] = []
    for row in rows:
        # The text of float32 numbers is as short as their own digits, which tolist() would double.
        texts = row.astype(str) if row.dtype == np.float32 else map(repr, row.tolist())
        lines.append(",".join(texts))
    return ("\n".join(lines) + "\n").encode("ascii") if lines else b""
