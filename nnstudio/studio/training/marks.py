"""What was changed on the way, marked on a plot: an upright dashed line with a word at its top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from nnstudio.studio import theme


@dataclass(frozen=True)
class Mark:
    """`x` is where on the axis; `words` are told whole by the crosshair, `short` stands at the line."""

    x: float
    short: str
    words: str

    def and_(self, other: Mark) -> Mark:
        """Both at the one place."""
        return Mark(self.x, f"{self.short}, {other.short}", f"{self.words}, {other.words}")


class Marks:
    """The marks of one plot; those that are there already are kept."""

    def __init__(self, plot: Any, named: bool) -> None:
        """`named`: there is room for a word below the curves."""
        self._plot, self._named = plot, named
        self._items: dict[Mark, Any] = {}

    @property
    def shown(self) -> list[Mark]:
        return list(self._items)

    def show(self, marks: Sequence[Mark]) -> None:
        wanted = dict.fromkeys(marks)
        for mark in [each for each in self._items if each not in wanted]:
            self._plot.removeItem(self._items.pop(mark))
        for mark in wanted:
            if mark not in self._items:
                self._items[mark] = self._made(mark)
        self._name_last()

    def near(self, x: float, reach: float) -> list[Mark]:
        return [mark for mark in self._items if abs(mark.x - x) <= reach]

    def dress(self) -> None:
        for mark in list(self._items):
            self._plot.removeItem(self._items[mark])
            self._items[mark] = self._made(mark)
        self._name_last()

    def _name_last(self) -> None:
        """Only the newest has its word: those of many would lie over each other."""
        for index, item in enumerate(reversed(self._items.values())):
            item.label.setVisible(self._named and index == 0)

    def _made(self, mark: Mark) -> Any:
        c = theme.colours()
        line: Any = pg.InfiniteLine(
            mark.x,
            angle=90,
            pen=pg.mkPen(c.update.mark, width=1, style=Qt.PenStyle.DashLine),
            label=mark.short,
            labelOpts={
                "position": 0.2,
                "color": c.update.text,
                "movable": False,
                "anchors": [(0, 0.5), (1, 0.5)],
            },
        )
        line.label.setFont(theme.font(11))
        self._plot.addItem(line, ignoreBounds=True)
        return line
