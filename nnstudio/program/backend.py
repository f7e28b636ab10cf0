"""Where arrays live: NumPy on the processor, CuPy on a graphics card; and the moves between the two."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError

Array = Any
"""An array of the backend's own kind."""

_ALIGNMENT = 64  # a cache line: vector loads never straddle two


class Backend(Protocol):
    """What the program asks of an array library."""

    @property
    def name(self) -> str:
        """What the status line and `--backend` call it."""
        ...

    @property
    def constants_are_arrays(self) -> bool:
        """Whether a number is cheaper as a 0-d array (NumPy) than as a Python number (a device)."""
        ...

    def function(self, path: str) -> Callable[..., Any]:
        """The in-place function that the lowered program calls `path`, such as "np.add.reduce"."""
        ...

    def bound(self, path: str, array: Array) -> Callable[..., Any]:
        """The function `path` ("np.dot", "np.take") with `array` as its first argument.

        "np.copyto" is the exception: for it, the array's own assignment, called as f(..., values).
        """
        ...

    def allocate(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """An array of zeros."""
        ...

    def upload(self, host: npt.NDArray[Any]) -> Array:
        """A copy of a NumPy array on the device."""
        ...

    def download(self, array: Array) -> npt.NDArray[Any]:
        """The numbers as a NumPy array; on the processor a view, not a copy."""
        ...

    def write(self, array: Array, host: npt.NDArray[Any]) -> None:
        """Overwrite a device array with numbers of the host, cast to its dtype."""
        ...

    def opaque(self, function: Callable[..., Any], arguments: tuple[Any, ...], out: Array) -> None:
        """Call what could not be lowered, and copy its result into `out`."""
        ...


class NumpyBackend:
    """Arrays of the processor."""

    name = "numpy"
    constants_are_arrays = True

    def function(self, path: str) -> Callable[..., Any]:
        """`np.add.reduce` and the like, as they are."""
        return operator.attrgetter(path.removeprefix("np."))(np)

    def bound(self, path: str, array: npt.NDArray[Any]) -> Callable[..., Any]:
        """The array's own method, which is the same function without NumPy's dispatch: 0.2 µs a call less."""
        return getattr(array, {"np.copyto": "__setitem__"}.get(path, path.removeprefix("np.")))

    def allocate(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Zeros, aligned to a cache line."""
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        size = count * kind.itemsize
        raw = np.zeros(size + _ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % _ALIGNMENT
        return raw[start : start + size].view(kind).reshape(shape)

    def upload(self, host: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A copy."""
        return np.array(host)

    def download(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The array itself."""
        return array

    def write(self, array: npt.NDArray[Any], host: npt.NDArray[Any]) -> None:
        """Copy, casting."""
        array[...] = host

    def opaque(self, function: Callable[..., Any], arguments: tuple[Any, ...], out: npt.NDArray[Any]) -> None:
        """Call and copy."""
        np.copyto(out, function(*arguments))


def backend(name: str | Backend) -> Backend:
    """The backend called "numpy" or "cupy"; a Backend is taken as it is.

    Raises ProgramError where CuPy or a device is missing.
    """
    if not isinstance(name, str):
        return name
    if name == "numpy":
        return NumpyBackend()
    if name == "cupy":
        from nnstudio.program.cupy_backend import CupyBackend

        return CupyBackend()
    raise ProgramError(f"There is no backend {name!r}: choose numpy or cupy.")
