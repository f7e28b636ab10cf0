"""Gradients beside central differences: the worst element by name, the error by step size, the corners."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.explain.copying import double
from nnstudio.explain.local import Local
from nnstudio.explain.numerals import plain_number
from nnstudio.explain.place import Element, located
from nnstudio.program.gradcheck import MOST_ELEMENTS, TOLERANCE, GradientCheck, gradcheck
from nnstudio.program.program import Program

Array = npt.NDArray[Any]

STEPS = tuple(10.0**-power for power in range(1, 11))
"""The steps of the plot: large ones leave the curve, small ones are lost in rounding."""
MOST_CORNERS = 20
_NUDGE = 1e-6
_JUMP = 1e-3
"""A local derivative that jumps by more than this within two nudges has a corner between them."""


@dataclass(frozen=True)
class Corner:
    """A number at which the loss has a corner, and the nodes that bend there: left out of the check."""

    key: str
    element: Element
    nodes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people."""
        where = located(self.key, self.element)
        if not self.nodes:
            return f"At {where} the loss has a corner, so there is no one slope to compare with."
        bent = " and ".join(self.nodes)
        return (
            f"At {where} the loss has a corner, because {bent} stands exactly where its slope jumps: "
            "there is no one slope to compare with, and it is left out."
        )


@dataclass(frozen=True)
class Checked:
    """One parameter or input.

    key      what was nudged, "fc1.weight" or "x.output"
    check    its gradient beside the differences: the worst element, both numbers, how many were compared
    curve    (step, relative error) at the worst element, from the largest step to the smallest
    corners  where it was left out; at most MOST_CORNERS are named, `check.corners` counts them all
    """

    key: str
    check: GradientCheck
    curve: tuple[tuple[float, float], ...]
    corners: tuple[Corner, ...]


@dataclass(frozen=True)
class GradientReport:
    """All parameters and inputs, in the program's order; `worst` has the largest error."""

    checked: tuple[Checked, ...]
    worst: Checked

    @property
    def ok(self) -> bool:
        """Whether all gradients agree with the differences."""
        return all(each.check.ok for each in self.checked)

    @property
    def sentence(self) -> str:
        """The outcome for people, with the worst element."""
        check = self.worst.check
        corners = sum(each.check.corners for each in self.checked)
        compared = sum(each.check.elements for each in self.checked)
        left_out = f"; {corners:,} at corners are left out" if corners else ""
        where = located(check.quantity, check.element)
        numbers = f"{plain_number(check.computed, 6)} beside {plain_number(check.difference, 6)}"
        if self.ok:
            return (
                f"All {compared:,} gradients agree with central differences{left_out}. The largest relative "
                f"error is {plain_number(check.error, 2)}, of {where}: {numbers}."
            )
        return (
            f"{where} is wrong: the program computes {numbers} by central differences, a relative error of "
            f"{plain_number(check.error, 2)} where {plain_number(TOLERANCE)} is allowed{left_out}."
        )


def check_gradients(program: Program, progress: Callable[[int, int], object] | None = None) -> GradientReport:
    """Compare the gradients of every parameter and every input with central differences of the loss.

    In a float64 copy, for the batch that is fed; the program is left alone. Of a larger array 200 elements,
    evenly spread, are compared. Raises ExplainError where nothing has a gradient, ProgramError where
    something has not been fed or there is no loss.
    """
    copy = double(program)
    inputs = {f"{name}.grad_output": f"{name}.output" for name in copy.inputs}
    learned = {
        f"{item.key.rpartition('.')[0]}.grad_{item.key.rpartition('.')[2]}": item.key
        for item in copy.listing.parameters
        if item.trained
    }
    wanted = {**learned, **inputs}
    checks = [check for check in gradcheck(copy, progress) if check.quantity in wanted]
    if not checks:
        raise ExplainError("The loss depends on no parameter and no input, so there is no gradient to check.")
    found: list[Checked] = []
    for check in checks:
        key = wanted[check.quantity]
        curve = _curve(copy, key, check) if check.elements else ()
        corners = _corners(copy, key)
        if len(corners) > check.corners:  # where both sides' mean agrees, as with |x| at 0, by chance
            compared = check.elements - (len(corners) - check.corners)
            check = replace(check, corners=len(corners), elements=compared)
        found.append(Checked(key, check, curve, corners[:MOST_CORNERS]))
    worst = max(found, key=lambda each: math.inf if math.isnan(each.check.error) else each.check.error)
    return GradientReport(tuple(found), worst)


def _loss_at(copy: Program, key: str, original: Array, element: Element, step: float) -> float:
    nudged = original.copy()
    nudged[element] += step
    copy[key] = nudged
    copy.forward()
    return copy.loss


def _curve(copy: Program, key: str, check: GradientCheck) -> tuple[tuple[float, float], ...]:
    original = np.array(copy[key])
    errors: list[tuple[float, float]] = []
    for step in STEPS:
        above = _loss_at(copy, key, original, check.element, step)
        below = _loss_at(copy, key, original, check.element, -step)
        difference = (above - below) / (2 * step)
        scale = max(abs(check.computed), abs(difference), 1e-12)
        errors.append((step, abs(check.computed - difference) / scale))
    copy[key] = original
    return tuple(errors)


def _corners(copy: Program, key: str) -> tuple[Corner, ...]:
    """The elements at which a node's own derivative jumps, and which nodes these are."""
    original: Array = np.array(copy[key])
    count = min(original.size, MOST_ELEMENTS)
    places: list[int] = np.linspace(0, original.size - 1, count).astype(int).tolist()
    found: list[Corner] = []
    for place in places:
        element = tuple(int(axis) for axis in np.unravel_index(int(place), original.shape))
        size = _NUDGE * max(1.0, abs(float(original[element])))
        _loss_at(copy, key, original, element, size)
        above = _slopes(copy)
        _loss_at(copy, key, original, element, -size)
        below = _slopes(copy)
        jumping = tuple(dict.fromkeys(node for node, port in above if _jumps(above, below, (node, port))))
        if jumping:
            found.append(Corner(key, element, jumping))
    copy[key] = original
    copy.forward()
    return tuple(found)


def _slopes(copy: Program) -> dict[tuple[str, str], Array]:
    """The derivative of every node by its ports, where each of its outputs weighs one."""
    local = Local(copy)
    found: dict[tuple[str, str], Array] = {}
    for name, node in local.anatomy.nodes.items():
        ones: Array | None = None
        for port in node.sources:
            if f"grad_{port}" in node.definition.functions and node.definition.name != "Linear":
                ones = np.ones(local.output(node).shape) if ones is None else ones
                found[name, port] = np.array(local.gradient(node, port, ones))
    return found


def _jumps(
    above: dict[tuple[str, str], Array], below: dict[tuple[str, str], Array], at: tuple[str, str]
) -> bool:
    size = max(1.0, float(np.abs(above[at]).max(initial=0.0)))
    return float(np.abs(above[at] - below[at]).max(initial=0.0)) > _JUMP * size
