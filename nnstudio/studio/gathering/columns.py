"""The columns of a table that is about to be taken: what each holds, and what it is for."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from nnstudio.data.csv_preview import NUMBERS_THEM, ColumnLook
from nnstudio.data.limits import FEW_VALUES, MAX_CATEGORIES
from nnstudio.studio import theme
from nnstudio.studio.formats import count, number

Index = QModelIndex | QPersistentModelIndex
INPUT, CATEGORY, TARGET, UNUSED = "Input", "Category", "Target", "Not used"
USES = (INPUT, CATEGORY, TARGET, UNUSED)
HEADINGS = ("Use", "Column", "Holds", "Values", "Missing", "Bad")
_KEYS = {Qt.Key.Key_I: INPUT, Qt.Key.Key_C: CATEGORY, Qt.Key.Key_T: TARGET, Qt.Key.Key_N: UNUSED}


class ColumnsModel(QAbstractTableModel):
    """One row a column. At first the last one is the target, as in reading; texts of which there are few
    different ones are categories, an input for each of them, and other texts are not used; nor are columns
    that are the same in every row, or that number the rows where there is any other input.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[ColumnLook, ...] = ()
        self._rows = 0
        self.uses: list[str] = []
        self.chosen = False
        """Whether somebody has changed a use."""

    def show_columns(self, columns: tuple[ColumnLook, ...], rows: int) -> None:
        """What was found in so many rows; the uses stay where the columns are still the same ones."""
        same = [each.name for each in columns] == [each.name for each in self.columns]
        self.beginResetModel()
        self.columns, self._rows = columns, rows
        if not (same and self.chosen):
            self.chosen = False
            named = [place for place, each in enumerate(columns) if each.name]
            last = named[-1] if named else len(columns) - 1
            self.uses = [
                TARGET if place == last else _first_use(each, rows) for place, each in enumerate(columns)
            ]
            if not {INPUT, CATEGORY} & set(self.uses):
                self.uses = [
                    INPUT if each.tells_nothing(rows) == NUMBERS_THEM and use == UNUSED else use
                    for each, use in zip(columns, self.uses, strict=True)
                ]
        self.endResetModel()
        self.changed.emit()

    def suits(self, place: int, use: str) -> bool:
        """Whether a column can be used so."""
        return use != CATEGORY or few_enough(self.columns[place])

    def use(self, rows: list[int], wanted: str) -> None:
        """Let these columns be inputs, targets or nothing; where texts are inputs they are categories."""
        for row in rows:
            use = CATEGORY if wanted == INPUT and self.columns[row].kind == "texts" else wanted
            if self.suits(row, use):
                self.uses[row] = use
        if rows:
            self.chosen = True
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(HEADINGS) - 1))
            self.changed.emit()

    def used(self, use: str) -> list[int]:
        """Which columns are for that."""
        return [place for place, each in enumerate(self.uses) if each == use]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        each, use = self.columns[index.row()], self.uses[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            match HEADINGS[index.column()]:
                case "Use":
                    return use
                case "Column":
                    return each.name or "(no name)"
                case "Holds":
                    return each.kind
                case "Values":
                    return _values(each, self._rows)
                case "Missing":
                    return f"{each.missing:,}" if each.missing else ""
                case _:
                    return f"{each.bad:,}" if each.bad else ""
        if role == Qt.ItemDataRole.ForegroundRole:
            c = theme.colours()
            if HEADINGS[index.column()] == "Bad":
                return QColor(c.error.text)
            if use == UNUSED:
                return QColor(c.dim)
            return QColor(c.backward.text) if use == TARGET else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(each, use)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return HEADINGS[section] if orientation == Qt.Orientation.Horizontal else str(section + 1)


class ColumnsView(QTableView):
    """I, T and N, or a double-click, change what the selected columns are for."""

    def __init__(self, model: ColumnsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = model
        self.setModel(model)
        self.setAccessibleName("Columns")
        self.setAccessibleDescription(
            "I makes the selected columns inputs, C categories, T targets, N leaves them out."
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "table")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().setDefaultSectionSize(26)
        self.verticalHeader().hide()
        for place, width in enumerate((84, 130, 116, 150, 72, 56)):
            self.setColumnWidth(place, width)
        self.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._next_use)

    def selected(self) -> list[int]:
        """The selected columns of the table."""
        return [index.row() for index in self.selectionModel().selectedRows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = _KEYS.get(Qt.Key(event.key()))
        if wanted is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._columns.use(self.selected(), wanted)
        else:
            super().keyPressEvent(event)

    def _next_use(self, index: QModelIndex) -> None:
        row = index.row()
        texts = self._columns.columns[row].kind == "texts"
        uses = [use for use in USES if self._columns.suits(row, use) and not (texts and use == INPUT)]
        self._columns.use([row], uses[(uses.index(self._columns.uses[row]) + 1) % len(uses)])


def few_enough(each: ColumnLook) -> bool:
    """Whether each of its values may be an input of its own."""
    return each.distinct is not None and each.distinct <= MAX_CATEGORIES


def _first_use(each: ColumnLook, rows: int) -> str:
    if each.kind != "texts":
        return INPUT if each.name and not each.tells_nothing(rows) else UNUSED
    few = each.distinct is not None and each.distinct <= FEW_VALUES and 2 * each.distinct <= rows
    return CATEGORY if few and each.name else UNUSED


def _tip(each: ColumnLook, use: str) -> str | None:
    if use == CATEGORY and each.distinct is not None:
        return f"{count(each.distinct, 'input')}, one for each value: 1 where a sample has it, else 0"
    if each.kind == "texts" and not few_enough(each):
        return f"More than {MAX_CATEGORIES:,} different texts are too many for an input each"
    return None


def _values(each: ColumnLook, rows: int) -> str:
    """ "−1 to 12", "3 different", "5 in every row" """
    if each.kind == "texts":
        return f"{each.distinct:,} different" if each.distinct is not None else "very many different"
    if math.isnan(each.low):
        return ""
    idle = each.tells_nothing(rows)
    if each.low == each.high and idle:
        return f"{number(each.low)} {idle}"
    few = f", {count(each.distinct, 'value')}" if each.distinct is not None and each.suits_classes else ""
    return f"{number(each.low)} to {number(each.high)}{f', {idle}' if idle else few}"
