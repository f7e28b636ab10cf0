"""The runs that a project keeps, as the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from nnstudio.studio import theme
from nnstudio.studio.comparing.words import against, figure, moment, took, worded
from nnstudio.studio.training.measures import MEASURES

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
SORT = Qt.ItemDataRole.UserRole
NAME, VALIDATION, METRIC, TRAINING, EPOCHS, TOOK, SEED, PARAMETERS, MULTIPLY_ADDS, WHEN, DIFFERS = range(11)
_HEADS = {
    NAME: ("Run", "Ticked, its curve stands behind those of the training"),
    WHEN: ("When", "When it began"),
    EPOCHS: ("Epochs", "How many it finished"),
    TRAINING: ("Training", "The loss of training after the last epoch"),
    VALIDATION: ("Validation", "The loss on the validation samples after the last epoch"),
    TOOK: ("Time", "How long it computed"),
    PARAMETERS: ("Parameters", "How many numbers the network learns"),
    MULTIPLY_ADDS: ("Multiply-adds", "Of one sample forward"),
    SEED: ("Seed", "Where its first weights came from"),
    DIFFERS: ("Other than the chosen one", "What it has that the chosen run has otherwise"),
}


class RunsModel(QAbstractTableModel):
    """Rows are runs, the newest last, as the project has them.

    ticked   ids of those whose curves are shown
    chosen   the id of the one that the others are compared with; "" for none
    can_tick   whether rows have a box to tick
    """

    ticks_changed = Signal()
    renamed = Signal(str, str)  # id, name

    def __init__(self, parent: QObject | None = None, can_tick: bool = True) -> None:
        super().__init__(parent)
        self.can_tick = can_tick
        self.runs: list[RunRecord] = []
        self.ticked: set[str] = set()
        self.chosen = ""
        self.metric = ""
        """What is shown beside the losses: the first measure that any of the runs has; "" for none."""
        self._told: dict[str, tuple[RunRecord, str]] = {}

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Rows come and go one by one: what is selected, typed and scrolled to stays while a sweep runs."""
        wanted = {run.id for run in runs}
        gone = [row for row, run in enumerate(self.runs) if run.id not in wanted]
        for first, last in _stretches(gone, reverse=True):
            self.beginRemoveRows(_NOWHERE, first, last)
            del self.runs[first : last + 1]
            self.endRemoveRows()
        left = [run.id for run in self.runs]
        known = set(left)
        if [run.id for run in runs if run.id in known] != left:
            self.beginResetModel()
            self.runs = list(runs)
            self.endResetModel()
        for first, last in _stretches([row for row, run in enumerate(runs) if run.id not in known]):
            self.beginInsertRows(_NOWHERE, first, last)
            self.runs[first:first] = runs[first : last + 1]
            self.endInsertRows()
        others = [row for row, run in enumerate(runs) if self.runs[row] is not run]
        self.runs = list(runs)
        self.metric = next(
            (name for name in MEASURES if any(_metric(run, name) is not None for run in runs)), ""
        )
        for first, last in _stretches(others):
            self.dataChanged.emit(self.index(first, 0), self.index(last, DIFFERS))
        if not self.ticked <= wanted:
            self.ticked &= wanted
            self.ticks_changed.emit()

    def choose(self, id: str) -> None:
        """Compare the others with this one."""
        if id != self.chosen:
            self.chosen = id
            self._told.clear()
            if self.runs:
                self.dataChanged.emit(self.index(0, DIFFERS), self.index(len(self.runs) - 1, DIFFERS))

    def row_of(self, id: str) -> int:
        """Its row; -1 where it is not among them."""
        return next((row for row, run in enumerate(self.runs) if run.id == id), -1)

    # -- for Qt

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else DIFFERS + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == METRIC:
            title = MEASURES[self.metric].title if self.metric else ""
            doc = MEASURES[self.metric].doc if self.metric else ""
            heads = (title, f"{title} on the validation samples, or else in training\n{doc}".strip())
        else:
            heads = _HEADS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return heads[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return heads[1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_alignment(section))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
            if self.can_tick:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.runs):
            return None
        run, column, roles = self.runs[index.row()], index.column(), Qt.ItemDataRole
        if role == roles.TextAlignmentRole:
            return int(_alignment(column))
        if role == roles.CheckStateRole and column == NAME and self.can_tick:
            return Qt.CheckState.Checked if run.id in self.ticked else Qt.CheckState.Unchecked
        if role == roles.DecorationRole and column == NAME and run.pinned:
            return theme.icon("pin")
        if role == roles.EditRole and column == NAME:
            return run.name
        if role == roles.ToolTipRole:
            return f"{run.name}\n{run.outcome}".strip() if column == NAME else self._text(run, column)
        if role == roles.AccessibleTextRole and column == NAME and run.pinned:
            return f"{run.name}, pinned"
        if role in (roles.DisplayRole, roles.AccessibleTextRole):
            return self._text(run, column)
        if role == SORT:
            return self._rank(index.row(), run, column)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or index.column() != NAME:
            return False
        run = self.runs[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self.tick([run.id], Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and str(value).split() != run.name.split():
            self.renamed.emit(run.id, str(value))
        return role == Qt.ItemDataRole.EditRole

    def tick(self, ids: Sequence[str], on: bool) -> None:
        """Show their curves, or no longer."""
        rows = [row for row, run in enumerate(self.runs) if run.id in ids and on != (run.id in self.ticked)]
        if not rows:
            return
        changed = {self.runs[row].id for row in rows}
        self.ticked = self.ticked | changed if on else self.ticked - changed
        self.dataChanged.emit(self.index(rows[0], NAME), self.index(rows[-1], NAME))
        self.ticks_changed.emit()

    # -- what stands in a cell

    def _text(self, run: RunRecord, column: int) -> str:
        if column in (VALIDATION, TRAINING):
            return worded("loss", figure(run, "train_loss" if column == TRAINING else "validation_loss"))
        if column == METRIC:
            return worded(self.metric, _metric(run, self.metric)) if self.metric else ""
        if column == DIFFERS:
            return self._differs(run)
        words = {
            NAME: run.name,
            WHEN: moment(run.when),
            EPOCHS: f"{run.epochs:,}",
            TOOK: took(run.seconds),
            PARAMETERS: f"{run.parameters:,}",
            MULTIPLY_ADDS: f"{run.multiply_adds:,}",
            SEED: str(run.seed),
        }
        return words[column]

    def _differs(self, run: RunRecord) -> str:
        """Worked out when it is first seen: a table of hundreds shows ten at a time."""
        if run.id == self.chosen:
            return "the chosen one"
        row = self.row_of(self.chosen)
        if row < 0:
            return ""
        known = self._told.get(run.id)
        if known is None or known[0] is not run:
            known = self._told[run.id] = (run, against(self.runs[row], run))
        return known[1]

    def _rank(self, row: int, run: RunRecord, column: int) -> Any:
        """What rows are sorted by; what is missing comes last."""
        if column in (VALIDATION, TRAINING):
            return _or_last(figure(run, "train_loss" if column == TRAINING else "validation_loss"))
        if column == METRIC:
            return _or_last(_metric(run, self.metric))
        if column == DIFFERS:
            return self._differs(run)
        ranks = {
            NAME: run.name.casefold(),
            WHEN: float(row),
            EPOCHS: float(run.epochs),
            TOOK: run.seconds,
            PARAMETERS: float(run.parameters),
            MULTIPLY_ADDS: float(run.multiply_adds),
            SEED: float(run.seed),
        }
        return ranks[column]


def _stretches(rows: Sequence[int], reverse: bool = False) -> list[tuple[int, int]]:
    """First and last of each stretch of rows that follow each other; `reverse`: from below."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found[::-1] if reverse else found


def _metric(run: RunRecord, name: str) -> float | None:
    found = figure(run, f"validation_{name}")
    return figure(run, f"train_{name}") if found is None else found


def _or_last(value: float | None) -> float:
    return float("inf") if value is None or value != value else value


def _alignment(column: int) -> Qt.AlignmentFlag:
    words = (NAME, DIFFERS)
    side = Qt.AlignmentFlag.AlignLeft if column in words else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
