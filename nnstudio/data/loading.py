"""From settings to a Dataset: a built-in set by its name, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.categories import InputColumn
from nnstudio.data.csv_text import encoding_of
from nnstudio.data.dataset import Dataset, require_finite
from nnstudio.data.files import Progress, checked_file
from nnstudio.data.options import complete
from nnstudio.data.real_sets import REAL_SETS
from nnstudio.data.settings import Column, DataSettings
from nnstudio.data.synthetic_sets import LICENCE, ORIGIN, SYNTHETIC_SETS, SyntheticSet
from nnstudio.errors import DataError
from nnstudio.modules.equations import Setting
from nnstudio.wording import did_you_mean, short

_REAL = {real.name: real for real in REAL_SETS}
_SYNTHETIC = {made.name: made for made in SYNTHETIC_SETS}
DRAWN = "drawn"
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".npz": "npz", ".npy": "npy"}


def load(
    settings: DataSettings | str, folder: str | PathLike[str] | None = None, progress: Progress | None = None
) -> Dataset:
    """The dataset the settings name; a bare name such as "digits" stands for its defaults.

    A relative file is looked for in `folder` (the project's); `progress` watches the reading of a file.
    DataError says what is wrong in one sentence.
    """
    if isinstance(settings, str):
        settings = DataSettings(source=settings)
    source = settings.source
    options = complete(options_of(source), settings.options, source)
    try:
        return _loaded(settings, options, folder, progress)
    except MemoryError:
        raise DataError(
            f"{short(source)} does not fit into this machine's memory; take fewer samples."
        ) from None


def _loaded(
    settings: DataSettings,
    options: dict[str, Any],
    folder: str | PathLike[str] | None,
    progress: Progress | None,
) -> Dataset:
    source = settings.source
    if source in _REAL:
        return _REAL[source].load()
    if source in _SYNTHETIC:
        return _made(_SYNTHETIC[source], options)
    if source == DRAWN:
        from nnstudio.data.drawn import load_drawn

        return load_drawn(settings, options)
    if source.startswith("images:"):
        from nnstudio.data import images

        return images.load_images(images.checked_folder(_path(source), folder), options, progress)
    kind, path, size = _file(source, folder)
    if kind == "csv":
        from nnstudio.data.csv_table import load_csv

        return load_csv(path, size, settings, options, progress)
    from nnstudio.data import npz_arrays

    read = npz_arrays.load_npz if kind == "npz" else npz_arrays.load_npy
    return read(path, size, settings, progress)


def options_of(source: str) -> tuple[Setting, ...]:
    """What can be chosen about a source; DataError when there is no such source."""
    if source in _REAL:
        return ()
    if source in _SYNTHETIC:
        return _SYNTHETIC[source].options
    if source == DRAWN:
        from nnstudio.data.drawn import DRAWN_OPTIONS

        return DRAWN_OPTIONS
    kind, _, path = source.partition(":")
    if kind == "images" and path:
        from nnstudio.data.images import IMAGE_OPTIONS

        return IMAGE_OPTIONS
    if kind == "csv" and path:
        from nnstudio.data.csv_table import CSV_OPTIONS

        return CSV_OPTIONS
    if kind in ("npz", "npy") and path:
        return ()
    known = [*_REAL, *_SYNTHETIC, DRAWN]
    hint = did_you_mean(source, known, f"there are {', '.join(known)}")
    if PurePath(source).suffix.lower() in _FORMATS:
        hint = f"did you mean {short(source_of(source))}."
    raise DataError(f"There is no data set {short(source)}; {hint}")


def source_of(path: str | PathLike[str]) -> str:
    """The source that stands for a file, by its ending: "csv:iris.csv", or for a folder of pictures.

    DataError for an unknown ending.
    """
    if Path(path).is_dir():
        return f"images:{path}"
    suffix = PurePath(path).suffix.lower()
    if suffix not in _FORMATS:
        raise DataError(
            f"It is not known how to read {short(PurePath(path).name)}, which does not end in "
            f"{', '.join(_FORMATS)}."
        )
    return f"{_FORMATS[suffix]}:{path}"


def fingerprint(source: str, folder: str | PathLike[str] | None = None) -> tuple[Any, ...] | None:
    """What changes when the file behind a source does, so that it need not be read again otherwise.

    () where there is no file; None where it cannot be told.
    """
    kind, _, path = source.partition(":")
    if not path:
        return ()
    try:
        found = Path(folder or "", path)
        files = [found]
        if kind == "images":
            files += sorted(found.glob("*/*"))
        return tuple((str(each), *_marks(each)) for each in files)
    except (OSError, ValueError):
        return None


def _marks(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_inputs(
    path: str | PathLike[str],
    columns: Sequence[Column] | Sequence[InputColumn] = (),
    progress: Progress | None = None,
) -> NDArray[Any]:
    """Inputs alone, (n, …), for a net that is already trained.

    All columns of a CSV file or those named, the array of an npy file, or x of an npz file, just as they are
    there: apply the Scaling of the training to them. The `columns` of a Dataset with categories make the
    same inputs of a CSV file as there.
    """
    kind, found, size = _file(source_of(path), None)
    if kind == "csv":
        from nnstudio.data.csv_table import CSV_OPTIONS, read_csv_inputs, read_csv_inputs_like

        options = {**complete(CSV_OPTIONS, {}, found.name), "encoding": encoding_of(found)}
        like = [each for each in columns if isinstance(each, InputColumn)]
        if like:
            return read_csv_inputs_like(found, size, like, options, progress)
        plain = [each for each in columns if not isinstance(each, InputColumn)]
        return read_csv_inputs(found, size, plain, options, progress)
    plain = [each.name if isinstance(each, InputColumn) else each for each in columns]
    from nnstudio.data import npz_arrays

    if kind == "npz":
        x = npz_arrays.read_npz(found, size, plain, with_target=False, progress=progress)[0]
    else:
        x = npz_arrays.read_npy(found, size, progress)
    x = npz_arrays.as_inputs(x, found.name)
    require_finite(x, found.name)
    return x


def _path(source: str) -> str:
    return source.partition(":")[2]


def _file(source: str, folder: str | PathLike[str] | None) -> tuple[str, Path, int]:
    kind, _, path = source.partition(":")
    found, size = checked_file(path, folder)
    return kind, found, size


def _made(made: SyntheticSet, options: dict[str, Any]) -> Dataset:
    _, inputs, classes = made.sizes(options)
    x, y = made.draw(options)
    return Dataset(
        name=made.name,
        title=made.title,
        x=x,
        y=y.astype(np.int64) if classes else y,
        task=made.task,
        class_names=tuple(str(number) for number in range(classes)),
        feature_names=tuple(f"x{number + 1}" for number in range(inputs)),
        target_names=("class",) if classes else ("y",),
        origin=ORIGIN,
        licence=LICENCE,
    )
