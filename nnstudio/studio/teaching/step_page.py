"""One step of a lesson: what to read, what to do, how that stands, and what is said when it is done."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nnstudio.lessons.acts import (
    Act,
    Export,
    NextSample,
    Open,
    Repeat,
    Rewind,
    RunScript,
    Sample,
    Set,
    Train,
    Write,
    is_pattern,
)
from nnstudio.studio import theme
from nnstudio.studio.colours import mix
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.teaching.prose import SIZE, Paragraphs
from nnstudio.studio.teaching.standing import Page, Standing, State

AT_THE_PRESS = (Open, Train, Export, RunScript, NextSample, Sample, Rewind, Repeat)
"""Acts that the lesson offers a button of its own for: elsewhere in the window they take several."""


def at_the_press(act: Act) -> bool:
    """Whether it is one of these; or something that is done to many nodes at once."""
    many = (isinstance(act, Write) and is_pattern(act.key)) or (isinstance(act, Set) and is_pattern(act.node))
    return many or isinstance(act, AT_THE_PRESS)


class Mark(Dressed, QWidget):
    """A tick where a check holds, a ring where it is still to come, a bar where it went otherwise."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state: State = state
        self.setFixedSize(16, 20)

    def _dress(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(1.5, 3.5, 13, 13)
        if self.state == "held":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.update.fill))
            painter.drawEllipse(ring.adjusted(-0.5, -0.5, 0.5, 0.5))
            theme.paint_icon(painter, "check", c.update.on_fill, ring.adjusted(2, 2, -2, -2))
        elif self.state == "otherwise":
            theme.paint_icon(painter, "warning", c.warning.text, QRectF(0, 2, 16, 16))
        else:
            painter.setPen(QPen(QColor(c.dim), 1.5))
            painter.drawEllipse(ring)
        painter.end()


class CheckRow(QWidget):
    """What must be true, in the lesson's own letters; its answer is shown once it holds."""

    _spoken: dict[State, str] = {
        "held": "done",
        "open": "still to do",
        "otherwise": "otherwise",
        "left out": "left out",
    }

    def __init__(self, standing: Standing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.mark = Mark(standing.state)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setFont(theme.font(12, mono=True))
        self.words.setWordWrap(True)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.standing: Standing | None = None
        self.show_standing(standing)

    def show_standing(self, standing: Standing) -> None:
        if standing == self.standing:
            return
        self.standing = standing
        self.mark.state = standing.state
        self.mark.update()
        self.words.setText(
            standing.words if standing.state != "left out" else f"{standing.words} ({standing.sentence})"
        )
        self.setAccessibleName(f"{standing.words}: {self._spoken[standing.state]}")
        self.setToolTip(standing.sentence)


class Note(Dressed, QFrame):
    """A sentence with an icon: what went otherwise, or what could not be done."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setProperty("kind", "box")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        self.icon = QLabel()
        self.icon.setFixedSize(16, 20)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self._dress()

    def _dress(self) -> None:
        c = theme.colours()
        tint = c.error.text if self._icon == "error" else c.warning.text
        self.icon.setPixmap(theme.pixmap(self._icon, tint, 16, self.devicePixelRatioF()))

    def say(self, sentence: str) -> None:
        self.setVisible(bool(sentence))
        self.words.setText(sentence)
        self.setAccessibleName(sentence)


class StepPage(Dressed, QWidget):
    """Made anew for each page that is turned to; `follow` brings it up to date."""

    wanted = Signal(object)  # an act to be done for the user

    def __init__(self, page: Page, size: float = SIZE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self._size = size
        self.setAccessibleName(page.step.title)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(20, 4, 20, 20)
        column.setSpacing(12)
        self.title = QLabel(page.step.title)
        self.title.setFont(theme.bold(18))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        column.addWidget(self.title)
        self.text: Paragraphs | None = None
        self.missing = Note("warning")
        column.addWidget(self.missing)
        self.turn = QWidget()
        inner = QVBoxLayout(self.turn)
        inner.setContentsMargins(0, 4, 0, 0)
        inner.setSpacing(6)
        self.heading = QLabel("YOUR TURN")
        self.heading.setProperty("kind", "heading")
        inner.addWidget(self.heading)
        self.acts: list[QLabel | QPushButton] = []
        for act in page.step.acts:
            inner.addWidget(self._act(act))
        self.rows: list[CheckRow] = []
        self._checks = QVBoxLayout()
        self._checks.setSpacing(2)
        self._checks.setContentsMargins(0, 4, 0, 0)
        inner.addLayout(self._checks)
        column.addWidget(self.turn)
        self.otherwise = Note("warning")
        self.problem = Note("error")
        column.addWidget(self.otherwise)
        column.addWidget(self.problem)
        self.after: Paragraphs | None = None
        column.addStretch(1)
        self.follow()

    def _act(self, act: Act) -> QWidget:
        words = words_of(act)
        if at_the_press(act):
            button = QPushButton(words if len(words) < 44 else "Do this for me")
            button.setToolTip(words)
            button.clicked.connect(lambda: self.wanted.emit(act))
            self.acts.append(button)
            if len(words) < 44:
                return _on_the_left(button)
            whole = QWidget()
            column = QVBoxLayout(whole)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(self._words(words))
            column.addWidget(_on_the_left(button))
            return whole
        label = self._words(words)
        self.acts.append(label)
        return label

    def _words(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def follow(self) -> None:
        """Show how the page stands now."""
        page = self.page
        if self.text is None and page.text is not None:
            self.text = Paragraphs(page.text, self._size)
            self._column.insertWidget(1, self.text)
        self.missing.say(" ".join(page.missing))
        while len(self.rows) > len(page.standings):
            row = self.rows.pop()
            self._checks.removeWidget(row)
            row.deleteLater()
        for number, standing in enumerate(page.standings):
            if number < len(self.rows):
                self.rows[number].show_standing(standing)
            else:
                self.rows.append(CheckRow(standing))
                self._checks.addWidget(self.rows[-1])
        self.turn.setVisible(bool(page.step.acts))
        said = page.otherwise
        exact = next((each.sentence for each in page.standings if each.state == "otherwise"), "")
        self.otherwise.say(f"{said}\n{exact}" if exact and exact != said else said)
        self.problem.say(page.problem)
        for button in self.acts:
            if isinstance(button, QPushButton):
                button.setEnabled(not page.done)
        if self.after is None and page.done and page.after:
            self.after = Paragraphs(page.after, self._size)
            self._column.insertWidget(self._column.count() - 1, self.after)

    def _dress(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is said when the step is done has a green bar at its side."""
        if self.after is not None:
            c = theme.colours()
            painter = QPainter(self)
            box = self.after.geometry()
            painter.fillRect(8, box.top(), 3, box.height(), QColor(mix(c.update.mark, c.window, 0.2)))
            painter.end()


def words_of(act: Act) -> str:
    """What is to be done, as one says it: "Type 0.5, −1 into z.weight"; rows end with semicolons."""
    if isinstance(act, Write) and re.fullmatch(r"[-\d.,\s\[\]e]+", act.value):
        numbers = re.sub(r"\]\s*,\s*\[", "; ", act.value).replace("[", "").replace("]", "")
        return f"Type {numbers.replace('-', '−')} into {act.key}"
    return f"{act.words[:1].upper()}{act.words[1:]}"


def _on_the_left(widget: QWidget) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget)
    row.addStretch(1)
    return whole
