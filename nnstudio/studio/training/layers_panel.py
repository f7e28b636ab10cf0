"""How the layers fare during a run: weights, gradients and activations, their norms and histograms."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.studio.document import Document
from nnstudio.studio.training.figures import Figures
from nnstudio.studio.training.layers_table import NORM, LayersModel, NormBar
from nnstudio.studio.training.running import Run
from nnstudio.studio.training.spread_view import SpreadView, facts

KINDS = {"gradient": "Gradients", "parameter": "Weights", "activation": "Activations"}


class LayersPanel(QWidget):
    """Asks the run for the figures of its layers while it is seen, and keeps them over time."""

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.setAccessibleName("Layers")
        self.figures = Figures()
        self.kind = "gradient"
        self.model = LayersModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(NORM, NormBar(self.table))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Layers and their norms")
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(20)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setMinimumSectionSize(44)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.horizontalHeader().setSectionResizeMode(NORM, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.spread = SpreadView()
        self.words = QLabel()
        self.words.setProperty("kind", "dim")
        self.words.setWordWrap(True)
        bar = QHBoxLayout()
        bar.setSpacing(4)
        self._group = QButtonGroup(self)
        self.kinds: dict[str, QToolButton] = {}
        for kind, title in KINDS.items():
            button = QToolButton()
            button.setText(title)
            button.setProperty("kind", "toggle")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setChecked(kind == self.kind)
            button.clicked.connect(partial(self.choose, kind))
            self._group.addButton(button)
            self.kinds[kind] = button
            bar.addWidget(button)
        bar.addStretch(1)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.table, 3)
        beside.addWidget(self.spread, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addLayout(beside, 1)
        column.addWidget(self.words)
        self.table.selectionModel().currentRowChanged.connect(self._show_chosen)
        run.progressed.connect(self._take_in)
        document.replaced.connect(self._forget)
        document.weights_changed.connect(self._go_back)
        self._follow()

    @property
    def chosen(self) -> str:
        """The array whose histograms are shown; "" where there is none."""
        row = self.table.currentIndex().row()
        return self.model.figures[row].key if 0 <= row < len(self.model.figures) else ""

    def choose(self, kind: str, _on: bool = True) -> None:
        """Gradients, parameters or activations."""
        self.kind = kind
        self.kinds[kind].setChecked(True)
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run.watch_figures(True)
        self._take_in()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run.watch_figures(False)

    def _take_in(self) -> None:
        if self.isVisible() and self.figures.add(self._run.figures.values()):
            self._follow()

    def _go_back(self) -> None:
        """Rewound or restored, the network stands where nothing that came later holds."""
        if not self._run.active and self.figures.forget_after(self._run.step):
            self._follow()

    def _forget(self) -> None:
        self.figures = Figures()
        self._follow()

    def _follow(self) -> None:
        former = self.chosen
        figures = self.figures.newest(self.kind)
        self.model.show_figures(self.kind, figures)
        keys = [each.key for each in figures]
        if (keys and self.chosen != former) or not self.chosen:
            row = keys.index(former) if former in keys else 0
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().setCurrentIndex(
                self.model.index(row, 0), flags.ClearAndSelect | flags.Rows
            )
        self.table.setVisible(bool(keys))
        self._show_chosen()

    def _show_chosen(self, *_: object) -> None:
        figures = self.figures.of(self.chosen)
        self.spread.show_figures(figures)
        self.words.setText(facts(figures[-1]) if figures else "")
        self.words.setVisible(bool(figures))
