"""An edge with one end that is not joined yet, as gestures paint it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnstudio.studio.canvas.edge_item import curve


def paint_loose(
    painter: QPainter, fixed: QPointF, loose: QPointF, forwards: bool, tint: str, joined: bool
) -> None:
    """From the fixed end to the loose one: dashed, unless it has found a port."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(tint), 2.5)
    if not joined:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(curve(fixed, loose) if forwards else curve(loose, fixed))
