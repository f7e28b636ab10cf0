"""Arrays for the lowered program: permanent ones, and scratch that is used again as soon as it is free."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnstudio.program.backend import Array, Backend


@dataclass(eq=False)
class Slot:
    """An array that the lowered program names."""

    name: str
    array: Array
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scratch: bool = False
    """Holds a passing result, given back once it has been read."""
    base: Slot | None = None
    """The slot whose memory this one is a view of."""
    block: Array = None
    """The arena's block that scratch lies in, until it is given back."""

    @property
    def root(self) -> Slot:
        """The slot that owns the memory."""
        return self if self.base is None else self.base.root


class Memory(Protocol):
    """Where the lowering takes its arrays from."""

    def permanent(self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """An array that keeps its numbers."""
        ...

    def scratch(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """An array for a passing result."""
        ...

    def release(self, slot: Slot) -> None:
        """Say that a scratch array's numbers are no longer needed."""
        ...

    def transposed(self, array: Array) -> Array:
        """`array.T`, the same object each time."""
        ...

    def constant(self, value: npt.NDArray[Any], name: str) -> Slot:
        """An array whose numbers never change."""
        ...


class Arena:
    """Real memory on a backend. Scratch comes from a list of free blocks, the smallest that fits."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._free: list[Array] = []
        # Each with the array that its id is of, so that the id stays its own.
        self._pieces: dict[tuple[int, tuple[int, ...], str], tuple[Array, Array]] = {}
        self._transposed: dict[int, tuple[Array, Array]] = {}
        self._count = 0

    def permanent(self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """Zeros in memory of their own."""
        return Slot(name, self._backend.allocate(shape, dtype), shape, np.dtype(dtype))

    def scratch(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """A piece of a free block, or of a new one; blocks are never more than four times too large."""
        kind = np.dtype(dtype)
        size = max(math.prod(shape) * kind.itemsize, 1)
        fitting = [block for block in self._free if size <= block.nbytes <= 4 * size + 256]
        if fitting:
            block = min(fitting, key=lambda candidate: candidate.nbytes)
            self._free = [free for free in self._free if free is not block]
        else:
            block = self._backend.allocate((-(-size // 64) * 64,), np.uint8)
        self._count += 1
        # The same piece seen in the same shape is the same array object: a deep network's thousands of calls
        # then touch a fraction of the memory, and that is most of their time.
        key = (id(block), shape, kind.str)
        if key not in self._pieces:
            piece = block[: math.prod(shape) * kind.itemsize].view(kind).reshape(shape)
            self._pieces[key] = (block, piece)
        array = self._pieces[key][1]
        return Slot(f"t{self._count}", array, shape, kind, scratch=True, block=block)

    def release(self, slot: Slot) -> None:
        """Give the block back; giving it twice does nothing."""
        root = slot.root
        if root.block is not None:
            self._free.append(root.block)
            root.block = None

    def transposed(self, array: Array) -> Array:
        """Made once for each array."""
        known = self._transposed.get(id(array))
        if known is None:
            known = self._transposed[id(array)] = (array, array.T)
        return known[1]

    def constant(self, value: npt.NDArray[Any], name: str) -> Slot:
        """Uploaded once."""
        return Slot(name, self._backend.upload(value), value.shape, value.dtype)


class Ghosts:
    """No memory at all: arrays that have only a shape and a dtype, to learn what an expression gives."""

    def permanent(self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """A ghost."""
        return Slot(name, ghost(shape, dtype), shape, np.dtype(dtype))

    def scratch(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Slot:
        """A ghost."""
        return Slot("ghost", ghost(shape, dtype), shape, np.dtype(dtype), scratch=True)

    def release(self, slot: Slot) -> None:
        """Nothing to give back."""

    def transposed(self, array: Array) -> Array:
        """A ghost's transpose is a ghost."""
        return array.T

    def constant(self, value: npt.NDArray[Any], name: str) -> Slot:
        """The numbers themselves: constants are small."""
        return Slot(name, value, value.shape, value.dtype)


def ghost(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """An array of any shape in the memory of one number."""
    return np.broadcast_to(np.zeros((), dtype), shape)
