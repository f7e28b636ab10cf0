"""Pens for the lines of plots."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen


def plot_pen(colour: Any, width: float, ratio: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """pyqtgraph counts the width in pixels of the device, so that a line would be half as wide on a screen
    that has twice as many: `ratio` is how many there are for one of the widget's.
    """
    return pg.mkPen(colour, width=width * ratio, style=style)
