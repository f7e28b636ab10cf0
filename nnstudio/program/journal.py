"""The journal of overwritten values: what makes a program run backwards in time, exactly."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from nnstudio.program.backend import Array
from nnstudio.program.memory import Slot


@dataclass(frozen=True)
class Entry:
    """The state just before something was overwritten."""

    position: int
    current: frozenset[str]
    stepped: bool
    """True for a statement; False for a feed or a value typed in between two statements."""
    saved: tuple[tuple[Slot, Array], ...]

    @property
    def bytes(self) -> int:
        """Memory the copies take."""
        return sum(copy.nbytes for _, copy in self.saved)

    def restore(self) -> None:
        """Put the overwritten values back."""
        for slot, copy in self.saved:
            slot.array[...] = copy


class Journal:
    """Entries, newest last, within a memory budget; the oldest are forgotten first."""

    def __init__(self, budget: int = 1 << 29) -> None:
        self.budget = budget
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def record(self, position: int, current: frozenset[str], slots: Sequence[Slot], *, stepped: bool) -> None:
        """Copy `slots` before they are overwritten."""
        entry = Entry(position, current, stepped, tuple((slot, slot.array.copy()) for slot in slots))
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
