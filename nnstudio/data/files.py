"""What is checked before any data file is read, and how reading it is watched and stopped."""

from __future__ import annotations

import stat
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from nnstudio.data.limits import MAX_FILE_BYTES
from nnstudio.errors import DataError
from nnstudio.wording import short

Progress = Callable[[int, int], bool]
"""progress(done_bytes, total_bytes) is called now and then; False stops reading, which raises Cancelled."""


class NotThere(DataError):
    """There is no such file; `path` is where it was sought."""

    def __init__(self, sentence: str, path: Path) -> None:
        super().__init__(sentence, path)
        self.path = path

    def __str__(self) -> str:
        return str(self.args[0])


class Cancelled(DataError):
    """Reading was stopped by the one who watched its progress."""


def checked_file(path: str | PathLike[str], folder: str | PathLike[str] | None = None) -> tuple[Path, int]:
    """The path, from `folder` where it is relative, and its size; DataError unless a file of a fair size."""
    found = Path(folder or "", path)
    try:
        status = found.stat()
    except FileNotFoundError:
        raise NotThere(f"There is no file {short(str(path))}; check the path.", found) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"The file {short(str(path))} cannot be read: {reason}.") from None
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{found.name} is a folder; choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(
            f"{found.name} is not a file of data but a device or a pipe; copy its content to a file."
        )
    if status.st_size == 0:
        raise DataError(f"{found.name} is empty.")
    if status.st_size > MAX_FILE_BYTES:
        raise DataError(
            f"{found.name} has {status.st_size:,} bytes, more than {MAX_FILE_BYTES:,}; take a part of it."
        )
    return found, status.st_size


def report(progress: Progress | None, done: int, total: int, name: str) -> None:
    """Tells progress how far reading is; Cancelled when it answers that it wants no more."""
    if progress is not None and not progress(min(done, total), total):
        raise Cancelled(f"Reading {name} was stopped.")
