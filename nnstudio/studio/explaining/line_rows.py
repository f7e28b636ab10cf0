"""The statements before the one that is explained, such as that of a velocity."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel

from nnstudio.explain.explanation import Line
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.panels.sections import Section, text


class LineRows(Section):
    """Each with letters and with numbers; rows are kept and used again, and without any it is hidden."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.rows: list[tuple[QLabel, FormulaView, FormulaView]] = []

    def show_lines(self, lines: Sequence[Line], pale: bool) -> None:
        while len(self.rows) < len(lines):
            row = text("", "dim"), FormulaView(), FormulaView()
            self.rows.append(row)
            for widget in row:
                self.column.addWidget(widget)
        for at, (about, letters, numbers) in enumerate(self.rows):
            for widget in (about, letters, numbers):
                widget.setVisible(at < len(lines))
            if at < len(lines):
                about.setText(lines[at].about)
                letters.show_formula(lines[at].formula.latex, lines[at].formula.spoken, "update")
                numbers.show_formula(lines[at].numbers.latex, lines[at].numbers.plain, pale=pale)
        self.setVisible(bool(lines))
