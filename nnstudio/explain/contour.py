"""Where a field of numbers crosses zero, as short straight pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def contour(values: Array) -> npt.NDArray[np.float64]:
    """Pieces (n, 4) of x0, y0, x1, y1, counted in cells: a value (row, column) stands at x = column, y = row.

    Each cell is cut into two triangles, in which the field is taken for a plane; what is not finite is
    crossed nowhere.
    """
    field = np.asarray(values, np.float64)
    rows, columns = np.indices((field.shape[0] - 1, field.shape[1] - 1))
    pieces: list[npt.NDArray[np.float64]] = []
    for corners in (((0, 0), (0, 1), (1, 0)), ((1, 1), (1, 0), (0, 1))):
        at = [field[down : down + rows.shape[0], over : over + rows.shape[1]] for down, over in corners]
        whole = np.isfinite(at[0]) & np.isfinite(at[1]) & np.isfinite(at[2])
        crossed: list[tuple[Array, Array, Array]] = []
        for one, other in ((0, 1), (1, 2), (2, 0)):
            a, b = at[one], at[other]
            cut = whole & ((a > 0) != (b > 0))
            with np.errstate(all="ignore"):
                share = np.where(cut, a / (a - b), 0.0)
            x = columns + corners[one][1] + share * (corners[other][1] - corners[one][1])
            y = rows + corners[one][0] + share * (corners[other][0] - corners[one][0])
            crossed.append((cut, x, y))
        # A triangle is crossed on two of its sides, or on none.
        for one, other in ((0, 1), (1, 2), (2, 0)):
            both = crossed[one][0] & crossed[other][0]
            ends = [crossed[one][1], crossed[one][2], crossed[other][1], crossed[other][2]]
            pieces.append(np.stack([each[both] for each in ends], axis=1))
    return np.concatenate(pieces)
