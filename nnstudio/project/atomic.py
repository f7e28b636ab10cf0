"""A file is either the old one or the new one, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Generator
from pathlib import Path

from nnstudio.errors import ProjectError


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Replaces the file at `path` by `data`; raises ProjectError with the old file untouched when that fails.

    The bytes go to a new file in the same folder, reach the disk, and only then take the name.  A symbolic
    link stays a link and what it points to is replaced.  The permissions, and where allowed the owner, of an
    existing file stay.
    """
    try:
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".nns-{secrets.token_hex(8)}.tmp")
        before = _existing(target)
        # 0o666 is cut by the user's umask, as for any file they make.
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
        with _removed_on_failure(temporary):
            with os.fdopen(descriptor, "wb") as file:
                if before is not None:
                    _take_over(temporary, before)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProjectError(
            f"{os.fspath(path)} could not be written: {reason[:1].lower()}{reason[1:]}."
        ) from error
    _sync_folder(target.parent)


def _existing(target: Path) -> os.stat_result | None:
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError("it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is not an ordinary file")
    if not os.access(target, os.W_OK):
        raise PermissionError("it is write-protected")
    return found


def _take_over(temporary: Path, before: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, before.st_uid, before.st_gid)
    os.chmod(temporary, stat.S_IMODE(before.st_mode))


@contextlib.contextmanager
def _removed_on_failure(temporary: Path) -> Generator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself durable.  Not every system can, and the file is whole either way."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
