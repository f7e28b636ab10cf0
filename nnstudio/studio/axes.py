"""How the axes of a plot with named axes look: no lines, quiet numbers and words."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg

from nnstudio.studio import theme


def dress_axes(plot: Any, labelled: bool = True) -> None:
    """In the colours of the theme; `labelled` keeps room for the words of both axes."""
    c = theme.colours()
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(None))
        axis.setTickPen(pg.mkPen(None))
        axis.setTextPen(c.dim)
        axis.setTickFont(theme.font(11))
        axis.labelStyle = {"color": c.dim, "font-size": "11px"}
        if labelled:
            axis.showLabel()
