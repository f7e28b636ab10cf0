"""Many training steps as one moment of the timeline: at full speed, or watched statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nnstudio.program.machine import Machine
from nnstudio.program.memory import Slot
from nnstudio.program.statement import Statement
from nnstudio.program.update import STEP

if TYPE_CHECKING:
    from nnstudio.program.program import Program

Feeds = Mapping[str, npt.ArrayLike]
Rate = Callable[[int], float]
Stop = Callable[["Program", Statement], bool]


class Leaped(NamedTuple):
    """How far a leap came."""

    steps: int  # begun, the one that was stopped in included
    stopped: bool
    resized: int  # samples of the batch that was stopped in, where the program holds another number; else 0


class Leap:
    """Feeds batches and trains on each; `stop` sees every statement of them.

    Whatever goes wrong within, everything is as it was before.
    """

    def __init__(
        self,
        program: Program,
        machine: Machine,
        sized: Callable[[Feeds], tuple[Program, Machine]],
        rate: Rate | None,
        stop: Stop | None,
    ) -> None:
        self._program, self._machine, self._sized = program, machine, sized
        self._rate, self._stop = rate, stop

    def run(self, batches: Iterable[Feeds], label: str, *, finish: bool) -> Leaped:
        """With `finish`, the statements that are left of the pass come first, and count as no step."""
        machine = self._machine
        waiting = iter(batches)
        first = None if finish else next(waiting, None)
        if first is None and not finish:
            return Leaped(0, False, 0)
        machine.remember()
        last = machine.listing.statements[-1] if machine.listing.statements else None
        with machine.changing(label, self._changed(every=finish or self._stop is not None), last):
            machine.journal.recording = False  # what is within is no moment, and no end of the timeline
            try:
                if finish and self._watched(self._program, machine, machine.position):
                    return Leaped(0, True, 0)
                return self._train(waiting if first is None else chain((first,), waiting))
            finally:
                machine.journal.recording = True

    def _train(self, batches: Iterable[Feeds]) -> Leaped:
        steps = 0
        for batch in batches:
            if self._rate is not None:
                self._machine.set_rate(self._rate(steps))
            steps += 1
            program, machine = self._sized(batch)
            if self._stop is None:
                program.feed(**batch)
                program.train_step()
                continue
            former = [] if machine is self._machine else self._kept()
            program.feed(**batch)
            if self._watched(program, machine, 0):
                if machine is self._machine:
                    return Leaped(steps, True, 0)
                self._show(batch, machine.position, former)
                return Leaped(steps, True, machine.batch_size)
        return Leaped(steps, False, 0)

    def _watched(self, program: Program, machine: Machine, start: int) -> bool:
        """Run the statements from one on; whether there was a stop, behind which the machine then stands."""
        for line in machine.listing.statements[start:]:
            machine.run_within(line)
            if self._stop is not None and self._stop(program, line):
                return True
        return False

    def _show(self, batch: Feeds, position: int, former: list[tuple[Slot, npt.NDArray[Any]]]) -> None:
        """This program holds another number of samples than the batch that was stopped in: from where that
        began it runs to the same statement, with as many of them as it holds, the first ones again where
        they are fewer.
        """
        for slot, array in former:
            slot.array[...] = array
        self._machine.altered()
        size = self._machine.batch_size
        which = np.arange(size)
        self._program.feed(
            **{name: np.asarray(array).take(which, axis=0, mode="wrap") for name, array in batch.items()}
        )
        for line in self._machine.listing.statements[:position]:
            self._machine.run_within(line)

    def _kept(self) -> list[tuple[Slot, npt.NDArray[Any]]]:
        return [(slot, slot.array.copy()) for slot in self._learned()]

    def _learned(self) -> list[Slot]:
        """What training carries from one batch to the next."""
        store = self._machine.store
        return [store.parameters, store.gradients, *store.states.values(), store.slots[STEP]]

    def _changed(self, every: bool) -> list[Slot]:
        """Everything that is written within and a statement may read."""
        machine = self._machine
        store, workspace = machine.store, machine.workspace
        if machine.listing.statements:
            workspace.calls(machine.listing.statements[-1])
        lines = machine.listing.statements if every else machine.listing.phase("forward")
        # Parameters, their gradients and the optimizer's state lie in the vectors that are kept whole.
        targets = dict.fromkeys(line.target for line in lines if line.target not in store.slots)
        return [*self._learned(), *machine.feeds.values(), *(workspace.slots[name] for name in targets)]
