"""What an empty, untitled document shows on its canvas: templates, examples and recent files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnstudio.studio import theme
from nnstudio.studio.examples import example_files
from nnstudio.studio.gallery import Gallery
from nnstudio.studio.start_cards import PICTURE, Card, Flow, RecentRow
from nnstudio.studio.templates import TEMPLATES

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

_MOST_RECENT = 6


class StartPage(QScrollArea):
    """Lies over the canvas. Modules can be dropped on it, and a double-click on it is one on the canvas."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.canvas)
        self._window = window
        self._called = False  # shown because somebody asked, whatever the document holds
        self._sent_away = False
        self._filled = False
        self._gallery = Gallery(PICTURE, self)
        self.setProperty("kind", "start")
        self.setObjectName("startPage")
        self.setAccessibleName("Start page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(False)
        self.cards: dict[str, Card] = {}
        self.rows: list[RecentRow] = []
        document = window.document
        document.graph_changed.connect(self.follow)
        document.replaced.connect(self._start_afresh)
        document.named.connect(self.follow)
        window.canvas.installEventFilter(self)
        self.hide()
        self.follow()

    # -- when it is there

    def follow(self) -> None:
        """Be there for an empty document that has no file, until it is drawn on or sent away."""
        document = self._window.document
        empty = not document.level.nodes and document.path is None
        if not empty:
            self._sent_away = False
        wanted = self._called or (empty and not self._sent_away)
        if wanted and not self._filled:
            self._fill()
        if wanted != self.isVisibleTo(self._window.canvas):
            self._place()
            self.setVisible(wanted)
            if wanted:
                self.raise_()

    def _start_afresh(self) -> None:
        self._called = self._sent_away = self._filled = False
        if self.isAncestorOf(QApplication.focusWidget() or self._window):
            self._window.canvas.setFocus()
        self.hide()
        self.follow()

    def open(self) -> None:
        """Show it whatever the document holds, with the keys on what is first; again, it goes away."""
        if self._called:
            self.leave()
            return
        self._window.canvas.abandon()
        self._called, self._sent_away, self._filled = True, False, False
        self.follow()
        next(iter([*self.rows, *self.cards.values()])).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Make room for drawing."""
        self._called, self._sent_away = False, True
        self.follow()
        self.hide()
        self._window.canvas.setFocus()

    # -- what is on it

    def _fill(self) -> None:
        self._filled = True
        self.cards.clear()
        self.rows.clear()
        body = QWidget()
        body.setObjectName("startBody")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(32, 28, 32, 28)
        self._column.setSpacing(8)
        heading = _label("Draw a network", "title")
        self._column.addWidget(heading)
        self._column.addWidget(
            _label("Drag a module from the left onto this page, double-click it, or begin with one of these.")
        )
        recent = self._window.preferences.recent[:_MOST_RECENT]
        if recent:
            self._head("Recent files")
            for path in recent:
                row = RecentRow(path)
                row.clicked.connect(lambda _checked=False, path=path: self._open(path))
                row.installEventFilter(self)
                self.rows.append(row)
                self._column.addWidget(row)
        self._head("Templates")
        flow = Flow()
        for each in TEMPLATES:
            card = self._card(flow, f"template:{each.id}", each.title, each.summary)
            card.clicked.connect(lambda _checked=False, name=each.id: self._open_template(name))
        self._column.addLayout(flow)
        files = example_files()
        if files:
            self._head("Examples")
            flow = Flow()
            for title, path in files.items():
                card = self._card(flow, f"example:{path}", title, path.name)
                card.clicked.connect(lambda _checked=False, path=path: self._open(path))
            self._column.addLayout(flow)
        self._column.addStretch(1)
        self.setWidget(body)  # the former one goes with all that is on it
        chain = [*self.rows, *self.cards.values()]
        for former, latter in pairwise(chain):
            QWidget.setTabOrder(former, latter)
        self._draw()

    def _head(self, words: str) -> None:
        self._column.addSpacing(12)
        self._column.addWidget(_label(words.upper(), "heading"))

    def _card(self, flow: Flow, key: str, title: str, summary: str) -> Card:
        card = Card(title, summary)
        card.installEventFilter(self)
        flow.addWidget(card)
        self.cards[key] = card
        return card

    def _open(self, path: Path) -> None:
        if self._window.document.level.nodes or self._window.document.modified:
            self.leave()
            self._window.windows.open_path(path)
        else:
            self._window.files.open_path(path)

    def _open_template(self, name: str) -> None:
        if self._called:
            self.leave()
        self._window.files.open_template(name)

    def _draw(self) -> None:
        """Have the pictures drawn that are not there yet, in the colours in force."""
        self._gallery.draw(list(self.cards), self.devicePixelRatioF(), self._show_pictures)

    def _show_pictures(self, pictures: dict[str, QImage]) -> None:
        for key, picture in pictures.items():
            if key in self.cards:
                self.cards[key].show_picture(picture)

    # -- the room it has, and the canvas below

    def _place(self) -> None:
        self.setGeometry(self._window.canvas.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window.canvas and event.type() == QEvent.Type.Resize:
            self._place()
        elif isinstance(watched, QAbstractButton):
            if event.type() == QEvent.Type.FocusIn:
                self.ensureWidgetVisible(watched, 0, 24)
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._walk(watched, Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _walk(self, button: QAbstractButton, key: Qt.Key) -> bool:
        """Arrows go to the nearest card that way, Enter chooses."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button.click()
            return True
        ways = {
            Qt.Key.Key_Left: QPoint(-1, 0),
            Qt.Key.Key_Right: QPoint(1, 0),
            Qt.Key.Key_Up: QPoint(0, -1),
            Qt.Key.Key_Down: QPoint(0, 1),
        }
        if key not in ways:
            return False
        way, here = ways[key], button.geometry().center()
        across = QPoint(way.y(), way.x())

        def far(other: QAbstractButton) -> tuple[int, int]:
            to = other.geometry().center() - here
            return QPoint.dotProduct(to, way), abs(QPoint.dotProduct(to, across))

        others = [each for each in (*self.rows, *self.cards.values()) if each is not button]
        ahead = [each for each in others if far(each)[0] > 8 and (way.y() or far(each)[1] < 8)]
        if ahead:
            min(ahead, key=far).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def focusNextPrevChild(self, next: bool) -> bool:
        # Not the canvas below, where Tab means something else.
        return self._window.focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            event.accept()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As on the canvas: one begins to draw here."""
        viewport = self._window.canvas.viewport()
        spot = event.position()
        self.leave()
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, event.type()):
            again = QMouseEvent(
                kind,
                spot,
                viewport.mapToGlobal(spot),
                event.button(),
                event.buttons(),
                event.modifiers(),
            )
            QApplication.sendEvent(viewport, again)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._window.canvas.dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._window.canvas.dragMoveEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._window.canvas.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._window.canvas.dropEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "cards"):
            theme.dress_later(self, self._draw)
        super().changeEvent(event)


def _label(words: str, kind: str = "dim") -> QLabel:
    label = QLabel(words)
    label.setProperty("kind", kind)
    label.setWordWrap(kind == "dim")
    return label
