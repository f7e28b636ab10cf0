"""An edge: a curve with its shape written beside it, its path computed once and kept."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnstudio.graph.node import Edge
from nnstudio.studio import theme
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.colours import Accent

_SAMPLES = np.linspace(0, 1, 33)
_LEVEL = 0.9


class EdgeItem(QGraphicsItem):
    """The curve from one node's output to another's input port."""

    def __init__(self, edge: Edge, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.edge = edge
        self.source = source
        self.target = target
        self.label = ""
        self.fresh = False
        self.broken = False  # a problem names this edge
        self.phase: str | None = None
        self.value = ""
        self.hidden_while_dragged = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._path = QPainterPath()
        self._points = np.zeros((2, 2))
        self._bounds = QRectF()
        self._label_box = QRectF()
        self._label_inside = False
        self._pill_box = QRectF()
        self._pill_hangs = False
        self.route()

    def ends(self) -> tuple[QPointF, QPointF]:
        """Where the edge leaves and where it arrives, in scene coordinates."""
        start = self.source.port_point(Port("output", self.edge.source_port))
        return start, self.target.port_point(Port("input", self.edge.port))

    def route(self) -> None:
        """Compute the path again after an end has moved."""
        start, end = self.ends()
        self.prepareGeometryChange()
        self._path = curve(start, end)
        self._points = curve_points(start, end)
        self._place_texts()

    def show_label(self, label: str) -> None:
        if label != self.label:
            self.label = label
            self.prepareGeometryChange()
            self._place_texts()

    def light(self, phase: str | None, value: str = "") -> None:
        """Show that a value flows here; None puts the light out."""
        if (phase, value) != (self.phase, self.value):
            self.phase, self.value = phase, value
            self.setZValue(2 if phase else 0)
            self.prepareGeometryChange()
            self._place_texts()

    def _place_texts(self) -> None:
        middle, normal = self._middle()
        metrics = QFontMetricsF(theme.font(11))
        size = (metrics.horizontalAdvance(self.label) + 6, 14.0) if self.label else (0.0, 0.0)
        # Beside a level edge; on a steep one, where beside it would be behind a card.
        self._label_inside = abs(normal.y()) < _LEVEL and not self.phase
        self._label_box = _beside(middle, normal, size, 12 if self.phase else 5)
        if self._label_inside:
            self._label_box.moveCenter(middle)
        pill = (QFontMetricsF(theme.font(12, mono=True)).horizontalAdvance(self.value) + 16, 22.0)
        self._pill_box = (
            _beside(middle, QPointF(-normal.x(), -normal.y()), pill, 8) if self.value else QRectF()
        )
        # Where the pill would cover what a card shows, it hangs below the cards.
        cards = (self.source.scene_card(), self.target.scene_card())
        self._pill_hangs = any(card.intersects(self._pill_box) for card in cards)
        if self._pill_hangs:
            self._pill_box.moveTop(max(card.bottom() for card in cards) + 10)
        reach = 8.0
        self._bounds = self._path.boundingRect().adjusted(-reach, -reach, reach, reach)
        for box in (self._label_box, self._pill_box):
            if not box.isEmpty():
                self._bounds = self._bounds.united(box.adjusted(-2, -2, 2, 2))
        self.update()

    def _middle(self) -> tuple[QPointF, QPointF]:
        """The middle of the curve, and the unit normal there that points up (or left where the curve is
        upright).
        """
        points = self._points
        half = len(points) // 2
        along = points[half + 1] - points[half - 1]
        length = float(np.hypot(*along)) or 1.0
        x, y = float(along[1] / length), float(-along[0] / length)
        if y > 0.05 or (abs(y) <= 0.05 and x < 0):
            x, y = -x, -y
        return QPointF(*points[half]), QPointF(x, y)

    def middle(self) -> QPointF:
        return self._middle()[0]

    def distance(self, point: QPointF) -> float:
        """How far a scene point is from the curve."""
        a, b = self._points[:-1], self._points[1:]
        p = np.array([point.x(), point.y()])
        along = b - a
        share = ((p - a) * along).sum(axis=1) / np.maximum((along * along).sum(axis=1), 1e-9)
        nearest = a + np.clip(share, 0, 1)[:, None] * along
        return float(np.sqrt(((nearest - p) ** 2).sum(axis=1)).min())

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.hidden_while_dragged:
            return
        c = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(QColor(c.forward.mark if self.fresh else c.edge), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self.broken:
            pen.setColor(QColor(c.error.mark))
            pen.setStyle(Qt.PenStyle.DashLine)
        if self.phase:
            pen = QPen(QColor(c.phase(self.phase).mark), 3.5)
        if self.isSelected():
            halo = QColor(c.focus)
            halo.setAlphaF(0.35)
            painter.setPen(QPen(halo, 8))
            painter.drawPath(self._path)
        painter.setPen(pen)
        painter.drawPath(self._path)
        if self.label:
            if self._label_inside:
                painter.fillRect(self._label_box, QColor(c.canvas))
            painter.setFont(theme.font(11))
            painter.setPen(QColor(c.error.text if self.broken else c.dim))
            painter.drawText(self._label_box, Qt.AlignmentFlag.AlignCenter, self.label)
        if self.phase:
            self._paint_value(painter, c.phase(self.phase))

    def _paint_value(self, painter: QPainter, accent: Accent) -> None:
        c = theme.colours()
        halo = QColor(accent.mark)
        halo.setAlphaF(0.3)
        if self._pill_hangs:
            painter.setPen(QPen(QColor(accent.mark), 1.5, Qt.PenStyle.DotLine))
            painter.drawLine(self.middle(), QPointF(self.middle().x(), self._pill_box.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawEllipse(self.middle(), 9, 9)
        painter.setBrush(QColor(accent.mark))
        painter.drawEllipse(self.middle(), 5, 5)
        if self.value:
            painter.setPen(QPen(QColor(accent.mark), 1.5))
            painter.setBrush(QColor(c.card))
            painter.drawRoundedRect(self._pill_box, 11, 11)
            painter.setFont(theme.font(12, mono=True))
            painter.setPen(QColor(accent.text))
            painter.drawText(self._pill_box, Qt.AlignmentFlag.AlignCenter, self.value)


def _controls(start: QPointF, end: QPointF) -> tuple[QPointF, QPointF]:
    """Control points of the curve: level at both ends, wider when the edge runs backwards."""
    ahead = end.x() - start.x()
    pull = max(24.0, ahead * 0.5) if ahead >= 0 else min(160.0, 48.0 - ahead * 0.5)
    pull = min(pull, max(abs(ahead), abs(end.y() - start.y()), 24.0))
    return start + QPointF(pull, 0), end - QPointF(pull, 0)


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """The bezier of an edge."""
    path = QPainterPath(start)
    path.cubicTo(*_controls(start, end), end)
    return path


def curve_points(start: QPointF, end: QPointF) -> np.ndarray:
    """The same curve as 33 points, (33, 2)."""
    a, b = _controls(start, end)
    p = np.array([[q.x(), q.y()] for q in (start, a, b, end)])
    t = _SAMPLES[:, None]
    s = 1 - t
    return s**3 * p[0] + 3 * s**2 * t * p[1] + 3 * s * t**2 * p[2] + t**3 * p[3]


def _beside(middle: QPointF, normal: QPointF, size: tuple[float, float], gap: float) -> QRectF:
    """A box of that size next to a line through `middle`, on the side the normal points to, touching it
    nowhere.
    """
    wide, tall = size
    away = abs(normal.x()) * wide / 2 + abs(normal.y()) * tall / 2 + gap
    centre = middle + normal * away
    return QRectF(centre.x() - wide / 2, centre.y() - tall / 2, wide, tall)
