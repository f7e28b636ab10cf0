"""What takes long to write is written by a thread: the window goes on, and waits only when it closes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.project import Project, save
from nnstudio.studio.document import Document, Moment

_LOOK_EVERY = 20  # milliseconds
_MANY_NUMBERS = 5_000
"""In histories, of which a thousand take about three milliseconds."""
_MANY_BYTES = 2**24


def takes_long(project: Project) -> bool:
    """Whether writing would hold the window up: long histories, or many weights in all that is kept."""
    states = [run.state for run in project.runs if run.state is not None]
    numbers = sum(len(entry) for entry in project.history)
    numbers += sum(len(run.history) * len(run.last) for run in project.runs)
    arrays = [*project.weights.values(), *project.optimizer_state.values()]
    size = sum(array.nbytes for array in arrays) + sum(each.size for each in (*states, *project.checkpoints))
    return numbers > _MANY_NUMBERS or size > _MANY_BYTES


class Saving(QObject):
    """One file at a time. What is written is the document as it was when that began."""

    saved = Signal(Path)
    failed = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._thread: ThreadPoolExecutor | None = None
        self._writing: tuple[Future[None], Project, Project, Moment] | None = None
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY)
        self._look.timeout.connect(self._looked)

    @property
    def busy(self) -> bool:
        return self._writing is not None

    def begin(self, path: Path, thumbnail: bytes | None) -> None:
        """Hand the document to the thread. What was begun before is finished first."""
        self.finish()
        project, moment = self._document.project, self._document.moment()
        copy = project.copy()
        if self._thread is None:
            # The interpreter does not end before a thread of such a pool is done.
            self._thread = ThreadPoolExecutor(1, "saving")
        writing = self._thread.submit(save, copy, path, thumbnail=thumbnail)
        self._writing = writing, project, copy, moment
        self._look.start()

    def finish(self) -> None:
        """Wait for what is being written: the document is about to go, or to be written again."""
        if self._writing is not None:
            self._writing[0].exception()
            self._looked()

    def _looked(self) -> None:
        if self._writing is None or not self._writing[0].done():
            return
        (writing, project, copy, moment), self._writing = self._writing, None
        self._look.stop()
        error = writing.exception()
        if error is None and copy.path is not None:
            if self._document.project is project:
                self._document.was_saved(copy, moment)
            self.saved.emit(copy.path)
        elif isinstance(error, Error):
            self.failed.emit(str(error))
        elif error is not None:
            self.failed.emit(f"The studio itself failed ({type(error).__name__}: {error}).")
