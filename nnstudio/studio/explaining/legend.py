"""What the letters of a formula stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from nnstudio.studio.explaining.formula_view import FormulaView

MOST = 12


class Legend(QWidget):
    """Letters on the left, keys of the program on the right; rows are kept and used again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[FormulaView, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, 44)
        self._grid.setColumnStretch(1, 1)

    def show_letters(self, letters: Sequence[tuple[str, str, str]]) -> None:
        """(LaTeX, words, key) each."""
        shown = list(letters)[:MOST]
        while len(self.rows) < len(shown):
            self._add()
        for number, (view, label) in enumerate(self.rows):
            here = number < len(shown)
            view.setVisible(here)
            label.setVisible(here)
            if here:
                latex, words, key = shown[number]
                view.show_formula(latex, words)
                label.setText(
                    {"lr": "the learning rate", "step": "how many updates there were"}.get(key, key)
                )

    def _add(self) -> None:
        view, label = FormulaView(14.0), QLabel()
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setFixedWidth(44)
        label.setProperty("kind", "dim")
        row = len(self.rows)
        self._grid.addWidget(view, row, 0)
        self._grid.addWidget(label, row, 1)
        self.rows.append((view, label))
