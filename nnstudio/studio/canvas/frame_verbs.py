"""What the actions do to comment frames."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QActionGroup, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from nnstudio.graph import FRAME_COLOURS, Sequence, SetFrame
from nnstudio.graph.frame import Frame
from nnstudio.studio import theme
from nnstudio.studio.canvas.frame_item import BAR
from nnstudio.studio.canvas.framing import ROOM, TITLE, type_title
from nnstudio.studio.canvas.gestures import SNAP
from nnstudio.studio.canvas.lettering import colour

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_EMPTY = (320.0, 200.0)


class FrameVerbs:
    """Of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def add(self) -> None:
        """Draw a frame around what is selected, or an empty one in the middle, and ask for its title."""
        canvas = self._canvas
        canvas.abandon()
        box = self._box()
        position, size = (box.x(), box.y()), (box.width(), box.height())
        type_title(canvas, Frame("new", TITLE, position, size, self._next_colour()), new=True)

    def _box(self) -> QRectF:
        """On the grid, with room for the title above the cards."""
        canvas = self._canvas
        nodes, frames = canvas.selected_nodes(), canvas.graph_scene.selected_frames()
        if not (nodes or frames):
            middle = canvas.seen().center()
            corner = _on_grid(middle - QPointF(_EMPTY[0] / 2, _EMPTY[1] / 2), down=True)
            return QRectF(corner.x(), corner.y(), *_EMPTY)
        box = canvas.graph_scene.contents(nodes) if nodes else QRectF()
        for key in frames:
            box = box.united(canvas.graph_scene.frames[key].scene_box())
        first = _on_grid(box.topLeft() - QPointF(ROOM, ROOM + BAR), down=True)
        return QRectF(first, _on_grid(box.bottomRight() + QPointF(ROOM, ROOM), down=False))

    def _next_colour(self) -> str:
        """Grey first; then each frame another one than the last."""
        frames = self._canvas.sheet.level.frames
        return FRAME_COLOURS[len(frames) % len(FRAME_COLOURS)]

    def rename(self, frame_id: str = "") -> None:
        """Type another title, by default of the one that is selected."""
        canvas = self._canvas
        canvas.abandon()
        chosen = [frame_id] if frame_id else canvas.graph_scene.selected_frames()
        if len(chosen) == 1:
            type_title(canvas, canvas.sheet.level.frames[chosen[0]])

    def paint_in(self, name: str) -> None:
        """Give the selected frames a colour, by its name in the file."""
        canvas = self._canvas
        canvas.abandon()
        frames = [canvas.sheet.level.frames[key] for key in canvas.graph_scene.selected_frames()]
        edits = [SetFrame(replace(frame, colour=name)) for frame in frames if frame.colour != name]
        if len(edits) == 1:
            canvas.sheet.push(edits[0])
        elif edits:
            canvas.sheet.push(Sequence(edits, f"Colour {len(edits)} frames {name}"))

    def colour_menu(self, menu: QMenu) -> QMenu:
        """A menu in another one, with the colours by name and sight."""
        made = menu.addMenu("Frame Colou&r")
        group = QActionGroup(made)
        frames = self._canvas.sheet.level.frames
        now = {frames[key].colour for key in self._canvas.graph_scene.selected_frames()}
        for name in FRAME_COLOURS:
            action = made.addAction(_swatch(name), name.capitalize())
            action.setCheckable(True)
            action.setChecked(now == {name})
            group.addAction(action)
            action.triggered.connect(partial(self._choose, name))
        return made

    def _choose(self, name: str, _checked: bool = True) -> None:
        self.paint_in(name)


def _on_grid(point: QPointF, down: bool) -> QPointF:
    def stop(place: float) -> float:
        return (place // SNAP if down else -(-place // SNAP)) * SNAP

    return QPointF(stop(point.x()), stop(point.y()))


def _swatch(name: str) -> QIcon:
    """A frame's fill and border, sharp at any ratio."""
    tint = theme.colours().frame(name)
    icon = QIcon()
    for ratio in (1, 2, 3):
        picture = QPixmap(16 * ratio, 16 * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour(tint.border))
        painter.setBrush(colour(tint.border, 0.6))
        painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 3, 3)
        painter.end()
        icon.addPixmap(picture)
    return icon
