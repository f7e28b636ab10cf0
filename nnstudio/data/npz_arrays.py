"""Arrays from .npz and .npy files, distrusted: every size is checked before anything of that size is made.

Python objects (pickles) are never read.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnstudio.data import labelling
from nnstudio.data.dataset import Dataset, require_finite
from nnstudio.data.files import Progress, report
from nnstudio.data.limits import MAX_CLASSES, MAX_FILE_BYTES, MAX_NUMBERS
from nnstudio.data.settings import Column, DataSettings
from nnstudio.errors import DataError
from nnstudio.wording import short
from nnstudio.zip_members import ENTRIES, Refused, check_members, require_zip

Array = NDArray[Any]
T = TypeVar("T")
_FREE_BYTES = 1 << 24  # up to which a member may unpack to any number of times its size
_BLOCK_BYTES = 1 << 22
_END_BYTES = 22 + 0xFFFF  # the end record and the longest comment after it
_DIRECTORY_BYTES = 1 << 20


def load_npz(path: Path, size: int, settings: DataSettings, progress: Progress | None = None) -> Dataset:
    """The arrays x and y, or those that the column settings name, or the first two, as a Dataset."""
    own_inputs = settings.targets == "inputs" and not settings.target_columns
    arrays = read_npz(path, size, settings.input_columns, settings.target_columns, not own_inputs, progress)
    x = as_inputs(arrays[0], path.name)
    y = arrays[1] if len(arrays) > 1 else np.empty((len(x), 0))
    return _dataset(path, x, y, settings.task)


def load_npy(path: Path, size: int, settings: DataSettings, progress: Progress | None = None) -> Dataset:
    """One array as a Dataset: a table whose last column is the target, or those chosen by index."""
    table = as_inputs(read_npy(path, size, progress), path.name)
    if settings.targets == "inputs" and not settings.target_columns:
        return _dataset(path, table, np.empty((len(table), 0)), "numbers")
    if table.ndim != 2 or table.shape[1] < 2:
        raise DataError(
            f"{path.name} has the shape {table.shape}; a table of samples needs two dimensions and two "
            "columns or more, the last being the target."
        )
    width = table.shape[1]
    targets = [_index(path.name, column, width) for column in settings.target_columns] or [width - 1]
    inputs = [_index(path.name, column, width) for column in settings.input_columns] or [
        column for column in range(width) if column not in targets
    ]
    if not inputs or len(set(inputs + targets)) != len(inputs + targets):
        raise DataError(f"{path.name}: the {width:,} columns chosen leave no input, or one is chosen twice.")
    y = table[:, targets[0]] if len(targets) == 1 else table[:, targets]
    return _dataset(path, table[:, inputs], y, settings.task)


def read_npz(
    path: Path,
    size: int,
    inputs: Sequence[Column] = (),
    targets: Sequence[Column] = (),
    with_target: bool = True,
    progress: Progress | None = None,
) -> list[Array]:
    """The input array and, asked for, the target array of an npz file."""
    name = path.name

    def read() -> list[Array]:
        _check_directory(path, size)
        with path.open("rb") as packed, zipfile.ZipFile(packed) as archive:
            try:
                check_members(archive, packed, short, free=_FREE_BYTES)
            except Refused as error:
                raise DataError(f"{name} is refused: {error}; save it again with numpy.") from None
            members = _members(archive, name)
            chosen = _chosen(name, list(members), inputs, targets, with_target)
            total = sum(members[member].file_size for member in chosen)
            if total > MAX_FILE_BYTES:
                raise DataError(f"{name} unpacks to {total:,} bytes, more than {MAX_FILE_BYTES:,}.")
            arrays: list[Array] = []
            done = 0
            for member in chosen:
                info = members[member]
                with archive.open(info) as file:
                    start = done
                    arrays.append(
                        _read_array(
                            file,
                            info.file_size,
                            f"{name}, array {short(member)}",
                            lambda part, start=start: report(progress, start + part, total, name),
                        )
                    )
                done += info.file_size
            return arrays

    return _guarded(read, name, "is not an npz file, or a damaged one")


def read_npy(path: Path, size: int, progress: Progress | None = None) -> Array:
    """The array of an npy file."""

    def read() -> Array:
        with path.open("rb") as file:
            return _read_array(file, size, path.name, lambda part: report(progress, part, size, path.name))

    return _guarded(read, path.name, "is not an npy file, or a damaged one")


@dataclass(frozen=True)
class ArrayLook:
    """An array as its header tells: nothing of it was read."""

    name: str
    shape: tuple[int, ...]
    dtype: str


def arrays_in(path: Path, size: int) -> tuple[ArrayLook, ...]:
    """The arrays of an npz file, or the one of an npy file, without their numbers."""
    name = path.name

    def look() -> tuple[ArrayLook, ...]:
        if path.suffix.lower() == ".npy":
            with path.open("rb") as file:
                shape, _, dtype = _header(file, name)
            return (ArrayLook(path.stem, shape, str(dtype)),)
        _check_directory(path, size)
        found: list[ArrayLook] = []
        with path.open("rb") as packed, zipfile.ZipFile(packed) as archive:
            try:
                check_members(archive, packed, short, free=_FREE_BYTES)
            except Refused as error:
                raise DataError(f"{name} is refused: {error}; save it again with numpy.") from None
            for member, info in _members(archive, name).items():
                with archive.open(info) as file:
                    shape, _, dtype = _header(file, f"{name}, array {short(member)}")
                found.append(ArrayLook(member, shape, str(dtype)))
        return tuple(found)

    return _guarded(look, name, "is not a file of arrays, or a damaged one")


def _guarded(read: Callable[[], T], name: str, otherwise: str) -> T:
    """Whatever zipfile, zlib and numpy raise over a damaged file becomes one sentence."""
    try:
        return read()
    except (DataError, MemoryError):
        raise
    except Exception as error:
        known = isinstance(error, OSError | zipfile.BadZipFile) and 0 < len(str(error)) < 80
        reason = f" ({error})" if known else ""
        raise DataError(f"{name} {otherwise}{reason}; save it again with numpy.") from None


def _check_directory(path: Path, size: int) -> None:
    """DataError when the zip's own table of contents is large, before zipfile reads it whole.

    Source: PKWARE APPNOTE 6.3, 4.3.15 and 4.3.16.
    """
    with path.open("rb") as file:
        require_zip(file)
        file.seek(max(0, size - _END_BYTES))
        tail = file.read(_END_BYTES)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise zipfile.BadZipFile
    members = int.from_bytes(tail[end + 10 : end + 12], "little")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if members > ENTRIES:
        raise DataError(f"{path.name} has {members:,} members, more than {ENTRIES}.")
    if directory > _DIRECTORY_BYTES or b"PK\x06\x07" in tail[max(0, end - 20) : end]:
        raise DataError(f"{path.name} has a table of contents of an unlikely size; save it again with numpy.")


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The arrays in the file by name."""
    members = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    if not members:
        raise DataError(f"{name} holds no arrays.")
    return members


