"""What is changed in the settings while a run goes on is handed to its session, unless it is being typed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import TrainingError
from nnstudio.studio.document import Document
from nnstudio.training.changes import CHANGEABLE, setting_of
from nnstudio.training.goal import Goal

if TYPE_CHECKING:
    from nnstudio.training.session import Session
    from nnstudio.training.settings import TrainingSettings

REST = 700
"""Milliseconds without a key after which what is typed is taken as it stands."""


class Following(QObject):
    """The document has every number at once that is typed on the way to the one meant. A run must not: on the
    way to 1e-3 stands the rate 1, and on the way to 250 epochs the end of a run that has trained 100.
    """

    lengthened = Signal(int)  # the run is to have so many epochs
    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._session: Session | None = None
        self._told: TrainingSettings | None = None
        self._typing = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self.now)
        document.training_changed.connect(self._changed)

    def begin(self, settings: TrainingSettings) -> None:
        """A run with these settings is made ready."""
        self._session, self._told = None, settings

    def attach(self, session: Session) -> None:
        """It is ready; what was changed meanwhile holds for it too."""
        self._session = session
        self._changed()

    def end(self) -> None:
        """Whatever is changed now is for the next run."""
        self._rest.stop()
        self._session = self._told = None

    @contextmanager
    def typing(self, on: bool = True) -> Generator[None]:
        """What is changed inside is a number that may not be finished yet."""
        self._typing = on
        try:
            yield
        finally:
            self._typing = False

    def now(self) -> None:
        """Nothing more is typed: hand on what stands there."""
        self._rest.stop()
        session, told, training = self._session, self._told, self._document.project.training
        if session is None or told is None:
            return
        self._told = training
        if training.epochs != told.epochs:
            session.set_epochs(training.epochs)
            self.lengthened.emit(training.epochs)
        if Goal.of(training) != Goal.of(told):
            session.set_goal(Goal.of(training))
        if training.optimizer != told.optimizer:
            return
        for name in CHANGEABLE:
            value = setting_of(training, name)
            if value != setting_of(told, name):
                try:
                    session.change(name, value)
                except TrainingError as error:
                    self.refused.emit(str(error))

    def rested(self) -> None:
        """Enter was pressed, or the field left: what is typed is meant."""
        if self._rest.isActive():
            self.now()

    def _changed(self) -> None:
        if self._typing:
            self._rest.start()
        else:
            self.now()
