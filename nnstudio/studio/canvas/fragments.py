"""Many small pictures or lines by one call: Qt reads them out of a NumPy array, and Python makes no object
for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPixmap
from shiboken6 import Shiboken


def draw_pictures(
    painter: QPainter,
    centres: NDArray[np.float64],
    picture: QPixmap,
    sources: NDArray[np.float64] | None = None,
) -> None:
    """The picture once at every place, (n, 2), in the painter's units; `sources` are the parts of it to
    take, (n, 4), by default all of it.
    """
    if not len(centres):
        return
    # As QPainter::PixmapFragment lies in memory: x, y, source rectangle, scale x, y, rotation, opacity.
    rows = np.zeros((len(centres), 10))
    rows[:, :2] = centres
    if sources is None:
        rows[:, 4:6] = picture.width(), picture.height()
    else:
        rows[:, 2:6] = sources
    rows[:, 6:8] = 1.0
    rows[:, 9] = 1.0
    first: Any = Shiboken.wrapInstance(rows.ctypes.data, QPainter.PixmapFragment)
    painter.drawPixmapFragments(first, len(rows), picture)


def draw_lines(painter: QPainter, ends: NDArray[np.float64]) -> None:
    """Straight lines, (n, 4): x, y, x, y."""
    if not len(ends):
        return
    rows = np.ascontiguousarray(ends, dtype=np.float64)
    first: Any = Shiboken.wrapInstance(rows.ctypes.data, QLineF)
    painter.drawLines(first, len(rows))
