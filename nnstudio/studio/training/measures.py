"""What is measured beside the loss, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """`percent`: a share of the samples; `rises`: the better, the higher; `doc`: what its numbers mean."""

    title: str
    percent: bool = False
    rises: bool = False
    doc: str = ""


_UNIT = "in the data's own unit, also where the targets are scaled for the training"
LOSS_DOC = (
    "What the criterion gives, of the targets as they are fed: where the data scale them, of scaled ones"
)
MEASURES = {
    "accuracy": Measure("Accuracy", percent=True, rises=True),
    "top5": Measure("Top 5", percent=True, rises=True),
    "precision": Measure("Precision", percent=True, rises=True),
    "recall": Measure("Recall", percent=True, rises=True),
    "r2": Measure("R²", rises=True, doc="1 is perfect, 0 no better than always answering the mean"),
    "rmse": Measure("Root mean square error", doc=f"Of the predicted numbers, {_UNIT}"),
    "mae": Measure("Mean absolute error", doc=f"Of the predicted numbers, {_UNIT}"),
}
"""By the name that the history has for it, behind train_ and validation_."""


def measures_in(history: Sequence[Mapping[str, Any]]) -> list[str]:
    """Those that the last epoch has; the first is what is shown unless another is asked for."""
    return [name for name in MEASURES if column(history, f"train_{name}")]


def column(history: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """A measure over the epochs; empty where the last one has none."""
    if not history or name not in history[-1]:
        return []
    return [float(entry.get(name, float("nan"))) for entry in history]
