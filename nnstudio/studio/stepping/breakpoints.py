"""The breakpoints of a window: they follow names, and say where they can stop nothing any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from nnstudio.program import Program, Statement
    from nnstudio.program.breakpoint import Breakpoint


class Breakpoints(QObject):
    """In the order in which they were set. They belong to whoever looks, and not to the document."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Breakpoint] = []

    @property
    def all(self) -> tuple[Breakpoint, ...]:
        return tuple(self._all)

    @property
    def enabled(self) -> list[Breakpoint]:
        """Those that stop."""
        return [each for each in self._all if each.enabled]

    def add(self, breakpoint: Breakpoint) -> None:
        """One more, unless there is such a one."""
        if breakpoint not in self._all:
            self._all.append(breakpoint)
            self.changed.emit()

    def remove(self, breakpoint: Breakpoint) -> None:
        if breakpoint in self._all:
            self._all.remove(breakpoint)
            self.changed.emit()

    def toggle(self, breakpoint: Breakpoint) -> None:
        """Set it, or take it away again, be it enabled or not."""
        there = next((each for each in self._all if same_place(each, breakpoint)), None)
        if there is None:
            self.add(breakpoint)
        else:
            self.remove(there)

    def exchange(self, old: Breakpoint, new: Breakpoint) -> None:
        """Put another in the place of one."""
        if old in self._all and old != new:
            self._all[self._all.index(old)] = new
            self.changed.emit()

    def enable(self, breakpoint: Breakpoint, enabled: bool) -> None:
        self.exchange(breakpoint, replace(breakpoint, enabled=enabled))

    def clear(self) -> None:
        self.replace(())

    def replace(self, breakpoints: Iterable[Breakpoint]) -> None:
        """These instead of all there are."""
        wanted = list(dict.fromkeys(breakpoints))
        if wanted != self._all:
            self._all = wanted
            self.changed.emit()

    # -- where they are

    def at_line(self, statement: Statement) -> Breakpoint | None:
        """The one on a line of the program."""
        return next((each for each in self._all if each.statement == statement.text), None)

    def at_node(self, name: str) -> Breakpoint | None:
        """One on a node, whatever its phase and condition."""
        return next((each for each in self._all if each.node == name and each.statement is None), None)

    def problem(self, breakpoint: Breakpoint, program: Program | None) -> str | None:
        """Why it can stop nothing, in a sentence."""
        return None if program is None else breakpoint.problem(program)

    def follow(
        self,
        names: Mapping[str, str | None],
        before: Sequence[Statement],
        after: Iterable[Statement],
    ) -> None:
        """Nodes have other names, lines are written otherwise; what is gone stays, and says so."""
        if not self._all:
            return
        former = {line.text: (line.path, line.phase, line.quantity) for line in before}
        present = {(line.path, line.phase, line.quantity): line.text for line in after}
        texts = dict.fromkeys(present.values(), True)
        changed: list[Breakpoint] = []
        for each in self._all:
            if each.node is not None:
                each = replace(each, node=names.get(each.node) or each.node)
            if each.statement is not None and each.statement not in texts and each.statement in former:
                each = replace(each, statement=present.get(former[each.statement], each.statement))
            changed.append(each)
        if changed != self._all:
            self._all = changed
            self.changed.emit()


def same_place(a: Breakpoint, b: Breakpoint) -> bool:
    """Whether two differ at most in being enabled."""
    return replace(a, enabled=True) == replace(b, enabled=True)
