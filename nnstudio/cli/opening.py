"""`nnstudio [PROJECT]`: the studio's window, or the same job off-screen where no window can be opened."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from nnstudio.cli.screen import QT_LIBRARIES, WindowProbe, missing_libraries
from nnstudio.errors import Error


def command(args: argparse.Namespace) -> int:
    """Opens the studio; the exit code is the studio's own, or that of the off-screen tour."""
    project: str | None = args.project
    if project is not None:
        _require_readable(project)
    probe = WindowProbe()
    try:
        import nnstudio.studio.app as studio
    except ImportError as error:
        raise _without_qt(error) from error
    reason = probe.why_not()
    if reason is None:
        return studio.main(project)
    if project is None:
        raise Error(f"The studio cannot open a window because {reason}; name a project to run it off-screen.")
    return _tour(project, reason)


def _tour(project: str, reason: str) -> int:
    folder = _output_folder(project)
    print(f"No window is opened because {reason}; doing the same job off-screen.", flush=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from nnstudio.studio.offscreen import tour

    tour(project, folder)
    return 0


def _output_folder(project: str) -> Path:
    """A folder for what the tour writes: here where that is allowed, else among the temporary files."""
    name = Path(project).name.partition(".")[0] or "project"
    folder = Path.cwd() / "nnstudio-output" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix=f"nnstudio-{name}-"))


def _require_readable(project: str) -> None:
    """A bad project is one sentence here, where the user typed, before any window."""
    from nnstudio.project import load

    load(project)


def _without_qt(error: ImportError) -> Error:
    missing = missing_libraries(QT_LIBRARIES) if sys.platform == "linux" else None
    if missing:
        return Error(f"The studio cannot start because {missing}.")
    return Error(
        f"The studio cannot start because Qt cannot be loaded ({error}); install nnstudio again with pip."
    )
