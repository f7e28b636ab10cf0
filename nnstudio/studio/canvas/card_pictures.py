"""The cards in view as pictures that are kept until a card or the scale changes."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.far import card_style, small_card
from nnstudio.studio.canvas.measures import MARGIN
from nnstudio.studio.canvas.node_item import NodeItem

_IN_MOTION_S = 0.005  # what a frame of a zoom may spend on cards that were not in view before
_MOST_BYTES = 24 << 20  # of pictures, at one device pixel a pixel
_SMOOTH = 0.55  # from this scale on, pictures are stretched smoothly while one zooms


class CardPictures:
    """Paints cards. While one zooms, the pictures of before are stretched, and what comes into view for the
    first time is a plain card when there is no time for more.
    """

    def __init__(self) -> None:
        self._kept: dict[NodeItem, int] = {}  # bytes, by card, the one painted last at the end
        self._bytes = 0

    def paint(
        self, painter: QPainter, items: list[NodeItem], to_device: QTransform, ratio: float, moving: bool
    ) -> None:
        """With a painter in device pixels."""
        scale, dx, dy = to_device.m11(), to_device.dx(), to_device.dy()
        margin = math.ceil(MARGIN * scale)
        until = time.perf_counter() + _IN_MOTION_S
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale >= _SMOOTH)
        for item in items:
            x, y = round(item.x() * scale + dx), round(item.y() * scale + dy)
            if item.picture_scale == scale and item.picture is not None:
                painter.drawPixmap(x - margin, y - margin, item.picture)
            elif moving and item.picture is not None and item.picture_scale:
                _stretch(painter, item.picture, item.picture_scale, x, y, scale)
            elif moving and time.perf_counter() > until:
                picture = small_card(card_style(item, theme.colours()), scale, theme.colours().name)
                painter.drawPixmap(x - 1, y - 1, picture)
            else:
                painter.drawPixmap(x - margin, y - margin, item.picture_at(scale))
                self._keep(item)
        self._throw_away(_MOST_BYTES * ratio * ratio, 2 * len(items))

    def _keep(self, item: NodeItem) -> None:
        assert item.picture is not None
        self._bytes -= self._kept.pop(item, 0)
        size = item.picture.width() * item.picture.height() * 4
        self._kept[item] = size
        self._bytes += size

    def _throw_away(self, most: float, fewest: int) -> None:
        """Those made longest ago, where there are too many; never those of one view."""
        while self._bytes > most and len(self._kept) > fewest:
            item = next(iter(self._kept))
            self._bytes -= self._kept.pop(item)
            item.forget_picture()

    def forget(self) -> None:
        for item in self._kept:
            item.forget_picture()
        self._kept.clear()
        self._bytes = 0


def _stretch(painter: QPainter, picture: QPixmap, of: float, x: int, y: int, scale: float) -> None:
    """A picture made at the scale `of`, with its card's corner at x, y."""
    stretch = scale / of
    margin = math.ceil(MARGIN * of) * stretch
    box = QRectF(x - margin, y - margin, picture.width() * stretch, picture.height() * stretch)
    painter.drawPixmap(box, picture, QRectF(picture.rect()))
