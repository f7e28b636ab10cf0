"""Shapes with the batch axis written as `N`, how they combine, and what is said when they do not fit."""

import math
from collections.abc import Mapping
from typing import Any, Final

from nnstudio.errors import GraphError

N: Final = "N"

Dim = int | str
Shape = tuple[Dim, ...]

LARGEST: Final = 100_000_000
"""How many numbers one array may hold for one sample: a slip of the keyboard must not ask for terabytes."""


class BadShape(GraphError):
    """A node cannot work with what comes in, or with its own settings.

    `reason` is the sentence without its subject ("needs a batch axis"), so that the graph can put the node's
    name before it; `fix` maps settings of that node to values that would make it work, where there are such.
    """

    def __init__(self, reason: str, port: str | None = None, fix: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"the node {reason}.")
        self.reason = reason
        self.port = port
        self.fix = dict(fix) if fix else None


class WrongSize(BadShape):
    """What arrives at `port` has another size than the node expects; both are a number or a shape."""

    def __init__(
        self,
        port: str,
        expected: int | Shape,
        given: int | Shape,
        what: str = "features",
        fix: Mapping[str, Any] | None = None,
    ) -> None:
        self.expected = expected
        self.given = given
        self.what = what
        reason = f"expects {self.expected_text} at {port}, but {_size(given)} arrives there"
        super().__init__(reason, port, fix)

    @property
    def expected_text(self) -> str:
        """ "5 features", or "N×8" where whole shapes are compared."""
        text = _size(self.expected)
        return f"{text} {self.what}" if isinstance(self.expected, int) else text

    @property
    def given_text(self) -> str:
        """ "8" beside "5 features", or a shape."""
        return _size(self.given)


class TooLarge(BadShape):
    """An array of the node would hold more numbers than one may."""


def _size(size: int | Shape) -> str:
    return f"{size:,}" if isinstance(size, int) else format_shape(size)


def format_shape(shape: Shape) -> str:
    """("N", 8) -> "N×8"; () -> "scalar"."""
    return "×".join(str(dim) for dim in shape) if shape else "scalar"


def has_batch(shape: Shape) -> bool:
    """Whether the first axis is the batch."""
    return bool(shape) and shape[0] == N


def per_sample(shape: Shape) -> tuple[int, ...]:
    """The shape of one sample: without the batch axis where there is one."""
    return tuple(int(dim) for dim in (shape[1:] if has_batch(shape) else shape))


def count(shape: Shape) -> int:
    """How many numbers one sample of this shape holds."""
    return math.prod(per_sample(shape))


def broadcast(a: Shape, b: Shape, port: str = "b") -> Shape:
    """The shape of an elementwise operation on a and b, by NumPy's rule, the batch staying the first axis.

    Raises WrongSize (about `port`, where b arrives) when they do not fit, also where NumPy would quietly make
    N×N out of N and N×1.
    """
    rank = max(len(a), len(b))
    wide_a: Shape = (1,) * (rank - len(a)) + a
    wide_b: Shape = (1,) * (rank - len(b)) + b
    result: list[Dim] = []
    for dim_a, dim_b in zip(wide_a, wide_b, strict=True):
        if dim_a != dim_b and 1 not in (dim_a, dim_b):
            raise WrongSize(port, a, b)
        result.append(dim_b if dim_a == 1 else dim_a)
    if N in result[1:]:
        raise WrongSize(port, a, b)
    return tuple(result)


def check_count(shape: Shape, what: str) -> None:
    """Raise TooLarge when one sample of `shape` is more than an array may hold."""
    numbers = count(shape)
    if numbers > LARGEST:
        raise TooLarge(f"would hold {numbers:,} numbers in its {what}, but an array may hold {LARGEST:,}")


def check_features(shape: Shape, port: str = "input") -> Shape:
    """Raise BadShape unless there is an axis to work on beside the batch."""
    if not per_sample(shape):
        raise BadShape(f"needs an axis of features at {port}, but only one number a sample arrives", port)
    return shape


def check_batch(shape: Shape, port: str = "input") -> Shape:
    """Raise BadShape unless the first axis is the batch."""
    if not has_batch(shape):
        raise BadShape(
            f"needs samples at {port}, but {format_shape(shape)} arrives, without a batch axis", port
        )
    return shape


def check_scores(shape: Shape, port: str = "input") -> Shape:
    """Raise BadShape unless there is one row of scores a sample, N×classes."""
    if not has_batch(shape) or len(shape) != 2:
        raise BadShape(
            f"needs one row of class scores a sample at {port}, but {format_shape(shape)} arrives", port
        )
    return shape
