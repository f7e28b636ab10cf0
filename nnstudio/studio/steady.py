"""Words that change often: another text never makes the window lay itself out anew."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Steady(QWidget):
    """A place of its own for a label, whose text the layout around it does not hear of.

    In a layout a label asks for room with every text, and everything up to the window is measured again:
    several milliseconds, at each statement that is stepped.
    """

    def __init__(self, label: QLabel, width: int = 0) -> None:
        super().__init__()
        self._label, self._width = label, width
        label.setParent(self)
        policy = QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Ignored
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._width, self._label.fontMetrics().height() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._label.setGeometry(self.rect())
