"""The palette: node types by category, found by typing, added by dragging, double-click or Enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition
from nnstudio.studio import theme
from nnstudio.studio.canvas.dropping import MODULE_MIME
from nnstudio.studio.canvas.finding import ranked
from nnstudio.studio.canvas.module_row import ROW_HEIGHT, icon_of, paint_module_row
from nnstudio.studio.canvas.node_icon import paint_node_icon
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.kept_groups import CATEGORY, KeptGroup

Index = QModelIndex | QPersistentModelIndex
_HEADING = 32
_FIRST = (CATEGORY, "Inputs", "Layers", "Activations", "Arithmetic", "Tables", "Shaping", "Criteria")


@dataclass(frozen=True)
class _Row:
    """A heading (no entry), a node type or a kept group."""

    title: str
    entry: Definition | KeptGroup | None = None


class ModuleList(QAbstractListModel):
    """The node types that answer the query, under their categories; the user's kept groups before them."""

    renamed = Signal(str, str)  # a kept group's name, and the one it shall have

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._query = ""
        self.kept: Callable[[], Mapping[str, KeptGroup]] = dict
        self.search("")

    def refresh(self) -> None:
        """Search again: what there is has changed."""
        self.search(self._query)

    def search(self, query: str) -> None:
        """Show what answers the query; the best answers first within their category, the best category
        first.
        """
        self._query = query
        shown: list[Definition | KeptGroup] = [*self.kept().values()]
        shown += [each for each in definitions().values() if each.role != "group"]
        categories = _FIRST
        if query.strip():
            shown = ranked(shown, query)
            categories = ()
        entries: dict[str, list[Definition | KeptGroup]] = {name: [] for name in categories}
        for each in shown:
            entries.setdefault(each.category, []).append(each)
        rows: list[_Row] = []
        for category, found in entries.items():
            if found:
                rows.append(_Row(category))
                rows.extend(_Row(each.name, each) for each in found)
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def entry(self, index: Index) -> Definition | KeptGroup | None:
        return self._rows[index.row()].entry if index.isValid() else None

    def definition(self, index: Index) -> Definition | None:
        """The node type of a row; None for a heading and for a kept group."""
        entry = self.entry(index)
        return entry if isinstance(entry, Definition) else None

    def is_kept(self, index: Index) -> bool:
        return isinstance(self.entry(index), KeptGroup)

    def row_of(self, name: str) -> int:
        """The row of a node type, -1 where it is not shown."""
        return next(
            (i for i, row in enumerate(self._rows) if row.entry is not None and row.title == name), -1
        )

    def first_entry(self) -> QModelIndex:
        row = next((i for i, row in enumerate(self._rows) if row.entry is not None), -1)
        return self.index(row, 0)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if row.entry is not None:
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"{row.title}: {row.entry.summary}"
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.title}, {row.entry.formula}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Another name for a kept group: asked for, and given by whoever keeps it."""
        wanted = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not self.is_kept(index) or wanted == self.data(index):
            return False
        self.renamed.emit(self.data(index), wanted)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].entry is None:
            return Qt.ItemFlag.NoItemFlags
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        return usable | Qt.ItemFlag.ItemIsEditable if self.is_kept(index) else usable

    def mimeTypes(self) -> list[str]:
        return [MODULE_MIME]

    def mimeData(self, indexes: Any) -> QMimeData:
        mime = QMimeData()
        for index in indexes:
            entry = self.entry(index)
            if entry is not None:
                mime.setData(MODULE_MIME, QByteArray(entry.name.encode()))
                mime.setText(entry.name)
        return mime


class _Painter(QStyledItemDelegate):
    """Paints headings and entries."""

    def sizeHint(self, option: Option, index: Index) -> QSize:
        heading = not index.flags() & Qt.ItemFlag.ItemIsSelectable
        return QSize(120, _HEADING if heading else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        c = theme.colours()
        model = index.model()
        assert isinstance(model, ModuleList)
        entry = model.entry(index)
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        if entry is None:
            painter.setFont(theme.bold(11))
            painter.setPen(QColor(c.dim))
            text = box.adjusted(16, 10, -8, 0)
            painter.drawText(
                text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, index.data().upper()
            )
        else:
            state, flags = option.state, QStyle.StateFlag  # type: ignore[attr-defined]
            paint_module_row(
                painter,
                entry,
                box,
                selected=bool(state & flags.State_Selected),
                focused=bool(state & flags.State_HasFocus),
                hovered=bool(state & flags.State_MouseOver),
            )
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: Option, index: Index) -> None:
        box = option.rect  # type: ignore[attr-defined]
        editor.setGeometry(box.adjusted(46, 5, -10, -5))

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        # The model lists other rows once it is told, and then the index means another.
        model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)  # type: ignore[attr-defined]


class ModuleView(QListView):
    """The list itself, from which modules are dragged."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setItemDelegate(_Painter(self))
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setAccessibleName("Modules")
        self.setAccessibleDescription("Enter adds the selected module to the canvas")

    def startDrag(self, supported: Qt.DropAction) -> None:
        indexes = self.selectedIndexes()
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData(indexes))
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(28 * ratio), round(28 * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        model = self.model()
        assert isinstance(model, ModuleList)
        entry = model.entry(indexes[0])
        if entry is not None:
            paint_node_icon(painter, icon_of(entry), QRectF(0, 0, 28, 28))
        painter.end()
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(14, 14))
        drag.exec(Qt.DropAction.CopyAction)


