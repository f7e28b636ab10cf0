"""The scrubber: every moment of the timeline in its phase's colour, to be dragged to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QSlider,
    QToolButton,
    QToolTip,
    QWidget,
)

from nnstudio.program.statement import PHASES
from nnstudio.studio import theme
from nnstudio.studio.formats import count
from nnstudio.studio.steady import Steady
from nnstudio.studio.stepping.stepper import Stepper

_HEIGHT = 24
_RADIUS = 6.0  # of the handle
_WORDS_WIDE = 176  # pixels: "12,345 of 12,345 moments"


def moment_words(stepper: Stepper, moment: int) -> str:
    """ "backward, fc1: grad_x = grad_fc1 @ fc1_weight", "typed fc1.weight" or "the beginning"."""
    what = stepper.happened(moment)
    if what is None:
        return "the beginning"
    if isinstance(what, str):
        return what
    phase = what.phase.replace("_", " ")
    return f"{phase}, {what.node}: {what.text}" if what.node else f"{phase}: {what.text}"


class Scrubber(QSlider):
    """A slider over the moments. A drag goes to the newest place only, as soon as the window is free."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._stepper = stepper
        self._wanted: int | None = None
        self._painted: tuple[object, list[tuple[float, float, str]]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._go)
        self.setAccessibleName("Moment of the program")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSingleStep(1)
        self.valueChanged.connect(self._want)
        for signal in (stepper.moved, stepper.recompiled, stepper.busy_changed):
            signal.connect(self.follow)
        self.follow()

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT - 1)

    minimumSizeHint = sizeHint

    # -- following the program

    def follow(self) -> None:
        """Show where the program stands."""
        stepper = self._stepper
        if stepper.moment == stepper.moments - 1:
            self._painted = None  # something new may have happened
        if self._wanted is None:
            blocked = self.blockSignals(True)
            self.setRange(0, max(0, stepper.moments - 1))
            self.setPageStep(max(1, len(stepper.statements())))
            self.setValue(stepper.moment)
            self.blockSignals(blocked)
        self.setEnabled(stepper.moments > 1)
        self.setAccessibleDescription(
            f"{self.value():,} of {self.maximum():,}: {moment_words(stepper, self.value())}"
        )
        self.update()

    def _want(self, moment: int) -> None:
        self._wanted = moment
        self._soon.start(0)

    def _go(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._stepper.go_to(wanted)

    # -- where things are

    def place_of(self, moment: int) -> float:
        """The x of a moment."""
        room = max(1.0, self.width() - 2 * _RADIUS - 4)
        return _RADIUS + 2 + room * moment / max(1, self.maximum())

    def moment_at(self, x: float) -> int:
        """The moment nearest to an x."""
        room = max(1.0, self.width() - 2 * _RADIUS - 4)
        share = min(max((x - _RADIUS - 2) / room, 0.0), 1.0)
        return round(share * self.maximum())

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.setSliderDown(True)
            self.setSliderPosition(self.moment_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self.moment_at(event.position().x()))
            self._tell(event.globalPosition())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._tell(QPointF(event.globalPos()))
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """What happened at the place under the pointer."""
        if self._stepper.moments < 2:
            return "Every step will be here, to go back to"
        moment = self.moment_at(x)
        return f"Moment {moment:,} of {self.maximum():,} · {moment_words(self._stepper, moment)}"

    def _tell(self, where: QPointF) -> None:
        place = where.toPoint()
        QToolTip.showText(place, self.tip_at(self.mapFromGlobal(place).x()), self)

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, left = self.height() / 2, self.place_of(0)
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(left - 2, middle - 2, self.width() - 2 * left + 4, 4), 2, 2)
        if self.maximum() == 0:
            return
        here = self.place_of(self.value())
        for start, end, tint in self._stretches():
            painter.setBrush(QColor(tint))
            for a, b, opacity in ((start, min(end, here), 1.0), (max(start, here), end, 0.35)):
                if b > a:
                    painter.setOpacity(opacity)
                    painter.drawRect(QRectF(a, middle - 2, b - a, 4))
        painter.setOpacity(1)
        painter.setBrush(QColor(c.focus if self.hasFocus() else c.text))
        painter.drawEllipse(QPointF(here, middle), _RADIUS, _RADIUS)

    def _stretches(self) -> list[tuple[float, float, str]]:
        """From where to where which colour, two pixels or more each; kept while only the handle moves."""
        c, last, program = theme.colours(), self.maximum(), self._stepper.program
        if program is None or self._stepper.busy:
            return []
        key = (c.name, last, self.width())
        if self._painted is None or self._painted[0] != key:
            left, right = self.place_of(0), self.place_of(last)
            pieces = min(last, max(1, round((right - left) / 2)))
            wide = (right - left) / pieces
            tints = {phase: c.phase(phase).mark for phase in PHASES}
            found: list[tuple[float, float, str]] = []
            tint, start = "", 0
            for piece in range(pieces):
                what = program.happened(1 + piece * last // pieces)
                here = c.text if what is None or isinstance(what, str) else tints[what.phase]
                if here != tint:
                    if tint:
                        found.append((left + start * wide, left + piece * wide, tint))
                    tint, start = here, piece
            found.append((left + start * wide, right, tint))
            self._painted = (key, found)
        return self._painted[1]


class Timeline(QWidget):
    """The scrubber with its words; while an epoch is trained, how far that is, and a way to give it up."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Timeline")
        self.setFixedHeight(_HEIGHT)
        self.scrubber = Scrubber(stepper)
        self.words = QLabel()
        self.words.setProperty("kind", "dim")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the epoch")
        self.progress.setTextVisible(False)
        self.cancel = QToolButton()
        self.cancel.setText("Cancel")
        self.cancel.setProperty("kind", "quiet")
        self.cancel.setStyleSheet("min-height: 18px;")
        self.cancel.setToolTip("Give the epoch up: everything is then as it was before")
        self.cancel.clicked.connect(stepper.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.scrubber, 1)
        row.addWidget(self.progress, 1)
        row.addWidget(Steady(self.words, _WORDS_WIDE))
        row.addWidget(self.cancel)
        for signal in (stepper.moved, stepper.recompiled, stepper.busy_changed):
            signal.connect(self.follow)
        stepper.progressed.connect(self._tell)
        self.follow()

    def follow(self) -> None:
        busy = self._stepper.busy
        self.scrubber.setVisible(not busy)
        self.progress.setVisible(busy)
        self.cancel.setVisible(busy)
        if busy:
            self.progress.setRange(0, 0)
            self.words.setText("Training…")
            return
        last = self._stepper.moments - 1
        self.words.setText(f"{self._stepper.moment:,} of {count(last, 'moment')}" if last else "")

    def _tell(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.words.setText(f"batch {done:,} of {total:,}")
