"""What must be said before numbers are believed, with a button for what mends it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.panels.sections import text

_ICONS = {"": "info", "warning": "warning", "error": "error"}


class Notice(Dressed, QWidget):
    """An icon, a sentence, and at times an action of the window as a button; hidden without a sentence."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tone = ""
        self._action = ""
        self._icon = QLabel()
        self._icon.setFixedWidth(14)
        self.words = text("", "dim")
        self.button = QPushButton()
        self.button.setProperty("kind", "fix")
        self.button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, sentence: str, tone: str = "", action: str = "") -> None:
        """tone: "", "warning" or "error"; action: the id of one of the window's."""
        if (sentence, tone, action) == (self.words.text(), self._tone, self._action):
            self.setVisible(bool(sentence))
            return
        self._tone, self._action = tone, action
        self.words.setText(sentence)
        self.words.setProperty("kind", tone or "dim")
        self.words.style().polish(self.words)
        self.setAccessibleName(sentence)
        found = self._actions.get(action)
        self.button.setVisible(found is not None)
        if found is not None:
            self.button.setText(found.text().replace("&", ""))
            keys = found.shortcut().toString()
            self.button.setToolTip(f"{found.toolTip()} ({keys})" if keys else found.toolTip())
        self._dress()
        self.setVisible(bool(sentence))

    def _act(self) -> None:
        action = self._actions.get(self._action)
        if action is not None:
            action.trigger()

    def _dress(self) -> None:
        c = theme.colours()
        tint = {"warning": c.warning.text, "error": c.error.text}.get(self._tone, c.dim)
        self._icon.setPixmap(theme.pixmap(_ICONS[self._tone], tint, 14, self.devicePixelRatioF()))
