"""nnstudio: draw a neural network, step through it, train it, and leave with the program that did it.

```python
import nnstudio as nn
graph = nn.Graph()
…
program = nn.compile(graph, batch_size=4)
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from nnstudio.errors import Error

if TYPE_CHECKING:
    from pathlib import Path

    from nnstudio.graph import Graph
    from nnstudio.program import Backend, Program
    from nnstudio.project import Project

__version__ = "0.1.0"
__all__ = ["Error", "Graph", "Project", "compile", "export", "load", "save", "train"]

_WHERE = {"Graph": "nnstudio.graph", "Project": "nnstudio.project"}


def __getattr__(name: str) -> Any:
    # Floors are loaded when they are first used, so that `import nnstudio` stays quick.
    if name in _WHERE:
        from importlib import import_module

        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'nnstudio' has no attribute {name!r}")


def compile(
    graph: Graph,
    batch_size: int = 1,
    dtype: str = "float32",
    backend: str | Backend = "numpy",
    seed: int = 0,
    optimizer: str = "SGD",
    optimizer_settings: Mapping[str, Any] | None = None,
) -> Program:
    """Compile `graph` into a program for batches of `batch_size` samples.

    `dtype` is float32 or float64, `backend` numpy or cupy; parameters are drawn from `seed`. A graph with
    problems is compiled as far as it is valid. Raises Error for anything else that cannot be.
    """
    from nnstudio.program import compile as compile_graph
    from nnstudio.training import optimizers

    return compile_graph(
        graph,
        batch_size,
        dtype,
        backend,
        seed,
        optimizer=optimizers.definition(optimizer),
        optimizer_settings=optimizer_settings,
    )


def load(path: str | PathLike[str]) -> Project:
    """Read a project file, `*.nns` or `*.nns.json`. Raises Error where it cannot be read."""
    from nnstudio.project import load as load_project

    return load_project(path)


def save(project: Project, path: str | PathLike[str]) -> None:
    """Write a project file, atomically: an earlier file is replaced whole or not at all."""
    from nnstudio.project import save as save_project

    save_project(project, path)


def train(
    project: Project,
    epochs: int | None = None,
    *,
    progress: Callable[[Mapping[str, Any]], object] | None = None,
) -> list[dict[str, Any]]:
    """Train `project` where it stands, for `epochs` more, and return the new history.

    Without `epochs`, for those of its settings that are left; after a finished run for as many again.
    `progress` is called with each epoch's entry. Weights, optimizer state and history go into the project.
    What is broken and not needed for the loss is left out: graph.problems() tells.
    Raises Error where the graph, the data or the settings cannot train, or the run diverges.
    """
    from nnstudio.project.run import train as train_project

    return train_project(project, epochs, progress=progress)


def export(project: Project, format: str, path: str | PathLike[str]) -> list[Path]:
    """Write the model as a "numpy" or "pytorch" script that stands alone, with its weights beside it.

    Or draw it, as "svg" or "png". Gives the files written. Raises Error where it cannot be written.
    """
    from nnstudio.exchange import formats

    if format in formats.PICTURES:
        # By its name: floors below the studio may import this face, and must not know Qt.
        from importlib import import_module

        written: list[Path] = import_module("nnstudio.studio.picture_export").export_picture(
            project, format, path
        )
        return written
    return formats.export(project, format, path)
