"""Pictures of templates and examples, drawn in a thread and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QImage

from nnstudio.errors import Error
from nnstudio.graph.level import Level
from nnstudio.project import load
from nnstudio.studio import theme
from nnstudio.studio.background import Background
from nnstudio.studio.colours import Colours
from nnstudio.studio.miniature import miniature
from nnstudio.studio.templates import template


class Gallery(QObject):
    """Asked for by "template:ID" or "example:PATH"; kept by file, its age, the theme and the pixel ratio."""

    _kept: dict[tuple[str, int, str, float], QImage] = {}  # by all windows

    def __init__(self, size: QSize, parent: QObject) -> None:
        super().__init__(parent)
        self._size = size
        self._background = Background(self)

    def draw(self, keys: list[str], ratio: float, then: Callable[[dict[str, QImage]], None]) -> None:
        """Hand over the pictures that are kept now, and the others when they are there."""
        c = theme.colours()
        full = {key: (key, _age(key), c.name, ratio) for key in keys}
        then({key: self._kept[name] for key, name in full.items() if name in self._kept})
        wanted = {key: name for key, name in full.items() if name not in self._kept}

        size = self._size

        def work() -> dict[str, QImage]:
            drawn = {key: _picture(key, size, ratio, c) for key in wanted}
            return {key: picture for key, picture in drawn.items() if picture is not None}

        def done(drawn: dict[str, QImage] | None, error: Error | None) -> None:
            for key, picture in (drawn or {}).items():
                self._kept[wanted[key]] = picture
            then(drawn or {})

        if wanted:
            self._background.run(work, done)


def _picture(key: str, size: QSize, ratio: float, c: Colours) -> QImage | None:
    level = _level(key)
    return None if level is None else miniature(level, size, ratio, c)


def _level(key: str) -> Level | None:
    kind, _, name = key.partition(":")
    try:
        project = template(name).make() if kind == "template" else load(name)
    except Error:
        return None  # a file that cannot be read has no picture; opening it says why
    return project.graph.level


def _age(key: str) -> int:
    kind, _, name = key.partition(":")
    try:
        return Path(name).stat().st_mtime_ns if kind == "example" else 0
    except OSError:
        return 0
