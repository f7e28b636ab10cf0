"""After placing: what hangs loose moves to the middle of what it is joined to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnstudio.studio.canvas.layout.grid import Floats
from nnstudio.studio.canvas.layout.placing import Sized

_TRUNK_WEIGHT = 4


def relaxed(sized: Sized, y: Floats, sweeps: int) -> Floats:
    """Moves what is tied by level links, together, to the middle of what it is joined to, as far as there is
    room: shorter edges, and more of them level. Places stay on the grid, in order and apart.
    """
    for sweep in range(sweeps):
        following = _relaxed_once(sized, y, downwards=sweep % 2 == 0)
        if (following == y).all():
            break
        y = following
    return y - y.min()


def _relaxed_once(sized: Sized, y: Floats, downwards: bool) -> Floats:
    columns = sized.columns
    lean = y[columns.target] - y[columns.source] - sized.drop  # how much too low the target stands
    level = lean == 0
    block = _joined(columns.size, columns.source[level].tolist(), columns.target[level].tolist())
    pulls: dict[int, list[tuple[int, int, float, int]]] = {}
    rest = ~level
    weight = np.where(sized.way == sized.way.max(initial=0), _TRUNK_WEIGHT, 1)[rest]
    for source, target, drop, heavy in zip(
        columns.source[rest].tolist(), columns.target[rest].tolist(), sized.drop[rest].tolist(),
        weight.tolist(), strict=True,
    ):  # fmt: skip
        if block[source] != block[target]:
            pulls.setdefault(block[source], []).append((target, source, -drop, heavy))
            pulls.setdefault(block[target], []).append((source, target, drop, heavy))
    members: dict[int, list[int]] = {}
    for spot in sized.order.tolist():
        members.setdefault(block[spot], []).append(spot)
    upper: list[tuple[int, float]] = [(-1, 0.0)] * columns.size
    lower: list[tuple[int, float]] = [(-1, 0.0)] * columns.size
    for a, b, apart in zip(sized.above.tolist(), sized.below.tolist(), sized.apart.tolist(), strict=True):
        upper[b] = (a, apart)
        lower[a] = (b, apart)
    place = y.tolist()
    by_height = sorted(pulls, key=lambda each: (place[members[each][0]], each), reverse=downwards)
    for each in by_height:
        shifts = [(place[other] + drop - place[mine], heavy) for other, mine, drop, heavy in pulls[each]]
        shift = _weighted_middle(shifts)
        if shift > 0:
            for spot in members[each]:
                other, apart = lower[spot]
                if other >= 0 and block[other] != each:
                    shift = min(shift, place[other] - apart - place[spot])
            shift = max(shift, 0.0)
        elif shift < 0:
            for spot in members[each]:
                other, apart = upper[spot]
                if other >= 0 and block[other] != each:
                    shift = max(shift, place[other] + apart - place[spot])
            shift = min(shift, 0.0)
        if shift:
            for spot in members[each]:
                place[spot] += shift
    return np.array(place)


def _weighted_middle(shifts: list[tuple[float, int]]) -> float:
    """Where the sum of weighted distances is least; of several such places the one nearest to 0."""
    if not shifts:
        return 0.0
    shifts.sort()
    half = sum(weight for _, weight in shifts) / 2
    total = 0
    for index, (shift, weight) in enumerate(shifts):
        total += weight
        if total > half:
            return shift
        if total == half:
            following = shifts[index + 1][0]
            return min(max(0.0, shift), following)
    return shifts[-1][0]


def _joined(count: int, sources: Sequence[int], targets: Sequence[int]) -> list[int]:
    """For every spot one that stands for all that are joined with it."""
    parent = list(range(count))

    def root(spot: int) -> int:
        while parent[spot] != spot:
            parent[spot] = parent[parent[spot]]
            spot = parent[spot]
        return spot

    for source, target in zip(sources, targets, strict=True):
        a, b = root(source), root(target)
        if a != b:
            parent[max(a, b)] = min(a, b)
    return [root(spot) for spot in range(count)]
