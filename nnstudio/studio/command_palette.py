"""Every action of the window in one list, found by typing: with its shortcut, and why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.studio import theme
from nnstudio.studio.actions import ACTIONS
from nnstudio.studio.menu_tables import MENUS

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

Index = QModelIndex | QPersistentModelIndex
_WIDTH, _ROW, _ROWS = 560, 32, 11
_HEIGHT = _ROWS * _ROW + 54
_TOP = 64


@dataclass(frozen=True)
class Command:
    """An action as the list shows it. `use` counts by `id`; `why` is said while it is disabled."""

    id: str
    menu: str
    action: QAction
    why: str

    @property
    def title(self) -> str:
        return self.action.text().replace("&", "").rstrip("…")

    @property
    def refusal(self) -> str:
        """Why it cannot be used; nothing where it can."""
        if self.action.isEnabled():
            return ""
        return f"not now: {self.why}" if self.why else "not now"

    @property
    def keys(self) -> str:
        return self.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def commands(window: MainWindow) -> list[Command]:
    """All actions in the order of the menus, then the themes."""
    places = {entry: title.replace("&", "") for title, entries in MENUS.items() for entry in entries}
    order = {entry: index for index, entry in enumerate(places)}
    specs = sorted(ACTIONS, key=lambda spec: order.get(spec.id, len(order)))
    found = [
        Command(spec.id, places.get(spec.id, ""), window.actions_by_id[spec.id], spec.needs)
        for spec in specs
        if spec.id != "commands"
    ]
    themes = window.menus.appearances.items()
    return [*found, *(Command(f"appearance/{name}", "Appearance", action, "") for name, action in themes)]


def score(title: str, query: str) -> int:
    """How well a title answers: 0 not at all, more is better. Every word must be answered, as the beginning
    of a word, inside one, or by its letters in their order ("sapi" in "Save as Picture").
    """
    text = title.casefold()
    words = query.casefold().split()
    points = [_word_score(text, word) for word in words]
    whole = 20 if words and text.startswith(" ".join(words)) else 0
    return min(points, default=1) and sum(points, 1) + whole


def _word_score(text: str, word: str) -> int:
    if any(part.startswith(word) for part in text.split()):
        return 90
    if word in text:
        return 60
    letters = iter(text)
    if text[0] == word[0] and all(letter in letters for letter in word):
        return 20
    return 0


class CommandList(QAbstractListModel):
    """What answers the query: the best first, then the most used, then as the menus have it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Command] = []

    def show_answers(self, all_of_them: list[Command], query: str, uses: dict[str, int]) -> None:
        found = [(score(f"{each.title} {each.menu}", query), each) for each in all_of_them]
        answers = sorted(
            ((points, each) for points, each in found if points),
            key=lambda entry: (-entry[0], -uses.get(entry[1].id, 0)),
        )
        self.beginResetModel()
        self.rows = [each for _, each in answers]
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.menu, row.keys, row.refusal) if part)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        # What is disabled can be walked to, so that one can read why.
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: Option, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        c = theme.colours()
        model = index.model()
        assert isinstance(model, CommandList)
        row = model.rows[index.row()]
        state = option.state  # type: ignore[attr-defined]
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        able = row.action.isEnabled()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setBrush(QColor(c.selected if selected else c.hover))
            painter.setPen(QColor(c.focus) if selected else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        text = box.adjusted(12, 0, -12, 0)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(theme.font(13))
        painter.setPen(QColor(c.text if able else c.dim))
        painter.drawText(text, left, row.title)
        wide = painter.fontMetrics().horizontalAdvance(row.title)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(c.dim))
        beside = row.menu if able else row.refusal
        room = text.adjusted(wide + 10, 1, -painter.fontMetrics().horizontalAdvance(row.keys) - 10, 1)
        elided = painter.fontMetrics().elidedText(beside, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, left, elided)
        painter.drawText(text, right, row.keys)
        painter.restore()


class CommandPalette(QFrame):
    """Over the window; Enter runs what is chosen, Escape or a click elsewhere leaves."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._before: QWidget | None = None
        self.setProperty("kind", "float")
        self.setAccessibleName("All commands")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a command")
        self.field.setAccessibleName("Type a command")
        self.list = QListView()
        self.list.setAccessibleName("Commands")
        self.list.setProperty("kind", "clear")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model = CommandList(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(self.list))
        self.nothing = QLabel("No command answers to that.")
        self.nothing.setProperty("kind", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.list.setMaximumHeight(_ROWS * _ROW)  # no row is cut
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for widget, stretch in ((self.field, 0), (self.list, 1), (self.nothing, 1)):
            column.addWidget(widget, stretch)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self.hide()

    def open(self) -> None:
        """Show all, the most used first; again, it goes away."""
        if self.isVisible():
            self.leave()
            return
        self._before = QApplication.focusWidget()
        self._window.canvas.abandon()
        self.field.clear()
        self._search("")
        width = min(_WIDTH, self._window.width() - 48)
        height = min(_HEIGHT, self._window.height() - _TOP - 48)
        self.setGeometry((self._window.width() - width) // 2, _TOP, width, height)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Go away, and give the keys back to what had them."""
        self.hide()
        (self._before or self._window.canvas).setFocus()
        self._before = None

    def _search(self, query: str) -> None:
        self.model.show_answers(commands(self._window), query, self._window.preferences.command_uses)
        found = bool(self.model.rows)
        self.list.setVisible(found)
        self.nothing.setVisible(not found)
        self._choose(0)

    def _choose(self, row: int) -> None:
        if self.model.rows:
            self.list.setCurrentIndex(self.model.index(row % len(self.model.rows), 0))

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        command = self.model.rows[index.row()]
        if not command.action.isEnabled():
            self._window.warn(f"{command.title}: {command.refusal}.")
            return
        self.leave()
        self._window.preferences.count_command(command.id)
        # After the focus is back where it was, and this event is over: the action may open a dialog.
        QTimer.singleShot(0, command.action, command.action.trigger)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            QTimer.singleShot(0, self, self._leave_if_elsewhere)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row, page = self.list.currentIndex().row(), max(1, self.list.height() // _ROW - 1)
            steps = {
                Qt.Key.Key_Down: row + 1,
                Qt.Key.Key_Up: row - 1,
                Qt.Key.Key_PageDown: min(row + page, len(self.model.rows) - 1),
                Qt.Key.Key_PageUp: max(row - page, 0),
            }
            if event.key() in steps:
                self._choose(steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                return True  # there is nowhere else to go
        return False

    def _leave_if_elsewhere(self) -> None:
        focus = QApplication.focusWidget()
        if self.isVisible() and focus is not None and not self.isAncestorOf(focus):
            self.hide()
            self._before = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        event.accept()
