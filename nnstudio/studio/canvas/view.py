"""The canvas: a view on the scene, with zoom and pan, gestures, drops from the palette, and keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from nnstudio.graph import Edge, Edit, Move, RemoveEdge, RemoveNode, Sequence
from nnstudio.studio.canvas.background import paint_dots, paint_far, paint_invitation
from nnstudio.studio.canvas.connecting import Connect, ConnectByKeys
from nnstudio.studio.canvas.dropping import Landing, module_of, placement
from nnstudio.studio.canvas.gestures import SNAP, BoxSelect, Gesture, MoveNodes, Pan, snapped
from nnstudio.studio.canvas.keys import press
from nnstudio.studio.canvas.layout import arranged
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.minimap import Minimap
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.document import Document

FAR = 0.35  # below this scale cards are plain rectangles
_LEAST, _MOST = 0.08, 4.0
_PORT_PIXELS = 12.0
_EDGE_PIXELS = 8.0
_DRAG_PIXELS = 4


class Canvas(QGraphicsView):
    """What the user draws on. Every change it makes is an edit pushed to the document."""

    selection_changed = Signal()
    node_opened = Signal(str)  # double-click or Enter on a node: its id
    refused = Signal(str)  # a connection that cannot be, in a sentence
    zoomed = Signal(float)
    menu_wanted = Signal(QPoint)  # a context menu, at this global position

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        # Kept by us: the view does not keep its scene alive.
        self.graph_scene = GraphScene(document, self)
        self.setScene(self.graph_scene)
        self.setAccessibleName("Canvas")
        self.viewport().setAccessibleName("Canvas")
        self.setAccessibleDescription(
            "The graph: arrows move the selected nodes, Alt with arrows selects along edges"
        )
        self.setObjectName("canvas")
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.gesture: Gesture | None = None
        self._landing: Landing | None = None
        self._pressed: QPoint | None = None
        self.space = False
        self._overlay = QRectF()
        self._framed = False
        self.minimap = Minimap(self)
        self.graph_scene.selectionChanged.connect(self.selection_changed)
        document.replaced.connect(self._show_new_document)
        document.graph_changed.connect(self._graph_changed)
        document.moved.connect(self._graph_changed)

    # -- for others: values and light

    def light(
        self, node: str | None, edges: Iterable[Edge] = (), phase: str = "forward", value_text: str = ""
    ) -> None:
        """Light a node (by id) and edges in the colour of a phase, with a value beside the first edge. node
        None and no edges put the light out.
        """
        self.graph_scene.light(node, edges, phase, value_text)

    def set_thumbnail(self, node: str, array: NDArray[Any] | None) -> None:
        """Show a live value on a node's card (by id): a number, a vector or a matrix. None shows the
        formula again.
        """
        self.graph_scene.set_thumbnail(node, array)

    def clear_thumbnails(self) -> None:
        self.graph_scene.clear_thumbnails()

    def set_fresh(self, ids: Iterable[str]) -> None:
        """Say which nodes' shown outputs are current; the rest looks stale."""
        self.graph_scene.set_fresh(ids)

    def selected_nodes(self) -> list[str]:
        return self.graph_scene.selected_nodes()

    def select(self, ids: Iterable[str], edges: Iterable[Edge] = ()) -> None:
        self.graph_scene.select(ids, edges)

    # -- looking

    def scale_now(self) -> float:
        return self.transform().m11()

    def seen(self) -> QRectF:
        """The part of the scene in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a viewport position, by default the middle; what is there stays there."""
        scale = min(max(self.scale_now() * factor, _LEAST), _MOST)
        if abs(scale - 1) < 0.02:
            scale = 1.0
        spot = QPointF(self.viewport().rect().center()) if at is None else at
        inverse, _ = self.viewportTransform().inverted()
        before = inverse.map(spot)
        self.resetTransform()
        self.scale(scale, scale)
        now = self.viewportTransform().map(before)
        self.pan(round(now.x() - spot.x()), round(now.y() - spot.y()))
        self.zoomed.emit(scale)
        self.minimap.refresh()

    def pan(self, dx: int, dy: int) -> None:
        """Show what is dx, dy pixels further to the right and below."""
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + dx)
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + dy)
        self.minimap.refresh()

    def frame(self, ids: Iterable[str] | None = None) -> None:
        """Fit these nodes, by default all, into view; never magnified."""
        box = self.graph_scene.contents(ids)
        if box.isEmpty():
            box = QRectF(-WIDTH, -HEIGHT, 3 * WIDTH, 3 * HEIGHT)
        box.adjust(-48, -48, 48, 48)
        room = self.viewport().rect()
        scale = min(room.width() / box.width(), room.height() / box.height(), 1.0)
        self.zoom(max(scale, _LEAST) / self.scale_now())
        self.centerOn(box.center())
        self.minimap.refresh()
        self.viewport().update()

    def frame_selection(self) -> None:
        self.frame(self.selected_nodes() or None)

    def reveal(self, node_id: str) -> None:
        """Bring a node into view if it is out of it."""
        if node_id in self.graph_scene.nodes:
            box = self.graph_scene.nodes[node_id].scene_card()
            if not self.seen().contains(box):
                self.centerOn(box.center())
                self.minimap.refresh()

    def _show_new_document(self) -> None:
        self.abandon()
        self.frame()

    def _graph_changed(self) -> None:
        self.minimap.refresh()
        self.viewport().update()

    # -- changing the graph

    def add_module(self, module: str) -> str | None:
        """Add a module of this type in the middle of the view, beside what is there already; returns its
        id.
        """
        self.abandon()
        centre = self.seen().center()
        spot = snapped(centre - QPointF(WIDTH / 2, HEIGHT / 2))
        taken = [item.scene_card() for item in self.graph_scene.nodes.values()]
        while any(card.intersects(QRectF(spot.x(), spot.y(), WIDTH, HEIGHT)) for card in taken):
            spot += QPointF(0, HEIGHT + 3 * SNAP)
        return self._place(placement(self, module, spot, self.document.level.next_id(), None))

    def _place(self, edit: Edit) -> str | None:
        node_id = self.document.level.next_id()
        if not self.document.push(edit):
            return None
        self.select([node_id])
        self.reveal(node_id)
        return node_id

    def delete_selection(self) -> None:
        """Remove the selected nodes and edges, as one edit."""
        self.abandon()
        nodes = self.selected_nodes()
        gone = set(nodes)
        edges = [
            edge
            for edge in self.graph_scene.selected_edges()
            if edge.source not in gone and edge.target not in gone
        ]
        edits: list[Edit] = [*(RemoveEdge(edge) for edge in edges), *(RemoveNode(key) for key in nodes)]
        if len(edits) == 1:
            self.document.push(edits[0])
        elif edits:
            what = f"{len(nodes)} nodes" if len(nodes) > 1 else f"{len(edits)} parts"
            self.document.push(Sequence(edits, f"Remove {what}"))

    def arrange(self) -> None:
        """Lay the graph out from left to right, as one edit."""
        self.abandon()
        places = arranged(self.document.level)
        if places:
            self.document.push(Move(places, label="Arrange the graph"))
            self.frame()

    def select_all(self) -> None:
        self.select(self.graph_scene.nodes)

    def connect_by_keys(self) -> None:
        """Begin to connect the selected node's output with the keyboard."""
        selected = self.selected_nodes()
        if len(selected) != 1:
            self.refused.emit("Select one node to connect from.")
            return
        item = self.graph_scene.nodes[selected[0]]
        if not item.look.outputs:
            self.refused.emit(f"{item.look.name} has no output to connect from.")
            return
        gesture = ConnectByKeys(self, (selected[0], Port("output", item.look.outputs[0])))
        if not gesture.choices():
            gesture.cancel()
            self.refused.emit(f"There is no port that {item.look.name} could be connected to.")
            return
        self._begin(gesture)

    # -- gestures

    def _begin(self, gesture: Gesture) -> None:
        self.gesture = gesture
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        self.update_overlay()

    def finish_gesture(self) -> None:
        self.gesture = None
        self.viewport().unsetCursor()
        self.update_overlay()
        self.minimap.refresh()

    def abandon(self) -> None:
        """End the gesture under way as if it had never begun."""
        if self.gesture is not None:
            self.gesture.cancel()
            self.finish_gesture()

    def update_overlay(self) -> None:
        """Repaint where the overlay was and is."""
        now = QRectF()
        if self.gesture is not None:
            now = self.gesture.bounds()
        if self._landing is not None:
            now = now.united(self._landing.bounds())
        dirty = self._overlay.united(now)
        self._overlay = now
        if not dirty.isEmpty():
            self.viewport().update(self.mapFromScene(dirty).boundingRect().adjusted(-4, -4, 4, 4))

    def _gesture_for(self, event: QMouseEvent) -> Gesture | None:
        spot = event.position()
        point = self.mapToScene(spot.toPoint())
        if event.button() == Qt.MouseButton.MiddleButton or self.space:
            return Pan(self, spot)
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        adding = bool(
            event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        scene = self.graph_scene
        near = scene.port_at(point, _PORT_PIXELS / self.scale_now())
        if near is not None and self.scale_now() >= FAR:
            item, port = near
            taken = scene.edge_into(item.node_id, port.name) if port.side == "input" else None
            if taken is not None:
                return Connect(self, (taken.source, Port("output", taken.source_port)), point, taken)
            return Connect(self, (item.node_id, port), point)
        item = scene.node_at(point)
        if item is not None:
            if adding:
                item.setSelected(not item.isSelected())
            elif not item.isSelected():
                self.select([item.node_id])
            return MoveNodes(self, point, item.node_id) if item.isSelected() else None
        edge = scene.edge_at(point, _EDGE_PIXELS / self.scale_now())
        if edge is not None:
            self.select(scene.selected_nodes() if adding else [], [edge.edge])
            return None
        return BoxSelect(self, point, adding)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            self.abandon()
            return
        self._pressed = event.position().toPoint()
        gesture = self._gesture_for(event)
        if gesture is not None:
            self._begin(gesture)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None:
            self._hover(event.position())
            return
        moved = event.position().toPoint() - (self._pressed or QPoint())
        if self._pressed is not None and moved.manhattanLength() < _DRAG_PIXELS:
            return  # a click that trembles is no drag
        self._pressed = None
        self.gesture.update(self._position_for(event), event.modifiers())
        self.update_overlay()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None or isinstance(self.gesture, ConnectByKeys):
            return
        gesture, trembled = self.gesture, self._pressed is not None
        self._pressed = None
        if trembled:
            gesture.cancel()
        else:
            gesture.end(self._position_for(event), event.modifiers())
        self.finish_gesture()

    def _position_for(self, event: QMouseEvent) -> QPointF:
        spot = event.position()
        return spot if isinstance(self.gesture, Pan) else self.viewportTransform().inverted()[0].map(spot)

    def _hover(self, spot: QPointF) -> None:
        point = self.mapToScene(spot.toPoint())
        near = self.graph_scene.port_at(point, _PORT_PIXELS / self.scale_now())
        if self.space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif near is not None and self.scale_now() >= FAR:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
            item, port = near
            self.viewport().setToolTip(f"{port.name} of {item.look.name}")
        else:
            self.viewport().unsetCursor()
            self.viewport().setToolTip("")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self.graph_scene.node_at(self.mapToScene(event.position().toPoint()))
        if item is not None and event.button() == Qt.MouseButton.LeftButton:
            self.select([item.node_id])
            self.node_opened.emit(item.node_id)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            point = self.mapToScene(event.pos())
            item = self.graph_scene.node_at(point)
            edge = self.graph_scene.edge_at(point, _EDGE_PIXELS / self.scale_now())
            if item is not None and not item.isSelected():
                self.select([item.node_id])
            elif item is None and edge is not None:
                self.select([], [edge.edge])
        self.menu_wanted.emit(event.globalPos())

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
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom(1 + event.value(), event.position())
            return True
        return super().viewportEvent(event)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.gesture is None:
            self.space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif not press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.space = False
            if self.gesture is None:
                self.viewport().unsetCursor()
        super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab belongs to the gesture while ports are being chosen by keys.
        return False if isinstance(self.gesture, ConnectByKeys) else super().focusNextPrevChild(next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.space = False
        if isinstance(self.gesture, ConnectByKeys):
            self.abandon()
        super().focusOutEvent(event)

    # -- drops from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        module = module_of(event.mimeData())
        if module is None:
            event.ignore()
            return
        self._landing = Landing(self, module)
        self._landing.move(self.mapToScene(event.position().toPoint()))
        self.update_overlay()
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._landing is None:
            event.ignore()
            return
        self._landing.move(self.mapToScene(event.position().toPoint()))
        self.update_overlay()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._landing = None
        self.update_overlay()

    def dropEvent(self, event: QDropEvent) -> None:
        landing, self._landing = self._landing, None
        self.update_overlay()
        if landing is None:
            event.ignore()
            return
        landing.move(self.mapToScene(event.position().toPoint()))
        self._place(landing.edit(self.document.level.next_id()))
        event.acceptProposedAction()
        self.setFocus()

    # -- painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        paint_dots(painter, QRectF(rect), self.viewportTransform())

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._landing is not None:
            self._landing.paint(painter)
        if self.gesture is not None:
            self.gesture.paint(painter)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.scale_now() >= FAR:
            super().paintEvent(event)
        else:
            painter = QPainter(self.viewport())
            painter.setClipRegion(event.region())
            painter.setWorldTransform(self.viewportTransform())
            rect = self.mapToScene(event.rect()).boundingRect()
            self.drawBackground(painter, rect)
            paint_far(painter, self.graph_scene, rect)
            self.drawForeground(painter, rect)
            painter.end()
        if not self.graph_scene.nodes and self._landing is None:
            painter = QPainter(self.viewport())
            paint_invitation(painter, self.viewport().rect())
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.minimap.place()
        if not self._framed and self.isVisible():
            self._framed = True
            self.frame()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.graph_scene.repaint_all()
            self.viewport().update()
