"""Starting and ending the desktop app."""

from __future__ import annotations

import signal
import sys

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import createdByPython

from nnstudio.errors import Error
from nnstudio.project import load
from nnstudio.studio.main_window import window_icon
from nnstudio.studio.starting import make_application
from nnstudio.studio.windows import Windows


def main(project_path: str | None = None) -> int:
    """Open the studio's first window and run until the last one is closed; returns the exit code."""
    application = QApplication.instance() or make_application()
    assert isinstance(application, QApplication)
    application.setApplicationName("nnstudio")
    application.setApplicationDisplayName("nnstudio")
    application.setDesktopFileName("nnstudio")
    project = load(project_path) if project_path is not None else None
    windows = Windows()
    window = windows.open(project)
    application.setWindowIcon(window_icon())
    QTimer.singleShot(0, window, window.safekeeping.begin)
    # Ctrl-C in the terminal asks the window to close, which asks about what is not saved.
    former = signal.signal(signal.SIGINT, lambda *_: application.closeAllWindows())
    code = application.exec()
    signal.signal(signal.SIGINT, former)
    _let_go_of_clipboard()
    # Plots that are alive when the interpreter exits crash it: everything goes now, in order.
    del window
    for each in windows:
        each.close()
        each.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()
    return code


def _let_go_of_clipboard() -> None:
    """What Python has put on the clipboard would be asked for after Python has gone, which crashes; Qt's own
    copy of its image or text stays.
    """
    clipboard = QApplication.clipboard()
    mime = clipboard.mimeData()
    if mime is not None and createdByPython(mime):
        image, words = clipboard.image(), clipboard.text()
        if not image.isNull():
            clipboard.setImage(image)
        else:
            clipboard.setText(words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
    except Error as error:
        sys.exit(str(error))
