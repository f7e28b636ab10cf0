"""The layers one below the other, each with the norm of its array as a bar on a logarithmic scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from nnstudio.studio import theme
from nnstudio.studio.formats import number
from nnstudio.studio.training.spread_view import ACCENTS

if TYPE_CHECKING:
    from nnstudio.training.watching import Figure

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
NAME, NORM = range(2)
_FACTS = {"parameter": "update", "activation": "dead", "gradient": ""}
_TIPS = {
    "parameter": "The norm of the last update by that of the weights: about 0.001 is usual",
    "activation": "The share of units that are 0 for every sample of the batch",
    "gradient": "",
}
_DECADES = 6
"""A bar of no length is so many powers of ten below the longest."""


class LayersModel(QAbstractTableModel):
    """Rows are figures of one kind, all of the same moment."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kind = "gradient"
        self.figures: list[Figure] = []

    def show_figures(self, kind: str, figures: list[Figure]) -> None:
        """Other numbers for the same layers leave what is selected as it is."""
        same = kind == self.kind and [each.key for each in figures] == [each.key for each in self.figures]
        if not same:
            self.beginResetModel()
        self.kind, self.figures = kind, figures
        if not same:
            self.endResetModel()
        elif figures:
            self.dataChanged.emit(self.index(0, 0), self.index(len(figures) - 1, self.columnCount() - 1))

    def share(self, row: int) -> float:
        """How long the bar of a row is, from 0 to 1."""
        norms = [each.norm for each in self.figures if each.norm > 0 and math.isfinite(each.norm)]
        norm = self.figures[row].norm
        if not norms or not norm > 0:
            return 0.0
        return max(0.02, min(1.0, 1 + math.log10(norm / max(norms)) / _DECADES))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.figures)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 3 if _FACTS[self.kind] else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("layer", "norm", _FACTS[self.kind])[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return ("", "The root of the sum of all squares", _TIPS[self.kind])[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        figure = self.figures[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return figure.key
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != NAME:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        match index.column():
            case 0:
                node, _, quantity = figure.key.rpartition(".")
                return node if quantity == "output" else f"{node}.{quantity.removeprefix('grad_')}"
            case 1:
                return number(figure.norm)
            case _:
                return _fact(figure)


def _fact(figure: Figure) -> str:
    value = figure.ratio if figure.kind == "parameter" else figure.dead
    if math.isnan(value):
        return "–"
    return number(value) if figure.kind == "parameter" else f"{100 * value:.0f} %"


class NormBar(QStyledItemDelegate):
    """A number with its bar over it, through which it is read."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        assert isinstance(model, LayersModel)
        c = theme.colours()
        box = QRectF(option.rect).adjusted(2, 4, -2, -4)  # pyright: ignore[reportAttributeAccessIssue]
        tint = QColor(c.phase(ACCENTS[model.kind]).mark)
        tint.setAlphaF(0.35)
        painter.fillRect(
            QRectF(box.left(), box.top(), box.width() * model.share(index.row()), box.height()), tint
        )
