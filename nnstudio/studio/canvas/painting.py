"""What the canvas shows, painted: from nearby as pictures of cards that are kept, from afar as plain ones.

Qt's own way through the items asks each of them, in Python, where it is and to paint itself: with two
thousand nodes that is a hundred milliseconds a frame. Here the arrays of `places` say what is in view,
lines and curves are drawn in one go, and cards are copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.background import paint_dots
from nnstudio.studio.canvas.badge import TALL
from nnstudio.studio.canvas.badges import Badge, Badges
from nnstudio.studio.canvas.card_pictures import CardPictures
from nnstudio.studio.canvas.far import FarPicture
from nnstudio.studio.canvas.fragments import draw_pictures
from nnstudio.studio.canvas.lettering import colour, picture_of
from nnstudio.studio.canvas.pressing import FAR
from nnstudio.studio.canvas.pulses import Pulses

if TYPE_CHECKING:
    from nnstudio.studio.canvas.edge_item import EdgeItem
    from nnstudio.studio.canvas.node_item import NodeItem
    from nnstudio.studio.canvas.view import Canvas

_STILL_MS = 140  # after the last step of a zoom, cards are drawn sharp
_LABELS = 0.5  # below this scale the shapes on edges are too small to be read
_FINE = 0.55  # below this scale edges are one pixel wide


class Painting(QObject):
    """Paints one canvas, but for what a gesture shows."""

    def __init__(self, canvas: Canvas, pulses: Pulses) -> None:
        super().__init__(canvas)
        self._pulses = pulses
        self._snapshot: tuple[tuple[object, ...], QPixmap] = ((), QPixmap())
        self._canvas = canvas
        self._scene = canvas.graph_scene
        self._far = FarPicture(self._scene)
        self._cards = CardPictures()
        self._badges = Badges(self._scene)
        self._moving = False
        # Every pixel is ours: nobody need fill it before.
        canvas.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._rest)
        self._scene.spoilt.connect(self._repaint)
        self._scene.dragging = lambda: canvas.gesture is not None
        canvas.zoomed.connect(self._zoomed)

    # -- when

    def _zoomed(self) -> None:
        self._moving = True
        self._still.start()

    def _rest(self) -> None:
        """The zoom has come to its end: everything sharp."""
        self._moving = False
        self._canvas.viewport().update()

    def _repaint(self, box: QRectF) -> None:
        """Have a part of the scene painted again, and the badge that may stand out of it."""
        viewport = self._canvas.viewport()
        if box.isEmpty():
            viewport.update()
            return
        seen = self._canvas.viewportTransform().mapRect(box).toAlignedRect()
        viewport.update(seen.adjusted(-4, -int(TALL), 4, 4))

    def restyle(self) -> None:
        """The colours are others."""
        self._cards.forget()
        self._scene.spoil_all()

    # -- what

    def paint(self, painter: QPainter, exposed: QRect) -> None:
        """In a rectangle of the viewport. Leaves the painter in the viewport's coordinates."""
        canvas, pulses = self._canvas, self._pulses
        self._put_down()
        whole = canvas.viewport().rect()
        lifted = self._scene.lifted
        if pulses.many or lifted:
            painter.drawPixmap(QPointF(), self._still_picture())
        else:
            self._paint_still(painter, exposed)
        if lifted:
            self._paint_lifted(painter, exposed)
        self._scene.painted(exposed.contains(whole))
        if pulses.running:
            to_view = canvas.viewportTransform()
            ratio = canvas.viewport().devicePixelRatioF()
            painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
            rect = to_view.inverted()[0].mapRect(QRectF(exposed))
            pulses.paint(painter, to_view * QTransform.fromScale(ratio, ratio), ratio, rect)
            painter.resetTransform()

    def _still_picture(self) -> QPixmap:
        """Everything that stands still while pulses run, as it was painted last."""
        canvas = self._canvas
        viewport = canvas.viewport()
        ratio = viewport.devicePixelRatioF()
        to_view = canvas.viewportTransform()
        key = (self._scene.revision, to_view, viewport.size(), ratio, theme.colours().name, self._moving)
        if key != self._snapshot[0]:
            picture = QPixmap(viewport.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            painter = QPainter(picture)
            self._paint_still(painter, viewport.rect())
            painter.end()
            self._snapshot = ((key[0], QTransform(to_view), *key[2:]), picture)
        return self._snapshot[1]

    def _paint_lifted(self, painter: QPainter, exposed: QRect) -> None:
        """What is dragged, above all that is not."""
        canvas, scene = self._canvas, self._scene
        to_view = canvas.viewportTransform()
        ratio = canvas.viewport().devicePixelRatioF()
        rect = to_view.inverted()[0].mapRect(QRectF(exposed))
        to_device = to_view * QTransform.fromScale(ratio, ratio)
        painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        if canvas.scale_now() < FAR:
            self._far.paint(painter, to_device, rect, lifted=True)
        else:
            cards = [item for item in scene.places.cards_in(rect) if item.node_id in scene.lifted]
            edges = [item for item in scene.places.edges_in(rect) if self._is_lifted(item)]
            self._paint_near(painter, to_device, ratio, cards, edges)
        self._badges.paint(painter, to_view, QRectF(canvas.viewport().rect()), ratio)
        painter.resetTransform()

    def _is_lifted(self, item: EdgeItem) -> bool:
        lifted = self._scene.lifted
        return item.edge.source in lifted or item.edge.target in lifted

    def _put_down(self) -> None:
        """A gesture is over, or another has begun."""
        if self._scene.lifted and self._canvas.gesture is None:
            self._scene.put_down()
            QTimer.singleShot(0, self._canvas.viewport(), self._canvas.viewport().update)

    def _paint_still(self, painter: QPainter, exposed: QRect) -> None:
        canvas = self._canvas
        to_view = canvas.viewportTransform()
        rect = to_view.inverted()[0].mapRect(QRectF(exposed))
        ratio = canvas.viewport().devicePixelRatioF()
        painter.setWorldTransform(to_view)
        paint_dots(painter, rect, to_view)
        painter.resetTransform()
        for item in self._scene.frames.values():
            if item.scene_box().intersects(rect):
                item.paint_at(painter, to_view.mapRect(item.scene_box()), to_view.m11())
        to_device = to_view * QTransform.fromScale(ratio, ratio)
        painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        if canvas.scale_now() < FAR:
            self._far.paint(painter, to_device, rect)
        else:
            cards, edges = self._scene.places.cards_in(rect), self._scene.places.edges_in(rect)
            if self._scene.lifted:
                cards = [item for item in cards if item.node_id not in self._scene.lifted]
                edges = [item for item in edges if not self._is_lifted(item)]
            self._paint_near(painter, to_device, ratio, cards, edges)
        if not self._scene.lifted:
            self._badges.paint(painter, to_view, QRectF(canvas.viewport().rect()), ratio)
        painter.resetTransform()

    def badge_at(self, spot: QPointF) -> Badge | None:
        """The badge at a place in the viewport."""
        canvas = self._canvas
        return self._badges.at(spot, canvas.viewportTransform(), QRectF(canvas.viewport().rect()))

    def badges(self) -> list[Badge]:
        """All badges in view."""
        canvas = self._canvas
        return self._badges.shown(canvas.viewportTransform(), QRectF(canvas.viewport().rect()))

    # -- from nearby

    def _paint_near(
        self,
        painter: QPainter,
        to_device: QTransform,
        ratio: float,
        cards: list[NodeItem],
        edges: list[EdgeItem],
    ) -> None:
        """With a painter in device pixels; lit edges lie above the cards."""
        edges = [item for item in edges if not item.hidden_while_dragged]
        lit = [item for item in edges if item.phase]
        if lit:
            edges = [item for item in edges if not item.phase]
        device = painter.worldTransform()
        painter.setWorldTransform(to_device * device)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_lines(painter, edges)
        painter.setWorldTransform(device)
        if self._canvas.scale_now() >= _LABELS:
            self._paint_labels(painter, edges, to_device)
        self._cards.paint(painter, cards, to_device, ratio, self._moving)
        painter.setWorldTransform(to_device * device)
        for item in lit:
            item.paint_line(painter)
            item.paint_label(painter)
            item.paint_value(painter, theme.colours().phase(item.phase or "forward"))
        painter.setWorldTransform(device)

    def _paint_lines(self, painter: QPainter, edges: list[EdgeItem]) -> None:
        """Plain edges with one pen for all of a kind, level ones as lines; the few others by themselves."""
        c = theme.colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        plain: dict[bool, list[EdgeItem]] = {False: [], True: []}
        special: list[EdgeItem] = []
        for item in edges:
            if item.isSelected() or item.complaint is not None:
                special.append(item)
            else:
                plain[item.fresh].append(item)
        for fresh, items in plain.items():
            # The ends are under ports: round ones would cost and not be seen.
            pen = QPen(colour(c.forward.mark if fresh else c.edge), 2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if self._canvas.scale_now() < _FINE:
                pen.setWidthF(1.0)
                pen.setCosmetic(True)
            painter.setPen(pen)
            draw = painter.drawPath
            level: list[QLineF] = []
            for item in items:
                line = item.line()
                if line is None:
                    draw(item.path())
                else:
                    level.append(line)
            if level:
                painter.drawLines(level)
        for item in special:
            item.paint_line(painter)

    def _paint_labels(self, painter: QPainter, edges: list[EdgeItem], to_device: QTransform) -> None:
        """Edges that say the same share one picture of it."""
        c = theme.colours()
        scale = to_device.m11()
        shift = np.array([to_device.dx(), to_device.dy()])
        alike: dict[tuple[str, bool, bool], list[tuple[float, float]]] = {}
        for item in edges:
            if item.label:
                x, y, inside = item.label_spot()
                alike.setdefault((item.label, inside, item.complaint is not None), []).append((x, y))
        for (label, inside, broken), spots in alike.items():
            tint = c.error.text if broken else c.dim
            picture = picture_of(label, 11, tint, scale, c.canvas if inside else "")
            half = np.array([picture.width() % 2, picture.height() % 2]) / 2
            places = np.round(np.array(spots) * scale + shift - half) + half
            draw_pictures(painter, places, picture)
