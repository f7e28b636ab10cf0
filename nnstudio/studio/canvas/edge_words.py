"""What an edge says at reading zoom: the value that goes along it and the gradient that comes back.

Each is a picture that is made once and kept while it is said; what is stale is paler and struck through.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QTransform

from nnstudio.studio import theme
from nnstudio.studio.canvas.lettering import colour, width_of

if TYPE_CHECKING:
    from nnstudio.studio.canvas.edge_item import EdgeItem

READING = 0.65
"""From this scale on, the numbers on edges can be read, and are drawn."""
PIXELS, LINE = 11, 14.0
WIDEST = 104.0
AROUND = 58.0  # all words are within so much of the edge's middle
_ROOM = 6.0  # a port is above the words
SIGNS = {"forward": "→", "backward": "←"}


class EdgeWord(NamedTuple):
    """A value or a gradient, in words from the longest to the shortest."""

    phase: str
    forms: tuple[str, ...]
    true: bool  # whether it is a number of now

    def spoken(self) -> str:
        """For tooltips and for those who do not see it: "value 0.27, stale"."""
        what = "value" if self.phase == "forward" else "gradient"
        return f"{what} {self.forms[0]}{'' if self.true else ', stale'}" if self.forms else ""


class Placed(NamedTuple):
    """A word where it stands, its middle in the scene."""

    word: EdgeWord
    text: str
    spot: tuple[float, float]
    on_curve: bool


def placed(item: EdgeItem, words: Sequence[EdgeWord]) -> list[Placed]:
    """Below a level edge, or under its shape on a steep one; above the shape of one that is lit, where what
    is lit is written large.
    """
    x, y, inside = item.label_spot()
    rows: list[Placed] = []
    if item.phase:
        words = [word for word in words if word.phase != item.phase]
        step, y = -LINE, y - LINE
    elif inside:
        step, y = LINE, y + (LINE if item.label else 0.0)
    else:
        middle = item.middle()
        step, x, y = LINE, middle.x(), middle.y() + 4 + LINE / 2
    for word in words:
        text = fitting(word, _width_at(item, y))
        if text:
            rows.append(Placed(word, text, (x, y), inside and not item.phase))
            y += step
    return rows


def fitting(word: EdgeWord, room: float) -> str:
    """The longest form that has room, with its sign; "" where none has."""
    sign = SIGNS[word.phase]
    for text in (*(f"{sign} {form}" for form in word.forms), f"{sign}{word.forms[-1]}"):
        if width_of(text, PIXELS) <= room:
            return text
    return ""


def _width_at(item: EdgeItem, y: float) -> float:
    """What there is between the two cards where the words stand beside one of them."""
    source, target = item.source.scene_card(), item.target.scene_card()
    room = target.left() - source.right()
    beside = any(card.top() - LINE < y < card.bottom() + LINE for card in (source, target))
    return min(WIDEST, room - _ROOM) if beside and room > 0 else WIDEST


def paint_edge_words(painter: QPainter, items: Sequence[EdgeItem], to_device: QTransform) -> None:
    """With a painter in device pixels."""
    c = theme.colours()
    scale, dx, dy = to_device.m11(), to_device.dx(), to_device.dy()
    for item in items:
        for each in item.placed_words():
            tint = c.phase(each.word.phase).text if each.word.true else c.dim
            picture = _picture(each.text, tint, scale, c.canvas if each.on_curve else "", not each.word.true)
            x, y = each.spot
            painter.drawPixmap(
                round(x * scale + dx - picture.width() / 2),
                round(y * scale + dy - picture.height() / 2),
                picture,
            )


@lru_cache(maxsize=1024)
def _picture(text: str, tint: str, scale: float, back: str, stale: bool) -> QPixmap:
    wide, tall = width_of(text, PIXELS) + 4, LINE
    made = QPixmap(max(1, round(wide * scale)), max(1, round(tall * scale)))
    made.fill(colour(back) if back else Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setTransform(QTransform.fromScale(scale, scale))
    painter.setFont(theme.font(PIXELS))
    painter.setPen(colour(tint))
    painter.drawText(QRectF(0, 0, wide, tall), Qt.AlignmentFlag.AlignCenter, text)
    if stale:
        painter.setPen(QPen(colour(tint), 1))
        painter.drawLine(QLineF(2 + width_of(text[0], PIXELS), tall / 2, wide - 2, tall / 2))
    painter.end()
    return made
