"""The rows above the curves: what sets a run going, and what one changes while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.panels.sections import SharedComplaint
from nnstudio.studio.training.checkpoints import CheckpointButton
from nnstudio.studio.training.fields import TrainingFields
from nnstudio.studio.training.running import Run
from nnstudio.studio.training.until import UntilButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

_ONE_ROW = 860
"""Pixels: in a wider panel all of it stands in one row."""
_TIGHT = 456
"""Pixels: in a narrower one words would be cut."""
_LIVE = {"lr": "Rate", "batch_size": "Batch", "weight_decay": "Decay"}


class Controls(Dressed, QWidget):
    """Buttons, and the fields that may be changed on the way. The place of `more` is below the curves, which
    it is about.
    """

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self.stop = _button("Stop", "End the run after the batch it is in; what it has reached stays")
        self.stop.clicked.connect(run.stop)
        self.batch = _button("+1 batch", "Train the next batch alone, and pause")
        self.batch.clicked.connect(run.one_batch)
        self.epoch = _button("+1 epoch", "Train to the end of this epoch, and pause")
        self.epoch.clicked.connect(run.one_epoch)
        self.rewind = _button("Rewind", "Back to the first weights of the seed (can be undone)")
        self.rewind.clicked.connect(run.rewind)
        self.reseed = _button("Reseed", "Other first weights, from the next seed (can be undone)")
        self.reseed.clicked.connect(run.reseed)
        self.restore = CheckpointButton(run)
        self.until = UntilButton(document, run)
        self.more = QToolButton()
        self.more.setFixedWidth(32)
        self.more.setProperty("kind", "low")
        self.more.setToolTip("How the curves are drawn, and where they can be written to")
        self.more.setAccessibleName("More about the curves")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(6)  # at the window's default size nothing is cut
        for button in (self.stop, self.batch, self.epoch):
            above.addWidget(button)
        above.addStretch(1)
        for button in (self.restore, self.rewind, self.reseed):
            above.addWidget(button)
        self._labels: dict[str, QLabel] = {}
        self.wrong = SharedComplaint()
        self._tight = False
        self.live = TrainingFields(document, run, _LIVE, labels={"lr": "rate"}, parent=self)
        below.addWidget(self.until)
        below.addStretch(1)
        for name, field in self.live.fields.items():
            label = QLabel(_LIVE[name])
            label.setProperty("kind", "dim")
            label.setBuddy(field)
            field.setMinimumWidth(72)
            field.setMaximumWidth(96)
            field.complain_at(self.wrong.of(_LIVE[name]))
            below.addWidget(label)
            below.addWidget(field)
            self._labels[name] = label
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._rows.setSpacing(8)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(self._rows)
        whole.addWidget(self.wrong)
        self._rows.addLayout(above)
        self._rows.addLayout(below)
        self._dress()
        self.follow()

    def set_menu(self, menu: QMenu) -> None:
        """What the button at the end opens."""
        self.more.setMenu(menu)

    def follow(self) -> None:
        """What can be pressed now."""
        run = self._run
        trained = bool(run.history or self._document.project.weights)
        self.stop.setEnabled(run.active)
        self.batch.setEnabled(not run.computing)
        self.epoch.setEnabled(not run.computing)
        self.rewind.setEnabled(not run.active and trained)
        self.reseed.setEnabled(not run.active)
        self.restore.follow()

    def tell(self, actions: Mapping[str, QAction]) -> None:
        """The commands of the menu can be used when the buttons can."""
        self.follow()
        buttons = {"train_batch": self.batch, "train_epoch": self.epoch, "reseed": self.reseed}
        for name, button in {**buttons, "rewind": self.rewind}.items():
            actions[name].setEnabled(button.isEnabled())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _ONE_ROW
        ways = QBoxLayout.Direction
        self._rows.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        tight = self.width() < _TIGHT
        if tight != self._tight:
            self._set_tight(tight)

    def _set_tight(self, tight: bool) -> None:
        """Beside a lesson: words stand nearer to the rims, and the decay is left to the Settings panel."""
        self._tight = tight
        for button in (self.stop, self.batch, self.epoch, self.restore, self.rewind, self.reseed):
            button.setProperty("tight", tight)
            button.style().unpolish(button)
            button.style().polish(button)
        for widget in (self._labels["weight_decay"], self.live.fields["weight_decay"]):
            widget.setVisible(not tight)

    def _dress(self) -> None:
        self.more.setIcon(theme.icon("more"))


def _button(words: str, tip: str) -> QPushButton:
    made = QPushButton(words)
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    return made
