"""What the keys do on the canvas: move and walk among nodes, choose ports, leave a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from nnstudio.graph import Move
from nnstudio.studio.canvas.connecting import ConnectByKeys
from nnstudio.studio.canvas.gestures import SNAP

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

Key = Qt.Key
_ENTER = (Key.Key_Return, Key.Key_Enter)
_NUDGES = {
    Key.Key_Left: QPointF(-SNAP, 0),
    Key.Key_Right: QPointF(SNAP, 0),
    Key.Key_Up: QPointF(0, -SNAP),
    Key.Key_Down: QPointF(0, SNAP),
}


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Act on a key; False where it means nothing here."""
    key = Key(event.key())
    if isinstance(canvas.gesture, ConnectByKeys) and _choose_port(canvas, canvas.gesture, key):
        return True
    if key == Key.Key_Escape:
        if canvas.gesture is not None:
            canvas.abandon()
        else:
            canvas.select([])
    elif canvas.gesture is not None:
        return False
    elif key in _ENTER and len(canvas.selected_nodes()) == 1:
        canvas.open_node(canvas.selected_nodes()[0])
    elif key in _NUDGES and event.modifiers() & Qt.KeyboardModifier.AltModifier:
        _walk(canvas, key)
    elif key in _NUDGES:
        _nudge(canvas, _NUDGES[key])
    else:
        return False
    return True


def _choose_port(canvas: Canvas, gesture: ConnectByKeys, key: Qt.Key) -> bool:
    if key in (Key.Key_Right, Key.Key_Down, Key.Key_Tab):
        gesture.go(1)
    elif key in (Key.Key_Left, Key.Key_Up, Key.Key_Backtab):
        gesture.go(-1)
    elif key in (*_ENTER, Key.Key_Space):
        gesture.finish()
        canvas.finish_gesture()
        return True
    else:
        return False
    canvas.update_overlay()
    return True


def _nudge(canvas: Canvas, by: QPointF) -> None:
    """Move the selected nodes by one step of the grid; the view where none is selected."""
    places = {key: canvas.graph_scene.nodes[key].pos() + by for key in canvas.selected_nodes()}
    if places:
        moved = {key: (place.x(), place.y()) for key, place in places.items()}
        canvas.sheet.push(Move(moved), merge=("nudge", *places))
    else:
        canvas.pan(round(by.x()) * 5, round(by.y()) * 5)


def _walk(canvas: Canvas, key: Qt.Key) -> None:
    """Select the next node: along edges to the left and right, in document order up and down."""
    nodes = list(canvas.graph_scene.nodes)
    if not nodes:
        return
    selected = canvas.selected_nodes()
    target = nodes[0]
    if selected:
        here = selected[0]
        edges = canvas.sheet.level.edges
        index = nodes.index(here)
        choices = {
            Key.Key_Left: [edge.source for edge in edges if edge.target == here],
            Key.Key_Right: [edge.target for edge in edges if edge.source == here],
            Key.Key_Up: nodes[max(index - 1, 0) : index],
            Key.Key_Down: nodes[index + 1 : index + 2],
        }[key]
        target = choices[0] if choices else here
    canvas.select([target])
    canvas.reveal(target)
