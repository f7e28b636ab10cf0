"""What the window does with files: new, open, save, export; and the question about what is not saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from nnstudio.errors import Error
from nnstudio.studio.export_dialog import ExportDialog
from nnstudio.studio.questions import CANCEL, DISCARD, SAVE, ask
from nnstudio.studio.saving import Saving, takes_long
from nnstudio.studio.templates import template

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

FILTER = "nnstudio projects (*.nns *.nns.json)"


class Files(QObject):
    """Made by the window, for its actions and menus."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.saving = Saving(window.document, self)
        self.saving.saved.connect(self._saved)
        self.saving.failed.connect(self._not_saved)

    def new(self) -> None:
        """Begin again with an empty graph."""
        if self.may_leave():
            self._window.document.new()

    def open(self) -> None:
        """Ask for a file, and open it in the place of this one."""
        if not self.may_leave():
            return
        name = self._ask_for_file()
        if name:
            self.open_path(name, asked=True)

    def _ask_for_file(self) -> str:
        start = str(self._window.document.path.parent) if self._window.document.path else ""
        return QFileDialog.getOpenFileName(self._window, "Open a project", start, FILTER)[0]

    def open_path(self, path: str | Path, asked: bool = False) -> bool:
        """Open a file, asking about unsaved changes unless that was done; False where it was not opened."""
        if not asked and not self.may_leave():
            return False
        try:
            if not self._window.safekeeping.open(path):
                return False
        except Error as error:
            self._window.complain("The project could not be opened.", str(error))
            return False
        self._window.preferences.remember_file(Path(path))
        return True

    def save(self, wait: bool = False) -> bool:
        """Write to the file it came from, or ask for one. Whether it was written, or is being written: what
        takes long is written while the user goes on, unless one waits for it.
        """
        path = self._window.document.path
        return self.save_as(wait) if path is None else self.write_to(path, wait)

    def save_as(self, wait: bool = False) -> bool:
        """Ask for a file to write to, and do as save()."""
        start = str(self._window.document.path or Path.cwd() / "network.nns")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the project", start, FILTER)
        if not name:
            return False
        if not name.lower().endswith((".nns", ".nns.json")):
            name += ".nns"
        return self.write_to(Path(name), wait)

    def write_to(self, path: Path, wait: bool = False) -> bool:
        """Write to this file, after asking where that could cost somebody's work, and else as save()."""
        window = self._window
        self.saving.finish()
        answer = window.safekeeping.before_writing(path)
        if answer != "write":
            return answer == "elsewhere" and self.save_as(wait)
        try:
            window.engine.settle()
            thumbnail = window.engine.thumbnail()
            if not wait and takes_long(window.document.project):
                self.saving.begin(path, thumbnail)
                window.say(f"Saving {path.name}…")
                return True
            window.document.save(path, thumbnail)
        except Error as error:
            self._not_saved(str(error))
            return False
        self._saved(path)
        return True

    def _saved(self, path: Path) -> None:
        self._window.preferences.remember_file(path)
        self._window.say(f"Saved {path.name}.")

    def _not_saved(self, why: str) -> None:
        self._window.complain("The project could not be saved.", why)

    def export(self) -> None:
        """Ask for a format and a place, and write the network as a script."""
        self._window.engine.settle()
        ExportDialog(self._window.document, self._window).exec()

    def may_leave(self) -> bool:
        """Whether this document may be given up: saved, or the user said so."""
        self.saving.finish()
        self._window.engine.settle()
        if not self._window.document.modified:
            return True
        words = f"Save the changes to {self._window.document.title}?"
        answer = ask(self._window, words, "They are lost otherwise.", (CANCEL, DISCARD, SAVE))
        return self.save(wait=True) if answer == SAVE else answer == DISCARD

    def open_in_window(self) -> None:
        """Ask for a file, and open it in a window of its own."""
        name = self._ask_for_file()
        if name:
            self._window.windows.open_path(Path(name))

    def open_template(self, name: str) -> None:
        """Begin with a template: here where nothing is drawn yet, else in a window of its own."""
        project, document = template(name).make(), self._window.document
        if document.level.nodes or document.path is not None or document.modified:
            self._window.windows.open(project)
        else:
            document.replace(project)
            self._window.canvas.setFocus()
