"""A panel that is made when somebody first looks at it: most windows never show most of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

Panel = TypeVar("Panel", bound=QWidget)


class Late(QWidget, Generic[Panel]):
    """Holds the place of what `make` makes, until it is seen or asked for."""

    def __init__(self, make: Callable[[], Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._panel: Panel | None = None
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)

    @property
    def made(self) -> Panel | None:
        """The panel, where there is one already."""
        return self._panel

    @property
    def panel(self) -> Panel:
        if self._panel is None:
            self._panel = self._make()
            inside = self.layout()
            assert inside is not None
            inside.addWidget(self._panel)
            _after(self, self._panel)
        return self._panel

    def showEvent(self, event: QShowEvent) -> None:
        self.panel.show()
        super().showEvent(event)


def _after(place: QWidget, panel: QWidget) -> None:
    """Tab reaches the panel where its place is, and not after all that was there before it."""
    inside = [panel]
    while (following := inside[-1].nextInFocusChain()) is not None and panel.isAncestorOf(following):
        inside.append(following)
    last = place
    while last is not None and not last.isWindow() and not _by_tab(last):
        last = last.previousInFocusChain()
    for each in inside:
        if last is not None and _by_tab(each):
            QWidget.setTabOrder(last, each)
            last = each


def _by_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
