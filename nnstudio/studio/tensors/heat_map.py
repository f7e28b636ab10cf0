"""A matrix as a heat map: the one diverging map, centred on zero, with its legend; each cell can be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.studio import theme
from nnstudio.studio.colours import diverging
from nnstudio.studio.formats import number
from nnstudio.studio.tensors.reducing import Reduced
from nnstudio.studio.tensors.slices import Element, Slice

_LEGEND = 64  # pixels on the right
_LARGEST_CELL = 40.0
STALE_OPACITY = 0.45


class HeatMap(QWidget):
    """Hovering tells of a cell, a click or the arrows choose it; Enter asks for it in the table."""

    hovered = Signal(object)  # an element, or None where the mouse has left
    chosen = Signal(object)  # an element
    opened = Signal(object)  # an element: to be seen in the table

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Heat map")
        self._slice = Slice((), None, None, ())
        self._reduced: Reduced | None = None
        self._true = True
        self._image: tuple[tuple[object, ...], QImage] | None = None
        self.element: Element | None = None

    # -- what it shows

    @property
    def limit(self) -> float:
        """The number that the strongest colour stands for; zero is in the middle."""
        return 0.0 if self._reduced is None else self._reduced.limit

    def show_cells(self, what: Reduced | None, at: Slice, true: bool) -> None:
        self._reduced, self._slice, self._true = what, at, true
        self._image = None
        if self.element is not None and at.cell(self.element) is None:
            self.element = None
        self.update()

    def choose(self, element: Element | None) -> None:
        """Mark an element that was chosen elsewhere."""
        if element != self.element:
            self.element = element
            self.update()

    def describe(self, words: str) -> None:
        """What a screen reader says of the cell that is chosen."""
        self.setAccessibleDescription(words)

    def sizeHint(self) -> QSize:
        return QSize(320, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 64)

    # -- where cells are

    def picture_box(self) -> QRectF:
        """Where the picture is painted; its cells are square where that leaves them large enough."""
        rows, columns = max(1, self._slice.row_count), max(1, self._slice.column_count)
        room = QRectF(0, 0, max(8, self.width() - _LEGEND), self.height())
        wide, tall = room.width() / columns, room.height() / rows
        side = min(wide, tall, _LARGEST_CELL)
        # A long strip would be a hair: it is stretched to be seen.
        across = side if columns * side >= 48 else min(wide, 48 / columns)
        down = side if rows * side >= 48 else min(tall, max(side, min(48 / rows, _LARGEST_CELL)))
        size = QPointF(columns * across, rows * down)
        return QRectF(room.left(), room.center().y() - size.y() / 2, size.x(), size.y())

    def element_at(self, spot: QPointF | QPoint) -> Element | None:
        """The element under a point of this widget."""
        box, point = self.picture_box(), QPointF(spot)
        if self._reduced is None or not box.contains(point):
            return None
        row = int((point.y() - box.top()) / box.height() * self._slice.row_count)
        column = int((point.x() - box.left()) / box.width() * self._slice.column_count)
        return self._slice.element(
            min(row, self._slice.row_count - 1), min(column, self._slice.column_count - 1)
        )

    def spot_of(self, element: Element) -> QPointF | None:
        """The middle of an element's cell."""
        box = self.cell_box(element)
        return None if box is None else box.center()

    def cell_box(self, element: Element) -> QRectF | None:
        cell = self._slice.cell(element)
        if cell is None:
            return None
        box = self.picture_box()
        across, down = box.width() / self._slice.column_count, box.height() / self._slice.row_count
        return QRectF(box.left() + cell[1] * across, box.top() + cell[0] * down, across, down)

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._reduced is None:
            return
        painter = QPainter(self)
        c = theme.colours()
        box = self.picture_box()
        painter.setOpacity(1.0 if self._true else STALE_OPACITY)
        smaller = self._reduced.cells.shape[1] > box.width() or self._reduced.cells.shape[0] > box.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        painter.drawImage(box, self._picture())
        painter.setOpacity(1.0)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        self._paint_legend(painter)
        cell = None if self.element is None else self.cell_box(self.element)
        if cell is not None:
            around = QRectF(0, 0, max(8.0, cell.width()), max(8.0, cell.height()))
            around.moveCenter(cell.center())
            around.moveLeft(max(1.0, around.left()))
            around.moveTop(min(max(1.0, around.top()), self.height() - around.height() - 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(c.card), 4))
            painter.drawRect(around)
            painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.text), 2))
            painter.drawRect(around)
        painter.end()

    def _picture(self) -> QImage:
        assert self._reduced is not None
        c = theme.colours()
        key = (c.name, id(self._reduced))
        if self._image is None or self._image[0] != key:
            pixels = np.ascontiguousarray(diverging(self._reduced.cells, self._reduced.limit, c))
            self._image = (key, _image(pixels))
        return self._image[1]

    def _paint_legend(self, painter: QPainter) -> None:
        """The colours from the largest number down to its negative, with zero in the middle."""
        c, limit = theme.colours(), self.limit
        tall = min(float(self.height()) - 12, 120.0)
        left = min(self.picture_box().right() + 12, self.width() - _LEGEND + 12.0)
        bar = QRectF(left, (self.height() - tall) / 2, 8, tall)
        steps = np.linspace(1, -1, 64, dtype=np.float64).reshape(-1, 1)
        painter.drawImage(bar, _image(np.ascontiguousarray(diverging(steps, 1.0, c))))
        painter.setFont(theme.font(11, mono=True))
        painter.setPen(QColor(c.dim))
        marks = [(bar.center().y(), 0.0)]
        if limit > 0:
            marks += [(bar.top(), limit), (bar.bottom(), -limit)]
        for y, value in marks:
            place = QRectF(bar.right() + 4, y - 8, _LEGEND - 24, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short(value))

    # -- mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.element_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        element = self.element_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and element is not None:
            self._choose(element)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        element = self.element_at(event.position())
        if element is not None:
            self.opened.emit(element)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0)}
        key = Qt.Key(event.key())
        cell = (0, 0) if self.element is None else self._slice.cell(self.element) or (0, 0)
        if key in steps:
            down, across = steps[key] if self.element is not None else (0, 0)
            element = self._slice.element(cell[0] + down, cell[1] + across)
            if element is not None:
                self._choose(element)
        elif key == keys.Key_Home:
            self._choose(self._slice.element(0, 0))
        elif key in (keys.Key_Return, keys.Key_Enter) and self.element is not None:
            self.opened.emit(self.element)
        else:
            super().keyPressEvent(event)

    def _choose(self, element: Element | None) -> None:
        if self._reduced is not None and element is not None:
            self.element = element
            self.update()
            self.chosen.emit(element)


def short(value: float) -> str:
    """A number for a narrow place: three digits."""
    if value == 0 or 0.001 <= abs(value) < 10000:
        return f"{value:.3g}".replace("-", "−")
    return number(value)


def _image(pixels: NDArray[Any]) -> QImage:
    rows, columns = pixels.shape[:2]
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
