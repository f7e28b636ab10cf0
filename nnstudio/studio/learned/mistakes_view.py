"""What it gets wrong: the misclassified samples, those it was surest of first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nnstudio.explain.judging import Judgement
from nnstudio.studio.formats import count
from nnstudio.studio.learned.gallery import MOST
from nnstudio.studio.learned.judged_view import JudgedView


class MistakesView(JudgedView):
    title = "Mistakes"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gallery.setAccessibleName("Misclassified samples")
        self.body.addWidget(self.gallery)

    def show_judgement(self, judgement: Judgement) -> None:
        wrong = judgement.wrong
        self.show_samples(wrong)
        if not len(wrong):
            self.words.setText(f"No mistakes among {count(len(judgement.true), 'sample')}.")
            return
        more = f", the first {MOST} shown" if len(wrong) > MOST else ""
        sentence = f"{count(len(wrong), 'mistake')} of {len(judgement.true):,}, the surest first{more}."
        self.words.setText(sentence)
