"""Editors of settings, one for each kind, generated from the Setting's own rule.

Every field says at once, in the rule's own words, when what is typed cannot be; `changed` carries only
allowed values. `sweep` is a number that stays the same while one goes on editing, so that a sweep is one
undo step.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.modules.equations import Setting

_sweeps = itertools.count(1)


class SettingField(QWidget):
    """An editor with the place for what is wrong below it."""

    changed = Signal(object)

    def __init__(self, setting: Setting, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.editor = editor
        self.sweep = next(_sweeps)
        self.value: Any = setting.default
        editor.setAccessibleName(title(setting.name))
        editor.setAccessibleDescription(setting.doc)
        editor.setToolTip(f"{setting.doc}\n{sentence(setting.expectation)}")
        editor.installEventFilter(self)
        self.complaint = QLabel()
        self.complaint.setProperty("kind", "error")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(editor)
        column.addWidget(self.complaint)
        self.setFocusProxy(editor)

    def show_value(self, value: Any) -> None:
        """Show a value that came from elsewhere (undo, another editor)."""
        if value == self.value and self.editor.hasFocus() and self.complaint.text():
            return  # nothing new, and the user is still typing
        self._reset(value)

    def _reset(self, value: Any) -> None:
        self.value = value
        self.complain("")
        self._write(value)

    def offer(self, value: Any) -> None:
        """The user wants this value: pass it on if the rule allows it, else say why not."""
        try:
            checked = self.setting.check(value)
        except Error:
            self.complain(f"Must be {self.setting.expectation}.")
            return
        self.complain("")
        if checked != self.value:
            self.value = checked
            self.changed.emit(checked)

    def complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))
        if bool(self.editor.property("invalid")) != bool(text):
            self.editor.setProperty("invalid", bool(text))
            self.editor.style().polish(self.editor)

    def _write(self, value: Any) -> None:
        """Put a value into the editor, unless the user is just typing the same."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.sweep = next(_sweeps)
            self._reset(self.value)  # what could not be is forgotten
        if isinstance(event, QWheelEvent) and not self.editor.hasFocus():
            event.ignore()  # scrolling past a field must not change it
            return True
        return super().eventFilter(watched, event)


class NumberEdit(QAbstractSpinBox):
    """A field for a number with steps; unlike Qt's own it lets wrong text stand, so that it can be
    explained.
    """

    typed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().textEdited.connect(self.typed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.setFixedHeight(28)

    def validate(self, input: str, pos: int, /) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        return QValidator.State.Acceptable, input, pos

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return (
            QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        )

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)

    def text(self) -> str:
        return self.lineEdit().text()


class NumberField(SettingField):
    """Whole numbers step by one, others by a tenth of their size."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.box = NumberEdit()
        super().__init__(setting, self.box, parent)
        self.box.typed.connect(lambda text: self.offer(self._parsed(text)))
        self.box.stepped.connect(self._step)

    def _parsed(self, text: str) -> Any:
        plain = text.strip().replace("−", "-").replace(",", "").replace(" ", "")
        try:
            return int(plain) if self.setting.kind == "int" else float(plain)
        except ValueError:
            return None

    def _step(self, steps: int) -> None:
        if self.setting.kind == "int":
            value = self.value + steps
        else:
            size = 10.0 ** (math.floor(math.log10(abs(self.value))) - 1) if self.value else 0.1
            value = round(self.value + steps * size, 12)
        low, high = self.setting.low, self.setting.high
        value = value if low is None else max(value, type(value)(low))
        value = value if high is None else min(value, type(value)(high))
        self.offer(value)
        self._write(self.value)

    def _write(self, value: Any) -> None:
        if self._parsed(self.box.text()) != value or not self.box.hasFocus():
            self.box.lineEdit().setText(str(value) if self.setting.kind == "int" else f"{value:.12g}")


class SwitchField(SettingField):
    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.box = QCheckBox()
        super().__init__(setting, self.box, parent)
        self.box.toggled.connect(self.offer)

    def _write(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setChecked(bool(value))
        self.box.blockSignals(False)


class ChoiceField(SettingField):
    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.box = QComboBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.addItems(list(setting.choices))
        super().__init__(setting, self.box, parent)
        self.box.currentTextChanged.connect(self.offer)

    def _write(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setCurrentText(str(value))
        self.box.blockSignals(False)


class TextField(SettingField):
    """Shapes as 8×8, numbers as 1, 2.5, and plain text."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        self.line = QLineEdit()
        super().__init__(setting, self.line, parent)
        if setting.kind == "shape":
            self.line.setPlaceholderText("one number")
        self.line.textEdited.connect(lambda text: self.offer(self._parsed(text)))

    def _parsed(self, text: str) -> Any:
        if self.setting.kind == "text":
            return text
        separators = r"[×x*,;\s]+" if self.setting.kind == "shape" else r"[,;\s]+"
        parts = [part for part in re.split(separators, text.strip().strip("()[]").replace("−", "-")) if part]
        try:
            return tuple(int(part) if self.setting.kind == "shape" else float(part) for part in parts)
        except ValueError:
            return None

    def _write(self, value: Any) -> None:
        if self.line.hasFocus() and self._parsed(self.line.text()) == value:
            return
        if self.setting.kind == "shape":
            self.line.setText("×".join(map(str, value)))
        elif self.setting.kind == "numbers":
            self.line.setText(", ".join(f"{number:.12g}" for number in value))
        else:
            self.line.setText(str(value))


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


def title(name: str) -> str:
    """out_features -> out features."""
    return name.replace("_", " ")


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
