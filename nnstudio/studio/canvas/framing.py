"""Comment frames under the mouse: which part of one is there, changing its size, and typing its title."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit

from nnstudio.graph import AddFrame, SetFrame
from nnstudio.graph.frame import LONGEST_TITLE, Frame
from nnstudio.studio import theme
from nnstudio.studio.canvas.frame_item import BAR, FrameItem
from nnstudio.studio.canvas.gestures import SNAP, Gesture, snapped
from nnstudio.studio.canvas.lettering import colour

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene
    from nnstudio.studio.canvas.view import Canvas

BORDER_PIXELS = 5.0
CORNER_PIXELS = 14.0
ROOM = 24.0  # between a new frame and the cards in it
TITLE = "Comment"
_LEAST = (96.0, BAR + 5 * SNAP)
_FIELD_PIXELS = 26
_SMALLEST_FONT = 12.0

LEFT, TOP, RIGHT, BOTTOM = "left", "top", "right", "bottom"


class Part(NamedTuple):
    """Of a frame: its title, where `sides` is empty, or the border at these sides."""

    item: FrameItem
    sides: frozenset[str]

    @property
    def cursor(self) -> Qt.CursorShape:
        shapes = Qt.CursorShape
        if not self.sides:
            return shapes.OpenHandCursor
        if self.sides in ({LEFT, TOP}, {RIGHT, BOTTOM}):
            return shapes.SizeFDiagCursor
        if len(self.sides) == 2:
            return shapes.SizeBDiagCursor
        return shapes.SizeHorCursor if self.sides & {LEFT, RIGHT} else shapes.SizeVerCursor


def part_at(scene: GraphScene, point: QPointF, scale: float) -> Part | None:
    """What of a frame can be taken hold of at a point, of the topmost one; within it is only canvas."""
    border, corner = BORDER_PIXELS / scale, CORNER_PIXELS / scale
    for item in reversed(scene.frames.values()):
        box = item.scene_box()
        if not box.adjusted(-border, -border, border, border).contains(point):
            continue
        away = {
            LEFT: abs(point.x() - box.left()),
            TOP: abs(point.y() - box.top()),
            RIGHT: abs(point.x() - box.right()),
            BOTTOM: abs(point.y() - box.bottom()),
        }
        # A frame seen from afar is little more than border: then its title is all of it.
        close = min(border, box.height() / 6)
        sides = {side for side, distance in away.items() if distance <= close}
        if sides:
            # Near a corner both sides are meant.
            sides |= {side for side, distance in away.items() if distance <= min(corner, box.height() / 4)}
            return Part(item, frozenset(sides))
        if item.grip_box().contains(point):
            return Part(item, frozenset({RIGHT, BOTTOM}))
        if item.title_box().contains(point):
            return Part(item, frozenset())
    return None


class ResizeFrame(Gesture):
    """Draws sides of a frame to other places, onto the grid unless Alt is held. What lies in it stays."""

    autopans = True

    def __init__(self, canvas: Canvas, start: QPointF, part: Part) -> None:
        super().__init__(canvas)
        self.cursor = part.cursor
        self._start = start
        self._sides = part.sides
        self._frame = part.item.frame

    def _sized(self, by: QPointF, free: bool) -> Frame:
        box = QRectF(*self._frame.position, *self._frame.size)
        if self._sides & {LEFT, TOP}:
            corner = box.topLeft() + by
            corner = corner if free else snapped(corner)
            if LEFT in self._sides:
                box.setLeft(min(corner.x(), box.right() - _LEAST[0]))
            if TOP in self._sides:
                box.setTop(min(corner.y(), box.bottom() - _LEAST[1]))
        if self._sides & {RIGHT, BOTTOM}:
            corner = QRectF(*self._frame.position, *self._frame.size).bottomRight() + by
            corner = corner if free else snapped(corner)
            if RIGHT in self._sides:
                box.setRight(max(corner.x(), box.left() + _LEAST[0]))
            if BOTTOM in self._sides:
                box.setBottom(max(corner.y(), box.top() + _LEAST[1]))
        return replace(self._frame, position=(box.x(), box.y()), size=(box.width(), box.height()))

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        self._show(self._sized(point - self._start, free))

    def _show(self, frame: Frame) -> None:
        item = self.scene.frames.get(frame.id)
        if item is not None and item.frame != frame:
            item.show_frame(frame)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        frame = self._sized(point - self._start, free)
        if frame == self._frame or not self.canvas.sheet.push(SetFrame(frame)):
            self.cancel()

    def click(self, modifiers: Qt.KeyboardModifier) -> None:
        """It is selected, and that is all."""

    def cancel(self) -> None:
        self._show(self._frame)


class TypeTitle(Gesture):
    """A field stands over a frame's title until Enter, or until something else gets the focus. A new frame is
    only outlined meanwhile: it comes with its title, in one edit, or with Esc not at all.
    """

    by_mouse = False

    def __init__(self, canvas: Canvas, frame: Frame, new: bool = False) -> None:
        super().__init__(canvas)
        self._frame = frame
        self._new = new
        self.field: TitleField | None = None

    def begin(self) -> None:
        """Open the field; the canvas has the gesture already."""
        self.field = TitleField(self)

    def commit(self) -> None:
        """Take the title that was typed."""
        field = self.field
        if field is None:
            return
        title = " ".join(field.text().split())
        self._close()
        canvas = self.canvas
        if canvas.gesture is self:
            canvas.finish_gesture()
        frame = replace(self._frame, title=title)
        if self._new:
            frame = replace(frame, id=canvas.sheet.level.next_frame_id())
            if canvas.sheet.push(AddFrame(frame)):
                canvas.select([], [], [frame.id])
        elif frame != self._frame and frame.id in canvas.sheet.level.frames:
            canvas.sheet.push(SetFrame(replace(canvas.sheet.level.frames[frame.id], title=title)))

    def cancel(self) -> None:
        self._close()

    def _close(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            if field.hasFocus():
                self.canvas.setFocus()
            field.hide()
            field.deleteLater()

    def box(self) -> QRectF:
        """The frame's, in the scene."""
        return QRectF(*self._frame.position, *self._frame.size)

    @property
    def title(self) -> str:
        return self._frame.title

    def bounds(self) -> QRectF:
        return self.box().adjusted(-4, -4, 4, 4) if self._new else QRectF()

    def paint(self, painter: QPainter) -> None:
        if not self._new:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour(theme.colours().focus), 2, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.box(), 8, 8)


class TitleField(QLineEdit):
    """Lies over the title bar wherever the view goes."""

    def __init__(self, gesture: TypeTitle) -> None:
        canvas = gesture.canvas
        super().__init__(gesture.title, canvas.viewport())
        self._canvas = canvas
        self._gesture = gesture
        self.setAccessibleName("Title of the comment frame")
        self.setMaxLength(LONGEST_TITLE)
        canvas.looked.connect(self._place)
        canvas.viewport().installEventFilter(self)
        self._place()
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        scale = self._canvas.scale_now()
        box = self._canvas.viewportTransform().mapRect(self._gesture.box())
        self.setFont(theme.font(max(13 * scale, _SMALLEST_FONT)))
        tall = max(BAR * scale, _FIELD_PIXELS)
        self.setGeometry(QRectF(box.left(), box.top(), max(box.width(), 120.0), tall).toAlignedRect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._canvas.abandon()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._gesture.commit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # Its own context menu, and another window on top, are no reason to end.
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._gesture.commit()


def type_title(canvas: Canvas, frame: Frame, new: bool = False) -> None:
    """Let the user type the title of a frame."""
    gesture = TypeTitle(canvas, frame, new)
    canvas.begin(gesture)
    gesture.begin()
