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

_LONGEST = 28
"""Letters of a name in a legend."""


def show_on(curves: CurvesPanel, runs: Sequence[RunRecord]) -> None:
    """Put these runs, and no others, behind every measure."""
    by_step = curves.look.across != "epoch"
    for measure in ("loss", *MEASURES):
        found: list[Overlay] = []
        for run in runs:
            points = curve_of(run, measure, by_step)
            if len(points):
                found.append((_short(run.name), points))
        curves.show_overlays(found, measure)


def curve_of(run: RunRecord, measure: str, by_step: bool = False) -> Numbers:
    """Rows of epoch, or step, and value: of validation where there is one, or else of training."""
    values = column(run.history, f"validation_{measure}") or column(run.history, f"train_{measure}")
    steps = column(run.history, "step") if by_step else []
    x = steps or column(run.history, "epoch")
    if not values or len(x) != len(values):
        return np.zeros((0, 2))
    return np.column_stack([x, values]).astype(np.float64)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
