"""Parallel coordinates: an axis for each setting that was varied, a line for each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QWidget

from nnstudio.project.sweep import best_of, loss_of
from nnstudio.studio import theme
from nnstudio.studio.comparing.scale import Scale, scales_of
from nnstudio.studio.comparing.words import worded
from nnstudio.studio.dressed import Dressed

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

_SIDE, _TOP, _BOTTOM = 72, 40, 36
_NEAR = 8.0
"""Pixels: so near to the mouse a line or an axis is meant."""
_LINE = 15.0
"""Pixels from one mark of an axis to the next."""
_HALVES = ((0.5, 1.0), (0.0, 0.5), None)


class ParallelPlot(Dressed, QFrame):
    """Dragging along an axis keeps only the lines that pass there; a click on it keeps all again.

    The arrow keys go from run to run, the best first, and from axis to axis; Return keeps the upper half of
    an axis, then the lower one, then all; Escape keeps all.
    """

    filtered = Signal()  # other runs pass the brushes
    hovered_changed = Signal(str)  # the id of the run that is pointed at, or ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "plot")
        self.setAccessibleName("Parallel coordinates of the runs")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 160)
        self.runs: list[RunRecord] = []
        self.scales: list[Scale] = []
        self.brushes: dict[int, tuple[float, float]] = {}
        self.best = ""
        self.hovered = ""
        self.axis = -1
        self._dragged: tuple[int, float] | None = None
        self._dress()

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Draw these; brushes on axes that are still there stay."""
        titles = [scale.title for scale in self.scales]
        self.runs, self.scales = list(runs), scales_of(runs) if runs else []
        if [scale.title for scale in self.scales] != titles:
            self.brushes.clear()
            self.axis = -1
        best = best_of(self.runs)
        self.best = "" if best is None else best.id
        if self.hovered not in {run.id for run in self.runs}:
            self.point_at("")
        self._tell()
        self.filtered.emit()

    @property
    def passing(self) -> list[RunRecord]:
        """Those that every brush lets pass."""
        return [run for row, run in enumerate(self.runs) if self._passes(row)]

    def point_at(self, id: str) -> None:
        """Draw this run above the others, with its name."""
        if id != self.hovered:
            self.hovered = id
            self._tell()
            self.hovered_changed.emit(id)

    def clear(self) -> None:
        """Let all pass."""
        if self.brushes:
            self.brushes.clear()
            self._refilter()

    def brush(self, axis: int, low: float, high: float) -> None:
        """Let only those pass that stand between two places of an axis."""
        self.brushes[axis] = (low, high)
        self._refilter()

    # -- where things are

    def x_of(self, axis: int) -> float:
        """In pixels."""
        width = self.width() - 2 * _SIDE
        return _SIDE + (width * axis / (len(self.scales) - 1) if len(self.scales) > 1 else width / 2)

    def y_of(self, place: float) -> float:
        """In pixels, of a place from 0 to 1."""
        height = self.height() - _TOP - _BOTTOM
        return self.height() - _BOTTOM - place * height

    def _place_at(self, y: float) -> float:
        height = max(1, self.height() - _TOP - _BOTTOM)
        return min(1.0, max(0.0, (self.height() - _BOTTOM - y) / height))

    def line_of(self, row: int) -> list[QPointF]:
        """The corners of a run's line; axes that it has no value on are left out."""
        return [
            QPointF(self.x_of(axis), self.y_of(scale.places[row]))
            for axis, scale in enumerate(self.scales)
            if not math.isnan(scale.places[row])
        ]

    def _passes(self, row: int) -> bool:
        slack = 1e-9
        return all(
            low - slack <= self.scales[axis].places[row] <= high + slack
            for axis, (low, high) in self.brushes.items()
        )

    def _axis_near(self, x: float) -> int:
        near = [(abs(self.x_of(axis) - x), axis) for axis in range(len(self.scales))]
        distance, axis = min(near, default=(math.inf, -1))
        return axis if distance <= 2 * _NEAR else -1

    def _run_near(self, spot: QPointF) -> str:
        found = [
            (_distance(self.line_of(row), spot), run.id)
            for row, run in enumerate(self.runs)
            if self._passes(row)
        ]
        distance, id = min(found, default=(math.inf, ""))
        return id if distance <= _NEAR else ""

    # -- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        axis = self._axis_near(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and axis >= 0:
            self._dragged = (axis, self._place_at(event.position().y()))
            self.axis = axis

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is None:
            self.point_at(self._run_near(event.position()))
            near = self._axis_near(event.position().x()) >= 0
            self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)
            return
        axis, start = self._dragged
        here = self._place_at(event.position().y())
        if abs(self.y_of(start) - self.y_of(here)) >= 3:
            self.brush(axis, min(start, here), max(start, here))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged is None:
            return
        (axis, start), self._dragged = self._dragged, None
        if abs(self.y_of(start) - event.position().y()) < 3 and self.brushes.pop(axis, None):
            self._refilter()

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at("")
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = event.key(), Qt.Key
        if key in (keys.Key_Up, keys.Key_Down):
            self._go(1 if key == keys.Key_Down else -1)
        elif key in (keys.Key_Left, keys.Key_Right) and self.scales:
            self.axis = (self.axis + (1 if key == keys.Key_Right else -1)) % len(self.scales)
            self._tell()
        elif key in (keys.Key_Return, keys.Key_Enter) and self.axis >= 0:
            self._halve(self.axis)
        elif key == keys.Key_Escape and self.brushes:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        """To the next worse or better run."""
        ranked = [run.id for run in sorted(self.passing, key=loss_of)]
        if ranked:
            at = ranked.index(self.hovered) + by if self.hovered in ranked else 0
            self.point_at(ranked[min(max(at, 0), len(ranked) - 1)])

    def _halve(self, axis: int) -> None:
        now = self.brushes.get(axis)
        following = _HALVES[(_HALVES.index(now) + 1) % 3 if now in _HALVES else 0]
        if following is None:
            del self.brushes[axis]
            self._refilter()
        else:
            self.brush(axis, *following)

    def _refilter(self) -> None:
        self._tell()
        self.filtered.emit()

    # -- in words

    @property
    def words(self) -> str:
        """The run that is pointed at, or how many pass."""
        run = next((run for run in self.runs if run.id == self.hovered), None)
        if run is not None:
            loss = loss_of(run)
            return (
                f"{run.name}: loss {worded('loss', loss)}" if math.isfinite(loss) else f"{run.name}: no loss"
            )
        if self.brushes:
            return f"{len(self.passing)} of {len(self.runs)} runs pass"
        return ""

    def _tell(self) -> None:
        axis = f"; axis {self.scales[self.axis].title}" if 0 <= self.axis < len(self.scales) else ""
        self.setAccessibleDescription(f"{self.words or f'{len(self.runs)} runs'}{axis}")
        self.update()

    # -- painting

    def _dress(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.runs:
            painter.setPen(QColor(c.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The runs appear here as they end.")
            return
        faint, plain = QColor(c.faint), QColor(c.forward.mark)
        faint.setAlphaF(0.25)
        plain.setAlphaF(0.55)
        passing = [self._passes(row) for row in range(len(self.runs))]
        for row, run in enumerate(self.runs):
            if run.id not in (self.best, self.hovered):
                painter.setPen(QPen(plain if passing[row] else faint, 1.3 if passing[row] else 1.0))
                painter.drawPolyline(self.line_of(row))
        for row, run in enumerate(self.runs):
            if run.id == self.best:
                painter.setPen(QPen(QColor(c.update.mark) if passing[row] else faint, 3))
                painter.drawPolyline(self.line_of(row))
        for row, run in enumerate(self.runs):
            if run.id == self.hovered:
                painter.setPen(QPen(QColor(c.text), 2))
                painter.drawPolyline(self.line_of(row))
        for axis in range(len(self.scales)):
            self._paint_axis(painter, axis)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(c.text))
        words = self.words or ("green: the best" if self.best else "")
        painter.drawText(QRectF(12, 4, self.width() - 24, 18), Qt.AlignmentFlag.AlignLeft, words)

    def _paint_axis(self, painter: QPainter, axis: int) -> None:
        c, scale, x = theme.colours(), self.scales[axis], self.x_of(axis)
        painter.setPen(QPen(QColor(c.focus if axis == self.axis and self.hasFocus() else c.faint), 1.2))
        painter.drawLine(QPointF(x, self.y_of(0)), QPointF(x, self.y_of(1)))
        if axis in self.brushes:
            low, high = self.brushes[axis]
            tint = QColor(c.update.mark)
            tint.setAlphaF(0.3)
            painter.fillRect(QRectF(x - 5, self.y_of(high), 10, self.y_of(low) - self.y_of(high)), tint)
        painter.setFont(theme.bold(11))
        painter.setPen(QColor(c.dim))
        apart = self.width() - 2 * _SIDE
        room = min(2 * _SIDE, apart / (len(self.scales) - 1) if len(self.scales) > 1 else apart)
        title = painter.fontMetrics().elidedText(scale.title, Qt.TextElideMode.ElideMiddle, int(room) - 8)
        box = QRectF(x - room / 2, self.height() - 22, room, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)
        painter.setFont(theme.font(11))
        for place, words in self.marks_of(scale):
            self._paint_mark(painter, axis, place, words)

    def marks_of(self, scale: Scale) -> list[tuple[float, str]]:
        """Those that can be read: both ends, and between them none that would lie on another."""
        height = self.y_of(0) - self.y_of(1)
        shown: list[tuple[float, str]] = []
        for place, words in (*scale.marks[:1], *scale.marks[-1:], *scale.marks[1:-1]):
            if all(abs(place - other) * height >= _LINE for other, _ in shown):
                shown.append((place, words))
        return shown

    def _paint_mark(self, painter: QPainter, axis: int, place: float, words: str) -> None:
        """Beside its axis, at the outer side of the first one; lines that run there are held back."""
        c, x, y = theme.colours(), self.x_of(axis), self.y_of(place)
        width = painter.fontMetrics().horizontalAdvance(words) + 6
        left = axis == 0 and len(self.scales) > 1
        box = QRectF(x - 7 - width if left else x + 7, y - 8, width, 16)
        ground = QColor(c.inset)
        ground.setAlphaF(0.85)
        painter.fillRect(box, ground)
        painter.setPen(QColor(c.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(QPen(QColor(c.faint), 1.2))
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))


def _distance(line: list[QPointF], spot: QPointF) -> float:
    """From a point to a line of several pieces."""
    best = math.inf
    for first, second in pairwise(line):
        along = second - first
        length = along.x() ** 2 + along.y() ** 2
        share = QPointF.dotProduct(spot - first, along) / length if length else 0.0
        nearest = first + along * min(1.0, max(0.0, share))
        best = min(best, math.hypot(spot.x() - nearest.x(), spot.y() - nearest.y()))
    return best
