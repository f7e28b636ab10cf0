"""Finding nodes of the graph, those inside groups too, by their name, type or shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton

from nnstudio.graph import Graph
from nnstudio.graph.level import Level
from nnstudio.graph.problem import Path
from nnstudio.modules.shapes import format_shape
from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

_MARGIN = 12
_WIDTH = 400
_CROSS = re.compile(r"(?<=[\dn])[x*](?=[\dn])")


@dataclass(frozen=True)
class Entry:
    """What a node can be found by; all but the path in small letters."""

    path: Path
    name: str  # dotted
    type: str
    shape: str

    def answers(self, word: str) -> bool:
        if word in self.name or word in self.type:
            return True
        sizes, asked = self.shape.split("×"), word.split("×")
        return any(sizes[i : i + len(asked)] == asked for i in range(len(sizes)))


def entries(graph: Graph) -> list[Entry]:
    """Every node as one reads: from left to right, from above to below, a group before what is inside it."""

    def walk(level: Level, path: Path, prefix: str) -> Iterator[Entry]:
        shapes = graph.shapes(path)
        for key, node in sorted(level.nodes.items(), key=lambda entry: entry[1].position):
            shape = shapes.get(key)
            words = "" if shape is None else format_shape(shape).casefold()
            yield Entry((*path, key), f"{prefix}{node.name}".casefold(), node.type.casefold(), words)
            if node.inside is not None:
                yield from walk(node.inside, (*path, key), f"{prefix}{node.name}.")

    return list(walk(graph.level, (), ""))


def matches(graph: Graph, query: str) -> list[Path]:
    """The nodes that answer every word of the query; "8x8" means the shape 8×8."""
    words = [_CROSS.sub("×", word) for word in query.casefold().split()]
    if not words:
        return []
    return [entry.path for entry in entries(graph) if all(entry.answers(word) for word in words)]


class FindBar(Dressed, QFrame):
    """A field over the canvas: what is typed is shown at once, Enter goes on, Escape leaves."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._found: list[Path] = []
        self._at = 0
        self.setProperty("kind", "float")
        self.setAccessibleName("Find in the graph")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Name, type or shape")
        self.field.setAccessibleName("Find a node by name, type or shape")
        self.count = QLabel()
        self.count.setProperty("kind", "dim")
        self.count.setMinimumWidth(64)
        self.count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.previous = self._button("up", "Previous (Shift+Enter)", partial(self.go, -1))
        self.next = self._button("down", "Next (Enter)", partial(self.go, 1))
        self.leave = self._button("close", "Close (Esc)", self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        for widget in (self.count, self.previous, self.next, self.leave):
            row.addWidget(widget)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        canvas.installEventFilter(self)
        canvas.document.graph_changed.connect(self._follow)
        canvas.document.replaced.connect(self._follow)
        self.hide()
        self._dress()

    def _button(self, icon: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "quiet")
        button.setProperty("icon_name", icon)
        button.setIconSize(QSize(14, 14))
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.clicked.connect(lambda: act())
        return button

    def open(self) -> None:
        """Show the field with what was searched for last, ready to be typed over."""
        self._canvas.abandon()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._follow()

    def close_bar(self) -> None:
        self.hide()
        self._canvas.setFocus()

    def go(self, by: int) -> None:
        """Show the next match, or the one before it."""
        if self._found:
            self._at = (self._at + by) % len(self._found)
            self._show()

    def _search(self) -> None:
        self._at = 0
        self._found = matches(self._canvas.document.graph, self.field.text())
        self._show()

    def _follow(self) -> None:
        """The graph is another: what was found may be gone; nothing is shown unasked."""
        if not self.isVisible():
            return
        at = self._found[self._at] if self._found else None
        self._found = matches(self._canvas.document.graph, self.field.text())
        self._at = self._found.index(at) if at in self._found else 0
        self._tell()

    def _show(self) -> None:
        if self._found:
            self._canvas.show_node(self._found[self._at])
        self._tell()

    def _tell(self) -> None:
        found, asked = len(self._found), bool(self.field.text().strip())
        words = f"{self._at + 1:,} of {found:,}" if found else "No match" if asked else ""
        self.count.setText(words)
        self.count.setAccessibleName(words or "Nothing searched for")
        for button in (self.previous, self.next):
            button.setEnabled(found > 1)
        wrong = asked and not found
        if bool(self.field.property("invalid")) != wrong:
            self.field.setProperty("invalid", wrong)
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)

    def _place(self) -> None:
        room = self._canvas.width() - 2 * _MARGIN
        width = min(_WIDTH, room)
        self.setGeometry(self._canvas.width() - _MARGIN - width, _MARGIN, width, 44)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self._place()
        elif watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.go(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        return False

    def focusNextPrevChild(self, next: bool) -> bool:
        # Not the canvas below, where Tab means something else.
        return self.window().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # No key that the field leaves over must reach the canvas below.
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        event.accept()

    def _dress(self) -> None:
        for button in (self.previous, self.next, self.leave):
            button.setIcon(theme.icon(button.property("icon_name")))
