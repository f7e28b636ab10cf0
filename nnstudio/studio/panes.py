"""Going round the parts of the window with F6, since Tab means something else on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow


class Panes:
    """Palette, canvas, inspector, the tabs below, the program: each is entered at its beginning."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def next(self) -> None:
        self._go(1)

    def previous(self) -> None:
        self._go(-1)

    def _panes(self) -> list[tuple[QWidget, QWidget]]:
        """Each with the widget that takes the keyboard first."""
        window = self._window
        panes: list[tuple[QWidget, QWidget]] = [
            (window.palette_panel, window.palette_panel.search),
            (window.teaching.panel, window.teaching.panel.first()),
            (window.canvas, window.canvas),
            (window.inspector, window.inspector.first_field()),
            (window.bottom.tabs, window.bottom.tabs.tabBar()),
            (window.bottom.beside, window.bottom.beside.tabBar()),
        ]
        return [(pane, first) for pane, first in panes if pane.isVisible()]

    def _go(self, by: int) -> None:
        panes = self._panes()
        focused = QApplication.focusWidget()
        inside = [
            pane is focused or (focused is not None and pane.isAncestorOf(focused)) for pane, _ in panes
        ]
        here = inside.index(True) if any(inside) else -1 if by > 0 else 0
        _, first = panes[(here + by) % len(panes)]
        self._window.canvas.abandon()
        first.setFocus(Qt.FocusReason.TabFocusReason if by > 0 else Qt.FocusReason.BacktabFocusReason)
