"""Samples in rows: as pictures where they are some, else in words; each with what it is and was taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from nnstudio.data import Dataset
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count, number
from nnstudio.studio.learned.grey import enlarged, grey

MOST = 120
_PICTURE = 40
_MOST_NUMBERS = 8


@dataclass(frozen=True)
class Shown:
    """A sample: its place in its part, its place in the dataset, and words about it."""

    place: int
    index: int
    caption: str
    words: str


class SampleGallery(Dressed, QListWidget):
    """At most 120 of them. Enter or a double click asks to step with one."""

    opened = Signal(int)  # the place of a sample in its part

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples")
        self.setProperty("kind", "inset")
        self.setUniformItemSizes(True)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(_PICTURE, _PICTURE))
        self.setMinimumSize(100, 70)
        self._shown: tuple[Dataset, tuple[Shown, ...]] | None = None
        self.itemActivated.connect(lambda item: self.opened.emit(item.data(Qt.ItemDataRole.UserRole)))

    def show_samples(self, dataset: Dataset, samples: Sequence[Shown]) -> None:
        """In this order; the same as are shown already are left as they are."""
        wanted = (dataset, tuple(samples[:MOST]))
        if self._shown is not None and self._shown[0] is dataset and self._shown[1] == wanted[1]:
            return
        self._shown = wanted
        self._fill()

    def _fill(self) -> None:
        if self._shown is None:
            return
        dataset, samples = self._shown
        place = self.currentRow()
        self.clear()
        pictures = dataset.image_shape is not None
        self.setViewMode(QListView.ViewMode.IconMode if pictures else QListView.ViewMode.ListMode)
        if pictures:
            self.setGridSize(QSize(_PICTURE + 16, _PICTURE + 24))
        self.setWordWrap(False)
        for shown in samples:
            item = QListWidgetItem(shown.caption if pictures else shown.words)
            item.setData(Qt.ItemDataRole.UserRole, shown.place)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, shown.words)
            item.setToolTip(f"{shown.words}\n{_numbers(dataset, shown.index)}".strip())
            if pictures:
                item.setIcon(QIcon(enlarged(grey(dataset.x[shown.index], dataset), _PICTURE, self)))
                item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.addItem(item)
        if 0 <= place < self.count():
            self.setCurrentRow(place)
        self.setAccessibleDescription(count(len(samples), "sample"))

    def _dress(self) -> None:
        self._fill()


def _numbers(dataset: Dataset, index: int) -> str:
    """The inputs of a sample, where they are few."""
    values = dataset.x[index].reshape(-1)
    if dataset.image_shape is not None or len(values) > _MOST_NUMBERS:
        return ""
    names = dataset.feature_names or tuple(f"x{each + 1}" for each in range(len(values)))
    return "\n".join(f"{name} {number(float(value))}" for name, value in zip(names, values, strict=False))
