"""A comment frame: a titled box under the edges and cards it is drawn around."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnstudio.graph.frame import Frame
from nnstudio.studio import theme
from nnstudio.studio.canvas.lettering import colour, elided, width_of
from nnstudio.studio.canvas.selectable import Selectable

BAR = 30.0  # the title's height, in scene units
GRIP = 14.0  # the corner by which its size is changed
_PIXELS = 13
_LEAST_PIXELS = 12.0  # of the title on the screen, from however far
_LEAST_TAB = 120.0  # pixels that a title may take from afar, however narrow the frame
_WEIGHT = QFont.Weight.DemiBold
_RADIUS = 8.0


class FrameItem(Selectable):
    """Placed by its upper left corner, as the frame is."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame
        self.setZValue(-1)
        self.setPos(*frame.position)

    def show_frame(self, frame: Frame) -> None:
        self.update()
        self.prepareGeometryChange()
        self.frame = frame
        self.setPos(*frame.position)
        self.update()

    # -- geometry

    def scene_box(self) -> QRectF:
        return QRectF(self.x(), self.y(), *self.frame.size)

    def title_box(self) -> QRectF:
        """Where it is taken hold of, in scene coordinates."""
        return QRectF(self.x(), self.y(), self.frame.size[0], min(BAR, self.frame.size[1]))

    def grip_box(self) -> QRectF:
        box = self.scene_box()
        return QRectF(box.right() - GRIP, box.bottom() - GRIP, GRIP, GRIP)

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, *self.frame.size).adjusted(-3, -3, 3, 3)

    # -- painting

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self.paint_at(painter, QRectF(0, 0, *self.frame.size), 1.0)

    def paint_at(self, painter: QPainter, box: QRectF, scale: float) -> None:
        """The frame in this box of the painter, where a scene unit is `scale` long."""
        tint = theme.colours().frame(self.frame.colour)
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = _RADIUS * min(1.0, scale * 2) if scale < 1 else _RADIUS * scale
        painter.setPen(
            QPen(colour(c.focus), max(2.0, 2 * scale))
            if self._selected
            else QPen(colour(tint.border), max(1.0, scale))
        )
        painter.setBrush(colour(tint.fill))
        painter.drawRoundedRect(box, radius, radius)
        if BAR * scale >= _LEAST_PIXELS * 1.5:
            bar = QRectF(box.left(), box.top(), box.width(), min(BAR * scale, box.height()))
            if bar.bottom() < box.bottom() - 2:
                painter.setPen(QPen(colour(tint.border), 1))
                painter.drawLine(bar.bottomLeft(), bar.bottomRight())
            self._paint_title(painter, bar, max(_PIXELS * scale, _LEAST_PIXELS), tint.text)
        else:  # from afar the title is a tab on top: inside, the cards would hide it
            wide = width_of(self._words(), round(_LEAST_PIXELS), _WEIGHT) + 2 * _LEAST_PIXELS
            tall = _LEAST_PIXELS * 1.5
            tab = QRectF(box.left(), box.top() - tall, min(wide, max(box.width(), _LEAST_TAB)), tall)
            painter.drawRoundedRect(tab, 3, 3)
            self._paint_title(painter, tab, _LEAST_PIXELS, tint.text)
        if scale >= 0.5:
            painter.setPen(QPen(colour(tint.border), max(1.0, 1.5 * scale)))
            right, bottom = box.right() - 4 * scale, box.bottom() - 4 * scale
            for reach in (4.0, 8.0):
                painter.drawLine(
                    QPointF(right - reach * scale, bottom), QPointF(right, bottom - reach * scale)
                )

    def _words(self) -> str:
        return self.frame.title.partition("\n")[0]

    def _paint_title(self, painter: QPainter, room: QRectF, pixels: float, tint: str) -> None:
        room = room.adjusted(pixels * 0.8, 0, -pixels * 0.4, 0)
        if room.width() > pixels:
            painter.setFont(theme.font(pixels, _WEIGHT))
            painter.setPen(colour(tint))
            words = elided(self._words(), round(pixels), float(round(room.width())), _WEIGHT)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
