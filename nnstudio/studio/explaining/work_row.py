"""Work that takes a while, asked for with a button: how far it is, and a way to give it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.panels.sections import text

Progress = Callable[[int, int], None]
_LOOK_EVERY = 60  # milliseconds


class _Cancelled(Error):
    """The user wants it no longer."""


class WorkRow(QWidget):
    """One job at a time; `begun` asks whoever owns the row to hand it one with `run`."""

    begun = Signal()
    stood = Signal(bool)  # whether it works now
    looked = Signal()  # every moment while a job runs, for whoever shows what it has so far

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._done, self._all = 0, 0
        self._cancelled = False
        self.button = QPushButton(label)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.begun)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(f"{label}: progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("kind", "quiet")
        self.cancel.clicked.connect(self.give_up)
        self.words = text("", "dim")
        self.words.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.words, 1)
        row.addStretch(0)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        self._stand(False)

    @property
    def busy(self) -> bool:
        return self._background.busy

    def say(self, sentence: str, tone: str = "dim") -> None:
        self.words.setText(sentence)
        self.words.setProperty("kind", tone)
        self.words.style().polish(self.words)
        self.words.setVisible(bool(sentence))

    def run(self, job: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        """`job` is given what tells how far it is; `then` gets its result. An error is said in place."""
        self._done, self._all, self._cancelled = 0, 0, False
        self.say("")
        self._stand(True)

        def progress(done: int, out_of: int) -> None:
            self._done, self._all = done, out_of
            if self._cancelled:
                raise _Cancelled("Cancelled.")

        def ended(result: Any, error: Error | None) -> None:
            self._stand(False)
            if self._cancelled:
                self.say("Cancelled.")
            elif error is not None:
                self.say(str(error), "error")
            else:
                then(result)

        self._background.run(lambda: job(progress), ended)

    def give_up(self) -> None:
        """Let the job end at its next step."""
        self._cancelled = True
        self.cancel.setEnabled(False)

    def forget(self) -> None:
        """Nobody waits for the result any more."""
        self._cancelled = True
        self._background.forget()
        self._stand(False)

    def _stand(self, busy: bool) -> None:
        self.stood.emit(busy)
        self.button.setVisible(not busy)
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        self.cancel.setVisible(busy)
        self.cancel.setEnabled(True)
        if busy:
            self._timer.start()
        else:
            self._timer.stop()

    def _look(self) -> None:
        self.looked.emit()
        if self._all:
            self.bar.setRange(0, self._all)
            self.bar.setValue(self._done)
