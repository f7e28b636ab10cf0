"""The application object, drawn as large as the desktop asks for by its font."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

OURS = 13.0  # pixels of our own text
_USUAL = 15.0  # up to here a desktop's font is of a usual size, for which ours stands
_LARGEST = 2.5
_SMALLEST_WINDOW = QSize(1024, 600)
_FACTOR = "QT_SCALE_FACTOR"


def enlargement(pixels: float, room: QSize) -> float:
    """By how much to draw everything larger, so that our text is of the desktop's size.

    A desktop's usual font asks for nothing; and the smallest window has to find `room` on the screen.
    """
    if pixels <= _USUAL:
        return 1.0
    fitting = min(
        room.width() / _SMALLEST_WINDOW.width(), room.height() / _SMALLEST_WINDOW.height(), _LARGEST
    )
    return max(1.0, round(min(pixels / OURS, fitting), 2))


def make_application() -> QApplication:
    """The application. Where the desktop's font is a large one, cards, icons and room grow with the text,
    which Qt can do only from its beginning: it begins again. A scale the user has set for Qt stands.
    """
    made = QApplication(sys.argv[:1])
    if os.environ.get(_FACTOR):
        return made
    factor = enlargement(QFontInfo(made.font()).pixelSize(), made.primaryScreen().availableSize())
    if factor == 1.0:
        return made
    made.shutdown()
    del made
    os.environ[_FACTOR] = f"{factor:g}"
    try:
        return QApplication(sys.argv[:1])
    finally:
        del os.environ[_FACTOR]  # not for what is started from here
