"""A small heat map of a quantity, to pick one of its numbers by a click or with the arrow keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nnstudio.explain.numerals import plain_number
from nnstudio.explain.place import Element, located
from nnstudio.modules.shapes import format_shape
from nnstudio.studio import theme
from nnstudio.studio.colours import diverging

LARGEST_CELL = 14.0
_LONG = 48
"""A row of more numbers is folded into several."""
_MOST_CELLS = 65536
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ElementMap(QWidget):
    """Rows are the first axis and columns the last; a long row is folded. `picked` tells an index."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self._array: NDArray[Any] = np.zeros(())
        self._element: Element = ()
        self._pale = False
        self._grid = (1, 1)
        self._image: QImage | None = None
        self._scheme = ""
        self.largest: tuple[int, int] = (168, 56)
        """Pixels, across and down."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_array(self, key: str, array: NDArray[Any], element: Element, pale: bool = False) -> None:
        """A copy is kept: what is shown is of this moment."""
        self._key, self._element, self._pale = key, element, pale
        same = array.shape == self._array.shape and np.array_equal(array, self._array, equal_nan=True)
        if not same or self._image is None:
            self._array = np.array(array)
            self._image = None
        size = array.size
        if array.ndim >= 2:
            self._grid = (max(1, size // max(1, array.shape[-1])), max(1, array.shape[-1]))
        elif size > _LONG:
            self._grid = (-(-size // 32), 32)
        else:
            self._grid = (1, max(1, size))
        where = f"element [{', '.join(map(str, element))}] is " if element else ""
        self.setAccessibleName(
            f"{key}, {format_shape(array.shape)}: {where}{plain_number(float(array[element]))}"
            if size else f"{key} holds no numbers"
        )  # fmt: skip
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows, columns = self._grid
        wide, tall = self.largest
        return QSize(
            round(min(wide, columns * LARGEST_CELL)) + 2, round(min(tall, max(14, rows * LARGEST_CELL))) + 2
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(28, 14)

    def cell(self, element: Element) -> QRectF:
        """Where a number of the array is drawn."""
        place = int(np.ravel_multi_index(element, self._array.shape)) if element else 0
        row, column = divmod(place, self._grid[1])
        box = self._box()
        wide, tall = box.width() / self._grid[1], box.height() / self._grid[0]
        return QRectF(box.left() + column * wide, box.top() + row * tall, wide, tall)

    def _box(self) -> QRectF:
        rows, columns = self._grid
        room_across, room_down = self.width() - 2, self.height() - 2
        pitch = min(room_across / columns, room_down / rows, LARGEST_CELL)
        # Square cells, but no thread that cannot be hit.
        wide = max(columns * pitch, min(LARGEST_CELL, room_across))
        tall = max(rows * pitch, min(LARGEST_CELL, room_down))
        return QRectF(1, (self.height() - tall) / 2, wide, tall)

    def _element_at(self, x: float, y: float) -> Element | None:
        box = self._box()
        if not box.contains(x, y) or not self._array.size:
            return None
        row = min(self._grid[0] - 1, int((y - box.top()) / box.height() * self._grid[0]))
        column = min(self._grid[1] - 1, int((x - box.left()) / box.width() * self._grid[1]))
        return self._at(row * self._grid[1] + column)

    def _at(self, place: int) -> Element | None:
        if not 0 <= place < self._array.size:
            return None
        return tuple(int(axis) for axis in np.unravel_index(place, self._array.shape))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        element = self._element_at(event.position().x(), event.position().y())
        if element is not None:
            self.picked.emit(element)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self._element:
            super().keyPressEvent(event)
            return
        place = int(np.ravel_multi_index(self._element, self._array.shape))
        element = self._at(place + step[0] * self._grid[1] + step[1])
        if element is not None:
            self.picked.emit(element)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            element = self._element_at(event.pos().x(), event.pos().y())
            if element is not None:
                words = f"{located(self._key, element)} = {plain_number(float(self._array[element]))}"
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._array.size:
            return
        c = theme.colours()
        if self._image is None or self._scheme != c.name:
            self._image, self._scheme = _pictured(self._array, self._grid), c.name
        painter = QPainter(self)
        painter.setOpacity(0.45 if self._pale else 1.0)
        box = self._box()
        rows, columns = self._grid
        small = box.width() / columns < 1 or box.height() / rows < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small)
        painter.drawImage(box, self._image)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = self.cell(self._element)
        grow = max(0.0, (5 - min(cell.width(), cell.height())) / 2)
        cell.adjust(-grow, -grow, grow, grow)
        painter.setPen(QPen(QColor(c.text), 1.5))
        painter.drawRect(cell)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


def _pictured(array: NDArray[Any], grid: tuple[int, int]) -> QImage:
    c = theme.colours()
    cells = np.zeros(grid[0] * grid[1])
    cells[: array.size] = array.reshape(-1)
    cells = cells.reshape(grid)
    most = int(_MOST_CELLS**0.5)
    cells = cells[:: max(1, -(-grid[0] // most)), :: max(1, -(-grid[1] // most))]
    finite = np.abs(cells[np.isfinite(cells)])
    pixels = np.ascontiguousarray(diverging(cells, float(finite.max(initial=0.0)), c))
    rows, columns = cells.shape
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
