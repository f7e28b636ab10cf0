"""What if this number were another: a slider and a field, and everything downstream follows at once."""

from __future__ import annotations

import math
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSlider, QStyle, QWidget

from nnstudio.errors import Error
from nnstudio.studio import theme
from nnstudio.studio.formats import number
from nnstudio.studio.tensors.numbers import exact, read
from nnstudio.studio.tensors.quantities import Quantity
from nnstudio.studio.tensors.slices import Element, written
from nnstudio.studio.tensors.writing import Sweep, Writer

NOTCHES = 1000  # on either side of zero


class WhatIfSlider(QSlider):
    """A press puts the handle there, and it can be dragged on; Esc gives up what was tried."""

    given_up = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(-NOTCHES, NOTCHES)
        self.setSingleStep(NOTCHES // 100)
        self.setPageStep(NOTCHES // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._ignoring = False  # given up, and the button is still held

    def place_of(self, notch: int) -> int:
        """Where the middle of the handle is, in pixels from the left."""
        half = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self) // 2
        span = self.width() - 2 * half
        return half + QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), notch, span)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            half = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self) // 2
            x = round(event.position().x())
            if abs(x - self.place_of(self.value())) > half:
                span = self.width() - 2 * half
                notch = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x - half, span)
                self.setValue(notch)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._ignoring:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._ignoring = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._ignoring = self.isSliderDown()
            self.blockSignals(True)  # it is no release: nothing is to stay where it is
            self.setSliderDown(False)
            self.blockSignals(False)
            self.given_up.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Sweeping(Protocol):
    """A number that is moved to and fro."""

    def move_to(self, value: float) -> bool: ...
    def end(self) -> None: ...
    def give_up(self) -> None: ...


class WhatIf(QWidget):
    """One element of a quantity that is swept.

    From press to release, and while the arrows are used until the keyboard goes elsewhere, it is one sweep.
    """

    closed = Signal()  # Esc, with nothing left to give up
    failed = Signal(str)

    def __init__(self, writer: Writer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._writer = writer
        self._stepper = writer.stepper
        self.quantity: Quantity | None = None
        self.element: Element = ()
        self.sweep: Sweeping | None = None
        self._reach = 1.0
        self._showing = False
        self.name = QLabel()
        self.name.setProperty("kind", "dim")
        self.slider = WhatIfSlider()
        self.slider.setMinimumWidth(64)
        self.field = QLineEdit()
        self.field.setFixedWidth(100)  # as many digits as float32 has
        self.field.setFont(theme.font(12, mono=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        self.setFocusProxy(self.slider)
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderReleased.connect(self.end)
        self.slider.left.connect(self.end)
        self.slider.given_up.connect(self._escape)
        self.field.returnPressed.connect(self._typed)
        self.field.installEventFilter(self)

    def show_element(self, quantity: Quantity | None, element: Element) -> bool:
        """Another number to be swept; False where there is none."""
        if (quantity, element) != (self.quantity, self.element):
            self.end()
            self.quantity, self.element = quantity, element
            self._reach = 0.0
        return self.refresh()

    def refresh(self) -> bool:
        """The number may be another."""
        value = self.value()
        if self.quantity is None or value is None:
            return False
        if self.sweep is None and not abs(value) < 0.95 * self._reach:
            self._reach = reach_of(value)
        title = f"{self.quantity.key}{written(self.element)}"
        self.name.setText("What if")
        self.name.setToolTip(title)
        self.slider.setAccessibleName(f"What if {title} were another number")
        self.slider.setToolTip(
            f"{title} from {number(-self._reach)} to {number(self._reach)}: all that follows from it follows "
            "at once. Arrows move it, Esc gives up what was tried."
        )
        self.field.setAccessibleName(title)
        self.slider.setAccessibleDescription(number(value))
        self._showing = True
        self.slider.setEnabled(self._writer.can_write(self.quantity))
        self.field.setEnabled(self.slider.isEnabled())
        if not self.slider.isSliderDown() and math.isfinite(value):
            self.slider.setValue(round(value / self._reach * NOTCHES))
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(_plain(value, self._stepper.value(self.quantity.key)))
            self.field.setCursorPosition(0)
            self.field.setModified(False)
        self._showing = False
        return True

    def value(self) -> float | None:
        """The number as it is now; None where there is none."""
        array = None if self.quantity is None else self._stepper.value(self.quantity.key)
        if array is None or len(self.element) != array.ndim:
            return None
        if any(at >= size for at, size in zip(self.element, array.shape, strict=True)):
            return None
        return float(array[self.element])

    def end(self) -> None:
        """The sweep is over; it stays where it is."""
        if self.sweep is not None and not self.slider.isSliderDown():
            self.sweep.end()
            self.sweep = None
            self.refresh()

    def _moved(self, notch: int) -> None:
        if self._showing or self.quantity is None:
            return
        if self.sweep is None:
            self.sweep = Sweep(self._writer, self.quantity, self.element)
        self.sweep.move_to(round(notch / NOTCHES * self._reach, 12))
        self.refresh()

    def _escape(self) -> None:
        if self.sweep is None:
            self.closed.emit()
            return
        self.sweep.give_up()
        self.sweep = None
        self.refresh()

    def _typed(self) -> None:
        if self.quantity is None:
            return
        try:
            value = read(self.field.text())
        except Error as error:
            self.failed.emit(str(error))
            return
        self.field.setModified(False)
        self._writer.write(self.quantity, [(self.element, value)])
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                if self.field.isModified():
                    self.field.setModified(False)
                    self.refresh()
                else:
                    self.closed.emit()
                return True
        elif event.type() == QEvent.Type.FocusOut and self.field.isModified():
            self.field.setModified(False)
            self.refresh()
        return super().eventFilter(watched, event)


def reach_of(value: float) -> float:
    """How far a slider goes on either side of zero: 1, 2 or 5 times a power of ten, so that its steps are
    round numbers; at least 1.
    """
    wanted = max(1.0, 2 * abs(value)) if math.isfinite(value) else 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= wanted * (1 - 1e-9))


def _plain(value: float, array: object) -> str:
    """The number with the digits of its dtype."""
    kind = getattr(array, "dtype", None)
    return exact(kind.type(value)) if kind is not None and kind.kind == "f" else exact(value)
