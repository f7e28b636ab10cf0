"""The curves of a run: the loss and one more measure, and the menu of how they are drawn and exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QWidget,
    QWidgetAction,
)

from nnstudio.errors import Error
from nnstudio.studio.training.curve_files import as_png, as_svg, batches_as_csv, epochs_as_csv
from nnstudio.studio.training.curves import CurvePlot, Look, Numbers, Overlay
from nnstudio.studio.training.marks import Mark
from nnstudio.studio.training.measures import LOSS_DOC, MEASURES, column, measures_in
from nnstudio.studio.training.points import BATCHES, EPOCH, LOSS, STEP
from nnstudio.training.changes import OPTIMIZER
from nnstudio.training.identity import DATA, NETWORK

Entries = Sequence[Mapping[str, Any]]
_FILES = {
    "epochs": ("Epochs as CSV…", "epochs.csv", "Table (*.csv)"),
    "batches": ("Batches as CSV…", "batches.csv", "Table (*.csv)"),
    "png": ("Picture as PNG…", "curves.png", "PNG picture (*.png)"),
    "svg": ("Picture as SVG…", "curves.svg", "SVG drawing (*.svg)"),
}


class CurvesPanel(QWidget):
    """`show_run` draws the document's run, `show_overlays` puts others beside it.

    menu   how they are drawn, and where they can be written to
    """

    said = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Curves")
        self.loss = CurvePlot("Loss", doc=LOSS_DOC)
        self.measures: dict[str, CurvePlot] = {}
        """Those that have been shown: no task has more than a few."""
        self.look = Look()
        self._chosen = ""
        self._history: Entries = ()
        self._points: Numbers = np.zeros((0, 5))
        self._overlays: dict[str, list[Overlay]] = {}
        self._inside = QWidget()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._inside)
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._add(self.loss)
        self._make_menu()

    @property
    def plots(self) -> list[CurvePlot]:
        return [self.loss, *self.measures.values()]

    def measure(self, name: str) -> CurvePlot:
        """The plot of a measure; made where it has not been needed before."""
        if name not in self.measures:
            each = MEASURES[name]
            plot = self.measures[name] = CurvePlot(each.title, each.percent, each.rises, each.doc)
            plot.hide()
            plot.set_look(self.look)
            self._add(plot)
        return self.measures[name]

    def _add(self, plot: CurvePlot) -> None:
        self._row.addWidget(plot, 1)
        plot.pointed.connect(partial(self._point, plot))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where the notice leaves less room than a plot needs, half of one would only look broken.
        self._inside.setVisible(self.height() >= self.loss.minimumHeight())

    # -- drawing

    def show_run(
        self, history: Entries, points: Numbers, most_epochs: float, marks: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """The entries of the epochs, the rows of single batches, how far the epochs are to go, and what was
        changed on the way.
        """
        self._history, self._points = history, points
        epochs, steps = column(history, "epoch"), column(history, "step")
        in_epochs = self.look.across == "epoch" or len(steps) != len(epochs)
        x, most = epochs, most_epochs
        if not in_epochs:
            x, most = steps, most_epochs * steps[-1] / max(1.0, epochs[-1]) if steps else 0.0
        # Between epochs that fly by, single batches would only draw straight lines.
        many = not in_epochs or len(points) > 2 * len(history)
        batches = points[:, [EPOCH if in_epochs else STEP, LOSS]] if many else None
        most_in_one = int(points[:, BATCHES].max()) if len(points) else 1
        self.loss.batches.entry.note(f"each point the mean of {most_in_one:,}" if most_in_one > 1 else "")
        told = _marks(marks, "epoch" if in_epochs else "step")
        self.loss.show_curves(
            x, column(history, "train_loss"), column(history, "validation_loss"), batches, most, told
        )
        known = measures_in(history)
        shown = self._chosen if self._chosen in known else next(iter(known), "")
        if shown:
            training, validation = column(history, f"train_{shown}"), column(history, f"validation_{shown}")
            self.measure(shown).show_curves(x, training, validation, None, most, told)
        for name, plot in self.measures.items():
            plot.setVisible(name == shown)
        self._offer(known, shown)
        self.exports["epochs"].setEnabled(bool(history))
        self.exports["batches"].setEnabled(bool(len(points)))

    def show_overlays(self, overlays: Sequence[Overlay], measure: str = "loss") -> None:
        """Other runs behind this one: (name, rows of epoch and value) of the loss or another measure."""
        if measure == "loss":
            self.loss.show_overlays(overlays)
        elif overlays or measure in self.measures:
            self.measure(measure).show_overlays(overlays)

    def say_nothing(self, words: str) -> None:
        """What stands where there are no curves yet."""
        self.loss.nothing.setText(words)

    def _point(self, source: CurvePlot, x: float | None) -> None:
        """All plots look at the same place."""
        for plot in self.plots:
            if plot is not source and not plot.isHidden():
                plot.point_at(x)

    def paint(self, painter: QPainter) -> None:
        """All plots that are shown, for a picture."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for plot in self.plots:
            if not plot.isHidden():
                painter.save()
                painter.translate(plot.pos())
                plot.paint(painter)
                painter.restore()

    # -- the menu

    def _make_menu(self) -> None:
        self.menu = QMenu("Curves", self)
        self.log = self._check("&Logarithmic", lambda on: self._change(log=on))
        self.by_batch = self._check(
            "Over &Batches", lambda on: self._change(across="batch" if on else "epoch")
        )
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(120)
        self.smoothing.setAccessibleName("Smoothing of the curves")
        self.smoothing.setToolTip("How far each point is a mean of those before it")
        self.smoothing.valueChanged.connect(lambda value: self._change(smoothing=value / 100))
        holder = QWidget()
        inside = QHBoxLayout(holder)
        inside.setContentsMargins(28, 4, 12, 4)
        inside.addWidget(QLabel("Smoothing"))
        inside.addWidget(self.smoothing)
        action = QWidgetAction(self.menu)
        action.setDefaultWidget(holder)
        self.menu.addAction(action)
        self.menu.addSeparator()
        self._group = QActionGroup(self.menu)
        self.choices: dict[str, QAction] = {}
        for name, measure in MEASURES.items():
            choice = self._check(f"Show {measure.title}", partial(self._choose, name))
            choice.setToolTip(measure.doc)
            self._group.addAction(choice)
            self.choices[name] = choice
        self.menu.addSeparator()
        self.exports = {kind: self.menu.addAction(words[0]) for kind, words in _FILES.items()}
        for kind, export in self.exports.items():
            export.triggered.connect(partial(self._ask_where, kind))

    def _check(self, words: str, then: Any) -> QAction:
        made = self.menu.addAction(words)
        made.setCheckable(True)
        made.triggered.connect(then)
        return made

    def _offer(self, known: Sequence[str], shown: str) -> None:
        for name, choice in self.choices.items():
            choice.setVisible(name in known and len(known) > 1)
            choice.setChecked(name == shown)

    def _choose(self, name: str, _on: bool = True) -> None:
        self._chosen = name
        self.redraw.emit()

    redraw = Signal()  # something about how curves are drawn is another

    def _change(self, **changes: Any) -> None:
        self.look = replace(self.look, **changes)
        for plot in self.plots:
            plot.set_look(self.look)
        self.redraw.emit()

    # -- files

    def _ask_where(self, kind: str, _on: bool = False) -> None:
        title, suggested, filter = _FILES[kind]
        name, _ = QFileDialog.getSaveFileName(self, title.rstrip("…"), suggested, filter)
        if name:
            path = Path(name)
            self.export_to(kind, path if path.suffix else path.with_suffix(Path(suggested).suffix))

    def export_to(self, kind: str, path: Path) -> None:
        """Write "epochs", "batches", "png" or "svg" to a file; `said` or `failed` tell how it went."""
        from nnstudio.project.atomic import write_atomically

        try:
            write_atomically(path, self._exported(kind))
        except Error as error:
            self.failed.emit(str(error))
        else:
            self.said.emit(f"The curves were written to {path.name}.")

    def _exported(self, kind: str) -> bytes:
        match kind:
            case "epochs":
                return epochs_as_csv(self._history)
            case "batches":
                return batches_as_csv(self._points)
            case "png":
                return as_png(self)
            case _:
                return as_svg(self, "Curves")


def _marks(changes: Entries, across: str) -> list[Mark]:
    """The changes of a run as marks on the axis: those at one place are one."""
    found: dict[float, Mark] = {}
    for each in (_mark(change, across) for change in changes):
        other = found.get(each.x)
        found[each.x] = each if other is None else other.and_(each)
    return list(found.values())


def _mark(mark: Mapping[str, Any], across: str) -> Mark:
    """A change of the run as a mark on the axis."""
    name, at = mark["name"], float(mark[across])
    if name in (NETWORK, DATA):
        words = f"{name} changed"
        return Mark(at, words, words)
    if name == OPTIMIZER:
        return Mark(at, mark["to"], f"{mark['from']} → {mark['to']}")
    name = {"lr": "rate", "batch_size": "batch", "weight_decay": "decay"}.get(name, name)
    return Mark(at, f"{name} {mark['to']:g}", f"{name} {mark['from']:g} → {mark['to']:g}")
