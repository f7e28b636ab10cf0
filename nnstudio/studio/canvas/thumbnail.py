"""A live value drawn small: a number, diverging bars, or a heat-map, whichever its shape asks for."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from nnstudio.studio import theme
from nnstudio.studio.colours import diverging
from nnstudio.studio.formats import number

MOST_BARS = 24
MOST_CELLS = 4096
LEAST_SQUARE = 49
_STALE_OPACITY = 0.45
_MOST_MAPS = 32


class Thumbnail:
    """One array, which nobody changes any more, reduced once, when it is first asked for: painting costs the
    same for any size, and what nobody sees costs nothing.

    A single number is written out; up to 24 numbers are bars about a zero line; more are a heat-map: a 2-D
    array keeps its shape, a square number of features is a square picture, a long vector is folded into rows
    of equal length, and the maps of several channels are laid side by side.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        self._array: NDArray[Any] | None = array
        self._text = ""
        self._bars: NDArray[np.float64] | None = None
        self._cells: NDArray[np.float64] | None = None
        self._limit = 1.0
        self._image: QImage | None = None
        self._image_scheme = ""

    @property
    def text(self) -> str:
        self._reduce()
        return self._text

    @property
    def bars(self) -> NDArray[np.float64] | None:
        self._reduce()
        return self._bars

    @property
    def cells(self) -> NDArray[np.float64] | None:
        self._reduce()
        return self._cells

    @property
    def limit(self) -> float:
        self._reduce()
        return self._limit

    def _reduce(self) -> None:
        if self._array is None:
            return
        values = np.squeeze(np.asarray(self._array, dtype=np.float64))
        self._array = None
        if values.ndim == 0:
            self._text = number(float(values))
            return
        finite = values[np.isfinite(values)]
        self._limit = float(np.abs(finite).max()) if finite.size else 1.0
        if values.ndim == 1 and values.size <= MOST_BARS:
            self._bars = values
        else:
            self._cells = _folded(values)

    def paint(self, painter: QPainter, box: QRectF, fresh: bool = True) -> None:
        """Draw it into a box; what is stale is paler, with the word for it under it."""
        c = theme.colours()
        if not fresh:
            word = QRectF(box.left(), box.bottom() - 11, box.width(), 13)
            painter.setFont(theme.font(10))
            painter.setPen(QColor(c.dim))
            painter.drawText(word, Qt.AlignmentFlag.AlignCenter, "stale")
            box = box.adjusted(0, 0, 0, -12)
        if self.text:
            painter.setFont(theme.font(16, QFont.Weight.DemiBold, mono=True))
            painter.setPen(QColor(c.text if fresh else c.dim))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text)
            return
        opacity = painter.opacity()
        painter.setOpacity(opacity if fresh else opacity * _STALE_OPACITY)
        if self.bars is not None:
            self._paint_bars(painter, box)
        elif self.cells is not None:
            self._paint_cells(painter, box)
        painter.setOpacity(opacity)

    def _paint_bars(self, painter: QPainter, box: QRectF) -> None:
        c = theme.colours()
        assert self.bars is not None
        count = max(1, self.bars.size)
        pitch = min(box.width() / count, 12.0)
        left = box.center().x() - pitch * count / 2
        middle, reach = box.center().y(), box.height() / 2
        gap = 1.0 if pitch < 5 else 2.0
        up, down = [], []
        for i, value in enumerate(self.bars.tolist()):
            if not np.isfinite(value):
                continue
            tall = abs(value) / (self.limit or 1.0) * reach
            x = left + i * pitch + gap / 2
            (up if value >= 0 else down).append(
                QRectF(x, middle - tall if value >= 0 else middle, pitch - gap, tall)
            )
        painter.fillRect(QRectF(left, middle - 0.5, pitch * count, 1), QColor(c.card_border))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.positive))
        painter.drawRects(up)
        painter.setBrush(QColor(c.negative))
        painter.drawRects(down)

    def _paint_cells(self, painter: QPainter, box: QRectF) -> None:
        c = theme.colours()
        assert self.cells is not None
        if self._image is None or self._image_scheme != c.name:
            pixels = np.ascontiguousarray(diverging(self.cells, self.limit, c))
            rows, columns = pixels.shape[:2]
            data = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            self._image, self._image_scheme = data.copy(), c.name
        rows, columns = self.cells.shape
        scale = min(box.width() / columns, box.height() / rows)
        wide, tall = columns * scale, rows * scale
        if rows < columns and tall < 12:
            tall = 12.0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(
            QRectF(box.center().x() - wide / 2, box.center().y() - tall / 2, wide, tall), self._image
        )


def _folded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most MOST_CELLS of the values as a 2-D array that fills a wide, low box."""
    if values.ndim > 2:
        return _tiled(values.reshape(-1, *values.shape[-2:]))
    if values.ndim == 1:
        side = math.isqrt(values.size)
        if side * side == values.size >= LEAST_SQUARE:
            columns = side
        else:
            columns = next((k for k in range(32, 7, -1) if values.size % k == 0), 32)
        rows = -(-values.size // columns)
        padded = np.zeros(rows * columns)
        padded[: values.size] = values
        values = padded.reshape(rows, columns)
    return _thinned(values)


def _tiled(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The maps of the first channels in rows, a line of zeros between them."""
    maps = maps[:_MOST_MAPS]
    count, tall, wide = maps.shape
    columns = max(1, min(count, round((count * 2 * tall / max(1, wide)) ** 0.5)))
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, tall + 1, wide + 1))
    sheet[:count, :tall, :wide] = maps
    whole = sheet.reshape(rows, columns, tall + 1, wide + 1).swapaxes(1, 2)
    return _thinned(whole.reshape(rows * (tall + 1), columns * (wide + 1))[:-1, :-1])


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    most = int(MOST_CELLS**0.5)
    strides = [max(1, -(-n // most)) for n in values.shape]
    return np.ascontiguousarray(values[:: strides[0], :: strides[1]])
