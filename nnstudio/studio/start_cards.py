"""What a start page is built of: cards with a picture, rows for files, and a layout that flows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLayout, QLayoutItem, QSizePolicy

from nnstudio.studio import theme

CARD = QSize(176, 136)
PICTURE = QSize(176, 84)
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
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.underMouse() or self.isDown()
        painter.setPen(QColor(c.focus if self.hasFocus() else c.dim if lit else c.card_border))
        painter.setBrush(QColor(c.hover if self.isDown() else c.card))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 7, 7)
        if self.picture is not None:
            painter.drawImage(QPoint(0, 2), self.picture)
        width = self.width() - 24
        for text, font, tint, top in (
            (self.title, theme.bold(13), c.text, 88),
            (self.summary, theme.font(11), c.dim, 107),
        ):
            painter.setFont(font)
            painter.setPen(QColor(tint))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRect(12, top, width, 18), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class RecentRow(QAbstractButton):
    """A recent file: its name, and the folder it is in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setFixedHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(path.name)
        self.setAccessibleDescription(str(path.parent))
        self.setToolTip(str(path))

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QColor(c.focus) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        text = self.rect().adjusted(10, 0, -10, 0)
        painter.setFont(theme.font(13))
        painter.setPen(QColor(c.text))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(self.path.name, Qt.TextElideMode.ElideMiddle, text.width() * 2 // 3)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
        rest = text.adjusted(metrics.horizontalAdvance(name) + 12, 1, 0, 1)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(c.dim))
        folder = painter.fontMetrics().elidedText(
            _short(self.path.parent), Qt.TextElideMode.ElideMiddle, rest.width()
        )
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, folder)
        painter.end()


class Flow(QLayout):
    """Cards side by side, in as many rows as the width asks for."""

    def __init__(self) -> None:
        super().__init__()
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
        return max(1, (width + _GAP) // (CARD.width() + _GAP))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self._items) // self.columns(width))
        return rows * (CARD.height() + _GAP) - _GAP if rows else 0

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        return QSize(CARD)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        columns = self.columns(rect.width())
        for index, item in enumerate(self._items):
            row, column = divmod(index, columns)
            spot = QPoint(column * (CARD.width() + _GAP), row * (CARD.height() + _GAP))
            item.setGeometry(QRect(rect.topLeft() + spot, CARD))


def _short(folder: Path) -> str:
    """With ~ for the home folder."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)
