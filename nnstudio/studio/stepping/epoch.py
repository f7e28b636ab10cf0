"""Training at full speed as one moment of the timeline: one sample alone, or one epoch, as far as it goes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.stepping.making import Arrays, Feeds

if TYPE_CHECKING:
    from nnstudio.program import Program, Statement
    from nnstudio.program.breakpoint import Breakpoint
    from nnstudio.program.leaping import Leaped
    from nnstudio.studio.stepping.scheduled import Scheduled
    from nnstudio.training.settings import TrainingSettings

_WORK, _REST = 0.004, 0.001  # seconds; between them the window has its turn
_TELL_EVERY = 60  # milliseconds
_LABEL = re.compile(r"epoch ([\d,]+)(?:, as far as batch ([\d,]+) of .*)?")


class GivenUp(Error):
    """The user has cancelled."""


Batches = Iterable[NDArray[np.intp]]


class Progress:
    """How far a thread is, and whether it shall end; read from the window."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.done = done
        self.cancelled = Event()


@dataclass(frozen=True)
class Task:
    """What is to be trained on, and where it stops."""

    label: str
    order: Callable[[], Batches]
    total: int  # batches of the whole
    done: int = 0  # of them, those that were begun before
    finish: bool = False
    """Whether the pass that the program is in is one of them, and comes to its end first."""
    scheduled: Scheduled | None = None
    """Gives the learning rate; without it that is the program's own."""
    stops: tuple[Breakpoint, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a task went."""

    leaped: Leaped
    hit: Breakpoint | None
    statement: Statement | None


def place_of(program: Program) -> tuple[int, int]:
    """How many epochs the timeline holds before the present moment, and how many batches of another one
    that was stopped in. Other samples that were fed since end that one: it begins anew.
    """
    fed = False
    for moment in range(program.moment, 0, -1):
        what = program.happened(moment)
        if not isinstance(what, str):
            continue
        fed = fed or what.startswith("fed ")
        found = _LABEL.fullmatch(what)
        if found is not None:
            epoch, batch = (int((number or "0").replace(",", "")) for number in found.groups())
            return (epoch - 1, 0 if fed else batch) if batch else (epoch, 0)
    return 0, 0


def epoch_order(training: TrainingSettings, samples: int, epoch: int, start: int = 0) -> Batches:
    """The batches of an epoch (counted from 0), from one on, as a training run with these settings would
    have them.
    """
    from nnstudio.data.batching import batches, generator

    random = generator(training.seed)
    order = np.arange(samples)
    if training.shuffle:
        for _ in range(epoch):
            order[:] = np.arange(samples)
            random.shuffle(order)
    used = start * (training.batch_size or samples)
    return batches(samples, training.batch_size, random, training.shuffle, start=used)


def fed_in_turn(feeds: Feeds, order: Batches, progress: Progress) -> Iterator[Arrays]:
    """The samples of each batch; gives way to the window, and ends with GivenUp where that is wished."""
    began = time.perf_counter()
    for which in order:
        if progress.cancelled.is_set():
            raise GivenUp("The epoch was given up: everything is as it was before.")
        yield {name: array[which] for name, array in feeds.items()} if feeds else {}
        progress.done += 1
        if time.perf_counter() - began > _WORK:
            time.sleep(_REST)
            began = time.perf_counter()


class Leap(QObject):
    """Trains in a thread; until it has ended nobody else may touch the program."""

    progressed = Signal(int, int)  # batches done, of how many

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._progress: Progress | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TELL_EVERY)
        self._timer.timeout.connect(self._tell)

    @property
    def running(self) -> bool:
        return self._progress is not None

    def start(
        self, program: Program, feeds: Feeds, task: Task, then: Callable[[Outcome | None, Error | None], None]
    ) -> None:
        """Do it, and call `then` with how it went."""
        progress = self._progress = Progress(task.total, task.done)

        def ended(outcome: Outcome | None, error: Error | None) -> None:
            self._timer.stop()
            self._progress = None
            then(outcome, error)

        self._timer.start()
        self._background.run(lambda: _perform(program, feeds, task, progress), ended)

    def cancel(self) -> None:
        """End it before the next batch; everything is then as it was before."""
        if self._progress is not None:
            self._progress.cancelled.set()

    def _tell(self) -> None:
        if self._progress is not None:
            self.progressed.emit(self._progress.done, self._progress.total)


def _perform(program: Program, feeds: Feeds, task: Task, progress: Progress) -> Outcome:
    hits: list[tuple[Breakpoint, Statement]] = []

    def stop(part: Program, statement: Statement) -> bool:
        if progress.cancelled.is_set():
            raise GivenUp("The epoch was given up: everything is as it was before.")
        hits.extend((each, statement) for each in task.stops if each.hit(part, statement))
        return bool(hits)

    scheduled = task.scheduled

    def batches() -> Iterator[Arrays]:
        for batch in fed_in_turn(feeds, task.order(), progress):
            yield batch
            if scheduled is not None:
                scheduled.trained(program, min(map(len, batch.values()), default=0))
        if scheduled is not None:
            scheduled.ended(program)

    with np.errstate(all="ignore"):
        leaped = program.leap(
            batches(),
            task.label,
            rate=None if scheduled is None else scheduled.rate,
            stop=stop if task.stops else None,
            finish=task.finish,
        )
    return Outcome(leaped, *(hits[0] if hits else (None, None)))
