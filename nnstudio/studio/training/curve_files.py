"""Curves leaving the studio: as rows of numbers, and as the picture they are on the screen."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from nnstudio.errors import ExchangeError
from nnstudio.studio import theme
from nnstudio.training.snapshot import POINT

_SHARPER = 2
_DPI = 96


def epochs_as_csv(history: Sequence[Mapping[str, Any]]) -> bytes:
    """A row for each epoch, with a column for everything that was measured in any of them."""
    import csv

    names = list(dict.fromkeys(name for entry in history for name in entry))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    return file.getvalue().encode()


def batches_as_csv(points: NDArray[np.float64]) -> bytes:
    """A row for each point of the batches' curve: step, epoch, loss, learning rate, seconds, and of how many
    batches these are the means.
    """
    file = io.StringIO()
    np.savetxt(file, points, "%.10g", delimiter=",", header=",".join(POINT), comments="")
    return file.getvalue().encode()


class Drawn(Protocol):
    """What can be made a picture of."""

    def size(self) -> QSize: ...
    def paint(self, painter: QPainter) -> None: ...


def as_png(drawn: Drawn) -> bytes:
    """What it shows, twice as sharp as on a plain screen."""
    image = QImage(drawn.size() * _SHARPER, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SHARPER)
    image.fill(QColor(theme.colours().window))
    painter = QPainter(image)
    drawn.paint(painter)
    painter.end()
    data, buffer = _buffer()
    writer = QImageWriter(buffer, b"png")
    if not writer.write(image):
        raise ExchangeError(f"The picture could not be made: {writer.errorString()}.")
    return bytes(data.data())


def as_svg(drawn: Drawn, title: str) -> bytes:
    """The same as vectors."""
    data, buffer = _buffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(_DPI)
    generator.setSize(drawn.size())
    generator.setViewBox(QRect(QPoint(), drawn.size()))
    generator.setTitle(title)
    generator.setDescription("Curves of a training run")
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(), drawn.size()), QColor(theme.colours().window))
    drawn.paint(painter)
    painter.end()
    buffer.close()
    return bytes(data.data())


def _buffer() -> tuple[QByteArray, QBuffer]:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return data, buffer
