"""Which sample of the batch the canvas shows, or the mean over them: in the canvas' lower left corner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QToolButton

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas
    from nnstudio.studio.stepping.stepper import Stepper

_MARGIN = 12
_WIDE = 160


class SampleChooser(QFrame):
    """Shown while the program has a batch of several samples."""

    def __init__(self, stepper: Stepper, canvas: Canvas, actions: Mapping[str, QAction]) -> None:
        super().__init__(canvas)
        self._stepper, self._canvas, self._actions = stepper, canvas, actions
        self._last = 0  # the sample that was shown before the mean
        self.setProperty("kind", "float")
        self.setAccessibleName("What the canvas shows of the batch")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.box = QSpinBox()
        self.box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.box.setPrefix("Sample ")
        self.box.setWrapping(True)
        self.box.setFixedWidth(_WIDE)
        self.box.setKeyboardTracking(False)
        self.box.setAccessibleName("Sample of the batch")
        self.box.setToolTip("Whose values cards and edges show (Alt+PgUp, Alt+PgDown)")
        self.box.valueChanged.connect(lambda value: stepper.set_sample(value - 1))
        self.mean = QToolButton()
        self.mean.setText("Mean")
        self.mean.setCheckable(True)
        self.mean.setProperty("kind", "toggle")
        self.mean.setAccessibleName("Mean over the batch")
        self.mean.setToolTip("Show the mean over the batch instead of one sample (Alt+End)")
        self.mean.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mean.clicked.connect(self._show_mean)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(4)
        row.addWidget(self.box)
        row.addWidget(self.mean)
        for signal in (stepper.recompiled, stepper.sample_changed, stepper.busy_changed):
            signal.connect(self.follow)
        canvas.installEventFilter(self)
        self.hide()
        self.follow()

    def focusNextPrevChild(self, next: bool) -> bool:
        # Not the canvas below, where Tab means something else.
        return self.window().focusNextPrevChild(next)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def follow(self) -> None:
        """Show what is chosen."""
        stepper = self._stepper
        size = 1 if stepper.program is None else stepper.program.batch_size
        if stepper.sample is not None:
            self._last = stepper.sample
        self.box.blockSignals(True)
        self.box.setRange(1, size)
        self.box.setSuffix(f" of {size:,}")
        self.box.setValue(self._last + 1)
        self.box.blockSignals(False)
        self.box.setEnabled(stepper.sample is not None)
        self.mean.setChecked(stepper.sample is None)
        held = self.box.hasFocus() or self.mean.hasFocus()
        shown = size > 1 and bool(self._canvas.sheet.level.nodes)
        self.setVisible(shown)
        for name in ("sample_previous", "sample_next", "sample_mean"):
            self._actions[name].setEnabled(shown)
        if held and not shown:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._place()

    # -- by the keyboard, wherever that is

    def previous(self) -> None:
        """The sample before; in front of the first is the last."""
        self._go(-1)

    def next(self) -> None:
        self._go(1)

    def toggle_mean(self) -> None:
        self._show_mean(self._stepper.sample is not None)

    def _go(self, by: int) -> None:
        """From the mean back to the sample that was looked at before."""
        size = 1 if self._stepper.program is None else self._stepper.program.batch_size
        self._stepper.set_sample(self._last if self._stepper.sample is None else (self._last + by) % size)

    def _show_mean(self, wanted: bool) -> None:
        self._stepper.set_sample(None if wanted else self._last)

    def _place(self) -> None:
        self.adjustSize()
        self.move(_MARGIN, self._canvas.height() - self.height() - _MARGIN)
        self.raise_()
