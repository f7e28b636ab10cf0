"""Stability: above which learning rate gradient descent must diverge, from how the loss bends.

Along the direction in which the loss bends most, a quadratic with the second derivative λ_max, an update
multiplies the distance from the lowest point by 1 - lr·λ_max: it grows above lr = 2/λ_max, and with momentum
β above 2(1 + β)/λ_max. Source: Goodfellow, Bengio and Courville, Deep Learning, section 4.3.1; Polyak 1964.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import Error
from nnstudio.graph import FlatGraph, Graph
from nnstudio.program import Program, compile
from nnstudio.training import optimizers
from nnstudio.training.binding import Feeds, count
from nnstudio.training.settings import TrainingSettings

Array = NDArray[Any]

MOST_PRODUCTS = 30
"""Products of the Hessian and a vector, two gradients each."""
MOST_SAMPLES = 256
MOST_WORK = 100_000_000
"""Multiply-adds of one forward pass: of a large network fewer samples are taken."""
_NEAR = 0.0001


@dataclass(frozen=True)
class Stability:
    """What the curvature at some weights says about the learning rate.

    largest_eigenvalue  λ_max of the Hessian of the loss
    rule                the limit as a formula, "2/λ_max"
    largest_lr          the limit itself
    lr_to_try           a round number well below it
    """

    largest_eigenvalue: float
    rule: str
    largest_lr: float
    lr_to_try: float


def stability(
    graph: Graph, part: FlatGraph, feeds: Feeds, weights: Mapping[str, Array], settings: TrainingSettings
) -> Stability | None:
    """Of the loss over (some of) the samples at these weights, in a float64 program of its own.

    None where the rule does not hold for the optimizer, where there is no curvature upwards, or where it is
    not finite.
    """
    limit = _limit(settings)
    if limit is None:
        return None
    factor, rule = limit
    try:
        program = _program(graph, part, feeds, weights)
        largest = largest_eigenvalue(program)
    except (Error, MemoryError):  # it is only a hint
        return None
    largest += float(_given(settings)["weight_decay"])  # it pulls as a parabola of its own does
    if not math.isfinite(largest) or largest <= 0:
        return None
    return Stability(largest, rule, factor / largest, round_below(factor / largest / 2))


def largest_eigenvalue(program: Program) -> float:
    """λ_max of the Hessian of the loss of the batch that is fed, to about a hundredth, by power iteration.

    The product of the Hessian and a vector is a difference of two gradients along it. Power iteration finds
    the eigenvalue farthest from zero; where that is a negative one, once more for all of them less that one.
    """
    keys = [item for item in program.listing.parameters if item.trained]
    start = {item.key: np.array(program[item.key], np.float64) for item in keys}
    length = math.sqrt(sum(float(np.vdot(array, array)) for array in start.values()))
    size = 1e-5 * (1 + length)
    rng = np.random.default_rng(0)
    first = {key: rng.normal(size=array.shape) for key, array in start.items()}

    def gradient(along: Mapping[str, Array], by: float) -> dict[str, Array]:
        program.load_parameters({key: array + by * along[key] for key, array in start.items()})
        program.zero_grad()
        program.forward()
        program.backward()
        return {item.key: np.array(program.value(item.gradient)) for item in keys}

    def product(along: Mapping[str, Array]) -> dict[str, Array]:
        ahead, behind = gradient(along, size), gradient(along, -size)
        return {key: (ahead[key] - behind[key]) / (2 * size) for key in start}

    def farthest(shift: float) -> float:
        vector, found = _unit(first), 0.0
        for _ in range(MOST_PRODUCTS):
            bent = product(vector)
            if shift:
                bent = {key: array - shift * vector[key] for key, array in bent.items()}
            before, found = found, sum(float(np.vdot(vector[key], bent[key])) for key in start)
            if not math.isfinite(found) or abs(found - before) <= _NEAR * abs(found):
                break
            vector = _unit(bent)
        return found + shift

    with np.errstate(all="ignore"):
        found = farthest(0.0)
        if found < 0:
            found = farthest(found)
        program.load_parameters(start)
    return found


def round_below(value: float) -> float:
    """The largest of …, 0.1, 0.3, 1, 3, … that is not above a number."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{(3 if 3 * power <= value * (1 + 1e-9) else 1) * power:.1g}")


def _limit(settings: TrainingSettings) -> tuple[float, str] | None:
    """The limit times λ_max, and how it is written; None for optimizers that scale every parameter."""
    if settings.optimizer == "SGD":
        return 2.0, "2/λ_max"
    if settings.optimizer == "Momentum":
        return 2 * (1 + float(_given(settings)["momentum"])), "2(1 + momentum)/λ_max"
    return None


def _given(settings: TrainingSettings) -> dict[str, Any]:
    return optimizers.definition(settings.optimizer).complete(settings.optimizer_settings)


def _program(graph: Graph, part: FlatGraph, feeds: Feeds, weights: Mapping[str, Array]) -> Program:
    sgd = optimizers.definition("SGD")
    one = compile(graph, 1, "float64", optimizer=sgd, part=part)
    samples = min(count(feeds), MOST_SAMPLES, max(16, MOST_WORK // max(1, one.multiply_adds)))
    spacing = -(-count(feeds) // samples)
    some = {name: array[::spacing] for name, array in feeds.items()}
    program = one.with_batch_size(count(some))
    program.load_parameters(weights)
    program.feed(**some)
    return program


def _unit(vector: Mapping[str, Array]) -> dict[str, Array]:
    length = math.sqrt(sum(float(np.vdot(array, array)) for array in vector.values()))
    return {key: array / (length or 1.0) for key, array in vector.items()}
