"""The open windows, each on a document and an engine of its own; the last one that closes ends the app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt

from nnstudio.project import Project
from nnstudio.project.files import TEXT, ZIP
from nnstudio.studio.document import Document
from nnstudio.studio.preferences import Preferences

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

_CASCADE = QPoint(32, 32)


class Windows:
    """Keeps windows alive while they are open. Every window knows this, and opens others through it."""

    def __init__(self, preferences: Preferences | None = None) -> None:
        self.preferences = preferences or Preferences()
        self._open: list[MainWindow] = []

    def __iter__(self) -> Iterator[MainWindow]:
        return iter(list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, window: MainWindow) -> None:
        self._open.append(window)

    def remove(self, window: MainWindow) -> None:
        """A window has closed."""
        if window in self._open:
            self._open.remove(window)

    def open(self, project: Project | None = None) -> MainWindow:
        """Open and show one more window, on this project or an empty one."""
        from nnstudio.studio.main_window import MainWindow

        last = self._open[-1] if self._open else None
        window = MainWindow(Document(project), self.preferences, self)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if last is not None and not (last.isMaximized() or last.isFullScreen()):
            window.resize(last.size())
            window.move(last.pos() + _CASCADE)
        window.show()
        window.activateWindow()
        return window

    def open_path(self, path: Path) -> MainWindow | None:
        """Open a file in a window of its own; None where it could not be."""
        window = self.open()
        if window.files.open_path(path):
            return window
        window.close()
        return None

    def quit(self) -> bool:
        """Close all, the newest first; each asks about what is not saved, and one refusal ends it."""
        return all(window.close() for window in reversed(self._open.copy()))


def project_files(mime: QMimeData) -> list[Path]:
    """The project files among what is dragged."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [path for path in paths if path.name.lower().endswith((TEXT, ZIP))]
