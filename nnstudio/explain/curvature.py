"""How the loss bends: the Hessian over all parameters, its eigenvalues, the largest stable learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.explain.copying import double
from nnstudio.explain.place import located
from nnstudio.program.program import Program

Array = npt.NDArray[Any]

MOST_PARAMETERS = 200
_STEPS = (1e-4, 1e-5, 1e-6)
"""How far a parameter is moved: less where a larger step crosses a corner of the loss."""
_NEAR = 1e-5
"""Columns of two steps that differ by more than this share have a corner between them."""


@dataclass(frozen=True)
class Curvature:
    """The second derivatives of the loss at this point, for the batch that is fed.

    names              one for each parameter, "fc1.weight[0, 1]", in the order of the rows and columns
    hessian            float64, symmetric, parameters × parameters
    eigenvalues        float64, from the smallest to the largest
    largest_stable_lr  2/λ_max: gradient descent at a larger rate moves away along that direction
                       (∞ where the loss bends nowhere upwards). Source: Goodfellow, Bengio and Courville,
                       Deep Learning, section 4.3.1
    corners            parameters at which the loss has a corner, such as a ReLU at 0: their columns hold the
                       slope on one side only
    """

    names: tuple[str, ...]
    hessian: Array
    eigenvalues: Array
    largest_stable_lr: float
    corners: tuple[str, ...]


def curvature(program: Program) -> Curvature:
    """The Hessian of the loss by all trained parameters, of at most 200 numbers, in a float64 copy.

    Differences of the program's own gradients, of fourth order: right to about 1e-8. Raises ExplainError for
    more parameters than 200 or none, ProgramError where nothing has been fed or there is no loss.
    """
    items = [item for item in program.listing.parameters if item.trained]
    count = sum(math.prod(item.parameter.shape) for item in items)
    if not count:
        raise ExplainError("The loss depends on no parameter, so there is no curvature to show.")
    if count > MOST_PARAMETERS:
        raise ExplainError(
            f"The Hessian of {count:,} parameters has {count**2:,} numbers: it is shown for at most "
            f"{MOST_PARAMETERS} parameters."
        )
    copy = double(program)
    start = {item.key: np.array(copy[item.key]) for item in items}
    names = tuple(
        located(key, element) for key, array in start.items() for element in np.ndindex(array.shape)
    )

    def gradient() -> Array:
        copy.zero_grad()
        copy.forward()
        copy.backward()
        return np.concatenate([copy.value(item.gradient).reshape(-1) for item in items])

    def column(key: str, element: tuple[int, ...], share: float) -> Array:
        size = share * max(1.0, abs(float(start[key][element])))
        found: list[Array] = []
        for steps in (1, -1, 2, -2):
            nudged = start[key].copy()
            nudged[element] += steps * size
            copy[key] = nudged
            found.append(gradient())
        copy[key] = start[key]
        one, back, two, further = found
        return np.asarray((8 * (one - back) - (two - further)) / (12 * size))

    columns: list[Array] = []
    corners: list[str] = []
    for key, array in start.items():
        for element in np.ndindex(array.shape):
            tried = column(key, element, _STEPS[0])
            for share in _STEPS[1:]:
                finer = column(key, element, share)
                near = _NEAR * max(1.0, float(np.abs(finer).max(initial=0.0)))
                if float(np.abs(finer - tried).max(initial=0.0)) <= near:
                    break
                tried = finer
            else:
                corners.append(located(key, element))
            columns.append(tried)
    hessian = np.array(columns)
    hessian = (hessian + hessian.T) / 2
    if not np.isfinite(hessian).all():
        raise ExplainError("The loss or a gradient is not a finite number here, so it has no curvature.")
    eigenvalues = np.linalg.eigvalsh(hessian)
    largest = float(eigenvalues[-1])
    stable = 2 / largest if largest > 0 else math.inf
    return Curvature(names, hessian, eigenvalues, stable, tuple(corners))
