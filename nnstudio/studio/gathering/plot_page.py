"""Samples as points over two columns, or as bars over one, in the colours of their classes."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnstudio.data import Dataset
from nnstudio.data.categories import are_categories
from nnstudio.studio import theme
from nnstudio.studio.axes import dress_axes
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count, number
from nnstudio.studio.gathering import class_marks

Numbers = NDArray[np.float64]
MOST_POINTS = 2000
MOST_COLUMNS = 200
_MOST_COUNTED = 100_000
_MOST_CLASSES = 24
_BARS = 30
_ROOM_FOR_LABELS = 200
HOW_MANY = "how many"


def legend(names: tuple[str, ...]) -> str:
    """The mark and the name of each class, as rich text."""
    signs = {"o": "●", "s": "■", "t": "▼", "d": "◆", "t1": "▲", "star": "★", "p": "⬟"}
    return "&nbsp; ".join(
        f'<span style="color: {class_marks.tint(at).name()}">{signs[class_marks.shape(at)]}</span>&nbsp;'
        f"{escape(name)}"
        for at, name in enumerate(names)
    )


def telling(dataset: Dataset) -> tuple[int, int]:
    """The two columns to begin with: the first that are neither categories nor the same everywhere, and of
    pictures the pixels that differ most.
    """
    rows = np.linspace(0, dataset.samples - 1, min(MOST_POINTS, dataset.samples)).astype(np.intp)
    x = np.asarray(dataset.x[rows].reshape(len(rows), -1)[:, :MOST_COLUMNS], np.float64)
    spread = x.std(axis=0)
    if dataset.columns:
        spread[are_categories(dataset.columns)[: len(spread)]] = 0.0
    if dataset.image_shape is not None:
        order = np.argsort(-spread, kind="stable")
    else:
        order = np.concatenate([np.flatnonzero(spread > 0), np.flatnonzero(spread == 0)])
    return int(order[0]), int(order[min(1, len(order) - 1)])


class PlotPage(Dressed, QWidget):
    """Choose what goes across and what goes up: a column, or how many samples there are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._names: tuple[str, ...] = ()
        self.across, self.up = Chooser(), Chooser()
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, box in (("Across", self.across), ("Up", self.up)):
            label = QLabel(words)
            label.setProperty("kind", "dim")
            label.setBuddy(box)
            box.setAccessibleName(words)
            box.setToolTip(f"What goes {words.lower()}")
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.setMinimumContentsLength(10)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.currentIndexChanged.connect(self._draw)
            row.addWidget(label)
            row.addWidget(box)
            box.setMaximumWidth(150)
        self.facts = QLabel()
        self.facts.setProperty("kind", "dim")
        self.facts.setMinimumWidth(1)  # what there is no room for may be cut off
        row.addStretch(1)
        self._row = row
        self.plot = pg.PlotWidget(enableMenu=False)
        self._item: Any = self.plot.getPlotItem()
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAntialiasing(True)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, maxTickLevel=0)
        self._item.getAxis("left").setWidth(56)
        self._item.getViewBox().setDefaultPadding(0.06)
        self.shown: list[Any] = []
        """The items in the plot: one a class."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.facts)
        column.addWidget(self.plot, 1)
        self._lines = column
        self._dress()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._place_facts()
        self._label_axes()

    def _label_axes(self) -> None:
        """Where there is room: the two boxes say it too."""
        for side, box in (("bottom", self.across), ("left", self.up)):
            self._item.setLabel(side, box.currentText())
            self._item.showLabel(side, self.height() >= _ROOM_FOR_LABELS)

    def _place_facts(self) -> None:
        """Beside the two boxes where there is room, else on a line of their own."""
        boxes = sum(
            item.sizeHint().width() + self._row.spacing()
            for item in map(self._row.itemAt, range(self._row.count()))
            if item is not None and item.widget() is not self.facts
        )
        beside = boxes + self.facts.sizeHint().width() <= self.width()
        if beside == (self._row.indexOf(self.facts) >= 0):
            return
        if beside:
            self._row.insertWidget(self._row.count() - 1, self.facts)
        else:
            self._lines.insertWidget(1, self.facts)

    def show_samples(self, dataset: Dataset) -> None:
        """Offer the columns of a data set; those that were chosen stay chosen where they are there too."""
        self._dataset = dataset
        features = dataset.feature_names
        width = int(np.prod(dataset.input_shape)) if dataset.input_shape else 1
        inputs = [features[i] if i < len(features) else f"x{i + 1}" for i in range(min(width, MOST_COLUMNS))]
        targets: list[str] = []
        if dataset.task == "numbers":
            known = dataset.target_names
            wide = dataset.y.shape[1] if dataset.y.ndim > 1 else 1
            targets = [known[i] if i < len(known) else f"y{i + 1}" for i in range(min(wide, MOST_COLUMNS))]
        names = (*inputs, *targets)
        if names != self._names:
            self._names = names
            first, other = telling(dataset)
            second = len(inputs) if targets else other
            for box, extra, chosen in ((self.across, (), first), (self.up, (HOW_MANY,), second + 1)):
                box.blockSignals(True)
                box.clear()
                box.addItems([*extra, *names])
                box.setCurrentIndex(chosen if len(names) > 1 else 0)
                box.blockSignals(False)
        if self.isVisible():
            self._draw()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._draw()

    def _column(self, index: int, rows: NDArray[np.intp]) -> Numbers:
        dataset = self._dataset
        assert dataset is not None
        x = dataset.x.reshape(len(dataset.x), -1)
        inputs = min(x.shape[1], MOST_COLUMNS)
        if index < inputs:
            return np.asarray(x[rows, index], dtype=np.float64)
        return np.asarray(dataset.y.reshape(len(dataset.y), -1)[rows, index - inputs], dtype=np.float64)

    def _draw(self) -> None:
        for item in self.shown:
            self._item.removeItem(item)
        self.shown = []
        dataset, across, up = self._dataset, self.across.currentIndex(), self.up.currentIndex() - 1
        if dataset is None or across < 0:
            return
        most = _MOST_COUNTED if up < 0 else MOST_POINTS
        rows = np.linspace(0, dataset.samples - 1, min(most, dataset.samples)).astype(np.intp)
        x = self._column(across, rows)
        classes = 1 < dataset.classes <= _MOST_CLASSES
        of = dataset.y[rows] if classes else np.zeros(len(rows), dtype=np.intp)
        groups = range(dataset.classes if classes else 1)
        if up < 0:
            self._bars(x, of, groups, classes)
        else:
            self._points(x, self._column(up, rows), of, groups, classes)
        self._label_axes()
        few = f" of {dataset.samples:,}" if len(rows) < dataset.samples else ""
        many = f"{len(rows):,}{few} samples" if few else count(len(rows), "sample")
        self.facts.setText(legend(dataset.class_names) if classes else many)
        self._place_facts()
        words = f"{self.up.currentText()} over {self.across.currentText()}"
        low, high = number(float(x.min())), number(float(x.max()))
        self.plot.setAccessibleName(f"{words}: {many}, from {low} to {high}")
        self.plot.setToolTip(many)
        self._item.getViewBox().autoRange()

    def _points(self, x: Numbers, y: Numbers, of: NDArray[Any], groups: range, classes: bool) -> None:
        for group in groups:
            mine = of == group
            points = pg.ScatterPlotItem(
                x[mine],
                y[mine],
                symbol=class_marks.shape(group) if classes else "o",
                size=8,
                pen=pg.mkPen(None),
                brush=pg.mkBrush(self._tint(group, classes, 0.75)),
            )
            self._item.addItem(points)
            self.shown.append(points)

    def _bars(self, x: Numbers, of: NDArray[Any], groups: range, classes: bool) -> None:
        low, high = float(x.min()), float(x.max())
        edges = np.linspace(low, high if high > low else low + 1.0, _BARS + 1)
        below = np.zeros(_BARS)
        for group in groups:
            tall, _ = np.histogram(x[of == group], bins=edges)
            bars = pg.BarGraphItem(
                x0=edges[:-1],
                x1=edges[1:],
                y0=below,
                height=tall,
                pen=pg.mkPen(theme.colours().inset),
                brush=pg.mkBrush(self._tint(group, classes, 1.0)),
            )
            below = below + tall
            self._item.addItem(bars)
            self.shown.append(bars)

    def _tint(self, group: int, classes: bool, opacity: float) -> Any:
        tint = class_marks.tint(group) if classes else pg.mkColor(theme.colours().forward.mark)
        tint.setAlphaF(opacity)
        return tint

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(c.inset)
        dress_axes(self._item)
        self._draw()