def _chosen(
    name: str, members: list[str], inputs: Sequence[Column], targets: Sequence[Column], with_target: bool
) -> list[str]:
    """The names of the input and the target array."""
    if len(inputs) > 1 or len(targets) > 1:
        raise DataError(
            f"{name}: choose one array as input and one as target; columns cannot be chosen in an npz."
        )
    by_lower = {member.lower(): member for member in reversed(members)}
    target = _member(name, members, targets[0]) if targets else None
    if inputs:
        source = _member(name, members, inputs[0])
    else:
        source = by_lower.get("x") or next((member for member in members if member != target), members[0])
    if not with_target:
        return [source]
    if target is None:
        rest = [member for member in members if member != source]
        target = by_lower.get("y") or (rest[0] if rest else None)
    if target is None or target == source:
        raise DataError(
            f"{name} holds only the array {short(source)}; it needs one of inputs, x, and one of targets, y."
        )
    return [source, target]


def _member(name: str, members: list[str], wanted: Column) -> str:
    if isinstance(wanted, int):
        return members[_index(name, wanted, len(members))]
    if wanted not in members:
        raise DataError(f"{name} has no array {short(wanted)}; it has {', '.join(map(short, members[:8]))}.")
    return wanted


def _index(name: str, wanted: Column, count: int) -> int:
    if isinstance(wanted, str):
        raise DataError(f"{name} has no names for its columns; choose them by index, not by {short(wanted)}.")
    if not -count <= wanted < count:
        raise DataError(
            f"{name} has no index {short(wanted)}: there are {count:,}, of index 0 to {count - 1:,}."
        )
    return wanted % count


