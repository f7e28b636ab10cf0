"""A second copy of the project that is being worked on, and how to find it again after a crash.

The copies lie in the user's data folder, not beside the project: its folder may be shared, slow or read-only,
and a project that was never saved has none.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json
from nnstudio.project.atomic import write_atomically
from nnstudio.project.container import Container
from nnstudio.project.files import load, to_bytes
from nnstudio.project.process import Process, this_process
from nnstudio.project.project import Project

_MEMBER = "autosave.json"


def autosave_folder() -> Path:
    """Where the copies are kept."""
    from platformdirs import user_data_path

    return user_data_path("nnstudio", appauthor=False) / "autosave"


class Autosave:
    """The copy of one open project: write() it now and then, discard() it when that is saved or closed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = autosave_folder() if folder is None else folder
        self.file: Path | None = None

    def write(self, project: Project) -> Path:
        """Write the copy; the project itself and its path stay as they are.  Raises ProjectError."""
        if self.file is None:
            name = project.path.name if project.path else "untitled"
            stem = re.sub(r"[^0-9A-Za-z_-]+", "_", name.partition(".")[0])[:40] or "untitled"
            self.file = self._folder / f"{stem}-{secrets.token_hex(8)}.nns"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectError(
                f"The folder {self._folder} for autosaves cannot be made: {error.strerror}."
            ) from None
        about = {
            "path": None if project.path is None else os.path.abspath(project.path),
            "saved_at": time.time(),
            "process": this_process().to_dict(),
        }
        more = {_MEMBER: strict_json.write(about, _MEMBER)}
        write_atomically(self.file, to_bytes(project, self.file, more))
        return self.file

    def discard(self) -> None:
        """Remove the copy, if there is one."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)
            self.file = None


@dataclass(frozen=True)
class Recovery:
    """A copy that a studio left behind when it ended without closing its project."""

    file: Path
    path: Path | None
    """The project it is a copy of; None for one that was never saved."""
    saved_at: float
    """Seconds since 1970."""

    def load(self) -> Project:
        """The project as it was copied, with the path of the original."""
        project = load(self.file)
        project.path = self.path
        project.extra_members.pop(_MEMBER, None)
        return project

    def discard(self) -> None:
        self.file.unlink(missing_ok=True)


def recoveries(folder: Path | None = None) -> list[Recovery]:
    """The copies left behind by studios that no longer run, the newest first.

    Those older than the saved project are not offered, and those that cannot be read are passed over.
    """
    folder = autosave_folder() if folder is None else folder
    try:
        files = sorted(folder.glob("*.nns"))
    except OSError:
        return []
    found = [recovery for recovery in map(_recovery, files) if recovery is not None]
    return sorted(found, key=lambda recovery: recovery.saved_at, reverse=True)


def recovery_for(path: str | os.PathLike[str], folder: Path | None = None) -> Recovery | None:
    """The newest copy left behind of the project at `path`."""
    wanted = Path(os.path.abspath(path))
    return next((recovery for recovery in recoveries(folder) if recovery.path == wanted), None)


def _recovery(file: Path) -> Recovery | None:
    try:
        with open(file, "rb") as opened:
            container = Container(opened, os.fspath(file))
            if _MEMBER not in container.sizes:
                return None
            value = strict_json.parse(container.read(_MEMBER, limit=2**16), _MEMBER)
    except (OSError, ProjectError):
        return None
    if not isinstance(value, dict):
        return None
    about = cast("dict[str, Any]", value)
    process = about.get("process")
    writer = Process.from_dict(cast("dict[str, Any]", process)) if isinstance(process, dict) else None
    path, saved_at = about.get("path"), about.get("saved_at")
    if writer is None or not writer.is_gone() or not isinstance(saved_at, (int, float)):
        return None
    original = Path(path) if isinstance(path, str) else None
    if original is not None and _changed_at(original) > saved_at:
        return None
    return Recovery(file, original, float(saved_at))


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
