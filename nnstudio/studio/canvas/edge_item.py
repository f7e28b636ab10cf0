"""An edge: a curve with its shape written beside it. How it runs is worked out when somebody looks at it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnstudio.graph.node import Edge, Position
from nnstudio.studio import theme
from nnstudio.studio.canvas.complaints import Complaint
from nnstudio.studio.canvas.curves import Cubic, around, cubics, curve, detour, middle_of, path_of, points_of
from nnstudio.studio.canvas.edge_words import AROUND, SIGNS, EdgeWord, Placed, placed
from nnstudio.studio.canvas.lettering import colour, paint_words, width_of
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.canvas.selectable import Selectable
from nnstudio.studio.colours import Accent

__all__ = ["EdgeItem", "curve"]

HANDLE_RADIUS = 5.0
_LEVEL = 0.9
_LABEL, _VALUE = 11, 12  # pixels


class EdgeItem(Selectable):
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
        self.strength = 0.5  # how large the numbers are that flow here, 0 to 1
        self.hidden_while_dragged = False
        self._pieces: list[Cubic] | None = None
        self._path: QPainterPath | None = None
        self._spot: tuple[float, float, bool] | None = None
        self._points: np.ndarray | None = None
        self._texts: tuple[QRectF, bool, QRectF, bool] | None = None
        self._bounds: QRectF | None = None
        self._words: tuple[EdgeWord, ...] | None = None
        self._placed: list[Placed] | None = None

    @property
    def broken(self) -> bool:
        return self.complaint is not None

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
        self._pieces = self._path = self._points = self._texts = self._spot = self._placed = None
        self._bounds = None

    def bend(self, bends: tuple[Position, ...]) -> None:
        """Run through these places."""
        self.bends = bends
        self.route()

    def stops(self) -> tuple[Position, ...]:
        """What it is led through: its bends, or where it would run behind its own cards a way around them."""
        if self.bends:
            return self.bends
        x, y, u, v = self.offsets()
        source, target = self.source, self.target
        (left, top), (right, low) = source.place(), target.place()
        return detour(
            (left + x, top + y),
            (right + u, low + v),
            (top, top + source.size()[1]),
            (low, low + target.size()[1]),
        )

    def pieces(self) -> list[Cubic]:
        if self._pieces is None:
            (x, y), (u, v) = self.source.place(), self.target.place()
            left, top, right, bottom = self.offsets()
            stops = self.stops()
            led = around if stops and not self.bends else cubics
            self._pieces = led((x + left, y + top), (u + right, v + bottom), stops)
        return self._pieces

    def path(self) -> QPainterPath:
        if self._path is None:
            self._path = path_of(self.pieces())
        return self._path

    def show_label(self, label: str) -> None:
        if label != self.label:
            self.label = label
            self._texts = self._spot = self._placed = self._bounds = None
            self.update()

    def light(self, phase: str | None, value: str = "", strength: float = 0.5) -> None:
        """Show that a value flows here, on a line as thick as it is large; None puts the light out."""
        if (phase, value, strength) != (self.phase, self.value, self.strength):
            self.update()  # where the value was
            self.phase, self.value, self.strength = phase, value, strength
            self.setZValue(2 if phase else 0)
            self._texts = self._spot = self._placed = self._bounds = None
            self.update()

    # -- its value and its gradient

    def words(self) -> tuple[EdgeWord, ...]:
        """What is known of its numbers; asked for when somebody looks."""
        if self._words is None:
            self._words = () if self.graph_scene is None else self.graph_scene.words_of(self.edge)
        return self._words

    def placed_words(self) -> list[Placed]:
        if self._placed is None:
            self._placed = placed(self, self.words()) if self.words() else []
        return self._placed

    def forget_words(self) -> None:
        """Its numbers are others."""
        self._words = self._placed = None
        self.update()

    def _boxes(self) -> tuple[QRectF, bool, QRectF, bool]:
        """The label's box and whether it lies on the curve; the value's, and whether it is kept away
        from the curve by the cards.
        """
        if self._texts is None:
            self._texts = self._place_texts()
        return self._texts

    def _place_texts(self) -> tuple[QRectF, bool, QRectF, bool]:
        (x, y), inside = self._label_at()
        w, h = self._label_size()
        label = QRectF(x - w / 2, y - h / 2, w, h)
        if not self.value:
            return label, inside, QRectF(), False
        middle, normal = middle_of(self.pieces())
        wide = width_of(self._signed(), _VALUE, mono=True) + 16
        x, y = _beside(middle, (-normal[0], -normal[1]), (wide, 22.0), 8)
        pill = QRectF(x - wide / 2, y - 11, wide, 22.0)
        # Where the pill would cover what a card shows, it stands above the two cards, or hangs below them.
        cards = (self.source.scene_card(), self.target.scene_card())
        hangs = any(card.intersects(pill) for card in cards)
        if hangs:
            pill.moveCenter(QPointF(middle[0], max(card.bottom() for card in cards) + 21))
            above = pill.translated(0, min(card.top() for card in cards) - 10 - pill.bottom())
            pill = min(above, pill, key=self._covered_by)
        return label, inside, pill, hangs

    def _covered_by(self, box: QRectF) -> tuple[int, int]:
        """How many cards, and then how many other edges, are where a box would be."""
        if self.graph_scene is None:
            return 0, 0
        places = self.graph_scene.places
        return len(places.cards_in(box, 0)), len(places.edges_in(box))

    def _signed(self) -> str:
        """The value with an arrow: that it comes or goes is not told by colour alone."""
        return f"{SIGNS[self.phase]} {self.value}" if self.phase in SIGNS else self.value

    def _label_size(self) -> Position:
        return (width_of(self.label, _LABEL) + 6, 14.0) if self.label else (0.0, 0.0)

    def _label_at(self) -> tuple[Position, bool]:
        """The label's middle: beside a level edge; on a steep one, where beside it would be behind a card."""
        middle, normal = middle_of(self.pieces())
        if abs(normal[1]) < _LEVEL and not self.phase:
            return middle, True
        return _beside(middle, normal, self._label_size(), 12 if self.phase else 5), False

    def label_spot(self) -> tuple[float, float, bool]:
        """The middle of the label, and whether it lies on the curve."""
        if self._spot is None:
            spot, inside = self._label_at()
            self._spot = (*spot, inside)
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
        if self._bounds is None:
            self._bounds = self._surround()
        return self._bounds

    def _surround(self) -> QRectF:
        reach = 12.0
        bounds = self.path().controlPointRect().adjusted(-reach, -reach, reach, reach)
        label, _, pill, _ = self._boxes()
        for box in (label, pill):
            if not box.isEmpty():
                bounds = bounds.united(box.adjusted(-2, -2, 2, 2))
        # Whatever its numbers are, they stand about the middle.
        middle = self.middle()
        return bounds.united(QRectF(middle.x() - AROUND, middle.y() - AROUND, 2 * AROUND, 2 * AROUND))

    # -- painting

    def pen(self) -> QPen:
        """How the line is drawn, in scene units."""
        c = theme.colours()
        if self.phase:
            return QPen(colour(c.phase(self.phase).mark), 2.5 + 2.5 * self.strength)
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
            near = pill.top() if pill.top() > middle.y() else pill.bottom()
            painter.drawLine(middle, QPointF(middle.x(), near))
        if self.value:
            painter.setPen(QPen(colour(accent.mark), 1.5))
            painter.setBrush(colour(c.card))
            painter.drawRoundedRect(pill, 11, 11)
            painter.setFont(theme.font(_VALUE, mono=True))
            painter.setPen(colour(accent.text))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self._signed())


def _beside(
    middle: tuple[float, float], normal: tuple[float, float], size: tuple[float, float], gap: float
) -> tuple[float, float]:
    """The middle of a box of that size that lies beside a line through `middle`, on the side the normal
    points to, and touches it nowhere.
    """
    wide, tall = size
    away = abs(normal[0]) * wide / 2 + abs(normal[1]) * tall / 2 + gap
    return middle[0] + normal[0] * away, middle[1] + normal[1] * away
