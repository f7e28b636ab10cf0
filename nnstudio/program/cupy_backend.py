"""Arrays of a graphics card, through CuPy. One stream, and no wait for the device inside a step."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError


class CupyBackend:
    """The same calls as NumPy's where CuPy has them, and a thin wrapper where its face differs."""

    name = "cupy"
    constants_are_arrays = (
        False  # a Python number goes to the kernel as an argument; a 0-d array is a memory read
    )

    def __init__(self, module: Any = None) -> None:
        self._cp: Any = module if module is not None else _import_cupy()
        self._different: dict[str, Callable[..., Any]] = {
            "np.add.reduce": self._reduction("sum"),
            "np.maximum.reduce": self._reduction("max"),
            "np.minimum.reduce": self._reduction("min"),
            "np.concatenate": self._concatenate,
            "np.matmul": self._matmul,
        }

    def function(self, path: str) -> Callable[..., Any]:
        """CuPy's function of the same name, or the wrapper that gives it NumPy's arguments."""
        known = self._different.get(path)
        return known if known is not None else operator.attrgetter(path.removeprefix("np."))(self._cp)

    def bound(self, path: str, array: Any) -> Callable[..., Any]:
        """CuPy's function; its take always wraps and so has no mode."""

        def take(index: Any, axis: int, out: Any, mode: str) -> Any:
            return self._cp.take(array, index, axis, out)

        if path == "np.copyto":
            return array.__setitem__
        return take if path == "np.take" else partial(self.function(path), array)

    def allocate(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """Zeros on the device; the pool aligns to 512 bytes."""
        return self._cp.zeros(shape, dtype)

    def upload(self, host: npt.NDArray[Any]) -> Any:
        """A copy on the device."""
        return self._cp.asarray(host)

    def download(self, array: Any) -> npt.NDArray[Any]:
        """A copy on the host; waits for the device."""
        return self._cp.asnumpy(array)

    def write(self, array: Any, host: npt.NDArray[Any]) -> None:
        """Copy from the host, casting there."""
        array.set(np.asarray(np.broadcast_to(host, array.shape), dtype=array.dtype))

    def opaque(self, function: Callable[..., Any], arguments: tuple[Any, ...], out: Any) -> None:
        """Call with NumPy on the host and bring the result back: right, if slow."""
        self.write(out, np.asarray(function(*(self._on_host(value) for value in arguments))))

    def _on_host(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._on_host(item) for item in cast("tuple[Any, ...]", value))
        return self.download(value) if isinstance(value, self._cp.ndarray) else value

    def _concatenate(self, arrays: tuple[Any, ...], axis: int, out: Any) -> Any:
        return self._cp.concatenate(arrays, axis, out)

    def _matmul(self, left: Any, right: Any, out: Any) -> Any:
        return self._cp.matmul(left, right, out=out)  # a generalised ufunc, which takes `out` only by name

    def _reduction(self, name: str) -> Callable[..., Any]:
        def reduce(array: Any, axis: Any, dtype: Any, out: Any, keepdims: bool = False) -> Any:
            reduction = getattr(self._cp, name)
            if name == "sum":
                return reduction(array, axis=axis, dtype=dtype, out=out, keepdims=keepdims)
            return reduction(array, axis=axis, out=out, keepdims=keepdims)

        return reduce


def _import_cupy() -> Any:
    try:
        cupy: Any = importlib.import_module("cupy")
    except Exception as problem:  # CuPy raises many kinds where a driver or a library is missing
        raise ProgramError(
            "The cupy backend needs CuPy, which cannot be loaded here: install it with "
            "`pip install 'nnstudio[cuda]'`, or choose the numpy backend."
        ) from problem
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as problem:
        raise ProgramError(
            "CuPy is installed but finds no CUDA driver: choose the numpy backend."
        ) from problem
    if devices == 0:
        raise ProgramError("CuPy is installed but finds no graphics card: choose the numpy backend.")
    return cupy
