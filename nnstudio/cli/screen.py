"""Whether Qt can open a window here, and if not, why: no screen, or a missing system library."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping

# Library -> Debian package.  Qt itself cannot be loaded without the first ones, not even off-screen.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Qt ends the process when it cannot open a display, so another process tries it.
_PROBE = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
_PROBE_SECONDS = 30


class WindowProbe:
    """Finds out in the background, while the studio's modules load, whether a window can be opened."""

    def __init__(self) -> None:
        self.reason = _no_screen()
        self._process: subprocess.Popen[bytes] | None = None
        if self.reason is None and sys.platform == "linux":
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROBE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def why_not(self) -> str | None:
        """None where a window can be opened, else a clause such as "there is no screen here"."""
        if self._process is None:
            return self.reason
        try:
            code = self._process.wait(_PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code == 0:
            return None
        screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or "here"
        missing = missing_libraries(QT_LIBRARIES | WINDOW_LIBRARIES)
        return missing or f"the screen {screen} does not let Qt in"


def _no_screen() -> str | None:
    if sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return None
    return "there is no screen here"


def missing_libraries(libraries: Mapping[str, str]) -> str | None:
    """A clause that names those of `libraries` that do not load, and the command that installs them."""
    missing = [library for library in libraries if not _loads(library)]
    if not missing:
        return None
    packages = " ".join(libraries[library] for library in missing)
    names = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    verb = "is" if len(missing) == 1 else "are"
    return f"{names} {verb} missing, which `sudo apt-get install {packages}` installs on Debian and Ubuntu"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
