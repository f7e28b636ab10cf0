"""What is worked out of a tensor before it can be painted: its statistics and a picture of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nnstudio.explain.statistics import Statistics, statistics
from nnstudio.studio.formats import number
from nnstudio.studio.tensors.reducing import Reduced, reduced
from nnstudio.studio.tensors.slices import Slice


@dataclass(frozen=True)
class Figures:
    """`picture` is of the slice that is looked at, `statistics` of the whole part."""

    statistics: Statistics
    picture: Reduced


def figures_of(array: NDArray[Any], part: NDArray[Any], at: Slice) -> Figures:
    """Half a second for ten million numbers: not for the thread of the window then."""
    return Figures(statistics(part), reduced(at.matrix(array)))


def words_of(of: Statistics) -> str:
    """ "min −0.35 · max 0.34 · mean 0.002 · zeros 0 % · NaN 0" """
    share = of.share_of_zeros * 100
    zeros = f"{share:.0f}" if share in (0, 100) else f"{share:.1f}" if share >= 0.1 else "<0.1"
    parts = [
        f"min {number(of.minimum)}",
        f"max {number(of.maximum)}",
        f"mean {number(of.mean)}",
        f"zeros {zeros} %",
        f"NaN {of.nan_count:,}",
    ]
    if of.inf_count:
        parts.append(f"inf {of.inf_count:,}")
    # What belongs together stays on one line.
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)
