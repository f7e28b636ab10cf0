"""A view of a scene that is zoomed at the pointer and panned without scroll bars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsScene, QGraphicsView, QPinchGesture, QWidget

LEAST, MOST = 0.08, 4.0
_RIM = 32  # pixels from the border in which a drag moves the view
_AUTOPAN_MS = 16
_FASTEST = 24  # pixels a turn


def fitting(box: QRectF, room: QRectF) -> float:
    """The scale at which a rectangle of the scene just fits into one of the viewport, 1 at most."""
    return min(room.width() / box.width(), room.height() / box.height(), 1.0)


class ZoomView(QGraphicsView):
    """Wheel and pinch zoom about where they happen; what is there stays there."""

    zoomed = Signal(float)
    looked = Signal()  # another part of the scene is in view
    autopanned = Signal(QPointF)  # the view has moved under a pointer held at its rim, at this position

    def __init__(self, scene: QGraphicsScene | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if scene is not None:
            self.setScene(scene)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self._held = QPointF()
        self._autopan = QTimer(self)
        self._autopan.setInterval(_AUTOPAN_MS)
        self._autopan.timeout.connect(self._pan_at_rim)

    # -- where one looks

    def scale_now(self) -> float:
        return self.transform().m11()

    def seen(self) -> QRectF:
        """The part of the scene in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def scene_point(self, spot: QPointF) -> QPointF:
        """A viewport position in the scene, to a fraction of a pixel."""
        return self.viewportTransform().inverted()[0].map(spot)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a viewport position, by default the middle."""
        scale = min(max(self.scale_now() * factor, LEAST), MOST)
        if abs(scale - 1) < 0.02:
            scale = 1.0
        spot = QPointF(self.viewport().rect().center()) if at is None else at
        before = self.scene_point(spot)
        self.resetTransform()
        self.scale(scale, scale)
        now = self.viewportTransform().map(before)
        self._scroll(round(now.x() - spot.x()), round(now.y() - spot.y()))
        self.zoomed.emit(scale)
        self.looked.emit()

    def pan(self, dx: int, dy: int) -> None:
        """Show what is dx, dy pixels further to the right and below."""
        self._scroll(dx, dy)
        self.looked.emit()

    def look_at(self, centre: QPointF) -> None:
        """Bring a point of the scene into the middle."""
        self.centerOn(centre)
        self.looked.emit()

    def fit(self, box: QRectF, room: QRectF | None = None) -> None:
        """Bring a rectangle of the scene into view, never magnified; into a part of the viewport, if told."""
        whole = QRectF(self.viewport().rect())
        room = room or whole
        self.zoom(max(fitting(box, room), LEAST) / self.scale_now())
        self.look_at(box.center() + (whole.center() - room.center()) / self.scale_now())
        self.viewport().update()

    def _scroll(self, dx: int, dy: int) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + dx)
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + dy)

    # -- at the rim, while something is dragged

    def hold_at(self, spot: QPointF) -> None:
        """A drag is at this viewport position: near the rim the view moves until it leaves it."""
        self._held = spot
        if self._pull().isNull():
            self._autopan.stop()
        elif not self._autopan.isActive():
            self._autopan.start()

    def let_go(self) -> None:
        """The drag has ended."""
        self._autopan.stop()

    def _pull(self) -> QPoint:
        """How far to go at a time: the deeper in the rim, the faster."""
        room, spot = self.viewport().rect(), self._held

        def along(position: float, size: int) -> int:
            into = min(position, _RIM) - _RIM if position < size / 2 else _RIM - min(size - position, _RIM)
            return round(max(-1.0, min(1.0, into / _RIM)) * _FASTEST)

        return QPoint(along(spot.x(), room.width()), along(spot.y(), room.height()))

    def _pan_at_rim(self) -> None:
        pull = self._pull()
        self.pan(pull.x(), pull.y())
        self.autopanned.emit(self._held)

    # -- wheel and touch

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(-(delta.y() or delta.x()), 0)
        elif delta.y():
            self.zoom(1.0015 ** delta.y(), event.position())
        elif delta.x():
            self.pan(-delta.x(), 0)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom(pinch.scaleFactor(), QPointF(self.viewport().mapFromGlobal(pinch.centerPoint())))
                event.accept(pinch)
                return True
        return super().viewportEvent(event)
