"""The curves of kept runs, as they stand behind those of the run that is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnstudio.studio.training.measures import MEASURES, column

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord
    from nnstudio.studio.training.curves import Numbers, Overlay
    from nnstudio.studio.training.curves_panel import CurvesPanel


def show_on(curves: CurvesPanel, runs: Sequence[RunRecord]) -> None:
    """Put these runs, and no others, behind every measure."""
    by_step = curves.look.across != "epoch"
    names = told_apart([run.name for run in runs])
    for measure in ("loss", *MEASURES):
        found: list[Overlay] = []
        for name, run in zip(names, runs, strict=True):
            points = curve_of(run, measure, by_step)
            if len(points):
                found.append((name, points))
        curves.show_overlays(found, measure)


def told_apart(names: Sequence[str]) -> list[str]:
    """Without what all have in common: of a sweep, "rate 0.1, seed 1" and "rate 0.2, seed 1" are told by the
    rate alone.
    """
    parts = [name.split(", ") for name in names]
    if len(names) < 2 or len({len(each) for each in parts}) != 1:
        return list(names)
    different = [len(set(column)) > 1 for column in zip(*parts, strict=True)]
    if not any(different):
        return list(names)
    return [", ".join(part for part, other in zip(each, different, strict=True) if other) for each in parts]


def curve_of(run: RunRecord, measure: str, by_step: bool = False) -> Numbers:
    """Rows of epoch, or step, and value: of validation where there is one, or else of training."""
    values = column(run.history, f"validation_{measure}") or column(run.history, f"train_{measure}")
    steps = column(run.history, "step") if by_step else []
    x = steps or column(run.history, "epoch")
    if not values or len(x) != len(values):
        return np.zeros((0, 2))
    return np.column_stack([x, values]).astype(np.float64)
