"""All problems of the graph, each in its words, with the button that mends it where there is such an edit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nnstudio.graph import Problem
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.panels.sections import empty_layout

MOST_ROWS = 200


class ProblemRow(QFrame):
    """One problem: icon, sentence, Fix. Clicking or Enter asks to show where it is."""

    shown = Signal(object)  # the Problem
    fixed = Signal(object)

    def __init__(self, problem: Problem, with_node: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setProperty("kind", "row" if with_node else "box")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if with_node else Qt.FocusPolicy.NoFocus)
        if with_node:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        word = "Error" if problem.severity == "error" else "Warning"
        self.setAccessibleName(f"{word}: {problem.sentence}")
        self.icon = QLabel()
        self.icon.setFixedSize(16, 26)
        self.icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.icon.setAccessibleName(word)
        self.sentence = QLabel(problem.sentence)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(0, 5, 0, 5)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 8, 3)
        row.setSpacing(10)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        self.button: QPushButton | None = None
        if problem.fix is not None:
            self.button = QPushButton("Fix")
            self.button.setProperty("kind", "fix")
            self.button.setToolTip(problem.fix_label)
            self.button.setAccessibleName(f"Fix: {problem.fix_label}")
            self.button.setCursor(Qt.CursorShape.PointingHandCursor)
            self.button.clicked.connect(lambda: self.fixed.emit(self.problem))
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._dress()

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

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            theme.dress_later(self, self._dress)
        super().changeEvent(event)


class ProblemsPanel(QScrollArea):
    """The list of all problems, errors first."""

    shown = Signal(object)  # a Problem whose place should be shown
    counted = Signal(int)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Problems")
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(4, 4, 4, 8)
        self._column.setSpacing(0)
        self.setWidget(self._body)
        self._shown: list[Problem] | None = None
        self._at: Problem | None = None
        self._place = -1  # of `_at`, or of where it was before it was mended
        document.problems_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        self.follow()

    def rows(self) -> list[ProblemRow]:
        return self._body.findChildren(ProblemRow)

    def walk(self, by: int) -> Problem | None:
        """Mark and show the next problem, or the one before; the first after the last. None without any."""
        self.follow()
        problems = self._shown or []
        if not problems:
            return None
        if self._at is not None and self._at in problems:
            place = problems.index(self._at) + by
        elif self._at is None:
            place = 0 if by > 0 else -1
        else:  # mended: what was behind it has taken its place
            place = self._place if by > 0 else self._place - 1
        self._show(problems[place % len(problems)])
        return self._at

    def _show(self, problem: Problem) -> None:
        self._at = problem
        if self._shown is not None and problem in self._shown:
            self._place = self._shown.index(problem)
        self._mark()
        self.shown.emit(problem)

    def _mark(self) -> None:
        """The row of the problem that was shown last stands out."""
        for row in self.rows():
            if row.mark(row.problem is self._at):
                self.ensureWidgetVisible(row, 0, 8)

    def follow(self) -> None:
        """Show the document's problems as they are now."""
        problems = sorted(self._document.problems, key=lambda problem: problem.severity != "error")
        if problems == self._shown:
            return
        self._shown = problems
        empty_layout(self._column)
        if not problems:
            nothing = QLabel(
                "No problems: the graph can be trained." if self._document.level.nodes else "No problems."
            )
            nothing.setProperty("kind", "dim")
            nothing.setContentsMargins(12, 8, 12, 8)
            self._column.addWidget(nothing)
        for problem in problems[:MOST_ROWS]:
            row = ProblemRow(problem, with_node=True)
            row.shown.connect(self._show)
            row.fixed.connect(lambda each: self._document.push(each.fix))
            self._column.addWidget(row)
        if len(problems) > MOST_ROWS:
            more = QLabel(f"and {len(problems) - MOST_ROWS:,} more")
            more.setProperty("kind", "dim")
            more.setContentsMargins(12, 8, 12, 8)
            self._column.addWidget(more)
        self._column.addStretch(1)
        self._mark()
        self.counted.emit(len(problems))


def related(problems: Sequence[Problem], path: tuple[str, ...]) -> list[Problem]:
    """The problems of the node that a path leads to, or of what is inside it."""
    return [problem for problem in problems if problem.path[: len(path)] == path]
