"""A plane of two inputs: a field of answers, lines over it, the data's points, a cross to ask with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.studio import theme
from nnstudio.studio.formats import number

Floats = NDArray[np.float64]
_LEFT, _BOTTOM, _EDGE = 46, 20, 8
_NEAR = 6.0  # pixels
_FEW_LINES = 16
"""More than these are drawn without the strokes that tell their sides."""


@dataclass(frozen=True)
class Area:
    """What is seen of the plane."""

    left: float
    right: float
    low: float
    high: float

    @classmethod
    def around(cls, points: Floats) -> Area:
        """All points (n, 2), with some room."""
        if not len(points):
            return cls(-3.0, 3.0, -3.0, 3.0)
        least, most = points.min(axis=0), points.max(axis=0)
        room = np.maximum((most - least) * 0.2, 1e-6 + 0.05 * np.abs(most))
        least, most = least - room, most + room
        return cls(float(least[0]), float(most[0]), float(least[1]), float(most[1]))

    def zoomed(self, factor: float) -> Area:
        """Larger or smaller around its middle."""
        x, y = (self.left + self.right) / 2, (self.low + self.high) / 2
        wide, tall = (self.right - self.left) / 2 * factor, (self.high - self.low) / 2 * factor
        return Area(x - wide, x + wide, y - tall, y + tall)

    def grid(self, points: int) -> Floats:
        """Places (points², 2), row by row from below."""
        x, y = np.linspace(self.left, self.right, points), np.linspace(self.low, self.high, points)
        return np.stack([each.ravel() for each in np.meshgrid(x, y)], axis=1)


@dataclass(frozen=True)
class Line:
    """A unit's line, in pieces (n, 4) of x0, y0, x1, y1; `slope` points to where it is on, if known."""

    unit: int
    pieces: Floats
    slope: tuple[float, float] | None = None


