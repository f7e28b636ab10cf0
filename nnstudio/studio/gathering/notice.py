"""What stands above the samples when something has to be said about them, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.panels.sections import text

Remedy = tuple[str, Callable[[], object]]
_ICONS = {"": "info", "warning": "warning", "error": "error"}


class DataNotice(Dressed, QFrame):
    """An icon, a sentence, at times a bar of progress, and a button for each remedy; hidden when silent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "box")
        self._tone = ""
        self._icon = QLabel()
        self._icon.setFixedWidth(16)
        self.words = text("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.setAccessibleName("How much has been read")
        self.buttons: list[QPushButton] = []
        self._remedies: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.words, 1)
        row.addWidget(self.bar)
        self._row = row
        self.hide()

    def say(
        self, sentence: str, tone: str = "", remedies: Sequence[Remedy] = (), share: float | None = None
    ) -> None:
        """tone: "", "warning" or "error"; share: how far something is, from 0 to 1."""
        self._tone = tone
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.bar.setVisible(share is not None)
        if share is not None:
            self.bar.setValue(round(share * 1000))
        labels = tuple(label for label, _ in remedies)
        if labels != self._remedies:
            self._remedies = labels
            for button in self.buttons:
                button.hide()
                button.deleteLater()
            self.buttons = [self._button(label, act) for label, act in remedies]
        self._dress()
        self.setVisible(bool(sentence))

    def button(self, label: str) -> QPushButton:
        """The one with these words."""
        return next(button for button in self.buttons if button.text() == label)

    def _button(self, label: str, act: Callable[[], object]) -> QPushButton:
        made = QPushButton(label)
        made.setAutoDefault(False)
        made.setAccessibleName(label)
        made.clicked.connect(lambda: act())
        self._row.addWidget(made)
        return made

    def _dress(self) -> None:
        c = theme.colours()
        tint = {"warning": c.warning.mark, "error": c.error.text}.get(self._tone, c.dim)
        self._icon.setPixmap(theme.pixmap(_ICONS[self._tone], tint, 16, self.devicePixelRatioF()))
