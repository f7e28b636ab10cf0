"""The panels below the canvas: tabs on the left and, where there is room, the program beside them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from nnstudio.studio.late import Late

ROOM_FOR_TWO = 760


class BottomPanel(QSplitter):
    """`tabs` on the left; `beside` holds panels that join these tabs where the window is narrow."""

    asked_for = Signal()  # somebody wants to see a panel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.tabs = _tabs("Lower panels")
        self.tabs.setObjectName("bottomPanel")
        self.beside = _tabs("Program")
        self.addWidget(self.tabs)
        self.addWidget(self.beside)
        self.setSizes([520, 400])
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 1)
        for tabs in (self.tabs, self.beside):
            tabs.setMinimumWidth(300)  # and not what the panel in front asks for at the moment
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.setMinimumHeight(96)
        self._side_panels: list[tuple[QWidget, str]] = []
        self.beside.hide()

    def add_beside(self, panel: QWidget, title: str) -> None:
        """Put a panel on the right, or among the tabs where there is no room."""
        self._side_panels.append((panel, title))
        self._place()

    def show_panel(self, panel: QWidget) -> None:
        """Bring a panel to the front, wherever it is."""
        self.asked_for.emit()
        place = self.place_of(panel)
        if place is not None:
            tabs, index = place
            tabs.setCurrentIndex(index)

    def place_of(self, panel: QWidget) -> tuple[QTabWidget, int] | None:
        """The row of tabs that a panel is in, and which of them it is."""
        for tabs in (self.tabs, self.beside):
            for index in range(tabs.count()):
                page = tabs.widget(index)
                if page is panel or (isinstance(page, Late) and page.made is panel):
                    return tabs, index
        return None

    def _place(self) -> None:
        if not self._side_panels:
            return
        wide = self.width() >= ROOM_FOR_TWO
        for number, (panel, title) in enumerate(self._side_panels):
            if wide and self.beside.indexOf(panel) < 0:
                self.beside.insertTab(number, panel, title)
            elif not wide and self.tabs.indexOf(panel) < 0:
                self.tabs.insertTab(min(1 + number, self.tabs.count()), panel, title)
        self.beside.setVisible(wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish:
            self._place()
        return super().event(event)


def _tabs(name: str) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    tabs.setAccessibleName(name)
    tabs.tabBar().setDrawBase(False)
    tabs.tabBar().setExpanding(False)
    return tabs
