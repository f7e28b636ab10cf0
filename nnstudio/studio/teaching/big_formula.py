"""The formula of what has just run, large enough for the last row of the room."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.explain.explanation import Explanation, explain
from nnstudio.explain.formula import Formula, statement_formula
from nnstudio.studio import theme
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.stepping.stepper import Stepper

_SOON = 12  # milliseconds
_SIZE, _NUMBERS = 34.0, 26.0
_HEIGHT = 168


class BigFormula(QFrame):
    """With letters, and below it with this sample's numbers, in the colour of its phase."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.setObjectName("bigFormula")
        self.setAccessibleName("Formula of what has run")
        self.setMinimumHeight(_HEIGHT)
        self.setMaximumHeight(320)
        self.what = QLabel()
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.what.setFont(theme.font(20))
        self.formula, self.numbers = FormulaView(_SIZE), FormulaView(_NUMBERS)
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 12, 32, 16)
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(self.what)
        column.addWidget(self.formula)
        column.addWidget(self.numbers)
        column.addStretch(1)
        row.addLayout(column, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self.follow)
        for signal in (stepper.moved, stepper.recompiled, stepper.sample_changed):
            signal.connect(self._follow_soon)

    def _follow_soon(self) -> None:
        if self.isVisible():
            self._soon.start()

    def follow(self) -> None:
        """Show the statement that ran last."""
        program, statement = self._stepper.program, self._stepper.statement
        found = None if program is None or statement is None else self._explained()
        letters: Formula | None = None
        if program is not None and statement is not None:
            try:
                letters = statement_formula(program, statement)
            except Error:
                letters = None
        self.formula.setVisible(letters is not None)
        self.numbers.setVisible(found is not None)
        if statement is None or letters is None:
            self.what.setText("Press Step: the formula of what runs stands here.")
            return
        phase = statement.phase
        undone = ", undone" if self._stepper.undone else ""
        self.what.setText(f"{phase.replace('_', ' ')} · {statement.node or 'all parameters'}{undone}")
        self.formula.show_formula(letters.latex, letters.spoken, phase)
        if found is not None:
            true = self._stepper.is_true(found.key) and not self._stepper.undone
            self.numbers.show_formula(found.numbers.latex, found.numbers.plain, "", pale=not true)

    def _explained(self) -> Explanation | None:
        """This number's own arithmetic; None where what ran has none of its own."""
        program, statement = self._stepper.program, self._stepper.statement
        if program is None or statement is None or not statement.node:
            return None
        wished = f"{statement.node}.{statement.quantity}"
        keys = [wished, *(key for key in program if key.startswith(f"{statement.node}."))]
        key = next(
            (key for key in keys if key in program and program.identifier(key) == statement.target), None
        )
        if key is None or not self._stepper.is_true(key):
            return None
        try:
            return explain(program, key, None, self._stepper.sample or 0)
        except Error:
            return None
