"""Small plots of what is explained: points and lines on linear or logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from nnstudio.studio import theme
from nnstudio.studio.axes import dress_axes
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.plot_pen import plot_pen


class PointPlot(Dressed, pg.PlotWidget):
    """Points in one accent, joined where `line`; `words` is read aloud and shown as a tip."""

    def __init__(self, x: str, y: str, log: tuple[bool, bool] = (False, False), line: bool = True,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent, enableMenu=False)
        self._line = line
        self._log = log
        self._item: Any = self.getPlotItem()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(True)
        self.setLogMode(x=log[0], y=log[1])
        self._item.setLabel("bottom", x)
        self._item.setLabel("left", y)
        self._item.getViewBox().setDefaultPadding(0.06)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, maxTickLevel=0)
        self._item.getAxis("left").setWidth(64)
        self.curve = self.plot(antialias=True)
        self.limit = pg.InfiniteLine(angle=0, pen=pg.mkPen(None))
        self.addItem(self.limit)
        self.setFixedHeight(150)
        self._dress()

    def show_points(
        self, x: Sequence[float], y: Sequence[float], words: str, limit: float | None = None
    ) -> None:
        """Draw; on a logarithmic axis what is zero stands at the smallest number there is."""
        ys = np.asarray(y, dtype=np.float64)
        if self._log[1]:
            ys = np.maximum(ys, 1e-17)
        self.curve.setData(np.asarray(x, dtype=np.float64), ys)
        self.limit.setVisible(limit is not None)
        if limit is not None:
            self.limit.setValue(np.log10(limit) if self._log[1] else limit)
        self.setAccessibleName(words)
        self.setToolTip(words)

    def _dress(self) -> None:
        c = theme.colours()
        self.setBackground(c.inset)
        dress_axes(self._item)
        self.curve.setPen(plot_pen(c.forward.mark, 2, self.devicePixelRatioF()) if self._line else None)
        self.curve.setSymbol("o")
        self.curve.setSymbolSize(6)
        self.curve.setSymbolPen(pg.mkPen(c.forward.mark))
        self.curve.setSymbolBrush(c.forward.mark)
        self.limit.setPen(pg.mkPen(c.update.mark, width=1, style=Qt.PenStyle.DashLine))
