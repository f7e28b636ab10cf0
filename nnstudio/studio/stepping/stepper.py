"""The stepper: the document's program, run a statement at a time and back, fed, typed into, and trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from nnstudio.errors import Error, ProgramError
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count, number
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.epoch import GivenUp, Outcome, Task, epoch_order, place_of
from nnstudio.studio.stepping.making import batch_from
from nnstudio.studio.stepping.moving import FASTEST, SLOWEST, Moving
from nnstudio.studio.stepping.scheduled import Scheduled

if TYPE_CHECKING:
    from nnstudio.program.breakpoint import Breakpoint

__all__ = ["FASTEST", "SLOWEST", "Stepper"]


class Stepper(Moving):
    """Steps a program of its own: updates made here are an experiment that leaves the document as it is."""

    sample_changed = Signal()
    breakpoints_changed = Signal()

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        super().__init__(document, samples, parent)
        self.sample: int | None = 0
        """Which sample of the batch is looked at; None for the mean over the batch."""
        self._schedules: list[tuple[object, Mapping[str, Any]]] = []
        """What has happened when an epoch was over, and what the schedule remembers since."""
        self.stops.changed.connect(self.breakpoints_changed)
        self.recompiled.connect(self._follow_batch)

    # -- breakpoints

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Where running stops; changed by the verbs of `stops`."""
        return self.stops.all

    def add_breakpoint(self, breakpoint: Breakpoint) -> None:
        self.stops.add(breakpoint)

    def remove_breakpoint(self, breakpoint: Breakpoint) -> None:
        self.stops.remove(breakpoint)

    def toggle_breakpoint(self, breakpoint: Breakpoint) -> None:
        self.stops.toggle(breakpoint)

    def _follow_batch(self) -> None:
        self._schedules = []
        size = 1 if self.program is None else self.program.batch_size
        if self.program is not None and self.sample is not None and self.sample >= size:
            self.set_sample(self.sample)

    # -- samples

    def set_sample(self, sample: int | None) -> None:
        """Look at another sample of the batch, or at the mean over it (None)."""
        size = 1 if self.program is None else self.program.batch_size
        chosen = None if sample is None else min(max(sample, 0), size - 1)
        if chosen != self.sample:
            self.sample = chosen
            self.sample_changed.emit()

    def next_batch(self) -> None:
        """Feed the samples that follow; a new pass begins."""
        size = 1 if self.program is None else self.program.batch_size
        self.feed_from(self.batch_start + size)

    def feed_from(self, first: int) -> None:
        """Feed the batch that begins with a training sample, from 0; at the end it goes on at the start."""
        self.pause()
        self._when_ready(lambda: self._feed_from(first))

    def _feed_from(self, first: int) -> None:
        program = self.program
        if program is None or not self._can_run():
            return
        if not self.samples:
            self.failed.emit("This graph takes no data: there is no other sample.")
            return
        first %= self.samples
        program.feed(**batch_from(self._made.feeds, program.batch_size, first))
        program.position = 0
        self._fed.append((program.happened(program.moment), first))
        self.statement, self.undone = None, False
        self.moved.emit()

    # -- typing

    def write(self, key: str, values: npt.ArrayLike, since: int | None = None) -> int:
        """Type numbers into a quantity; what had been computed from it follows at once.

        Returns the moment before it. A slider hands that back as `since` with every further value, so that
        the whole sweep is one moment. Raises ProgramError for a wrong key or shape.
        """
        return self.write_all({key: values}, since)

    def write_all(self, values: Mapping[str, npt.ArrayLike], since: int | None = None) -> int:
        """The same with several quantities at once."""
        program = self.program
        self.pause()
        if program is None or self.busy or self._stale:
            raise ProgramError("The program is not ready yet: try again in a moment.")
        program.remember()
        if since is not None and since < program.moment:
            program.go_to(since)
        before = program.moment
        try:
            with np.errstate(all="ignore"):
                for key, array in values.items():
                    program[key] = array
                program.refresh()
        except Error:
            program.go_to(before)
            raise
        finally:
            self._stand_at(program.moment)
            self.moved.emit()
        return before

    # -- training from here

    def one_sample(self) -> None:
        """Train on the next sample alone, as Torch7's StochasticGradient does."""
        self.pause()
        self._when_ready(self._one_sample)

    def one_batch(self) -> None:
        """Feed the next batch, where this one has been learned from, and make a whole step."""
        self.pause()
        self._when_ready(self._one_batch)

    def one_epoch(self) -> None:
        """Train on all samples once, in the background, as one moment."""
        self.pause()
        self._when_ready(self._one_epoch)

    def cancel(self) -> None:
        """Give the epoch up: everything is as it was before."""
        self._leap.cancel()

    def _one_batch(self) -> None:
        program = self.program
        if program is None or not self._can_run():
            return
        if self.samples > program.batch_size and self._has_learned():
            self._feed_from(self.batch_start + program.batch_size)
        self._run_phase("update")

    def _has_learned(self) -> bool:
        """Whether there was an update since the samples were fed."""
        for moment in range(self.moment, 0, -1):
            what = self.happened(moment)
            if isinstance(what, str) and what.startswith("fed "):
                return False
            if what is not None and not isinstance(what, str) and what.phase == "update":
                return True
        return False

    def _one_sample(self) -> None:
        program = self.program
        if program is None or not self._can_run():
            return
        if program.batch_size == 1:
            self._one_batch()
            return
        at = self.batch_start + (self.sample or 0)
        which = at % max(1, self.samples)
        self._leap_over(Task(f"sample {which + 1:,}", lambda: [np.array([which])], 1, stops=self._stops()))

    def _one_epoch(self) -> None:
        program, training = self.program, self._document.project.training
        if program is None or not self._can_run():
            return
        from nnstudio.data.batching import batch_count

        samples = max(1, self.samples)
        batches = batch_count(samples, training.batch_size)
        epoch, begun = place_of(program)
        scheduled = Scheduled(
            training, self._made.judged, self._schedule_state(), epoch=epoch, batches=batches, begun=begun
        )
        task = Task(
            f"epoch {epoch + 1:,}",
            lambda: epoch_order(training, samples, epoch, begun),
            batches,
            begun,
            finish=begun > 0 and 0 < program.position < len(program.statements),
            scheduled=scheduled,
            stops=self._stops(),
        )
        self._leap_over(task)

    def _stops(self) -> tuple[Breakpoint, ...]:
        """The breakpoints that can stop something: where there is none, training runs at full speed."""
        program = self.program
        assert program is not None
        return tuple(each for each in self.stops.enabled if each.problem(program) is None)

    def _schedule_state(self) -> Mapping[str, Any]:
        """What the schedule remembered behind the last epoch of the timeline."""
        for moment in range(self.moment, 0, -1) if self._schedules else ():
            what = self.happened(moment)
            for led, state in self._schedules:
                if led is what:  # the very words that this epoch has left in the timeline
                    return state
        return {}

    def _leap_over(self, task: Task) -> None:
        program, first = self.program, self.batch_start
        assert program is not None

        def ended(outcome: Outcome | None, error: Error | None) -> None:
            self.busy_changed.emit(False)
            if self.program is not program or self._stale:
                self.follow()  # the document is another meanwhile
            elif outcome is None:
                self.moved.emit()
                (self.said if isinstance(error, GivenUp) else self.failed).emit(str(error))
            elif outcome.hit is not None:
                self._show_stopped(task, outcome, outcome.hit)
            else:
                if task.scheduled is not None:
                    self._schedules.append((program.happened(program.moment), task.scheduled.state))
                self._show_learned(task.label, first)

        self._leap.start(program, self._made.feeds, task, ended)
        self.busy_changed.emit(True)

    def _show_stopped(self, task: Task, outcome: Outcome, hit: Breakpoint) -> None:
        """In the middle of a batch: with its samples, behind the statement that the breakpoint is at."""
        program, leaped = self.program, outcome.leaped
        assert program is not None
        words = task.label
        if task.scheduled is not None:
            words += f", as far as batch {task.done + leaped.steps:,} of {task.total:,}"
        program.relabel(words)
        self.statement = outcome.statement
        self._have_moved()
        self.stopped_at.emit(hit)
        size = program.batch_size
        shown = f"; that batch has {count(leaped.resized, 'sample')}, and {size:,} are shown"
        self.said.emit(f"Stopped {hit}: {words}{shown if leaped.resized else ''}.")

    def _show_learned(self, label: str, first: int) -> None:
        """What the weights make now of the samples that are looked at."""
        program = self.program
        assert program is not None
        try:
            with np.errstate(all="ignore"):
                if self.samples:
                    program.feed(**batch_from(self._made.feeds, program.batch_size, first))
                    self._fed.append((program.happened(program.moment), first))
                program.forward()
        except Error as error:
            self.failed.emit(str(error))
        self._stand_at(program.moment)
        self._have_moved()
        loss = "" if program.listing.loss is None else f": the loss of this batch is {number(program.loss)}"
        self.said.emit(f"Trained on {label}{loss}.")
