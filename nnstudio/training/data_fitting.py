"""The edits that make a graph take the shapes of its data."""

from __future__ import annotations

from nnstudio.data.dataset import Dataset
from nnstudio.errors import GraphError
from nnstudio.graph import Edit, Graph
from nnstudio.training.data_shapes import data_shapes

_OF_DATA = ("data-width", "class-count")
_MOST = 40


def fitting_edits(graph: Graph, data: Dataset, targets: str = "auto") -> tuple[Edit, ...]:
    """One after the other: each Input and Target in the shape that the data gives, as many scores as classes.

    What no longer fits because of them is mended too where it can be; what was wrong before is left as it is.
    Empty where all fits, or nothing can be done about it.
    """
    trial, edits = graph.copy(), list[Edit]()
    former = {problem.sentence for problem in graph.problems()}
    tried = set[str]()
    while len(edits) < _MOST:
        shapes = data_shapes(trial.flatten(), data, targets)
        for problem in trial.problems(shapes.widths, shapes.classes):
            wanted = problem.kind in _OF_DATA or (edits and problem.kind == "wrong-size")
            if wanted and problem.fix is not None and problem.sentence not in former | tried:
                tried.add(problem.sentence)
                try:
                    trial.apply(problem.fix)
                except GraphError:
                    continue
                edits.append(problem.fix)
                break
        else:
            break
    return tuple(edits)
