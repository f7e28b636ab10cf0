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
from PySide6.QtGui import QKeyEvent, QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.modules.equations import Setting
from nnstudio.studio.panels.sections import Complaint

_sweeps = itertools.count(1)
_PIXELS_A_STEP = 6
_DASH = "—"


class _Mixed:
    """Several values at once."""

    def __repr__(self) -> str:
        return "MIXED"


MIXED = _Mixed()


class SettingField(QWidget):
    """An editor with the place for what is wrong below it."""

    changed = Signal(object)
    given_up = Signal()  # a sweep with the mouse shall never have been

    def __init__(self, setting: Setting, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.editor = editor
        self.sweep = next(_sweeps)
        self.value: Any = setting.default
        self.first: Any = setting.default  # of several values
        editor.setAccessibleName(title(setting.name))
        editor.setAccessibleDescription(setting.doc)
        editor.setToolTip(f"{setting.doc}\n{sentence(setting.expectation)}")
        editor.installEventFilter(self)
        self.complaint = Complaint()
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

    def show_mixed(self, first: Any) -> None:
        """Show that several things have several values; steps begin at the first of them."""
        self.first = first
        if self.value is not MIXED or not self.editor.hasFocus():
            self._reset(MIXED)

    def _reset(self, value: Any) -> None:
        self.value = value
        self.complain("")
        if value is MIXED:
            self._write_mixed()
        else:
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
        self.complaint.say(text)
        self.editor.setAccessibleDescription(text or self.setting.doc)
        if bool(self.editor.property("invalid")) != bool(text):
            self.editor.setProperty("invalid", bool(text))
            self.editor.style().polish(self.editor)

    def _write(self, value: Any) -> None:
        """Put a value into the editor, unless the user is just typing the same."""

    def _write_mixed(self) -> None:
        """Put "—" into the editor."""

    def label(self) -> QLabel:
        """What stands before the editor."""
        return QLabel(title(self.setting.name))

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

    def number(self) -> int | float:
        """The value, or the first of several."""
        return self.first if self.value is MIXED else self.value

    def stepped(self, start: float, steps: int) -> int | float:
        """So many steps from a number, within the bounds."""
        value: int | float
        if self.setting.kind == "int":
            value = int(start) + steps
        else:
            size = 10.0 ** (math.floor(math.log10(abs(start))) - 1) if start else 0.1
            value = round(start + steps * size, 12)
        low, high = self.setting.low, self.setting.high
        value = value if low is None else max(value, type(value)(low))
        return value if high is None else min(value, type(value)(high))

    def step_to(self, value: float) -> None:
        """The user wants this number, and does not type it."""
        self.offer(value)
        if self.value is not MIXED:
            self.box.lineEdit().setText(self._shown(self.value))

    def _step(self, steps: int) -> None:
        self.step_to(self.stepped(self.number(), steps))

    def label(self) -> QLabel:
        return SweepLabel(self)

    def _shown(self, value: float) -> str:
        return str(value) if self.setting.kind == "int" else f"{value:.12g}"

    def _write(self, value: Any) -> None:
        if self._parsed(self.box.text()) != value or not self.box.hasFocus():
            self.box.lineEdit().setText(self._shown(value))

    def _write_mixed(self) -> None:
        self.box.lineEdit().setText("")
        self.box.lineEdit().setPlaceholderText(_DASH)


class SweepLabel(QLabel):
    """Dragged to the left or right it makes the number beside it smaller or larger: one undo step. Shift goes
    ten times as fast; Esc while the button is held takes all of it back.
    """

    def __init__(self, field: NumberField) -> None:
        super().__init__(title(field.setting.name))
        self._field = field
        self._start: tuple[float, float] | None = None  # where it was pressed, and the number then
        self._swept = False
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = (event.globalPosition().x(), self._field.number())
            self._swept = False
            self._field.sweep = next(_sweeps)
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        x, number = self._start
        pixels = event.globalPosition().x() - x
        if not self._swept and abs(pixels) < _PIXELS_A_STEP:
            return  # a click that trembles is no sweep
        fast = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._swept = True
        self._field.step_to(self._field.stepped(number, round(pixels / _PIXELS_A_STEP) * (10 if fast else 1)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None and event.button() == Qt.MouseButton.LeftButton:
            self._start = None
            self._field.sweep = next(_sweeps)
            self._field.editor.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._start is not None:
            self._start = None
            if self._swept:
                self._field.given_up.emit()
            self._field.sweep = next(_sweeps)
        else:
            super().keyPressEvent(event)


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
        self.box.setText(_DASH)
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

    def _write_mixed(self) -> None:
        self.box.blockSignals(True)
        self.box.setPlaceholderText(_DASH)
        self.box.setCurrentIndex(-1)
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

    def _write_mixed(self) -> None:
        self.line.setText("")
        self.line.setPlaceholderText(_DASH)


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
