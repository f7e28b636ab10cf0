"""What an empty, untitled document shows on its canvas: templates, examples and recent files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
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
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nnstudio.studio.dressed import Dressed
from nnstudio.studio.examples import example_files
from nnstudio.studio.gallery import Gallery
from nnstudio.studio.start_cards import PICTURE, TILE, TILE_PICTURE, Card, Flow, RecentTile
from nnstudio.studio.templates import TEMPLATES

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

_MOST_RECENT = 6


class StartPage(Dressed, QScrollArea):
    """Lies over the canvas, which has the room of the panels below meanwhile. Modules can be dropped on it,
    and a double-click on it is one on the canvas.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.canvas)
        self._window = window
        self._called = False  # shown because somebody asked, whatever the document holds
        self._sent_away = False
        self._filled = False
        self._gallery = Gallery(PICTURE, self)
        self._small_gallery = Gallery(TILE_PICTURE, self)
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
        self.rows: list[RecentTile] = []
        document = window.document
        document.graph_changed.connect(self.follow)
        document.replaced.connect(self._start_afresh)
        document.named.connect(self.follow)
        window.engine.run.state_changed.connect(self.follow)
        window.canvas.installEventFilter(self)
        window.bottom.asked_for.connect(self._make_room)
        self.hide()
        self.follow()

    # -- when it is there

    def follow(self) -> None:
        """Be there for an empty document that has no file, until it is drawn on or sent away; and not over a
        run, which goes on with what was drawn.
        """
        document = self._window.document
        empty = not document.level.nodes and document.path is None
        if not empty:
            self._sent_away = False
        free = empty and not self._window.engine.run.active
        wanted = self._called or (free and not self._sent_away)
        if wanted and not self._filled:
            self._fill()
        if wanted != self.isVisibleTo(self._window.canvas):
            self._show(wanted)

    def _show(self, shown: bool) -> None:
        self._window.bottom.setVisible(not shown)
        self._place()
        self.setVisible(shown)
        if shown:
            self.raise_()
        else:  # what was just put where the panels come back must not be behind them
            QTimer.singleShot(0, self, self._reveal)

    def _reveal(self) -> None:
        for key in self._window.canvas.selected_nodes():
            self._window.canvas.reveal(key)

    def _make_room(self) -> None:
        """A panel below is asked for."""
        if self.isVisible():
            self.leave()

    def _start_afresh(self) -> None:
        self._called = self._sent_away = self._filled = False
        if self.isAncestorOf(QApplication.focusWidget() or self._window):
            self._window.canvas.setFocus()
        if self.isVisibleTo(self._window.canvas):
            self._show(False)
            self._window.middle.refresh()
            self._window.canvas.frame()  # it was put into the room that the panels have now
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
        lessons = QHBoxLayout()
        self.lessons = QPushButton("Learn with the lessons")
        self.lessons.setToolTip("Guided tours, one step at a time (F1)")
        self.lessons.clicked.connect(self._window.actions_by_id["lessons"].trigger)
        lessons.addWidget(self.lessons)
        lessons.addStretch(1)
        self._column.addSpacing(4)
        self._column.addLayout(lessons)
        recent = self._window.preferences.recent[:_MOST_RECENT]
        if recent:
            self._head("Recent files")
            flow = Flow(TILE)
            for path in recent:
                row = RecentTile(path)
                row.clicked.connect(lambda _checked=False, path=path: self._open(path))
                row.installEventFilter(self)
                self.rows.append(row)
                flow.addWidget(row)
            self._column.addLayout(flow)
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
                card = self._card(flow, f"file:{path}", title, path.name)
                card.clicked.connect(lambda _checked=False, path=path: self._open(path))
            self._column.addLayout(flow)
        self._column.addStretch(1)
        self.setWidget(body)  # the former one goes with all that is on it
        chain = [*self.rows, *self.cards.values()]
        for former, latter in pairwise(chain):
            QWidget.setTabOrder(former, latter)
        self._dress()

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

    def _dress(self) -> None:
        """Have the pictures drawn that are not there yet, in the colours in force."""
        ratio = self.devicePixelRatioF()
        rows = {f"file:{row.path}": row for row in self.rows}
        for gallery, shown in ((self._gallery, dict(self.cards)), (self._small_gallery, rows)):
            gallery.draw(list(shown), ratio, partial(_show_pictures, shown))

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


def _show_pictures(shown: Mapping[str, Card | RecentTile], pictures: dict[str, QImage]) -> None:
    for key, picture in pictures.items():
        if isValid(shown[key]):
            shown[key].show_picture(picture)


def _label(words: str, kind: str = "dim") -> QLabel:
    label = QLabel(words)
    label.setProperty("kind", kind)
    label.setWordWrap(kind == "dim")
    return label
