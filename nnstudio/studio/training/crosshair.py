"""The line one moves over the curves; the legend tells the values there, the title the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from nnstudio.studio import theme

STEPS: dict[int, Callable[[int, int], int]] = {
    Qt.Key.Key_Left: lambda index, last: index - 1,
    Qt.Key.Key_Right: lambda index, last: index + 1,
    Qt.Key.Key_PageUp: lambda index, last: index - max(1, last // 10),
    Qt.Key.Key_PageDown: lambda index, last: index + max(1, last // 10),
    Qt.Key.Key_Home: lambda index, last: 0,
    Qt.Key.Key_End: lambda index, last: last,
}
"""By key, the point to go to from a point of so many."""


class Crosshair:
    """An upright line in a plot, `at` a place of the axis or nowhere."""

    def __init__(self, plot: Any) -> None:
        self.line: Any = pg.InfiniteLine(angle=90, pen=pg.mkPen(None))
        self.line.setZValue(10)
        plot.addItem(self.line, ignoreBounds=True)
        self.at: float | None = None
        self.put(None)

    def put(self, x: float | None) -> None:
        """To a place, or away."""
        self.at = x
        self.line.setVisible(x is not None)
        if x is not None:
            self.line.setValue(x)

    def dress(self) -> None:
        self.line.setPen(pg.mkPen(theme.colours().dim, width=1))
