"""Every gradient of a program beside central differences of its own loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.program.program import Program

Array = npt.NDArray[Any]

TOLERANCE = 1e-6
"""The relative error that rounding and curvature leave; a wrong equation is far beyond it."""
MOST_ELEMENTS = 200
"""Of a larger array so many are compared, evenly spread."""
_STEPS = (1e-5, 1e-6, 1e-4, 1e-7)
"""Curvature tells in a large step and rounding in a small one: the first that agrees will do."""
_CORNER = 1e-2
"""Slopes of the two sides that differ by more than this share have a corner between them."""


@dataclass(frozen=True)
class GradientCheck:
    """How one gradient of a program compares.

    quantity          the gradient as the program names it, "fc1.grad_weight" or "act1.grad_output"
    error             the worst relative error of its elements
    element           where that is
    computed, difference   the two numbers there
    elements          how many were compared
    corners           at how many more the loss has a corner, so that there is no one slope to compare with
    """

    quantity: str
    error: float
    element: tuple[int, ...]
    computed: float
    difference: float
    elements: int
    corners: int

    @property
    def ok(self) -> bool:
        """Whether all elements agree."""
        return self.error <= TOLERANCE


def gradcheck(program: Program, progress: Callable[[int, int], object] | None = None) -> list[GradientCheck]:
    """Compares the gradients of all parameters and of all nodes' outputs, for the batch that is fed.

    `progress(done, all)` is called after each. The parameters are left as they were. Raises ProgramError
    for a program that is not in float64, has no loss, or has not been fed.
    """
    if program.dtype != np.float64:
        raise ProgramError(f"Gradients are compared in float64, and this program is in {program.dtype.name}.")
    program.reset()
    program.zero_grad()
    program.forward()
    program.backward()
    gradients = {
        value: (gradient, np.array(program[gradient]))
        for value, gradient in _gradients(program).items()
        if program.is_current(gradient) and program[value].dtype.kind == "f"
    }
    checks: list[GradientCheck] = []
    for value, (quantity, gradient) in gradients.items():
        checks.append(_compare(program, value, quantity, gradient))
        if progress is not None:
            progress(len(checks), len(gradients))
    program.reset()
    return checks


def _gradients(program: Program) -> dict[str, str]:
    """What may be nudged -> its gradient, parameters first."""
    found = {item.key: _gradient_of(item.key) for item in program.listing.parameters}
    found |= {
        f"{key.removesuffix('grad_output')}output": key for key in program if key.endswith(".grad_output")
    }
    return {value: gradient for value, gradient in found.items() if value in program and gradient in program}


def _gradient_of(parameter: str) -> str:
    node, _, name = parameter.rpartition(".")
    return f"{node}.grad_{name}"


def _compare(program: Program, value: str, quantity: str, gradient: Array) -> GradientCheck:
    loss_at = _loss_along(program, value)
    program.reset()
    program.forward()
    here = program.loss
    original = np.array(program[value])
    floor = max(1e-3 * float(np.abs(gradient).max(initial=0.0)), 1e-4 * max(1e-3, abs(here)))
    places = np.linspace(0, gradient.size - 1, min(gradient.size, MOST_ELEMENTS)).astype(int).tolist()
    worst = GradientCheck(quantity, 0.0, (), 0.0, 0.0, 0, 0)
    corners = 0
    for place in places:
        element = cast("tuple[int, ...]", np.unravel_index(place, gradient.shape))
        element = tuple(int(axis) for axis in element)
        computed = float(gradient[element])
        size = max(1.0, abs(float(original[element])))
        found = _nearest(partial(loss_at, original, element), here, size, computed, floor)
        if found is None:
            corners += 1
        elif worst.elements == 0 or not found[0] <= worst.error:
            worst = GradientCheck(quantity, found[0], element, computed, found[1], 1, 0)
    program[value] = original
    return replace(worst, elements=len(places) - corners, corners=corners)


def _nearest(
    loss_at: Callable[[float], float], here: float, size: float, computed: float, floor: float
) -> tuple[float, float] | None:
    """The least relative error over the steps, and the central difference there; None at a corner."""
    best = (math.inf, math.nan)
    is_corner = False
    for share in _STEPS:
        step = share * size
        above, below = (loss_at(step) - here) / step, (here - loss_at(-step)) / step
        difference = (above + below) / 2
        scale = max(abs(computed), abs(difference), floor)
        best = min(best, (abs(computed - difference) / scale, difference), key=lambda found: found[0])
        if best[0] <= TOLERANCE:
            return best
        # In a step so small the two sides of a curve are alike; those of a corner are not in any.
        is_corner = is_corner or (share == min(_STEPS) and abs(above - below) > _CORNER * scale)
    return None if is_corner else best


def _loss_along(program: Program, value: str) -> Callable[[Array, tuple[int, ...], float], float]:
    """The loss with one element of a quantity nudged, by what is computed after it."""
    identifier = program.identifier(value)
    after = next(
        (
            line.index + 1
            for line in program.statements
            if line.phase == "forward" and line.target == identifier
        ),
        None,
    )
    last = max(line.index for line in program.statements if line.phase == "forward")

    def loss_at(original: Array, element: tuple[int, ...], step: float) -> float:
        nudged = original.copy()
        nudged[element] += step
        program[value] = nudged
        if after is None:
            program.forward()
        else:
            program.position = after
            while program.position <= last:
                program.step()
        return program.loss

    return loss_at
