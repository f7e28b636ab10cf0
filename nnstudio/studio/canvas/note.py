"""A sentence beside the pointer while a gesture is under way, of one size at any zoom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnstudio.studio import theme

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_WIDEST = 420.0
_PADDING = QPointF(12, 7)
_BELOW = 22.0  # the pointer
_RIM = 8.0
_FLAGS = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


def note_box(canvas: Canvas, point: QPointF, lines: Sequence[str]) -> QRectF:
    """Where the note of a scene point is, in scene coordinates, kept within what is seen."""
    if not lines:
        return QRectF()
    scale, seen = canvas.scale_now(), canvas.seen()
    room = min(_WIDEST, seen.width() * scale - 2 * (_RIM + _PADDING.x()))
    text = QFontMetricsF(theme.font(12)).boundingRect(QRectF(0, 0, room, 1000), _FLAGS, "\n".join(lines))
    wide, tall = (text.width() + 2 * _PADDING.x() + 2) / scale, (text.height() + 2 * _PADDING.y()) / scale
    box = QRectF(point.x() - wide / 2, point.y() + _BELOW / scale, wide, tall)
    box.moveLeft(min(max(box.left(), seen.left() + _RIM / scale), seen.right() - wide - _RIM / scale))
    if box.bottom() > seen.bottom() - _RIM / scale:
        box.moveBottom(point.y() - _BELOW / scale)
    return box


def paint_note(painter: QPainter, canvas: Canvas, point: QPointF, lines: Sequence[str], tone: str) -> None:
    """`tone` is "error", "warning", or anything else for what is merely told."""
    if not lines:
        return
    c, scale = theme.colours(), canvas.scale_now()
    box = note_box(canvas, point, lines)
    accent = {"error": c.error, "warning": c.warning}.get(tone)
    painter.save()
    painter.translate(box.center())
    painter.scale(1 / scale, 1 / scale)
    wide, tall = box.width() * scale, box.height() * scale
    room = QRectF(-wide / 2, -tall / 2, wide, tall)
    painter.setPen(QPen(QColor(c.canvas if accent else c.focus), 1))
    painter.setBrush(QColor(accent.fill if accent else c.card))
    painter.drawRoundedRect(room, 6, 6)
    painter.setFont(theme.font(12))
    painter.setPen(QColor(accent.on_fill if accent else c.text))
    inner = room.adjusted(_PADDING.x(), _PADDING.y(), -_PADDING.x(), -_PADDING.y())
    painter.drawText(inner, _FLAGS, "\n".join(lines))
    painter.restore()
