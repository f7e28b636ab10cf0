"""The table of a tensor: scrolled at any size, typed into, copied from and pasted into as a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.studio import theme
from nnstudio.studio.tensors.numbers import as_block
from nnstudio.studio.tensors.slices import Element
from nnstudio.studio.tensors.table import TensorTable

_ROW, _COLUMN = 22, 80


class Grid(QTableView):
    """Ctrl+C and Ctrl+V, and Enter or F2 on a cell edits it; Tab leaves the table."""

    copy_wanted = Signal()
    paste_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        # The window renames a node with F2; with the keyboard here, it is a cell that is meant.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and not editing:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class Cells(QWidget):
    """`table` is the model, `view` shows it."""

    chosen = Signal(object)  # an element
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = TensorTable(self)
        self.view = Grid()
        self.view.setModel(self.table)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setProperty("kind", "inset")
        self.view.setAccessibleName("Numbers of the tensor")
        self.view.setTabKeyNavigation(False)
        self.view.setWordWrap(False)
        self.view.setCornerButtonEnabled(False)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setFont(theme.font(12, mono=True))
        for header, size in (
            (self.view.verticalHeader(), _ROW),
            (self.view.horizontalHeader(), _COLUMN),
        ):
            # Fixed sizes: nothing is measured, however many there are.
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(_ROW)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
            # Headers show no selection; asked for one, they would ask about every cell of millions.
            header.setSelectionModel(QItemSelectionModel(self.table, header))
        for words, keys, slot in (
            ("Copy", QKeySequence.StandardKey.Copy, self.copy),
            ("Paste", QKeySequence.StandardKey.Paste, self.paste),
        ):
            action = QAction(words, self.view)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            self.view.addAction(action)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.copy_wanted.connect(self.copy)
        self.view.paste_wanted.connect(self.paste)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self.table.refused.connect(self.refused)
        self._choosing = False

    def choose(self, element: Element | None) -> None:
        """Go to an element."""
        cell = None if element is None else self.table.slice.cell(element)
        if cell is None or not self.table.rowCount():
            return
        index = self.table.index(*cell)
        if index != self.view.currentIndex():
            self._choosing = True
            self.view.setCurrentIndex(index)
            self._choosing = False

    def _current_changed(self, now: QModelIndex, _: QModelIndex) -> None:
        element = self.table.slice.element(now.row(), now.column()) if now.isValid() else None
        if element is not None and not self._choosing:
            self.chosen.emit(element)

    def copy(self) -> None:
        """The selected cells, every digit, as a spreadsheet takes them."""
        ranges = self.view.selectionModel().selection()
        if ranges.isEmpty():
            return
        boxes = [ranges.at(number) for number in range(ranges.count())]
        try:
            block = self.table.block(
                min(box.top() for box in boxes),
                min(box.left() for box in boxes),
                max(box.bottom() for box in boxes),
                max(box.right() for box in boxes),
            )
        except Error as error:
            self.refused.emit(str(error))
            return
        QGuiApplication.clipboard().setText(as_block(block))

    def paste(self) -> None:
        """What a spreadsheet has put on the clipboard, from the first selected cell on."""
        indexes = self.view.selectionModel().selection()
        current = self.view.currentIndex()
        if not current.isValid():
            return
        top, left = current.row(), current.column()
        for number in range(indexes.count()):
            box = indexes.at(number)
            top, left = min(top, box.top()), min(left, box.left())
        self.table.paste(top, left, QGuiApplication.clipboard().text())
