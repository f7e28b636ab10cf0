"""Editors of settings, one for each kind, generated from the Setting's own rule.

Every field says at once, in the rule's own words, when what is typed cannot be; `changed` carries only
allowed values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from nnstudio.modules.equations import Setting
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.document import Document
from nnstudio.studio.panels.number_field import NumberField
from nnstudio.studio.panels.setting_field import DASH, SettingField


class SwitchField(SettingField):
    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.box = QCheckBox()
        super().__init__(setting, self.box, parent)
        self.box.clicked.connect(self._clicked)

    def _clicked(self) -> None:
        self.box.setTristate(False)
        self.box.setText("")
        self.offer(self.box.isChecked())

    def _write(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setTristate(False)
        self.box.setChecked(bool(value))
        self.box.setText("")
        self.box.blockSignals(False)

    def _write_mixed(self) -> None:
        self.box.blockSignals(True)
        self.box.setCheckState(Qt.CheckState.PartiallyChecked)
        self.box.setText(DASH)
        self.box.blockSignals(False)


class ChoiceField(SettingField):
    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.box = Chooser()
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.addItems(list(setting.choices))
        super().__init__(setting, self.box, parent)
        self.box.currentTextChanged.connect(self.offer)

    def _write(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setCurrentText(str(value))
        self.box.blockSignals(False)

    def _write_mixed(self) -> None:
        self.box.blockSignals(True)
        self.box.setPlaceholderText(DASH)
        self.box.setCurrentIndex(-1)
        self.box.blockSignals(False)


class TextField(SettingField):
    """Shapes as 8×8, numbers as 1, 2.5, and plain text."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.line = QLineEdit()
        super().__init__(setting, self.line, parent)
        if setting.kind == "shape":
            self.line.setPlaceholderText("one number")
        self.line.textEdited.connect(self._typed)

    def _typed(self, text: str) -> None:
        self.begin("typing")
        self.offer(self._parsed(text))

    def _parsed(self, text: str) -> Any:
        if self.setting.kind == "text":
            return text
        separators = r"[×x*,;\s]+" if self.setting.kind == "shape" else r"[,;\s]+"
        parts = [part for part in re.split(separators, text.strip().strip("()[]").replace("−", "-")) if part]
        try:
            return tuple(int(part) if self.setting.kind == "shape" else float(part) for part in parts)
        except ValueError:
            return None

    def _says(self, value: Any) -> bool:
        return self._parsed(self.line.text()) == value

    def _write(self, value: Any) -> None:
        if self.setting.kind == "shape":
            self.line.setText("×".join(map(str, value)))
        elif self.setting.kind == "numbers":
            self.line.setText(", ".join(f"{number:.12g}" for number in value))
        else:
            self.line.setText(str(value))

    def _write_mixed(self) -> None:
        self.line.setText("")
        self.line.setPlaceholderText(DASH)


_FIELDS: dict[str, type[SettingField]] = {
    "int": NumberField,
    "float": NumberField,
    "bool": SwitchField,
    "choice": ChoiceField,
    "shape": TextField,
    "numbers": TextField,
    "text": TextField,
}


def field_for(setting: Setting) -> SettingField:
    """The editor for a setting of any kind."""
    return _FIELDS[setting.kind](setting)  # type: ignore[call-arg]


def bound_field(setting: Setting, document: Document, change: Callable[[Any], object]) -> SettingField:
    """An editor of something in the document: `change` pushes a value, merged by the field's `sweep`."""
    field = field_for(setting)
    field.changed.connect(change)
    field.given_up.connect(lambda: document.take_back(field.sweep))
    return field
