"""A sweep of the open document in the background; its runs come into the document as they end."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.project import Project
from nnstudio.project.run_edits import AddRun, SetRuns
from nnstudio.project.run_limits import with_room
from nnstudio.project.setup import Setup, setup_of
from nnstudio.project.sweep_points import Axis, Span, grid, sample
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord
    from nnstudio.project.sweep import Sweep

_LOOK_EVERY = 60  # milliseconds
_POLL_EVERY = 0.02  # seconds


@dataclass(eq=False)
class _Job:
    """What the thread and the window have in common."""

    project: Project
    setup: Setup
    axes: Sequence[Axis | Span]
    number: int
    arrived: SimpleQueue[RunRecord | Error] = field(default_factory=SimpleQueue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    total: int = 0
    done: float = 0.0
    id: str = ""
    light: frozenset[str] = frozenset()


class Sweeping(QObject):
    """`records` are the runs of the last sweep that have ended; `sentence` says what went wrong with it."""

    progressed = Signal()  # a run has ended, or some are further

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._job: _Job | None = None
        self.records: list[RunRecord] = []
        self.axes: Sequence[Axis | Span] = ()
        self.sentence = ""
        self._began = 0.0
        self._in_step, self._label = 0, ""  # how many runs the last undo step has kept, and what it is called
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        document.replaced.connect(self.abandon)

    @property
    def active(self) -> bool:
        return self._job is not None

    @property
    def total(self) -> int:
        """How many runs there will be; 0 before that is known."""
        return 0 if self._job is None else self._job.total

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return 0.0 if self._job is None or not self._job.total else self._job.done / self._job.total

    @property
    def seconds_left(self) -> float | None:
        """By its pace so far; None before there is one."""
        took = monotonic() - self._began
        return took * (1 - self.share) / self.share if self.share > 0 and took > 0.3 else None

    def start(self, axes: Sequence[Axis | Span], number: int = 0) -> None:
        """Train every point of the grid, or so many drawn at random."""
        if self._job is not None:
            return
        now = self._document.project
        # The user goes on drawing meanwhile: what is read is the project as it is now.
        project = Project(data=now.data, training=now.training)
        project.path = now.path
        self.records, self.axes, self.sentence = [], tuple(axes), ""
        self._label = ""
        self._began = monotonic()
        self._job = job = _Job(project, setup_of(now), self.axes, number)
        threading.Thread(target=_work, args=(job,), name="nnstudio sweep").start()
        self._timer.start()
        self.progressed.emit()

    def cancel(self) -> None:
        """End what is under way; the runs that have ended stay."""
        if self._job is not None:
            self._job.cancelled.set()

    def abandon(self) -> None:
        """The document it was of is no more."""
        self.cancel()
        self._timer.stop()
        self._job, self.records, self.sentence = None, [], ""
        self.progressed.emit()

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        over = job.over.is_set()  # asked first: what came before it is in the queue then
        new: list[RunRecord] = []
        while not job.arrived.empty():
            each = job.arrived.get()
            if isinstance(each, Error):
                self.sentence = str(each)
            else:
                new.append(each)
        if new:
            self.records += new
            self._keep(job, new)
        if over:
            self._job = None
            self._timer.stop()
        self.progressed.emit()

    def _keep(self, job: _Job, new: Sequence[RunRecord]) -> None:
        """As one undo step for the whole sweep, unless something else was done meanwhile."""
        runs = [
            replace(run, state=None) if run.id in job.light else run for run in self._document.project.runs
        ]
        new = [replace(run, state=None) if run.id in job.light else run for run in new]
        try:
            kept = with_room([*runs, *new])
        except Error as error:
            self.sentence = str(error)
            self.cancel()
            return
        if self._document.stack.undoText() != self._label:
            self._in_step = 0  # something else was done meanwhile: a new step begins
        self._in_step += len(new)
        self._label = f"Keep {count(self._in_step, 'run')} of a sweep"
        self._document.push(SetRuns(kept, self._label), merge=("sweep", job.id))


def count_of(axes: Sequence[Axis | Span], number: int) -> int:
    """How many runs that makes: of a grid all, at random so many."""
    lists = [axis for axis in axes if isinstance(axis, Axis)]
    whole = math.prod(len(axis.values) for axis in lists)
    if len(lists) < len(axes):
        return number
    return min(number, whole) if number else whole


def _work(job: _Job) -> None:
    from nnstudio.project.sweep import Sweep

    try:
        if job.number:
            points = sample(job.setup, job.axes, job.number)
        else:
            points = grid(job.setup, [axis for axis in job.axes if isinstance(axis, Axis)])
        job.total = len(points)
        with Sweep(job.project, points) as sweep:
            job.id = sweep.id
            while not (sweep.over or job.cancelled.wait(_POLL_EVERY)):
                new = sweep.poll()
                job.done = sweep.done
                if new:
                    job.light = _light(sweep)
                    for record in new:
                        job.arrived.put(record)
    except Error as error:
        job.arrived.put(error)
    except Exception as fault:  # of ours; the window must not wait for ever
        job.arrived.put(Error(f"The studio itself failed ({type(fault).__name__}: {fault})."))
    finally:
        job.over.set()


def _light(sweep: Sweep) -> frozenset[str]:
    """Those of its runs that keep no weights: the best do, as far as there is room."""
    kept = [edit.run for edit in sweep.kept().edits if isinstance(edit, AddRun)]
    return frozenset(run.id for run in kept if run.state is None)
