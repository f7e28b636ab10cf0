"""The Jacobian of a node for the sample that is looked at, and its gradient as the product with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.explain.jacobian import Jacobian, jacobian
from nnstudio.explain.local import anatomy
from nnstudio.explain.numerals import latex_number, plain_number
from nnstudio.explain.place import Element
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.shapes import format_shape
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.explaining.element_map import ElementMap
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.explaining.notice import Notice
from nnstudio.studio.explaining.page import scrolled
from nnstudio.studio.explaining.standing import standing
from nnstudio.studio.explaining.subject import subject
from nnstudio.studio.explaining.work_row import WorkRow
from nnstudio.studio.panels.sections import heading, text
from nnstudio.studio.stepping.stepper import Stepper

AT_ONCE = 4096
"""A Jacobian of more numbers is worked out when it is asked for."""
MOST_WRITTEN = 5
"""Rows and columns of a matrix that is written out with its numbers."""
_LAYOUTS: tuple[tuple[str, Literal["numerator", "denominator"], str], ...] = (
    ("Numerator layout", "numerator", "A row for every output, a column for every input"),
    ("Denominator layout", "denominator", "A row for every input, a column for every output"),
)


class JacobianView(QWidget):
    """Follows the selected node; without one, the node that ran last."""

    def __init__(
        self, stepper: Stepper, canvas: Canvas, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._stepper, self._canvas = stepper, canvas
        self._node = ""
        self._picked: Element = (0, 0)
        self._pale = False
        self._now: tuple[Any, ...] = ()
        self._wanted: tuple[Any, ...] = ()  # what a large one was worked out for
        self.jacobian: Jacobian | None = None
        self.by = Chooser()
        self.by.setAccessibleName("Derivative by")
        self.layout_choice = Chooser()
        self.layout_choice.setAccessibleName("Layout of the Jacobian")
        for title, _, tip in _LAYOUTS:
            self.layout_choice.addItem(title)
            self.layout_choice.setItemData(self.layout_choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        for box in (self.by, self.layout_choice):
            box.activated.connect(self.follow)
        self.notice = Notice(actions)
        self.work = WorkRow("Work it out")
        self.work.begun.connect(self._work)
        self.title = FormulaView()
        self.map = ElementMap()
        self.map.largest = (420, 140)
        self.map.picked.connect(self._pick)
        self.cell = text("", "dim")
        self.matrix = FormulaView()
        self.product_heading = heading("gradInput as a product")
        self.letters, self.product = FormulaView(), FormulaView()
        self.nothing = text("", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        choice = QHBoxLayout()
        choice.setSpacing(8)
        choice.addWidget(self.by)
        choice.addWidget(self.layout_choice)
        choice.addStretch(1)
        self.body = QWidget()
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 4, 8)
        column.setSpacing(8)
        for widget in (self.notice, self.title, self.work, self.map, self.cell, self.matrix,
                       self.product_heading, self.letters, self.product):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        self.area = scrolled(self.body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(choice)
        whole.addWidget(self.nothing)
        whole.addWidget(self.area, 1)

    # -- following

    def follow(self) -> None:
        """Another selection, another moment, another choice."""
        program = self._stepper.program
        about = subject(self._stepper, self._canvas)
        at = None
        said = about.sentence
        if program is not None and about.nodes:
            at = anatomy(program).nodes.get(about.nodes[0])
            ports = _derivable(at) if at is not None else []
            if at is not None and not ports:
                said, at = f"{at.name} has no input and no parameter to take a derivative by.", None
        for widget in (self.by, self.layout_choice, self.area):
            widget.setVisible(at is not None)
        self.nothing.setVisible(at is None)
        if at is None or program is None:
            self.nothing.setText(said or "Select a node on the canvas.")
            self.jacobian = None
            return
        self._offer(at)
        now = standing(self._stepper, f"{at.name}.output")
        missing = now.kind == "missing"
        self.notice.say(now.sentence, "warning" if now.kind == "stale" else "", now.action)
        self._pale = now.kind == "stale"
        size = _size(at, self.by.currentText())
        wanted = (
            program,
            at.name,
            self.by.currentText(),
            self._layout(),
            self._stepper.sample,
            self._stepper.moment,
        )
        if missing:
            self._show(None)
        elif size <= AT_ONCE:
            try:
                self._show(self._worked_out())
            except Error as error:
                self._show(None)
                self.notice.say(str(error), "error")
        elif wanted != self._wanted:
            self._show(None)
            self.work.setVisible(True)
            self.work.say(f"It has {size:,} numbers.")
        self._now = wanted

    def _offer(self, at: FlatNode) -> None:
        ports = _derivable(at)
        if at.name != self._node or ports != [self.by.itemText(i) for i in range(self.by.count())]:
            self._node = at.name
            self._picked = (0, 0)
            self.by.clear()
            self.by.addItems(ports)

    def _layout(self) -> Literal["numerator", "denominator"]:
        return _LAYOUTS[max(0, self.layout_choice.currentIndex())][1]

    def _worked_out(self) -> Jacobian:
        program = self._stepper.program
        assert program is not None
        return jacobian(program, self._node, self._stepper.sample or 0, self.by.currentText(), self._layout())

    def _work(self) -> None:
        """A large one, beside the window; where the program has moved meanwhile, it is of no use."""
        wanted = self._now

        def take(found: Jacobian) -> None:
            if self._now != wanted:
                self.work.say("The program has moved on meanwhile.")
                return
            self._wanted = wanted
            self._show(found)

        self.work.run(lambda _: self._worked_out(), take)

    # -- showing

    def _show(self, found: Jacobian | None) -> None:
        self.jacobian = found
        self.work.setVisible(False)
        for widget in (self.title, self.map, self.cell, self.matrix):
            widget.setVisible(found is not None)
        for widget in (self.product_heading, self.letters, self.product):
            widget.setVisible(found is not None and found.grad_input is not None)
        if found is None:
            return
        self._picked = tuple(min(a, b - 1) for a, b in zip(self._picked, found.matrix.shape, strict=True))
        shape = format_shape(found.matrix.shape)
        self.title.show_formula(
            rf"J = \frac{{\partial\,\text{{{_plain(found.node)}.output}}}}"
            rf"{{\partial\,\text{{{_plain(found.of)}}}}}\quad\text{{{shape}}}",
            f"The Jacobian of {found.node}.output by {found.of}, {shape}, in {found.layout} layout",
        )
        self.map.show_array(f"J of {found.node}", found.matrix, self._picked, self._pale)
        row, column = self._picked
        of, by = found.row_names[row], found.column_names[column]
        if found.layout == "denominator":
            of, by = by, of
        self.cell.setText(f"∂ {of} / ∂ {by} = {plain_number(float(found.matrix[self._picked]))}")
        small = max(found.matrix.shape) <= MOST_WRITTEN
        self.matrix.setVisible(small)
        if small:
            self.matrix.show_formula(
                f"J = {_matrix(found.matrix)}", f"J is {_spoken(found.matrix)}", pale=self._pale
            )
        self._show_product(found)

    def _show_product(self, found: Jacobian) -> None:
        if found.grad_input is None or found.grad_output is None:
            return
        by_row = found.layout == "numerator"
        letters = r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,J"
        words = "gradInput is gradOutput times J"
        if not by_row:
            letters = r"\frac{\partial L}{\partial x} = J\,\frac{\partial L}{\partial y}"
            words = "gradInput is J times gradOutput"
        if max(found.matrix.shape) <= MOST_WRITTEN:
            given, back = (
                array.reshape((1, -1) if by_row else (-1, 1))
                for array in (found.grad_output, found.grad_input)
            )
            order = (given, found.matrix) if by_row else (found.matrix, given)
            letters += f" = {_matrix(order[0])} \\, {_matrix(order[1])} = {_matrix(back)}"
            words += f": {_spoken(order[0])} times {_spoken(order[1])} is {_spoken(back)}"
        self.letters.show_formula(letters, words, "backward")
        index = self._picked[1] if by_row else self._picked[0]
        name = (found.column_names if by_row else found.row_names)[index]
        told = found.product(index)
        self.product_heading.setText(f"gradInput as a product, at {name}")
        self.product.show_formula(told.latex, told.plain, pale=self._pale)

    def _pick(self, element: Element) -> None:
        self._picked = element
        if self.jacobian is not None:
            self._show(self.jacobian)


def _derivable(at: FlatNode) -> list[str]:
    return [name for name in (*at.sources, *at.parameters) if f"grad_{name}" in at.definition.functions]


def _size(at: FlatNode, by: str) -> int:
    """How many numbers the Jacobian of one sample has."""
    given = at.input_shapes.get(by) or (at.parameters[by].shape if by in at.parameters else ())
    rows = int(np.prod([each for each in at.shape if isinstance(each, int)]))
    return rows * int(np.prod([each for each in given if isinstance(each, int)]))


def _matrix(array: NDArray[Any]) -> str:
    rows = (" & ".join(latex_number(float(each), 3) for each in row) for row in array)
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _spoken(array: NDArray[Any]) -> str:
    return "[" + "; ".join(", ".join(plain_number(float(each), 3) for each in row) for row in array) + "]"


def _plain(name: str) -> str:
    return cast(str, name).replace("_", r"\_")
