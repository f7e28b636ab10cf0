"""A tensor as a table: nothing is made for a cell before it is looked at, so that any size opens at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont

from nnstudio.errors import Error
from nnstudio.studio import theme
from nnstudio.studio.formats import number
from nnstudio.studio.tensors.numbers import exact, read, read_block
from nnstudio.studio.tensors.slices import Element, Slice, written

Index = QModelIndex | QPersistentModelIndex
Orientation = Qt.Orientation
MOST_COPIED = 200_000


class TensorTable(QAbstractTableModel):
    """The cells of one slice of one array, which it reads in place and never writes to.

    What is typed or pasted is given to whoever writes it: `typed` carries the elements and their numbers.
    """

    typed = Signal(object)  # list of (element, number)
    refused = Signal(str)  # why a text was not taken

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.array: NDArray[Any] | None = None
        self.slice = Slice((), None, None, ())
        self.editable = False
        self.true = False
        """Whether the numbers are of now; others are shown as stale."""
        self._matrix: NDArray[Any] = np.zeros((0, 0))

    def show_array(
        self, name: str, array: NDArray[Any] | None, at: Slice, *, editable: bool, true: bool
    ) -> None:
        """Show an array. Where it has the rows and columns it had, the selection stays."""
        matrix = np.zeros((0, 0)) if array is None else at.matrix(array)
        same = name == self.name and matrix.shape == self._matrix.shape and at == self.slice
        if not same:
            self.beginResetModel()
        self.name, self.array, self.slice, self._matrix = name, array, at, matrix
        self.editable, self.true = editable, true
        if not same:
            self.endResetModel()
        elif matrix.size:
            last = self.index(matrix.shape[0] - 1, matrix.shape[1] - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # -- for Qt

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._matrix.shape[0]

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._matrix.shape[1]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        element = self.slice.element(index.row(), index.column()) if index.isValid() else None
        if element is None or self.array is None:
            return None
        roles = Qt.ItemDataRole
        if role == roles.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == roles.ForegroundRole:
            return self._ink(element)
        if role == roles.FontRole:
            return self._font()
        if role not in (
            roles.DisplayRole,
            roles.EditRole,
            roles.ToolTipRole,
            roles.AccessibleTextRole,
        ):
            return None
        value = self.array[element]
        if role == roles.DisplayRole:
            return number(float(value))
        if role == roles.EditRole:
            return exact(value)
        stale = "" if self.true else ", stale"
        return f"{self.name}{written(element)} = {exact(value)}{stale}"

    def _ink(self, element: Element) -> QColor | None:
        assert self.array is not None
        c = theme.colours()
        if not self.true:
            return QColor(c.dim)
        return None if np.isfinite(self.array[element]) else QColor(c.error.text)

    def _font(self) -> QFont:
        font = QFont(theme.font(12, mono=True))
        font.setItalic(not self.true)
        return font

    def headerData(self, section: int, orientation: Orientation, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return f"{section:,}" if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.slice.element(index.row(), index.column()) is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.editable else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        element = self.slice.element(index.row(), index.column())
        if role != Qt.ItemDataRole.EditRole or not self.editable or element is None or self.array is None:
            return False
        if str(value) == exact(self.array[element]):
            return True  # looked at, and not changed
        try:
            typed = read(str(value))
        except Error as error:
            self.refused.emit(str(error))
            return False
        self.typed.emit([(element, typed)])
        return True

    # -- cells in a block

    def block(self, top: int, left: int, bottom: int, right: int) -> NDArray[Any]:
        """The numbers of some cells, both ends included. Raises Error where they are too many for a
        clipboard."""
        part = self._matrix[top : bottom + 1, left : right + 1]
        if part.size > MOST_COPIED:
            raise Error(
                f"{part.size:,} numbers are too many for the clipboard, which takes {MOST_COPIED:,} at most: "
                "write them to a file instead."
            )
        return part

    def paste(self, top: int, left: int, text: str) -> bool:
        """Put cells of a spreadsheet in the place of those from a corner on."""
        if not self.editable or self.array is None:
            self.refused.emit(f"{self.name or 'This'} cannot be typed into, so nothing can be pasted here.")
            return False
        try:
            rows = read_block(text)
        except Error as error:
            self.refused.emit(str(error))
            return False
        cells: list[tuple[Element, float]] = []
        for down, row in enumerate(rows):
            for across, value in enumerate(row):
                element = self.slice.element(top + down, left + across)
                if element is None:
                    self.refused.emit(self._too_large(len(rows), len(rows[0]), top, left))
                    return False
                cells.append((element, value))
        self.typed.emit(cells)
        return True

    def _too_large(self, tall: int, wide: int, top: int, left: int) -> str:
        down, across = self.rowCount() - top, self.columnCount() - left
        return (
            f"What is pasted has {tall}×{wide} numbers, but from row {top}, column {left} on there is room "
            f"for {down}×{across} only: choose another cell to begin at."
        )
