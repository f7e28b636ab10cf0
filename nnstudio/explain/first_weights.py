"""First-layer weights as images: what each unit that sees the pixels looks for."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt, prod
from typing import Any

import numpy.typing as npt

from nnstudio.graph import FlatGraph

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class FirstWeights:
    """A parameter (units, numbers) of a module that reads an Input, and the image that its numbers make."""

    node: str
    key: str
    units: int
    image: tuple[int, ...]

    def pictures(self, weight: Array) -> Array:
        """The weights as (units, rows, columns); colours are added up."""
        made = weight.reshape(self.units, *self.image)
        return made.sum(axis=3) if made.ndim == 4 else made


def first_weights(flat: FlatGraph, image_shape: tuple[int, ...] | None) -> list[FirstWeights]:
    """Those of the graph whose numbers lie as the data's pixels do, or make a square.

    Between Input and module may stand what has no parameters and keeps the numbers in order (Flatten).
    """
    images: dict[str, tuple[int, ...]] = {}
    found: list[FirstWeights] = []
    for node in flat:
        if node.definition.role == "input":
            shape = tuple(int(size) for size in node.shape[1:])
            image = _image(shape, image_shape)
            if image is not None:
                images[node.name] = image
            continue
        source = next((images[name] for name in node.sources.values() if name in images), None)
        if source is None:
            continue
        if not node.parameters and node.definition.category == "Shaping":
            images[node.name] = source
        for name, parameter in node.parameters.items():
            shape = parameter.shape
            if len(shape) == 2 and shape[1] == prod(source):
                found.append(FirstWeights(node.name, f"{node.name}.{name}", shape[0], source))
    return found


def _image(shape: tuple[int, ...], image_shape: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """How one sample may be seen: as the data say, as it is shaped, or as a square of at least 4×4."""
    count = prod(shape)
    if image_shape is not None and prod(image_shape) == count:
        return image_shape
    if len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4)):
        return shape
    side = isqrt(count)
    return (side, side) if len(shape) == 1 and side >= 4 and side * side == count else None
