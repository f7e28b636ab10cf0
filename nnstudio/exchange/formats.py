"""export(): which formats there are, and the files written.

The command line offers these formats, so what writes them is only imported when it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nnstudio.errors import ExchangeError, ProjectError

if TYPE_CHECKING:
    from nnstudio.exchange.content import Content
    from nnstudio.project import Project


def _numpy(content: Content, stem: str) -> dict[str, bytes]:
    from nnstudio.exchange.numpy_script import numpy_script

    return numpy_script(content, stem)


def _pytorch(content: Content, stem: str) -> dict[str, bytes]:
    from nnstudio.exchange.pytorch_script import pytorch_script

    return pytorch_script(content, stem)


@dataclass(frozen=True)
class Script:
    """A format for people: its title, one sentence on what it is and needs, and what writes it.

    `write(content, stem)` gives the bytes of each file by the end of its name.
    """

    title: str
    doc: str
    write: Callable[[Content, str], dict[str, bytes]]


SCRIPTS = {
    "numpy": Script(
        "NumPy script",
        "The studio's own program, statement by statement. Needs only Python and numpy.",
        _numpy,
    ),
    "pytorch": Script(
        "PyTorch script",
        "An nn.Module with the same weights and training loop. Needs torch and safetensors.",
        _pytorch,
    ),
}
PICTURES = ("svg", "png")
"""What the studio draws: it needs Qt, which nothing here may; nnstudio.export knows both."""
COMING = ("onnx", "torch7")


def export(project: Project, format: str, path: str | os.PathLike[str]) -> list[Path]:
    """Write the project as a script at `path`, which ends in .py, with its weights and data beside it.

    format  "numpy": needs numpy only; "pytorch": needs torch, safetensors and numpy

    Gives the files written, the script first; it is the last to be written. Raises ExchangeError for an
    unknown format, another ending, or a network that cannot be written; DataError where its data cannot be
    read; ProjectError where a file cannot be written.
    """
    if format in COMING:
        raise ExchangeError(f"The export to {format} is not there yet; there are {_known()}.")
    if format not in SCRIPTS:
        raise ExchangeError(f"There is no export to {format!r}; there are {_known()}.")
    from nnstudio.exchange.content import content_of
    from nnstudio.project.atomic import write_atomically

    script = Path(path)
    if script.suffix != ".py" or not script.stem:
        raise ExchangeError(f"A {format} script ends in .py, which {script} does not.")
    if not script.parent.is_dir():  # else the sentence would name a file that comes with the script
        raise ProjectError(f"{script} cannot be written: there is no folder {script.parent}.")
    written: list[Path] = []
    for end, data in SCRIPTS[format].write(content_of(project), script.stem).items():
        file = script.with_name(script.stem + end)
        write_atomically(file, data)
        written.insert(0, file)
    return written


def _known() -> str:
    *most, last = (*SCRIPTS, *PICTURES)
    return f"{', '.join(most)} and {last}"
