"""Which gesture a press of the mouse begins: by what lies under the pointer, the button and the keys held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from nnstudio.studio.canvas.bending import BEND_PIXELS, Bend, place_for, toggled
from nnstudio.studio.canvas.connecting import Connect
from nnstudio.studio.canvas.cutting import Cut
from nnstudio.studio.canvas.edge_item import EdgeItem
from nnstudio.studio.canvas.framing import Part, ResizeFrame, part_at
from nnstudio.studio.canvas.gestures import BoxSelect, Gesture, Pan, Selection
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.moving import MoveSelected

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

FAR = 0.35  # below this scale cards are plain rectangles, and ports too small to aim at
PORT_PIXELS = 12.0
EDGE_PIXELS = 8.0


def gesture_for(canvas: Canvas, event: QMouseEvent) -> Gesture | None:
    """The gesture, or None where the press selects and that is all."""
    canvas.editing.glide.finish()
    former = Selection.of(canvas.graph_scene)
    gesture = _gesture(canvas, event)
    if gesture is not None:
        gesture.former = former
    return gesture


def _gesture(canvas: Canvas, event: QMouseEvent) -> Gesture | None:
    spot = event.position()
    point = canvas.scene_point(spot)
    if event.button() == Qt.MouseButton.MiddleButton or canvas.space:
        return Pan(canvas, spot)
    if cuts(event.button(), event.modifiers()):
        return Cut(canvas, point)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    keys = Qt.KeyboardModifier
    adding = bool(event.modifiers() & (keys.ShiftModifier | keys.ControlModifier))
    scene, scale = canvas.graph_scene, canvas.scale_now()
    near = scene.port_at(point, PORT_PIXELS / scale)
    if near is not None and scale >= FAR:
        item, port = near
        taken = scene.edge_into(item.node_id, port.name) if port.side == "input" else None
        if taken is not None:
            return Connect(canvas, (taken.source, Port("output", taken.source_port)), point, taken)
        return Connect(canvas, (item.node_id, port), point)
    item = scene.node_at(point)
    if item is not None:
        if adding:
            item.setSelected(not item.isSelected())
        elif not item.isSelected():
            canvas.select([item.node_id])
        return MoveSelected(canvas, point, item.node_id) if item.isSelected() else None
    edge = edge_at(canvas, point)
    if edge is not None:
        return _on_edge(canvas, edge, point, adding, bool(event.modifiers() & keys.AltModifier))
    part = part_at(scene, point, scale)
    if part is not None:
        return _on_frame(canvas, part, point, adding)
    return BoxSelect(canvas, point, adding)


def cuts(button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a press begins to cut: the right button with Ctrl, as in Blender."""
    return button == Qt.MouseButton.RightButton and bool(modifiers & Qt.KeyboardModifier.ControlModifier)


def edge_at(canvas: Canvas, point: QPointF) -> EdgeItem | None:
    return canvas.graph_scene.edge_at(point, EDGE_PIXELS / canvas.scale_now())


def _on_edge(canvas: Canvas, edge: EdgeItem, point: QPointF, adding: bool, bending: bool) -> Gesture | None:
    scene = canvas.graph_scene
    index = edge.bend_at(point, BEND_PIXELS / canvas.scale_now())
    if index is None and not bending:
        kept = scene.selected_edges() if adding else []
        others = [each for each in kept if each != edge.edge]
        chosen = others if edge.edge in kept else [*others, edge.edge]
        nodes, _, frames = Selection.of(scene) if adding else ([], [], [])
        canvas.select(nodes, chosen, frames)
        return None
    canvas.select([], [edge.edge])
    if index is not None:
        return Bend(canvas, edge, index)
    return Bend(canvas, edge, place_for(edge, point), new_at=point)


def _on_frame(canvas: Canvas, part: Part, point: QPointF, adding: bool) -> Gesture | None:
    item = part.item
    if adding:
        item.setSelected(not item.isSelected())
    elif not item.isSelected():
        canvas.select([], [], [item.frame.id])
    if not item.isSelected():
        return None
    if part.sides:
        return ResizeFrame(canvas, point, part)
    return MoveSelected(canvas, point, frame=item.frame.id)


def double_click(canvas: Canvas, point: QPointF) -> bool:
    """What a double-click does to a bend, an edge or a frame's title; False where none is there."""
    scene, scale = canvas.graph_scene, canvas.scale_now()
    if scale >= FAR and scene.port_at(point, PORT_PIXELS / scale) is not None:
        return False
    edge = edge_at(canvas, point)
    if edge is not None:
        canvas.select([], [edge.edge])
        canvas.sheet.push(toggled(edge, point, BEND_PIXELS / scale))
        return True
    part = part_at(scene, point, scale)
    if part is None or part.sides:
        return False
    canvas.select([], [], [part.item.frame.id])
    canvas.editing.frames.rename(part.item.frame.id)
    return True


def cursor_at(canvas: Canvas, point: QPointF) -> Qt.CursorShape | None:
    """What the pointer looks like over a bend or a frame; None for as ever."""
    scene, scale = canvas.graph_scene, canvas.scale_now()
    found: Qt.CursorShape | None = None
    for edge in scene.selected_edges():
        if scene.edges[edge].bend_at(point, BEND_PIXELS / scale) is not None:
            found = Qt.CursorShape.SizeAllCursor
    if found is None and scene.frames:
        part = part_at(scene, point, scale)
        found = None if part is None else part.cursor
    # Asked last: mostly there is nothing, and the mouse moves often.
    return found if found is None or scene.node_at(point) is None else None
