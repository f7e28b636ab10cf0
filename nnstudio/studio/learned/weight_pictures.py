"""Pictures of the weights of units, side by side, in the one diverging map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.studio import theme
from nnstudio.studio.colours import diverging

_SMALLEST, _LARGEST, _GAP = 40, 72, 4


class WeightPictures(QWidget):
    """A click or the arrows choose a unit."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Weights of the first layer as images")
        self.pictures: NDArray[Any] = np.zeros((0, 1, 1))
        self.limit = 0.0
        self.unit: int | None = None

    def show_pictures(self, pictures: NDArray[Any]) -> None:
        """(units, rows, columns); one scale for all of them."""
        again = pictures.shape != self.pictures.shape
        self.pictures = pictures
        finite = np.abs(pictures[np.isfinite(pictures)])
        self.limit = float(finite.max(initial=0.0))
        if self.unit is not None and self.unit >= len(pictures):
            self.unit = None
        if again:
            self.updateGeometry()
        self.update()

    # -- where they are

    def _tiles(self, width: int) -> tuple[int, int]:
        """How many stand in a row, and how wide each is: as large as they are few."""
        many = max(1, len(self.pictures))
        side = _LARGEST if many <= 8 else _SMALLEST if many > 24 else 56
        across = max(1, (width + _GAP) // (side + _GAP))
        return across, min(side, width)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        across, side = self._tiles(width)
        rows = -(-len(self.pictures) // across)
        return max(side, rows * (side + _GAP))

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(120, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(120, self.width())))

    def box_of(self, unit: int) -> QRectF:
        across, side = self._tiles(self.width())
        return QRectF(unit % across * (side + _GAP), unit // across * (side + _GAP), side, side)

    def unit_at(self, spot: QPointF) -> int | None:
        across, side = self._tiles(self.width())
        column, row = int(spot.x() // (side + _GAP)), int(spot.y() // (side + _GAP))
        unit = row * across + column
        inside = 0 <= column < across and 0 <= unit < len(self.pictures)
        return unit if inside and self.box_of(unit).contains(spot) else None

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        seen = QRectF(event.rect())
        for unit in range(len(self.pictures)):
            box = self.box_of(unit)
            if not box.intersects(seen):
                continue
            pixels = np.ascontiguousarray(diverging(self.pictures[unit], self.limit, c))
            rows, columns = pixels.shape[:2]
            image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            scale = min(box.width() / columns, box.height() / rows)
            inner = QRectF(0, 0, columns * scale, rows * scale)
            inner.moveCenter(box.center())
            painter.drawImage(inner, image)
            if unit == self.unit:
                painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.text), 2))
                painter.drawRect(inner)
        painter.end()

    # -- mouse and keys

    def choose(self, unit: int) -> None:
        if 0 <= unit < len(self.pictures):
            self.unit = unit
            self.chosen.emit(unit)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self.choose(unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across, _ = self._tiles(self.width())
        steps: dict[int, int] = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -across,
            Qt.Key.Key_Down: across,
        }
        if event.key() in steps:
            self.choose(0 if self.unit is None else self.unit + steps[event.key()])
        else:
            super().keyPressEvent(event)
