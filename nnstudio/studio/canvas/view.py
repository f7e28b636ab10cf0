"""The canvas: a view on the scene, with zoom and pan, gestures, drops from the palette, and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
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
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from nnstudio.graph import Edge
from nnstudio.graph.problem import Path
from nnstudio.studio.canvas.accessible import make_accessible
from nnstudio.studio.canvas.background import paint_invitation
from nnstudio.studio.canvas.breadcrumb import Breadcrumb
from nnstudio.studio.canvas.connecting_by_keys import ConnectByKeys, PickPort
from nnstudio.studio.canvas.dropping import Landing
from nnstudio.studio.canvas.editing import Editing
from nnstudio.studio.canvas.framing import part_at
from nnstudio.studio.canvas.gestures import Gesture, Pan
from nnstudio.studio.canvas.grouping import Grouping, LevelViews
from nnstudio.studio.canvas.keys import press
from nnstudio.studio.canvas.minimap import Minimap
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH
from nnstudio.studio.canvas.painting import Painting
from nnstudio.studio.canvas.parts import landing_for
from nnstudio.studio.canvas.pressing import (
    EDGE_PIXELS,
    FAR,
    PORT_PIXELS,
    cursor_at,
    cuts,
    double_click,
    gesture_for,
)
from nnstudio.studio.canvas.pulses import Pulses
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.canvas.search_popup import SearchPopup
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.canvas.walking import Walk
from nnstudio.studio.canvas.walking_edges import EdgeNote, EdgeWalk
from nnstudio.studio.canvas.zoom_view import ZoomView, fitting
from nnstudio.studio.document import Document
from nnstudio.studio.kept_groups import KeptGroup

_DRAG_PIXELS = 4


class Canvas(ZoomView):
    """What the user draws on. Every change it makes is an edit pushed to the document."""

    selection_changed = Signal()
    node_opened = Signal(str)  # double-click on a module: its id
    settings_wanted = Signal(str)  # Enter on a module: its id
    refused = Signal(str)  # a connection that cannot be, in a sentence
    menu_wanted = Signal(QPoint)  # a context menu, at this global position
    module_added = Signal(str)  # a node of this type, by whatever way

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(None, parent)
        self.document = document
        self.sheet = Sheet(document, self)
        # Kept by us: the view does not keep its scene alive.
        self.graph_scene = GraphScene(self.sheet, self)
        self.setScene(self.graph_scene)
        self.editing = Editing(self)
        self.setAccessibleName("Canvas")
        self.viewport().setAccessibleName("Canvas")
        self.setAccessibleDescription(
            "The graph: Tab searches for a module to add, Alt with arrows goes from node to node, arrows "
            "move what is selected, C connects, E goes to the edges of a node, "
            "Enter opens the settings, F6 leaves for the next panel"
        )
        self.setObjectName("canvas")
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.gesture: Gesture | None = None
        self._landing: Landing | None = None
        self._pressed: QPoint | None = None
        self.space = False
        self._space_used = False
        self.pointer: QPointF | None = None  # where the mouse is over the canvas
        self.uses: Callable[[], Mapping[str, int]] = dict  # how often each module was added, by name
        self.kept: Callable[[], Mapping[str, KeptGroup]] = dict  # the user's groups in the palette, by name
        self.walk = Walk(self)
        self.edge_walk = EdgeWalk(self)
        self._overlay: list[QRectF] = []
        self._framed = False
        self.minimap = Minimap(self)
        self.search_popup = SearchPopup(self)
        self.grouping = Grouping(self)
        self.level_views = LevelViews(self)
        self.breadcrumb = Breadcrumb(self)
        self.pulses = Pulses(self)
        self.painting = Painting(self, self.pulses)
        self.graph_scene.selectionChanged.connect(self.selection_changed)
        self.sheet.replaced.connect(self._show_new_sheet)
        self.sheet.graph_changed.connect(self._graph_changed)
        self.sheet.moved.connect(self._graph_changed)
        self.looked.connect(self.minimap.refresh)
        self.autopanned.connect(self._drag_on)
        make_accessible(self)

    # -- for others: values and light

    def light(
        self,
        node: str | None,
        edges: Iterable[Edge] = (),
        phase: str = "forward",
        value_text: str = "",
        magnitude: float = 0.5,
        travels: bool = True,
    ) -> None:
        """Light a node (by id) and edges in the colour of a phase, with a value beside the first edge and a
        pulse along each if it `travels`, thick for a magnitude of 1. node None and no edges put the light
        out.
        """
        listed = list(edges)
        self.graph_scene.light(node, listed, phase, value_text, magnitude)
        if travels and listed:
            self.pulses.travel(listed, phase, magnitude)
        elif (travels and node is None) or self.pulses.reduced:
            self.pulses.stop()

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

    def select(self, ids: Iterable[str], edges: Iterable[Edge] = (), frames: Iterable[str] = ()) -> None:
        self.graph_scene.select(ids, edges, frames)

    # -- looking

    def frame(self, ids: Iterable[str] | None = None) -> None:
        """Fit these nodes, by default all, into view and clear of the overview; never magnified."""
        box = self.graph_scene.contents(ids)
        if box.isEmpty():
            box = QRectF(-WIDTH, -HEIGHT, 3 * WIDTH, 3 * HEIGHT)
        box.adjust(-48, -48, 48, 48)
        self.fit(box)
        shown = list(self.graph_scene.nodes if ids is None else ids)
        if any(self.minimap.covers(self.graph_scene.nodes[key].scene_card()) for key in shown):
            self.fit(box, max(self.minimap.rooms_beside(), key=partial(fitting, box)))

    def frame_selection(self) -> None:
        self.frame(self.selected_nodes() or None)

    def reveal(self, node_id: str) -> None:
        """Bring a node into view if it is out of it."""
        if node_id in self.graph_scene.nodes:
            box = self.graph_scene.nodes[node_id].scene_card()
            if not self.seen().contains(box) or self.minimap.covers(box):
                self.look_at(box.center())

    def show_node(self, path: Path) -> None:
        """Go to where a node is, select it and bring it into view."""
        self.sheet.go(path[:-1])
        if path[-1] in self.graph_scene.nodes:
            self.select([path[-1]])
            self.reveal(path[-1])

    def _show_new_sheet(self) -> None:
        self.abandon()
        self.level_views.show()

    def _graph_changed(self) -> None:
        self.minimap.refresh()
        self.viewport().update()

    # -- gestures

    def begin(self, gesture: Gesture) -> None:
        self.editing.glide.finish()
        self.gesture = gesture
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        self.update_overlay()

    def finish_gesture(self) -> None:
        self.gesture = None
        self.let_go()
        self.viewport().unsetCursor()
        self.update_overlay()
        self.minimap.refresh()

    def abandon(self) -> None:
        """End the gesture under way as if it had never begun."""
        if self.gesture is not None:
            former = self.gesture.former
            self.gesture.cancel()
            self.finish_gesture()
            if former is not None:
                self.select(*former)

    def update_overlay(self) -> None:
        """Repaint where the overlay was and is."""
        now = [] if self.gesture is None else self.gesture.boxes()
        if self._landing is not None:
            now.append(self._landing.bounds())
        former, self._overlay = self._overlay, [box for box in now if not box.isEmpty()]
        to_view, viewport = self.viewportTransform(), self.viewport()
        for box in [*former, *self._overlay]:
            viewport.update(to_view.mapRect(box).toAlignedRect().adjusted(-4, -4, 4, 4))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            self.abandon()
            return
        self._pressed = event.position().toPoint()
        self._space_used = True
        gesture = gesture_for(self, event)
        if gesture is not None:
            self.begin(gesture)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer = event.position()
        if self.gesture is None or not self.gesture.by_mouse:
            self._hover(event.position())
            return
        moved = event.position().toPoint() - (self._pressed or QPoint())
        if self._pressed is not None and moved.manhattanLength() < _DRAG_PIXELS:
            return  # a click that trembles is no drag
        self._pressed = None
        self.gesture.update(self._position_for(event), event.modifiers())
        if self.gesture.autopans:
            self.hold_at(event.position())
        self.minimap.give_way(event.position())
        self.update_overlay()

    def _drag_on(self, spot: QPointF) -> None:
        """The view has moved under the pointer: the gesture is elsewhere in the scene."""
        if self.gesture is not None:
            self.gesture.update(self.scene_point(spot), QGuiApplication.keyboardModifiers())
            self.update_overlay()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None or not self.gesture.by_mouse:
            return
        gesture, trembled = self.gesture, self._pressed is not None
        self._pressed = None
        if trembled:
            gesture.click(event.modifiers())
        else:
            gesture.end(self._position_for(event), event.modifiers())
        if self.gesture is gesture:  # and not one that follows it
            self.finish_gesture()

    def _position_for(self, event: QMouseEvent) -> QPointF:
        spot = event.position()
        return spot if isinstance(self.gesture, Pan) else self.scene_point(spot)

    def _hover(self, spot: QPointF) -> None:
        scale = self.scale_now()
        near = self.graph_scene.port_at(self.scene_point(spot), PORT_PIXELS / scale) if scale >= FAR else None
        badge = self.painting.badge_at(spot) if near is None else None
        viewport, tip = self.viewport(), ""
        cursor: Qt.CursorShape | None = None
        if self.space:
            cursor = Qt.CursorShape.OpenHandCursor
        elif near is not None:
            cursor = Qt.CursorShape.CrossCursor
            tip = f"{near[1].name} of {near[0].look.name}"
        elif badge is not None:
            tip = badge.complaint.text
        else:
            cursor = cursor_at(self, self.scene_point(spot))
        if cursor is not None:
            viewport.setCursor(cursor)
        elif viewport.testAttribute(Qt.WidgetAttribute.WA_SetCursor):
            viewport.unsetCursor()
        if tip != viewport.toolTip():
            viewport.setToolTip(tip)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.scene_point(event.position())
        item = self.graph_scene.node_at(point)
        left = event.button() == Qt.MouseButton.LeftButton and not self.space
        if item is not None and left:
            self.select([item.node_id])
            self.open_node(item.node_id)
        elif left and self.gesture is None and double_click(self, point):
            event.accept()
        elif left and self.gesture is None and self._is_empty(point):
            self.editing.search(point)
        else:
            self.mousePressEvent(event)

    def _is_empty(self, point: QPointF) -> bool:
        """Whether a press there would touch no edge and no port."""
        scale, scene = self.scale_now(), self.graph_scene
        port = scene.port_at(point, PORT_PIXELS / scale) if scale >= FAR else None
        return port is None and scene.edge_at(point, EDGE_PIXELS / scale) is None

    def open_node(self, node_id: str) -> None:
        """What a double-click or Enter does: into a group, or to the settings of a module."""
        if not self.sheet.enter(node_id):
            self.node_opened.emit(node_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            if cuts(Qt.MouseButton.RightButton, event.modifiers()):
                return  # the press has begun to cut
            point = self.mapToScene(event.pos())
            item = self.graph_scene.node_at(point)
            edge = self.graph_scene.edge_at(point, EDGE_PIXELS / self.scale_now())
            part = part_at(self.graph_scene, point, self.scale_now())
            if item is not None and not item.isSelected():
                self.select([item.node_id])
            elif item is None and edge is not None:
                self.select([], [edge.edge])
            elif item is None and part is not None and not part.item.isSelected():
                self.select([], [], [part.item.frame.id])
            self.menu_wanted.emit(event.globalPos())
        else:
            self.open_menu()

    def open_menu(self) -> None:
        """By the keyboard: at the selected node or edge, else in the middle."""
        if QApplication.activePopupWidget() is not None:
            return  # some systems tell of the menu key twice
        spot = self.viewport().rect().center()
        here, edge = self.walk.current(), self.edge_walk.current()
        if edge is not None:
            spot = self.mapFromScene(self.graph_scene.edges[edge].middle())
        if here is not None:
            self.reveal(here)
            spot = self.mapFromScene(self.graph_scene.nodes[here].scene_card().center())
        self.menu_wanted.emit(self.viewport().mapToGlobal(spot))

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.gesture is None:
            if not event.isAutoRepeat():
                self.space, self._space_used = True, False
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif not press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self.space:
            self.space = False
            if self.gesture is None:
                self.viewport().unsetCursor()
                if not self._space_used:  # a tap: nothing was dragged meanwhile
                    self.editing.search()
        super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab searches, and chooses while something is chosen by keys; Shift+Tab leaves, F6 too.
        chooses = self.gesture is not None and not self.gesture.by_mouse
        return False if next or chooses else super().focusNextPrevChild(next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.space = False
        if isinstance(self.gesture, ConnectByKeys | PickPort | EdgeNote):
            self.abandon()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = None
        super().leaveEvent(event)

    # -- drops from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        landing = landing_for(self, event.mimeData())
        if landing is None:
            event.ignore()
            return
        self._landing = landing
        self._landing.move(self.mapToScene(event.position().toPoint()), event.modifiers())
        self.update_overlay()
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._landing is None:
            event.ignore()
            return
        self._landing.move(self.mapToScene(event.position().toPoint()), event.modifiers())
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
        landing.move(self.mapToScene(event.position().toPoint()), event.modifiers())
        landing.drop()
        event.acceptProposedAction()
        self.setFocus()

    # -- painting

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._landing is not None:
            self._landing.paint(painter)
        if self.gesture is not None:
            self.gesture.paint(painter)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setClipRegion(event.region())
        self.painting.paint(painter, event.region())
        if not self.graph_scene.nodes and self._landing is None:
            paint_invitation(painter, self.viewport().rect())
        painter.setWorldTransform(self.viewportTransform())
        self.drawForeground(painter, self.mapToScene(event.rect()).boundingRect())
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
            self.painting.restyle()
