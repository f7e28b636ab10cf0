"""The picture from afar: every edge a line, every card a small plain card, what matters in colour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.card import role_tint
from nnstudio.studio.canvas.curves import points_of
from nnstudio.studio.canvas.edge_item import EdgeItem
from nnstudio.studio.canvas.fragments import draw_lines, draw_pictures
from nnstudio.studio.canvas.lettering import colour
from nnstudio.studio.canvas.measures import WIDTH
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.colours import Colours

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene

S = TypeVar("S")


class CardStyle(NamedTuple):
    """All in which two cards may differ from afar."""

    height: float
    role: str
    outline: str  # "" or a colour
    filled: str  # what the value's place is filled with; "" where the card shows none
    faint: bool
    bypassed: bool


class LineStyle(NamedTuple):
    tint: str
    wide: float
    dashed: bool


HIDDEN, BENT = LineStyle("hidden", 0.0, False), LineStyle("bent", 0.0, False)  # are not drawn as lines


class Styles(Generic[S]):
    """Which rows look alike."""

    def __init__(self, rows: int) -> None:
        self._numbers: dict[S, int] = {}
        self._of = np.full(rows, -1, dtype=np.intp)

    def put(self, row: int, style: S) -> None:
        self._of[row] = self._numbers.setdefault(style, len(self._numbers))

    def groups(self) -> dict[S, NDArray[np.intp]]:
        """The rows of each style there is."""
        found = {style: np.flatnonzero(self._of == number) for style, number in self._numbers.items()}
        return {style: rows for style, rows in found.items() if len(rows)}


class FarPicture:
    """What the cards and edges of a scene look like from afar, kept until one of them looks otherwise."""

    def __init__(self, scene: GraphScene) -> None:
        self._scene = scene
        self._known: tuple[object, ...] = ()
        self._card_styles, self._line_styles = Styles[CardStyle](0), Styles[LineStyle](0)
        self._cards: dict[CardStyle, NDArray[np.intp]] = {}
        self._lines: dict[LineStyle, NDArray[np.intp]] = {}
        self._bent: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def paint(self, painter: QPainter, to_device: QTransform, rect: QRectF, lifted: bool = False) -> None:
        """With a painter in device pixels, what touches a rectangle of the scene: what is dragged, or all
        that is not.
        """
        self._refresh()
        places = self._scene.places
        scale = to_device.m11()
        offset = np.array([to_device.dx(), to_device.dy()])
        cards = lines = None
        if not rect.contains(places.box()):
            cards = np.zeros(len(places.nodes), dtype=bool)
            cards[places.rows_in(rect)] = True
            lines = np.zeros(len(places.edges), dtype=bool)
            lines[places.edge_rows_in(rect)] = True
        if self._scene.lifted:
            nodes, edges = places.with_edges(self._scene.lifted)
            nodes, edges = (nodes, edges) if lifted else (~nodes, ~edges)
            cards = nodes if cards is None else cards & nodes
            lines = edges if lines is None else lines & edges
        self._paint_lines(painter, scale, offset, lines)
        for style, rows in self._cards.items():
            if cards is not None:
                rows = rows[cards[rows]]
            picture = small_card(style, scale, theme.colours().name)
            middles = (places.corners[rows] + places.sizes[rows] / 2) * scale + offset
            half = np.array([picture.width() % 2, picture.height() % 2]) / 2
            draw_pictures(painter, np.round(middles - half) + half, picture)

    def _paint_lines(
        self, painter: QPainter, scale: float, offset: NDArray[np.float64], shown: NDArray[np.bool_] | None
    ) -> None:
        places = self._scene.places
        ends = places.ends() * scale + np.tile(offset, 2)
        around = places.roundabout()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for style, members in self._lines.items():
            members = members if shown is None else members[shown[members]]
            pen = QPen(colour(style.tint), style.wide)
            if style.dashed:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            draw_lines(painter, ends[members[~around[members]]])
            for row in members[around[members]].tolist():
                way = points_of(places.edges[row].pieces())[::2] * scale + offset
                painter.drawPolyline([QPointF(x, y) for x, y in way.tolist()])
        for row in self._bent if shown is None else self._bent[shown[self._bent]]:
            item = places.edges[row]
            style = line_style(item, theme.colours())
            painter.setPen(QPen(colour(style.tint), style.wide))
            start, end = item.ends()
            points = [start, *(QPointF(*bend) for bend in item.bends), end]
            painter.drawPolyline([point * scale + QPointF(*offset) for point in points])

    def _refresh(self) -> None:
        """Of the styles only those of what looks otherwise since; all, where nodes or edges come and go."""
        scene, c = self._scene, theme.colours()
        places = scene.places
        altered = scene.take_altered()
        key = (places, c.name)
        if key != self._known or altered is None:
            self._known = key
            cards, lines = range(len(places.nodes)), range(len(places.edges))
            self._card_styles, self._line_styles = (
                Styles[CardStyle](len(cards)),
                Styles[LineStyle](len(lines)),
            )
        elif not altered:
            return
        else:
            cards = [places.row[item.node_id] for item in altered if isinstance(item, NodeItem)]
            lines = [places.edge_row[item.edge] for item in altered if isinstance(item, EdgeItem)]
        for row in cards:
            self._card_styles.put(row, card_style(places.nodes[row], c))
        for row in lines:
            item = places.edges[row]
            style = BENT if item.bends else line_style(item, c)
            self._line_styles.put(row, HIDDEN if item.hidden_while_dragged else style)
        self._cards = self._card_styles.groups()
        groups = self._line_styles.groups()
        groups.pop(HIDDEN, None)
        self._bent = groups.pop(BENT, np.zeros(0, dtype=np.intp))
        # What matters is drawn last.
        self._lines = dict(sorted(groups.items(), key=lambda group: group[0].wide))


def card_style(item: NodeItem, c: Colours) -> CardStyle:
    look = item.look
    outline = c.phase(item.phase).mark if item.phase else c.focus if item.isSelected() else ""
    complaint = look.complaint
    if not outline and complaint is not None:
        outline = c.error.mark if complaint.severity == "error" else c.warning.mark
    filled = ""
    if item.thumbnail is not None and not look.bypassed:
        filled = c.positive if item.fresh else c.edge
    return CardStyle(item.size()[1], look.icon.role, outline, filled, item.dimmed, look.bypassed)


def line_style(item: EdgeItem, c: Colours) -> LineStyle:
    if item.phase:
        return LineStyle(c.phase(item.phase).mark, 3.0, False)
    if item.isSelected():
        return LineStyle(c.focus, 2.0, False)
    if item.broken:
        return LineStyle(c.error.mark, 1.5, True)
    return LineStyle(c.forward.mark if item.fresh else c.edge, 1.0, False)


@lru_cache(maxsize=256)
def small_card(style: CardStyle, scale: float, scheme: str) -> QPixmap:
    """A card a few pixels wide: where the name stands is a bar, where the value stands another."""
    c = theme.colours()
    wide, tall = max(3, round(WIDTH * scale)), max(3, round(style.height * scale))
    made = QPixmap(wide + 2, tall + 2)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if style.faint:
        painter.setOpacity(0.5)
    box = QRectF(1.5, 1.5, wide - 1, tall - 1)
    radius = min(8 * scale, 3.0)
    if style.role == "group":
        painter.setPen(QPen(colour(c.edge), 1))
        painter.setBrush(colour(c.raised))
        painter.drawRoundedRect(box.translated(0.5, 0.5), radius, radius)
        box.adjust(0, 0, -1.5, -1.5)
    pen = QPen(colour(style.outline or c.edge), 2 if style.outline else 1)
    if style.bypassed:
        pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(colour(c.card))
    painter.drawRoundedRect(box, radius, radius)
    left, top = box.left(), box.top()
    if style.bypassed:
        painter.setPen(QPen(colour(c.edge), 1))
        painter.drawLine(QPointF(left, box.center().y()), QPointF(box.right(), box.center().y()))
    elif wide >= 14:
        tint = role_tint(style.role, c)
        painter.fillRect(QRectF(left, top + 12 * scale, max(2.0, 3 * scale), 24 * scale), colour(tint))
        name = QRectF(left + 14 * scale, top + 15 * scale, 84 * scale, max(1.0, 14 * scale))
        painter.fillRect(name, colour(c.dim))
        if style.filled:
            middle = top + (tall + 34 * scale) / 2
            value = QRectF(left + 24 * scale, middle - 14 * scale, wide - 48 * scale, max(1.0, 28 * scale))
            painter.fillRect(value, colour(style.filled, 0.55))
    painter.end()
    return made
