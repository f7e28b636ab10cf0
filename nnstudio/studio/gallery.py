"""Pictures of templates and of files, drawn in a thread and kept; those of files for later sessions too."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize
from PySide6.QtGui import QImage

from nnstudio.errors import Error
from nnstudio.graph.level import Level
from nnstudio.project import load
from nnstudio.project.atomic import write_atomically
from nnstudio.studio import theme
from nnstudio.studio.background import Background
from nnstudio.studio.colours import Colours
from nnstudio.studio.miniature import miniature
from nnstudio.studio.templates import template

_DRAWING = 1  # counted up when miniatures look otherwise
_MOST_ON_DISK = 256


def cache_folder() -> Path:
    """Where the pictures of files are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("nnstudio", appauthor=False) / "thumbnails"


class Name(NamedTuple):
    """All that a picture depends on."""

    key: str
    state: tuple[int, int]
    scheme: str
    size: tuple[int, int]
    ratio: float

    def place(self) -> Path | None:
        """Its file in the cache folder; None for what is not of a file."""
        if not self.key.startswith("file:") or self.state == (0, 0):
            return None
        return cache_folder() / f"{sha256(repr((_DRAWING, *self)).encode()).hexdigest()[:32]}.png"


class Gallery(QObject):
    """Asked for by "template:ID" or "file:PATH"; kept by all that the picture depends on."""

    _kept: dict[Name, QImage] = {}  # by all windows

    def __init__(self, size: QSize, parent: QObject) -> None:
        super().__init__(parent)
        self._size = size
        self._background = Background(self)

    def draw(self, keys: list[str], ratio: float, then: Callable[[dict[str, QImage]], None]) -> None:
        """Hand over the pictures that are kept now, and the others when they are there."""
        c, size = theme.colours(), self._size
        full = {key: Name(key, _state(key), c.name, (size.width(), size.height()), ratio) for key in keys}
        then({key: self._kept[name] for key, name in full.items() if name in self._kept})
        wanted = {key: name for key, name in full.items() if name not in self._kept}

        def work() -> dict[str, QImage]:
            drawn = {key: _picture(name, size, c) for key, name in wanted.items()}
            return {key: picture for key, picture in drawn.items() if picture is not None}

        def done(drawn: dict[str, QImage] | None, error: Error | None) -> None:
            for key, picture in (drawn or {}).items():
                self._kept[wanted[key]] = picture
            then(drawn or {})

        if wanted:
            self._background.run(work, done)


def _picture(name: Name, size: QSize, c: Colours) -> QImage | None:
    """From the cache folder, or drawn; None for what cannot be read."""
    place = name.place()
    if place is not None:
        kept = QImage(str(place))
        if kept.size() == size * name.ratio:
            kept = kept.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            kept.setDevicePixelRatio(name.ratio)
            return kept
    level = _level(name.key)
    if level is None:
        return None
    drawn = miniature(level, size, name.ratio, c)
    if place is not None:
        _keep(drawn, place)
    return drawn


def _keep(picture: QImage, place: Path) -> None:
    """A cache that cannot be written is none: the picture is drawn again next time."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(buffer, "PNG"):  # type: ignore[call-overload]
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, bytes(data.data()))
        by_age = sorted(place.parent.glob("*.png"), key=lambda path: path.stat().st_mtime)
        for path in by_age[:-_MOST_ON_DISK]:
            path.unlink(missing_ok=True)
    except (OSError, Error):
        return


def _level(key: str) -> Level | None:
    kind, _, name = key.partition(":")
    try:
        project = template(name).make() if kind == "template" else load(name)
    except Error:
        return None  # a file that cannot be read has no picture; opening it says why
    return project.graph.level


def _state(key: str) -> tuple[int, int]:
    """When the file was written, and its size."""
    kind, _, name = key.partition(":")
    try:
        found = Path(name).stat() if kind == "file" else None
    except OSError:
        found = None
    return (0, 0) if found is None else (found.st_mtime_ns, found.st_size)
