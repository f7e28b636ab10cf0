"""What is chosen about a file of arrays, and about a folder of pictures, before it is taken."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from nnstudio.data import DataSettings
from nnstudio.data.images import FolderPreview
from nnstudio.data.preview import ArraysPreview
from nnstudio.modules.shapes import format_shape
from nnstudio.studio.formats import count
from nnstudio.studio.gathering.table_page import TASKS, choice, labelled, set_choice
from nnstudio.studio.panels.sections import text

COLOURS = (("grey", "grey"), ("red, green, blue", "rgb"))
_TILE = 64
_BAD = (("stop there", "error"), ("leave it out", "drop"))


class ArraysPage(QWidget):
    """Which array holds the inputs, and which the targets."""

    relook = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: ArraysPreview | None = None
        self.inputs = choice("Inputs", "The array to learn from", (), self.changed.emit)
        self.targets = choice("Targets", "The array to predict", (), self.changed.emit)
        self.task = choice("Task", "What the network is to tell", TASKS, self.changed.emit)
        row = QHBoxLayout()
        row.setSpacing(12)
        for words, box in (("Inputs", self.inputs), ("Targets", self.targets), ("Task", self.task)):
            row.addWidget(labelled(words, box), 1)
        self.list = QListWidget()
        self.list.setAccessibleName("Arrays")
        self.list.setProperty("kind", "table")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.list, 1)

    def begin(self, data: DataSettings) -> None:
        """Start from settings that were there before."""
        set_choice(self.task, data.task)
        self._begun = data

    _begun: DataSettings | None = None

    def options(self) -> dict[str, Any]:
        return {}

    def show_preview(self, found: ArraysPreview) -> None:
        """The arrays there are."""
        self._preview = found
        self.list.clear()
        names = [each.name for each in found.arrays]
        several = len(names) > 1
        for box in (self.inputs, self.targets):
            box.clear()
            box.setEnabled(several)
        for each in found.arrays:
            self.list.addItem(f"{each.name}: {format_shape(each.shape)}, {each.dtype}")
            for box in (self.inputs, self.targets):
                box.addItem(each.name, each.name)
        lower = {name.lower(): name for name in reversed(names)}
        set_choice(self.inputs, lower.get("x", names[0]))
        rest = [name for name in names if name != self.inputs.currentData()]
        if several:
            set_choice(self.targets, lower.get("y", rest[0]))
        if self._begun is not None:
            for box, columns in (
                (self.inputs, self._begun.input_columns),
                (self.targets, self._begun.target_columns),
            ):
                if columns and columns[0] in names:
                    set_choice(box, str(columns[0]))
            self._begun = None
        self.changed.emit()

    def sentence(self) -> str:
        """What would be taken."""
        if self._preview is None:
            return ""
        if len(self._preview.arrays) == 1:
            return "A table whose last column is the target"
        return f"{self.targets.currentText()} is learned from {self.inputs.currentText()}"

    def why_not(self) -> str:
        """Why this cannot be taken; empty where it can."""
        if self._preview is None:
            return "The file is being looked at."
        if len(self._preview.arrays) < 2:
            return ""
        if self.inputs.currentData() == self.targets.currentData():
            return "Choose two different arrays."
        shapes = {each.name: each.shape for each in self._preview.arrays}
        chosen = [
            (name, shapes[name][:1]) for name in (self.inputs.currentData(), self.targets.currentData())
        ]
        single = next((name for name, first in chosen if not first), None)
        if single is not None:
            return f"{single} is a single value and no list of samples: choose another array."
        (x, (many,)), (y, (others,)) = chosen
        if many != others:
            return (
                f"{x} has {count(many, 'sample')}, but {y} has {others:,}: choose arrays of the same length."
            )
        return ""

    def settings(self, source: str) -> DataSettings:
        """The data settings that take the arrays so."""
        assert self._preview is not None
        several = len(self._preview.arrays) > 1
        return DataSettings(
            source,
            input_columns=(self.inputs.currentData(),) if several else (),
            target_columns=(self.targets.currentData(),) if several else (),
            task=self.task.currentData(),
            target_scaling="auto",
        )


class FolderPage(QWidget):
    """How large pictures are made, and whether in colours; the first of each class are shown."""

    relook = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: FolderPreview | None = None
        self._chose = False
        self.width_box, self.height_box = QSpinBox(), QSpinBox()
        for words, box in (("Width", self.width_box), ("Height", self.height_box)):
            box.setRange(1, 4096)
            box.setSuffix(" px")
            box.setAccessibleName(words)
            box.setToolTip("All pictures are brought to this size")
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.valueChanged.connect(self._sized)
        self.colours: QComboBox = choice("Colours", "One number a pixel, or three", COLOURS, self._coloured)
        self.bad = choice(
            "Bad pictures", "What becomes of a picture that cannot be read", _BAD, self.changed.emit
        )
        row = QHBoxLayout()
        row.setSpacing(12)
        for words, field in (
            ("Width", self.width_box),
            ("Height", self.height_box),
            ("Colours", self.colours),
            ("Bad pictures", self.bad),
        ):
            row.addWidget(labelled(words, field), 1)
        self.list = QListWidget()
        self.list.setAccessibleName("First pictures of each class")
        self.list.setProperty("kind", "inset")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setIconSize(QSize(_TILE, _TILE))
        self.list.setGridSize(QSize(_TILE + 24, _TILE + 32))
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.faults = text("", "error")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        column.addWidget(self.faults)
        self.faults.hide()

    def begin(self, data: DataSettings) -> None:
        """Start from settings that were there before."""
        self._begun = data

    _begun: DataSettings | None = None

    def options(self) -> dict[str, Any]:
        return {}

    def _sized(self) -> None:
        self._chose = True
        self.changed.emit()

    def _coloured(self) -> None:
        self._chose = True
        self.changed.emit()

    def show_preview(self, found: FolderPreview) -> None:
        """The classes and their first pictures."""
        first = self._preview is None
        self._preview = found
        if found.sizes and not self._chose:
            self._set(*found.sizes[0][0], "rgb" if found.colours else "grey")
        if self._begun is not None:
            options = self._begun.options
            width, height = int(options.get("width", 0)), int(options.get("height", 0))
            self._set(
                width or self.width_box.value(),
                height or self.height_box.value(),
                str(options.get("colours", "grey")),
            )
            self._chose, self._begun = True, None
        set_choice(self.bad, "drop" if found.faults.count else "error")
        if first:
            for name, pixels in found.pictures:
                item = QListWidgetItem(QIcon(QPixmap.fromImage(_image(pixels))), name)
                self.list.addItem(item)
        words = [f"{fault.name}: {fault.reason}" for fault in found.faults.first[:3]]
        if found.faults.count > 3:
            words.append(f"… {found.faults.count:,} in all")
        self.faults.setText("\n".join(words))
        self.faults.setVisible(bool(words))
        self.changed.emit()

    def _set(self, width: int, height: int, colours: str) -> None:
        for box, value in ((self.width_box, width), (self.height_box, height)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        set_choice(self.colours, colours)

    def sentence(self) -> str:
        """What would be taken."""
        found = self._preview
        if found is None:
            return ""
        names = ", ".join(f"{name}: {many:,}" for name, many in found.classes[:6])
        more = " …" if len(found.classes) > 6 else ""
        sizes = "" if len(found.sizes) < 2 else f" · {len(found.sizes):,} sizes"
        return f"{count(found.samples, 'picture')} · {names}{more}{sizes}"

    def why_not(self) -> str:
        """Why this cannot be taken; empty where it can."""
        return "The folder is being looked at." if self._preview is None else ""

    def settings(self, source: str) -> DataSettings:
        """The data settings that take the pictures so."""
        options: dict[str, Any] = {"width": self.width_box.value(), "height": self.height_box.value()}
        if self.colours.currentData() != "grey":
            options["colours"] = self.colours.currentData()
        if self.bad.currentData() != "error":
            options["bad_rows"] = self.bad.currentData()
        return DataSettings(source, options=options, scaling="unit")


def _image(pixels: Any) -> QImage:
    tall, wide = pixels.shape[:2]
    if pixels.ndim == 2:
        return QImage(pixels.data, wide, tall, wide, QImage.Format.Format_Grayscale8).copy()
    return QImage(pixels.data, wide, tall, 3 * wide, QImage.Format.Format_RGB888).copy()
