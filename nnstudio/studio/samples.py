"""The samples of the open document: loaded and parted in the background whenever its data settings change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document

if TYPE_CHECKING:
    from nnstudio.data import Dataset, DataSettings, Part, Splits


class Samples(QObject):
    """`splits` are the parts, None where the document names no data or it cannot be loaded; `sentence` says
    why not. While other data is `loading` they are still the former ones.
    """

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._background = Background(self)
        self.splits: Splits | None = None
        self.sentence = ""
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
        if data is None:
            self._background.forget()
            self._arrived(None, None)
            return
        # Another seed or scaling needs no second loading.
        kept = self.dataset if _same_source(self._loaded, data) else None

        def job() -> Splits:
            from nnstudio.data import load, split

            return split(kept or load(data, folder), data, dtype)

        self._loading = data
        self._background.run(job, self._arrived)

    def _arrived(self, splits: Splits | None, error: Error | None) -> None:
        self.splits = splits
        self._loaded = self._loading if splits is not None else None
        self.sentence = "" if error is None else str(error)
        self.tell_shapes()
        self.changed.emit()

    def tell_shapes(self) -> None:
        """Let the document say where the graph and the data do not fit."""
        from nnstudio.training.data_shapes import data_shapes

        dataset, data = self.dataset, self._document.project.data
        if dataset is None or data is None:
            self._document.set_data_shapes(None)
            return
        shapes = data_shapes(self._document.graph.flatten(), dataset, data.targets)
        self._document.set_data_shapes(shapes.widths, shapes.classes)

    def few(self, count: int) -> Splits | None:
        """The same, with only the first `count` samples of the training part and no others."""
        if self.splits is None:
            return None
        train, none = _part(self.splits.train, count), _part(self.splits.validation, 0)
        return replace(self.splits, train=train, validation=none, test=none)


def _part(part: Part, count: int) -> Part:
    return replace(
        part,
        x=part.x[:count],
        y=part.y[:count],
        raw_y=part.raw_y[:count],
        indices=part.indices[:count],
    )


def _same_source(a: DataSettings | None, b: DataSettings) -> bool:
    if a is None or ":" in b.source:
        return False  # a file may have changed since it was read
    keys = ("source", "input_columns", "target_columns", "task", "options")
    return all(getattr(a, key) == getattr(b, key) for key in keys)
