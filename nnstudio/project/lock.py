"""A lock beside an open project, so that two studios do not overwrite each other's work.

It is advice, not force: a small hidden file that says who has the project open.  A lock whose process has
ended is taken over without a word.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path
from typing import Any, cast

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json
from nnstudio.project.process import Process, this_process

_SIZE = 4096
_SETTLED = 10.0  # Seconds after which a lock without a word in it is one whose writer died over it.


class ProjectInUse(ProjectError):
    """Another studio has the project open; `owner` is its process, where the lock tells."""

    def __init__(self, path: str, owner: Process | None) -> None:
        who = f"process {owner.pid} on {owner.host}" if owner else "another process"
        super().__init__(f"{path} is open in another nnstudio ({who}): close it there, or work on a copy.")
        self.owner = owner


class ProjectLock:
    """Says that this process has `path` open, from acquire() to release() or the end of a `with` block.

    `held` is False where the folder cannot be written to: then nobody can overwrite anything there.
    """

    def __init__(self, file: Path, content: bytes) -> None:
        self._file = file
        self._content = content
        self.held = False

    @classmethod
    def acquire(cls, path: str | os.PathLike[str], *, force: bool = False) -> ProjectLock:
        """Lock the project; ProjectInUse when another living process has it, unless `force` takes it away."""
        target = Path(os.path.realpath(path))
        file = target.with_name(f".{target.name}.lock")
        fields = {**this_process().to_dict(), "token": secrets.token_hex(8)}
        lock = cls(file, strict_json.write(fields, os.fspath(file)))
        # A second turn, because a stale lock may be taken away by two at once: one of them finds the other's.
        for _ in range(3):
            try:
                lock.held = _create(file, lock._content)
                return lock
            except FileExistsError:
                content = _read(file)
            if content is not None and not force and not _is_stale(file, content):
                raise ProjectInUse(os.fspath(path), _process(content))
            if content is not None:
                _remove(file, content)
        raise ProjectInUse(os.fspath(path), None)

    def release(self) -> None:
        """Take the lock away, if it is still this one."""
        if self.held:
            self.held = False
            _remove(self._file, self._content)

    def __enter__(self) -> ProjectLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _create(file: Path, content: bytes) -> bool:
    """FileExistsError when there is one; False where no file can be made at all."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise
    except OSError:
        return False
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    return True


def _read(file: Path) -> bytes | None:
    """None where it has gone in the meantime."""
    try:
        with open(file, "rb") as opened:
            return opened.read(_SIZE)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def _remove(file: Path, content: bytes) -> None:
    """Removes the lock that says `content`, and no other that has taken its place."""
    aside = file.with_name(f"{file.name}-{secrets.token_hex(8)}")
    with contextlib.suppress(OSError):
        os.rename(file, aside)
        if _read(aside) != content:
            with contextlib.suppress(OSError):
                os.link(aside, file)
        aside.unlink()


def _is_stale(file: Path, content: bytes) -> bool:
    process = _process(content)
    if process is not None:
        return process.is_gone()
    try:
        return time.time() - file.stat().st_mtime > _SETTLED
    except OSError:
        return False


def _process(content: bytes) -> Process | None:
    try:
        fields = strict_json.parse(content, "the lock")
    except ProjectError:
        return None
    return Process.from_dict(cast("dict[str, Any]", fields)) if isinstance(fields, dict) else None
