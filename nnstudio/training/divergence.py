"""Divergence: where numbers stopped being finite, and why that may be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import ProgramError, TrainingError
from nnstudio.program import Program, Statement
from nnstudio.training.stability import Stability

Array = NDArray[Any]

HUGE = 1e4
"""Numbers beyond this come from updates that are too large, not from data that was scaled."""
LARGE = 10.0
"""Targets beyond this, as they came, are far from what a fresh network answers."""


class Diverged(TrainingError):
    """A loss or a gradient is no longer finite; the update was not made.

    node, statement   where it was first seen, and the program's line; empty where no line shows it
    step              updates made before
    lr                the learning rate in use
    largest_lr        above which updates must grow by the curvature of the loss; None where that is not known
    lr_to_try         a lower rate; None where the rate is not to blame
    unscaled_targets  whether it may be that the targets are large numbers that nothing has scaled
    """

    def __init__(
        self,
        sentence: str,
        *,
        node: str,
        statement: str,
        step: int,
        lr: float,
        largest_lr: float | None = None,
        lr_to_try: float | None = None,
        unscaled_targets: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.node = node
        self.statement = statement
        self.step = step
        self.lr = lr
        self.largest_lr = largest_lr
        self.lr_to_try = lr_to_try
        self.unscaled_targets = unscaled_targets


@dataclass(frozen=True)
class Offence:
    """The first line whose result is not finite: what it became, and between which numbers it read."""

    statement: Statement
    became: str
    low: float
    high: float


def diverged(
    program: Program,
    step: int,
    epoch: int,
    lr: float,
    kept: int,
    measured: Callable[[], Stability | None] = lambda: None,
    targets: tuple[float, float] | None = None,
) -> Diverged:
    """What to say about a fed batch whose loss or gradient is not finite.

    kept       the update gone back to
    measured   finds the limit that the rate is above, where it is above one
    targets    the least and the greatest, where they are numbers that nothing has scaled
    """
    node = line = ""
    fed = [name for name in (*program.inputs, *program.targets) if not finite(program[f"{name}.output"])]
    spoilt = [key for key, array in program.parameters().items() if not finite(array)]
    found = None if fed or spoilt else first_offence(program)
    slow = found is None or max(abs(found.low), abs(found.high)) >= HUGE
    limit = measured() if slow and not fed else None
    slower, to_try = f"the learning rate {lr:g} is probably too large, so try {lr / 10:.2g}", lr / 10
    if limit is not None:
        to_try = limit.lr_to_try
        slower = f"learning rate {lr:g} is above {limit.rule} ≈ {limit.largest_lr:.2g}: try {to_try:g}"
    unscaled = False
    if slow and not fed and targets is not None and max(map(abs, targets)) > LARGE:
        unscaled = True
        slower = (
            f"the targets reach from {targets[0]:,g} to {targets[1]:,g}: standardise them; or else {slower}"
        )
    if fed:
        node = fed[0]
        what, cause = f"{node} is fed a number that is not finite", "mend the data"
    elif spoilt:
        node = spoilt[0].rpartition(".")[0]
        what, cause = f"{spoilt[0]} is no longer finite", slower
    elif found is None:
        what, cause = "the loss is no longer finite", slower
    else:
        node, line = found.statement.node, found.statement.text
        what, cause = f"{node}.{found.statement.quantity} became {found.became} in `{line}`", slower
        if not slow:
            cause = (
                f"it has no finite value for what comes in, {found.low:g} to {found.high:g}, so change "
                f"what is before it, scale the data, or try a learning rate below {lr:g}"
            )
    weights = f"the weights of update {kept:,}" if kept else "the first weights"
    when = f"Training stopped before update {step + 1:,} (epoch {epoch + 1:,})"
    sentence = f"{when}: {what}; {cause}; {weights} are kept."
    return Diverged(
        sentence,
        node=node,
        statement=line,
        step=step,
        lr=lr,
        largest_lr=None if limit is None else limit.largest_lr,
        lr_to_try=to_try if slow and not fed else None,
        unscaled_targets=unscaled,
    )


def first_offence(program: Program) -> Offence | None:
    """Runs forward and backward again, line by line, up to the first result that is not finite."""
    program.reset()
    try:
        with np.errstate(all="ignore"):
            for _ in program.statements:
                statement = program.step()
                if statement.phase == "update":
                    return None
                result = np.asarray(program.value(statement.target))
                if not finite(result):
                    became = "not a number" if np.isnan(result).any() else "infinite"
                    return Offence(statement, became, *_range(program, statement))
    finally:
        program.reset()
    return None


def finite(array: Array) -> bool:
    """Whether every number of an array is finite."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _range(program: Program, statement: Statement) -> tuple[float, float]:
    """Between which numbers the arrays lie that a line reads."""
    arrays: list[Array] = []
    for name in statement.reads:
        with contextlib.suppress(ProgramError):  # no array of the program, such as np
            array = np.asarray(program.value(name))
            if array.dtype.kind == "f" and array.size and finite(array):
                arrays.append(array)
    if not arrays:
        return 0.0, 0.0
    return min(float(array.min()) for array in arrays), max(float(array.max()) for array in arrays)
