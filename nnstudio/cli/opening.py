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
    """Opens the studio and returns its exit code when it is closed."""
    project: str | None = args.project
    if project is not None:
        _require_readable(project)
    probe = WindowProbe()
    if probe.reason is None:
        try:
            import nnstudio.studio.app as studio
        except ImportError as error:
            raise without_qt("The studio cannot start", error) from error
        if probe.why_not() is None:
            return studio.main(project)
    reason = probe.why_not()
    if project is None:
        raise Error(f"The studio cannot open a window because {reason}; name a project to run it off-screen.")
    return _tour(project, str(reason))


def _tour(project: str, reason: str) -> int:
    from nnstudio.studio.offscreen import tour

    print(f"No window is opened because {reason}; doing the same job off-screen.", flush=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        tour(project, _output_folder(project))
    except ImportError as error:
        # Qt is needed for the picture alone, which comes last.
        raise without_qt("The picture cannot be taken", error) from error
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


def without_qt(what: str, error: ImportError) -> Error:
    """The sentence for a Qt that does not load, with what would mend it."""
    missing = missing_libraries(QT_LIBRARIES) if sys.platform == "linux" else None
    if missing:
        return Error(f"{what} because {missing}.")
    return Error(f"{what} because Qt cannot be loaded ({error}); install nnstudio again with pip.")
