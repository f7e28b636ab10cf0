"""A problem in a row of its own: what is wrong, and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from nnstudio.graph import Problem
from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed

_WIDEST = 280  # a button; the sentence beside it matters more


class FixButton(QPushButton):
    """Says what it does, in the words of the undo list, and shortens them where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "fix")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMaximumWidth(_WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        self.setText(words)
        self.setToolTip(words)
        self.setAccessibleName(f"Fix: {words}")

    def minimumSizeHint(self) -> QSize:
        return QSize(min(96, self.sizeHint().width()), super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """As much of the words as there is room for."""
        part = QStyle.SubElement.SE_PushButtonContents
        room = self.style().subElementRect(part, self._option(), self).width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def _option(self) -> QStyleOptionButton:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        return option

    def paintEvent(self, event: QPaintEvent) -> None:
        option = self._option()
        option.text = self.shown_text()
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class ProblemRow(Dressed, QFrame):
    """One problem: icon, sentence, and a button that says what would mend it, beside the sentence in the
    list of all problems and below it in a narrow box. Clicking or Enter asks to show where it is.
    """

    shown = Signal(object)  # the Problem
    fixed = Signal(object)

    def __init__(self, problem: Problem, with_node: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setProperty("kind", "row" if with_node else "box")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if with_node else Qt.FocusPolicy.NoFocus)
        if with_node:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.icon = QLabel()
        self.icon.setFixedSize(16, 26)
        self.icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(0, 5, 0, 5)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 3, 8, 3)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.sentence, 0, 1)
        self._grid, self._beside = grid, with_node
        self._fix: FixButton | None = None
        self.tell(problem)

    @property
    def button(self) -> FixButton | None:
        """What mends the problem; None where nothing does."""
        return None if self.problem.fix is None else self._fix

    def tell(self, problem: Problem) -> None:
        """Be about this problem."""
        self.problem = problem
        word = "Error" if problem.severity == "error" else "Warning"
        self.setAccessibleName(f"{word}: {problem.sentence}")
        self.icon.setAccessibleName(word)
        if self.sentence.text() != problem.sentence:
            self.sentence.setText(problem.sentence)
        if problem.fix is not None:
            if self._fix is None:
                self._fix = self._make_button()
            self._fix.say(problem.fix_label)
        if self._fix is not None:
            self._fix.setVisible(problem.fix is not None)
        self._dress()

    def _make_button(self) -> FixButton:
        made = FixButton(self)
        made.clicked.connect(lambda: self.fixed.emit(self.problem))
        if self._beside:
            self._grid.addWidget(made, 0, 2, Qt.AlignmentFlag.AlignTop)
        else:
            below = QHBoxLayout()
            below.setContentsMargins(17, 0, 0, 3)  # its words begin where the sentence does
            below.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
            self._grid.addLayout(below, 1, 0, 1, 2)
        return made

    def _dress(self) -> None:
        c = theme.colours()
        name, tint = (
            ("error", c.error.fill) if self.problem.severity == "error" else ("warning", c.warning.fill)
        )
        self.icon.setPixmap(theme.pixmap(name, tint, 16, self.devicePixelRatioF()))

    def mark(self, current: bool) -> bool:
        """Stand out as the one that is shown; whether it does."""
        if bool(self.property("current")) != current:
            self.setProperty("current", current)
            self.style().unpolish(self)
            self.style().polish(self)
        return current

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.shown.emit(self.problem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.shown.emit(self.problem)
        else:
            super().keyPressEvent(event)


def related(problems: Sequence[Problem], path: tuple[str, ...]) -> list[Problem]:
    """The problems of the node that a path leads to, or of what is inside it."""
    return [problem for problem in problems if problem.path[: len(path)] == path]