class Plane(QWidget):
    """The wheel and + − zoom, 0 shows all; arrows move the cross, a click on a line chooses its unit."""

    area_changed = Signal()
    place_changed = Signal(object)  # (x, y) in the plane, or None
    unit_chosen = Signal(object)  # a unit, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Plane of the inputs")
        self.area = Area(-3, 3, -3, 3)
        self._field: QImage | None = None
        self._field_area = self.area
        self._borders: Floats = np.zeros((0, 4))
        self.lines: Sequence[Line] = ()
        self._points: Floats = np.zeros((0, 2))
        self._colours: list[str] = []
        self._hollow: NDArray[np.bool_] = np.zeros(0, bool)
        self.place: tuple[float, float] | None = None
        self.unit: int | None = None
        self._names = ("x1", "x2")

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 110)

    # -- what it shows

    def show_points(
        self, points: Floats, colours: list[str], hollow: NDArray[np.bool_], names: tuple[str, str]
    ) -> None:
        """Points (n, 2) with a colour each; hollow ones were not trained on."""
        self._points, self._colours, self._hollow, self._names = points, colours, hollow, names
        self.update()

    def show_field(self, pixels: NDArray[np.uint8], borders: Floats, area: Area) -> None:
        """RGBA (rows, columns, 4), its first row being the lowest; pieces of borders in the plane."""
        turned = np.ascontiguousarray(pixels[::-1])
        rows, columns = turned.shape[:2]
        self._field = QImage(turned.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
        self._borders, self._field_area = borders, area
        self.update()

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        if self.unit is not None and all(line.unit != self.unit for line in lines):
            self.choose_unit(None)
        self.update()

    def choose_unit(self, unit: int | None) -> None:
        if unit != self.unit:
            self.unit = unit
            self.unit_chosen.emit(unit)
            self.update()

    def look_at(self, area: Area) -> None:
        if area != self.area:
            self.area = area
            self.area_changed.emit()
            self.update()

    # -- where things are

    def box(self) -> QRectF:
        """Where the plane is painted."""
        return QRectF(
            _LEFT, _EDGE, max(8, self.width() - _LEFT - _EDGE), max(8, self.height() - _BOTTOM - _EDGE)
        )

    def spot_of(self, x: float, y: float) -> QPointF:
        box, area = self.box(), self.area
        return QPointF(
            box.left() + (x - area.left) / (area.right - area.left) * box.width(),
            box.bottom() - (y - area.low) / (area.high - area.low) * box.height(),
        )

    def place_at(self, spot: QPointF) -> tuple[float, float] | None:
        box, area = self.box(), self.area
        if not box.contains(spot):
            return None
        return (
            area.left + (spot.x() - box.left()) / box.width() * (area.right - area.left),
            area.low + (box.bottom() - spot.y()) / box.height() * (area.high - area.low),
        )

    def _segments(self, pieces: Floats) -> list[QLineF]:
        box, area = self.box(), self.area
        scale = np.array([box.width() / (area.right - area.left), -box.height() / (area.high - area.low)])
        shift = np.array([box.left() - area.left * scale[0], box.bottom() - area.low * scale[1]])
        spots = pieces.reshape(-1, 2, 2) * scale + shift
        return [QLineF(x0, y0, x1, y1) for (x0, y0), (x1, y1) in spots.tolist()]

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.box()
        painter.fillRect(box, QColor(c.inset))
        painter.save()
        painter.setClipRect(box)
        if self._field is not None:
            area = self._field_area
            # The outermost answers stand on the rim, so each half of a cell lies outside.
            x, y = (area.right - area.left) / (self._field.width() - 1) / 2, 0.0
            y = (area.high - area.low) / (self._field.height() - 1) / 2
            whole = QRectF(
                self.spot_of(area.left - x, area.high + y), self.spot_of(area.right + x, area.low - y)
            )
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(whole, self._field)
        self._paint_lines(painter)
        painter.setPen(QPen(QColor(c.text), 2))
        painter.drawLines(self._segments(self._borders))
        self._paint_points(painter)
        if self.place is not None:
            at = self.spot_of(*self.place)
            painter.setPen(QPen(QColor(c.card), 3))
            cross = [
                QLineF(at.x() - 7, at.y(), at.x() + 7, at.y()),
                QLineF(at.x(), at.y() - 7, at.x(), at.y() + 7),
            ]
            painter.drawLines(cross)
            painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.text), 1.5))
            painter.drawLines(cross)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.border), 1))
        painter.drawRect(box)
        self._paint_ends(painter, box)
        painter.end()

    def _paint_lines(self, painter: QPainter) -> None:
        c = theme.colours()
        for line in self.lines:
            chosen = line.unit == self.unit
            tint = QColor(c.update.mark if chosen else c.dim)
            tint.setAlphaF(1.0 if chosen else 0.35 if self.unit is not None else 0.75)
            painter.setPen(QPen(tint, 2.5 if chosen else 1.2))
            pieces = self._segments(line.pieces)
            painter.drawLines(pieces)
            if line.slope is not None and pieces and (chosen or len(self.lines) <= _FEW_LINES):
                self._paint_side(painter, pieces[0], line.slope, chosen)

    def _paint_side(self, painter: QPainter, piece: QLineF, slope: tuple[float, float], chosen: bool) -> None:
        """Short strokes to the side on which the unit is on; the whole side, where it is chosen."""
        box, area = self.box(), self.area
        on = QPointF(
            slope[0] * (area.right - area.left) / box.width(),
            -slope[1] * (area.high - area.low) / box.height(),
        )
        size = float(np.hypot(on.x(), on.y()))
        length = piece.length()
        if not size or not length:
            return
        on /= size
        steps = int(min(200, length // 14))
        for step in range(steps + 1):
            at = piece.pointAt((step + 0.5) / (steps + 1))
            painter.drawLine(QLineF(at, at + on * 4))
        if chosen:
            along = QPointF(piece.dx(), piece.dy()) / length * 4000
            middle, far = piece.center(), on * 4000
            side = QColor(theme.colours().update.mark)
            side.setAlphaF(0.18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(side)
            painter.drawPolygon([middle - along, middle + along, middle + along + far, middle - along + far])
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_points(self, painter: QPainter) -> None:
        c = theme.colours()
        size = 3.4 if len(self._points) <= 150 else 2.4
        for (x, y), tint, hollow in zip(self._points.tolist(), self._colours, self._hollow, strict=True):
            spot = self.spot_of(x, y)
            if hollow:
                painter.setPen(QPen(QColor(tint), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                painter.setPen(QPen(QColor(c.card), 1))
                painter.setBrush(QColor(tint))
            painter.drawEllipse(spot, size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_ends(self, painter: QPainter, box: QRectF) -> None:
        """How far the plane goes, and what its directions are called."""
        area = self.area
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.colours().dim))
        below = QRectF(box.left(), box.bottom() + 3, box.width(), 16)
        middle, left, right = (
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignRight,
        )
        painter.drawText(below, left, short(area.left))
        painter.drawText(below, right, short(area.right))
        metrics = painter.fontMetrics()
        room = int(box.width() - 120)
        painter.drawText(below, middle, metrics.elidedText(self._names[0], Qt.TextElideMode.ElideRight, room))
        aside = QRectF(0, box.top(), _LEFT - 5, box.height())
        painter.drawText(aside, right | Qt.AlignmentFlag.AlignTop, short(area.high))
        painter.drawText(aside, right | Qt.AlignmentFlag.AlignBottom, short(area.low))
        painter.save()
        painter.translate(14, box.center().y())
        painter.rotate(-90)
        half = box.height() / 2
        room = max(10, int(box.height() - 50))
        words = metrics.elidedText(self._names[1], Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(-half, -9, 2 * half, 18), Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    # -- mouse and keys

    def _ask(self, place: tuple[float, float] | None) -> None:
        self.place = place
        self.place_changed.emit(place)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._ask(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._ask(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose_unit(self.unit_at(event.position()))

    def unit_at(self, spot: QPointF) -> int | None:
        """The unit whose line is nearest to a point of this widget, and near it."""
        at = np.array([spot.x(), spot.y()])
        best: tuple[float, int | None] = (_NEAR, None)
        for line in self.lines:
            ends = np.array([each.toTuple() for each in self._segments(line.pieces)]).reshape(-1, 2, 2)
            if not len(ends):
                continue
            way = ends[:, 1] - ends[:, 0]
            length = np.maximum((way**2).sum(axis=1), 1e-9)
            along = np.clip(((at - ends[:, 0]) * way).sum(axis=1) / length, 0, 1)
            far = float(np.sqrt(((ends[:, 0] + along[:, None] * way - at) ** 2).sum(axis=1)).min())
            best = min(best, (far, line.unit), key=lambda each: each[0])
        return best[1]

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned:
            self.look_at(self.area.zoomed(0.8 if turned > 0 else 1.25))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, area = event.key(), self.area
        steps: dict[int, tuple[int, int]] = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        units = [line.unit for line in self.lines]
        if key in steps:
            x, y = self.place or ((area.left + area.right) / 2, (area.low + area.high) / 2)
            x += steps[key][0] * (area.right - area.left) / 40
            y += steps[key][1] * (area.high - area.low) / 40
            self._ask((float(np.clip(x, area.left, area.right)), float(np.clip(y, area.low, area.high))))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.look_at(area.zoomed(0.8))
        elif key == Qt.Key.Key_Minus:
            self.look_at(area.zoomed(1.25))
        elif key == Qt.Key.Key_0:
            self.look_at(Area.around(self._points))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and units:
            step = 1 if key == Qt.Key.Key_PageDown else -1
            at = units.index(self.unit) if self.unit in units else (-1 if step > 0 else 0)
            self.choose_unit(units[(at + step) % len(units)])
        else:
            super().keyPressEvent(event)


def short(value: float) -> str:
    """A number for a narrow place."""
    return number(float(f"{value:.3g}"))


def clipped(slope: tuple[float, float], offset: float, area: Area) -> Floats:
    """The piece (1, 4) of the line slope · x + offset = 0 that is in an area; none (0, 4) where none is."""
    ends: list[tuple[float, float]] = []
    a, b = slope
    if b:
        for x in (area.left, area.right):
            ends.append((x, -(a * x + offset) / b))
    if a:
        for y in (area.low, area.high):
            ends.append((-(b * y + offset) / a, y))
    room_x, room_y = 1e-9 * (area.right - area.left), 1e-9 * (area.high - area.low)
    inside = [
        (x, y)
        for x, y in ends
        if area.left - room_x <= x <= area.right + room_x and area.low - room_y <= y <= area.high + room_y
    ]
    if len(inside) < 2:
        return np.zeros((0, 4))
    first = inside[0]
    last: Any = max(inside, key=lambda p: (p[0] - first[0]) ** 2 + (p[1] - first[1]) ** 2)
    return np.array([[*first, *last]])
