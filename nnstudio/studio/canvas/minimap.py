"""The whole graph in a corner with a frame around what is in view; a click takes the view there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nnstudio.studio import theme

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_SIZE = (144, 96)
_MARGIN = 12


class Minimap(QWidget):
    """Shown only while part of the graph is out of view."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setFixedSize(*_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview of the graph")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.hide()

    def place(self) -> None:
        """Sit in the lower right corner of the canvas."""
        self.move(
            self._canvas.width() - self.width() - _MARGIN, self._canvas.height() - self.height() - _MARGIN
        )
        self.refresh()

    def refresh(self) -> None:
        canvas = self._canvas
        contents = canvas.graph_scene.contents()
        room = canvas.width() >= 4 * _SIZE[0] and canvas.height() >= 3 * _SIZE[1]
        wanted = room and not contents.isEmpty() and not canvas.seen().contains(contents)
        if wanted != self.isVisible():
            self.setVisible(wanted)
        if wanted:
            self.update()

    def _mapping(self) -> tuple[float, QPointF]:
        """Scale and offset from scene to widget, so that graph and view both fit."""
        whole = self._canvas.graph_scene.contents().united(self._canvas.seen())
        scale = min((self.width() - 16) / whole.width(), (self.height() - 16) / whole.height())
        centre = QPointF(self.width() / 2, self.height() / 2)
        return scale, centre - whole.center() * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.card_border), 1))
        painter.setBrush(QColor(c.window))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 6, 6)
        scale, offset = self._mapping()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.edge))
        cards, _ = self._canvas.graph_scene.far_shapes()
        painter.save()
        painter.translate(offset)
        painter.scale(scale, scale)
        painter.drawRects(cards)
        painter.restore()
        painter.setPen(QPen(QColor(c.focus), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(_mapped(self._canvas.seen(), scale, offset), 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, spot: QPointF) -> None:
        scale, offset = self._mapping()
        self._canvas.look_at((spot - offset) / scale)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)


def _mapped(box: QRectF, scale: float, offset: QPointF) -> QRectF:
    return QRectF(
        box.x() * scale + offset.x(), box.y() * scale + offset.y(), box.width() * scale, box.height() * scale
    )
