"""What of a quantity is looked at: the whole batch, a sample or the mean; and which rows and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.stepper import Stepper
from nnstudio.studio.tensors.quantities import Quantity
from nnstudio.studio.tensors.slices import Element, Slice, default_slice, written


@dataclass(frozen=True)
class Look:
    """`array` is that of the quantity, or a mean of it which cannot be typed into; `part` is what its figures
    are of.
    """

    quantity: Quantity
    array: NDArray[Any]
    part: NDArray[Any]
    slice: Slice
    batch: bool
    """Whether the quantity has samples to choose from."""
    whole: bool
    mean: bool
    true: bool

    @property
    def fixed(self) -> int | None:
        """The axis whose index is the sample that is looked at everywhere."""
        return 0 if self.batch and not self.whole and not self.mean else None

    def name(self, element: Element) -> str:
        """ "fc1.output[3, 0]" """
        over = "mean of " if self.mean else ""
        return f"{over}{self.quantity.key}{written(element)}"


class Looking:
    """Remembers what the user has chosen while other quantities are looked at in between."""

    def __init__(self, stepper: Stepper, samples: Samples) -> None:
        self._stepper, self._samples = stepper, samples
        self._slices: dict[tuple[str, tuple[int, ...]], Slice] = {}
        self.whole: bool | None = None
        """Whether the whole batch is looked at; None where the rank decides."""

    def choose(self, at: Slice, quantity: Quantity) -> None:
        """Other axes, or another index."""
        self._slices[(quantity.key, at.shape)] = at

    def at(self, quantity: Quantity) -> Look | None:
        """None where the quantity has not been computed in this pass."""
        stepper = self._stepper
        array = stepper.value(quantity.key)
        if array is None or stepper.program is None:
            return None
        batch = quantity.has_batch(stepper.program, array.shape)
        whole = batch and (array.ndim <= 2 if self.whole is None else self.whole)
        true, sample = stepper.is_true(quantity.key), stepper.sample
        if not batch or whole:
            at = self._slice(quantity, array.shape)
            return Look(quantity, array, array, at, batch, whole, False, true)
        image = self._image(quantity)
        if sample is None:
            mean = array.mean(axis=0)
            at = self._slice(quantity, mean.shape, image=image, square=True)
            return Look(quantity, mean, mean, at, True, False, True, true)
        sample = min(sample, len(array) - 1)
        at = self._slice(quantity, array.shape, sample=sample, image=image, square=True)
        return Look(quantity, array, array[sample], at.moved(0, sample), True, False, False, true)

    def _slice(self, quantity: Quantity, shape: tuple[int, ...], **how: Any) -> Slice:
        known = self._slices.get((quantity.key, shape))
        if known is not None and (how.get("sample") is None or 0 in known.others):
            return known
        return default_slice(shape, **how)

    def _image(self, quantity: Quantity) -> tuple[int, ...] | None:
        """The shape of the data's pictures, for what is fed."""
        dataset = self._samples.dataset
        return dataset.image_shape if dataset is not None and quantity.role == "input" else None
