"""Which gesture a press of the mouse begins: by what lies under the pointer, the button and the keys held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent

from nnstudio.studio.canvas.connecting import Connect
from nnstudio.studio.canvas.gestures import BoxSelect, Gesture, MoveNodes, Pan
from nnstudio.studio.canvas.look import Port

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

FAR = 0.35  # below this scale cards are plain rectangles, and ports too small to aim at
PORT_PIXELS = 12.0
EDGE_PIXELS = 8.0


def gesture_for(canvas: Canvas, event: QMouseEvent) -> Gesture | None:
    """The gesture, or None where the press selects and that is all."""
    spot = event.position()
    point = canvas.scene_point(spot)
    if event.button() == Qt.MouseButton.MiddleButton or canvas.space:
        return Pan(canvas, spot)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    keys = Qt.KeyboardModifier
    adding = bool(event.modifiers() & (keys.ShiftModifier | keys.ControlModifier))
    scene = canvas.graph_scene
    near = scene.port_at(point, PORT_PIXELS / canvas.scale_now())
    if near is not None and canvas.scale_now() >= FAR:
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
        return MoveNodes(canvas, point, item.node_id) if item.isSelected() else None
    edge = scene.edge_at(point, EDGE_PIXELS / canvas.scale_now())
    if edge is not None:
        canvas.select(scene.selected_nodes() if adding else [], [edge.edge])
        return None
    return BoxSelect(canvas, point, adding)
