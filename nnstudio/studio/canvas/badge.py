"""A problem's badge: a pill with an icon and a few words, in pixels of the screen so that it can be read
from afar."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.lettering import colour, elided, width_of

TALL = 20.0
_PIXELS = 11
_WEIGHT = QFont.Weight.DemiBold
_MOST = 190.0  # wide
_ICON = 14.0


def badge_size(words: str) -> QSizeF:
    """Of the pill with these words; of the icon alone where there are none."""
    if not words:
        return QSizeF(TALL, TALL)
    return QSizeF(_ICON + 12 + width_of(elided(words, _PIXELS, _MOST, _WEIGHT), _PIXELS, _WEIGHT), TALL)


def paint_badge(painter: QPainter, corner: tuple[float, float], severity: str, words: str) -> None:
    """The pill with its upper left corner there."""
    c = theme.colours()
    accent = c.error if severity == "error" else c.warning
    size = badge_size(words)
    box = QRectF(*corner, size.width(), size.height())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(c.canvas), 2))
    painter.setBrush(colour(accent.fill))
    painter.drawRoundedRect(box, TALL / 2, TALL / 2)
    icon = QRectF(box.left() + 3, box.top() + 3, _ICON, _ICON)
    ratio = painter.deviceTransform().m11()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    picture = theme.pixmap("problem", accent.on_fill, round(_ICON), max(1.0, ratio))
    painter.drawPixmap(icon, picture, QRectF(picture.rect()))
    if words:
        painter.setFont(theme.font(_PIXELS, _WEIGHT))
        painter.setPen(colour(accent.on_fill))
        room = QRectF(icon.right() + 1, box.top(), box.right() - icon.right() - 1, TALL)
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            elided(words, _PIXELS, _MOST, _WEIGHT),
        )


@lru_cache(maxsize=256)
def badge_picture(severity: str, words: str, scheme: str, ratio: float) -> QPixmap:
    """The same as a picture in device pixels; `scheme` is the name of the colours in force."""
    size = badge_size(words)
    made = QPixmap(round((size.width() + 2) * ratio), round((size.height() + 2) * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setTransform(QTransform.fromScale(ratio, ratio))
    paint_badge(painter, (1.0, 1.0), severity, words)
    painter.end()
    return made
