"""Which classes are taken for which: the confusion matrix, and the samples of the cell that is chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from nnstudio.explain.judging import Judgement
from nnstudio.studio.formats import count
from nnstudio.studio.learned.confusion_matrix import ConfusionMatrix
from nnstudio.studio.learned.judged_view import JudgedView


class ConfusionView(JudgedView):
    """Precision stands below each column, recall beside each row."""

    title = "Confusion"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = ConfusionMatrix()
        self.matrix.setToolTip(
            "Rows are true classes, columns what they were taken for; beside each row its recall, below each "
            "column its precision. Click a cell to see its samples."
        )
        self.matrix.chosen.connect(lambda _: self._show_cell())
        self.gallery.setAccessibleName("Samples of the chosen cell")
        self.body.addWidget(self.matrix, 3)
        self.body.addWidget(self.gallery, 2)
        self.gallery.hide()

    def show_judgement(self, judgement: Judgement) -> None:
        self.matrix.show_judgement(judgement, [self.name(each) for each in range(judgement.classes)])
        self._show_cell()

    def _show_cell(self) -> None:
        judged, cell = self.judged, self.matrix.cell
        self.gallery.setVisible(cell is not None)
        if judged is None:
            return
        if cell is None:
            with np.errstate(invalid="ignore"):
                precision = np.nanmean(judged.judgement.precision) if len(judged.judgement.true) else 0.0
            words = f"{self.how_well(judged.judgement)}; precision {precision:.0%} on average."
            self.words.setText(words)
            return
        places = judged.judgement.cell(*cell)
        true, chosen = (self.name(each) for each in cell)
        taken = "recognised" if cell[0] == cell[1] else f"taken for {chosen}"
        self.words.setText(f"{count(len(places), 'sample')} of {true} {taken}")
        self.show_samples(places)
