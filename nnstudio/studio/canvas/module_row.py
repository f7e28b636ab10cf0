"""A node type or a kept group as a row of a list: icon, name, formula, on the right what is noted of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from nnstudio.modules.module import Definition
from nnstudio.studio import theme
from nnstudio.studio.canvas.node_icon import NodeIcon, node_icon, paint_node_icon
from nnstudio.studio.kept_groups import KeptGroup

ROW_HEIGHT = 40
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def paint_module_row(
    painter: QPainter,
    entry: Definition | KeptGroup,
    box: QRectF,
    *,
    selected: bool = False,
    focused: bool = False,
    hovered: bool = False,
    note: str = "",
) -> None:
    """Painted into a box that is ROW_HEIGHT tall."""
    c = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    back = box.adjusted(8, 1, -8, -1)
    if selected:
        painter.setBrush(QColor(c.selected))
        painter.setPen(QColor(c.focus) if focused else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(back.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    elif hovered:
        painter.setBrush(QColor(c.hover))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(back, 6, 6)
    icon_box = QRectF(box.left() + 16, box.center().y() - 14, 28, 28)
    paint_node_icon(painter, icon_of(entry), icon_box)
    left, small = icon_box.right() + 10, theme.font(11)
    width = back.right() - 8 - left
    if note:
        painter.setFont(small)
        painter.setPen(QColor(c.dim))
        wide = QFontMetricsF(small).horizontalAdvance(note)
        painter.drawText(QRectF(back.right() - 8 - wide, box.top() + 3, wide + 1, 18), _RIGHT, note)
        width -= wide + 12
    _text(painter, entry.name, theme.font(13, QFont.Weight.Medium), c.text, left, box.top() + 3, width)
    _text(painter, entry.formula, small, c.dim, left, box.top() + 20, width)


def icon_of(entry: Definition | KeptGroup) -> NodeIcon:
    """The icon of what can be added."""
    return node_icon(None, group=True) if isinstance(entry, KeptGroup) else node_icon(entry)


def _text(
    painter: QPainter, text: str, font: QFont, tint: str, left: float, top: float, width: float
) -> None:
    painter.setFont(font)
    painter.setPen(QColor(tint))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QRectF(left, top, width, 17), _LEFT, shown)
