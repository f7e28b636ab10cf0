"""An array as a JSON value, for text on the clipboard: dtype, shape, base64 of its little-endian bytes."""

from __future__ import annotations

import binascii
from math import prod
from typing import Any, cast

import numpy as np

from nnstudio.errors import ProjectError
from nnstudio.project.arrays import DTYPES, RANK, sizes
from nnstudio.project.project import Array
from nnstudio.project.strict_json import printable


def array_to_json(array: Array, name: str, where: str) -> dict[str, Any]:
    """{"dtype": "F32", "shape": […], "data": "…"}; ProjectError for a dtype that files cannot hold either."""
    dtype = array.dtype.newbyteorder("<")
    code = next((code for code, known in DTYPES.items() if np.dtype(known) == dtype), None)
    if code is None:
        raise ProjectError(f"{where} cannot be written: {name} is an array of {array.dtype}.")
    data = binascii.b2a_base64(array.astype(dtype, copy=False).tobytes(), newline=False).decode()
    return {"dtype": code, "shape": list(array.shape), "data": data}


def array_from_json(value: Any, name: str, where: str) -> Array:
    """The array again, writable; its size is judged before it is made. ProjectError for anything else."""
    shown = printable(name)
    if not isinstance(value, dict) or not {"dtype", "shape", "data"} <= value.keys():
        raise ProjectError(f"{where} is damaged: {shown} has no dtype, shape and data.")
    fields = cast("dict[str, Any]", value)
    code, data, shape = fields["dtype"], fields["data"], sizes(fields["shape"])
    if not isinstance(code, str) or code not in DTYPES:
        known = ", ".join(DTYPES)
        raise ProjectError(
            f"{where}: {shown} has the dtype {printable(str(code))}; those that are read are {known}."
        )
    if shape is None or len(shape) > RANK:
        raise ProjectError(f"{where} is damaged: the shape of {shown} is not a list of at most {RANK} sizes.")
    dtype = np.dtype(DTYPES[code])
    misfit = ProjectError(f"{where} is damaged: the bytes of {shown} do not fit its shape.")
    size = prod(shape) * dtype.itemsize
    if not isinstance(data, str) or len(data) != 4 * -(-size // 3):
        raise misfit
    try:
        found = binascii.a2b_base64(data.encode(), strict_mode=True) if data else b""
    except (binascii.Error, ValueError):
        raise ProjectError(f"{where} is damaged: the bytes of {shown} are not base64.") from None
    if len(found) != size:
        raise misfit
    try:
        return np.frombuffer(found, dtype).reshape(shape).copy()
    except ValueError:  # no bytes, and still a shape too large for NumPy
        raise misfit from None
