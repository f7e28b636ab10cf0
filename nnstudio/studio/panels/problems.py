"""All problems of the graph, each in its words, with the button that mends it where there is such an edit."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from nnstudio.graph import Problem
from nnstudio.studio.document import Document
from nnstudio.studio.panels.problem_row import ProblemRow

MOST_ROWS = 200
ROWS_AT_ONCE = 12  # made in one turn of the event loop


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
