"""Acts done by the window: one after the other, each when what went before has been done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.acts import Act, Repeat
from nnstudio.studio.teaching.window_stage import WindowStage

_TURN = 0.02  # seconds of acts before the window has its turn
_LOOK_EVERY = 15  # milliseconds, while the stage is busy
_TO_BE_SEEN = 220  # milliseconds between acts that are shown
_MOST_SHOWN_SINGLY = 12


class Performer(QObject):
    """Does a step's acts for the user, without ever holding the window up."""

    finished = Signal()
    failed = Signal(str)  # a sentence with the act's line

    def __init__(self, stage: WindowStage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self._acts: Iterator[Act] | None = None
        self._file = ""
        self._slowly = False
        self._problem = ""
        self._then: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        stage.failed.connect(self._remember_problem)

    @property
    def running(self) -> bool:
        return self._acts is not None

    def perform(self, acts: Iterable[Act], file: str, slowly: bool, then: Callable[[], None]) -> None:
        """Do all of them and then call `then`; `slowly`, so that each can be seen."""
        acts = tuple(acts)
        many = any(isinstance(act, Repeat) for act in acts) or len(acts) > _MOST_SHOWN_SINGLY
        self._acts, self._file, self._slowly, self._then = each(acts), file, slowly and not many, then
        self._problem = ""
        self._timer.start(0)

    def stop(self) -> None:
        """Do no more of them."""
        self._acts = self._then = None
        self._timer.stop()

    def _remember_problem(self, sentence: str) -> None:
        self._problem = sentence

    def _go_on(self) -> None:
        until = time.monotonic() + _TURN
        act: Act | None = None
        while self._acts is not None:
            if self._stage.busy:
                self._timer.start(_LOOK_EVERY)
                return
            if self._problem:
                self._give_up(self._problem)
                return
            act = next(self._acts, None)
            if act is None:
                then, self._acts, self._then = self._then, None, None
                self.finished.emit()
                if then is not None:
                    then()
                return
            try:
                act.perform(self._stage)
            except Error as problem:
                self._give_up(
                    str(LessonError(f"{self._file}, line {act.line}: could not {act.words}: {problem}"))
                )
                return
            if self._slowly or time.monotonic() > until:
                self._timer.start(_TO_BE_SEEN if self._slowly else 0)
                return

    def _give_up(self, sentence: str) -> None:
        self.stop()
        self.failed.emit(sentence)


def each(acts: Iterable[Act]) -> Iterator[Act]:
    """Single acts, those that are repeated one after the other."""
    for act in acts:
        if isinstance(act, Repeat):
            for _ in range(act.count):
                yield from each(act.acts)
        else:
            yield act
