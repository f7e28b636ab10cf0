"""The whole graph in a corner with a frame around what is in view, which can be dragged about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from nnstudio.studio import theme
from nnstudio.studio.canvas.fragments import draw_pictures
from nnstudio.studio.canvas.lettering import colour

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_SIZE = (168, 112)
_MARGIN = 12
_PAD = 8.0
_NEAR = 24.0  # pixels from it in which a drag makes it give way
_SHEER, _ASIDE = 0.6, 0.25  # how much of it is seen in front of cards, and beside a drag
_LEAST_VIEW = 10.0  # pixels: smaller, the view's frame could not be taken hold of


class Minimap(QWidget):
    """Shown only while part of the graph is out of view. Cards behind it show through; what is fitted into
    view keeps clear of it.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._held: QPointF | None = None  # where in the view's frame it is dragged, from its middle
        self._drawn: tuple[tuple[object, ...], QPixmap] = ((), QPixmap())
        self._frozen: tuple[float, QPointF] | None = None
        self._aside = False  # a gesture is near
        self._was_sheer = False
        self.setFixedSize(*_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview of the graph")
        self.setAccessibleDescription("The frame shows what is in view: drag it, or click elsewhere")
        self.setToolTip("Drag the frame, or click, to see another part of the graph")
        self.setMouseTracking(True)
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
        wanted = wanted or (self._held is not None and self.isVisible())
        if wanted != self.isVisible():
            self.setVisible(wanted)
        self._aside = self._aside and canvas.gesture is not None
        if wanted:
            self.update()

    # -- what lies beneath it

    def covers(self, box: QRectF) -> bool:
        """Whether a rectangle of the scene is under it."""
        return self.isVisibleTo(self._canvas) and self._ground().intersects(box)

    def _ground(self) -> QRectF:
        """The part of the scene it is in front of."""
        return self._canvas.mapToScene(self.geometry()).boundingRect()

    def rooms_beside(self) -> list[QRectF]:
        """What is left of the viewport to its left, and above it."""
        corner, whole = self.geometry().topLeft(), self._canvas.viewport().rect()
        return [QRectF(0, 0, corner.x(), whole.height()), QRectF(0, 0, whole.width(), corner.y())]

    def give_way(self, spot: QPointF) -> None:
        """Something is dragged at this place of the viewport: what is under the overview must be seen."""
        near = QRectF(self.geometry()).adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(spot)
        if near != self._aside or (self.isVisible() and self._sheer() != self._was_sheer):
            self._aside = near
            self.update()

    def _sheer(self) -> bool:
        """Whether the cards behind it show through: while nobody uses it."""
        used = self._held is not None or self.underMouse()
        return not used and len(self._canvas.graph_scene.places.rows_in(self._ground(), 0.0)) > 0

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    # -- where things are on it

    def _mapping(self) -> tuple[float, QPointF]:
        """Scale and offset from scene to widget, so that graph and view both fit; while the view is dragged,
        as it was when that began: the ground does not move under the hand.
        """
        if self._frozen is not None:
            return self._frozen
        whole = self._canvas.graph_scene.contents().united(self._canvas.seen())
        scale = min((self.width() - 2 * _PAD) / whole.width(), (self.height() - 2 * _PAD) / whole.height())
        centre = QPointF(self.width() / 2, self.height() / 2)
        return scale, centre - whole.center() * scale

    def view_box(self) -> QRectF:
        """The frame around what is in view, in the widget's coordinates."""
        scale, offset = self._mapping()
        box = _mapped(self._canvas.seen(), scale, offset)
        grow_x, grow_y = max(0.0, _LEAST_VIEW - box.width()) / 2, max(0.0, _LEAST_VIEW - box.height()) / 2
        return box.adjusted(-grow_x, -grow_y, grow_x, grow_y)

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._aside:
            painter.setOpacity(_ASIDE)
        painter.setPen(QPen(colour(c.card_border), 1))
        sheer = self._sheer()
        if event.rect().contains(self.rect()):  # else the rest of it may be as it was before
            self._was_sheer = sheer
        painter.setBrush(colour(c.window, _SHEER if sheer else 1.0))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 6, 6)
        painter.drawPixmap(0, 0, self._graph())
        painter.setPen(QPen(colour(c.focus), 2 if self._held is not None else 1.5))
        painter.setBrush(colour(c.focus, 0.10))
        painter.drawRoundedRect(self.view_box().intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)), 2, 2)
        painter.end()

    def _graph(self) -> QPixmap:
        """All but the view's frame, kept until the graph or the ground changes."""
        scene, c = self._canvas.graph_scene, theme.colours()
        scale, offset = self._mapping()
        ratio = self.devicePixelRatioF()
        # Not the scene's revision: a step that lights a card changes nothing here.
        frames = tuple((item.frame, item.scene_box().getRect()) for item in scene.frames.values())
        wrong = tuple((item.node_id, item.look.severity) for item in scene.complaining())
        ground = (scene.places, scene.shifts, frames, wrong)
        key = (ground, scale, offset.x(), offset.y(), ratio, c.name)
        if key == self._drawn[0]:
            return self._drawn[1]
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for item in scene.frames.values():
            tint = c.frame(item.frame.colour)
            painter.setPen(QPen(colour(tint.border), 1))
            painter.setBrush(colour(tint.fill))
            box = QRectF(_mapped(item.scene_box(), scale, offset).toAlignedRect())
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.scale(1 / ratio, 1 / ratio)
        places = scene.places
        shift = np.array([offset.x(), offset.y()])
        centres = ((places.corners + places.sizes / 2) * scale + shift) * ratio
        sizes = np.maximum(np.round(places.sizes * scale * ratio), 2 if len(centres) > 400 else 3)
        for height in np.unique(sizes[:, 1]) if len(sizes) else ():
            rows = sizes[:, 1] == height
            card = QPixmap(int(sizes[rows][0, 0]), int(height))
            card.fill(colour(c.edge))
            half = np.array([card.width() % 2, card.height() % 2]) / 2
            draw_pictures(painter, np.round(centres[rows] - half) + half, card)
        painter.setPen(QPen(colour(c.window), ratio))
        for item in sorted(scene.complaining(), key=lambda item: item.look.severity == "error"):
            accent = c.error if item.look.severity == "error" else c.warning
            painter.setBrush(colour(accent.fill))
            spot = (item.scene_card().center() * scale + offset) * ratio
            # A warning is square, an error round: the colour is not all that tells them apart.
            reach = 3.5 * ratio
            if item.look.severity == "error":
                painter.drawEllipse(spot, reach, reach)
            else:
                painter.drawRect(QRectF(spot.x() - reach, spot.y() - reach, 2 * reach, 2 * reach))
        painter.end()
        self._drawn = (key, made)
        return made

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        spot = event.position()
        self._frozen = self._mapping()
        box = self.view_box()
        self._held = spot - box.center() if box.contains(spot) else QPointF()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if not box.contains(spot):
            self._go(spot)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position() - self._held)
        else:
            over = self.view_box().contains(event.position())
            self.setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = self._frozen = None
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.refresh()

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
