"""A plot of one measure over the epochs: training, validation and single batches, and runs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QRegion, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import number
from nnstudio.studio.plot_pen import plot_pen
from nnstudio.studio.training.axis import ValueAxis
from nnstudio.studio.training.crosshair import STEPS, Crosshair
from nnstudio.studio.training.legend import Detail, LegendEntry
from nnstudio.studio.training.legend_place import (
    BOTTOM_LEFT,
    BOTTOM_RIGHT,
    HEAD,
    TOP_LEFT,
    TOP_RIGHT,
    Place,
    in_head,
    placed,
    traced,
)
from nnstudio.studio.training.line import MOST_POINTS, Line
from nnstudio.studio.training.marks import Mark, Marks

Numbers = NDArray[np.float64]
Overlay = tuple[str, Numbers]
"""The name of another run, and its curve: rows of x and y."""

_LOW = 84
"""Pixels: in a lower plot there is no room for words."""
_NEAR = 6
"""Pixels: so near to the crosshair a mark is told."""
_FALLING = (TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT, TOP_LEFT)
_RISING = (BOTTOM_RIGHT, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT)
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_TINTS = ("purple", "yellow", "green", "grey", "blue", "orange")


@dataclass(frozen=True)
class Look:
    """How curves are drawn: `smoothing` from 0 to 0.99, on a logarithmic axis, over epochs or batches."""

    smoothing: float = 0.0
    log: bool = False
    across: str = "epoch"


class CurvePlot(Dressed, QFrame):
    """Training in the forward blue, validation in vermillion; `batches` is what single batches gave.

    The legend stands in the corner where it covers least of them; where that is equal, where a loss falls
    or an accuracy rises out of its way; and where no corner is free, above them. The arrow keys move the
    crosshair as the mouse does.
    """

    pointed = Signal(object)  # the place on the axis that is looked at, or None

    def __init__(
        self,
        title: str,
        percent: bool = False,
        rises: bool = False,
        doc: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rises, self._percent = rises, percent
        self.legend: Place | None = None
        self._look = Look()
        self._most = 0.0
        self._drawn: tuple[object, ...] | None = None
        self.setProperty("kind", "plot")
        self.setAccessibleName(f"Curves of {title}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # In no layout: the title and the legend say other words at every look at a run, and the whole window
        # would be measured and painted again.
        self.title = QLabel(title, self)
        self.title.setProperty("kind", "strong")
        self.title.setToolTip(doc)
        self.setAccessibleDescription(doc)
        self.title.setContentsMargins(12, 6, 12, 0)
        self._name, self._told = title, list[str]()
        self._axis = ValueAxis()
        self.plot = pg.PlotWidget(self, axisItems={"left": self._axis}, enableMenu=False)
        self._item: Any = self.plot.getPlotItem()
        self._prepare(title)
        self.batches = Line(self.plot, "batches", self)
        self.training = Line(self.plot, "training", self)
        self.validation = Line(self.plot, "validation", self)
        self.overlays: list[Line] = []
        self.marks = Marks(self.plot, named=not rises)
        self.crosshair = Crosshair(self.plot)
        self.nothing = QLabel(self.plot)
        self.nothing.setProperty("kind", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(120, 56)
        for line in self.lines:
            line.entry.toggled.connect(self._redraw)
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self._dress()
        self.show_curves([], [], [], None)

    def _prepare(self, title: str) -> None:
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAccessibleName(title)
        self.plot.setAntialiasing(True)
        self.plot.setStyleSheet("background: transparent;")
        self._item.getAxis("bottom").setStyle(tickAlpha=0)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        self._item.getAxis("left").setWidth(44)
        self._item.getAxis("bottom").setHeight(20)
        self._item.setContentsMargins(0, 4, 12, 0)
        self._item.getViewBox().setDefaultPadding(0.04)

    # -- what is drawn

    @property
    def lines(self) -> list[Line]:
        """All curves, as the legend names them."""
        return [self.training, self.validation, self.batches, *self.overlays]

    @property
    def training_curve(self) -> Any:
        return self.training.curve

    @property
    def validation_curve(self) -> Any:
        return self.validation.curve

    @property
    def log(self) -> bool:
        """Whether its axis is logarithmic now: shares of samples never are."""
        return self._look.log and not self._percent

    def show_curves(
        self,
        x: Sequence[float],
        training: Sequence[float],
        validation: Sequence[float],
        batches: Numbers | None,
        most: float = 0.0,
        marks: Sequence[Mark] = (),
    ) -> None:
        """Draw; a list that is empty draws nothing. `most` is how far the axis is to go."""
        drawn = (list(x), list(training), list(validation), most, list(marks)) if batches is None else None
        if drawn is not None and drawn == self._drawn:
            return  # between two epochs there is nothing new
        self._drawn = drawn
        across = np.asarray(x, dtype=np.float64)
        scale = 100.0 if self._percent else 1.0
        for line, values in ((self.training, training), (self.validation, validation)):
            line.put(across, np.asarray(values, dtype=np.float64) * scale)
        rows = np.zeros((0, 2)) if batches is None else batches[np.isfinite(batches).all(axis=1)]
        self.batches.put(rows[:, 0], rows[:, 1])
        self._most = most
        self.marks.show(marks)
        self._redraw()

    def show_overlays(self, overlays: Sequence[Overlay]) -> None:
        """The curves of other runs, each behind a name. Of those that were there before, the others go: a
        curve that is taken into a plot costs milliseconds.
        """
        scale = 100.0 if self._percent else 1.0
        former, self.overlays = self.overlays, []
        for name, points in overlays:
            rows = np.asarray(points, dtype=np.float64).reshape(-1, 2)
            x, y = rows[:, 0], rows[:, 1] * scale
            same = (line for line in former if line.is_of(x, y))
            line = next((line for line in former if line.name == name), None) or next(same, None)
            if line is None:
                line = self._overlay(name)
            else:
                former.remove(line)
                line.entry.name = name
            if not line.is_of(x, y):
                line.put(x, y)
            self.overlays.append(line)
        for line in former:
            line.remove()
        self._dress_lines()
        self._redraw()

    def _overlay(self, name: str) -> Line:
        line = Line(self.plot, name, self)
        line.curve.setZValue(-1)
        line.entry.toggled.connect(self._redraw)
        return line

    def set_look(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self._axis.logarithmic = self.log
            self._axis.picture = None  # its numbers are others now
            self._redraw()

    def _redraw(self) -> None:
        log, most = self.log, max(200, min(MOST_POINTS, 2 * self.plot.width()))
        for line in self.lines:
            line.draw(self._look.smoothing, log, most)
            line.entry.setVisible(bool(len(line.x)))
        ends = [float(line.x[-1]) for line in self.lines if line.shown]
        box = self._item.getViewBox()
        box.setXRange(0, max(self._most, *ends, 1.0), padding=0)
        box.updateAutoRange()  # now and not while it is painted, which would have it painted twice
        empty = not any(len(line.x) for line in self.lines)
        for side in ("left", "bottom"):
            self._item.getAxis(side).setVisible(not empty)
        self.nothing.setVisible(empty)
        self.point_at(self.crosshair.at)

    def _worded(self, value: float) -> str:
        return f"{value:.1f} %" if self._percent else number(float(value))

    def paint(self, painter: QPainter) -> None:
        """What it shows, with every line as a line, for a picture that leaves the studio."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().inset))
        painter.drawRoundedRect(self.rect(), 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)  # a line is drawn as a path, which that would fill
        self._dress_lines(painter.device().devicePixelRatioF())
        self.plot.render(painter, QRectF(self.plot.geometry()), self.plot.viewport().rect())
        self._dress_lines()
        words = [self.title, *(line.entry for line in self.lines)]
        for widget in words:
            if not widget.isHidden():
                painter.save()
                painter.translate(widget.pos())
                widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
                painter.restore()

    # -- the crosshair

    def point_at(self, x: float | None) -> None:
        """Put the crosshair to the measured point that is nearest; the title says where it is and the legend
        what the curves are there. Without a place the legend tells the last values.
        """
        places = [line.nearest(x) for line in self.lines] if x is not None else []
        known = [(abs(place[0] - x), place[0]) for place in places if place and x is not None]
        at = min(known)[1] if known else None
        self.crosshair.put(at)
        for line in self.lines:
            here = None if at is None else line.nearest(at)
            value = here[1] if here is not None else line.last() if at is None else None
            line.entry.say("" if value is None else self._worded(value))
        told = [] if at is None else [f"{self._look.across} {at:,.6g}"]
        if at is not None:
            reach = _NEAR * self._item.getViewBox().viewPixelSize()[0]
            told += [mark.words for mark in self.marks.near(at, reach)]
        self._told = told
        self.title.setText(" · ".join([self._name, *told]))
        values = [line.entry.text() for line in self.lines if line.shown] if told else []
        self.setAccessibleDescription(", ".join([*told, *values]))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._point_by_mouse(event.position().toPoint())
        elif event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().eventFilter(watched, event)

    def _point_by_mouse(self, spot: QPoint) -> None:
        self._point(float(self._item.getViewBox().mapSceneToView(QPointF(spot)).x()))

    def _point(self, x: float | None) -> None:
        self.point_at(x)
        self.pointed.emit(self.crosshair.at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = next((each for each in self.lines if each.shown), None)
        key = event.key()
        here = self.crosshair.at
        if key == Qt.Key.Key_Escape and here is not None:
            self._point(None)
            return
        if line is None or key not in STEPS:
            super().keyPressEvent(event)
            return
        last = len(line.x) - 1
        index = last if here is None else int(np.searchsorted(line.x, here))
        index = STEPS[key](index, last) if here is not None or key == Qt.Key.Key_Home else last
        self._point(float(line.x[min(max(index, 0), last)]))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._point(None)
        super().focusOutEvent(event)

    # -- colours and places

    def _dress(self) -> None:
        c = theme.colours()
        self.plot.setBackground(None)
        item = self._item
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(c.dim)
            axis.setTickFont(theme.font(11))
        item.showGrid(x=False, y=True, alpha=0.25 if c.name == "dark" else 0.18)
        item.getAxis("left").setTickPen(pg.mkPen(c.dim, style=Qt.PenStyle.DotLine))
        self._dress_lines()
        self.marks.dress()
        self.crosshair.dress()

    def _dress_lines(self, ratio: float | None = None) -> None:
        """For the screen, or for a picture with so many pixels for one of the screen's."""
        c = theme.colours()
        faint = QColor(c.forward.mark)
        faint.setAlphaF(0.4)
        ratio = self.devicePixelRatioF() if ratio is None else ratio
        self.batches.dress(plot_pen(faint, 1, ratio), c.dim)
        for line, accent in ((self.training, c.forward), (self.validation, c.backward)):
            line.dress(plot_pen(accent.mark, 2, ratio), accent.text)
        for line in self.overlays:
            slot = self._slot_of(line)
            tint = c.frame(_TINTS[slot % len(_TINTS)])
            dash = _DASHES[(1 + slot) % len(_DASHES)]
            line.dress(plot_pen(tint.border, 1.5, ratio, dash), tint.text)

    def _slot_of(self, line: Line) -> int:
        """Which colour and dash it has: those of a run stay, whichever others come and go."""
        taken = {each.slot for each in self.overlays}
        if line.slot < 0:
            line.slot = next(slot for slot in range(len(self.overlays) + 1) if slot not in taken)
        return line.slot

    def sizeHint(self) -> QSize:
        return QSize(256, 220)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room, tall = self.contentsRect(), self.title.sizeHint().height()
        self.title.setGeometry(room.x(), room.y(), room.width(), tall)
        self.plot.setGeometry(room.adjusted(0, tall, 0, -4))
        self._place()

    def _place(self) -> None:
        """The legend into its corner, one below the other."""
        self.nothing.setGeometry(self.plot.rect())
        shown = [line.entry for line in self.lines if not line.entry.isHidden()]
        if not shown:
            return
        left = 24 + self.title.fontMetrics().horizontalAdvance(self._name)
        head = QRectF(left, self.title.y() + 6, self.width() - 10 - left, shown[0].height())
        low = in_head(shown, head, Detail.LINE) if self.plot.height() < _LOW else None
        self.legend = low or self._placed(shown, head)
        self._move_legend(self.legend)

    def _placed(self, shown: Sequence[LegendEntry], head: QRectF) -> Place:
        view = self._item.getViewBox()
        box: QRectF = view.sceneBoundingRect().translated(QPointF(self.plot.pos()))
        room = QRectF(box.left() + 6, self.plot.y() + 4, self.width() - 16 - box.left(), box.height() - 6)
        curves = [line.curve.getData() for line in self.lines if line.shown]
        traces = [traced(x, y, view.viewRange(), box) for x, y in curves if x is not None]
        places = np.concatenate([np.zeros((0, 2)), *traces])
        return placed(shown, room, head, places, _RISING if self._rises else _FALLING, self.legend)

    def _move_legend(self, legend: Place) -> None:
        """Its entries to their places, flush with the edge they stand at."""
        flush_right = legend.corner in (TOP_RIGHT, BOTTOM_RIGHT)
        left = legend.box.left()
        for column in legend.columns:
            width = max(entry.width() for entry in column)
            for row, entry in enumerate(column):
                aside = width - entry.width() if flush_right else 0
                entry.move(round(left + aside), round(legend.box.top() + row * entry.height()))
            left += width
        end = legend.box.left() if legend.corner == HEAD else self.contentsRect().right() + 1
        self.title.resize(round(end) - self.title.x(), self.title.height())
        if self._told and self.title.sizeHint().width() > self.title.width():
            self.title.setText(" · ".join(self._told))  # who points at curves knows of what they are
