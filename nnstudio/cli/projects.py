"""What several commands ask of a project: its data, its problems, a program with its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnstudio.errors import DataError

if TYPE_CHECKING:
    from nnstudio.data import Dataset, Splits
    from nnstudio.graph import Problem
    from nnstudio.project import Project


def dataset_of(project: Project) -> Dataset | None:
    """The project's data, files looked for beside the project; None where none are chosen."""
    if project.data is None:
        return None
    from nnstudio.data import load

    return load(project.data, project.path.parent if project.path else None)


def splits_of(project: Project, dtype: str) -> Splits | None:
    """The project's data, parted and scaled as for training."""
    dataset = dataset_of(project)
    if dataset is None or project.data is None:
        return None
    from nnstudio.data import split

    return split(dataset, project.data, dtype)


def problems_of(project: Project) -> list[Problem]:
    """What is wrong with the graph by itself, with the data, and with the one on the other."""
    from nnstudio.graph import Problem

    try:
        dataset = dataset_of(project)
    except DataError as error:
        return [*project.graph.problems(), Problem("data", "error", str(error))]
    if dataset is None or project.data is None:
        return project.graph.problems()
    from nnstudio.training.data_shapes import data_shapes

    given = data_shapes(project.graph.flatten(), dataset, project.data.targets)
    return project.graph.problems(given.widths, given.classes)
