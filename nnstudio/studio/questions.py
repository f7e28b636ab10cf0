"""What is asked or has to be told, as dialogs of the studio's own."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnstudio.project.autosave import Recovery
from nnstudio.studio import theme
from nnstudio.studio.document import UNTITLED
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import text

CANCEL, SAVE = "Cancel", "Save"
RECOVER, DISCARD, LATER = "Recover", "Discard", "Later"
_MOST_ROWS = 5
_WIDTH = 520
_MARGINS = (24, 20, 24, 20)


class Question(QDialog):
    """One sentence, what it means, and the answers; the last one is what Enter gives, and Escape cancels."""

    def __init__(
        self, words: str, explanation: str, answers: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("nnstudio")
        self.setFixedWidth(_WIDTH)
        self.answer = CANCEL
        column = QVBoxLayout(self)
        column.setContentsMargins(*_MARGINS)
        column.setSpacing(8)
        self.words = text(words, "strong")
        column.addWidget(self.words)
        column.addWidget(text(explanation))
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.buttons: dict[str, QPushButton] = {}
        for answer in answers:
            button = answer_button(answer, primary=answer == answers[-1])
            button.clicked.connect(lambda _checked=False, answer=answer: self._take(answer))
            self.buttons[answer] = button
            row.addWidget(button)
        column.addLayout(row)
        self.buttons[answers[-1]].setFocus()
        fit(self, column)

    def _take(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def ask(parent: QWidget, words: str, explanation: str, answers: Sequence[str]) -> str:
    """Put a question and wait for the answer: one of `answers`, CANCEL by Escape."""
    question = Question(words, explanation, answers, parent)
    question.exec()
    question.deleteLater()
    return question.answer


def tell(parent: QWidget, words: str, explanation: str) -> None:
    """Say something that has to be read before one goes on."""
    ask(parent, words, explanation, ("OK",))


class RecoveryDialog(QDialog):
    """What crashed sessions left, the newest first: recover one, discard it, or leave all for later.

    `chosen` is the one to recover; what is discarded is gone when its row is.
    """

    def __init__(self, recoveries: Sequence[Recovery], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Recover unsaved work")
        self.setFixedWidth(_WIDTH)
        self.chosen: Recovery | None = None
        self._left = list(recoveries)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(*_MARGINS)
        column.setSpacing(8)
        self.head = text("", "strong")
        self.words = text("")
        column.addWidget(self.head)
        column.addWidget(self.words)
        column.addSpacing(4)
        self.group = QButtonGroup(self)
        self._body = QWidget()
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(12, 8, 12, 12)
        self._rows.setSpacing(8)
        self.rows: list[_Row] = []
        for recovery in self._left:
            row = _Row(recovery)
            self.rows.append(row)
            self.group.addButton(row.choice)
            self._rows.addWidget(row)
        self.rows[0].choice.setChecked(True)
        column.addWidget(self._boxed())
        column.addSpacing(12)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.discard_button = answer_button(DISCARD)
        self.later_button = answer_button(LATER)
        self.recover_button = answer_button(RECOVER, primary=True)
        self.discard_button.clicked.connect(self._discard)
        self.later_button.clicked.connect(self.reject)
        self.recover_button.clicked.connect(self._recover)
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        buttons.addWidget(self.later_button)
        buttons.addWidget(self.recover_button)
        column.addLayout(buttons)
        self.recover_button.setFocus()
        self._count()

    @property
    def selected(self) -> _Row:
        return next(row for row in self.rows if row.choice.isChecked())

    def _boxed(self) -> QFrame:
        """The rows in a sunk box, which scrolls where there are many."""
        box = QFrame()
        box.setProperty("kind", "box")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(0, 0, 0, 0)
        if len(self.rows) <= _MOST_ROWS:
            inside.addWidget(self._body)
        else:
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(self._body)
            scroll.setFixedHeight(_MOST_ROWS * (self.rows[0].sizeHint().height() + 8))
            inside.addWidget(scroll)
        return box

    def _count(self) -> None:
        one = len(self.rows) == 1
        self.head.setText("Unsaved work was found" if one else f"Unsaved work in {len(self.rows)} projects")
        self.words.setText(
            "nnstudio ended before this was saved. Recovering opens it as it was; your file stays as it is "
            "until you save."
            if one
            else "nnstudio ended before these were saved. Recovering opens one as it was; your file stays as "
            "it is until you save. The others are kept for later."
        )
        for row in self.rows:
            row.show_alone(one)
        fit(self, self._column)

    def _recover(self) -> None:
        self.chosen = self.selected.recovery
        self.accept()

    def _discard(self) -> None:
        row = self.selected
        row.recovery.discard()
        index = self.rows.index(row)
        self.rows.remove(row)
        self.group.removeButton(row.choice)
        row.hide()
        self._rows.removeWidget(row)
        row.deleteLater()
        if not self.rows:
            self.reject()
            return
        self.rows[min(index, len(self.rows) - 1)].choice.setChecked(True)
        self._count()


class _Row(QWidget):
    """One copy: what file, where, when, how old."""

    def __init__(self, recovery: Recovery) -> None:
        super().__init__()
        self.recovery = recovery
        name = UNTITLED if recovery.path is None else recovery.path.name
        self.choice = QRadioButton(elided(name, 13).replace("&", "&&"))
        self.name = QLabel(elided(name, 13))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setProperty("kind", "strong")
        where = "Never saved to a file" if recovery.path is None else f"In {shown(recovery.path.parent)}"
        self.facts = text(f"{when(recovery.saved_at)}\n{elided(where, 12)}", "dim")
        self.choice.setAccessibleDescription(self.facts.text())
        if recovery.path is not None:
            self.setToolTip(str(recovery.path))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.choice, self.name, self.facts):
            column.addWidget(widget)

    def show_alone(self, alone: bool) -> None:
        """With nothing to choose between, there is no button to choose with."""
        self.choice.setVisible(not alone)
        self.name.setVisible(alone)
        self.facts.setContentsMargins(0 if alone else 24, 0, 0, 0)


def answer_button(words: str, primary: bool = False) -> QPushButton:
    button = QPushButton(words)
    button.setMinimumWidth(88)
    button.setAutoDefault(False)
    if primary:
        button.setProperty("kind", "primary")
        button.setDefault(True)
    return button


def fit(dialog: QDialog, column: QVBoxLayout) -> None:
    """As high as wrapped text at the dialog's width asks for, and no higher."""
    column.activate()
    dialog.setFixedHeight(column.totalHeightForWidth(dialog.width()))


