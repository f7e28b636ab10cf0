"""What a run goes on until: epochs, a loss, no more progress, a time."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import Form
from nnstudio.studio.training.fields import TrainingFields
from nnstudio.studio.training.running import Run
from nnstudio.training.settings import RULES

_PADDING = 26
FIELDS = {
    "epochs": "epochs in all",
    "stop_loss": "training loss down to",
    "patience": "epochs without progress",
    "seconds": "seconds of training",
}


class UntilPopup(QFrame):
    """The fields; the first condition that is met ends the run."""

    def __init__(self, document: Document, run: Run, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "float")
        self.setAccessibleName("Train until")
        self.fields = TrainingFields(document, run, FIELDS, labels=FIELDS, parent=self)
        form = Form()
        for name, field in self.fields.fields.items():
            field.setFixedWidth(148)
            form.add(FIELDS[name], field, RULES[name].doc)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QLabel("Train until the first of these")
        head.setProperty("kind", "strong")
        column.addWidget(head)
        column.addWidget(form)


class UntilButton(QPushButton):
    """Says what the run goes on until."""

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.popup = UntilPopup(document, run, self)
        self.clicked.connect(self.open)
        document.training_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """The conditions in few words."""
        self.updateGeometry()
        self._say()

    def _say(self) -> None:
        """As much of it as there is room for."""
        words = self._words()
        self.setAccessibleName(f"Train until {words}")
        self.setToolTip(f"A run goes on until: {words}")
        epochs = self._document.project.training.epochs
        forms = [f"Until {words}…"]
        if words == count(epochs, "epoch"):
            forms.append(f"To epoch {epochs:,}…")
        self.setText(next((form for form in forms if self._wide(form) <= self.width()), "Until…"))

    def sizeHint(self) -> QSize:
        return QSize(self._wide(f"Until {self._words()}…"), 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._wide("Until…"), 28)

    def _wide(self, words: str) -> int:
        return self.fontMetrics().horizontalAdvance(words) + _PADDING

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say()

    def _words(self) -> str:
        training = self._document.project.training
        found = [count(training.epochs, "epoch")]
        if training.stop_loss:
            found.append(f"loss {training.stop_loss:g}")
        if training.patience:
            found.append(f"{count(training.patience, 'epoch')} without progress")
        if training.seconds:
            found.append(f"{training.seconds:g} s")
        return (
            found[0]
            if len(found) == 1
            else f"{found[0]}, {found[1]}"
            if len(found) == 2
            else f"{found[0]} +{len(found) - 1}"
        )

    def open(self) -> None:
        """Show the fields below the button, or above where there is no room."""
        popup = self.popup
        popup.adjustSize()
        spot = self.mapToGlobal(QPoint(0, self.height() + 4))
        if spot.y() + popup.height() > self.screen().availableGeometry().bottom():
            spot = self.mapToGlobal(QPoint(0, -popup.height() - 4))
        popup.move(spot)
        popup.show()
        first = next(iter(popup.fields.fields.values())).editor
        first.setFocus(Qt.FocusReason.PopupFocusReason)
