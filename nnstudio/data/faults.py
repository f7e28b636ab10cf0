"""What is wrong with single rows of a table, or single pictures of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_KEPT = 1000


@dataclass(frozen=True)
class Fault:
    """`line` is the row's place in the file, from 1; `column` is None where the row as a whole is wrong.

    `name` is the file, where there are several.
    """

    line: int
    reason: str
    column: int | None = None
    name: str = ""


@dataclass
class Faults:
    """The first faults, and how many there are of all: at most one a row."""

    first: list[Fault] = field(default_factory=list[Fault])
    count: int = 0

    def add(self, fault: Fault) -> None:
        """Note one more."""
        self.count += 1
        if len(self.first) < MOST_KEPT:
            self.first.append(fault)
