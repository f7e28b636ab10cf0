"""Where one number comes from: its formula with letters and with numbers, the chain rule path by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.explain.explanation import Explanation, explain
from nnstudio.explain.formula import statement_formula
from nnstudio.explain.numerals import plain_number
from nnstudio.explain.place import Element, has_batch, place_of
from nnstudio.modules.shapes import format_shape
from nnstudio.studio import theme
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.explaining.element_map import ElementMap
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.explaining.legend import Legend
from nnstudio.studio.explaining.line_rows import LineRows
from nnstudio.studio.explaining.notice import Notice
from nnstudio.studio.explaining.page import scrolled
from nnstudio.studio.explaining.path_rows import PathRows
from nnstudio.studio.explaining.standing import Standing, standing
from nnstudio.studio.explaining.subject import Subject, key_of, subject
from nnstudio.studio.panels.sections import heading, text
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program import Program


class FormulaPage(QWidget):
    """Follows selection and steps: a quantity that was chosen stays until something else is selected."""

    copied = Signal(str)  # a sentence

    def __init__(
        self, stepper: Stepper, canvas: Canvas, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._stepper, self._canvas, self._actions = stepper, canvas, actions
        self._subject = Subject("", (), ())
        self._picked = False  # the quantity was chosen by hand
        self._elements: dict[str, Element] = {}
        self.key = ""
        self.element: Element = ()
        self.explanation: Explanation | None = None
        self.quantity = Chooser()
        self.quantity.setAccessibleName("Quantity to explain")
        self.quantity.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.quantity.setMinimumContentsLength(11)
        self.quantity.activated.connect(self._choose)
        self.index = QLineEdit()
        self.index.setAccessibleName("Index of the number to explain")
        self.index.setFixedWidth(76)
        self.index.editingFinished.connect(self._type_element)
        self.map = ElementMap()
        self.map.picked.connect(self.pick)
        self.copy = QPushButton("Copy as LaTeX")
        self.copy.setProperty("kind", "quiet")
        self.copy.setToolTip("Copy what is explained here as LaTeX")
        self.copy.clicked.connect(self.copy_latex)
        self.title = QLabel()
        self.title.setProperty("kind", "strong")
        self.value = QLabel()
        self.value.setFont(theme.font(15, mono=True))
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notice = Notice(actions)
        self.formula, self.numbers = FormulaView(), FormulaView()
        self.formula.setObjectName("formula")
        self.numbers.setObjectName("numbers")
        self.paths = PathRows(canvas)
        self.before = LineRows("Before it")
        self.notes = text("", "dim")
        self.legend = Legend()
        self._lay_out()

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(8)
        for widget in (self.quantity, self.index, self.map):
            choice.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        choice.addStretch(1)
        choice.addWidget(self.copy)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.value)
        head.addStretch(1)
        box = QFrame()
        box.setProperty("kind", "box")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(10, 8, 10, 8)
        inside.setSpacing(6)
        inside.addWidget(self.formula)
        inside.addWidget(self.numbers)
        self.box = box
        self.body = QWidget()
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 4, 8)
        column.setSpacing(10)
        column.addLayout(head)
        for widget in (self.notice, box, self.notes, self.paths, self.before):
            column.addWidget(widget)
        self.letters = heading("Letters")
        column.addWidget(self.letters)
        column.addWidget(self.legend)
        column.addStretch(1)
        self.area = scrolled(self.body)
        self.nothing = text("", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(choice)
        whole.addWidget(self.nothing)
        whole.addWidget(self.area, 1)

    # -- choosing

    def forget_choice(self) -> None:
        """Something else is selected: the steps are followed again."""
        self._picked = False

    def forget_elements(self) -> None:
        """Another program: indices of the one before may not be in it."""
        self._elements.clear()

    def choose(self, key: str) -> None:
        """Explain this quantity of what is selected until something else is selected."""
        if key in self._subject.keys:
            self.key, self._picked = key, True
            self.follow()

    def pick(self, element: Element) -> None:
        """Explain this number of the quantity."""
        self._elements[self.key] = element
        self.follow()

    def _choose(self, index: int) -> None:
        self.choose(self._subject.keys[index])

    def _type_element(self) -> None:
        program = self._stepper.program
        if program is None or not self.index.isModified():
            return
        self.index.setModified(False)
        try:
            typed = tuple(
                int(part) for part in self.index.text().strip("[]() ").replace(" ", ",").split(",") if part
            )
            element = place_of(program, self.key, typed, self._sample())
        except (Error, ValueError) as error:
            self.index.setProperty("invalid", True)
            self.index.style().polish(self.index)
            shape = format_shape(program.slot(self.key).shape)
            said = str(error) if isinstance(error, Error) else (
                f"An index is whole numbers such as 0, 1: {self.key} has the shape {shape}."
            )  # fmt: skip
            self.notice.say(said, "error")
            self.notice.show()
            return
        self.pick(element)

    def _sample(self) -> int:
        return self._stepper.sample or 0

    # -- showing

    def follow(self) -> None:
        """Bring everything up to date with selection and program."""
        self._subject = subject(self._stepper, self._canvas)
        program = self._stepper.program
        there = bool(self._subject.quantities) and program is not None
        for widget in (self.quantity, self.index, self.map, self.copy, self.area):
            widget.setVisible(there)
        self.nothing.setVisible(not there)
        if not there or program is None:
            self.nothing.setText(self._subject.sentence)
            self.explanation = None
            return
        self._follow_key(program)
        self._show_choice(program)
        self._show(program)

    def _follow_key(self, program: Program) -> None:
        keys = self._subject.keys
        statement = self._stepper.statement
        if not self._picked and statement is not None:
            ran = key_of(program, statement, self._subject)
            if ran is not None:
                self.key = ran
        if self.key not in keys:
            self.key = keys[0]
            self._picked = False

    def _show_choice(self, program: Program) -> None:
        labels = [each.label for each in self._subject.quantities]
        if labels != [self.quantity.itemText(i) for i in range(self.quantity.count())]:
            self.quantity.clear()
            self.quantity.addItems(labels)
        self.quantity.setCurrentIndex(self._subject.keys.index(self.key))

    def _show(self, program: Program) -> None:
        standing_now = standing(self._stepper, self.key)
        shape = program.slot(self.key).shape
        known = standing_now.kind != "missing"
        self.element = self._element(program, shape) if known else ()
        self.index.setVisible(bool(shape) and known)
        self.map.setVisible(bool(shape) and known)
        if not self.index.hasFocus() or not self.index.isModified():
            self.index.setText(", ".join(map(str, self.element)))
            if self.index.property("invalid"):
                self.index.setProperty("invalid", False)
                self.index.style().polish(self.index)
        self.explanation = None
        if not known:
            self._show_letters(program, standing_now)
            return
        array = program[self.key]
        pale = standing_now.kind == "stale"
        if array.ndim:
            self.map.show_array(self.key, array, self.element, pale)
        try:
            self.explanation = explain(program, self.key, self.element)
        except Error as error:
            self._show_letters(program, Standing("missing", str(error)))
            return
        self._show_explanation(program, self.explanation, standing_now)

    def _element(self, program: Program, shape: tuple[int, ...]) -> Element:
        wished = self._elements.get(self.key)
        if wished is not None and len(wished) == len(shape) and all(
            0 <= each < size for each, size in zip(wished, shape, strict=True)
        ):  # fmt: skip
            if shape and has_batch(program, self.key):
                return (
                    min(self._sample(), shape[0] - 1) if self._follows_sample() else wished[0],
                    *wished[1:],
                )
            return wished
        return place_of(program, self.key, None, self._sample()) if 0 not in shape else ()

    def _follows_sample(self) -> bool:
        return self._stepper.sample is not None

    def _show_letters(self, program: Program, standing_now: Standing) -> None:
        """Nothing has been computed: the formula with letters, and what computes it."""
        self.title.setText(self.key)
        self.value.setText("–")
        self.value.setProperty("kind", "dim")
        self.value.setAccessibleName("not computed yet")
        self.notice.say(standing_now.sentence, "", standing_now.action)
        identifier = program.identifier(self.key)
        lines = [
            line for line in program.statements if line.target == identifier and line.phase != "zero_grad"
        ]
        self.box.setVisible(bool(lines))
        if lines:
            formula = statement_formula(program, lines[-1])
            self.formula.show_formula(formula.latex, formula.spoken, lines[-1].phase)
        for widget in (self.numbers, self.paths, self.before, self.notes, self.letters, self.legend):
            widget.hide()

    def _show_explanation(self, program: Program, found: Explanation, standing_now: Standing) -> None:
        pale = standing_now.kind == "stale"
        self.title.setText(found.title)
        self.value.setText(plain_number(found.value) + (" stale" if pale else ""))
        self.value.setAccessibleName(f"{plain_number(found.value)}{', stale' if pale else ''}")
        colour = f"color: {theme.colours().dim};" if pale else ""
        if colour != self.value.styleSheet():
            self.value.setStyleSheet(colour)
        self.notice.say(standing_now.sentence, "warning" if pale else "", standing_now.action)
        phase = _phase(program, found.key)
        self.box.setVisible("=" in found.formula.latex or r"\leftarrow" in found.formula.latex)
        self.formula.show_formula(found.formula.latex, found.formula.spoken, phase)
        # Stale, and its sources are others by now: then the two sides are not equal any more.
        told = found.numbers.left != found.numbers.result and (found.numbers.exact or not pale)
        self.numbers.setVisible(told)
        if told:
            self.numbers.show_formula(found.numbers.latex, found.numbers.plain, pale=pale)
        notes = [note for note in found.notes if not (pale and "is of before" in note)]  # the notice says so
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self.paths.show_paths(found, pale)
        self.before.show_lines(found.lines, pale)
        self.letters.setVisible(bool(found.letters))
        self.legend.setVisible(bool(found.letters))
        self.legend.show_letters([(letter.latex, letter.spoken, key) for letter, key in found.letters])

    def copy_latex(self) -> None:
        """All that is explained, for a paper: lines that LaTeX sets by themselves."""
        lines = self.latex_lines()
        if lines:
            QGuiApplication.clipboard().setText(as_latex(lines))
            self.copied.emit("Copied as LaTeX.")

    def latex_lines(self) -> list[str]:
        found = self.explanation
        if found is None:
            return [self.formula.latex] if self.box.isVisibleTo(self) and self.formula.latex else []
        lines = [line.formula.latex for line in found.lines] + [found.formula.latex]
        if found.numbers.left != found.numbers.result:
            lines.append(found.numbers.latex)
        if found.chain is not None and found.summed is not None:
            lines += [found.chain.latex, found.summed.latex]
        return lines


def as_latex(lines: list[str]) -> str:
    """Formulas one below the other."""
    return "\n".join(
        ["\\begin{gather*}", *(f"  {line} \\\\" for line in lines[:-1]), f"  {lines[-1]}", "\\end{gather*}"]
    )


def _phase(program: Program, key: str) -> str:
    if any(item.key == key for item in program.listing.parameters):
        return "update"
    identifier = program.identifier(key)
    phases = [
        line.phase for line in program.statements if line.target == identifier and line.phase != "zero_grad"
    ]
    return phases[0] if phases else ""
