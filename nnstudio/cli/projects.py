"""What several commands ask of a project: whether anything is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnstudio.errors import DataError, GraphError

if TYPE_CHECKING:
    from nnstudio.graph import Problem
    from nnstudio.project import Project


def problems_of(project: Project) -> list[Problem]:
    """What is wrong with the graph by itself, with the data, and with the one on the other."""
    from nnstudio.graph import Problem

    if project.data is None:
        return project.graph.problems()
    from nnstudio.data import load
    from nnstudio.training.data_shapes import data_shapes

    try:
        dataset = load(project.data, project.path.parent if project.path else None)
    except DataError as error:
        return [*project.graph.problems(), Problem("data", "error", str(error))]

    given = data_shapes(project.graph.flatten(), dataset, project.data.targets)
    return project.graph.problems(given.widths, given.classes)


def require_no_errors(project: Project) -> None:
    """Raises GraphError with the first problem that keeps a part of the graph out of the program."""
    errors = [problem.sentence for problem in problems_of(project) if problem.severity == "error"]
    if errors:
        more = f" ({len(errors) - 1} more: see nnstudio check)" if len(errors) > 1 else ""
        raise GraphError(f"{project.path}: {errors[0].rstrip('.')}{more}.")
