"""How the last run ended, where that needs words, and what would mend it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed


class Notice(Dressed, QFrame):
    """A sentence with its icon, and a button for the remedy where there is one."""

    mended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bad = False
        self.setProperty("kind", "box")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAccessibleName("How the last run ended")
        self.icon = QLabel()
        self.icon.setFixedWidth(16)
        self.remedy = QPushButton()
        self.remedy.setProperty("kind", "fix")
        self.remedy.clicked.connect(self.mended)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(self.icon)
        row.addWidget(self.message, 1)
        row.addWidget(self.remedy)

    def say(self, sentence: str, bad: bool, remedy: str, tip: str = "") -> None:
        """Hidden where there is nothing to say."""
        self._bad = bad
        self.setVisible(bool(sentence))
        self.message.setText(sentence)
        self.remedy.setText(remedy)
        self.remedy.setToolTip(tip)
        self.remedy.setAccessibleDescription(tip)
        self.remedy.setVisible(bool(remedy))
        self._fit()
        self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """All lines of the sentence, also where the panel is low: it ends with what was kept."""
        self.message.setMinimumHeight(max(0, self.message.heightForWidth(self.message.width())))

    def _dress(self) -> None:
        c = theme.colours()
        tint = c.error.fill if self._bad else c.forward.fill
        self.icon.setPixmap(
            theme.pixmap("error" if self._bad else "info", tint, 16, self.devicePixelRatioF())
        )
