"""What a feed or a value typed by hand must look like, and the sentence that is said where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.modules.shapes import format_shape
from nnstudio.program.memory import Slot

_highest = np.maximum.reduce


class Gate:
    """Where one Input or Target is fed on the processor, with all that a quick feed compares."""

    __slots__ = ("_unsigned", "array", "classes", "dtype", "shape")

    def __init__(self, slot: Slot, classes: int) -> None:
        self.array: npt.NDArray[Any] = slot.array
        self.shape = slot.shape
        self.dtype = slot.dtype
        self.classes = classes
        self._unsigned = slot.array.view(np.uint64) if classes else None

    def takes(self, value: Any) -> bool:
        """Whether a value can be copied as it stands."""
        return type(value) is np.ndarray and value.shape == self.shape and value.dtype == self.dtype

    def holds_wrong_class(self) -> bool:
        """Whether what was fed has a class number that there is not."""
        # As unsigned numbers the negative ones are huge: one reduction checks both ends.
        return self._unsigned is not None and _highest(self._unsigned) >= self.classes


def checked(name: str, value: npt.ArrayLike, slot: Slot, classes: int, batch_size: int) -> npt.NDArray[Any]:
    """`value` as a NumPy array that may be written into `slot`, whatever its dtype.

    Raises ProgramError for what is no array of numbers, another shape, or a class number that there is not.
    """
    array = as_numbers(name, value)
    if array.shape != slot.shape:
        raise ProgramError(
            f"{name} expects {format_shape(slot.shape)} numbers for a batch of {batch_size}, "
            f"but is fed {format_shape(array.shape)}."
        )
    if classes:
        check_classes(name, array, classes)
    return array


def as_numbers(name: str, value: npt.ArrayLike) -> npt.NDArray[Any]:
    """`value` as an array of real numbers. Raises ProgramError where it is none."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as problem:  # rows of several lengths, arrays of a device
        raise ProgramError(
            f"{name} must be given numbers, as a NumPy array or as rows of one length, "
            f"not {type(value).__name__}."
        ) from problem
    if array.dtype.kind not in "biuf":
        raise ProgramError(f"{name} must be given numbers, not {array.dtype}.")
    return array


def check_classes(name: str, array: npt.NDArray[Any], classes: int) -> None:
    """Raise ProgramError unless every number is a class number from 0 to classes - 1."""
    wrong = array[array != np.floor(array)] if array.dtype.kind == "f" else array[:0]
    if wrong.size:
        raise ProgramError(f"{name} holds class numbers; {wrong.flat[0]} is not a whole number.")
    wrong = array[(array < 0) | (array >= classes)]
    if wrong.size:
        raise ProgramError(
            f"{name} is fed the class number {wrong.flat[0]:.0f}, but there are {classes} classes "
            f"(0 to {classes - 1})."
        )
