"""The journal of overwritten values: what makes a program run backwards in time, exactly."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from nnstudio.program.backend import Array
from nnstudio.program.memory import Slot

_ENTRY_BYTES = 500  # the Python objects of an entry, about


@dataclass(frozen=True)
class Moment:
    """How a program stood, apart from its arrays."""

    position: int
    current: frozenset[str]
    fed: frozenset[str]
    lr: float


@dataclass(frozen=True)
class Entry:
    """The state just before something was overwritten."""

    moment: Moment
    index: int | None
    """The statement that was executed; None for a feed, a value typed by hand or another learning rate."""
    saved: tuple[tuple[Slot, Array], ...]

    @property
    def bytes(self) -> int:
        """Memory it takes; in a deep network most of it is the list of what was current."""
        copies = sum(copy.nbytes for _, copy in self.saved)
        return copies + sys.getsizeof(self.moment.current) + _ENTRY_BYTES

    def restore(self) -> None:
        """Put the overwritten values back."""
        for slot, copy in self.saved:
            slot.array[...] = copy


class Journal:
    """Entries, newest last, within a memory budget; the oldest are forgotten first.

    Programs of several batch sizes share parameters, and so one journal, about one of them at a time.
    """

    def __init__(self, budget: int = 1 << 29) -> None:
        self.budget = budget
        self.owner: object | None = None
        """The program that is being stepped."""
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """Memory that all copies take."""
        return self._bytes

    def record(self, moment: Moment, index: int | None, slots: Sequence[Slot]) -> None:
        """Copy `slots` before they are overwritten."""
        entry = Entry(moment, index, tuple((slot, slot.array.copy()) for slot in slots))
        self._entries.append(entry)
        self._bytes += entry.bytes
        while self._bytes > self.budget and len(self._entries) > 1:
            self._bytes -= self._entries.popleft().bytes

    def pop(self) -> Entry | None:
        """The newest entry, taken out; None where nothing is remembered."""
        if not self._entries:
            return None
        entry = self._entries.pop()
        self._bytes -= entry.bytes
        return entry

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0
