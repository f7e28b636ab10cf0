"""The functions of the expression language, over float64 arrays, and how large their results may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.modules.shapes import format_shape

Array = npt.NDArray[Any]
"""float64 or bool, of any rank."""

LARGEST = 20_000_000
"""Numbers in one result."""


class Misuse(Exception):
    """Why a value cannot be computed; whoever knows the place in the text makes the sentence of it."""


@dataclass(frozen=True)
class Function:
    """A function by what it takes: `words` name its arguments, the first `needed` of them must be given.

    With `many` it takes any number of values, and the words only by name.
    """

    compute: Callable[..., Any]
    words: tuple[str, ...] = ("a",)
    needed: int = 1
    many: bool = False

    @property
    def usage(self) -> str:
        """Its arguments as a person would write them."""
        if self.many:
            return "a, b, …"
        rest = self.words[self.needed :]
        return ", ".join((*self.words[: self.needed], *(f"[{word}]" for word in rest)))


def elementwise(compute: Callable[[Array, Array], Any], left: Array, right: Array) -> Array:
    """A function of two arrays of one shape, or of shapes that broadcast."""
    try:
        shape = np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        raise Misuse(
            f"shapes {format_shape(left.shape)} and {format_shape(right.shape)} do not fit together"
        ) from None
    check_size(math.prod(shape))
    return np.asarray(compute(numbers(left), numbers(right)))


def product(left: Array, right: Array) -> Array:
    """The matrix product."""
    product_size(left, right)
    return np.asarray(np.matmul(numbers(left), numbers(right)))


def product_size(left: Array, right: Array) -> int:
    """How many multiplications a matrix product takes. Raises Misuse where there is none."""
    if not 1 <= left.ndim <= 2 or not 1 <= right.ndim <= 2 or left.shape[-1] != right.shape[0]:
        raise Misuse(
            f"there is no product of {format_shape(left.shape)} and {format_shape(right.shape)}: "
            "the last size of the first must be the first size of the second"
        )
    return left.size * (right.shape[1] if right.ndim == 2 else 1)


def check_size(count: int) -> None:
    """Raise Misuse where a result would be too large."""
    if count > LARGEST:
        raise Misuse(f"the result would have {count:,} numbers, more than {LARGEST:,}")


def numbers(array: Array) -> Array:
    """Truths as ones and zeros."""
    return array.astype(np.float64) if array.dtype != np.float64 else array


def whole(array: Array, what: str) -> int:
    """An array of one whole number as an int."""
    value = float(array) if array.shape == () else math.nan
    if not value.is_integer():
        raise Misuse(f"{what} must be a whole number")
    return int(value)


def _axis(array: Array, axis: Array | None) -> int | None:
    if axis is None:
        return None
    place = whole(axis, "the axis")
    if not -array.ndim <= place < array.ndim:
        raise Misuse(f"{format_shape(array.shape)} has no axis {place}")
    return place


def _reduction(compute: Callable[..., Any], empty: bool = True) -> Callable[..., Any]:
    def reduced(a: Array, axis: Array | None = None) -> Any:
        if not empty and a.size == 0:
            raise Misuse("there are no numbers to choose from")
        return compute(numbers(a), axis=_axis(a, axis))

    return reduced


def _extreme(of_many: Callable[[Array, Array], Any], of_one: Callable[..., Any]) -> Callable[..., Any]:
    reduced = _reduction(of_one, empty=False)

    def extreme(*values: Array, axis: Array | None = None) -> Any:
        if len(values) == 1:
            return reduced(values[0], axis)
        if axis is not None:
            raise Misuse("an axis goes with one tensor")
        found = numbers(values[0])
        for value in values[1:]:
            found = elementwise(of_many, found, value)
        return found

    return extreme


def _truth(compute: Callable[..., Any]) -> Callable[..., Any]:
    def truth(a: Array, axis: Array | None = None) -> Any:
        return compute(a != 0, axis=_axis(a, axis))

    return truth


def _norm(a: Array, axis: int | None) -> Any:
    return np.sqrt(np.sum(a * a, axis=axis))


def _shape(a: Array) -> Array:
    return np.asarray(a.shape, np.float64)


def _transpose(a: Array) -> Array:
    return a.T


def _sorted(a: Array) -> Array:
    return np.sort(numbers(a), axis=None)


def _mean(a: Array, axis: int | None) -> Any:
    if a.size == 0:
        raise Misuse("there are no numbers to take the mean of")
    return np.mean(a, axis=axis)


def _close(a: Array, b: Array, tol: Array | None = None) -> bool:
    limit = np.asarray(1e-6) if tol is None else tol
    near = elementwise(lambda x, y: (np.abs(x - y) <= limit) | (x == y), a, b)
    return bool(near.all())


def _outer(a: Array, b: Array) -> Array:
    check_size(a.size * b.size)
    return np.outer(numbers(a), numbers(b))


def _round(a: Array, digits: Array | None = None) -> Any:
    places = 0 if digits is None else whole(digits, "the number of digits")
    return np.round(numbers(a), max(-300, min(places, 300)))


def _reshape(a: Array, shape: Array) -> Array:
    sizes: Sequence[float] = np.atleast_1d(numbers(shape)).tolist()
    if any(size < 0 or not size.is_integer() for size in sizes) or math.prod(sizes) != a.size:
        raise Misuse(f"{format_shape(a.shape)} cannot take the shape {sizes}")
    return a.reshape([int(size) for size in sizes])


def _plain(compute: Callable[[Array], Any]) -> Function:
    def plain(a: Array) -> Any:
        return compute(numbers(a))

    return Function(plain)


def _count(a: Array) -> int:
    return int(np.count_nonzero(a)) if a.dtype == np.bool_ else a.size


_WITH_AXIS = ("a", "axis")

FUNCTIONS: dict[str, Function] = {
    "abs": _plain(np.abs),
    "sign": _plain(np.sign),
    "sqrt": _plain(np.sqrt),
    "exp": _plain(np.exp),
    "log": _plain(np.log),
    "sin": _plain(np.sin),
    "cos": _plain(np.cos),
    "tanh": _plain(np.tanh),
    "floor": _plain(np.floor),
    "round": Function(_round, ("a", "digits")),
    "sum": Function(_reduction(np.sum), _WITH_AXIS),
    "mean": Function(_reduction(_mean), _WITH_AXIS),
    "norm": Function(_reduction(_norm), _WITH_AXIS),
    "min": Function(_extreme(np.minimum, np.min), ("axis",), many=True),
    "max": Function(_extreme(np.maximum, np.max), ("axis",), many=True),
    "argmax": Function(_reduction(np.argmax, empty=False), _WITH_AXIS),
    "argmin": Function(_reduction(np.argmin, empty=False), _WITH_AXIS),
    "any": Function(_truth(np.any), _WITH_AXIS),
    "all": Function(_truth(np.all), _WITH_AXIS),
    "count": Function(_count),
    "shape": Function(_shape),
    "transpose": Function(_transpose),
    "reshape": Function(_reshape, ("a", "shape"), 2),
    "sorted": Function(_sorted),
    "outer": Function(_outer, ("a", "b"), 2),
    "close": Function(_close, ("a", "b", "tol"), 2),
    "isnan": _plain(np.isnan),
    "isinf": _plain(np.isinf),
}
"""`count` of a comparison is how often it is true, of numbers how many there are; `close` compares the
difference itself with `tol` (1e-6), for all elements; `norm` is the Euclidean one."""
