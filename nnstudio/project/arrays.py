"""safetensors: named arrays without code in the file, its header judged before any array is made."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, cast

import numpy as np

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json
from nnstudio.project.strict_json import printable

HEADER = 16 * 2**20
RANK = 16
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "?",
}  # fmt: skip
_CODES = frozenset(np.dtype(code) for code in DTYPES.values())


@dataclass(frozen=True)
class Entry:
    """One array as the header announces it: where its bytes lie, counted from the header's end."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    stop: int


def pack_arrays(arrays: Mapping[str, np.ndarray], where: str) -> bytes:
    """The arrays as safetensors: same arrays, same bytes; ProjectError for a dtype it cannot hold."""
    from safetensors.numpy import save

    ready: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if array.dtype.newbyteorder("<") not in _CODES:
            raise ProjectError(f"{where} cannot be written: {name} is an array of {array.dtype}.")
        # ascontiguousarray would make a vector of a scalar.
        ready[name] = np.array(array, dtype=array.dtype.newbyteorder("<"), order="C")
    return save(ready)


def header_length(start: bytes, size: int, where: str) -> int:
    """How many bytes the header takes, by the first eight of a file of `size` bytes."""
    if len(start) < 8:
        raise ProjectError(f"{where} is cut short: {len(start)} bytes are no safetensors file.")
    (length,) = struct.unpack("<Q", start[:8])
    if length > HEADER or 8 + length > size:
        raise ProjectError(f"{where} is damaged: its header claims {length:,} bytes of a file of {size:,}.")
    return length


def read_header(header: bytes, data_size: int, where: str) -> list[Entry]:
    """The arrays that `header` announces over `data_size` bytes of numbers, in the order in which they lie.

    Raises ProjectError for anything that does not add up: a name given twice, an unknown dtype, a shape that
    is not a list of at most 16 sizes or does not fit its bytes, arrays that overlap or leave a hole.
    """
    table = strict_json.parse(header, f"the header of {where}", limit=HEADER)
    if not isinstance(table, dict):
        raise ProjectError(f"{where} is damaged: its header is not an object.")
    named = cast("dict[str, Any]", table)
    entries = [_entry(name, fields, where) for name, fields in named.items() if name != "__metadata__"]
    entries.sort(key=lambda entry: (entry.start, entry.stop))
    reached = 0
    for entry in entries:
        if entry.start != reached:
            raise ProjectError(
                f"{where} is damaged: {printable(entry.name)} does not start where the array before ends."
            )
        reached = entry.stop
    if reached != data_size:
        raise ProjectError(
            f"{where} is damaged: its arrays take {reached:,} bytes, and there are {data_size:,}."
        )
    return entries


def _entry(name: str, fields: Any, where: str) -> Entry:
    shown = printable(name)
    if not isinstance(fields, dict) or not {"dtype", "shape", "data_offsets"} <= fields.keys():
        raise ProjectError(f"{where} is damaged: {shown} has no dtype, shape and data_offsets.")
    code = cast("Any", fields["dtype"])
    if not isinstance(code, str) or code not in DTYPES:
        known = ", ".join(DTYPES)
        raise ProjectError(
            f"{where}: {shown} has the dtype {printable(str(code))}; those that are read are {known}."
        )
    dtype = np.dtype(DTYPES[code])
    shape = sizes(fields["shape"])
    offsets = sizes(fields["data_offsets"])
    if shape is None or len(shape) > RANK:
        raise ProjectError(f"{where} is damaged: the shape of {shown} is not a list of at most {RANK} sizes.")
    if offsets is None or len(offsets) != 2 or offsets[1] - offsets[0] != prod(shape) * dtype.itemsize:
        raise ProjectError(f"{where} is damaged: the bytes of {shown} do not fit its shape {_times(shape)}.")
    return Entry(name, dtype, shape, offsets[0], offsets[1])


def sizes(value: Any) -> tuple[int, ...] | None:
    """A shape as JSON has it; None for what is not a list of whole numbers that could be one."""
    if not isinstance(value, list):
        return None
    found = cast("list[Any]", value)
    if any(type(size) is not int or not 0 <= size < 2**48 for size in found):
        return None
    return tuple(found)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "scalar"


def unpack_arrays(
    data: bytes, where: str, check: Callable[[list[Entry]], None] | None = None
) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file, writable copies; `check` sees the header before any is made."""
    length = header_length(data[:8], len(data), where)
    entries = read_header(data[8 : 8 + length], len(data) - 8 - length, where)
    if check is not None:
        check(entries)
    numbers = memoryview(data)[8 + length :]
    return {entry.name: _array(entry, numbers[entry.start : entry.stop], where) for entry in entries}


def _array(entry: Entry, numbers: memoryview, where: str) -> np.ndarray:
    try:
        array = np.empty(entry.shape, entry.dtype)
    except ValueError:  # (2**47, 2**47, 0): no bytes, and still too large for NumPy
        shape = _times(entry.shape)
        raise ProjectError(f"{where} is damaged: {printable(entry.name)} has the shape {shape}.") from None
    array.reshape(-1).view(np.uint8)[:] = np.frombuffer(numbers, np.uint8) if numbers.nbytes else 0
    return array
