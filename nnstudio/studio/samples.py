"""The samples of the open document: loaded and parted in the background whenever its data settings change."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document

if TYPE_CHECKING:
    from nnstudio.data import Dataset, DataSettings, Part, Splits


_LOOK_EVERY = 80  # milliseconds


class Samples(QObject):
    """`splits` are the parts, None where the document names no data or it cannot be loaded; `sentence` says
    why not. While other data is `loading` they are still the former ones.

    sought    where a file was sought that is not there; None where that is not what is wrong
    stopped   whether the reading was stopped by stop()
    """

    changed = Signal()
    progressed = Signal()  # loading begins, goes on or ends; see `share`

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._background = Background(self)
        self.splits: Splits | None = None
        self.sentence = ""
        self.sought: Path | None = None
        self.stopped = False
        self._reading = Reading()
        self._fingerprint: tuple[Any, ...] | None = None
        self._watch = QTimer(self)
        self._watch.setInterval(_LOOK_EVERY)
        self._watch.timeout.connect(self._look)
        self._of: tuple[DataSettings, Path | None, str] | None = None
        self._loading: DataSettings | None = None
        self._loaded: DataSettings | None = None
        document.data_changed.connect(self.follow)
        document.training_changed.connect(self.follow)
        document.graph_changed.connect(self.tell_shapes)
        document.named.connect(self.follow)
        self.follow()

    @property
    def dataset(self) -> Dataset | None:
        return None if self.splits is None else self.splits.dataset

    @property
    def loading(self) -> bool:
        return self._background.busy

    @property
    def share(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return self._reading.share

    def stop(self) -> None:
        """Read no further; `sentence` says so then."""
        self._reading.stop()

    def again(self) -> None:
        """Read the data once more, whatever there is."""
        self._of = self._loaded = None
        self.follow()

    def follow(self) -> None:
        """Load what the document's settings say, unless that is what there is."""
        project = self._document.project
        data = project.data
        from_file = data is not None and ":" in data.source
        folder = project.path.parent if from_file and project.path is not None else None
        dtype = project.training.dtype
        wanted = None if data is None else (data, folder, dtype)
        if wanted == self._of:
            self.tell_shapes()
            return
        self._of = wanted
        self._reading.stop()  # what was being read is not wanted any more
        if data is None:
            self._background.forget()
            self._arrived(None, None)
            return
        # Another seed or scaling needs no second loading.
        kept = self.dataset if _same_source(self._loaded, data) else None
        reading, known = Reading(), self._fingerprint

        def job() -> tuple[Splits, tuple[Any, ...] | None]:
            from nnstudio.data import fingerprint, split
            from nnstudio.data.apart import apart, load_and_split, takes_long

            mark = fingerprint(data.source, folder)
            if kept is not None and mark is not None and mark == known:
                return split(kept, data, dtype, reading.goes_on), mark
            if takes_long(data.source, folder):
                name = Path(data.source.partition(":")[2]).name
                return apart(load_and_split, data, folder, dtype, name=name, progress=reading.seen), mark
            return load_and_split(data, folder, dtype, reading.seen), mark

        self._loading, self._reading = data, reading
        self._background.run(job, self._arrived)
        self._watch.start()
        self.progressed.emit()

    def _look(self) -> None:
        if not self._background.busy:
            self._watch.stop()
        self.progressed.emit()

    def _arrived(self, found: tuple[Splits, tuple[Any, ...] | None] | None, error: Error | None) -> None:
        from nnstudio.data.files import Cancelled, NotThere

        self.splits, self._fingerprint = (None, None) if found is None else found
        self._loaded = self._loading if found is not None else None
        self.sentence = "" if error is None else str(error)
        self.sought = error.path if isinstance(error, NotThere) else None
        self.stopped = isinstance(error, Cancelled)
        self.tell_shapes()
        self.changed.emit()
        self.progressed.emit()

    def tell_shapes(self) -> None:
        """Let the document say where the graph and the data do not fit."""
        from nnstudio.training.data_shapes import data_shapes

        dataset, data = self.dataset, self._document.project.data
        if dataset is None or data is None:
            self._document.set_data_shapes(None)
            return
        shapes = data_shapes(self._document.graph.flatten(), dataset, data.targets)
        self._document.set_data_shapes(shapes.widths, shapes.classes)

    def training(self) -> Splits | None:
        """The same with no other samples than those of the training part."""
        if self.splits is None:
            return None
        none = _part(self.splits.validation, 0)
        return replace(self.splits, validation=none, test=none)


class Reading:
    """How far a thread has read, and whether it shall go on."""

    def __init__(self) -> None:
        self.share = 0.0
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def seen(self, done: int, total: int) -> bool:
        """For the reader: so much is read."""
        self.share = done / max(1, total)
        return not self._stopped.is_set()

    def goes_on(self, done: int, total: int) -> bool:
        """For what follows the reading."""
        return not self._stopped.is_set()


def _part(part: Part, count: int) -> Part:
    return replace(
        part,
        x=part.x[:count],
        y=part.y[:count],
        raw_y=part.raw_y[:count],
        indices=part.indices[:count],
    )


def _same_source(a: DataSettings | None, b: DataSettings) -> bool:
    if a is None:
        return False
    keys = ("source", "input_columns", "category_columns", "target_columns", "task", "targets", "options")
    return all(getattr(a, key) == getattr(b, key) for key in keys)
