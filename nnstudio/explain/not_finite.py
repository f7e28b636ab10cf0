"""Where numbers stopped being finite at a moment of a program: the first place, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.numerals import plain_number
from nnstudio.program.program import Program
from nnstudio.program.statement import Statement

Array = npt.NDArray[Any]

HUGE = 1e4
"""Numbers beyond this have grown; a function without a finite value for smaller ones has none there."""


@dataclass(frozen=True)
class Spoilt:
    """What is not finite although all that it comes from is.

    key         what holds it: a parameter, what is fed, or the quantity that a statement computes
    node        whose it is
    statement   None for what nothing computes
    nans, infinities, size   how many of its numbers are none
    low, high   between which numbers the statement reads
    """

    key: str
    node: str
    statement: Statement | None
    nans: int
    infinities: int
    size: int
    low: float = 0.0
    high: float = 0.0

    @property
    def words(self) -> str:
        """ "1 NaN and 3 infinite numbers"."""
        found = [f"{self.nans:,} NaN"] if self.nans else []
        if self.infinities:
            found.append(f"{self.infinities:,} infinite number{'s' if self.infinities > 1 else ''}")
        return " and ".join(found)

    @property
    def grown(self) -> bool:
        """Whether it came of numbers that had grown large."""
        return max(abs(self.low), abs(self.high)) >= HUGE


def first_spoilt(program: Program) -> Spoilt | None:
    """The first of parameters, what is fed, and what has run, in this order; None where all is finite."""
    for key in (*(item.key for item in program.listing.parameters), *_fed(program)):
        if program.is_true(key) and not finite(program[key]):
            return _spoilt(key, key.rpartition(".")[0], None, program[key])
    names = {name: key for key, name in program.listing.keys.items()}
    true = program.true_bits()
    for line in program.statements:
        if line.phase not in ("forward", "backward") or not true & program.bits_of((line.target,)):
            continue
        array = program.value(line.target)
        if not finite(array):
            own = f"{line.node}.{line.quantity}"
            key = own if program.listing.keys.get(own) == line.target else names.get(line.target, own)
            return _spoilt(key, line.node, line, array, *_range(program, line))
    return None


def finite(array: Array) -> bool:
    """Whether all numbers are; of millions at the cost of adding them up."""
    if array.dtype.kind != "f":
        return True
    with np.errstate(all="ignore"):
        return bool(np.isfinite(array.sum()) or np.isfinite(array).all())


def _fed(program: Program) -> Iterator[str]:
    return (f"{name}.output" for name in program.listing.feeds)


def _spoilt(
    key: str, node: str, statement: Statement | None, array: Array, low: float = 0.0, high: float = 0.0
) -> Spoilt:
    nans, infinities = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    return Spoilt(key, node, statement, nans, infinities, array.size, low, high)


def _range(program: Program, line: Statement) -> tuple[float, float]:
    """Between which numbers the arrays lie that a statement reads."""
    known = program.bits_of
    true = program.true_bits()
    arrays = [program.value(name) for name in line.reads if known((name,)) & true]
    floats = [array for array in arrays if array.dtype.kind == "f" and array.size]
    if not floats:
        return 0.0, 0.0
    return min(float(array.min()) for array in floats), max(float(array.max()) for array in floats)


def told(spoilt: Spoilt) -> tuple[str, str]:
    """The measured figure and the cause, in a sentence each."""
    line = spoilt.statement
    if line is None:
        return (
            f"{spoilt.key} holds {spoilt.words}, of {spoilt.size:,}.",
            "All that is computed from it is lost to that, the loss and the gradients too.",
        )
    low, high = plain_number(spoilt.low, 3), plain_number(spoilt.high, 3)
    figure = f"{spoilt.key} is the first that is not finite: {spoilt.words}, of {spoilt.size:,}."
    if spoilt.grown:
        return figure, f"What `{line.text}` reads has grown to between {low} and {high}, too large for it."
    between = (
        f"for some of the numbers that it reads, between {low} and {high}" if low != high else f"at {low}"
    )
    return figure, f"`{line.text}` has no finite value {between}."
