"""The transport: a debugger's controls for the program, in the middle of the top bar."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QSlider, QToolButton, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.menu_tables import SUBMENUS
from nnstudio.studio.stepping.stepper import FASTEST, SLOWEST, Stepper

MOVES = ("run_reset", "run_step_back", "run_step", "run_play")
PHASES = ("run_forward", "run_backward", "run_update")
MORE = (
    ("run_zero_grad", "next_samples"),
    ("one_sample", "one_batch", "one_epoch"),
    ("run_here", "breakpoint", "breakpoints"),
)
"""What stands in the menu at the end of the bar, and Torch7's calls in a menu of their own."""
_NOTCHES = 100
ROOM_FOR_SPEED, ROOM_FOR_WORDS = 1280, 1200
_SHORT = {"run_forward": "Fwd", "run_backward": "Back", "run_update": "Upd"}


class Transport(Dressed, QWidget):
    """Buttons of the window's own actions, so that menu, shortcut and button are enabled as one."""

    def __init__(self, stepper: Stepper, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._actions = stepper, actions
        self.setAccessibleName("Transport")
        self.buttons: dict[str, QToolButton | QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for name in MOVES:
            button = QToolButton()
            button.setFixedWidth(32)
            row.addWidget(self._dressed(button, name))
        row.addSpacing(8)
        for name in PHASES:
            button = QPushButton(actions[name].text().replace("&", ""))
            row.addWidget(self._dressed(button, name))
        self.more = QToolButton()
        self.more.setFixedWidth(32)
        self.more.setToolTip("More ways to run: samples, epochs, breakpoints, Torch7's calls")
        self.more.setAccessibleName("More ways to run")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._menu())
        row.addWidget(self.more)
        row.addSpacing(8)
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, _NOTCHES)
        self.speed.setFixedWidth(96)
        self.speed.setAccessibleName("Speed")
        self.speed.setValue(round(_NOTCHES * math.log(stepper.speed / SLOWEST) / math.log(FASTEST / SLOWEST)))
        self.speed.valueChanged.connect(self._set_speed)
        row.addWidget(self.speed)
        self._set_speed(self.speed.value())
        self._enabled = True
        stepper.recompiled.connect(self.follow)
        stepper.moved.connect(self.follow)
        stepper.playing_changed.connect(self.follow)
        stepper.busy_changed.connect(self.follow)
        self._dress()
        self.follow()

    def _dressed(self, button: Any, name: str) -> QWidget:
        action = self._actions[name]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{action.toolTip()} ({keys})")
        button.setAccessibleName(action.text().replace("&", ""))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: action.trigger())
        self.buttons[name] = button
        action.enabledChanged.connect(button.setEnabled)
        return button

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for part in MORE:
            for name in part:
                menu.addAction(self._actions[name])
            menu.addSeparator()
        title, calls = SUBMENUS["@torch7"]
        within = menu.addMenu(title)
        for name in calls:
            within.addAction(self._actions[name])
        return menu

    def set_available(self, available: bool) -> None:
        """While a training run computes, nothing is stepped."""
        self._enabled = available
        if not available:
            self._stepper.pause()
        self.follow()

    def fit_into(self, width: int) -> None:
        """In a narrow window the speed gives way, and then the length of the words."""
        self.speed.setVisible(width >= ROOM_FOR_SPEED)
        for name, short in _SHORT.items():
            words = self._actions[name].text().replace("&", "")
            self.buttons[name].setText(words if width >= ROOM_FOR_WORDS else short)

    def follow(self) -> None:
        """Enable what can be done now."""
        stepper, actions = self._stepper, self._actions
        able = self._enabled and (stepper.can_step or not stepper.ready)
        runs = ("run_zero_grad", "one_sample", "one_batch", "one_epoch")
        for name in ("run_step", "run_play", *PHASES, *runs):
            actions[name].setEnabled(able)
        size = 1 if stepper.program is None else stepper.program.batch_size
        actions["next_samples"].setEnabled(able and stepper.samples > size)
        actions["one_sample"].setEnabled(able and bool(stepper.samples))
        actions["run_step_back"].setEnabled(self._enabled and stepper.can_step_back)
        actions["run_reset"].setEnabled(able)
        playing = stepper.playing
        words = "Pause" if playing else "Play"
        play = self.buttons["run_play"]
        if play.accessibleName() != words:
            play.setAccessibleName(words)
            self._dress()

    def _set_speed(self, notch: int) -> None:
        speed = SLOWEST * (FASTEST / SLOWEST) ** (notch / _NOTCHES)
        self._stepper.set_speed(speed)
        words = f"{speed:.0f} statements a second"
        if speed < 1.5:
            words = "1 statement a second" if speed > 0.75 else "1 statement in 2 seconds"
        self.speed.setToolTip(f"Speed of playing: {words}")
        self.speed.setAccessibleDescription(words)

    def _dress(self) -> None:
        c = theme.colours()
        icons = {"run_reset": "reset", "run_step_back": "step-back", "run_step": "step"}
        icons["run_play"] = "pause" if self._stepper.playing else "play"
        for name, icon in icons.items():
            self.buttons[name].setIcon(theme.icon(icon))
            self.buttons[name].setIconSize(QSize(16, 16))
        self.more.setIcon(theme.icon("more"))
        self.more.setIconSize(QSize(16, 16))
        for name in PHASES:
            button = self.buttons[name]
            button.setIcon(dot(c.phase(name.removeprefix("run_")).mark, c.faint))
            button.setIconSize(QSize(10, 16))


def dot(tint: str, disabled: str) -> QIcon:
    """A round mark in a phase's colour."""
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, tint), (QIcon.Mode.Disabled, disabled)):
        for ratio in (1, 2, 3):
            picture = QPixmap(10 * ratio, 16 * ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(0.5 * ratio, 4 * ratio, 8 * ratio, 8 * ratio))
            painter.end()
            picture.setDevicePixelRatio(ratio)
            made.addPixmap(picture, mode)
    return made