class Palette(Dressed, QWidget):
    """Search field and list. `chosen` names the node type, or the kept group, to add."""

    chosen = Signal(str)
    renamed = Signal(str, str)  # a kept group shall have another name
    removed = Signal(str)  # a kept group shall go

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search modules")
        self.search.setAccessibleName("Search modules")
        self.search.setClearButtonEnabled(True)
        self._magnifier = self.search.addAction(
            theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.list = ModuleView(self)
        self.model = ModuleList(self)
        self.list.setModel(self.model)
        self.nothing = QLabel("No module answers to that.\nTry a name, a formula or what it is for.")
        self.nothing.setProperty("kind", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(16, 24, 16, 0)
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(4)
        field = QVBoxLayout()
        field.setContentsMargins(12, 0, 12, 0)
        field.addWidget(self.search)
        column.addLayout(field)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1)
        self.setMinimumWidth(184)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._choose_first)
        self.search.installEventFilter(self)
        self.list.doubleClicked.connect(self._choose)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.model.renamed.connect(self._rename_later)
        self.list.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(224, 400)

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _search(self, query: str) -> None:
        self.model.search(query)
        empty = self.model.rowCount() == 0
        self.nothing.setVisible(empty)
        self.list.setVisible(not empty)
        if query.strip() and not empty:
            self.list.setCurrentIndex(self.model.first_entry())
        self.list.scrollToTop()

    def _choose_first(self) -> None:
        current = self.list.currentIndex()
        self._choose(current if current.isValid() else self.model.first_entry())

    def _choose(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if entry is not None:
            self.chosen.emit(entry.name)

    # -- the user's own groups

    def show_kept(self, kept: Callable[[], Mapping[str, KeptGroup]]) -> None:
        """Show these groups too; `refresh` says that they are others."""
        self.model.kept = kept
        self.refresh()

    def refresh(self) -> None:
        current = self.list.currentIndex().data()
        self._search(self.search.text())
        row = self.model.row_of(current) if current else -1
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))

    def _show_menu(self, spot: QPoint) -> None:
        """By the mouse at the row under it, by the keyboard at the current one."""
        index = self.list.indexAt(spot)
        if not self.model.is_kept(index):
            return
        name = str(index.data())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add to the Graph").triggered.connect(partial(self.chosen.emit, name))
        menu.addAction("Rename").triggered.connect(partial(self._edit, name))
        menu.addAction("Remove from the Palette").triggered.connect(partial(self.removed.emit, name))
        menu.popup(self.list.viewport().mapToGlobal(spot))

    def _rename_later(self, name: str, wanted: str) -> None:
        # The list is still busy with the field that the name was typed into.
        QTimer.singleShot(0, self, lambda: self.renamed.emit(name, wanted))

    def _edit(self, name: str) -> None:
        row = self.model.row_of(name)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))
            self.list.edit(self.model.index(row, 0))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            renames = watched is self.list and event.key() == Qt.Key.Key_F2
            if renames and self.model.is_kept(self.list.currentIndex()):
                event.accept()  # here it renames a kept group, elsewhere the selected node
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            if watched is self.search and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                if not self.list.currentIndex().isValid():
                    self.list.setCurrentIndex(self.model.first_entry())
                return True
            if watched is self.search and key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
            if watched is self.list and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
            if watched is self.list and key == Qt.Key.Key_Delete:
                if self.model.is_kept(self.list.currentIndex()):
                    self.removed.emit(str(self.list.currentIndex().data()))
                return True
        return super().eventFilter(watched, event)

    def _dress(self) -> None:
        self._magnifier.setIcon(theme.icon("search", theme.colours().dim))
