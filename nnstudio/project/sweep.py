"""Sweep: the runs of a grid or of random samples, several at a time, each in a process of its own."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import sleep
from typing import TYPE_CHECKING, Any, Literal

from nnstudio.errors import Error, TrainingError
from nnstudio.project.edits import Together
from nnstudio.project.record import LONGEST_NAME, RunRecord, ended_after, new_id, now, record_of, size_of
from nnstudio.project.run import splits_of
from nnstudio.project.run_edits import AddRun
from nnstudio.project.run_limits import MOST_BYTES
from nnstudio.project.sweep_points import Point
from nnstudio.training.threads import cores, thread_count

if TYPE_CHECKING:
    from nnstudio.data import Splits
    from nnstudio.project.project import Project
    from nnstudio.project.setup import Setup
    from nnstudio.training.session import Session

_UNDER_WAY = ("new", "starting", "running", "paused")
_SECONDS_BETWEEN_LOOKS = 0.01
_NOTHING: dict[str, dict[str, Any]] = {"weights": {}, "optimizer_state": {}, "run_state": {}}


@dataclass(eq=False)
class _Running:
    """A run of the sweep that is under way."""

    index: int
    session: Session
    began: str
    threads: int


class Sweep:
    """Trains every point from its seed, as `nnstudio train` with the same settings does, bit for bit.

    `poll()`, called by a timer, never waits for a run: it starts those there is room for and takes in those
    that have ended; `records` holds them in the order of the points. A point that cannot be trained, or whose
    numbers run away, has a record too, and `outcome` says why. The project is left alone: `kept()` gives the
    edit that keeps the runs in it.

    Reads the data when it is made, which may take long. DataError where that fails.

    at_once   so many cores are used; by default one is left free. A run takes as many as it would alone.
    """

    def __init__(
        self,
        project: Project,
        points: Sequence[Point],
        *,
        at_once: int = 0,
        background: Literal["auto", "process", "thread"] = "auto",
    ) -> None:
        if not points:
            raise TrainingError("A sweep needs at least one point.")
        self.points = tuple(points)
        self.records: list[RunRecord | None] = [None] * len(self.points)
        self.cancelled = False
        self.id = new_id()
        self._room = at_once or max(1, cores() - 1)
        self._background: Literal["auto", "process", "thread"] = background
        self._data: dict[str, Splits | None] = {}
        for dtype in dict.fromkeys(point.setup.training.dtype for point in self.points):
            self._data[dtype] = splits_of(project, dtype)
        self._sizes: dict[int, tuple[int, int]] = {}
        self._next = 0
        self._running: list[_Running] = []
        self._leaving: list[threading.Thread] = []

    def __enter__(self) -> Sweep:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- how it stands

    @property
    def over(self) -> bool:
        """Whether nothing runs any more and nothing will."""
        return self.cancelled or (self._next == len(self.points) and not self._running)

    @property
    def ended(self) -> list[RunRecord]:
        """The runs that are over, in the order of the points."""
        return [record for record in self.records if record is not None]

    @property
    def running(self) -> list[int]:
        """The numbers of the points that are under way."""
        return [each.index for each in self._running]

    @property
    def done(self) -> float:
        """How many runs are done, those under way in parts."""
        return len(self.ended) + sum(_share(each.session) for each in self._running)

    # -- running

    def poll(self) -> list[RunRecord]:
        """Takes in what came since the last poll and starts what there is room for; gives the new records."""
        if self.cancelled:
            return []
        new: list[RunRecord] = []
        for each in tuple(self._running):
            each.session.poll()
            if each.session.state not in _UNDER_WAY:
                self._running.remove(each)
                new.append(self._keep(each.index, self._record(each)))
                self._leave(each.session)
        while self._next < len(self.points) and self._has_room(self.points[self._next].setup):
            index, self._next = self._next, self._next + 1
            failed = self._start(index)
            if failed is not None:
                new.append(self._keep(index, failed))
        return new

    def run(self) -> list[RunRecord]:
        """Waits until all runs are over. For scripts; the records are in the order of the points."""
        while not self.over:
            self.poll()
            sleep(_SECONDS_BETWEEN_LOOKS)
        return self.ended

    def cancel(self) -> None:
        """Ends what is under way, without waiting for it, and starts nothing more; ended runs stay."""
        self.cancelled = True
        while self._running:
            self._leave(self._running.pop().session)

    def close(self) -> None:
        """Cancels, and waits until no process is left."""
        if not self.over:
            self.cancel()
        while self._leaving:
            self._leaving.pop().join()

    # -- what came of it

    def kept(self) -> Together:
        """The edit that keeps the runs in a project. The best keep their weights, as far as there is room."""
        ranked = sorted(self.ended, key=lambda record: loss_of(record))
        size, light = 0, set[str]()
        for record in ranked:
            size += 0 if record.state is None else record.state.size
            if size > MOST_BYTES:
                light.add(record.id)
        records = [replace(each, state=None) if each.id in light else each for each in self.ended]
        count = len(records)
        return Together(
            tuple(map(AddRun, records)), f"Keep {count:,} run{'' if count == 1 else 's'} of a sweep"
        )

    # -- inside

    def _has_room(self, setup: Setup) -> bool:
        used = sum(each.threads for each in self._running)
        return not used or used + self._threads(setup) <= self._room

    def _threads(self, setup: Setup) -> int:
        training, data = setup.training, self._data[setup.training.dtype]
        samples = training.batch_size or (1 if data is None else len(data.train.x))
        return thread_count(self._size(setup)[1], samples, training.threads)

    def _size(self, setup: Setup) -> tuple[int, int]:
        key = id(setup.level)
        if key not in self._sizes:
            try:
                self._sizes[key] = size_of(setup)
            except Error:  # the run itself will say so
                self._sizes[key] = (0, 0)
        return self._sizes[key]

    def _start(self, index: int) -> RunRecord | None:
        """None, or the record of a run that could not begin."""
        from nnstudio.training.session import Session

        setup = self.points[index].setup
        began = now()
        try:
            # A checkpoint would be written for each best epoch, and looked at by nobody.
            training = replace(setup.training, keep_best=False, keep_every=0)
            session = Session(setup.graph, self._data[training.dtype], training, background=self._background)
            session.start(setup.training.epochs)
        except Error as error:
            return self._recorded(index, _NOTHING, (), str(error), began)
        self._running.append(_Running(index, session, began, self._threads(setup)))
        return None

    def _record(self, each: _Running) -> RunRecord:
        session = each.session
        outcome = session.sentence or ended_after(len(session.history))
        return self._recorded(each.index, session.checkpoint(), session.history, outcome, each.began)

    def _recorded(
        self,
        index: int,
        reached: Mapping[str, Any],
        history: Sequence[Mapping[str, Any]],
        outcome: str,
        began: str,
    ) -> RunRecord:
        point = self.points[index]
        name = point.name
        return record_of(
            point.setup,
            reached,
            history,
            outcome,
            name=name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…",
            when=began,
            sweep=self.id,
            varied={
                key: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
                for key, value in point.values.items()
            },
            size=self._size(point.setup),
        )

    def _keep(self, index: int, record: RunRecord) -> RunRecord:
        self.records[index] = record
        return record

    def _leave(self, session: Session) -> None:
        """Closing may wait for the process to go; whoever polls does not."""
        thread = threading.Thread(target=session.close, name="nnstudio sweep", daemon=True)
        thread.start()
        self._leaving = [each for each in self._leaving if each.is_alive()] + [thread]


def loss_of(record: RunRecord) -> float:
    """What runs are compared by: the last validation loss, else training loss; infinity where none."""
    for name in ("validation_loss", "train_loss"):
        loss = record.last.get(name)
        if isinstance(loss, int | float):
            return float(loss) if math.isfinite(loss) else math.inf
    return math.inf


def best_of(records: Sequence[RunRecord]) -> RunRecord | None:
    """The run with the lowest loss; None where none has a finite one."""
    best = min(records, key=loss_of, default=None)
    return None if best is None or loss_of(best) == math.inf else best


def _share(session: Session) -> float:
    """How much of a run is done, from 0 to 1."""
    if session.snapshot is None or not session.settings.epochs:
        return 0.0
    status = session.snapshot.status
    return min(1.0, (status["epoch"] + status["position"] / status["samples"]) / session.settings.epochs)
