"""Which sample of the batch, and which axes of a tensor with more than two, are looked at."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from nnstudio.studio.chooser import Chooser
from nnstudio.studio.tensors.slices import Slice

WHOLE, MEAN = "whole batch", "mean of the batch"


class SampleBox(Chooser):
    """The whole batch, one of its samples, or the mean over it."""

    picked = Signal(object)  # "whole", a sample, or None for the mean

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sample of the batch")
        self.setToolTip("Which sample of the batch is looked at, here and on the cards")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.picked.emit(self._meant(index)))

    def show_choice(self, size: int, whole: bool, sample: int | None) -> None:
        if self.count() != size + 2:
            self.clear()
            self.addItems([WHOLE, MEAN, *(f"sample {number + 1}" for number in range(size))])
        self.setCurrentIndex(0 if whole else 1 if sample is None else sample + 2)

    def _meant(self, index: int) -> str | int | None:
        return "whole" if index == 0 else None if index == 1 else index - 2


class AxesBar(QWidget):
    """Shown for more than two axes: which run down and across, and where the others stand."""

    changed = Signal(object)  # a Slice

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slice = Slice((), None, None, ())
        self._filling = False
        self.rows, self.columns = Chooser(), Chooser()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        for box, words in ((self.rows, "Rows"), (self.columns, "Columns")):
            box.setAccessibleName(f"{words}: which axis")
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.activated.connect(self._turn)
            label = QLabel(words.lower())
            label.setProperty("kind", "dim")
            self._row.addWidget(label)
            self._row.addWidget(box)
        self.indices: dict[int, QSpinBox] = {}
        self._row.addStretch(1)
        self.hide()

    def show_slice(self, at: Slice, fixed: int | None) -> None:
        """`fixed` is an axis that is chosen elsewhere: that of the samples."""
        self._filling = True
        free = [axis for axis in range(len(at.shape)) if axis != fixed]
        if (at.shape, fixed) != (self._slice.shape, self.property("fixed")) or self.rows.count() != len(free):
            for box in (self.rows, self.columns):
                box.clear()
                box.addItems([f"axis {axis} ({at.shape[axis]:,})" for axis in free])
        self.setProperty("fixed", fixed)
        self._slice, self._free = at, free
        self.setVisible(len(free) > 2)
        for box, axis in ((self.rows, at.rows), (self.columns, at.columns)):
            box.setCurrentIndex(free.index(axis) if axis in free else -1)
        self._show_indices([axis for axis in at.others if axis != fixed] if len(free) > 2 else [])
        self._filling = False

    def _show_indices(self, axes: list[int]) -> None:
        if list(self.indices) != axes:
            for box in self.indices.values():
                self._row.removeWidget(box)
                box.hide()
                box.deleteLater()
            self.indices = {}
            for axis in axes:
                box = QSpinBox()
                box.lineEdit().setTextMargins(6, 0, 0, 0)
                box.setPrefix(f"axis {axis}: ")
                box.setAccessibleName(f"Index on axis {axis}")
                box.setWrapping(True)
                box.valueChanged.connect(lambda index, axis=axis: self._move(axis, index))
                self._row.insertWidget(self._row.count() - 1, box)
                self.indices[axis] = box
        for axis, box in self.indices.items():
            box.setRange(0, self._slice.shape[axis] - 1)
            box.setValue(self._slice.at[axis])

    def _turn(self) -> None:
        rows, columns = self._free[self.rows.currentIndex()], self._free[self.columns.currentIndex()]
        self.changed.emit(self._slice.across(rows, columns))

    def _move(self, axis: int, index: int) -> None:
        if not self._filling:
            self.changed.emit(self._slice.moved(axis, index))