def elided(words: str, pixels: int) -> str:
    """Cut in the middle to what a row has room for."""
    room = _WIDTH - 2 * _MARGINS[0] - 2 * 12 - 24 - 16
    return QFontMetrics(theme.font(pixels)).elidedText(words, Qt.TextElideMode.ElideMiddle, room)


def when(seconds: float, now: float | None = None) -> str:
    """Today at 14:03, 12 minutes ago."""
    now = time.time() if now is None else now
    then, today = time.localtime(seconds), time.localtime(now)
    clock = time.strftime("%H:%M", then)
    days = dt.date(*today[:3]).toordinal() - dt.date(*then[:3]).toordinal()
    if days == 0:
        date = "Today"
    elif days == 1:
        date = "Yesterday"
    elif 1 < days < 7:
        date = QLocale.c().dayName(then.tm_wday + 1)
    else:
        year = "" if then.tm_year == today.tm_year else f" {then.tm_year}"
        date = f"{then.tm_mday} {QLocale.c().monthName(then.tm_mon)}{year}"
    return f"{date} at {clock}, {age(now - seconds)}"


def age(seconds: float) -> str:
    """A moment ago, 12 minutes ago, 3 hours ago, 5 days ago."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count(int(seconds // size), noun)} ago"
    return "a moment ago"


def shown(folder: Path) -> str:
    """A folder as people write it: ~ for their own."""
    try:
        below = folder.relative_to(Path.home())
    except ValueError:
        return str(folder)
    return str(Path("~", below))
