"""Small numeric functions that several families call; exports include them by their source."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def sum_to(grad: Array, like: Array) -> Array:
    """Undo broadcasting: `grad` added up along the axes that were repeated, in the shape of `like`."""
    if grad.shape[grad.ndim - like.ndim :] == like.shape:
        return grad.reshape((-1,) + like.shape).sum(axis=0)  # noqa: RUF005 - as the compiler reads it
    return sum_repeated(grad, like)


def sum_repeated(grad: Array, like: Array) -> Array:
    """`sum_to` where `like` has axes of length one that were repeated, such as N×1 beside N×4."""
    added = grad.ndim - like.ndim
    total = grad.sum(axis=tuple(range(added)))
    for axis in range(like.ndim):
        if like.shape[axis] != grad.shape[added + axis]:
            total = total.sum(axis=axis, keepdims=True)
    return total


def normal_cdf(x: Array) -> Array:
    """The standard normal distribution function, Φ(x) = (1 + erf(x/√2)) / 2, within 1e-15 in float64.

    For z = |x|: Φ(-z) = exp(-z²/2) t P(s), with t = 5/(5 + z), s = 2t - 1 and P the polynomial of degree 20
    that meets the exact function at the 21 Chebyshev points of -1 < s < 1 (computed with 60 digits). The tail
    has 12 right digits too, where 1 + erf has none left.
    """
    coefficients = (
        1.0302982970664645e-09, 4.725561365281301e-10, -1.1628151930906424e-08, -5.9657187226535785e-09,
        8.436038429018422e-08, 6.469950447570599e-08, -5.519749882043928e-07, -7.944080988292788e-07,
        3.335294407532635e-06, 9.95177881414558e-06, -1.1874850914525268e-05, -0.00010897958933578602,
        -0.0001595739342207339, 0.0005986753149438795, 0.004159013365495872, 0.013823727745090606,
        0.03300407323382147, 0.06270663133408723, 0.09906112319399875, 0.13307650057801368,
        0.15383860995001258,
    )  # fmt: skip
    z = np.minimum(np.abs(x), 40)
    t = 5 / (5 + z)
    s = 2 * t - 1
    tail = coefficients[0] * s
    for coefficient in coefficients[1:-1]:
        tail = (tail + coefficient) * s
    tail = (tail + coefficients[-1]) * t * np.exp(-0.5 * z * z)
    return np.where(x > 0, 1 - tail, tail)
