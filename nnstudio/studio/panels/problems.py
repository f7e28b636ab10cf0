"""All problems of the graph, each in its words, with the button that mends it where there is such an edit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nnstudio.graph import Problem
from nnstudio.studio import theme
from nnstudio.studio.document import Document

MOST_ROWS = 200
ROWS_AT_ONCE = 12  # made in one turn of the event loop


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
        self.icon = QLabel()
        self.icon.setFixedSize(16, 26)
        self.icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(0, 5, 0, 5)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 8, 3)
        row.setSpacing(10)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        self._fix: QPushButton | None = None
        self.tell(problem)

    @property
    def button(self) -> QPushButton | None:
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
            self._fix.setToolTip(problem.fix_label)
            self._fix.setAccessibleName(f"Fix: {problem.fix_label}")
        if self._fix is not None:
            self._fix.setVisible(problem.fix is not None)
        self._dress()

    def _make_button(self) -> QPushButton:
        made = QPushButton("Fix", self)
        made.setProperty("kind", "fix")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda: self.fixed.emit(self.problem))
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
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
        self._rows: list[ProblemRow] = []
        self._nothing, self._more = QLabel(), QLabel()
        for label in (self._nothing, self._more):
            label.setProperty("kind", "dim")
            label.setContentsMargins(12, 8, 12, 8)
            self._column.addWidget(label)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self._shown: list[Problem] | None = None
        self._at: Problem | None = None
        self._place = -1  # of `_at`, or of where it was before it was mended
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._add_rows)
        document.problems_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        self.follow()

    def rows(self) -> list[ProblemRow]:
        """All of them; those that are still to come are made now."""
        self._add_rows(MOST_ROWS)
        return list(self._rows)

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
        if 0 <= self._place < MOST_ROWS and self._shown is not None and self._at in self._shown:
            self._add_rows(self._place + 1 - len(self._rows))
        for row in self._rows:
            if row.mark(row.problem is self._at):
                self.ensureWidgetVisible(row, 0, 8)

    def follow(self) -> None:
        """Show the document's problems as they are now."""
        problems = sorted(self._document.problems, key=lambda problem: problem.severity != "error")
        if problems == self._shown:
            return
        self._shown = problems
        for row, problem in zip(self._rows, problems, strict=False):
            if row.problem is not problem:
                row.tell(problem)
        for row in self._rows[len(problems) :]:
            row.hide()
            self._column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        del self._rows[len(problems) :]
        self._nothing.setText(
            "No problems: the graph can be trained." if self._document.level.nodes else "No problems."
        )
        self._nothing.setVisible(not problems)
        self._more.setText(f"and {len(problems) - MOST_ROWS:,} more")
        self._more.setVisible(len(problems) > MOST_ROWS)
        if self.isVisible():
            self._add_rows()
        self._mark()
        self.counted.emit(len(problems))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._add_rows()

    def _add_rows(self, most: int = ROWS_AT_ONCE) -> None:
        """Make some of the rows that are lacking, and the rest in the turns to come if they can be seen."""
        wanted = (self._shown or [])[:MOST_ROWS]
        for problem in wanted[len(self._rows) :][: max(0, most)]:
            row = ProblemRow(problem, with_node=True)
            row.shown.connect(self._show)
            row.fixed.connect(lambda each: self._document.push(each.fix))
            row.mark(problem is self._at)
            self._column.insertWidget(1 + len(self._rows), row)
            self._rows.append(row)
        if len(self._rows) < len(wanted) and self.isVisible():
            self._later.start()


def related(problems: Sequence[Problem], path: tuple[str, ...]) -> list[Problem]:
    """The problems of the node that a path leads to, or of what is inside it."""
    return [problem for problem in problems if problem.path[: len(path)] == path]
