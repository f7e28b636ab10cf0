"""Many curves as short straight strokes: Qt draws those several times faster than it strokes a path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnstudio.studio.canvas.places import pulls

Array = NDArray[np.float64]
_STROKE = 12.0  # pixels that one is long, about
_LEAST, _MOST = 6, 128  # of them an edge
_OVERLAP = 0.35  # pixels that one runs into the next, so that no seam is seen between them
_LEVEL = 0.01


def strokes(ends: Array, scale: float) -> Array:
    """Edges without bends, given by their ends, (edges, 4), as lines in the same units, (lines, 4), fine
    enough for so many pixels a unit. A level edge is one line.
    """
    ahead, across = ends[:, 2] - ends[:, 0], np.abs(ends[:, 3] - ends[:, 1])
    length = (np.abs(ahead) + across + 24.0) * scale
    count = np.clip(length / _STROKE, _LEAST, _MOST).astype(np.intp)
    count[(across < _LEVEL) & (ahead > 24)] = 1
    last = np.cumsum(count)
    line = np.repeat(np.arange(len(ends)), count)
    many = count[line]
    index = np.arange(len(line)) - (last - count)[line]
    overlap = _OVERLAP / length[line]
    begin = np.where(index > 0, index / many - overlap, 0.0)  # but not beyond the ports
    end = np.where(index < many - 1, (index + 1) / many + overlap, 1.0)
    # The cubic's polynomial: its control points stand level before and behind the ends.
    reach = pulls(ends)
    rise = ends[:, 3] - ends[:, 1]
    x0, y0 = ends[line, 0], ends[line, 1]
    x1, x2, x3 = (3 * reach)[line], (3 * (ahead - 3 * reach))[line], (6 * reach - 2 * ahead)[line]
    y2, y3 = (3 * rise)[line], (-2 * rise)[line]
    found = np.empty((len(line), 4))
    for column, t in ((0, begin), (2, end)):
        found[:, column] = ((x3 * t + x2) * t + x1) * t + x0
        found[:, column + 1] = (y3 * t + y2) * t * t + y0
    return found
