"""Where one is, over the canvas: Graph › encoder › block, each a way back to that level."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton

from nnstudio.studio import theme

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

TOP = "Graph"
_MARGIN = 12
_LONGEST = 160  # pixels of one name
_FIND_BAR = 384  # what the field for finding takes of the canvas' width


class Breadcrumb(QFrame):
    """Shown inside groups only. What does not fit is behind "…"."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._shown: tuple[tuple[str, ...], int] = ((), 0)
        self.setProperty("kind", "float")
        self.setAccessibleName("Where you are in the graph")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.buttons: list[QToolButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 2, 4, 2)
        self._row.setSpacing(0)
        canvas.sheet.replaced.connect(self.follow)
        canvas.sheet.graph_changed.connect(self.follow)
        canvas.installEventFilter(self)
        self.hide()
        self.follow()

    def follow(self) -> None:
        """Show the way to the level that the canvas shows."""
        names = (TOP, *self._canvas.sheet.names)
        room = self._room()
        if (names, room) != self._shown:
            self._shown = (names, room)
            self._build(names, room)
        self.setVisible(len(names) > 1)
        self._row.activate()
        self.setGeometry(_MARGIN, _MARGIN, self._row.sizeHint().width(), self._row.sizeHint().height())

    def _room(self) -> int:
        return max(240, self._canvas.width() - 2 * _MARGIN - _FIND_BAR)

    def _build(self, names: tuple[str, ...], room: int) -> None:
        held = any(button.hasFocus() for button in self.buttons)
        while self._row.count():
            widget = self._row.takeAt(0).widget()  # pyright: ignore[reportOptionalMemberAccess]
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        measure = QFontMetrics(theme.bold(13))
        wide = [min(measure.horizontalAdvance(name), _LONGEST) + 32 for name in names]
        hidden = 0  # levels below the top that are behind "…"
        while hidden < len(names) - 2 and wide[0] + sum(wide[1 + hidden :]) + (40 if hidden else 0) > room:
            hidden += 1
        for depth, name in enumerate(names):
            if depth == 1 and hidden:
                self._divide()
                self._add_hidden(names[1 : 1 + hidden])
            if 1 <= depth <= hidden:
                continue
            if depth:
                self._divide()
            self._add(name, depth, last=depth == len(names) - 1)
        if held:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, name: str, depth: int, last: bool) -> None:
        button = self._button(name)
        if last:
            button.setFont(theme.bold(13))
            button.setToolTip(f"You are in {name}: show all of it")
            button.setAccessibleDescription("You are here; pressing shows all of it")
            button.clicked.connect(lambda: self._canvas.frame())
        else:
            button.setToolTip(f"Back to {name}")
            button.setAccessibleDescription("Goes back to this level")
            button.clicked.connect(partial(self._go, depth))
        shown = QFontMetrics(button.font()).elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST)
        button.setText(shown)

    def _add_hidden(self, names: tuple[str, ...]) -> None:
        button = self._button("Levels between")
        button.setText("…")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for depth, name in enumerate(names, 1):
            menu.addAction(name).triggered.connect(partial(self._go, depth))
        button.setMenu(menu)

    def _button(self, spoken: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "quiet")
        button.setAccessibleName(spoken)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        button.show()  # at once: what is not shown takes no room in the row
        self.buttons.append(button)
        return button

    def _divide(self) -> None:
        sign = QLabel("›")
        sign.setProperty("kind", "dim")
        sign.setAccessibleName(" ")
        self._row.addWidget(sign)
        sign.show()

    def _go(self, depth: int, _checked: bool = False) -> None:
        """To the level that is so many groups deep; the group one comes from is selected there."""
        canvas = self._canvas
        left = canvas.sheet.path[depth:]
        canvas.sheet.go(canvas.sheet.path[:depth])
        if left:
            canvas.select([left[0]])
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self.follow()
        return False
