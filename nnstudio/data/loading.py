"""From settings to a Dataset: a built-in set by its name, or a file."""

from __future__ import annotations

from difflib import get_close_matches
from os import PathLike

import numpy as np

from nnstudio.data.dataset import Dataset
from nnstudio.data.options import complete, short
from nnstudio.data.real_sets import REAL_SETS
from nnstudio.data.settings import DataSettings
from nnstudio.data.synthetic_sets import SYNTHETIC_SETS, SyntheticSet
from nnstudio.errors import DataError

_REAL = {real.name: real for real in REAL_SETS}
_SYNTHETIC = {made.name: made for made in SYNTHETIC_SETS}


def load(settings: DataSettings | str, folder: str | PathLike[str] | None = None) -> Dataset:
    """The dataset the settings name; a bare name such as "digits" stands for its defaults.

    A relative file is looked for in `folder` (the project's).  DataError says what is wrong in one sentence.
    """
    if isinstance(settings, str):
        settings = DataSettings(source=settings)
    source = settings.source
    if source in _REAL:
        complete((), settings.options, source)
        return _REAL[source].load()
    if source in _SYNTHETIC:
        return _made(_SYNTHETIC[source], settings)
    near = get_close_matches(source, [*_REAL, *_SYNTHETIC], 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join([*_REAL, *_SYNTHETIC])}."
    raise DataError(f"There is no data set {short(source)}; {hint}")


def _made(made: SyntheticSet, settings: DataSettings) -> Dataset:
    options = complete(made.options, settings.options, made.name)
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
        origin="made by nnstudio",
        licence="free of rights",
    )
