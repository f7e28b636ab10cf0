"""Where one looked at a project: its zoom, its middle and the group one was in come back with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas
    from nnstudio.studio.document import Document
    from nnstudio.studio.preferences import Preferences


class ViewMemory(QObject):
    """Keeps the view of a file when it is left, and shows it again when it is opened."""

    def __init__(self, document: Document, canvas: Canvas, preferences: Preferences) -> None:
        super().__init__(canvas)
        self._document, self._canvas, self._preferences = document, canvas, preferences
        self._path: Path | None = None
        self._restored = False
        document.replaced.connect(self._another)
        document.named.connect(self._renamed)
        canvas.looked.connect(self._looked)
        canvas.sheet.replaced.connect(self._looked)
        self._now: tuple[float, float, float, str] | None = None

    def begin(self) -> None:
        """The window is on the screen: what was asked for before had no size yet."""
        self._path = self._document.path
        QTimer.singleShot(0, self, self._restore)

    def keep(self) -> None:
        """The project is being left."""
        if self._path is not None and self._now is not None:
            self._preferences.keep_view(self._path, self._now)

    def _looked(self) -> None:
        """Noted while it is looked at: when another project has come, this one's view is gone."""
        if not self._restored or self._path is None or self._path != self._document.path:
            return
        middle = self._canvas.seen().center()
        place = "/".join(self._canvas.sheet.path)
        self._now = (self._canvas.scale_now(), middle.x(), middle.y(), place)

    def _another(self) -> None:
        self.keep()
        self._path, self._now, self._restored = self._document.path, None, False
        QTimer.singleShot(0, self, self._restore)

    def _renamed(self) -> None:
        """Saved under this name: the view goes along."""
        if self._document.path != self._path:
            self.keep()
            self._path = self._document.path
            self._restored = True
            self._looked()

    def _restore(self) -> None:
        if self._path is None or self._path != self._document.path or self._restored:
            return
        kept = self._preferences.view(self._path)
        canvas = self._canvas
        if kept is not None:
            scale, x, y, place = kept
            way = tuple(place.split("/")) if place else ()
            if _leads_somewhere(self._document, way):
                canvas.sheet.go(way)
                canvas.zoom(scale / canvas.scale_now())
                canvas.look_at(QPointF(x, y))
                # A view from which nothing can be seen helps nobody.
                if not canvas.seen().intersects(canvas.graph_scene.contents()):
                    canvas.frame()
        self._restored = True
        self._looked()


def _leads_somewhere(document: Document, way: tuple[str, ...]) -> bool:
    level = document.level
    for key in way:
        node = level.nodes.get(key)
        if node is None or node.inside is None:
            return False
        level = node.inside
    return True
