"""What keeps a user's work: recovery copies, one window a file, and no file of others overwritten unasked."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject
from shiboken6 import isValid

from nnstudio.errors import Error, ProjectError
from nnstudio.project import Project, load
from nnstudio.project.autosave import Recovery, recoveries, recovery_for
from nnstudio.project.files import TEXT, ZIP
from nnstudio.project.lock import ProjectInUse
from nnstudio.studio.background import Background
from nnstudio.studio.claim import Claim, OpenHere, real_path, stamp_of
from nnstudio.studio.questions import CANCEL, RecoveryDialog, ask
from nnstudio.studio.recovery import RecoveryCopies

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

OPEN_COPY, OPEN_ANYWAY = "Open a copy", "Open anyway"
OVERWRITE, SAVE_AS = "Overwrite", "Save as…"


@dataclass(frozen=True)
class _Place:
    """Where a project that is opened will be saved, and the hold on that file, where there is one."""

    path: Path | None = None
    claim: Claim | None = None


class Safekeeping(QObject):
    """One for each window, which tells it what is opened, written and closed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self.copies = RecoveryCopies(window.document, window.engine.run, self)
        self.copies.failed.connect(window.warn)
        self._background = Background(self)
        self._claim: Claim | None = None
        self._stamp = None if self._document.path is None else stamp_of(self._document.path)
        self._closed = False
        self._document.named.connect(self._follow_name)

    # -- for the window

    def begin(self) -> None:
        """The studio has started: claim the file it was started with, and offer what crashed ones left."""
        project, path = self._document.project, self._document.path
        if path is not None:
            place = self._place_for(path)
            if place is None:
                self._document.new()
            elif place.claim is None:
                self._show(project, place)
            else:
                self._claim = place.claim
        self.offer(quietly=True)

    def offer(self, quietly: bool = False) -> None:
        """Look for what crashed sessions left, and offer it."""

        def found(copies: list[Recovery] | None, error: Error | None) -> None:
            if self._closed:
                return
            if copies:
                self._choose(copies)
            elif not quietly:
                self._window.say("There is nothing to recover." if error is None else str(error))

        self._background.run(recoveries, found)

    def open(self, path: str | Path) -> bool:
        """Put a project, or its recovery copy, in the place of this one; False where the user would not.

        ProjectError leaves everything as it is.
        """
        path = Path(path)
        place = self._place_for(path)
        if place is None:
            return False
        try:
            # A copy of what somebody else is working on begins with what they have saved.
            copy = recovery_for(path) if place.path == path else None
            if copy is not None:
                copy = self._offered([copy])
            stamp = stamp_of(path)
            project = load(path) if copy is None else copy.load()
        except BaseException:
            self._let_go(place)
            raise
        self._show(project, place, copy)
        if place.path == path:
            self._stamp = stamp
        return True

    def before_writing(self, path: Path) -> Literal["write", "elsewhere", "no"]:
        """Whether the document may be written there, after asking where that could cost somebody's work."""
        if self._document.path is not None and real_path(path) == real_path(self._document.path):
            now = stamp_of(path)
            if now is None or now == self._stamp:
                return "write"
            words = f"{path.name} has changed on disk since it was opened."
            why = "Somebody else, or another program, has written it. Overwriting loses what they wrote."
        else:
            try:
                Claim.take(path, self).release()
                return "write"
            except OpenHere as error:
                self._point_to(error)
                return "no"
            except ProjectInUse as error:
                words, why = f"{path.name} is open in another nnstudio.", f"{_who(error)} Overwriting it "
                why += "loses what was saved there."
        answer = ask(self._window, words, why, (CANCEL, OVERWRITE, SAVE_AS))
        if answer == OVERWRITE:
            return "write"
        return "elsewhere" if answer == SAVE_AS else "no"

    def close(self) -> None:
        """The window closes, and the user knows what that means for what is not saved."""
        self._closed = True
        self._background.forget()
        self.copies.close()
        self._release()

    # -- for other windows

    @property
    def alive(self) -> bool:
        return not self._closed and isValid(self)

    def come_forward(self) -> None:
        """Somebody wants to see what this window has open."""
        window = self._window
        if window.isMinimized():
            window.showNormal()
        window.raise_()
        window.activateWindow()
        window.say(f"{self._document.title} is open here.")

    # -- inside

    def _place_for(self, path: Path) -> _Place | None:
        """Claim a file, or ask what to do where somebody else has it; None to leave it."""
        try:
            return _Place(path, Claim.take(path, self))
        except OpenHere as error:
            self._point_to(error)
            return None
        except ProjectInUse as error:
            why = f"{_who(error)} Two that save to one file overwrite each other's work."
        words = f"{path.name} is open in another nnstudio."
        answer = ask(self._window, words, why, (CANCEL, OPEN_ANYWAY, OPEN_COPY))
        if answer == OPEN_COPY:
            return _Place(free_name(path))
        if answer == OPEN_ANYWAY:
            return _Place(path, Claim.take(path, self, force=True))
        return None

    def _point_to(self, error: OpenHere) -> None:
        self._window.warn(str(error))
        if isinstance(error.owner, Safekeeping):
            error.owner.come_forward()

    def _offered(self, copies: list[Recovery]) -> Recovery | None:
        dialog = RecoveryDialog(copies, self._window)
        dialog.exec()
        dialog.deleteLater()
        return dialog.chosen

    def _choose(self, copies: list[Recovery]) -> None:
        copy = self._offered(copies)
        if copy is None or not self._window.files.may_leave():
            return
        place = _Place() if copy.path is None else self._place_for(copy.path)
        if place is None:
            return
        try:
            project = copy.load()
        except Error as error:
            self._let_go(place)
            self._window.complain("The copy could not be recovered.", str(error))
            return
        self._show(project, place, copy)

    def _show(self, project: Project, place: _Place, copy: Recovery | None = None) -> None:
        if self._claim is not place.claim:
            self._release()
            self._claim = place.claim
        project.path = place.path
        self._document.replace(project, modified=copy is not None)
        if copy is not None:
            self.copies.adopt(copy)
            self._window.say(f"Recovered {self._document.title}. It is not saved yet.")

    def _follow_name(self) -> None:
        """The document was saved, or is another one."""
        path = self._document.path
        self._stamp = None if path is None else stamp_of(path)
        if self._closed:
            return
        if self._claim is not None and (path is None or self._claim.path != real_path(path)):
            self._release()
        if path is not None and self._claim is None:
            with contextlib.suppress(ProjectError):
                self._claim = Claim.take(path, self)

    def _let_go(self, place: _Place) -> None:
        if place.claim is not None and place.claim is not self._claim:
            place.claim.release()

    def _release(self) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            claim.release()


def _who(error: ProjectInUse) -> str:
    owner = error.owner
    return "Another process has it." if owner is None else f"Process {owner.pid} on {owner.host} has it."


def free_name(path: Path) -> Path:
    """ "mine copy.nns" beside mine.nns, or the first such name with a number that is free."""
    name = path.name
    end = next((end for end in (TEXT, ZIP) if name.lower().endswith(end)), "")
    stem = name[: len(name) - len(end)]
    number = 1
    while True:
        again = f" {number}" if number > 1 else ""
        found = path.with_name(f"{stem} copy{again}{end or ZIP}")
        if not found.exists():
            return found
        number += 1
