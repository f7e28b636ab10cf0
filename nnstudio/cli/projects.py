"""What several commands ask of a project: whether anything is wrong with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nnstudio.cli.arguments import UsageError
from nnstudio.errors import DataError, GraphError, ProjectError

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


def require_loss(project: Project) -> list[Problem]:
    """Raises GraphError with the first problem that keeps the loss from being computed.

    Gives the other errors: they only keep their own part of the graph out of the program.
    """
    problems = problems_of(project)
    found = [each for each in project.graph.obstacles(problems) if each.severity == "error"]
    if found:
        more = f" ({len(found) - 1} more: see nnstudio check)" if len(found) > 1 else ""
        raise GraphError(f"{project.path}: {found[0].sentence.rstrip('.')}{more}.")
    return [each for each in problems if each.severity == "error"]


def say_left_out(problems: list[Problem]) -> None:
    """On stderr, what is wrong beside the part of the graph that runs."""
    if problems:
        more = f" ({len(problems) - 1} more: see nnstudio check)" if len(problems) > 1 else ""
        print(f"nnstudio: left out: {problems[0].sentence.rstrip('.')}{more}.", file=sys.stderr)


def require_writable(output: str) -> None:
    """Before a long run and not after it."""
    path = Path(output)
    if path.suffix.lower() != ".nns":
        raise UsageError(f"What was trained is saved as .nns, which holds its weights; {output} is not one.")
    if path.is_dir():
        raise ProjectError(f"{output} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise ProjectError(f"{output} cannot be written: there is no folder {path.parent}.")
    if not os.access(path.parent, os.W_OK):
        raise ProjectError(f"{output} cannot be written: the folder {path.parent} is write-protected.")
