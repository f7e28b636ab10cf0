"""How the loss bends: its Hessian, the eigenvalues, and the largest learning rate that stays stable."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.explain.curvature import MOST_PARAMETERS, Curvature, curvature
from nnstudio.explain.numerals import latex_number, plain_number
from nnstudio.explain.place import Element
from nnstudio.project.edits import SetTraining
from nnstudio.studio.document import Document
from nnstudio.studio.explaining.element_map import ElementMap
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.explaining.page import Page
from nnstudio.studio.explaining.plots import PointPlot
from nnstudio.studio.explaining.work_row import WorkRow
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import heading, text
from nnstudio.studio.stepping.stepper import Stepper


class CurvatureView(Page):
    """Worked out when asked for, since every step changes it; told to be of before once weights change."""

    def __init__(self, document: Document, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__("Curvature of the loss", parent)
        self._document, self._stepper = document, stepper
        self._of: tuple[Any, ...] = ()
        self._said = ""
        self._picked: Element = (0, 0)
        self.curvature: Curvature | None = None
        self.work = WorkRow("Work out the curvature")
        self.work.begun.connect(self.work_out)
        self.stale = text("", "warning")
        self.rate = FormulaView()
        self.now = text("", "dim")
        self.half = QPushButton("Use half of it")
        self.half.clicked.connect(self.use_half)
        self.map = ElementMap()
        self.map.largest = (300, 160)
        self.map.picked.connect(self._pick)
        self.cell = QLabel()
        self.cell.setProperty("kind", "dim")
        self.eigenvalues = PointPlot("number", "eigenvalue", line=False)
        self.corners = text("", "dim")
        row = QHBoxLayout()
        row.addWidget(self.now, 1)
        row.addWidget(self.half, 0, Qt.AlignmentFlag.AlignTop)
        self.result = QWidget()
        inner = QVBoxLayout(self.result)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        self.column.addWidget(self.work)
        self.column.addWidget(self.stale)
        inner.addWidget(self.rate)
        inner.addLayout(row)
        inner.addWidget(self.corners)
        inner.addWidget(heading("Hessian"))
        inner.addWidget(self.map)
        inner.addWidget(self.cell)
        inner.addWidget(heading("Eigenvalues"))
        inner.addWidget(self.eigenvalues)
        self.column.addWidget(self.result)
        self._show()

    def follow(self) -> None:
        """What is shown holds as long as weights and samples are what they were."""
        obstacle = self._obstacle()
        self.work.button.setEnabled(not obstacle)
        if obstacle != self._said and not self.work.busy:
            self.work.say(obstacle)
            self._said = obstacle
        if self.curvature is not None:
            same = self._of == self._state()
            self.stale.setVisible(not same)
            self.stale.setText("Stale: weights or samples have changed since this was worked out.")
            self._say_rate()

    def _obstacle(self) -> str:
        """Why it cannot be worked out; nothing where it can."""
        program = self._stepper.program
        if program is None or not self._stepper.can_step:
            return self._stepper.sentence or "Nothing can be run yet."
        if program.parameter_count > MOST_PARAMETERS:
            return (
                f"The Hessian of {count(program.parameter_count, 'parameter')} would have "
                f"{program.parameter_count**2:,} numbers: it is shown for at most {MOST_PARAMETERS}."
            )
        return ""

    def work_out(self) -> None:
        """In a copy, beside the window."""
        program = self._stepper.program
        if program is None or self._obstacle():
            return
        state = self._state()

        def take(found: Curvature) -> None:
            if state != self._state():
                self.work.say("The program has moved on meanwhile: work it out again.")
                return
            self.curvature, self._of, self._picked = found, state, (0, 0)
            self._show()

        self.work.run(lambda _: curvature(program), take)

    def use_half(self) -> None:
        """Train at half of the largest stable learning rate: an edit like any other."""
        found = self.curvature
        if found is None or not math.isfinite(found.largest_stable_lr):
            return
        lr = half_of(found.largest_stable_lr)
        training = self._document.project.training
        self._document.push(SetTraining(replace(training, lr=lr), f"Set the learning rate to {lr:g}"))

    # -- showing

    def _state(self) -> tuple[Any, ...]:
        """What the curvature depends on."""
        program = self._stepper.program
        if program is None or self._stepper.busy:
            return ()
        fed = []
        for name in (*program.inputs, *program.targets):
            try:
                fed.append(program[f"{name}.output"].tobytes())
            except Error:
                fed.append(b"")
        return (id(program), program.flat.tobytes(), *fed)

    def _show(self) -> None:
        found = self.curvature
        self.result.setVisible(found is not None)
        self.stale.hide()
        if found is None:
            return
        self._say_rate()
        self.corners.setVisible(bool(found.corners))
        self.corners.setText(
            f"The loss has a corner at {', '.join(found.corners[:4])}"
            f"{' and more' if len(found.corners) > 4 else ''}: there it bends on one side only."
        )
        self.map.show_array("Hessian", found.hessian, self._picked)
        row, column = (found.names[each] for each in self._picked)
        self.cell.setText(f"∂²L/∂ {row} ∂ {column} = {plain_number(float(found.hessian[self._picked]))}")
        values = found.eigenvalues
        self.eigenvalues.show_points(
            range(1, len(values) + 1), values.tolist(),
            f"{count(len(values), 'eigenvalue')} from {plain_number(float(values[0]))} to "
            f"{plain_number(float(values[-1]))}", 0.0,
        )  # fmt: skip

    def _say_rate(self) -> None:
        found = self.curvature
        if found is None:
            return
        largest, stable = float(found.eigenvalues[-1]), found.largest_stable_lr
        lr = self._document.project.training.lr
        finite = math.isfinite(stable)
        self.half.setVisible(finite)
        top = latex_number(largest)
        if finite:
            self.rate.show_formula(
                rf"\frac{{2}}{{\lambda_{{\max}}}} = \frac{{2}}{{{top}}} = {latex_number(stable)}",
                f"2 / λ_max = 2 / {plain_number(largest)} = {plain_number(stable)}",
                "update",
            )
            beyond = "beyond it: full-batch descent moves away" if lr > stable else "below it"
            self.now.setText(f"The largest stable learning rate. Now it is {plain_number(lr)}, {beyond}.")
            self.half.setToolTip(f"Set the learning rate to {half_of(stable):g}; can be undone")
            self.half.setEnabled(half_of(stable) != lr)
        else:
            self.rate.show_formula(rf"\lambda_{{\max}} = {top}", f"λ_max = {plain_number(largest)}")
            self.now.setText("The loss bends upwards nowhere here, so no learning rate is too large for it.")

    def _pick(self, element: Element) -> None:
        self._picked = element
        self._show()
        self.follow()


def half_of(rate: float) -> float:
    """Half of a rate with three figures, never rounded up."""
    half = rate / 2
    step = 10.0 ** (math.floor(math.log10(half)) - 2)
    return float(f"{math.floor(half / step + 1e-9) * step:.3g}")
