"""The small window in which one types what one wants to add: a field, and the modules that answer.

The field keeps the keyboard; arrows and Tab go through the list, Enter takes, Esc leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QStyle, QStyledItemDelegate, QVBoxLayout, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition
from nnstudio.studio import theme
from nnstudio.studio.canvas.announcer import announce
from nnstudio.studio.canvas.finding import ranked
from nnstudio.studio.canvas.module_row import ROW_HEIGHT, paint_module_row
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.kept_groups import KeptGroup

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from nnstudio.studio.canvas.view import Canvas

    Index = QModelIndex | QPersistentModelIndex

_WIDTH = 336
_MOST_ROWS = 7
_SHADOW = 10
_RIM = 8  # between the popup and the border of the canvas
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


@dataclass(frozen=True)
class Question:
    """What is asked: in words, which types come into question (None: all), and which is the likeliest."""

    words: str = "Add a module"
    among: Collection[str] | None = None
    nothing: str = "No module answers to that. Try a name, a formula or what it is for."
    first: str = ""


class FoundModules(QAbstractListModel):
    """The types that answer, the best first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: list[Definition | KeptGroup] = []

    def show_found(self, found: list[Definition | KeptGroup]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        each = self.found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return each.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(each)
        if role == Qt.ItemDataRole.ToolTipRole:
            return each.summary
        return None


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: Option, index: Index) -> QSize:
        return QSize(120, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        model = index.model()
        assert isinstance(model, FoundModules)
        each = model.found[index.row()]
        state, flags = option.state, QStyle.StateFlag  # type: ignore[attr-defined]
        selected, hovered = bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)
        painter.save()
        paint_module_row(
            painter,
            each,
            QRectF(option.rect),  # type: ignore[attr-defined]
            selected=selected,
            focused=selected,
            hovered=hovered,
            note=each.category,
        )
        painter.restore()


