"""Where the badges of problems stand in the view, and which of them have room for words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.badge import TALL, badge_picture, badge_size
from nnstudio.studio.canvas.complaints import Complaint
from nnstudio.studio.canvas.measures import WIDTH

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene

REACH = 220.0  # pixels that a badge may stand out of what it belongs to
_MANY = 120  # so many in view have no words: they would cover the graph


class Badge(NamedTuple):
    box: QRectF  # in the viewport
    words: str  # as shown; "" where there is only room for the icon
    complaint: Complaint


class Badges:
    """Those of one scene in one view. They keep their size in pixels however far one is, and grow with the
    cards from 100 % on.
    """

    def __init__(self, scene: GraphScene) -> None:
        self._scene = scene
        self._key: tuple[object, ...] = ()
        self._shown: list[Badge] = []

    def shown(self, to_view: QTransform, view: QRectF) -> list[Badge]:
        """The badges in the viewport, errors before warnings, and from left to right."""
        scene = self._scene
        key = (scene.revision, scene.shifts, to_view, view)
        if key != self._key:
            self._key = (scene.revision, scene.shifts, QTransform(to_view), QRectF(view))
            self._shown = self._placed(to_view, view)
        return self._shown

    def at(self, spot: QPointF, to_view: QTransform, view: QRectF) -> Badge | None:
        return next((each for each in self.shown(to_view, view) if each.box.contains(spot)), None)

    def _placed(self, to_view: QTransform, view: QRectF) -> list[Badge]:
        size = max(1.0, to_view.m11())
        room = view.adjusted(-REACH * size, -REACH, REACH * size, REACH)
        wanted = [each for each in self._wanted(to_view) if room.contains(each[1])]
        # Words reach to the left of their corner: from left to right they cover no one else's icon.
        wanted.sort(key=lambda each: (each[0].severity != "error", each[1].x()))
        placed: list[Badge] = []
        for complaint, corner, above in wanted:
            words = complaint.words if len(wanted) <= _MANY else ""
            box = _box(words, corner, above, size)
            if words and any(box.intersects(other.box) for other in placed):
                words = ""
                box = _box(words, corner, above, size)
            placed.append(Badge(box, words, complaint))
        return placed

    def _wanted(self, to_view: QTransform) -> Iterator[tuple[Complaint, QPointF, bool]]:
        """Each with the point it stands at: the upper right corner of a card, the middle of an edge."""
        scene = self._scene
        for item in scene.complaining():
            complaint = item.look.complaint
            if complaint is not None:
                yield complaint, to_view.map(QPointF(item.x() + WIDTH, item.y())), True
        for item in scene.complaining_edges():
            if item.complaint is not None and not item.hidden_while_dragged:
                yield item.complaint, to_view.map(item.middle()), False

    def paint(self, painter: QPainter, to_view: QTransform, view: QRectF, ratio: float) -> None:
        """With a painter in device pixels."""
        scheme = theme.colours().name
        size = max(1.0, to_view.m11())
        for badge in self.shown(to_view, view):
            picture = badge_picture(badge.complaint.severity, badge.words, scheme, ratio * size)
            corner = badge.box.topLeft() * ratio
            painter.drawPixmap(round(corner.x() - ratio * size), round(corner.y() - ratio * size), picture)


def _box(words: str, corner: QPointF, above: bool, size: float) -> QRectF:
    wide, tall = badge_size(words).width() * size, TALL * size
    if above:  # over the card's upper edge, ending at its right
        return QRectF(corner.x() + 9 * size - wide, corner.y() - 15 * size, wide, tall)
    return QRectF(corner.x() - wide / 2, corner.y() - tall / 2, wide, tall)
