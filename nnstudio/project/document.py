"""The project as JSON: the document (graph, data and training settings) and the history beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from nnstudio.data.settings import DataSettings
from nnstudio.errors import Error, ProjectError
from nnstudio.graph import Graph
from nnstudio.project.migrations import FORMAT, VERSION, migrate
from nnstudio.project.project import Project
from nnstudio.training.settings import TrainingSettings

FIRST = ("format", "version")
_KNOWN = frozenset({*FIRST, "graph", "data", "training"})
_HISTORY = frozenset({"epochs", "run_state"})
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

Part = TypeVar("Part")


def to_document(project: Project) -> dict[str, Any]:
    """Graph, data and training settings, with the fields of other versions that were read with them."""
    return {
        **project.extra,
        "format": FORMAT,
        "version": VERSION,
        "graph": project.graph.to_dict(),
        "data": None if project.data is None else project.data.to_dict(),
        "training": project.training.to_dict(),
    }


def from_document(value: Any, where: str) -> Project:
    """The project that a document of this version or an older one describes; ProjectError when it is none."""
    document = migrate(_object(value, where), where)
    graph = _part(Graph.from_dict, _object(document.get("graph"), f"The graph of {where}"), where)
    data = document.get("data")
    training = document.get("training")
    project = Project(
        graph,
        data=None
        if data is None
        else _part(DataSettings.from_dict, _object(data, f"The data of {where}"), where),
        training=None
        if training is None
        else _part(TrainingSettings.from_dict, _object(training, f"The training of {where}"), where),
    )
    project.extra = {name: value for name, value in document.items() if name not in _KNOWN}
    return project


def to_history(project: Project) -> dict[str, Any]:
    """The epochs and the state of the run.  A loss may be infinite, which JSON can only say in a word."""
    return {
        **project.extra_history,
        "epochs": _with_words(project.history),
        "run_state": _with_words(project.run_state),
    }


def read_history(project: Project, value: Any, where: str) -> None:
    """Put what to_history wrote into the project."""
    fields = _object(value, where)
    epochs = fields.get("epochs", [])
    if not isinstance(epochs, list):
        raise ProjectError(f'{where} is not a history: its "epochs" are not a list.')
    rows = cast("list[Any]", epochs)
    project.history = [_numbers(_object(row, f"An epoch in {where}")) for row in rows]
    project.run_state = _numbers(_object(fields.get("run_state", {}), f"The run state in {where}"))
    project.extra_history = {name: value for name, value in fields.items() if name not in _HISTORY}


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProjectError(f"{what} is not an object with fields.")
    return cast("dict[str, Any]", value)


def _part(read: Callable[[Mapping[str, Any]], Part], fields: Mapping[str, Any], where: str) -> Part:
    try:
        return read(fields)
    except Error as error:
        raise ProjectError(f"{where}: {error}") from None


def _with_words(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_words(entry) for key, entry in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_with_words(entry) for entry in cast("list[Any]", value)]
    if hasattr(value, "tolist"):
        return _with_words(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(entry) for key, entry in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_numbers(entry) for entry in cast("list[Any]", value)]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value
