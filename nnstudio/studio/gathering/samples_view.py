"""What samples look like: a table, small pictures, and how many there are of each class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nnstudio.data import Dataset
from nnstudio.studio import theme
from nnstudio.studio.gathering import class_marks

Index = QModelIndex | QPersistentModelIndex
_CELL = 36
_PITCH_X, _PITCH_Y = 46, 56
MOST_COLUMNS = 200
MOST_ROWS = 100_000  # a view takes a place for each row beforehand, and the window waits for that
MOST_CLASSES = 24


class SampleTable(QAbstractTableModel):
    """Rows are samples: the inputs, then the targets. Nothing is copied; cells are read when shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._x: NDArray[Any] = np.zeros((0, 0))
        self._y: NDArray[Any] = np.zeros((0, 0))

    def show_samples(self, dataset: Dataset) -> None:
        self.beginResetModel()
        self._dataset = dataset
        self._x = dataset.x.reshape(len(dataset.x), -1)
        self._y = dataset.y.reshape(len(dataset.y), -1)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else min(len(self._x), MOST_ROWS)

    def columnCount(self, parent: Index | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return self._inputs + self._y.shape[1]

    @property
    def _inputs(self) -> int:
        """How many columns of inputs are shown."""
        return min(self._x.shape[1], MOST_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._dataset is None:
            return None
        row, column, target = index.row(), index.column(), index.column() - self._inputs
        if role == Qt.ItemDataRole.DisplayRole:
            if target < 0:
                return _cell(float(self._x[row, column]))
            if self._dataset.task == "classes":
                return self._dataset.class_names[int(self._y[row, target])]
            return _cell(float(self._y[row, target]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and target >= 0:
            return QColor(theme.colours().backward.text)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or self._dataset is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        target = section - self._inputs
        names, at = (
            (self._dataset.feature_names, section) if target < 0 else (self._dataset.target_names, target)
        )
        if at < len(names):
            return names[at]
        return f"x{at + 1}" if target < 0 else f"y{at + 1}"


def _cell(value: float) -> str:
    """A number of the data as it is known: a price is 313000, and no power of ten."""
    return f"{value:.7g}".replace("-", "−")


class Pictures(QWidget):
    """The first samples as pictures with their class below, as many as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._ink = True
        self.setMinimumHeight(_PITCH_Y)
        self.setAccessibleName("Samples")

    def sizeHint(self) -> QSize:
        return QSize(4 * _PITCH_X, _PITCH_Y)

    def show_samples(self, dataset: Dataset, ink: bool = True) -> None:
        """`ink`: a high value is ink, as in sets of digits; else it is light, as in photographs."""
        self._dataset, self._ink = dataset, ink
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        dataset = self._dataset
        if dataset is None or dataset.image_shape is None:
            return
        c = theme.colours()
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        across, down = max(1, self.width() // _PITCH_X), max(1, self.height() // _PITCH_Y)
        top = dataset.value_range[1] if dataset.value_range else float(dataset.x[: across * down].max() or 1)
        for i in range(min(across * down, dataset.samples)):
            x, y = i % across * _PITCH_X, i // across * _PITCH_Y
            picture = picture_of(dataset.x[i].reshape(dataset.image_shape), top, self._ink)
            box = QRectF(x, y, _CELL, _CELL)
            painter.drawImage(box, picture)
            painter.setPen(QColor(c.border))
            painter.drawRect(box)
            painter.setPen(QColor(c.dim))
            label = dataset.class_names[int(dataset.y[i])] if dataset.task == "classes" else ""
            painter.drawText(QRectF(x, y + _CELL + 2, _CELL, 16), Qt.AlignmentFlag.AlignCenter, label)


def picture_of(values: NDArray[Any], top: float, ink: bool) -> QImage:
    """As it is; of ink, on paper in the light, and light on dark in the dark."""
    share = np.clip(np.asarray(values, dtype=np.float64) / (top or 1.0), 0, 1)
    coloured = not ink and values.ndim == 3 and values.shape[-1] == 3
    if values.ndim == 3 and not coloured:
        share = share.mean(axis=-1)
    if ink and theme.colours().name == "light":
        share = 1 - share
    pixels = np.ascontiguousarray(np.rint(share * 255).astype(np.uint8))
    rows, columns = pixels.shape[:2]
    if coloured:
        return QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
    return QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


class Balance(QWidget):
    """One bar a class, as long as it has samples, so that a missing class is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._counts: list[int] = []
        self.setFixedHeight(36)

    @property
    def tells(self) -> bool:
        """Whether there are classes, and not too many for bars."""
        return bool(self._counts)

    def show_classes(self, dataset: Dataset) -> None:
        self._names, self._counts = (), []
        if dataset.task == "classes" and 0 < dataset.classes <= MOST_CLASSES:
            self._names = dataset.class_names
            self._counts = np.bincount(dataset.y, minlength=dataset.classes).tolist()
        words = ", ".join(f"{name}: {n:,}" for name, n in zip(self._names, self._counts, strict=True))
        self.setToolTip(f"Samples of each class\n{words}")
        self.setAccessibleName(f"Samples of each class: {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._counts:
            return
        c = theme.colours()
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        pitch = min(self.width() / len(self._counts), 96.0)
        most = max(self._counts) or 1
        for i, (name, n) in enumerate(zip(self._names, self._counts, strict=True)):
            left = i * pitch
            tall = max(2.0 if n else 0.0, 16 * n / most)
            painter.fillRect(QRectF(left, 18 - tall, max(2.0, pitch - 4), tall), class_marks.tint(i))
            painter.setPen(QColor(c.dim))
            box = QRectF(left, 20, pitch - 4, 16)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignCenter, labelled(name, n, painter.fontMetrics(), pitch - 4)
            )


def labelled(name: str, n: int, metrics: QFontMetrics, room: float) -> str:
    """The class and how many it has; where there is no room for both, the class."""
    many = f" {n:,}"
    left = int(room - metrics.horizontalAdvance(many))
    if left < metrics.horizontalAdvance(name[:3]):
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, left) + many
