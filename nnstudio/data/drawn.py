"""Points drawn by hand in the plane, kept with the settings: what the project's file needs to hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.dataset import Dataset
from nnstudio.data.settings import DataSettings
from nnstudio.errors import DataError
from nnstudio.modules.equations import Setting

Array = NDArray[Any]

MOST_POINTS = 10_000
MOST_CLASSES = 6

DRAWN_OPTIONS = (
    Setting("classes", "int", 2, "How many classes there are to draw.", 2, MOST_CLASSES),
    Setting("points", "numbers", (), "x, y and class of each point, one after the other."),
)


def points_of(options: Mapping[str, Any]) -> Array:
    """The points (n, 3): x, y and class.  DataError where the numbers are no points."""
    numbers = np.array(options.get("points", ()), np.float64)
    if numbers.size % 3:
        raise DataError(
            f"The drawn points are {numbers.size:,} numbers, which is not three for each (x, y, class)."
        )
    points = numbers.reshape(-1, 3)
    if len(points) > MOST_POINTS:
        raise DataError(f"{len(points):,} points are drawn, more than {MOST_POINTS:,}; erase some.")
    return points


def with_points(options: Mapping[str, Any], points: Array) -> dict[str, Any]:
    """The options with these points (n, 3), rounded to four digits behind the point."""
    flat = np.round(np.asarray(points, np.float64).reshape(-1), 4) + 0.0  # no -0
    return {**options, "points": tuple(flat.tolist())}


def load_drawn(settings: DataSettings, options: Mapping[str, Any]) -> Dataset:
    """Classes: x and y are the inputs.  Task "numbers": x is the input and y the target, a curve to fit."""
    points = points_of(options)
    if not len(points):
        raise DataError("No points are drawn yet; draw some in the Data panel.")
    numbers = settings.task == "numbers"
    classes = int(options["classes"])
    y: Array = points[:, 2].astype(np.int64)
    if not numbers and (y.min() < 0 or y.max() >= classes):
        raise DataError(
            f"A drawn point is of class {int(y.max()):,}, but there are {classes}; erase it, or have more "
            "classes."
        )
    return Dataset(
        name="drawn",
        title="Drawn points",
        x=points[:, :1] if numbers else points[:, :2],
        y=points[:, 1:2] if numbers else y,
        task="numbers" if numbers else "classes",
        class_names=() if numbers else tuple(map(str, range(classes))),
        feature_names=("x",) if numbers else ("x", "y"),
        target_names=("y",) if numbers else ("class",),
        origin="drawn by hand",
    )
