"""The journal of overwritten values: what makes a program run backwards and forwards in time, exactly."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nnstudio.program.backend import Array
from nnstudio.program.memory import Slot
from nnstudio.program.standing import Standing
from nnstudio.program.statement import Statement

_ENTRY_BYTES = 700  # the Python objects of an entry, about


class State(NamedTuple):
    """How a program stands, apart from its arrays."""

    position: int
    standing: Standing
    fed: frozenset[str]
    lr: float


class Entry:
    """The way between two moments: what the other side of it held.

    Gone over, it is turned round: it gives back what it kept, and keeps what was there instead.
    """

    __slots__ = ("happened", "state", "statement", "values")

    def __init__(
        self, state: State, happened: Statement | str, slots: Iterable[Slot], statement: Statement | None
    ) -> None:
        self.state = state
        self.happened = happened
        """What led from the earlier moment to the later one."""
        self.statement = statement
        """The (last) statement of the program that ran; None for what was done from outside."""
        self.values: list[tuple[Slot, Array]] = [(slot, slot.array.copy()) for slot in slots]

    @property
    def bytes(self) -> int:
        """Memory it takes, about."""
        return sum(kept.nbytes for _, kept in self.values) + self.state.standing.bytes + _ENTRY_BYTES

    def cross(self, present: State) -> State:
        """Exchange what it keeps with what is there; returns how the program stands on the other side."""
        for place, (slot, kept) in enumerate(self.values):
            here = slot.array.copy()
            slot.array[...] = kept
            self.values[place] = (slot, here)
        there, self.state = self.state, present
        return there

    def restore(self) -> State:
        """Put back what it keeps, for good; returns how the program stood then."""
        for slot, kept in self.values:
            slot.array[...] = kept
        return self.state


class Journal:
    """Entries before and behind the present, within a memory budget; the oldest are forgotten first.

    Programs of several batch sizes share parameters, and so one journal, about one of them at a time.
    """

    def __init__(self, budget: int = 1 << 29) -> None:
        self.budget = budget
        self.owner: object | None = None
        """The program that is being stepped."""
        self.recording = False
        """Whether what is overwritten from outside is kept too."""
        self._past: deque[Entry] = deque()
        self._future: list[Entry] = []
        self._bytes = 0

    def __len__(self) -> int:
        """How many moments back one can go."""
        return len(self._past)

    @property
    def ahead(self) -> int:
        """How many moments forward one can go."""
        return len(self._future)

    @property
    def bytes(self) -> int:
        """Memory that all copies take."""
        return self._bytes

    def entry(self, moment: int) -> Entry:
        """The way that led to a moment, counted from 1."""
        here = len(self._past)
        return self._past[moment - 1] if moment <= here else self._future[here - moment]

    def begin(self, owner: object) -> None:
        """Keep what `owner` overwrites from now on; what another one did is forgotten."""
        if self.owner is not owner:
            self.clear()
            self.owner = owner
        self.recording = True

    def record(
        self,
        state: State,
        happened: Statement | str,
        slots: Iterable[Slot],
        statement: Statement | None = None,
    ) -> None:
        """Copy `slots` before they are overwritten. There is another future from here on."""
        self.forget_future()
        entry = Entry(state, happened, slots, statement)
        self._past.append(entry)
        self._bytes += entry.bytes
        while self._bytes > self.budget and len(self._past) > 1:
            self._bytes -= self._past.popleft().bytes

    def back(self, present: State) -> tuple[Entry, State]:
        """Go one moment back; there must be one."""
        entry = self._past.pop()
        self._future.append(entry)
        return entry, self._cross(entry, present)

    def forth(self, present: State) -> tuple[Entry, State]:
        """Go one moment forward; there must be one."""
        entry = self._future.pop()
        self._past.append(entry)
        return entry, self._cross(entry, present)

    def _cross(self, entry: Entry, present: State) -> State:
        self._bytes -= entry.bytes
        state = entry.cross(present)
        self._bytes += entry.bytes
        return state

    def abandon(self, future: Sequence[Entry]) -> State:
        """Undo the newest entry as if it had never been; `future` is what lay ahead before it."""
        entry = self._past.pop()
        self._bytes -= entry.bytes
        state = entry.restore()
        self.forget_future()
        self._future = [*future]
        self._bytes += sum(entry.bytes for entry in future)
        return state

    @property
    def future(self) -> tuple[Entry, ...]:
        """What lies ahead."""
        return tuple(self._future)

    def forget_future(self) -> None:
        """There is no way forward any more."""
        self._bytes -= sum(entry.bytes for entry in self._future)
        self._future.clear()

    def clear(self) -> None:
        """Forget everything, and keep nothing more until something is stepped again."""
        self._past.clear()
        self._future.clear()
        self._bytes = 0
        self.recording = False
