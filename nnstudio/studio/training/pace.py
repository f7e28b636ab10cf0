"""How far a run is, and how much longer it takes."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from nnstudio.training.goal import end_of_run

_SOONEST = 0.3
"""Seconds: a pace measured over less says nothing."""


@dataclass
class Pace:
    """Of the present run.

    goal  after which epoch it ends
    halt  after which epoch it pauses before that; 0 where it does not
    """

    goal: int = 0
    halt: int = 0
    _done: int = 0
    _began: float = 0.0
    _at: float = 0.0

    def begin(self, epochs: int, done: int) -> None:
        """A run is begun when `done` epochs are done, and the settings say `epochs`."""
        self._done, self.goal, self.halt = done, end_of_run(epochs, done), 0
        self.go(done)

    def lengthen(self, epochs: int, epoch: float) -> None:
        """The settings say another number of epochs, and it is in this one; it is not broken off in it."""
        self.goal = max(end_of_run(epochs, self._done), int(epoch) + (epoch > int(epoch)))

    def go(self, epoch: float) -> None:
        """It goes on from here, and its pace is measured from here on."""
        self._began, self._at = monotonic(), epoch

    def share(self, epoch: float, trained: float, most: float) -> float:
        """How much of it is done, from 0 to 1, by what ends it first: its epochs or, where it shall train
        for so many seconds at `most`, its time.
        """
        by_time = trained / most if most else 0.0
        return min(1.0, max(epoch / max(1, self.goal), by_time))

    def left(self, epoch: float, trained: float, most: float) -> float | None:
        """The seconds until it ends or pauses, by the pace so far; None before there is one."""
        done, took = epoch - self._at, monotonic() - self._began
        if done <= 0 or took < _SOONEST:
            return None
        left = ((self.halt or self.goal) - epoch) * took / done
        if most:
            left = min(left, most - trained)
        return max(0.0, left)
