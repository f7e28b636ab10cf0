"""The graph as a picture: SVG, PNG, or an image for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem

from nnstudio.errors import ExchangeError
from nnstudio.project.atomic import write_atomically
from nnstudio.studio import theme
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.formats import count
from nnstudio.studio.outlines import outlined

MARGIN = 32.0
SCALE = 2.0  # of a PNG: sharp on a screen of many pixels, and in print
_MOST_PIXELS = 100_000_000
_DPI = 96


class Picture:
    """What a scene shows, from its own coordinates: whatever is in view, and at whatever zoom.

    `ids` are the nodes to show, with the edges between them; None shows all.
    """

    def __init__(self, scene: GraphScene, ids: Iterable[str] | None = None) -> None:
        self._scene = scene
        self._ids = None if ids is None else set(ids)
        boxes = [item.sceneBoundingRect() for item in self._items()]
        if not boxes:
            raise ExchangeError("There is nothing to draw: the graph is empty.")
        box = boxes[0]
        for other in boxes[1:]:
            box = box.united(other)
        self.box = QRectF(box.marginsAdded(QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)).toAlignedRect())

    def image(self, scale: float = SCALE) -> QImage:
        """Its pixels; a very large graph gets fewer of them for each unit."""
        area = self.box.width() * self.box.height()
        scale = min(scale, (_MOST_PIXELS / area) ** 0.5)
        size = (self.box.size() * scale).toSize().expandedTo(QSize(1, 1))
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        if image.isNull():
            raise ExchangeError("There is not enough memory for a picture of this graph.")
        image.fill(QColor(theme.colours().canvas))
        painter = QPainter(image)
        painter.scale(size.width() / self.box.width(), size.height() / self.box.height())
        self.paint(painter)
        painter.end()
        image.setDotsPerMeterX(round(_DPI * scale / 0.0254))
        image.setDotsPerMeterY(round(_DPI * scale / 0.0254))
        return image

    def png(self) -> bytes:
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QImageWriter(buffer, b"png")
        if not writer.write(self.image()):
            raise ExchangeError(f"The picture could not be made: {writer.errorString()}.")
        return bytes(data.data())

    def svg(self, title: str = "") -> bytes:
        """The same as vectors, words too: it looks like this whatever fonts its reader has."""
        size = self.box.size().toSize()
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        generator.setResolution(_DPI)
        generator.setSize(size)
        generator.setViewBox(QRect(0, 0, size.width(), size.height()))
        generator.setTitle(title or "Graph")
        generator.setDescription("A graph")
        painter = QPainter(generator)
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme.colours().canvas))
        self.paint(painter)
        painter.end()
        buffer.close()
        return outlined(bytes(data.data()), self._in_words())

    def _in_words(self) -> str:
        """What is in the picture, for a reader who does not see it."""
        nodes, ids = self._scene.nodes, self._ids
        looks = [item.look for key, item in nodes.items() if ids is None or key in ids]
        each = ", ".join(f"{look.name} ({look.kind})" for look in looks)
        return f"A graph of {count(len(looks), 'node')}: {each}."

    def paint(self, painter: QPainter) -> None:
        """Paint every item in its own coordinates, without what only a screen shows: selection and caches."""
        painter.translate(-self.box.topLeft())
        with self._unselected():
            for item in self._items():
                painter.save()
                painter.setTransform(item.sceneTransform(), True)
                painter.setOpacity(item.effectiveOpacity())
                item.paint(painter, QStyleOptionGraphicsItem(), None)
                painter.restore()

    def _items(self) -> Iterator[QGraphicsItem]:
        """What is to be drawn, from below to above."""
        scene, ids = self._scene, self._ids
        wanted: set[QGraphicsItem] | None = None
        if ids is not None:
            wanted = {item for key, item in scene.nodes.items() if key in ids}
            wanted |= {item for edge, item in scene.edges.items() if {edge.source, edge.target} <= ids}
        # Without an index Qt gives them as they were made.
        below_first = sorted(scene.items(Qt.SortOrder.AscendingOrder), key=lambda item: item.zValue())
        for item in below_first:
            if item.isVisible() and (wanted is None or item in wanted):
                yield item

    @contextmanager
    def _unselected(self) -> Iterator[None]:
        scene = self._scene
        chosen = scene.selectedItems()
        scene.blockSignals(True)
        try:
            for item in chosen:
                item.setSelected(False)
            yield
        finally:
            for item in chosen:
                item.setSelected(True)
            scene.blockSignals(False)


def write_picture(picture: Picture, path: Path, title: str = "") -> None:
    """Write SVG or PNG, as the file's name says. Error, in a sentence, where it cannot be written."""
    ending = path.suffix.lower()
    if ending not in (".svg", ".png"):
        raise ExchangeError(f"A picture is saved as .svg or .png, and {path.name} is neither.")
    write_atomically(path, picture.svg(title) if ending == ".svg" else picture.png())
