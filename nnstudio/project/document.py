"""The project as JSON: the document (graph, data and training settings) and the history beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from nnstudio.data.settings import DataSettings
from nnstudio.errors import ProjectError
from nnstudio.graph import Graph
from nnstudio.project.json_values import as_object, part_from, with_numbers, with_words
from nnstudio.project.kept_fits import state_from_json, state_to_json
from nnstudio.project.migrations import FORMAT, VERSION, migrate
from nnstudio.project.project import Project
from nnstudio.project.setup import Setup, setup_of
from nnstudio.training.settings import TrainingSettings

FIRST = ("format", "version")
RUNS = "runs"
"""Where a project written as text keeps its runs; in a zip they are a member of their own."""
_SETUP = frozenset({"graph", "data", "training"})
_KNOWN = frozenset({*FIRST, *_SETUP, RUNS})
_HISTORY = frozenset({"epochs", "run_state"})


def to_document(project: Project) -> dict[str, Any]:
    """Graph, data and training settings, with the fields of other versions that were read with them."""
    return {**project.extra, "format": FORMAT, "version": VERSION, **setup_to_dict(setup_of(project))}


def from_document(value: Any, where: str) -> Project:
    """The project that a document of this version or an older one describes; ProjectError when it is none.

    The runs that it may hold are for whoever asked to read.
    """
    document = migrate(as_object(value, where), where)
    setup = setup_from_dict(document, where)
    project = Project(Graph(setup.level), data=setup.data, training=setup.training)
    project.extra = {name: value for name, value in document.items() if name not in _KNOWN}
    return project


def setup_to_dict(setup: Setup) -> dict[str, Any]:
    """Graph, data and training settings as JSON values."""
    return {
        "graph": setup.graph.to_dict(),
        "data": None if setup.data is None else setup.data.to_dict(),
        "training": setup.training.to_dict(),
    }


def setup_from_dict(fields: Mapping[str, Any], where: str) -> Setup:
    """What setup_to_dict wrote. ProjectError, beginning with `where`, for anything else."""
    graph = part_from(Graph.from_dict, as_object(fields.get("graph"), f"The graph of {where}"), where)
    data, training = fields.get("data"), fields.get("training")
    return Setup(
        graph.level,
        None
        if data is None
        else part_from(DataSettings.from_dict, as_object(data, f"The data of {where}"), where),
        TrainingSettings()
        if training is None
        else part_from(TrainingSettings.from_dict, as_object(training, f"The training of {where}"), where),
    )


def to_history(project: Project) -> dict[str, Any]:
    """The epochs and the state of the run.  A loss may be infinite, which JSON can only say in a word."""
    return {
        **project.extra_history,
        "epochs": with_words(project.history),
        "run_state": state_to_json(project.run_state),
    }


def read_history(project: Project, value: Any, where: str) -> None:
    """Put what to_history wrote into the project."""
    fields = as_object(value, where)
    epochs = fields.get("epochs", [])
    if not isinstance(epochs, list):
        raise ProjectError(f'{where} is not a history: its "epochs" are not a list.')
    rows = cast("list[Any]", epochs)
    project.history = [with_numbers(as_object(row, f"An epoch in {where}")) for row in rows]
    project.run_state = state_from_json(fields.get("run_state", {}), f"The run state in {where}")
    project.extra_history = {name: value for name, value in fields.items() if name not in _HISTORY}
