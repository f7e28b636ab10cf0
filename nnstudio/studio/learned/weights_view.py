"""First-layer weights as images: what each unit that sees the pixels looks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from nnstudio.explain.first_weights import FirstWeights
from nnstudio.explain.probing import Probe
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.explaining.page import scrolled
from nnstudio.studio.formats import count, number
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.learned.weight_pictures import WeightPictures
from nnstudio.studio.panels.sections import text


class WeightsView(LearnedView):
    title = "Weights"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: tuple[FirstWeights, ...] = ()
        self._shown: FirstWeights | None = None
        self.which = Chooser()
        self.which.setAccessibleName("Whose weights")
        self.which.activated.connect(self.asked)
        self.words = text("", "dim")
        self.pictures = WeightPictures()
        self.pictures.chosen.connect(self._say_unit)
        self.area: QScrollArea = scrolled(self.pictures)
        top = QHBoxLayout()
        top.addWidget(self.which)
        top.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.area, 1)

    def suits(self, facts: Facts) -> bool:
        return bool(facts.pictures)

    def follow(self, facts: Facts) -> None:
        if facts.pictures != self._known:
            self._known = facts.pictures
            self.which.clear()
            self.which.addItems([each.key for each in facts.pictures])
        self.which.setVisible(len(facts.pictures) > 1)

    def question(self, facts: Facts) -> Question | None:
        row = max(0, self.which.currentIndex())
        if row >= len(self._known):
            return None
        wanted = self._known[row]

        def ask(probe: Probe) -> tuple[FirstWeights, Any] | None:
            if wanted.key not in probe.program:
                return None
            return wanted, wanted.pictures(np.array(probe.program[wanted.key]))

        return ask

    def show_answer(self, answer: Any) -> None:
        if answer is None:
            return
        self._shown, pictures = answer
        self.pictures.show_pictures(pictures)
        self._say_unit()

    def _say_unit(self) -> None:
        shown, unit = self._shown, self.pictures.unit
        if shown is None:
            return
        if unit is None:
            size = "×".join(str(each) for each in shown.image)
            most = number(self.pictures.limit)
            words = f"{count(shown.units, 'unit')} of {shown.node}, {size} weights each, up to ±{most}"
        else:
            own = self.pictures.pictures[unit]
            words = f"unit {unit + 1}: from {number(float(own.min()))} to {number(float(own.max()))}"
            self.area.ensureVisible(*self.pictures.box_of(unit).center().toPoint().toTuple(), 40, 40)
        self.words.setText(words)
        self.pictures.setAccessibleDescription(words)
