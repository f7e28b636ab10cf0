"""What if a number of a module's own were another: the slope of a LeakyReLU, the factor of a MulConstant."""

from __future__ import annotations

import itertools
import math

from nnstudio.errors import Error
from nnstudio.graph import SetSetting
from nnstudio.graph.ports import definition_of
from nnstudio.modules.equations import Setting
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.formats import number
from nnstudio.studio.panels.setting_field import sentence, title
from nnstudio.studio.tensors.numbers import exact, read
from nnstudio.studio.tensors.what_if import NOTCHES, WhatIf, reach_of
from nnstudio.studio.tensors.writing import Writer

_sweeps = itertools.count(1)


class SettingSweep:
    """A setting moved to and fro: a single step to undo, or nothing if it is given up."""

    def __init__(self, sheet: Sheet, node_id: str, setting: Setting) -> None:
        self._sheet, self._node_id, self._setting = sheet, node_id, setting
        self._merge = ("what if a setting", next(_sweeps))

    def move_to(self, value: float) -> bool:
        """Try a number, or the nearest that there may be."""
        low, high = self._setting.low, self._setting.high
        value = value if low is None else max(value, float(low))
        value = value if high is None else min(value, float(high))
        return self._sheet.push(SetSetting(self._node_id, self._setting.name, value), self._merge)

    def end(self) -> None:
        """Leave it where it is."""

    def give_up(self) -> None:
        """As if nothing had been tried."""
        self._sheet.document.take_back(self._merge)


def swept_settings(sheet: Sheet, node_id: str) -> list[Setting]:
    """The settings of a node that are numbers with a fraction, and that what it computes depends on."""
    node = sheet.level.nodes.get(node_id)
    known = None if node is None or node.is_group else definition_of(node)
    if known is None or known.role == "parameter":
        return []
    equations = [each for each in ("output", *known.quantities) if each in known.functions]
    read_by = {name for each in equations for name in known.reads(each)}
    return [each for each in known.settings.values() if each.kind == "float" and each.name in read_by]


class WhatIfSetting(WhatIf):
    """One setting of one node."""

    def __init__(self, writer: Writer, sheet: Sheet, node_id: str, setting: Setting) -> None:
        super().__init__(writer)
        self._sheet, self._node_id, self._setting = sheet, node_id, setting
        self._reach = 0.0
        if setting.low is not None and setting.low >= 0:
            self.slider.setMinimum(0)
        self.name.setText(title(setting.name))
        self.name.setToolTip(f"{setting.doc}\n{sentence(setting.expectation)}")
        self.refresh()

    def value(self) -> float | None:
        node = self._sheet.level.nodes.get(self._node_id)
        return None if node is None else float(node.settings[self._setting.name])

    def refresh(self) -> bool:
        value = self.value()
        if value is None:
            return False
        if self.sweep is None and not abs(value) < 0.95 * self._reach:
            self._reach = self._reach_of(value)
        words = title(self._setting.name)
        self.slider.setAccessibleName(f"What if {words} were another number")
        self.slider.setAccessibleDescription(number(value))
        self.slider.setToolTip(
            f"{words} up to {number(self._reach)}: all that follows from it follows at once. Arrows move it, "
            "Esc gives up what was tried."
        )
        self.field.setAccessibleName(words)
        self._showing = True
        if not self.slider.isSliderDown():
            self.slider.setValue(round(value / self._reach * NOTCHES))
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(exact(value))
            self.field.setCursorPosition(0)
            self.field.setModified(False)
        self._showing = False
        return True

    def _reach_of(self, value: float) -> float:
        high = self._setting.high
        reach = reach_of(value)
        return reach if high is None else min(reach, float(high))

    def _moved(self, notch: int) -> None:
        if self._showing:
            return
        if self.sweep is None:
            self.sweep = SettingSweep(self._sheet, self._node_id, self._setting)
        self.sweep.move_to(round(notch / NOTCHES * self._reach, 12))
        self.refresh()

    def _typed(self) -> None:
        try:
            value = read(self.field.text())
            if not math.isfinite(value):
                raise Error(f"{title(self._setting.name)} must be {self._setting.expectation}.")
            self._setting.check(value)
        except Error as error:
            self.failed.emit(str(error))
            return
        self.field.setModified(False)
        self._sheet.push(SetSetting(self._node_id, self._setting.name, value))
        self.refresh()
