"""Presenting: the whole screen for canvas, transport and formula in large type; Esc brings all back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QSplitter, QToolButton, QWidget

from nnstudio.studio.teaching.big_formula import BigFormula

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

_BAR, _BUTTON = 72, 52
_LARGEST = 2.2  # cards are not drawn larger than this
_MARGIN = 32.0
_STYLE = """
QPushButton { font-size: 20px; min-height: 44px; padding: 0 18px; }
QToolButton { min-height: 44px; min-width: 36px; }
"""


@dataclass(frozen=True)
class _Former:
    """All that is to be as it was."""

    hidden: tuple[tuple[QWidget, bool], ...]
    splitters: tuple[QByteArray, ...]
    geometry: QRect
    state: Qt.WindowState
    scale: float
    middle: QPointF
    focus: QWidget | None
    icons: tuple[tuple[QAbstractButton, QSize, int, int], ...]
    bar: int


class Presenting(QObject):
    """Made by the window, for its action."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._former: _Former | None = None
        self.formula = BigFormula(window.engine.stepper)
        self.formula.hide()
        window.add_above_bottom(self.formula)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self.leave)

    @property
    def on(self) -> bool:
        return self._former is not None

    def toggle(self) -> None:
        if self.on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Hide everything but the transport, the canvas and the formula."""
        window = self._window
        if self.on:
            return
        window.canvas.abandon()
        canvas, transport = window.canvas, window.engine.transport
        buttons = list(transport.findChildren(QAbstractButton))
        self._former = _Former(
            tuple((widget, widget.isHidden()) for widget in self._others()),
            tuple(splitter.saveState() for splitter in self._splitters()),
            window.geometry(),
            window.windowState(),
            canvas.scale_now(),
            canvas.seen().center(),
            window.focusWidget(),
            tuple((each, each.iconSize(), each.minimumWidth(), each.maximumWidth()) for each in buttons),
            window.top_bar.height(),
        )
        for widget, _ in self._former.hidden:
            widget.hide()
        window.top_bar.setFixedHeight(_BAR)
        transport.setStyleSheet(_STYLE)
        for button in buttons:
            large = isinstance(button, QToolButton)
            button.setIconSize(QSize(24, 24) if large else QSize(14, 22))
            if large:
                button.setFixedWidth(_BUTTON)
        self.formula.show()
        self.formula.follow()
        window.teaching.halos.hide(True)
        window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        self._escape.setEnabled(True)
        canvas.setFocus()
        # A window system gives the window its size when it likes.
        canvas.installEventFilter(self)
        QTimer.singleShot(0, self, self._fill)

    def leave(self) -> None:
        """Everything is where it was."""
        former, window = self._former, self._window
        if former is None:
            return
        self._former = None
        window.canvas.removeEventFilter(self)
        self._escape.setEnabled(False)
        self.formula.hide()
        window.engine.transport.setStyleSheet("")
        for button, size, least, most in former.icons:
            button.setIconSize(size)
            button.setMinimumWidth(least)
            button.setMaximumWidth(most)
        window.top_bar.setFixedHeight(former.bar)
        window.setWindowState(former.state)
        if former.state == Qt.WindowState.WindowNoState:
            window.setGeometry(former.geometry)
        for widget, hidden in former.hidden:
            widget.setHidden(hidden)
        self._restore(former)
        # A window system may give the window its size a moment later.
        QTimer.singleShot(0, self, lambda: self._restore(former))
        window.teaching.halos.hide(False)
        if former.focus is not None:
            former.focus.setFocus()

    def _restore(self, former: _Former) -> None:
        if self.on:
            return
        canvas = self._window.canvas
        if former.state == Qt.WindowState.WindowNoState:
            self._window.setGeometry(former.geometry)
        for splitter, state in zip(self._splitters(), former.splitters, strict=True):
            splitter.restoreState(state)
        self._window.engine.fit_into(self._window.width())
        canvas.zoom(former.scale / canvas.scale_now())
        canvas.look_at(former.middle)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._fill)
        return False

    def _fill(self) -> None:
        """The graph fills the canvas, magnified where it is small."""
        canvas = self._window.canvas
        box = canvas.graph_scene.contents()
        if not self.on or box.isEmpty():
            return
        box.adjust(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        room = canvas.viewport().rect()
        scale = min(room.width() / box.width(), room.height() / box.height(), _LARGEST)
        canvas.zoom(scale / canvas.scale_now())
        canvas.look_at(box.center())

    def _others(self) -> list[QWidget]:
        window = self._window
        bar = window.top_bar
        return [
            bar.menus,
            bar.name,
            bar.dot,
            bar.train,
            bar.export,
            window.left,
            window.inspector,
            window.bottom,
            window.status_line,
            window.canvas.minimap,
        ]

    def _splitters(self) -> tuple[QSplitter, ...]:
        window = self._window
        return (window.sides, window.middle, window.bottom)
