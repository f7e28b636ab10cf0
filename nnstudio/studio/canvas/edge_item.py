"""An edge: a curve with its shape written beside it. How it runs is worked out when somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnstudio.graph.node import Edge, Position
from nnstudio.studio import theme
from nnstudio.studio.canvas.complaints import Complaint
from nnstudio.studio.canvas.curves import Cubic, cubics, curve, middle_of, path_of, points_of
from nnstudio.studio.canvas.lettering import colour, paint_words, width_of
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.colours import Accent

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene

__all__ = ["EdgeItem", "curve"]

HANDLE_RADIUS = 5.0
_LEVEL = 0.9
_LABEL, _VALUE = 11, 12  # pixels


class EdgeItem(QGraphicsItem):
    """The curve from one node's output to another's input port."""

    def __init__(self, edge: Edge, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.edge = edge
        self.source = source
        self.target = target
        self.bends: tuple[Position, ...] = edge.bends
        self.label = ""
        self.fresh = False
        self.complaint: Complaint | None = None  # a problem names this edge
        self.phase: str | None = None
        self.value = ""
        self.hidden_while_dragged = False
        self.graph_scene: GraphScene | None = None
        self._selected = False
        self._pieces: list[Cubic] | None = None
        self._path: QPainterPath | None = None
        self._line: QLineF | None = None
        self._spot: tuple[float, float, bool] | None = None
        self._points: np.ndarray | None = None
        self._texts: tuple[QRectF, bool, QRectF, bool] | None = None

    @property
    def broken(self) -> bool:
        return self.complaint is not None

    # -- what is selected is ours to keep: Qt would ask for the bounds of every item that is

    def isSelected(self) -> bool:
        return self._selected

    def setSelected(self, selected: bool) -> None:
        if selected != self._selected:
            self._selected = selected
            self.update()
            if self.graph_scene is not None:
                self.graph_scene.selection_shifted()

    def update(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.graph_scene is not None:
            self.graph_scene.spoil(self)

    # -- geometry

    def offsets(self) -> tuple[float, float, float, float]:
        """Where the ends are, seen from the corners of the two cards."""
        start = self.source.port_offset(Port("output", self.edge.source_port))
        return (*start, *self.target.port_offset(Port("input", self.edge.port)))

    def ends(self) -> tuple[QPointF, QPointF]:
        """Where the edge leaves and where it arrives, in scene coordinates."""
        start = self.source.port_point(Port("output", self.edge.source_port))
        return start, self.target.port_point(Port("input", self.edge.port))

    def route(self) -> None:
        """An end or a bend has moved: the curve is another."""
        self.prepareGeometryChange()
        self._pieces = self._path = self._line = self._points = self._texts = self._spot = None

    def bend(self, bends: tuple[Position, ...]) -> None:
        """Run through these places."""
        self.bends = bends
        self.route()

    def pieces(self) -> list[Cubic]:
        if self._pieces is None:
            start, end = self.ends()
            self._pieces = cubics((start.x(), start.y()), (end.x(), end.y()), self.bends)
        return self._pieces

    def line(self) -> QLineF | None:
        """The edge where it is a level line; None where it is a curve."""
        if self._line is None:
            start, end = self.ends()
            level = not self.bends and abs(start.y() - end.y()) < 0.01 and end.x() > start.x() + 24
            self._line = QLineF(start, end) if level else QLineF()
        return None if self._line.isNull() else self._line

    def path(self) -> QPainterPath:
        if self._path is None:
            self._path = path_of(self.pieces())
        return self._path

    def show_label(self, label: str) -> None:
        if label != self.label:
            self.label = label
            self._texts = self._spot = None
            self.update()

    def light(self, phase: str | None, value: str = "") -> None:
        """Show that a value flows here; None puts the light out."""
        if (phase, value) != (self.phase, self.value):
            self.update()  # where the value was
            self.phase, self.value = phase, value
            self.setZValue(2 if phase else 0)
            self._texts = self._spot = None
            self.update()

    def _boxes(self) -> tuple[QRectF, bool, QRectF, bool]:
        """The label's box and whether it lies on the curve; the value's, and whether it hangs below the
        cards.
        """
        if self._texts is None:
            self._texts = self._place_texts()
        return self._texts

    def _place_texts(self) -> tuple[QRectF, bool, QRectF, bool]:
        middle, normal = middle_of(self.pieces())
        size = (width_of(self.label, _LABEL) + 6, 14.0) if self.label else (0.0, 0.0)
        # Beside a level edge; on a steep one, where beside it would be behind a card.
        inside = abs(normal[1]) < _LEVEL and not self.phase
        label = _beside(middle, normal, size, 12 if self.phase else 5)
        if inside:
            label.moveCenter(QPointF(*middle))
        if not self.value:
            return label, inside, QRectF(), False
        wide = width_of(self.value, _VALUE, mono=True) + 16
        pill = _beside(middle, (-normal[0], -normal[1]), (wide, 22.0), 8)
        # Where the pill would cover what a card shows, it hangs below the cards.
        cards = (self.source.scene_card(), self.target.scene_card())
        hangs = any(card.intersects(pill) for card in cards)
        if hangs:
            pill.moveTop(max(card.bottom() for card in cards) + 10)
        return label, inside, pill, hangs

    def label_spot(self) -> tuple[float, float, bool]:
        """The middle of the label, and whether it lies on the curve."""
        if self._spot is None:
            box, inside, _, _ = self._boxes()
            self._spot = (box.x() + box.width() / 2, box.y() + box.height() / 2, inside)
        return self._spot

    def middle(self) -> QPointF:
        return QPointF(*middle_of(self.pieces())[0])

    def distance(self, point: QPointF) -> float:
        """How far a scene point is from the curve."""
        if self._points is None:
            self._points = points_of(self.pieces())
        a, b = self._points[:-1], self._points[1:]
        p = np.array([point.x(), point.y()])
        along = b - a
        share = ((p - a) * along).sum(axis=1) / np.maximum((along * along).sum(axis=1), 1e-9)
        nearest = a + np.clip(share, 0, 1)[:, None] * along
        return float(np.sqrt(((nearest - p) ** 2).sum(axis=1)).min())

    def bend_at(self, point: QPointF, reach: float) -> int | None:
        """Which of the bends is within reach of a scene point, the nearest one."""
        best, nearest = None, reach
        for index, (x, y) in enumerate(self.bends):
            away = ((x - point.x()) ** 2 + (y - point.y()) ** 2) ** 0.5
            if away <= nearest:
                best, nearest = index, away
        return best

    def boundingRect(self) -> QRectF:
        reach = 12.0
        bounds = self.path().controlPointRect().adjusted(-reach, -reach, reach, reach)
        label, _, pill, _ = self._boxes()
        for box in (label, pill):
            if not box.isEmpty():
                bounds = bounds.united(box.adjusted(-2, -2, 2, 2))
        return bounds

    # -- painting

    def pen(self) -> QPen:
        """How the line is drawn, in scene units."""
        c = theme.colours()
        if self.phase:
            return QPen(colour(c.phase(self.phase).mark), 3.5)
        pen = QPen(colour(c.forward.mark if self.fresh else c.edge), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self.broken:
            pen.setColor(colour(c.error.mark))
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.hidden_while_dragged:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_line(painter)
        self.paint_label(painter)
        if self.phase:
            self.paint_value(painter, theme.colours().phase(self.phase))

    def paint_line(self, painter: QPainter) -> None:
        c = theme.colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._selected:
            painter.setPen(QPen(colour(c.focus, 0.35), 8))
            painter.drawPath(self.path())
        painter.setPen(self.pen())
        painter.drawPath(self.path())
        if self._selected and self.bends:
            painter.setPen(QPen(colour(c.focus), 2))
            painter.setBrush(colour(c.card))
            for x, y in self.bends:
                painter.drawEllipse(QPointF(x, y), HANDLE_RADIUS, HANDLE_RADIUS)

    def paint_label(self, painter: QPainter) -> None:
        if not self.label:
            return
        c = theme.colours()
        box, inside, _, _ = self._boxes()
        if inside:
            painter.fillRect(box, colour(c.canvas))
        paint_words(painter, box, self.label, _LABEL, c.error.text if self.broken else c.dim)

    def paint_value(self, painter: QPainter, accent: Accent) -> None:
        c = theme.colours()
        middle = self.middle()
        _, _, pill, hangs = self._boxes()
        if hangs:
            painter.setPen(QPen(colour(accent.mark), 1.5, Qt.PenStyle.DotLine))
            painter.drawLine(middle, QPointF(middle.x(), pill.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(accent.mark, 0.3))
        painter.drawEllipse(middle, 9, 9)
        painter.setBrush(colour(accent.mark))
        painter.drawEllipse(middle, 5, 5)
        if self.value:
            painter.setPen(QPen(colour(accent.mark), 1.5))
            painter.setBrush(colour(c.card))
            painter.drawRoundedRect(pill, 11, 11)
            painter.setFont(theme.font(_VALUE, mono=True))
            painter.setPen(colour(accent.text))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.value)


def _beside(
    middle: tuple[float, float], normal: tuple[float, float], size: tuple[float, float], gap: float
) -> QRectF:
    """A box of that size next to a line through `middle`, on the side the normal points to, touching it
    nowhere.
    """
    wide, tall = size
    away = abs(normal[0]) * wide / 2 + abs(normal[1]) * tall / 2 + gap
    x, y = middle[0] + normal[0] * away, middle[1] + normal[1] * away
    return QRectF(x - wide / 2, y - tall / 2, wide, tall)
