"""Memory that two processes map at once and that nobody can leak, and arrays laid out in it.

It has no name in any file system: on Linux an anonymous file in memory, on other Unixes a temporary file
already unlinked, on Windows a mapping backed by the page file. It is gone when the last process that maps it
is, killed or not; there is nothing to unlink and no resource tracker to quarrel with, which
multiprocessing.shared_memory has.
"""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ALIGNMENT = 64


class SharedMemory:
    """A handle on memory without a size yet; whoever knows the size maps it first.

    The parent creates it and hands `token` and `descriptors` to its child, which attaches to it.
    """

    def __init__(self, token: str, descriptor: int | None) -> None:
        self.token = token
        self._descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor) if descriptor is not None else None

    @classmethod
    def create(cls) -> SharedMemory:
        """New memory.  OSError where the system has none to give."""
        if sys.platform == "win32":
            return cls(f"tag:nnstudio-{os.getpid()}-{os.urandom(16).hex()}", None)
        if sys.platform == "linux":
            descriptor = os.memfd_create("nnstudio", os.MFD_CLOEXEC)
        else:
            with tempfile.TemporaryFile(prefix="nnstudio-") as file:
                descriptor = os.dup(file.fileno())
        return cls(f"fd:{descriptor}", descriptor)

    @classmethod
    def attach(cls, token: str) -> SharedMemory:
        """The memory a token names, in the process that inherited it."""
        kind, _, rest = token.partition(":")
        return cls(token, int(rest)) if kind == "fd" else cls(token, None)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The file descriptors a child must inherit to attach."""
        return () if self._descriptor is None else (self._descriptor,)

    def map(self, size: int) -> Array:
        """All `size` bytes as a uint8 array, zeros where nobody wrote; makes the memory that large."""
        size = max(size, 1)
        if self._descriptor is None:
            mapping = mmap.mmap(-1, size, tagname=self.token)  # type: ignore[call-arg]
        else:
            if os.fstat(self._descriptor).st_size < size:
                os.ftruncate(self._descriptor, size)
            mapping = mmap.mmap(self._descriptor, size)
        return np.frombuffer(mapping, np.uint8)

    def close(self) -> None:
        """Lets go of the handle; mapped arrays stay valid as long as they are referred to."""
        if self._close is not None:
            self._close()


@dataclass(frozen=True)
class Place:
    """Where one array lies in a block of bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize

    def view(self, block: Array) -> Array:
        """The array itself, a view into the block."""
        return block[self.offset : self.offset + self.nbytes].view(self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Layout:
    """Named arrays one after another, each at a multiple of 64 bytes."""

    places: tuple[Place, ...]

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> Layout:
        """The layout that holds these arrays."""
        places: list[Place] = []
        end = 0
        for name, array in arrays.items():
            place = Place(name, array.dtype.str, array.shape, end)
            places.append(place)
            end = aligned(end + place.nbytes)
        return cls(tuple(places))

    @property
    def size(self) -> int:
        """How many bytes a block for all of them has."""
        return aligned(self.places[-1].offset + self.places[-1].nbytes) if self.places else 0

    def views(self, block: Array) -> dict[str, Array]:
        """Each array as a view into the block."""
        return {place.name: place.view(block) for place in self.places}

    def copies(self, block: Array) -> dict[str, Array]:
        """Each array as a copy of its own."""
        return {place.name: place.view(block).copy() for place in self.places}

    def write(self, block: Array, arrays: Mapping[str, Array]) -> None:
        """Copies the arrays, of the shapes and dtypes laid out, into the block."""
        for place in self.places:
            place.view(block)[...] = arrays[place.name]

    def to_list(self) -> list[list[Any]]:
        """A list of JSON values from which from_list makes the same layout."""
        return [[place.name, place.dtype, list(place.shape), place.offset] for place in self.places]

    @classmethod
    def from_list(cls, given: Sequence[Sequence[Any]]) -> Layout:
        """A layout as to_list writes it."""
        return cls(tuple(Place(name, dtype, tuple(shape), offset) for name, dtype, shape, offset in given))


def aligned(size: int) -> int:
    """The next multiple of 64 bytes, so that every array starts on a cache line."""
    return -(-size // ALIGNMENT) * ALIGNMENT
