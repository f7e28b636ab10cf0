"""Where one number hangs on one other: the local derivative as a single factor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.local import Local
from nnstudio.explain.place import Element
from nnstudio.graph.flatten import FlatNode

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Narrow:
    """The only output element that an element at a port changes, and by how much."""

    element: Element
    factor: float


class Width:
    """Asks nodes, through their gradient functions alone, which of their outputs one input element changes.

    A gradient function is linear in grad_output: what it gives for the element is the sum, over all outputs,
    of grad_output times the local derivative. Where one output alone matters, grad_output times its own index
    along an axis gives that many times as much, so each axis tells in one call where it would be; that
    nothing comes from anywhere else shows whether it is the only one.
    """

    def __init__(self, local: Local) -> None:
        self._local = local
        self._known: dict[tuple[str, str, Element], Narrow | None] = {}

    def narrow(self, node: FlatNode, wanted: str, element: Element) -> Narrow | None:
        """The factor at `element` of a port or parameter; None where several outputs change with it."""
        asked = (node.name, wanted, element)
        if asked not in self._known:
            self._known[asked] = self._search(node, wanted, element)
        return self._known[asked]

    def _search(self, node: FlatNode, wanted: str, element: Element) -> Narrow | None:
        shape = self._local.output(node).shape
        dtype = self._local.program.dtype

        def answer(probe: Array) -> float:
            return float(self._local.gradient(node, wanted, np.asarray(probe, dtype))[element])

        place: Element | None = (0,) * len(shape)
        if math.prod(shape) > 1 and node.definition.elementwise and wanted in node.sources:
            # Each number by itself, as it says; where the slope is zero there is nothing to find it by.
            place = element
        elif math.prod(shape) > 1:
            place = _only(shape, answer)
        if place is None:
            return None
        alone = np.zeros(shape, dtype)
        alone[place] = 1.0
        factor = answer(alone)
        return Narrow(place, factor) if math.isfinite(factor) else None


def _only(shape: tuple[int, ...], answer: Callable[[Array], float]) -> Element | None:
    """The index of the one number that a linear function of an array hangs on; None for none or several."""
    # Of different sizes, so that no two derivatives of opposite sign cancel.
    probe = 1.0 + (np.arange(math.prod(shape)).reshape(shape) * 0.6180339887498949) % 1.0
    whole = answer(probe)
    if whole == 0.0 or not math.isfinite(whole):
        return None
    place: list[int] = []
    for axis, size in enumerate(shape):
        along = np.arange(size).reshape((size, *[1] * (len(shape) - axis - 1)))
        where = answer(probe * along) / whole if size > 1 else 0.0
        if not -0.5 < where < size - 0.5 or abs(where - round(where)) > 0.1:
            return None
        place.append(round(where))
    found = tuple(place)
    probe[found] = 0.0
    return found if answer(probe) == 0.0 else None
