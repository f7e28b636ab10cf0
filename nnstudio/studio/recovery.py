"""The recovery copy of the open document: written some seconds after a change, gone once it is saved."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.project.autosave import Autosave, Recovery
from nnstudio.studio.document import Document
from nnstudio.studio.training.running import Run

_LOOK_EVERY = 20  # milliseconds
Result = TypeVar("Result")


class RecoveryCopies(QObject):
    """Keeps one copy of what is not saved, weights of a run that is going on included.

    A thread does the writing and the removing, one after the other: a copy that is still being written when
    the document is saved is removed behind it, and the interpreter does not end before that is done.
    """

    failed = Signal(str)

    def __init__(
        self, document: Document, run: Run, parent: QObject | None = None, folder: Path | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self.interval = 4000
        """Milliseconds from the last change to the copy."""
        self.patience = 15000
        """Milliseconds that changes without a pause may put it off."""
        self.interval_of_run = 30000
        """Milliseconds between the copies while nothing but a training run goes on."""
        self._autosave = Autosave(folder)
        self._thread: ThreadPoolExecutor | None = None
        self._writing: Future[Path] | None = None
        self._adopted: Recovery | None = None
        self._carried: Recovery | None = None  # the adopted one that what is being written stands for
        self._there = False
        self._since: float | None = None
        self._told = False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.write)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY)
        self._look.timeout.connect(self._looked)
        document.changed.connect(self.follow)
        document.modified_changed.connect(self.follow)
        document.replaced.connect(self.discard)
        run.state_changed.connect(self.follow)

    @property
    def wanted(self) -> bool:
        """Whether something would be lost if the studio ended now."""
        return self._document.modified or self._run.active

    @property
    def busy(self) -> bool:
        return self._writing is not None

    def follow(self) -> None:
        """Something has changed: write soon, or do away with what nobody needs any more."""
        if self._closed:
            return
        if not self.wanted:
            self.discard()
            return
        now = monotonic()
        if self._since is None:
            self._since = now
        left = self.patience - 1000 * (now - self._since)
        self._timer.start(round(max(0, min(self.interval, left))))

    def write(self) -> None:
        """Hand what there is now to the thread."""
        if self._closed or not self.wanted:
            return
        if self._writing is not None:
            self._timer.start(self.interval)  # the disk is slower than the user
            return
        self._timer.stop()
        self._since = None
        copy = self._document.project.copy()
        reached = self._run.reached()
        if reached is not None:
            reached.apply(copy)
        self._there = True
        self._carried = self._adopted
        self._writing = self._do(partial(self._autosave.write, copy))
        self._look.start()

    def adopt(self, recovery: Recovery) -> None:
        """The document is what this copy holds: it stays until there is a newer one, or none is needed."""
        self._adopted = recovery
        self.write()

    def discard(self) -> None:
        """The document is saved, or given up: no copy is needed."""
        self._timer.stop()
        self._since = None
        adopted, self._adopted = self._adopted, None
        if not self._there and adopted is None:
            return
        self._there = False
        self._do(self._autosave.discard)
        if adopted is not None:
            self._do(adopted.discard)

    def close(self) -> None:
        """The window goes, and with it, cleanly, what it had not saved."""
        self.discard()
        self._closed = True
        self._look.stop()
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    def _looked(self) -> None:
        writing = self._writing
        if writing is None or not writing.done():
            return
        self._look.stop()
        self._writing = None
        error = writing.exception()
        if error is None:
            self._told = False
            if self._carried is not None and self._carried is self._adopted:
                self._do(self._carried.discard)
                self._adopted = None
        elif not self._told:
            self._told = True
            self.failed.emit(f"What is not saved could be lost, for no recovery copy can be kept: {error}")
        self._carried = None
        if (error is not None or self._run.computing) and not self._timer.isActive():
            self._timer.start(self.interval_of_run)

    def _do(self, job: Callable[[], Result]) -> Future[Result]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "recovery copies")
        return self._thread.submit(job)
