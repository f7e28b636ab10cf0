"""Draw a digit, and see every layer's answer: the drawing is made like the data's images first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from nnstudio.data import Dataset
from nnstudio.explain.drawing import Likeness
from nnstudio.explain.probing import Probe
from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.explaining.page import scrolled
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.grey import enlarged, grey
from nnstudio.studio.learned.layer_answers import LayerAnswers
from nnstudio.studio.learned.pad import Pad
from nnstudio.studio.learned.view import LearnedView, Question

_SEEN = 56  # pixels
_MOST_PEN = 0.11  # of the sheet: a line of the coarsest images would fill it
_THINNEST, _THICKEST = 50, 200  # percent of the data's own


@dataclass(frozen=True, eq=False)
class Recognised:
    """`picture` is what the network was given, in the data's values; None where nothing is drawn."""

    likeness: Likeness | None
    picture: NDArray[np.float64] | None
    shares: NDArray[np.float64]
    layers: dict[str, NDArray[Any]]


class DrawingView(Dressed, LearnedView):
    title = "Draw"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Facts | None = None
        self._measured: tuple[Dataset, Likeness | None] | None = None
        self.recognised: Recognised | None = None
        self.pad = Pad()
        self.pad.changed.connect(self._draw)
        self.undo, self.clear = QToolButton(), QToolButton()
        for button, words, press in (
            (self.undo, "Take the last stroke back (Backspace)", self.pad.undo),
            (self.clear, "Clear the sheet (Delete)", self.pad.clear),
        ):
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.setProperty("kind", "quiet")
            button.clicked.connect(press)
        self.pen = QSlider(Qt.Orientation.Horizontal)
        self.pen.setRange(_THINNEST, _THICKEST)
        self.pen.setValue(100)
        self.pen.setAccessibleName("Width of the pen")
        self.pen.setToolTip("Width of the pen, in percent of the lines in the data")
        self.pen.valueChanged.connect(self._set_pen)
        self.seen = QLabel()
        self.seen.setFixedSize(_SEEN + 2, _SEEN + 2)
        self.seen.setAccessibleName("What the network sees")
        self.seen.setToolTip(
            "The drawing as the network is given it: as large, thick and central as the data"
        )
        self.answer = QLabel()
        self.answer.setProperty("kind", "title")
        self.sure = QLabel()
        self.sure.setProperty("kind", "dim")
        self.sure.setMinimumWidth(self.sure.fontMetrics().horizontalAdvance("100%") + 2)
        self.answers = LayerAnswers()
        said, tools, buttons = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.undo, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        tools.setSpacing(2)
        tools.addLayout(buttons)
        tools.addWidget(self.pen)
        said.setSpacing(0)
        said.addWidget(self.answer)
        said.addWidget(self.sure)
        said.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.seen)
        below.addLayout(said, 1)
        below.addLayout(tools, 1)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.pad)
        left.addLayout(below)
        left.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(left, 3)
        row.addWidget(scrolled(self.answers), 4)
        self._dress()

    def suits(self, facts: Facts) -> bool:
        data = facts.dataset
        return (
            data is not None
            and data.image_shape is not None
            and len(data.image_shape) == 2
            and facts.task == "classes"
        )

    def follow(self, facts: Facts) -> None:
        self._facts = facts

    def question(self, facts: Facts) -> Question | None:
        splits = facts.splits
        assert splits is not None
        strokes = [list(stroke) for stroke in self.pad.strokes]
        pen, measured = self.pen.value() / 100, self._measured

        def ask(probe: Probe) -> Recognised:
            data = splits.dataset
            likeness = measured[1] if measured and measured[0] is data else Likeness.of(data)
            if likeness is None or not strokes:
                return Recognised(likeness, None, np.zeros(0), {})
            picture = likeness.picture(strokes, pen)
            x = splits.scaling.apply(picture.reshape(1, *data.input_shape), probe.program.dtype)
            layers = {name: values[0] for name, values in probe.outputs(x).items()}
            answers = facts.answers(probe)
            shares = answers.shares(layers[probe.prediction][None])[0]
            return Recognised(likeness, picture, shares, layers)

        return ask

    def show_answer(self, answer: Any) -> None:
        found: Recognised = answer
        self.recognised = found
        facts = self._facts
        if facts is None or facts.dataset is None:
            return
        self._measured = (facts.dataset, found.likeness)
        self._set_pen()
        self.answers.show_answers(facts.class_names, found.shares, found.layers)
        if found.picture is None:
            self.seen.clear()
            self.answer.setText("")
            self.sure.setText("")
            return
        self.seen.setPixmap(enlarged(grey(found.picture, facts.dataset), _SEEN, self))
        best = int(found.shares.argmax())
        name = facts.class_names[best] if best < len(facts.class_names) else str(best)
        self.answer.setText(name)
        self.answer.setAccessibleName(f"The network answers {name}")
        self.sure.setText(f"{found.shares[best]:.0%}")

    # -- inside

    def _draw(self) -> None:
        self.asked.emit()

    def _set_pen(self) -> None:
        """As thick on the sheet as it will be in the picture, where the drawing is as large as the sheet."""
        likeness = None if self._measured is None else self._measured[1]
        if likeness is not None:
            self.pad.set_pen(min(_MOST_PEN, likeness.pen / max(likeness.shape)) * self.pen.value() / 100)
        if self.sender() is self.pen:
            self.asked.emit()

    def _dress(self) -> None:
        self.undo.setIcon(theme.icon("undo"))
        self.clear.setIcon(theme.icon("delete"))
        if self.recognised is not None:
            self.show_answer(self.recognised)
