"""export(): which formats there are, and the files written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from nnstudio.errors import ExchangeError
from nnstudio.exchange.content import Content, content_of
from nnstudio.exchange.numpy_script import numpy_script
from nnstudio.exchange.pytorch_script import pytorch_script
from nnstudio.project import Project
from nnstudio.project.atomic import write_atomically

SCRIPTS: dict[str, Callable[[Content, str], dict[str, bytes]]] = {
    "numpy": numpy_script,
    "pytorch": pytorch_script,
}
COMING = ("onnx", "torch7")


def export(project: Project, format: str, path: str | os.PathLike[str]) -> list[Path]:
    """Write the project as a script at `path`, which ends in .py, with its weights and data beside it.

    format  "numpy": needs numpy only; "pytorch": needs torch, safetensors and numpy

    Gives the files written, the script first; it is the last to be written. Raises ExchangeError for an
    unknown format, another ending, or a network that cannot be written; DataError where its data cannot be
    read; ProjectError where a file cannot be written.
    """
    if format in COMING:
        raise ExchangeError(f"The export to {format} is not there yet; there are {' and '.join(SCRIPTS)}.")
    if format not in SCRIPTS:
        raise ExchangeError(f"There is no export to {format!r}; there are {' and '.join(SCRIPTS)}.")
    script = Path(path)
    if script.suffix != ".py" or not script.stem:
        raise ExchangeError(f"A {format} script ends in .py, which {script} does not.")
    written: list[Path] = []
    for end, data in SCRIPTS[format](content_of(project), script.stem).items():
        file = script.with_name(script.stem + end)
        write_atomically(file, data)
        written.insert(0, file)
    return written
