"""A sheet to draw on, by mouse or by keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.studio import theme

Stroke = list[tuple[float, float]]
_STEP = 1 / 32
_MOVES: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_OWN = {*_MOVES, Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Delete}


class Pad(QWidget):
    """Strokes in shares of the sheet, 0 to 1. By keys: the arrows move the pen, Space puts it down and lifts
    it, Backspace takes the last stroke back, Delete clears the sheet.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        square = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        square.setHeightForWidth(True)
        self.setSizePolicy(square)
        self.setAccessibleName("Sheet to draw on")
        self.setAccessibleDescription(
            "Arrows move the pen, Space puts it down and lifts it, Backspace takes a stroke back, "
            "Delete clears."
        )
        self.strokes: list[Stroke] = []
        self.pen = 0.08
        """How thick the pen is, as a share of the sheet."""
        self._cursor = (0.5, 0.3)
        self._down = False  # by keys
        self._drawing = False  # by mouse

    def sizeHint(self) -> QSize:
        return QSize(160, 160)

    def heightForWidth(self, width: int) -> int:
        return width

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 96)

    def clear(self) -> None:
        self._down = self._drawing = False
        if self.strokes:
            self.strokes = []
            self.changed.emit()
        self.update()

    def undo(self) -> None:
        """Take the last stroke back."""
        self._down = self._drawing = False
        if self.strokes:
            self.strokes = self.strokes[:-1]
            self.changed.emit()
        self.update()

    def set_pen(self, share: float) -> None:
        self.pen = share
        self.update()

    def sheet(self) -> QRectF:
        """The square that is drawn on."""
        side = min(self.width(), self.height()) - 2
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def spot_of(self, x: float, y: float) -> QPointF:
        sheet = self.sheet()
        return QPointF(sheet.left() + x * sheet.width(), sheet.top() + y * sheet.height())

    def _place(self, spot: QPointF) -> tuple[float, float]:
        sheet = self.sheet()
        x, y = (spot.x() - sheet.left()) / sheet.width(), (spot.y() - sheet.top()) / sheet.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _begin(self, place: tuple[float, float]) -> None:
        self.strokes = [*self.strokes, [place]]
        self._cursor = place
        self.changed.emit()
        self.update()

    def _go_on(self, place: tuple[float, float]) -> None:
        self.strokes[-1].append(place)
        self._cursor = place
        self.changed.emit()
        self.update()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet = self.sheet()
        painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.border), 1))
        painter.setBrush(QColor(c.inset))
        painter.drawRoundedRect(sheet, 6, 6)
        painter.setClipRect(sheet)
        if not self.strokes:
            painter.setPen(QColor(c.dim))
            painter.setFont(theme.font(12))
            painter.drawText(sheet, Qt.AlignmentFlag.AlignCenter, "Draw here")
        ink = QPen(QColor(c.text), max(2.0, self.pen * sheet.width()))
        ink.setCapStyle(Qt.PenCapStyle.RoundCap)
        ink.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(ink)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in self.strokes:
            path = QPainterPath(self.spot_of(*stroke[0]))
            for place in stroke[1:]:
                path.lineTo(self.spot_of(*place))
            if len(stroke) == 1:
                painter.drawPoint(self.spot_of(*stroke[0]))
            else:
                painter.drawPath(path)
        if self.hasFocus():
            at, size = self.spot_of(*self._cursor), 5.0
            painter.setPen(QPen(QColor(c.focus), 2))
            painter.setBrush(QColor(c.focus) if self._down else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, size, size)
        painter.end()

    # -- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drawing, self._down = True, False
            self._begin(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drawing:
            self._go_on(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drawing = False

    def event(self, event: QEvent) -> bool:
        # The window has these keys too; with the keyboard here, it is the drawing that is meant.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and not event.modifiers() and event.key() in _OWN:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _MOVES:
            x, y = self._cursor[0] + _MOVES[key][0] * _STEP, self._cursor[1] + _MOVES[key][1] * _STEP
            place = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
            if self._down:
                self._go_on(place)
            else:
                self._cursor = place
                self.update()
        elif key == Qt.Key.Key_Space:
            self._down = not self._down
            if self._down:
                self._begin(self._cursor)
            self.update()
        elif key == Qt.Key.Key_Backspace:
            self.undo()
        elif key == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)
