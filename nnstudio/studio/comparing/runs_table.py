"""The table of runs: sorted by any column, with keys that work while it has the keyboard."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView, QWidget

from nnstudio.studio.comparing.runs_model import (
    DIFFERS,
    EPOCHS,
    METRIC,
    MULTIPLY_ADDS,
    NAME,
    PARAMETERS,
    SEED,
    SORT,
    TOOK,
    TRAINING,
    VALIDATION,
    WHEN,
    RunsModel,
)

_WIDEST = {
    VALIDATION: "1.234e+30",
    METRIC: "Precision 00",
    TRAINING: "1.234e+30",
    EPOCHS: "100,000",
    TOOK: "59 min 59 s",
    SEED: "100,000",
    PARAMETERS: "100,000,000",
    MULTIPLY_ADDS: "1,000,000,000",
    WHEN: "30 Nov, 23:59",
}
"""What a column has room for; a wider one is drawn by the mouse."""


class RunsTable(QTableView):
    """The actions it is given stand in its menu, and go before those of the window with the same keys."""

    def __init__(self, runs: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.sorted = QSortFilterProxyModel(self)
        self.sorted.setSourceModel(runs)
        self.sorted.setSortRole(SORT)
        self.setModel(self.sorted)
        self.setAccessibleName("The runs that are kept")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.sortByColumn(WHEN, Qt.SortOrder.DescendingOrder)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(44)
        header.setStyleSheet("QHeaderView::section { padding: 4px 20px 4px 8px; }")  # the arrow stands there
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # runs of a sweep all begin alike
        self._set_widths()
        header.setStretchLastSection(True)

    def _set_widths(self) -> None:
        """By what they may hold. To measure all cells whenever a run ends would hold the window up."""
        header = self.horizontalHeader()
        metrics = header.fontMetrics()
        for section, words in _WIDEST.items():
            title = str(self.runs.headerData(section, Qt.Orientation.Horizontal))
            room = max(metrics.horizontalAdvance(title) + 36, metrics.horizontalAdvance(words) + 24)
            header.resizeSection(section, room)
        header.resizeSection(NAME, 176)
        header.resizeSection(DIFFERS, 320)

    def follow(self) -> None:
        """A column with nothing in it is not shown."""
        self.setColumnHidden(METRIC, not self.runs.metric)

    def add_sorting(self) -> None:
        """Its menu says by what it is sorted, too: the header is for the mouse alone."""
        menu = QMenu("Sort By", self)
        for section in range(DIFFERS):
            title = str(self.runs.headerData(section, Qt.Orientation.Horizontal)) or "Measure"
            order = Qt.SortOrder.DescendingOrder if section == WHEN else Qt.SortOrder.AscendingOrder
            menu.addAction(title).triggered.connect(partial(self._sort, section, order))
        self.addAction(menu.menuAction())

    def _sort(self, section: int, order: Qt.SortOrder, _on: bool = False) -> None:
        self.sortByColumn(section, order)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._meant(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meant = self._meant(event)
        if meant and self.state() != QAbstractItemView.State.EditingState:
            for action in meant:
                action.trigger()
            return
        super().keyPressEvent(event)

    def _meant(self, event: QKeyEvent) -> list[QAction]:
        keys = QKeySequence(event.keyCombination())
        return [each for each in self.actions() if each.isEnabled() and each.shortcut() == keys]
