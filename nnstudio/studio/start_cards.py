"""What a start page is built of: cards with a picture, tiles for files, and a layout that flows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLayout, QLayoutItem

from nnstudio.studio import theme

CARD = QSize(176, 136)
PICTURE = QSize(176, 84)
TILE = QSize(270, 56)  # two are as wide as three cards
TILE_PICTURE = QSize(84, 52)
_GAP = 12


class Card(QAbstractButton):
    """A picture, a title and a line below; Enter, Space or a click chooses it."""

    def __init__(self, title: str, summary: str) -> None:
        super().__init__()
        self.title, self.summary = title, summary
        self.picture: QImage | None = None
        self.setFixedSize(CARD)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self.setToolTip(summary)

    def show_picture(self, picture: QImage) -> None:
        self.picture = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        _paint_ground(self, painter)
        if self.picture is not None:
            painter.drawImage(QPoint(0, 2), self.picture)
        width, right = self.width() - 24, Qt.TextElideMode.ElideRight
        _paint_line(painter, QRect(12, 88, width, 18), self.title, True, right)
        _paint_line(painter, QRect(12, 107, width, 18), self.summary, False, right)
        painter.end()


class RecentTile(QAbstractButton):
    """A recent file: its picture, its name, and the folder it is in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.picture: QImage | None = None
        self.setFixedSize(TILE)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(path.name)
        self.setAccessibleDescription(str(path.parent))
        self.setToolTip(str(path))

    def show_picture(self, picture: QImage) -> None:
        self.picture = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        _paint_ground(self, painter)
        if self.picture is not None:
            painter.drawImage(QPoint(2, 2), self.picture)
        left = TILE_PICTURE.width() + 6
        width = self.width() - left - 12
        middle = Qt.TextElideMode.ElideMiddle
        name = self.path.name.removesuffix(".json").removesuffix(".nns")
        _paint_line(painter, QRect(left, 9, width, 18), name, True, middle)
        _paint_line(painter, QRect(left, 28, width, 18), _short(self.path.parent), False, middle)
        painter.end()


class Flow(QLayout):
    """Widgets of one size side by side, in as many rows as the width asks for."""

    def __init__(self, size: QSize = CARD) -> None:
        super().__init__()
        self._size = size
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def columns(self, width: int) -> int:
        return max(1, (width + _GAP) // (self._size.width() + _GAP))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self._items) // self.columns(width))
        return rows * (self._size.height() + _GAP) - _GAP if rows else 0

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        return QSize(self._size)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        columns = self.columns(rect.width())
        for index, item in enumerate(self._items):
            row, column = divmod(index, columns)
            spot = QPoint(column * (self._size.width() + _GAP), row * (self._size.height() + _GAP))
            item.setGeometry(QRect(rect.topLeft() + spot, self._size))


def _paint_ground(button: QAbstractButton, painter: QPainter) -> None:
    """The card a button is, lit below the pointer and framed where the keys are."""
    c = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lit = button.underMouse() or button.isDown()
    painter.setPen(QColor(c.focus if button.hasFocus() else c.dim if lit else c.card_border))
    painter.setBrush(QColor(c.hover if button.isDown() else c.card))
    box = QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, 8, 8)
    if button.hasFocus():
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 7, 7)


def _paint_line(painter: QPainter, box: QRect, words: str, strong: bool, cut: Qt.TextElideMode) -> None:
    c = theme.colours()
    painter.setFont(theme.bold(13) if strong else theme.font(11))
    painter.setPen(QColor(c.text if strong else c.dim))
    shown = painter.fontMetrics().elidedText(words, cut, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


def _short(folder: Path) -> str:
    """With ~ for the home folder."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)
