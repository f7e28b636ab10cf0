"""A plane to draw samples in, with the mouse or by the keyboard: points, a brush, an eraser."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.data.drawn import MOST_POINTS
from nnstudio.studio import theme
from nnstudio.studio.formats import count, number
from nnstudio.studio.gathering import class_marks

Points = NDArray[np.float64]
POINT, BRUSH, ERASER = "Point", "Brush", "Eraser"
TOOLS = (POINT, BRUSH, ERASER)
_EDGE = 20
_STEP, _FINE = 0.05, 0.01
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_TOOL_KEYS = {Qt.Key.Key_P: POINT, Qt.Key.Key_B: BRUSH, Qt.Key.Key_E: ERASER}
_PUT = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TAKE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class Drawing(QWidget):
    """The plane from −1 to 1. What a stroke leaves is told once, at its end; Esc gives the stroke up."""

    stroked = Signal(object)  # all points, (n, 3): x, y, class
    tool_wanted = Signal(str)
    class_wanted = Signal(int)
    full = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Plane to draw samples in")
        self.tool, self.number, self.classes, self.radius = POINT, 0, 2, 0.1
        self.points: Points = np.zeros((0, 3))
        self.cross = (0.0, 0.0)
        self._former: Points | None = None  # what there was before the stroke
        self._last: tuple[float, float] | None = None
        self._spot: QPointF | None = None
        self._rng = np.random.default_rng(0)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(240, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 96)

    # -- showing

    def show_points(self, points: Points, classes: int) -> None:
        """What the document holds; a stroke that is going on is given up."""
        self._former = None
        self.points, self.classes = points, classes
        self._describe()
        self.update()

    def box(self) -> QRectF:
        """Where the plane is: a square."""
        side = max(40, min(self.width(), self.height()) - 2 * _EDGE)
        return QRectF(_EDGE + 8, (self.height() - side) / 2, side, side)

    def reach(self) -> float:
        """How far the plane goes: 1, or farther where points of another hand are."""
        return max(1.0, float(np.abs(self.points[:, :2]).max(initial=0.0)))

    def spot_of(self, x: float, y: float) -> QPointF:
        """Where a place of the plane is in the widget."""
        box, reach = self.box(), self.reach()
        return QPointF(
            box.center().x() + x / reach * box.width() / 2, box.center().y() - y / reach * box.height() / 2
        )

    def place_of(self, spot: QPointF) -> tuple[float, float]:
        """The place of the plane at a point of the widget."""
        box, reach = self.box(), self.reach()
        x = (spot.x() - box.center().x()) / box.width() * 2 * reach
        y = (box.center().y() - spot.y()) / box.height() * 2 * reach
        return (float(np.clip(x, -reach, reach)), float(np.clip(y, -reach, reach)))

    def paintEvent(self, event: QPaintEvent) -> None:
        c, box = theme.colours(), self.box()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, QColor(c.inset))
        painter.setPen(QPen(QColor(c.border), 1))
        middle = self.spot_of(0, 0)
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        painter.drawLine(QPointF(middle.x(), box.top()), QPointF(middle.x(), box.bottom()))
        painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.border), 1))
        painter.drawRect(box)
        for group in range(class_count(self.points, self.classes)):
            path, tint = class_marks.outline(group, 4), class_marks.tint(group)
            for x, y in self.points[self.points[:, 2] == group, :2].tolist():
                spot = self.spot_of(x, y)
                painter.fillPath(path.translated(spot), tint)
        self._paint_hand(painter)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(c.dim))
        reach = number(self.reach())
        right, bottom = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignTop
        painter.drawText(QRectF(box.left(), box.bottom() + 2, box.width(), 16), right | bottom, reach)
        painter.drawText(QRectF(box.left(), box.bottom() + 2, box.width(), 16), bottom, f"−{reach}")
        if not len(self.points):
            words = "Click to put a point here"
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_hand(self, painter: QPainter) -> None:
        """The circle that the brush or the eraser reaches, and the cross of the keyboard."""
        c = theme.colours()
        if self.hasFocus():
            at = self.spot_of(*self.cross)
            painter.setPen(QPen(QColor(c.text), 1))
            painter.drawLine(at - QPointF(7, 0), at + QPointF(7, 0))
            painter.drawLine(at - QPointF(0, 7), at + QPointF(0, 7))
        spot = self._spot or (self.spot_of(*self.cross) if self.hasFocus() else None)
        if spot is not None and self.tool != POINT:
            far = self.radius / self.reach() * self.box().width() / 2
            painter.setPen(QPen(QColor(c.dim), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot, far, far)

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = event.position()
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        if not self.box().adjusted(-4, -4, 4, 4).contains(spot):
            return
        self._begin()
        self._apply(self.place_of(spot), self._tool_for(event.button()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._spot = event.position() if self.box().contains(event.position()) else None
        if self._former is not None and self._last is not None:
            button = (
                Qt.MouseButton.RightButton
                if event.buttons() & Qt.MouseButton.RightButton
                else Qt.MouseButton.LeftButton
            )
            tool, place = self._tool_for(button), self.place_of(event.position())
            gone = float(np.hypot(place[0] - self._last[0], place[1] - self._last[1]))
            if tool != POINT and gone >= 0.4 * self.radius:
                self._apply(place, tool)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._end()

    def leaveEvent(self, event: QEvent) -> None:
        self._spot = None
        self.update()

    def _tool_for(self, button: Qt.MouseButton) -> str:
        return ERASER if button == Qt.MouseButton.RightButton else self.tool

    # -- the keyboard

    def event(self, event: QEvent) -> bool:
        asks = event.type() == QEvent.Type.ShortcutOverride  # whether a key is the window's or this plane's
        if asks and isinstance(event, QKeyEvent) and self._knows(event):
            event.accept()
            return True
        return super().event(event)

    def _knows(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if plain != Qt.KeyboardModifier.NoModifier:
            return False
        if event.key() == Qt.Key.Key_Escape:
            return self._former is not None
        return event.key() in (*_ARROWS, *_TOOL_KEYS, *_PUT, *_TAKE) or self._class_of(event) is not None

    def _class_of(self, event: QKeyEvent) -> int | None:
        number = event.key() - Qt.Key.Key_0
        return number if 0 <= number < self.classes else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._knows(event):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._give_up()
        elif key in _ARROWS:
            step = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
            reach = self.reach()
            x, y = (at + by * step for at, by in zip(self.cross, _ARROWS[key], strict=True))
            self.cross = (
                float(np.clip(round(x, 4), -reach, reach)),
                float(np.clip(round(y, 4), -reach, reach)),
            )
        elif key in _TOOL_KEYS:
            self.tool_wanted.emit(_TOOL_KEYS[key])
        elif key in _PUT or key in _TAKE:
            self._begin()
            self._apply(self.cross, ERASER if key in _TAKE else self.tool)
            self._end()
        else:
            self.class_wanted.emit(self._class_of(event))
        self._describe()
        self.update()

    # -- strokes

    def _begin(self) -> None:
        self._former, self._last = self.points, None

    def _apply(self, place: tuple[float, float], tool: str) -> None:
        """What the tool does at a place."""
        self._last = place
        if tool == ERASER:
            far = np.hypot(self.points[:, 0] - place[0], self.points[:, 1] - place[1])
            self.points = self.points[far > self.radius]
        elif len(self.points) >= MOST_POINTS:
            self.full.emit()
        else:
            x, y = place
            if tool == BRUSH:
                angle, far = self._rng.uniform(0, 2 * np.pi), self.radius * np.sqrt(self._rng.uniform())
                x, y = x + far * np.cos(angle), y + far * np.sin(angle)
            reach = self.reach()
            new: Any = [[np.clip(x, -reach, reach), np.clip(y, -reach, reach), self.number]]
            self.points = np.concatenate([self.points, new])
        self.update()

    def _end(self) -> None:
        former, self._former, self._last = self._former, None, None
        if former is not None and not np.array_equal(former, self.points):
            self._describe()
            self.stroked.emit(self.points)

    def _give_up(self) -> None:
        if self._former is not None:
            self.points, self._former = self._former, None

    def _describe(self) -> None:
        each = [int((self.points[:, 2] == group).sum()) for group in range(self.classes)]
        of = ", ".join(f"{many:,} of class {group}" for group, many in enumerate(each))
        x, y = (number(at) for at in self.cross)
        self.setAccessibleDescription(
            f"{count(len(self.points), 'point')}: {of}. The cross is at {x}, {y}; arrows move it, Space uses "
            f"the {self.tool.lower()} there, Delete erases."
        )


def class_count(points: Points, classes: int) -> int:
    """How many there are to be seen."""
    return max(classes, int(points[:, 2].max(initial=-1)) + 1)
