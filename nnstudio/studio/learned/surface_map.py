"""A slice of the loss as shades with lines of equal loss, the run's path on it, and a cross to ask with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.explain.contour import contour
from nnstudio.explain.surface import Slice
from nnstudio.studio import theme
from nnstudio.studio.colours import mix

_LEVELS = 9
NOTHING = (
    "The loss around the weights as they are now, on a plane through them. "
    "After a run its path is drawn over it."
)


class SurfaceMap(QWidget):
    """Shades go by the logarithm of the loss, the lower the stronger. The arrows move the cross."""

    place_changed = Signal(object)  # (row, column) of the grid, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Slice of the loss")
        self.slice: Slice | None = None
        self.place: tuple[int, int] | None = None
        self._lines: list[NDArray[np.float64]] = []
        self.setAccessibleDescription(NOTHING)

    def sizeHint(self) -> QSize:
        return QSize(240, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def show_slice(self, found: Slice) -> None:
        self.slice, self.place = found, None
        height = _height(found.losses)
        levels = np.linspace(0, 1, _LEVELS + 2)[1:-1]
        self._lines = [contour(height - level) for level in levels]
        self.update()

    def box(self) -> QRectF:
        return QRectF(1, 1, max(8, self.width() - 2), max(8, self.height() - 2))

    def spot_of(self, row: float, column: float) -> QPointF:
        """Where a place of the grid is; the first row is the lowest."""
        box, many = self.box(), 1 if self.slice is None else len(self.slice.losses) - 1
        return QPointF(
            box.left() + column / many * box.width(),
            box.bottom() - row / many * box.height(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.slice
        c = theme.colours()
        painter = QPainter(self)
        if found is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.inset))
            painter.drawRoundedRect(self.rect(), 6, 6)
            painter.setPen(QColor(c.dim))
            painter.setFont(theme.font(12))
            centre = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(16, 8, -16, -8), centre, NOTHING)
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = self.box()
        painter.setClipRect(box)
        tones = [QColor(mix(c.card, c.positive, 0.75 * (1 - step / 63))) for step in range(64)]
        table = np.array([[tone.red(), tone.green(), tone.blue(), 255] for tone in tones], np.uint8)
        height = _height(found.losses)
        cells = table[np.rint(np.nan_to_num(height, nan=1.0) * 63).astype(np.intp)]
        error = QColor(c.error.mark)
        cells[~np.isfinite(found.losses)] = [error.red(), error.green(), error.blue(), 255]
        pixels = np.ascontiguousarray(cells[::-1])
        many = len(pixels)
        image = QImage(pixels.data, many, many, 4 * many, QImage.Format.Format_RGBA8888)
        half_x, half_y = box.width() / (many - 1) / 2, box.height() / (many - 1) / 2
        painter.drawImage(box.adjusted(-half_x, -half_y, half_x, half_y), image)
        faint = QColor(c.text)
        faint.setAlphaF(0.35)
        painter.setPen(QPen(faint, 1))
        for pieces in self._lines:
            painter.drawLines(
                [QLineF(self.spot_of(y0, x0), self.spot_of(y1, x1)) for x0, y0, x1, y1 in pieces.tolist()]
            )
        self._paint_path(painter, found)
        if self.place is not None:
            at = self.spot_of(*self.place)
            painter.setPen(QPen(QColor(c.focus), 2))
            painter.drawEllipse(at, 6, 6)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.end()

    def _paint_path(self, painter: QPainter, found: Slice) -> None:
        c = theme.colours()
        wide, tall = found.across[-1] - found.across[0], found.down[-1] - found.down[0]
        many = len(found.losses) - 1

        def spot(x: float, y: float) -> QPointF:
            return self.spot_of((y - found.down[0]) / tall * many, (x - found.across[0]) / wide * many)

        path = [spot(x, y) for x, y in found.path.tolist()]
        for width, tint in ((4.0, c.card), (2.0, c.backward.mark)):
            painter.setPen(QPen(QColor(tint), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(path))
        painter.setPen(QPen(QColor(c.card), 1.5))
        if path:
            painter.setBrush(QColor(c.backward.mark))
            painter.drawEllipse(path[0], 4, 4)
        painter.setBrush(QColor(c.update.mark))
        painter.drawEllipse(spot(0.0, 0.0), 5, 5)

    # -- mouse and keys

    def _ask(self, place: tuple[int, int] | None) -> None:
        self.place = place
        self.place_changed.emit(place)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box, spot = self.box(), event.position()
        if self.slice is None or not box.contains(spot):
            self._ask(None)
            return
        many = len(self.slice.losses) - 1
        row = round((box.bottom() - spot.y()) / box.height() * many)
        self._ask((row, round((spot.x() - box.left()) / box.width() * many)))

    def leaveEvent(self, event: QEvent) -> None:
        self._ask(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, tuple[int, int]] = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (1, 0),
            Qt.Key.Key_Down: (-1, 0),
        }
        if event.key() not in steps or self.slice is None:
            super().keyPressEvent(event)
            return
        many = len(self.slice.losses)
        row, column = self.place or (many // 2, many // 2)
        up, across = steps[event.key()]
        self._ask((min(max(row + up, 0), many - 1), min(max(column + across, 0), many - 1)))


def _height(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the loss, from 0 at the least to 1 at the greatest; NaN where it is not finite."""
    found = np.where(np.isfinite(losses), losses, np.nan)
    low = np.nanmin(found) if np.isfinite(found).any() else 0.0
    # Losses of zero have no logarithm, and negative ones (an Objective's) are shifted up.
    lifted = found - min(low, 0.0)
    floor = max(float(np.nanmax(lifted, initial=0.0)) * 1e-6, 1e-30)
    height = np.log(np.maximum(lifted, floor))
    span = float(np.nanmax(height, initial=-np.inf) - np.nanmin(height, initial=np.inf))
    if not np.isfinite(span) or span <= 0:
        return np.zeros_like(losses)
    return (height - np.nanmin(height)) / span
