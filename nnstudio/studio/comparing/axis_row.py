"""A row of the sweep: what is varied, how, and over which values."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QToolButton, QWidget

from nnstudio.errors import Error, TrainingError
from nnstudio.project.difference import words_for
from nnstudio.project.setup import Setup
from nnstudio.project.sweep_points import Axis, Span, axis_from, rule_for, span_from
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.comparing.suggesting import choices, span_around, suggested

WAYS = {"values": "These values", "even": "Drawn evenly", "log": "Drawn by magnitude"}


class AxisRow(QWidget):
    """`read` gives what is typed, or raises Error with a sentence."""

    changed = Signal()
    unwanted = Signal()

    def __init__(self, setup: Callable[[], Setup], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setup = setup
        self.name = Chooser()
        self.name.setEditable(True)
        self.name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.name.setAccessibleName("What is varied")
        self.offer()
        completer = self.name.completer()
        assert completer is not None
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.way = Chooser()
        self.way.setAccessibleName("How it is varied")
        for way, words in WAYS.items():
            self.way.addItem(words, way)
        self.values = QLineEdit()
        self.values.setAccessibleName("Values, or the two ends of a range")
        self.remove = QToolButton()
        self.remove.setText("×")
        self.remove.setToolTip("Do not vary it")
        self.remove.setAccessibleName("Do not vary it")
        self.remove.setProperty("kind", "quiet")
        self.remove.clicked.connect(self.unwanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 3)
        row.addWidget(self.way, 2)
        row.addWidget(self.values, 4)
        row.addWidget(self.remove)
        self.choose(name)
        self.name.currentIndexChanged.connect(self._suggest)
        self.name.editTextChanged.connect(self.changed)
        self.way.currentIndexChanged.connect(self._suggest)
        self.values.textChanged.connect(self.changed)

    def offer(self) -> None:
        """What may be varied now; what is chosen stays, whether it may still be or not."""
        known = choices(self._setup())
        if known == [self.name.itemData(row) for row in range(self.name.count())]:
            return
        words = self.name.currentText()
        blocked = self.name.blockSignals(True)
        self.name.clear()
        for each in known:
            self.name.addItem(words_for(each), each)
        self.name.setCurrentIndex(self.name.findText(words))
        self.name.setEditText(words)
        self.name.blockSignals(blocked)

    @property
    def chosen(self) -> str:
        """The setting, as the command line calls it too."""
        row = self.name.findText(self.name.currentText(), Qt.MatchFlag.MatchFixedString)
        return str(self.name.itemData(row)) if row >= 0 else self.name.currentText().strip()

    @property
    def drawn(self) -> bool:
        """Whether its values are drawn at random."""
        return self.way.currentData() != "values"

    def choose(self, name: str) -> None:
        """Vary this setting, with values around what it is now."""
        self.name.setCurrentIndex(self.name.findData(name))
        self._suggest()

    def read(self) -> Axis | Span:
        """What is typed."""
        setup, called = self._setup(), words_for(self.chosen)
        if not self.values.text().strip():
            raise TrainingError(f"Type the values for {called}.")
        text = f"{self.chosen}={self.values.text()}"
        if not self.drawn:
            return axis_from(setup, text, called)
        return span_from(setup, text.replace("…", ".."), log=self.way.currentData() == "log", called=called)

    def set_invalid(self, invalid: bool) -> None:
        if bool(self.values.property("invalid")) != invalid:
            self.values.setProperty("invalid", invalid)
            self.values.style().unpolish(self.values)
            self.values.style().polish(self.values)

    def _suggest(self, *_: object) -> None:
        setup, name = self._setup(), self.chosen
        try:
            rule = rule_for(setup, name)
            ranges = rule is not None and rule.kind in ("int", "float")
            self.way.setEnabled(ranges)
            if not ranges:
                self.way.setCurrentIndex(0)
            self.values.setText(span_around(setup, name) if self.drawn else suggested(setup, name))
        except Error:
            self.values.clear()
        self.values.setPlaceholderText("0.001..0.1" if self.drawn else "0.1, 0.01")
        self.changed.emit()
