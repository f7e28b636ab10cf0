"""Targets as a Target node asks for them by its shape: class numbers, numbers, one-hot rows, signs, x."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnstudio.data.limits import MAX_NUMBERS
from nnstudio.errors import DataError

Array = NDArray[Any]
Shape = tuple[int, ...]


class Samples(Protocol):
    """What a Dataset and a Part of it have in common here."""

    @property
    def title(self) -> str: ...
    @property
    def x(self) -> Array: ...
    @property
    def classes(self) -> int: ...


class LabelledSamples(Samples, Protocol):
    """Samples with the y they came with: class numbers (n,) where there are classes, else numbers (n, k)."""

    @property
    def raw_y(self) -> Array: ...
    @property
    def targets(self) -> str: ...
    @property
    def served_dtype(self) -> np.dtype[Any]: ...


def target_shapes(samples: LabelledSamples, targets: str | None = None) -> tuple[Shape, ...]:
    """The shapes a Target may have, the natural one first: digits gives ((), (10,)), xor ((), (1,), (2,))."""
    form = samples.targets if targets is None else targets
    if form == "inputs":
        shape = samples.x.shape[1:]
        return (shape, (math.prod(shape),)) if len(shape) != 1 else (shape,)
    if not samples.classes:
        return (samples.raw_y.shape[1:],) + (((),) if samples.raw_y.shape[1:] == (1,) else ())
    if form == "one-hot":
        return ((samples.classes,),)
    if form in ("numbers", "signs"):
        return ((1,), ())
    single: tuple[Shape, ...] = ((1,),) if samples.classes <= 2 else ()
    several: tuple[Shape, ...] = ((samples.classes,),) if samples.classes > 1 else ()
    return ((), *single, *several)


def targets_for(samples: LabelledSamples, target_shape: Shape, name: str = "The target") -> Array:
    """The y of a Dataset or Part that fits a Target of `target_shape` (per sample), C-contiguous.

    A classes set gives int64 class numbers (n,) for (), 0 and 1 for (1,) when there are two classes, and
    one-hot rows for (classes,); a numbers set gives its numbers, reshaped where the count is the same.
    DataError names both shapes when nothing fits; `name` stands at the start of that sentence.
    """
    shapes = target_shapes(samples)
    shape = tuple(target_shape)
    form, dtype = samples.targets, samples.served_dtype
    if form == "inputs" or not samples.classes:
        values = samples.x if form == "inputs" else samples.raw_y
        if math.prod(shape) == math.prod(values.shape[1:]):
            return np.ascontiguousarray(values, dtype).reshape(len(values), *shape)
    elif shape in shapes:
        return _from_classes(samples, form, shape, dtype)
    raise DataError(
        f"{name} is {_words(shape)} per sample, but {samples.title} gives {_given(samples)}: "
        f"set its shape to {' or '.join(map(_as_setting, shapes))}."
    )


def natural_targets(samples: LabelledSamples) -> Array:
    """The y in the natural shape of the chosen form.  DataError when the form does not suit the set."""
    form = samples.targets
    if form == "signs" and samples.classes != 2:
        raise DataError(f"Targets as signs need two classes, but {samples.title} gives {_given(samples)}.")
    if form == "one-hot" and not samples.classes:
        raise DataError(f"One-hot targets need classes, but {samples.title} gives {_given(samples)}.")
    return targets_for(samples, target_shapes(samples)[0])


def inputs_for(samples: Samples, input_shape: Shape, name: str = "The input") -> Array:
    """x (n, *input_shape), a view where it can be; DataError names both counts when they differ."""
    shape = tuple(input_shape)
    have = samples.x.shape[1:]
    if math.prod(shape) != math.prod(have):
        raise DataError(
            f"{name} expects {_words(shape)} per sample, but {samples.title} gives {_words(have)}: "
            f"set its shape to {_as_setting(have)}."
        )
    return samples.x.reshape(len(samples.x), *shape)


def _from_classes(samples: LabelledSamples, form: str, shape: Shape, dtype: DTypeLike) -> Array:
    numbers = samples.raw_y
    if form == "one-hot" or (form == "auto" and shape and shape != (1,)):
        return one_hot(numbers, samples.classes, dtype)
    if form == "auto" and shape == ():
        return np.ascontiguousarray(numbers, np.int64)
    values = numbers * 2 - 1 if form == "signs" else numbers
    return np.ascontiguousarray(values, dtype).reshape(len(numbers), *shape)


def one_hot(numbers: Array, classes: int, dtype: DTypeLike = "float64") -> Array:
    """(n,) class numbers -> (n, classes) with a 1 at each class."""
    if len(numbers) * classes > MAX_NUMBERS:
        raise DataError(
            f"One-hot targets for {len(numbers):,} samples of {classes:,} classes would be "
            f"{len(numbers) * classes:,} numbers, more than {MAX_NUMBERS:,}; use class numbers."
        )
    rows = np.zeros((len(numbers), classes), dtype)
    rows[np.arange(len(numbers)), numbers] = 1
    return rows


def _words(shape: Shape) -> str:
    if not shape:
        return "one value"
    count = math.prod(shape)
    numbers = f"{count:,} number{'' if count == 1 else 's'}"
    return numbers if len(shape) == 1 else f"{numbers} ({'×'.join(map(str, shape))})"


def _as_setting(shape: Shape) -> str:
    """A shape as the setting is written: 8×8."""
    return "×".join(map(str, shape)) if shape else "()"


def _given(samples: LabelledSamples) -> str:
    if samples.targets == "inputs":
        return f"its own inputs, {_words(samples.x.shape[1:])}"
    if samples.classes:
        form = {"numbers": " as one number", "signs": " as signs", "one-hot": " as one-hot rows"}
        return (
            f"{samples.classes:,} class{'' if samples.classes == 1 else 'es'}{form.get(samples.targets, '')}"
        )
    return _words(samples.raw_y.shape[1:])
