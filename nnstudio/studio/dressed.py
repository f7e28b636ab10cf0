"""Widgets that are dressed anew when the colours change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from nnstudio.studio import theme

# Qt's classes cannot be inherited from twice, so this stands before one of them and is none itself.
_Widget = QWidget if TYPE_CHECKING else object


class Dressed(_Widget):
    """Named before the Qt class: `class Panel(Dressed, QWidget)`. `_dress` gives the widget the colours."""

    def _dress(self) -> None:
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            theme.dress_later(self, self._dress)
        super().changeEvent(event)
