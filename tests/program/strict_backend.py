"""A stand-in for CuPy without a graphics card: its signatures, and it refuses what CuPy refuses and more.

What an Array holds is only reached through `get`, `set` and the functions of the module; NumPy cannot read
it, and host arrays cannot be mixed with it. Signatures, casting and shape rules follow CuPy 13 and 14 (their
_core/_kernel.pyx, _routines_linalg.pyx, _routines_indexing.pyx, core.pyx, and _manipulation/basic.py). Where
CuPy would quietly wait for the device, as float() does, this refuses. Every move between host and device and
every new array is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

SCALARS = (bool, int, float)


class Counts:
    """How often numbers were moved between host and device, and how many arrays were made."""

    def __init__(self) -> None:
        self.to_device = 0
        self.to_host = 0
        self.arrays = 0

    @contextmanager
    def over(self) -> Iterator[dict[str, int]]:
        """What happens in a block, filled in when it ends."""
        before = dict(vars(self))
        found: dict[str, int] = {}
        yield found
        found.update({name: count - before[name] for name, count in vars(self).items()})


class Array:
    """An array of the device."""

    __slots__ = ("_held", "module")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 100

    def __init__(self, held: np.ndarray, module: StrictModule) -> None:
        assert type(held) is np.ndarray
        self._held = held
        self.module = module

    # -- what NumPy and Python may not do ----------------------------------------------------------

    def __array__(self, *args: Any, **words: Any) -> Any:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **words: Any) -> Any:
        raise TypeError(f"np.{ufunc.__name__} was called with an array of the device")

    def __array_function__(self, function: Any, types: Any, args: Any, words: Any) -> Any:
        raise TypeError(f"np.{function.__name__} was called with an array of the device")

    def _refuse(self, *args: Any) -> Any:
        raise TypeError("an array of the device is no number: this would wait for the device")

    __float__ = __int__ = __index__ = __bool__ = __iter__ = __len__ = __contains__ = __complex__ = _refuse

    def _no_operator(self, *args: Any) -> Any:
        raise TypeError("an operator would allocate an array")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _no_operator
    __pow__ = __rpow__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = _no_operator
    __iadd__ = __isub__ = __imul__ = __itruediv__ = _no_operator

    def __eq__(self, other: object) -> Any:
        raise TypeError("an operator would allocate an array")

    def __repr__(self) -> str:
        return f"<Array {self.shape} {self.dtype}>"

    # -- facts -------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self._held.shape

    @property
    def dtype(self) -> np.dtype:
        return self._held.dtype

    @property
    def ndim(self) -> int:
        return self._held.ndim

    @property
    def size(self) -> int:
        return self._held.size

    @property
    def itemsize(self) -> int:
        return self._held.itemsize

    @property
    def nbytes(self) -> int:
        return self._held.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        return self._held.strides

    @property
    def flags(self) -> Any:
        return self._held.flags

    # -- moves -------------------------------------------------------------------------------------

    def get(self, stream: Any = None, order: str = "C", out: np.ndarray | None = None) -> np.ndarray:
        self.module.counts.to_host += 1
        if out is None:
            return np.array(self._held, order=order)
        if out.dtype != self.dtype or out.shape != self.shape:
            raise ValueError("Shape mismatch")
        out[...] = self._held
        return out

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        if not isinstance(arr, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if self.dtype != arr.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if self.shape != arr.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        if not (self._held.flags.c_contiguous or self._held.flags.f_contiguous):
            raise RuntimeError("Cannot set to non-contiguous array")
        self.module.counts.to_device += 1
        self._held[...] = arr

    def item(self) -> Any:
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.get().item()

    # -- views and copies --------------------------------------------------------------------------

    def _view(self, held: np.ndarray) -> Array:
        assert not held.size or np.shares_memory(held, self._held), "a copy that looks like a view"
        return Array(held, self.module)

    def view(self, dtype: Any = None) -> Array:
        return self._view(self._held.view(dtype) if dtype is not None else self._held.view())

    def reshape(self, *shape: Any, order: str = "C") -> Array:
        held = self._held.reshape(*shape, order=order)
        if self.size and not np.shares_memory(held, self._held):
            return self.module.made(held)
        return Array(held, self.module)

    @property
    def T(self) -> Array:
        return self._view(self._held.T)

    def transpose(self, *axes: Any) -> Array:
        return self._view(self._held.transpose(*axes))

    def swapaxes(self, axis1: int, axis2: int) -> Array:
        return self._view(self._held.swapaxes(axis1, axis2))

    def copy(self, order: str = "C") -> Array:
        return self.module.made(self._held.copy(order))

    def __getitem__(self, slices: Any) -> Array:
        for part in slices if isinstance(slices, tuple) else (slices,):
            if isinstance(part, np.ndarray | list):
                raise TypeError("a host array as an index")
            if isinstance(part, Array):
                raise TypeError("an array as an index makes a new array: use take with out")
        held = self._held[slices]
        return self._view(held if isinstance(held, np.ndarray) else self._held[slices, ...])

    def __setitem__(self, slices: Any, value: Any) -> None:
        if isinstance(value, Array):
            self._held[slices] = value._held
        elif type(value) in SCALARS:
            self._held[slices] = value
        else:
            raise TypeError(f"Unsupported type {type(value)}")

    # -- calculation -------------------------------------------------------------------------------

    def take(self, indices: Any, axis: int | None = None, out: Array | None = None) -> Array:
        if not isinstance(indices, Array) or indices.dtype.kind not in "iu":
            raise TypeError("indices must be integers of the device")
        found = np.take(self._held, indices._held, axis=axis, mode="wrap")
        if out is None:
            return self.module.made(found)
        if out.dtype != self.dtype:
            raise TypeError("Output dtype mismatch")
        if out.shape != found.shape:
            raise ValueError("Output shape mismatch")
        out._held[...] = found
        return out

    def sum(
        self, axis: Any = None, dtype: Any = None, out: Array | None = None, keepdims: bool = False
    ) -> Array:
        return self._reduced(np.add, axis, dtype, out, keepdims)

    def max(self, axis: Any = None, out: Array | None = None, keepdims: bool = False) -> Array:
        return self._reduced(np.maximum, axis, None, out, keepdims)

    def min(self, axis: Any = None, out: Array | None = None, keepdims: bool = False) -> Array:
        return self._reduced(np.minimum, axis, None, out, keepdims)

    def _reduced(self, ufunc: np.ufunc, axis: Any, dtype: Any, out: Array | None, keepdims: bool) -> Array:
        found = np.asarray(ufunc.reduce(self._held, axis, dtype, None, keepdims))
        if out is None:
            return self.module.made(found)
        if out.shape != found.shape:
            raise ValueError("Output shape mismatch")
        out._held[...] = found
        return out

    def dot(self, b: Array, out: Array | None = None) -> Array:
        return self.module.dot(self, b, out)


class Ufunc:
    """An elementwise function. `out` by position or by name; no `where`."""

    def __init__(self, ufunc: np.ufunc, module: StrictModule) -> None:
        self.ufunc = ufunc
        self.__name__ = f"cupy_{ufunc.__name__}"
        self.nin, self.nout, self.nargs = ufunc.nin, ufunc.nout, ufunc.nargs
        self._module = module

    def __call__(self, *args: Any, **words: Any) -> Array:
        out, casting = words.pop("out", None), words.pop("casting", "same_kind")
        dtype = words.pop("dtype", None)
        if words:
            raise TypeError(f"Wrong arguments {words}")
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(f"Wrong number of arguments for {self.__name__!r}")
        inputs, outputs = args[: self.nin], args[self.nin :]
        if out is not None and outputs:
            raise ValueError("Cannot specify 'out' as both a positional and keyword argument")
        out = outputs[0] if outputs else out
        if not any(isinstance(value, Array) for value in inputs):
            raise TypeError("nothing of the device among the inputs")
        with np.errstate(all="ignore"):
            found = np.asarray(self.ufunc(*(_held(value) for value in inputs), dtype=dtype))
        if out is None:
            return self._module.made(found)
        if not isinstance(out, Array):
            raise TypeError("Output arguments type must be cupy.ndarray")
        if np.broadcast_shapes(found.shape, out.shape) != out.shape:
            raise ValueError("Out shape is mismatched")
        if not np.can_cast(found.dtype, out.dtype, casting):
            raise TypeError(f"output operand requires a cast from {found.dtype} to {out.dtype}")
        out._held[...] = found
        return out

    def reduce(
        self, array: Array, axis: Any = 0, dtype: Any = None, out: Array | None = None, keepdims: bool = False
    ) -> Array:
        if self.ufunc is not np.add:
            raise NotImplementedError(f"`{self.__name__}.reduce` is not supported yet")
        return array.sum(axis, dtype, out, keepdims)


def _held(value: Any) -> Any:
    if isinstance(value, Array):
        return value._held
    if type(value) in SCALARS:
        return value
    raise TypeError(f"Unsupported type {type(value)}")


UFUNCS = """
    add subtract multiply true_divide divide floor_divide remainder power negative positive absolute sign
    exp exp2 expm1 log log2 log10 log1p sqrt square cbrt reciprocal sin cos tan arcsin arccos arctan sinh cosh
    tanh arcsinh arccosh arctanh arctan2 hypot maximum minimum fmax fmin greater greater_equal less less_equal
    equal not_equal logical_and logical_or logical_not isfinite isinf isnan floor ceil trunc rint copysign