def _read_array(file: IO[bytes], size: int, where: str, seen: Callable[[int], None]) -> Array:
    """The array in npy format that fills `size` bytes of file."""
    shape, fortran, dtype = _header(file, where)
    if dtype.hasobject:
        raise DataError(f"{where} holds Python objects, which are never loaded; save plain numbers.")
    if dtype.kind not in "biufUS":
        raise DataError(f"{where} holds {dtype}, neither numbers nor texts.")
    count = math.prod(shape)
    if count <= 0 or min(shape, default=1) < 0:
        raise DataError(f"{where} has the shape {shape} and so holds nothing.")
    if count > MAX_NUMBERS or count * dtype.itemsize > MAX_FILE_BYTES:
        raise DataError(f"{where} has the shape {shape}, {count:,} values, more than {MAX_NUMBERS:,}.")
    wanted = count * dtype.itemsize
    if file.tell() + wanted != size:
        raise DataError(
            f"{where} has the shape {shape} of {wanted:,} bytes, but {size - file.tell():,} are there."
        )
    raw = np.empty(wanted, np.uint8)
    done = 0
    while done < wanted:
        part = file.read(min(_BLOCK_BYTES, wanted - done))
        if not part:
            raise DataError(f"{where} ends after {done:,} of {wanted:,} bytes.")
        raw[done : done + len(part)] = np.frombuffer(part, np.uint8)
        done += len(part)
        seen(size - wanted + done)
    file.read(1)  # past the end, where zipfile compares the checksum
    array = raw.view(dtype)
    if dtype.byteorder not in "=|" and dtype != dtype.newbyteorder("="):
        array = array.astype(dtype.newbyteorder("="))
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


def _header(file: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and dtype."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns about headers that Python 2 wrote
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            return np.lib.format.read_array_header_1_0(file)
        if version == (2, 0):
            return np.lib.format.read_array_header_2_0(file)
    raise DataError(f"{where} is in version {version[0]}.{version[1]} of the npy format; save it plainly.")


def as_inputs(array: Array, name: str) -> Array:
    """uint8, float32 or float64, one row a sample."""
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name}: the inputs hold texts, not numbers.")
    if array.ndim == 0:
        raise DataError(f"{name}: the inputs are a single value, not a list of samples.")
    if array.ndim == 1:
        array = array[:, None]
    if array.dtype.name in ("uint8", "float32", "float64"):
        return array
    with np.errstate(over="ignore"):  # what becomes infinite is refused by Dataset, with its place
        return array.astype(np.uint8 if array.dtype.kind == "b" else np.float64)


def _dataset(path: Path, x: Array, y: Array, task: str) -> Dataset:
    if y.ndim == 0:
        raise DataError(f"{path.name}: the targets are a single value, not a list.")
    if y.dtype.kind in "US":
        if y.ndim != 1:
            raise DataError(f"{path.name}: targets that are texts must be a list, not of shape {y.shape}.")
        if y.dtype.kind == "S":
            y = np.char.decode(y, "latin-1")
        texts, codes = np.unique(y, return_inverse=True)
        if len(texts) > MAX_CLASSES:
            raise DataError(f"{path.name}: {len(texts):,} different texts are too many to be classes.")
        y, names = labelling.from_texts(codes, {str(text): code for code, text in enumerate(texts)})
        task = "classes"
    elif y.size == 0:
        y, task, names = np.empty((len(x), 0)), "numbers", ()
    else:
        if y.dtype.kind == "f":
            with np.errstate(over="ignore"):
                y = y.astype(np.float64)
        require_finite(y, f"{path.name}, targets")
        y, task, names = labelling.targets_of(y, task)
    picture = x.ndim == 3 and x.shape[1] > 1 and x.shape[2] > 1
    return Dataset(
        name=path.name,
        title=path.name,
        x=x,
        y=y,
        task=task,
        class_names=names,
        image_shape=tuple(x.shape[1:]) if picture else None,
        value_range=(0, 255) if picture and x.dtype == np.uint8 else None,
        origin=f"the file {path.name}",
    )
