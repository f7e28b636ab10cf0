"""The sweep: what is varied, how many runs that makes, and what came of them."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.project.run_edits import RenameRun
from nnstudio.project.setup import Setup, setup_of
from nnstudio.project.sweep import best_of, loss_of
from nnstudio.project.sweep_points import MOST_POINTS, Axis, Span
from nnstudio.studio.comparing.axis_row import AxisRow
from nnstudio.studio.comparing.parallel import ParallelPlot
from nnstudio.studio.comparing.runs_model import NAME, VALIDATION, RunsModel
from nnstudio.studio.comparing.runs_table import RunsTable
from nnstudio.studio.comparing.sweeping import Sweeping, count_of
from nnstudio.studio.comparing.words import worded
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import text
from nnstudio.studio.training.panel import duration
from nnstudio.training.threads import cores

_ORDER = ("lr", "batch_size", "optimizer", "seed", "epochs")


class SweepDialog(QDialog):
    """Stays open beside the window; closed while it runs, the sweep goes on."""

    def __init__(
        self,
        document: Document,
        sweeping: Sweeping,
        why_not: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._sweeping, self._why_not = document, sweeping, why_not
        self.setWindowTitle("Sweep")
        self.resize(760, 720)
        self.rows: list[AxisRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.more = QPushButton("Vary something else too")
        self.more.setAutoDefault(False)
        self.more.clicked.connect(self._add_next)
        self.number = QSpinBox()
        self.number.lineEdit().setTextMargins(6, 0, 0, 0)
        self.number.setRange(0, MOST_POINTS)
        self.number.setSpecialValueText("all of the grid")
        self.number.setAccessibleName("How many points are drawn at random")
        self.number.setToolTip("So many points are drawn at random; 0 takes every combination")
        self.number.setMinimumWidth(132)
        self.number.valueChanged.connect(self._estimate)
        self.estimate = text("", "dim")
        self.estimate.setAccessibleName("How many runs that makes")
        self.start = QPushButton("Start")
        self.start.setProperty("kind", "primary")
        self.start.setAutoDefault(False)
        self.start.setToolTip("Train all of them in the background (Ctrl+Return)")
        self.start.clicked.connect(self._start)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.setToolTip("End the runs under way; those that are done stay")
        self.cancel.clicked.connect(self._cancel)
        self.cancel.hide()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the sweep")
        self.bar.hide()
        self.plot = ParallelPlot()
        self.model = RunsModel(self, can_tick=False)
        self.table = RunsTable(self.model)
        self.table.setAccessibleName("The runs of the sweep")
        self.table.add_sorting()
        self.table.sortByColumn(VALIDATION, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().resizeSection(NAME, 320)
        self.best = text("", "strong")
        self.best.setAccessibleName("The best run")
        self._lay_out()
        self.model.renamed.connect(lambda id, name: document.push(RenameRun(id, name)))
        self.plot.filtered.connect(self._show_passing)
        self.plot.hovered_changed.connect(self._mark_row)
        self.table.selectionModel().currentRowChanged.connect(self._point)
        sweeping.progressed.connect(self.follow)
        document.graph_changed.connect(self._estimate)
        document.training_changed.connect(self._estimate)
        document.runs_changed.connect(self.follow)
        document.replaced.connect(self._offer)
        self.add_row("lr")
        self.follow()

    def _lay_out(self) -> None:
        head = QLabel("Train with every combination of these")
        head.setProperty("kind", "strong")
        drawn = QHBoxLayout()
        label = QLabel("Points at random")
        label.setBuddy(self.number)
        for widget in (self.more, label, self.number):
            drawn.addWidget(widget)
            if widget is self.more:
                drawn.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.estimate, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.start)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.plot)
        split.addWidget(self.table)
        split.setChildrenCollapsible(False)
        split.setSizes([280, 260])
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addWidget(head)
        column.addLayout(self._rows)
        column.addLayout(drawn)
        column.addLayout(foot)
        column.addWidget(self.bar)
        column.addWidget(self.best)
        column.addWidget(split, 1)

    # -- what is varied

    def add_row(self, name: str) -> AxisRow:
        """Vary this too."""
        row = AxisRow(self._setup, name, self)
        row.changed.connect(self._estimate)
        row.unwanted.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._rows.addWidget(row)
        row.show()
        self._estimate()
        return row

    def _add_next(self) -> None:
        taken = {row.chosen for row in self.rows}
        free = [each for each in _ORDER if each not in taken] or ["lr"]
        self.add_row(free[0]).name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove(self, row: AxisRow) -> None:
        self.rows.remove(row)
        row.hide()
        row.deleteLater()
        self._estimate()

    def _setup(self) -> Setup:
        return setup_of(self._document.project)

    def axes(self) -> list[Axis | Span]:
        """What the rows say. Error where one of them cannot be."""
        found: list[Axis | Span] = []
        for row in self.rows:
            try:
                found.append(row.read())
                row.set_invalid(False)
            except Error:
                row.set_invalid(True)
                raise
        return found

    def _estimate(self, *_: object) -> None:
        """How many runs, how long; or why there can be none."""
        if self._sweeping.active:
            return
        why, words = self._why_not(), ""
        try:
            axes = self.axes()
            names = [axis.name for axis in axes]
            spans = any(isinstance(axis, Span) for axis in axes)
            runs = count_of(axes, self.number.value())
            if not axes:
                why = why or "Say what to vary."
            elif len(set(names)) < len(names):
                why = why or "One thing is varied twice: put all of its values into one row."
            elif spans and not self.number.value():
                why = why or "Say how many points are drawn at random."
            elif runs > MOST_POINTS:
                why = (
                    why
                    or f"That makes {runs:,} runs, and at most {MOST_POINTS} are made: draw some at random."
                )
            else:
                words = self._told(runs, axes)
        except Error as error:
            why = why or str(error)
        self.start.setEnabled(not why)
        self._say(why or words, bool(why))

    def _told(self, runs: int, axes: list[Axis | Span]) -> str:
        at_once = max(1, cores() - 1)
        parts = [count(runs, "run"), f"{at_once} at a time"]
        project = self._document.project
        entries = project.history or (list(project.runs[-1].history) if project.runs else [])
        pace = [float(entry["seconds"]) for entry in entries if isinstance(entry.get("seconds"), int | float)]
        if pace:
            epochs = float(project.training.epochs)
            for axis in axes:
                if axis.name == "epochs":
                    ends = axis.values if isinstance(axis, Axis) else (axis.low, axis.high)
                    epochs = sum(ends) / len(ends)
            seconds = runs * epochs * sum(pace) / len(pace) / min(at_once, runs)
            parts.append(f"about {duration(seconds + 0.5 * runs / min(at_once, runs))}")
        return " · ".join(parts)

    def _say(self, words: str, bad: bool) -> None:
        self.estimate.setText(words)
        kind = "error" if bad else "dim"
        if self.estimate.property("kind") != kind:
            self.estimate.setProperty("kind", kind)
            self.estimate.style().unpolish(self.estimate)
            self.estimate.style().polish(self.estimate)

    # -- running

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses the button that has the focus. In a field it only ends the typing: many runs that
        begin by the way are none that were asked for; Ctrl+Return asks for them from everywhere.
        """
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.start.click()
        elif isinstance(button := self.focusWidget(), QAbstractButton):
            button.click()

    def _cancel(self) -> None:
        self._sweeping.cancel()
        self.cancel.setEnabled(False)

    def _start(self) -> None:
        why = self._why_not()
        if why:
            self._say(why, True)
            return
        self.plot.clear()
        self._sweeping.start(self.axes(), self.number.value())

    def follow(self) -> None:
        """How far the sweep is, and what came of it so far."""
        sweeping = self._sweeping
        self._stand(sweeping.active)
        if sweeping.active:
            self.bar.setValue(round(1000 * sweeping.share))
            left = sweeping.seconds_left
            more = f" · {duration(left)} left" if left is not None else ""
            self._say(f"{len(sweeping.records)} of {count(sweeping.total, 'run')} done{more}", False)
        else:
            self._estimate()
            if sweeping.sentence:
                self._say(sweeping.sentence, True)
        named = {run.id: run for run in self._document.project.runs}
        runs = [named.get(run.id, run) for run in sweeping.records]
        if [id(run) for run in runs] != [id(run) for run in self.plot.runs]:
            self.plot.show_runs(runs)
            best = best_of(runs)
            self.model.choose("" if best is None else best.id)
            words = "" if best is None else f"The best: {best.name} · loss {worded('loss', loss_of(best))}"
            if best is not None and not math.isfinite(loss_of(best)):
                words = "None came to a loss."
            self.best.setText(words)
        self.best.setVisible(bool(self.best.text()) and bool(runs))

    def _stand(self, active: bool) -> None:
        """Cancel stands beside Start, and not in its place: a second click must not undo the first."""
        if active != self.cancel.isHidden():
            return
        at_start, at_cancel = self.start.hasFocus(), self.cancel.hasFocus()
        self.bar.setVisible(active)
        self.cancel.setVisible(active)
        self.cancel.setEnabled(active)
        if at_start:
            self.cancel.setFocus()
        for widget in (self.start, self.more, self.number, *self.rows):
            widget.setEnabled(not active)
        if at_cancel:
            self.start.setFocus()

    # -- plot and table are one

    def _show_passing(self) -> None:
        self.model.show_runs(self.plot.passing)
        self.table.follow()

    def _mark_row(self, id: str) -> None:
        row = self.model.row_of(id)
        selection = self.table.selectionModel()
        blocked = selection.blockSignals(True)
        if row < 0:
            selection.clearSelection()
        else:
            index = self.table.sorted.mapFromSource(self.model.index(row, NAME))
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        selection.blockSignals(blocked)
        self.table.viewport().update()

    def _point(self, *_: object) -> None:
        row = self.table.sorted.mapToSource(self.table.currentIndex()).row()
        self.plot.point_at(self.model.runs[row].id if 0 <= row < len(self.model.runs) else "")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._offer()

    def _offer(self) -> None:
        """The drawing may have other nodes by now."""
        for row in self.rows:
            row.offer()
        self._estimate()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.plot.point_at("")
        super().closeEvent(event)
