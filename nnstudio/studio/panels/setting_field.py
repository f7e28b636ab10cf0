"""What all editors of settings have in common: rule, value, complaint, and sweeps that can be given up."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.modules.equations import Setting
from nnstudio.studio.panels.sections import Complaint

_sweeps = itertools.count(1)


DASH = "—"


class _Mixed:
    """Several values at once."""

    def __repr__(self) -> str:
        return "MIXED"


MIXED = _Mixed()


class Complaining(Protocol):
    """Where it is said what is wrong."""

    def text(self) -> str: ...
    def say(self, words: str) -> None: ...


class SettingField(QWidget):
    """An editor with the place for what is wrong below it.

    `sweep` is a number that stays the same while one goes on typing, stepping or dragging, so that all of it
    is one undo step; Esc, or typing on to what cannot be, gives that step up.
    """

    changed = Signal(object)
    rested = Signal()  # what was typed is meant: Enter was pressed, or the field left
    given_up = Signal()  # what the present sweep has changed shall never have been

    def __init__(self, setting: Setting, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.editor = editor
        self.value: Any = setting.default
        self.first: Any = setting.default  # of several values
        self.sweep = 0
        self._way = ""
        self._typing = False
        self.begin()
        editor.setAccessibleName(title(setting.name))
        editor.setAccessibleDescription(setting.doc)
        editor.setToolTip(f"{setting.doc}\n{sentence(setting.expectation)}")
        editor.installEventFilter(self)
        below = Complaint()
        self.complaint: Complaining = below
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(editor)
        column.addWidget(below)
        self.setFocusProxy(editor)

    def complain_at(self, complaint: Complaining) -> None:
        """Say what is wrong there, because there is no room for it below the editor."""
        if isinstance(self.complaint, QWidget):
            self.complaint.deleteLater()
        self.complaint = complaint

    # -- showing

    def show_value(self, value: Any) -> None:
        """Show a value that came from elsewhere (undo, another editor)."""
        if self._typing or (value == self.value and self.editor.hasFocus() and self.complaint.text()):
            self.value = value  # what is typed stays to be mended
        else:
            self._reset(value)

    def show_mixed(self, first: Any) -> None:
        """Show that several things have several values; steps begin at the first of them."""
        self.first = first
        if self._typing:
            self.value = MIXED
        elif self.value is not MIXED or not self.editor.hasFocus():
            self._reset(MIXED)

    def _reset(self, value: Any) -> None:
        self.value = value
        self.complain("")
        if value is MIXED:
            self._write_mixed()
        elif not (self.editor.hasFocus() and self._says(value)):
            self._write(value)

    def complain(self, text: str) -> None:
        self.complaint.say(text)
        self.editor.setAccessibleDescription(text or self.setting.doc)
        if bool(self.editor.property("invalid")) != bool(text):
            self.editor.setProperty("invalid", bool(text))
            self.editor.style().polish(self.editor)

    def _says(self, value: Any) -> bool:
        """Whether the text is one for this value, and so is left as the user has typed it."""
        return False

    def _write(self, value: Any) -> None:
        """Put a value into the editor."""

    def _write_mixed(self) -> None:
        """Put "—" into the editor."""

    def label(self) -> QLabel:
        """What stands before the editor."""
        return QLabel(title(self.setting.name))

    # -- changing

    def begin(self, way: str = "") -> None:
        """What comes next is an undo step of its own, unless the present sweep is of the same way."""
        if not way or way != self._way:
            self.sweep = next(_sweeps)
        self._way = way

    @property
    def typing(self) -> bool:
        """Whether the present sweep is typed, so that its value may be one on the way to another."""
        return self._way == "typing"

    def offer(self, value: Any) -> None:
        """The user wants this value: pass it on if the rule allows it, else say why not."""
        try:
            checked = self.setting.check(value)
        except Error:
            self.refuse(f"Must be {self.setting.expectation}.")
            return
        self.complain("")
        if checked != self.value:
            self.value = checked
            self.changed.emit(checked)

    def refuse(self, words: str) -> None:
        """Say what is wrong with what was typed. It stays to be mended; what it had changed does not."""
        self.complain(words)
        self._typing = True
        self.given_up.emit()
        self._typing = False

    def give_up(self) -> None:
        """Back to what there was before the present sweep."""
        self.given_up.emit()
        self.begin()
        self.complain("")
        if self.value is MIXED:
            self._write_mixed()
        else:
            self._write(self.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.begin()
            self._reset(self.value)  # what could not be is forgotten
            self.rested.emit()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and self._way:
                self.give_up()
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.complaint.text():
                self.begin()  # Esc does not reach behind it
                self.rested.emit()
        elif isinstance(event, QWheelEvent) and not self.editor.hasFocus():
            event.ignore()  # scrolling past a field must not change it
            return True
        return super().eventFilter(watched, event)


def title(name: str) -> str:
    """out_features -> out features."""
    return name.replace("_", " ")


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
