"""What node, edge and frame items have in common: being selected, and being painted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGraphicsItem

if TYPE_CHECKING:
    from nnstudio.studio.canvas.scene import GraphScene


class Selectable(QGraphicsItem):
    """What is selected is ours to keep: Qt would ask for the bounds of every item that is."""

    def __init__(self) -> None:
        super().__init__()
        self.graph_scene: GraphScene | None = None
        self._selected = False

    def isSelected(self) -> bool:
        return self._selected

    def setSelected(self, selected: bool) -> None:
        if selected != self._selected:
            self._selected = selected
            self.update()
            if self.graph_scene is not None:
                self.graph_scene.selection_shifted(self)

    def update(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.graph_scene is not None:
            self.graph_scene.spoil(self)
