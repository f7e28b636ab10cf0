"""What an in-place call works on: arrays, values known at compile time, and the call itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.program.memory import Slot


@dataclass(frozen=True)
class Const:
    """A value known at compile time: a number, a shape, a dtype, text."""

    value: Any


@dataclass(frozen=True)
class Tuple:
    """Several operands, as in np.concatenate((a, b))."""

    items: tuple[Operand, ...]


Operand = Slot | Const | Tuple


@dataclass(frozen=True)
class Call:
    """One in-place call of the lowered program."""

    function: str
    arguments: tuple[Operand, ...]
    keywords: tuple[tuple[str, Operand], ...] = ()
    opaque: Callable[..., Any] | None = None
    """A function that could not be taken apart; the last argument takes its result."""


def value_of(operand: Operand) -> Any:
    """The value of a Const. Raises ProgramError for anything only known when the program runs."""
    if isinstance(operand, Const):
        return operand.value
    raise ProgramError("The compiler needs a value here that is known before the program runs.")


def shape_of(operand: Operand) -> tuple[int, ...]:
    """An array's shape; () for a plain number."""
    return operand.shape if isinstance(operand, Slot) else ()


def together(items: Sequence[Operand]) -> Operand:
    """Several operands as one: a Const where all are known."""
    if all(isinstance(item, Const) for item in items):
        return Const(tuple(value_of(item) for item in items))
    return Tuple(tuple(items))


def is_elementwise(function: str) -> bool:
    """Whether a call such as "np.add" works on each number by itself, so that it may overwrite an operand."""
    return isinstance(getattr(np, function.removeprefix("np."), None), np.ufunc) and function != "np.matmul"


def result_dtype(ufunc: str, operands: Sequence[Operand]) -> np.dtype[Any]:
    """The dtype NumPy gives: arrays count by their dtype, plain numbers only by their kind."""
    kinds: list[str | type] = [
        operand.dtype.str if isinstance(operand, Slot) else type(value_of(operand)) for operand in operands
    ]
    return _tried_dtype(ufunc, tuple(kinds))


@cache
def _tried_dtype(name: str, kinds: tuple[str | type, ...]) -> np.dtype[Any]:
    values = [np.ones(1, kind) if isinstance(kind, str) else kind(1) for kind in kinds]
    with np.errstate(all="ignore"):
        return np.asarray(getattr(np, name)(*values)).dtype


def product_shape(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of `left @ right`, by the rules of np.matmul."""
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return (*np.broadcast_shapes(left[:-2], right[:-2]), *rows, *columns)


def reduced_shape(
    shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool
) -> tuple[int, ...]:
    """The shape that is left of `shape` after a sum over `axis`."""
    axes = tuple(range(len(shape))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {position % len(shape) for position in axes} if shape else set[int]()
    if keepdims:
        return tuple(1 if position in gone else size for position, size in enumerate(shape))
    return tuple(size for position, size in enumerate(shape) if position not in gone)


def reshaped(shape: tuple[int, ...], wished: tuple[int, ...]) -> tuple[int, ...]:
    """`wished` with its -1, if it has one, worked out."""
    count = 1
    for size in shape:
        count *= size
    for size in wished:
        count //= size if size > 0 else 1
    return tuple(count if size == -1 else size for size in wished)
