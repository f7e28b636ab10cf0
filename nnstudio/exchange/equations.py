"""The program's statements sorted into functions: forward, criterion, backward, update."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnstudio.exchange.content import Content
from nnstudio.program.equation import rename
from nnstudio.program.statement import Statement
from nnstudio.program.update import FLAT_GRADIENTS, FLAT_PARAMETERS

# What the written functions call their arguments; a node of the same name is called another.
TAKEN = ("weights", "values", "gradients", "state")
WRITTEN_OUT = 8
"""A constant of more numbers than this lies with the weights."""


@dataclass(frozen=True)
class Line:
    """One statement of the script."""

    target: str
    operator: str
    value: ast.expr
    reads: frozenset[str]


@dataclass(frozen=True)
class Equations:
    """The statements that the script needs, in order.

    forward    what the nodes give that need no target
    criterion  what compares it with the targets, down to the loss
    zero, backward   the gradients of the trained parameters
    """

    forward: tuple[Line, ...]
    criterion: tuple[Line, ...]
    zero: tuple[Line, ...]
    backward: tuple[Line, ...]


class Sorted:
    """The identifiers of a program as the script has them, and its statements by function."""

    def __init__(self, content: Content) -> None:
        listing = content.listing
        statements = listing.statements
        used = {line.target for line in statements} | {name for line in statements for name in line.reads}
        self._new = {name: _free(f"{name}_", used) for name in TAKEN if name in used}
        self.weights = {self.name(parameter.identifier): parameter for parameter in listing.parameters}
        constants = {self.name(name): value for name, value in listing.constants.items()}
        self.written = {name: value for name, value in constants.items() if value.size <= WRITTEN_OUT}
        self.stored = {name: value for name, value in constants.items() if value.size > WRITTEN_OUT}
        self.equations = self._equations(content)

    def name(self, identifier: str) -> str:
        return self._new.get(identifier, identifier)

    def _equations(self, content: Content) -> Equations:
        listing = content.listing
        outputs = {listing.keys[f"{node.name}.output"] for node in content.flat}
        gradients = {parameter.gradient for parameter in listing.parameters if parameter.trained}
        kept = _needed(
            [line for line in listing.statements if line.phase != "update"],
            outputs | gradients | ({listing.loss} if listing.loss else set()),
        )
        compared = {node.name for node in content.loss_side}
        forward: list[Line] = []
        criterion: list[Line] = []
        for line in kept:
            if line.phase == "forward":
                (criterion if line.node in compared else forward).append(self._line(line))
        return Equations(
            tuple(forward),
            tuple(criterion),
            tuple(self._line(line) for line in kept if line.phase == "zero_grad"),
            tuple(self._line(line) for line in kept if line.phase == "backward"),
        )

    def _line(self, line: Statement) -> Line:
        reads = frozenset(self.name(name) for name in line.reads)
        value = rename(line.expression, self._new) if self._new else line.expression
        return Line(self.name(line.target), line.operator, value, reads)


def _free(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    return name


def _needed(lines: Sequence[Statement], wanted: set[str]) -> list[Statement]:
    """The statements that `wanted` follows from, in their order."""
    needed = set(wanted)
    kept: list[Statement] = []
    for line in reversed(lines):
        if line.target in needed:
            needed.update(line.reads)
            kept.append(line)
    return kept[::-1]


@dataclass(frozen=True)
class Update:
    """One step of the optimizer for one parameter: `param` and `grad`, lr, step and what it remembers."""

    lines: tuple[Line, ...]
    states: tuple[str, ...]
    counts: bool


def update_of(content: Content) -> Update:
    """The optimizer's equations as the program has them for all parameters at once, written for one."""
    flat = content.listing.flat_update
    counts = any(line.target == "step" for line in flat)
    names = {line.target for line in flat} | {name for line in flat for name in line.reads}
    new = {name: name.removeprefix("flat_") for name in names if name.startswith("flat_")}
    new |= {FLAT_PARAMETERS: "param", FLAT_GRADIENTS: "grad"}
    lines = tuple(_renamed(line, new) for line in flat if line.target != "step")
    states = tuple(dict.fromkeys(quantity for _, quantity in content.listing.states.values()))
    return Update(lines, states, counts)


def _renamed(line: Statement, new: Mapping[str, str]) -> Line:
    reads = frozenset(new.get(name, name) for name in line.reads)
    return Line(new.get(line.target, line.target), line.operator, rename(line.expression, new), reads)
