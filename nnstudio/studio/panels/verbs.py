"""Buttons in the inspector for what the window's actions do to the selection."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from nnstudio.studio.actions import ACTIONS

_IN_A_ROW = 2


class Verbs(QWidget):
    """`wanted` names the action."""

    wanted = Signal(str)

    def __init__(self, names: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        specs = {spec.id: spec for spec in ACTIONS}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self.buttons: dict[str, QPushButton] = {}
        shown = list(names)
        for index, name in enumerate(shown):
            spec = specs[name]
            button = QPushButton(spec.text.replace("&", ""))
            keys = f"  ({spec.shortcut.split()[0]})" if spec.shortcut else ""
            button.setToolTip(f"{spec.tip or button.text()}{keys}")
            button.setAccessibleDescription(spec.tip)
            button.clicked.connect(partial(self._want, name))
            alone = index == len(shown) - 1 and index % _IN_A_ROW == 0
            grid.addWidget(button, index // _IN_A_ROW, index % _IN_A_ROW, 1, _IN_A_ROW if alone else 1)
            self.buttons[name] = button

    def _want(self, name: str, _checked: bool = False) -> None:
        self.wanted.emit(name)
