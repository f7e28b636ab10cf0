"""What the keys do on the canvas: move and walk among nodes, choose ports, search, open, leave a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from nnstudio.studio.canvas.gestures import SNAP
from nnstudio.studio.canvas.walking import WAYS

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

Key = Qt.Key
LEAP = 5  # steps of the grid at a time, with Shift
_ENTER = (Key.Key_Return, Key.Key_Enter)


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Act on a key; False where it means nothing here."""
    key, held = Key(event.key()), event.modifiers()
    alt = bool(held & Qt.KeyboardModifier.AltModifier)
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    if canvas.gesture is not None and canvas.gesture.press(key):
        return True
    if key == Key.Key_Escape:
        if canvas.gesture is not None:
            canvas.abandon()
        elif canvas.edge_walk.press(key):
            pass  # back to the node one came from
        elif canvas.graph_scene.selectedItems():
            canvas.select([])
        else:
            canvas.editing.leave()
    elif canvas.gesture is not None:
        return False
    elif key in _ENTER and canvas.walk.current() is not None:
        _open(canvas, canvas.walk.current() or "")
    elif key == Key.Key_Up and alt and canvas.sheet.path and not canvas.selected_nodes():
        canvas.editing.leave()
    elif canvas.edge_walk.press(key):
        pass
    elif key in _ENTER and len(canvas.graph_scene.selected_frames()) == 1:
        canvas.editing.frames.rename()
    elif key in WAYS and (alt or not (canvas.selected_nodes() or canvas.graph_scene.selected_frames())):
        canvas.walk.go(key, extend=shift)
    elif key in WAYS:
        canvas.editing.nudge(WAYS[key] * SNAP * (LEAP if shift else 1))
    elif key == Key.Key_Tab:
        canvas.editing.search()
    elif key == Key.Key_Menu or (key == Key.Key_F10 and shift):
        canvas.open_menu()
    else:
        return False
    return True


def _open(canvas: Canvas, node_id: str) -> None:
    """Into a group, or to the settings of a module."""
    canvas.select([node_id])
    if not canvas.sheet.enter(node_id):
        canvas.settings_wanted.emit(node_id)