""".split()


class StrictModule:
    """What `import cupy` would give."""

    ndarray = Array
    float32, float64, int64, uint8, bool_ = np.float32, np.float64, np.int64, np.uint8, np.bool_

    def __init__(self) -> None:
        self.counts = Counts()
        for name in UFUNCS:
            setattr(self, name, Ufunc(getattr(np, name), self))
        self.abs: Ufunc = self.absolute  # type: ignore[attr-defined]

    def made(self, held: np.ndarray) -> Array:
        """A new array of the device."""
        self.counts.arrays += 1
        return Array(np.asarray(held), self)

    # -- making and moving -------------------------------------------------------------------------

    def zeros(self, shape: Any, dtype: Any = float, order: str = "C") -> Array:
        return self.made(np.zeros(shape, dtype, order))

    def asarray(
        self, a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, blocking: bool = False
    ) -> Array:
        if isinstance(a, Array):
            return a
        self.counts.to_device += 1
        return self.made(np.array(a, dtype, order=order))

    def asnumpy(
        self, a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True
    ) -> np.ndarray:
        return a.get(stream, order, out) if isinstance(a, Array) else np.asarray(a)

    def copyto(self, dst: Array, src: Any, casting: str = "same_kind", where: Array | None = None) -> None:
        if not isinstance(dst, Array):
            raise TypeError("dst must be an array of the device")
        source = _held(src)
        if isinstance(src, Array) and not np.can_cast(src.dtype, dst.dtype, casting):
            raise TypeError(f"Cannot cast {src.dtype} to {dst.dtype} in {casting} casting mode")
        if where is not None and (not isinstance(where, Array) or where.dtype != bool):
            raise TypeError("Cannot cast the mask to bool according to the rule 'safe'")
        np.copyto(dst._held, source, casting, where=True if where is None else where._held)

    # -- arrays together ---------------------------------------------------------------------------

    def concatenate(
        self,
        tup: Any,
        axis: int | None = 0,
        out: Array | None = None,
        *,
        dtype: Any = None,
        casting: str = "same_kind",
    ) -> Array:
        found = np.concatenate([_held(item) for item in tup], axis, dtype=dtype, casting=casting)
        if out is None:
            return self.made(found)
        if out.shape != found.shape:
            raise ValueError("Output shape mismatch")
        out._held[...] = found
        return out

    def take(self, a: Array, indices: Any, axis: int | None = None, out: Array | None = None) -> Array:
        return a.take(indices, axis, out)

    def sum(
        self, a: Array, axis: Any = None, dtype: Any = None, out: Array | None = None, keepdims: bool = False
    ) -> Array:
        return a.sum(axis, dtype, out, keepdims)

    def max(self, a: Array, axis: Any = None, out: Array | None = None, keepdims: bool = False) -> Array:
        return a.max(axis, out, keepdims)

    def min(self, a: Array, axis: Any = None, out: Array | None = None, keepdims: bool = False) -> Array:
        return a.min(axis, out, keepdims)

    amax, amin = max, min

    def dot(self, a: Array, b: Array, out: Array | None = None) -> Array:
        if not isinstance(a, Array) or not isinstance(b, Array):
            raise TypeError("Argument has incorrect type (expected cupy.ndarray)")
        if out is not None:
            if np.result_type(a.dtype, b.dtype) != out.dtype:
                raise ValueError("Not supported dtype combination.")
            if not out._held.flags.c_contiguous:
                raise ValueError("Output array must be C-contiguous")
        with np.errstate(all="ignore"):
            found = np.asarray(np.dot(a._held, b._held))
        if out is None:
            return self.made(found)
        if out.size != found.size:
            raise ValueError("Output array has an invalid size")
        out._held[...] = found.reshape(out.shape)
        return out

    def matmul(self, *args: Any, out: Any = None, **words: Any) -> Array:
        """A generalised ufunc of CuPy: two arguments, `out` only by name."""
        if words or len(args) != 2:
            raise ValueError(f"According to `signature`, `func` requires 2 arguments, but {len(args)} given")
        a, b = args
        if not isinstance(a, Array) or not isinstance(b, Array):
            raise TypeError("matmul wants arrays of the device")
        with np.errstate(all="ignore"):
            found = np.asarray(np.matmul(a._held, b._held))
        if out is None:
            return self.made(found)
        if not isinstance(out, Array) or out.shape != found.shape or out.dtype != found.dtype:
            raise ValueError("Output array has an invalid shape or dtype")
        out._held[...] = found
        return out
