"""The editor of a number: typed, stepped, or swept with the mouse."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QWidget

from nnstudio.modules.equations import Setting
from nnstudio.studio.panels.setting_field import DASH, MIXED, SettingField, title

_PIXELS_A_STEP = 6


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
        self._words = QLabel(self.lineEdit())
        self._words.setProperty("kind", "dim")
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words.hide()

    def explain(self, words: str) -> None:
        """Say behind the number what it means; "" where it means just itself."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._place_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_words()

    def _place_words(self) -> None:
        line = self.lineEdit()
        left = line.textMargins().left() + line.fontMetrics().horizontalAdvance(line.text()) + 12
        self._words.setGeometry(left, 0, max(0, line.width() - left), line.height())

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
        self.box.typed.connect(self._typed)
        self.box.stepped.connect(self._step)
        self.box.lineEdit().textChanged.connect(self._explain)

    def _typed(self, text: str) -> None:
        self.begin("typing")
        self.offer(self._parsed(text))

    def _explain(self, text: str) -> None:
        self.box.explain(self.setting.zero if self._parsed(text) == 0 else "")

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
        self.begin("stepping")
        self.step_to(self.stepped(self.number(), steps))

    def label(self) -> QLabel:
        return SweepLabel(self)

    def _shown(self, value: float) -> str:
        return str(value) if self.setting.kind == "int" else f"{value:.12g}"

    def _says(self, value: Any) -> bool:
        return self._parsed(self.box.text()) == value

    def _write(self, value: Any) -> None:
        line = self.box.lineEdit()
        line.setText(self._shown(value))
        if not (self.box.hasFocus() or self.typing):
            line.setCursorPosition(0)  # of a long number the first digits are seen

    def _write_mixed(self) -> None:
        self.box.lineEdit().setText("")
        self.box.lineEdit().setPlaceholderText(DASH)


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
            self._field.begin()
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
            self._field.begin()
            self._field.editor.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._start is not None:
            self._start = None
            if self._swept:
                self._field.given_up.emit()
            self._field.begin()
        else:
            super().keyPressEvent(event)
