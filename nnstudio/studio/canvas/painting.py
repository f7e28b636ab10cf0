"""What the canvas shows, painted: from nearby as pictures of cards that are kept, from afar as plain ones.

Qt's own way through the items asks each of them, in Python, where it is and to paint itself: with two
thousand nodes that is a hundred milliseconds a frame. Here the arrays of `places` say what is in view,
lines and curves are drawn in one go, and cards are copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QPixmap, QRegion, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.background import paint_dots
from nnstudio.studio.canvas.badge import TALL
from nnstudio.studio.canvas.badges import Badge, Badges
from nnstudio.studio.canvas.card_pictures import CardPictures
from nnstudio.studio.canvas.edge_words import READING, paint_edge_words
from nnstudio.studio.canvas.far import FarPicture
from nnstudio.studio.canvas.fragments import draw_lines, draw_pictures
from nnstudio.studio.canvas.lettering import colour, picture_of
from nnstudio.studio.canvas.pressing import FAR
from nnstudio.studio.canvas.pulses import Pulses
from nnstudio.studio.canvas.strokes import strokes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nnstudio.studio.canvas.edge_item import EdgeItem
    from nnstudio.studio.canvas.view import Canvas

Rows = NDArray[np.intp]
_STILL_MS = 140  # after the last step of a zoom, cards are drawn sharp
_LABELS = 0.5  # below this scale the shapes on edges are too small to be read
_FEW_PLACES = 4  # that look otherwise; each is painted for itself
_MANY_SPOILT = 48  # places that look otherwise; of more all is painted anew
_FEW = 8  # pictures that are drawn one by one
_FINE = 0.55  # below this scale edges are one pixel wide


class Painting(QObject):
    """Paints one canvas, but for what a gesture shows."""

    def __init__(self, canvas: Canvas, pulses: Pulses) -> None:
        super().__init__(canvas)
        self._pulses = pulses
        self._snapshot: tuple[tuple[object, ...], QPixmap] = ((), QPixmap())
        self._spoilt: list[QRect] | None = None  # where it is no longer right; None: nobody has looked
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
            self._spoilt = None
            viewport.update()
            return
        seen = self._canvas.viewportTransform().mapRect(box).toAlignedRect()
        seen.adjust(-4, -int(TALL), 4, 4)
        if self._spoilt is not None:
            self._spoilt.append(seen)
            if len(self._spoilt) > _MANY_SPOILT:
                self._spoilt = None
        viewport.update(seen)

    def restyle(self) -> None:
        """The colours are others."""
        self._cards.forget()
        self._scene.spoil_all()

    # -- what

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """In a part of the viewport. Leaves the painter in the viewport's coordinates."""
        exposed = region.boundingRect()
        canvas, pulses = self._canvas, self._pulses
        self._put_down()
        whole = canvas.viewport().rect()
        lifted = self._scene.lifted
        wide = 4 * exposed.width() * exposed.height() > whole.width() * whole.height()
        if pulses.many or lifted or (pulses.running and wide and not self._moving):
            still = self._still_picture()
            ratio = still.devicePixelRatio()
            for box in cast("Iterable[QRect]", region):
                part = QRectF(box)
                painter.drawPixmap(part, still, QRectF(part.topLeft() * ratio, part.size() * ratio))
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
        how = (viewport.size(), ratio, theme.colours().name, self._moving, self._scene.lifted)
        key = (self._scene.revision, to_view, *how)
        former = self._snapshot[0]
        if key == former:
            return self._snapshot[1]
        if self._spoilt is not None and former[1:] == key[1:]:
            # Only a few things look otherwise, and nobody has moved.
            painter = QPainter(self._snapshot[1])
            region = QRegion()
            for box in self._spoilt:
                region += box
            whole = region.boundingRect()
            near = whole.width() * whole.height() < viewport.width() * viewport.height() / 2
            # One rectangle is painted quicker than several, where they are near each other, or many.
            for box in (
                [whole] if near or region.rectCount() > _FEW_PLACES else cast("Iterable[QRect]", region)
            ):
                painter.setClipRect(box)
                self._paint_still(painter, box)
            painter.end()
            self._snapshot = ((key[0], *former[1:]), self._snapshot[1])
        else:
            picture = QPixmap(viewport.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            painter = QPainter(picture)
            self._paint_still(painter, viewport.rect())
            painter.end()
            self._snapshot = ((key[0], QTransform(to_view), *how), picture)
        self._spoilt = []
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
            nodes, at_them = scene.places.with_edges(scene.lifted)
            cards, edges = scene.places.rows_in(rect), scene.places.edge_rows_in(rect)
            cards, edges = cards[nodes[cards]], edges[at_them[edges]]
            self._paint_near(painter, to_device, ratio, cards, edges)
        self._badges.paint(painter, to_view, QRectF(canvas.viewport().rect()), ratio)
        painter.resetTransform()

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
            places = self._scene.places
            cards, edges = places.rows_in(rect), places.edge_rows_in(rect)
            if self._scene.lifted:
                nodes, at_them = places.with_edges(self._scene.lifted)
                cards, edges = cards[~nodes[cards]], edges[~at_them[edges]]
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
        card_rows: Rows,
        edge_rows: Rows,
    ) -> None:
        """These rows of `places`, with a painter in device pixels; lit edges lie above the cards."""
        places = self._scene.places
        edges: list[EdgeItem] = []
        lit: list[EdgeItem] = []
        plain: dict[bool, list[int]] = {False: [], True: []}
        special: list[EdgeItem] = []
        around = places.roundabout(edge_rows).tolist()
        for row, leads_around in zip(edge_rows.tolist(), around, strict=True):
            item = places.edges[row]
            if item.hidden_while_dragged:
                continue
            if item.phase:
                lit.append(item)
                continue
            edges.append(item)
            if item.isSelected() or item.complaint is not None or item.bends or leads_around:
                special.append(item)
            else:
                plain[item.fresh].append(row)
        device = painter.worldTransform()
        painter.setWorldTransform(to_device * device)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for fresh, rows in plain.items():
            self._paint_lines(painter, rows, fresh, to_device.m11())
        for item in special:
            item.paint_line(painter)
        painter.setWorldTransform(device)
        if self._canvas.scale_now() >= _LABELS:
            self._paint_labels(painter, edges, to_device)
        reading = self._canvas.scale_now() >= READING
        if reading:
            paint_edge_words(painter, edges, to_device)
        self._cards.paint(
            painter, [places.nodes[row] for row in card_rows.tolist()], to_device, ratio, self._moving
        )
        painter.setWorldTransform(to_device * device)
        for item in lit:
            item.paint_line(painter)
            item.paint_label(painter)
            item.paint_value(painter, theme.colours().phase(item.phase or "forward"))
        painter.setWorldTransform(device)
        if reading:
            paint_edge_words(painter, lit, to_device)

    def _paint_lines(self, painter: QPainter, rows: list[int], fresh: bool, scale: float) -> None:
        """Plain edges of one kind with one pen, in one call."""
        if not rows:
            return
        c = theme.colours()
        # The ends are under ports: round ones would cost and not be seen.
        pen = QPen(colour(c.forward.mark if fresh else c.edge), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._canvas.scale_now() < _FINE:
            pen.setWidthF(1.0)
            pen.setCosmetic(True)
        painter.setPen(pen)
        draw_lines(painter, strokes(self._scene.places.ends()[rows], scale))

    def _paint_labels(self, painter: QPainter, edges: list[EdgeItem], to_device: QTransform) -> None:
        """Edges that say the same share one picture of it."""
        c = theme.colours()
        scale, dx, dy = to_device.m11(), to_device.dx(), to_device.dy()
        alike: dict[tuple[str, bool, bool], list[tuple[float, float]]] = {}
        for item in edges:
            if item.label:
                x, y, inside = item.label_spot()
                alike.setdefault((item.label, inside, item.complaint is not None), []).append((x, y))
        for (label, inside, broken), spots in alike.items():
            tint = c.error.text if broken else c.dim
            picture = picture_of(label, 11, tint, scale, c.canvas if inside else "")
            wide, tall = picture.width(), picture.height()
            if len(spots) < _FEW:
                for x, y in spots:
                    painter.drawPixmap(
                        round(x * scale + dx - wide / 2), round(y * scale + dy - tall / 2), picture
                    )
                continue
            half = np.array([wide % 2, tall % 2]) / 2
            places = np.round(np.array(spots) * scale + (dx, dy) - half) + half
            draw_pictures(painter, places, picture)
