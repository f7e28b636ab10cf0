"""Gradients beside central differences: the worst element by name, the error against the step size."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from nnstudio.explain.gradient_check import Checked, GradientReport, check_gradients
from nnstudio.explain.numerals import plain_number
from nnstudio.explain.place import located
from nnstudio.program.gradcheck import TOLERANCE
from nnstudio.studio import theme
from nnstudio.studio.explaining.page import Page
from nnstudio.studio.explaining.plots import PointPlot
from nnstudio.studio.explaining.work_row import Progress, WorkRow
from nnstudio.studio.panels.sections import heading, text
from nnstudio.studio.stepping.stepper import Stepper

_TITLES = ("gradient", "largest error", "compared", "corners")
_MOST_SENTENCES = 8


class GradientCheckView(Page):
    """Everything happens in a float64 copy; the program that is stepped stays as it is."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__("Gradients beside differences", parent)
        self._stepper = stepper
        self.report: GradientReport | None = None
        self.work = WorkRow("Check the gradients")
        self.work.begun.connect(self.check)
        self.sentence = text("")
        self.table = _Table()
        self.table.itemSelectionChanged.connect(self._choose)
        self.about = heading("Error against step size")
        self.plot = PointPlot("step", "relative error", (True, True))
        self.corners = text("", "dim")
        for widget in (self.work, self.sentence, self.table, self.about, self.plot, self.corners):
            self.column.addWidget(widget)
        self._show()

    def follow(self) -> None:
        """A check is of the moment it was made at; it stays until the next one, or another program."""
        ready = self._stepper.program is not None and self._stepper.can_step
        self.work.button.setEnabled(ready)
        if not ready:
            self.work.say(self._stepper.sentence or "Nothing can be run yet.")
        elif self.report is None and not self.work.busy and not self.work.words.property("kept"):
            self.work.say("Every gradient beside central differences of the loss, in float64.")

    def forget(self) -> None:
        """Another program: nothing is known of it."""
        self.work.forget()
        self.report = None
        self._show()

    def check(self) -> None:
        """In a copy, beside the window."""
        program = self._stepper.program
        if program is None:
            return

        def job(progress: Progress) -> GradientReport:
            return check_gradients(program, progress)

        def take(found: GradientReport) -> None:
            if self._stepper.program is program:
                self.report = found
                self._show()

        self.work.run(job, take)

    def _show(self) -> None:
        found = self.report
        for widget in (self.sentence, self.table, self.about, self.plot, self.corners):
            widget.setVisible(found is not None)
        if found is None:
            return
        self.sentence.setText(found.sentence)
        self.sentence.setProperty("kind", "" if found.ok else "error")
        self.sentence.style().polish(self.sentence)
        self.table.show_report(found)

    def _choose(self) -> None:
        found = self.report
        row = self.table.currentRow()
        if found is None or not 0 <= row < len(found.checked):
            return
        self._show_curve(found.checked[row])

    def _show_curve(self, checked: Checked) -> None:
        check = checked.check
        where = located(check.quantity, check.element)
        self.about.setText(f"Error against step size, at {where}")
        steps, errors = [step for step, _ in checked.curve], [error for _, error in checked.curve]
        self.plot.setVisible(bool(steps))
        if steps:
            best = min(checked.curve, key=lambda each: each[1])
            self.plot.show_points(
                steps, errors,
                f"Relative error at {where} for steps from {steps[0]:g} to {steps[-1]:g}: least, "
                f"{plain_number(best[1], 2)}, at {best[0]:g}. Larger steps leave the curve; smaller ones are "
                "lost in rounding.", TOLERANCE,
            )  # fmt: skip
        sentences = [corner.sentence for corner in checked.corners[:_MOST_SENTENCES]]
        more = check.corners - len(sentences)
        if sentences and more > 0:
            sentences.append(f"And {more:,} more.")
        self.corners.setText("\n".join(sentences))
        self.corners.setVisible(bool(sentences))


class _Table(QTableWidget):
    """One row for each parameter and input, the worst selected at first."""

    def __init__(self) -> None:
        super().__init__(0, len(_TITLES))
        self.setAccessibleName("Gradients and their largest errors")
        self.setHorizontalHeaderLabels(_TITLES)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)

    def show_report(self, report: GradientReport) -> None:
        self.setRowCount(len(report.checked))
        for row, each in enumerate(report.checked):
            check = each.check
            self._put(row, 0, check.quantity)
            self._put(row, 1, plain_number(check.error, 2), wrong=not check.ok)
            self._put(row, 2, f"{check.elements:,}")
            self._put(row, 3, f"{check.corners:,}" if check.corners else "–")
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + 24 * min(6, len(report.checked)) + 2 * self.frameWidth())
        self.selectRow(report.checked.index(report.worst))

    def _put(self, row: int, column: int, words: str, wrong: bool = False) -> None:
        item: Any = QTableWidgetItem(words)
        if wrong:
            item.setIcon(theme.icon("error", theme.colours().error.text))
        self.setItem(row, column, item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            event.ignore()
        else:
            super().keyPressEvent(event)
