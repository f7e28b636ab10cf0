"""Regions: into how many pieces the units of a first ReLU layer cut the line or plane of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnstudio.errors import LessonError

if TYPE_CHECKING:
    from nnstudio.program import Program


def regions(program: Program, node: str) -> int:
    """Counted as "What it learned" counts them: exactly, and over all inputs.

    Raises LessonError for another number of inputs than one or two, and for other nodes.
    """
    from nnstudio.explain.probing import Probe
    from nnstudio.explain.regions import MOST_COUNTED, counted, folds

    if f"{node}.output" not in program:
        raise LessonError(f"there is no node {node} to count the regions of.")
    inputs = list(program.inputs.values())
    if inputs not in ([(1,)], [(2,)]):
        raise LessonError("regions are counted for a net of one Input with one or two numbers.")
    if program.slot(f"{node}.output").shape[-1] > MOST_COUNTED:
        raise LessonError(f"regions are counted for at most {MOST_COUNTED} units; {node} has more.")
    probe = Probe(program.graph, program.dtype.name)
    probe.load(program.parameters())
    own = [fold for fold in folds(probe, int(inputs[0][0])) if fold.node == node and fold.kinked]
    if not own:
        raise LessonError(
            f"regions are counted for a ReLU with no activation before it, which {node} is not."
        )
    return counted(own)
