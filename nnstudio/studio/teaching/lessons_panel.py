"""The Lessons panel: the lessons to choose from, or the step that one stands at."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.lessons.acts import Act
from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.preferences import Preferences
from nnstudio.studio.teaching.guide import Guide
from nnstudio.studio.teaching.lesson_list import LessonList
from nnstudio.studio.teaching.runs_plot import RunsPlot
from nnstudio.studio.teaching.step_page import StepPage

WIDTH = 336


class StepsBar(Dressed, QWidget):
    """One short bar for each step: done, looked at, to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(4)
        self._of, self._done, self._shown = 1, 0, 0

    def show_steps(self, of: int, done: int, shown: int) -> None:
        self._of, self._done, self._shown = max(1, of), done, shown
        self.setAccessibleName(f"Step {shown + 1} of {of}, {done} done")
        self.update()

    def _dress(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gap = 3.0 if self._of <= 24 else 1.0
        wide = (self.width() - gap * (self._of - 1)) / self._of
        for number in range(self._of):
            here = number == self._shown
            tint = c.focus if here else c.update.mark if number < self._done else c.raised
            painter.setBrush(QColor(tint))
            painter.drawRoundedRect(QRectF(number * (wide + gap), 0, wide, 4), 2, 2)
        painter.end()


class LessonsPanel(Dressed, QWidget):
    """Stands where the palette does. What is chosen and pressed here is done by the guide."""

    chosen = Signal(object)  # a Lesson of the list
    file_wanted = Signal()
    closed = Signal()
    again = Signal()

    def __init__(self, guide: Guide, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._guide = guide
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Lessons")
        self.setMinimumWidth(280)
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.list = LessonList(preferences)
        self.list.chosen.connect(self.chosen)
        self.stack.addWidget(self._list_page())
        self.stack.addWidget(self._step_page())
        self.step: StepPage | None = None
        guide.turned.connect(self.turn)
        guide.changed.connect(self.follow)
        self._dress()
        self.turn()

    # -- building

    def _list_page(self) -> QWidget:
        whole, column = _column()
        head = _row(20, 12, 12, 4)
        title = QLabel("Lessons")
        title.setProperty("kind", "title")
        head.addWidget(title)
        head.addStretch(1)
        self.close_list = _tool("Close the list of lessons")
        self.close_list.clicked.connect(self.closed)
        head.addWidget(self.close_list)
        column.addLayout(head)
        area = _scroll()
        area.setWidget(self.list)
        column.addWidget(area, 1)
        foot = _row(12, 8, 12, 12)
        self.file = QPushButton("Open a Lesson File…")
        self.file.setToolTip("A lesson that somebody has written: a file that ends in .lesson")
        self.file.clicked.connect(self.file_wanted)
        foot.addWidget(self.file)
        foot.addStretch(1)
        column.addLayout(foot)
        return whole

    def _step_page(self) -> QWidget:
        whole, column = _column()
        head = _row(20, 8, 12, 0)
        self.where = QLabel()
        self.where.setProperty("kind", "dim")
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        head.addWidget(self.where)
        head.addStretch(1)
        self.restart = _tool("Start the lesson again")
        self.restart.clicked.connect(self.again)
        self.leave = _tool("Leave the lesson; it goes on here another time")
        self.leave.clicked.connect(self._guide.leave)
        head.addWidget(self.restart)
        head.addWidget(self.leave)
        column.addLayout(head)
        bar = _row(20, 6, 20, 8)
        self.bar = StepsBar()
        bar.addWidget(self.bar)
        column.addLayout(bar)
        self.area = _scroll()
        column.addWidget(self.area, 1)
        self.runs = RunsPlot()
        self.runs.hide()
        column.addWidget(self.runs)
        self.working = QProgressBar()
        self.working.setRange(0, 0)
        self.working.setTextVisible(False)
        self.working.setAccessibleName("At work")
        self.working.hide()
        column.addWidget(self.working)
        foot = _row(20, 8, 20, 12)
        self.back = QPushButton("Back")
        self.back.setToolTip("Look at the step before; nothing is undone (Alt+Left)")
        self.back.clicked.connect(self._guide.back)
        self.show_me = QPushButton("Show Me")
        self.show_me.setToolTip("Let nnstudio do what this step asks for (Alt+Return)")
        self.show_me.clicked.connect(lambda: self._show_me())
        self.next = QPushButton("Next")
        self.next.clicked.connect(self._next)
        self.next.setMinimumWidth(84)
        foot.addWidget(self.back)
        foot.addWidget(self.show_me)
        foot.addStretch(1)
        foot.addWidget(self.next)
        column.addLayout(foot)
        return whole

    # -- what it shows

    def turn(self) -> None:
        """Another page is looked at, or none."""
        guide = self._guide
        self.stack.setCurrentIndex(0 if guide.tour is None else 1)
        page = guide.page
        if guide.tour is None:
            self.list.follow()
        if page is None:
            self.step = None
            self.area.takeWidget()
        elif self.step is None or self.step.page is not page:
            self.step = StepPage(page)
            self.step.wanted.connect(self._show_one)
            self.area.setWidget(self.step)
            self.area.verticalScrollBar().setValue(0)
        self.follow()

    def follow(self) -> None:
        """The page that is shown stands otherwise."""
        guide, tour = self._guide, self._guide.tour
        if tour is None:
            return
        lesson, page = tour.lesson, guide.page
        number = f"Lesson {lesson.number} · " if lesson.number else ""
        of = len(lesson.steps)
        self.where.setText(
            f"{number}going back to where you were…"
            if guide.arriving
            else f"{number}step {guide.shown + 1} of {of}"
        )
        self.where.setToolTip(lesson.title)
        done = len(guide.pages) - (0 if guide.pages and guide.pages[-1].done else 1)
        self.bar.show_steps(of, done, guide.shown)
        # A button that is disabled would hand the keys on to whatever is next to it.
        held = self.isAncestorOf(self.window().focusWidget() or self.window())
        was_done = self.step is not None and self.step.after is not None
        if self.step is not None:
            self.step.follow()
        if self.step is not None and self.step.after is not None and not was_done:
            QTimer.singleShot(60, self, self._reveal_after)
        self.runs.show_runs(guide.stage.own.runs)
        asked_for = page is not None and any(point.name == "runs" for point in page.step.points)
        self.runs.setVisible(asked_for and bool(self.runs.runs))
        working = guide.performer.running or guide.stage.training.running or guide.arriving
        self.working.setVisible(working)
        self.back.setEnabled(guide.shown > 0 and not guide.arriving)
        asks = page is not None and bool(page.step.acts)
        self.show_me.setVisible(asks or guide.performer.running)
        stoppable = guide.performer.running or guide.stage.training.running
        self.show_me.setText("Stop" if stoppable and not guide.arriving else "Show Me")
        self.show_me.setEnabled(stoppable or (guide.live and page is not None and not page.done))
        ended = guide.ended
        self.next.setText("Finish" if guide.live and tour.last else "Next")
        self.next.setEnabled(
            guide.can_go_on and (not (guide.live and tour.last) or ended or page is not None)
        )
        if held and self.next.isEnabled() and not self.show_me.isEnabled():
            self.next.setFocus()
        self._make_primary(self.next.isEnabled())
        why = "" if self.next.isEnabled() else ": do what the step asks for, or press Show Me"
        self.next.setToolTip(f"Go on (Alt+Right){why}")

    def _make_primary(self, primary: bool) -> None:
        kind = "primary" if primary else ""
        if self.next.property("kind") != kind:
            self.next.setProperty("kind", kind)
            self.next.style().unpolish(self.next)
            self.next.style().polish(self.next)

    def _reveal_after(self) -> None:
        if self.step is not None and self.step.after is not None:
            self.area.ensureWidgetVisible(self.step.after, 0, 16)

    def _show_me(self) -> None:
        if self._guide.performer.running or self._guide.stage.training.running:
            self._guide.cancel()
        else:
            self._guide.show_me()

    def _show_one(self, act: Act) -> None:
        self._guide.show_me(act)

    def _next(self) -> None:
        guide = self._guide
        if guide.tour is not None and guide.live and guide.tour.last and guide.can_go_on:
            guide.leave()
        else:
            guide.next()

    def first(self) -> QWidget:
        """What takes the keyboard first."""
        if self.stack.currentIndex() == 0:
            return self.list.rows[0] if self.list.rows else self.file
        return next((each for each in (self.next, self.show_me, self.back) if each.isEnabled()), self.leave)

    def focus_first(self) -> None:
        self.first().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    def _dress(self) -> None:
        for button, icon in ((self.close_list, "close"), (self.leave, "close"), (self.restart, "reset")):
            button.setIcon(theme.icon(icon))


def _column() -> tuple[QWidget, QVBoxLayout]:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return whole, column


def _row(left: int, top: int, right: int, bottom: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(left, top, right, bottom)
    row.setSpacing(8)
    return row


def _scroll() -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _tool(words: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("kind", "quiet")
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
