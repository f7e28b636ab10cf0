"""Breakpoints: where running stops, by node, phase, line or what has become true."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.program.expression import ANYWHERE, Expression, Lookup, parse
from nnstudio.program.program import Program
from nnstudio.program.statement import PHASES, Phase, Statement
from nnstudio.wording import did_you_mean

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Breakpoint:
    """Where to stop. What is given must all be so.

    node        a node, or a group, by its dotted name: where its part of a phase begins
    phase       where a phase begins; with a node, only there
    statement   a line, by its text
    condition   an expression. With a place it must hold there; alone it is looked at whenever one of the
                quantities it names has been computed. `any NaN` alone stops where the NaN arises, not at all
                that it spreads to
    """

    node: str | None = None
    phase: Phase | None = None
    statement: str | None = None
    condition: str | None = None
    enabled: bool = True

    def hit(self, program: Program, statement: Statement) -> bool:
        """Whether to stop after `statement`, which has just run. What is wrong with it stops nothing."""
        if not self.enabled or not self._is_at(program, statement):
            return False
        if self.condition is None:
            return self._has_place
        expression = self._expression
        if not isinstance(expression, Expression):
            return False
        try:
            if self._has_place:
                return expression.holds(values_of(program))
            if not _concerns(expression, program, statement):
                return False
            return expression.holds(values_of(program, lambda: _arisen(program, statement)))
        except ProgramError:  # something it names has not been computed yet, or is gone
            return False

    def is_at(self, program: Program, statement: Statement) -> bool:
        """Whether its place is that line; one without a place is at none."""
        return self._has_place and self._is_at(program, statement)

    def problem(self, program: Program) -> str | None:
        """Why it can never stop this program, in a sentence; None where it can."""
        if not self._has_place and self.condition is None:
            return "This breakpoint stops nowhere: give it a node, a phase, a line or a condition."
        if self.statement is not None and all(line.text != self.statement for line in program.statements):
            return f"The program has no line `{self.statement}` any more: the graph has changed."
        there = [line for line in program.statements if self._matches(line)]
        if self.node is not None and not any(_is_in(self.node, line.node) for line in program.statements):
            names = dict.fromkeys(line.node for line in program.statements if line.node)
            hint = did_you_mean(self.node, names, "it is gone, has another name, or cannot run yet")
            return f"The program has no node {self.node}: {hint}"
        if self.phase is not None and self.phase not in PHASES:
            return f"There is no phase {self.phase}: choose {', '.join(PHASES)}."
        if not there:
            where = "The program" if self.node is None else self.node
            return f"{where} has nothing to do in the phase {self.phase}."
        return self._problem_of_condition(program)

    def _problem_of_condition(self, program: Program) -> str | None:
        expression = self._expression
        if expression is None or isinstance(expression, str):
            return expression
        for name in expression.names:
            try:
                _ = name == ANYWHERE or _identifier(program, name)
            except ProgramError as problem:
                return str(problem)
        return None

    @cached_property
    def _expression(self) -> Expression | str | None:
        """The condition, or the sentence why it cannot be read."""
        if self.condition is None:
            return None
        try:
            return parse(self.condition)
        except ProgramError as problem:
            return str(problem)

    @property
    def _has_place(self) -> bool:
        return self.node is not None or self.phase is not None or self.statement is not None

    def _matches(self, line: Statement) -> bool:
        return (
            (self.node is None or _is_in(self.node, line.node))
            and (self.phase is None or line.phase == self.phase)
            and (self.statement is None or line.text == self.statement)
        )

    def _is_at(self, program: Program, statement: Statement) -> bool:
        """Whether it is the line, or the first of the lines, that is meant."""
        if not self._matches(statement):
            return False
        if not self._has_place or self.statement is not None or statement.index == 0:
            return True
        before = program.statements[statement.index - 1]
        return before.phase != statement.phase or not self._matches(before)

    def __str__(self) -> str:
        parts: list[str] = []
        if self.node is not None:
            parts.append(f"at {self.node}")
        if self.phase is not None:
            parts.append(f"in the {self.phase.replace('_', ' ')} phase")
        if self.statement is not None:
            parts.append(f"at `{self.statement}`")
        if self.condition is not None:
            parts.append(f"when {self.condition}")
        return ", ".join(parts) or "nowhere"


def values_of(program: Program, anywhere: Callable[[], Iterable[Array]] | None = None) -> Lookup:
    """What names in an expression stand for: any key, a node's name for its output, `loss` and `lr`.

    It raises ProgramError for a name that there is not, and for what has not been computed in this pass.
    """

    def value(name: str) -> Any:
        if name == ANYWHERE:
            return _all_current(program) if anywhere is None else anywhere()
        identifier = _identifier(program, name)
        return program.lr if identifier is None else program.value(identifier)

    return value


def _identifier(program: Program, name: str) -> str | None:
    """The identifier that a name in an expression stands for; None for the learning rate."""
    if name == "lr":
        return None
    if name == "loss" and program.listing.loss is not None:
        return program.listing.loss
    return program.identifier(f"{name}.output" if f"{name}.output" in program else name)


def _all_current(program: Program) -> list[Array]:
    found = dict.fromkeys(program.identifier(key) for key in program if program.is_current(key))
    return [program.value(identifier) for identifier in found]


def _concerns(expression: Expression, program: Program, statement: Statement) -> bool:
    """Whether a statement has computed something that a condition is about.

    A condition on what no statement computes (the learning rate, an input) is looked at once a pass.
    """
    if ANYWHERE in expression.names:
        return True
    named = {_identifier(program, name) for name in expression.names}
    if statement.target in named:
        return True
    return statement.index == 0 and not any(line.target in named for line in program.statements)


def _arisen(program: Program, statement: Statement) -> list[Array]:
    """What a statement has computed, without the NaN and infinities that it was given to compute with."""
    found = program.value(statement.target)
    if found.dtype.kind != "f" or np.isfinite(found).all():
        return [found]
    found = found.copy()
    for is_odd in (np.isnan, np.isinf):
        if is_odd(found).any() and any(is_odd(given).any() for given in _given(program, statement)):
            found[is_odd(found)] = 0
    return [found]


def _given(program: Program, statement: Statement) -> list[Array]:
    found: list[Array] = []
    for name in statement.reads:
        try:
            found.append(program.value(name))
        except ProgramError:  # the name of a function, or nothing of this pass
            continue
    return found


def _is_in(name: str, node: str) -> bool:
    return node == name or node.startswith(f"{name}.")
