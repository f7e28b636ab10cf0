"""What the views that judge every sample have in common: which part is judged, and how well it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nnstudio.explain.judging import Judgement, judge
from nnstudio.explain.probing import Probe
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.formats import count
from nnstudio.studio.learned.facts import PARTS, Facts
from nnstudio.studio.learned.gallery import MOST, SampleGallery, Shown
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.panels.sections import text


class PartChooser(Chooser):
    """Training, validation or test: those that hold samples; validation until another is chosen."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples that are judged")
        self.setToolTip("Samples that are judged")
        self._wanted = "validation"
        self.activated.connect(self._choose)

    @property
    def part(self) -> str:
        return str(self.currentData() or "training")

    def follow(self, facts: Facts) -> None:
        there = [name for name in PARTS if (part := facts.part(name)) is not None and len(part)]
        if there != [self.itemData(row) for row in range(self.count())]:
            self.clear()
            for name in there:
                self.addItem(name.capitalize(), name)
        if self._wanted in there:
            self.setCurrentIndex(there.index(self._wanted))

    def _choose(self) -> None:
        self._wanted = self.part
        self.chosen.emit()


@dataclass(frozen=True, eq=False)
class Judged:
    """A judgement, and the part that it is of."""

    part: str
    judgement: Judgement


class JudgedView(LearnedView):
    """A row with the part and a sentence, and below it what a subclass puts into `body`."""

    opened = Signal(str, int)  # a part and the place of a sample in it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts: Facts | None = None
        self.judged: Judged | None = None
        self.part = PartChooser()
        self.part.chosen.connect(self.asked)
        self.words = text("", "dim")
        self.gallery = SampleGallery()
        self.gallery.opened.connect(lambda place: self.opened.emit(self.part.part, place))
        top = QHBoxLayout()
        top.addWidget(self.part)
        top.addWidget(self.words, 1)
        self.body = QHBoxLayout()
        self.body.setSpacing(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(self.body, 1)

    def suits(self, facts: Facts) -> bool:
        return facts.task == "classes"

    def follow(self, facts: Facts) -> None:
        self.facts = facts
        self.part.follow(facts)

    def question(self, facts: Facts) -> Question | None:
        name = self.part.part
        part = facts.part(name)
        if part is None:
            return None

        def ask(probe: Probe) -> Judged:
            return Judged(name, judge(probe, part, facts.answers(probe)))

        return ask

    def show_answer(self, answer: Any) -> None:
        self.judged = answer
        self.show_judgement(answer.judgement)

    def show_judgement(self, judgement: Judgement) -> None:
        raise NotImplementedError

    def name(self, index: int) -> str:
        """Of a class."""
        names = () if self.facts is None else self.facts.class_names
        return names[index] if index < len(names) else str(index)

    def show_samples(self, places: Any) -> None:
        """Samples of the part in the gallery."""
        if self.facts is None or self.judged is None or self.facts.dataset is None:
            return
        part, judgement = self.facts.part(self.judged.part), self.judged.judgement
        if part is None:
            return
        shown: list[Shown] = []
        for place in places[:MOST].tolist():
            true, chosen = self.name(int(judgement.true[place])), self.name(int(judgement.chosen[place]))
            sure = f"{judgement.sure[place]:.0%}"
            taken = f"taken for {chosen}" if true != chosen else "right"
            index = int(part.indices[place])
            words = f"sample {index + 1:,}: {true}, {taken} ({sure})"
            shown.append(Shown(place, index, f"{true} → {chosen}" if true != chosen else true, words))
        self.gallery.show_samples(self.facts.dataset, shown)

    def how_well(self, judgement: Judgement) -> str:
        right = int((judgement.true == judgement.chosen).sum())
        return f"{judgement.accuracy:.1%} right: {right:,} of {count(len(judgement.true), 'sample')}"
