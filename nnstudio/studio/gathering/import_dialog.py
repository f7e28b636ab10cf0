"""A file or a folder looked at before its samples are taken, and what is chosen about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnstudio.data import DataSettings, look_at
from nnstudio.data.apart import apart, takes_long
from nnstudio.data.preview import Preview
from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.gathering.other_pages import ArraysPage, FolderPage
from nnstudio.studio.gathering.table_page import TablePage
from nnstudio.studio.panels.sections import Complaint
from nnstudio.studio.samples import Reading

_SIZE = (860, 560)
_LOOK_EVERY = 80


class ImportDialog(QDialog):
    """Its beginning is shown at once; the rest is looked at in the meantime, and need not be waited for.

    `settings` are what was chosen, once it is accepted.
    """

    def __init__(
        self,
        source: str,
        folder: Path | None = None,
        former: DataSettings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._source, self._folder = source, folder
        self.settings: DataSettings | None = None
        self._background = Background(self)
        self._reading = Reading()
        kind, _, path = source.partition(":")
        self.setWindowTitle("Import data")
        self.resize(*_SIZE)
        head = QLabel(Path(path).name)
        head.setProperty("kind", "title")
        head.setTextFormat(Qt.TextFormat.PlainText)
        self.page: TablePage | ArraysPage | FolderPage = (
            TablePage() if kind == "csv" else FolderPage() if kind == "images" else ArraysPage()
        )
        self.sentence = QLabel()
        self.sentence.setProperty("kind", "dim")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName("How much has been looked at")
        self.complaint = Complaint()
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.take = QPushButton("Import")
        self.take.setProperty("kind", "primary")
        self.take.setDefault(True)
        self.take.setMinimumWidth(88)
        self.take.clicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(head)
        column.addWidget(self.page, 1)
        column.addWidget(self.complaint)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)
        row.addWidget(self.take)
        column.addLayout(row)
        self.page.changed.connect(self._tell)
        self.page.relook.connect(self._look)
        if former is not None:
            self.page.begin(former)
        self._timer = self.startTimer(_LOOK_EVERY)
        self.finished.connect(self._leave)
        self._tell()
        self._look()

    @property
    def looking(self) -> bool:
        """Whether there is still something to be looked at."""
        return self._background.busy

    def _look(self, whole: bool = False) -> None:
        """At the beginning, and then at all of it."""
        self._reading.stop()
        self._reading = reading = Reading()
        source, folder, options = self._source, self._folder, self.page.options()

        def look() -> Preview:
            # Its beginning takes a moment, less than a process needs to start.
            if whole and takes_long(source, folder):
                name = Path(source.partition(":")[2]).name
                return apart(look_at, source, options, folder, whole, name=name, progress=reading.seen)
            return look_at(source, options, folder, whole, reading.seen)

        self._background.run(look, lambda found, error: self._looked(found, error, whole))
        self._tell()

    def _looked(self, found: Preview | None, error: Error | None, whole: bool) -> None:
        self.complaint.say("" if error is None else str(error))
        if found is not None:
            self.page.show_preview(found)  # type: ignore[arg-type]
            if not whole and not getattr(found, "complete", True):
                self._look(whole=True)
        self._show_share()
        self._tell()

    def timerEvent(self, event: object) -> None:
        self._show_share()

    def _show_share(self) -> None:
        busy = self._background.busy
        self.bar.setVisible(busy)
        if busy:
            self.bar.setValue(round(self._reading.share * 1000))

    def _tell(self) -> None:
        why = self.page.why_not()
        wrong = self.complaint.text()
        self.sentence.setText("" if wrong else why or self.page.sentence())
        self.take.setEnabled(not why and not self.complaint.text())
        self.take.setToolTip(why)

    def _take(self) -> None:
        if self.page.why_not():
            return
        try:
            self.settings = self.page.settings(self._source)
        except Error as error:
            self.complaint.say(str(error))
            return
        self.accept()

    def _leave(self) -> None:
        self._reading.stop()
        self._background.forget()
        self.killTimer(self._timer)
