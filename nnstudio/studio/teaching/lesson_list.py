"""The lessons to choose from, each with how far one has come in it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from nnstudio.errors import LessonError
from nnstudio.lessons import Lesson, lesson_files, read
from nnstudio.studio import theme
from nnstudio.studio.preferences import Preferences

ROW = 80


class LessonRow(QAbstractButton):
    """A lesson: its number or a tick, its title, what it is about, and a thin bar of how far one is."""

    def __init__(self, lesson: Lesson, kept: dict[str, int]) -> None:
        super().__init__()
        self.lesson = lesson
        self.done = bool(kept["done"])
        self.step = 0 if self.done else min(kept["step"], len(lesson.steps) - 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{lesson.number}. {lesson.title}" if lesson.number else lesson.title)
        self.setAccessibleDescription(f"{lesson.about} {self.standing}")
        self.setToolTip(lesson.about)

    @property
    def standing(self) -> str:
        """ "8 minutes", "step 3 of 9", "done" """
        if self.done:
            return "done"
        if self.step:
            return f"step {self.step + 1} of {len(self.lesson.steps)}"
        return f"{self.lesson.minutes} minutes" if self.lesson.minutes else f"{len(self.lesson.steps)} steps"

    def sizeHint(self) -> QSize:
        return QSize(280, ROW)

    def _about(self, metrics: QFontMetrics, wide: int) -> str:
        """As many words of what it is about as two lines hold."""
        words = self.lesson.about.split()
        flags = int(Qt.TextFlag.TextWordWrap)
        for shown in range(len(words), 0, -1):
            text = " ".join(words[:shown]) + ("" if shown == len(words) else " …")
            if (
                metrics.boundingRect(QRect(0, 0, wide, 999), flags, text).height()
                <= 2 * metrics.lineSpacing()
            ):
                return text
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(4.5, 0.5, -4.5, -0.5)
        if self.underMouse() or self.isDown() or self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(
                QColor(c.selected if self.isDown() else c.hover)
                if self.underMouse()
                else Qt.BrushStyle.NoBrush
            )
            painter.drawRoundedRect(box, 6, 6)
        badge = QRectF(14, 12, 24, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.update.fill if self.done else c.raised))
        painter.drawEllipse(badge)
        if self.done:
            theme.paint_icon(painter, "check", c.update.on_fill, badge.adjusted(5, 5, -5, -5))
        else:
            painter.setFont(theme.bold(12))
            painter.setPen(QColor(c.text))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(self.lesson.number or "·"))
        wide, middle = self.width() - 50 - 16, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.bold(13))
        painter.setPen(QColor(c.text))
        title = painter.fontMetrics().elidedText(self.lesson.title, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRect(50, 8, wide, 18), middle, title)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(c.dim))
        wrapped = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        painter.drawText(QRect(50, 27, wide, 32), wrapped, self._about(painter.fontMetrics(), wide))
        painter.setFont(theme.font(11))
        painter.drawText(QRect(50, 59, 110, 15), middle, self.standing)
        if self.step and not self.done:
            bar = QRectF(146, 65, self.width() - 146 - 16, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(bar, 1.5, 1.5)
            bar.setWidth(bar.width() * self.step / len(self.lesson.steps))
            painter.setBrush(QColor(c.update.mark))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.end()


class LessonList(QWidget):
    """All lessons that ship, and those that were opened from files; arrows go up and down."""

    chosen = Signal(object)  # a Lesson

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setAccessibleName("List of lessons")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.rows: list[LessonRow] = []

    def follow(self) -> None:
        """Read the lessons and how far they have come."""
        held = next((n for n, row in enumerate(self.rows) if row.hasFocus()), None)
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for lesson in shipped():
            row = LessonRow(lesson, self._preferences.lesson_progress(lesson.digest))
            row.clicked.connect(lambda _checked=False, lesson=lesson: self.chosen.emit(lesson))
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)
        if held is not None and held < len(self.rows):
            self.rows[held].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        here = next((n for n, row in enumerate(self.rows) if row.hasFocus()), None)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here is not None:
            self.rows[here].click()
        elif by is not None and here is not None:
            self.rows[min(max(here + by, 0), len(self.rows) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


_read: dict[Path, tuple[float, Lesson]] = {}


def shipped() -> list[Lesson]:
    """The lessons that ship, in their order; read once, and again when a file has changed."""
    found: list[Lesson] = []
    for path in lesson_files().values():
        try:
            written = path.stat().st_mtime
            if path not in _read or _read[path][0] != written:
                _read[path] = (written, read(path))
        except (OSError, LessonError):
            continue  # opening it as a file says what is wrong
        found.append(_read[path][1])
    return sorted(found, key=lambda lesson: lesson.number or 1_000)