class SearchPopup(Dressed, QWidget):
    """Lies on the canvas, one for all searches. `ask` shows it; exactly one of the two callbacks follows."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._question = Question()
        self._chosen: Callable[[str], object] | None = None
        self._dismissed: Callable[[], object] | None = None
        self._spot = QPoint()
        self.setObjectName("searchPopup")
        self.field = QLineEdit()
        self.field.setAccessibleName("Search modules")
        self.field.setAccessibleDescription("Arrows go through what is found, Enter adds it, Esc closes")
        self._magnifier = self.field.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        # Presses beside the field leave the keyboard in it, and are none on the canvas.
        self.setFocusProxy(self.field)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.list = QListView()
        self.list.setAccessibleName("Modules found")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet("QListView { background: transparent; }")
        self.list.setItemDelegate(_Rows(self.list))
        self.model = FoundModules(self)
        self.list.setModel(self.model)
        self.nothing = QLabel()
        self.nothing.setProperty("kind", "dim")
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(12, 4, 12, 10)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SHADOW, _SHADOW, _SHADOW, _SHADOW)
        column.setSpacing(0)
        field = QVBoxLayout()
        field.setContentsMargins(8, 8, 8, 8)
        field.addWidget(self.field)
        column.addLayout(field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        column.addSpacing(4)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(lambda index: self._take(index.row()))
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.hide()

    # -- asking

    def ask(
        self,
        spot: QPoint,
        question: Question,
        chosen: Callable[[str], object],
        dismissed: Callable[[], object],
    ) -> None:
        """Show it with its field at a position of the canvas, as far as there is room."""
        self._question, self._chosen, self._dismissed = question, chosen, dismissed
        self._spot = spot
        self.setAccessibleName(question.words)
        self.field.setPlaceholderText(question.words)
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self._canvas, f"{question.words}. {self._standing()}")

    def close_quietly(self) -> None:
        """Away with it, nobody is told; the canvas has the keyboard again, if it was here."""
        self._chosen = self._dismissed = None
        held = self.field.hasFocus()
        self.hide()
        if held:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, row: int) -> None:
        chosen = self._chosen
        if chosen is not None and 0 <= row < len(self.model.found):
            name = self.model.found[row].name
            self.close_quietly()
            chosen(name)

    def _dismiss(self) -> None:
        dismissed = self._dismissed
        if dismissed is not None:
            self.close_quietly()
            dismissed()

    # -- what is shown

    def _search(self, query: str) -> None:
        question = self._question
        among = question.among
        known: list[Definition | KeptGroup] = [
            each
            for each in definitions().values()
            if each.role != "group" and (among is None or each.name in among)
        ]
        if among is None:
            known += self._canvas.kept().values()
        found = ranked(known, query, self._canvas.uses(), question.first)
        self.model.show_found(found)
        self.nothing.setText(question.nothing)
        self.nothing.setVisible(not found)
        self.list.setVisible(bool(found))
        if found:
            self.list.setCurrentIndex(self.model.index(0, 0))
            self.list.scrollToTop()
        elif self.isVisible():
            announce(self._canvas, question.nothing)
        self._place()

    def _place(self) -> None:
        """As tall as what is found, and within the canvas."""
        room = self._canvas.rect()
        head = 2 * _SHADOW + self.field.sizeHint().height() + 20
        rows = min(len(self.model.found), _MOST_ROWS, max(1, (room.height() - 2 * _RIM - head) // ROW_HEIGHT))
        width = min(_WIDTH, room.width() - 2 * _RIM) + 2 * _SHADOW
        self.list.setFixedHeight(rows * ROW_HEIGHT)
        below = self.nothing.heightForWidth(width - 2 * _SHADOW) if not self.model.found else 0
        self.setFixedSize(width, head + rows * ROW_HEIGHT + below)
        # The list's full height decides, so that the field stays where it is while one types.
        most = head + min(_MOST_ROWS, len(definitions())) * ROW_HEIGHT
        top = min(self._spot.y() - _SHADOW - 8, room.bottom() - _RIM + _SHADOW - most)
        left = min(self._spot.x() - _SHADOW, room.right() - _RIM + _SHADOW - width)
        self.move(max(_RIM - _SHADOW, left), max(_RIM - _SHADOW, top))

    def _standing(self) -> str:
        row, found = self.list.currentIndex().row(), self.model.found
        if not 0 <= row < len(found):
            return self._question.nothing
        return f"{spoken(found[row])}, {row + 1} of {len(found)}"

    def _tell(self, *_: object) -> None:
        if self.isVisible() and self.list.currentIndex().isValid():
            announce(self._canvas, self._standing())

    # -- keys and focus

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._press(event)
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
                # These keys mean something here and nowhere else meanwhile.
                if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                    event.accept()
                    return True
            elif event.type() == QEvent.Type.FocusOut and event.reason() not in _STAYS:  # type: ignore[attr-defined]
                self._dismiss()
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Tab: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Backtab: -1,
            Qt.Key.Key_PageDown: _MOST_ROWS - 1,
            Qt.Key.Key_PageUp: 1 - _MOST_ROWS,
        }
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex().row())
        elif key == Qt.Key.Key_Escape:
            self._dismiss()
        elif key in steps:
            self._go(steps[Qt.Key(key)])
        else:
            return False
        return True

    def _go(self, by: int) -> None:
        count = len(self.model.found)
        if count:
            row = self.list.currentIndex().row() + by
            # One step goes round at the ends, a page stops there.
            row = row % count if abs(by) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self.model.index(row, 0))

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        painter.setPen(Qt.PenStyle.NoPen)
        for away in range(_SHADOW - 1, 0, -1):
            painter.setBrush(theme.shadow(5))
            painter.drawRoundedRect(card.adjusted(-away, -away + 2, away, away), 8 + away, 8 + away)
        painter.setPen(QPen(QColor(c.card_border), 1))
        painter.setBrush(QColor(c.card))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()

    def _dress(self) -> None:
        self._magnifier.setIcon(theme.icon("search", theme.colours().dim))


def spoken(definition: Definition | KeptGroup) -> str:
    """What a screen reader says of a row."""
    return f"{definition.name}, {definition.formula}, {definition.category}"
