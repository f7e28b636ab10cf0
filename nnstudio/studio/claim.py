"""Which of the studio's windows a project file belongs to, in this process and beside the others."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Protocol

from nnstudio.errors import ProjectError
from nnstudio.project.lock import ProjectLock

Stamp = tuple[int, int]
"""When a file was last written, in nanoseconds, and its size."""


class Owner(Protocol):
    """Who may have a file open: what speaks for a window."""

    @property
    def alive(self) -> bool: ...


class OpenHere(ProjectError):
    """Another window of this process, the `owner`, has the project open."""

    def __init__(self, path: Path, owner: Owner) -> None:
        super().__init__(f"{path.name} is open in another window: go on there, or close it first.")
        self.owner = owner


class Claim:
    """One window's hold on one file, from take() to release().

    The lock beside the file keeps other processes away; windows of this one are told apart here, because
    the lock knows processes only.
    """

    def __init__(self, path: Path, owner: Owner, lock: ProjectLock) -> None:
        self.path = path
        self._owner = weakref.ref(owner)
        self._lock = lock

    @classmethod
    def take(cls, path: Path, owner: Owner, *, force: bool = False) -> Claim:
        """OpenHere where another window has the file; ProjectInUse where another process has, unless `force`
        takes it away there.
        """
        real = real_path(path)
        present = _claims.get(real)
        if present is not None:
            other = present._owner()
            if other is owner:
                return present
            if other is not None and other.alive:
                raise OpenHere(path, other)
            present.release()  # its window went without a word
        claim = cls(real, owner, ProjectLock.acquire(real, force=force))
        _claims[real] = claim
        return claim

    def release(self) -> None:
        if _claims.get(self.path) is self:
            del _claims[self.path]
        self._lock.release()


_claims: dict[Path, Claim] = {}
"""Those of this process, by the file's real path."""


def real_path(path: Path) -> Path:
    """The one path of a file, however it was come by."""
    return Path(os.path.realpath(path))


def stamp_of(path: Path) -> Stamp | None:
    """What changes when somebody writes the file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
