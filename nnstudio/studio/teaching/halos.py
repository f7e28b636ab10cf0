"""Halos around what a lesson speaks of: they come softly, stay still, and let the mouse through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPointF, QRectF, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QWidget

from nnstudio.studio import theme
from nnstudio.studio.teaching.pointing import Spot, bring_forward, scroll_to_lines, spots

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow
    from nnstudio.studio.teaching.guide import Guide

_RIM = 12
_SOON = 30  # milliseconds
_COMES = 900  # milliseconds; twice as bright on the way
_LOOK_AGAIN = 250


class Halo(QWidget):
    """A ring of light around one spot."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(spot.within)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.strength = 1.0
        self.spot = spot
        self.place(spot)
        self.show()
        self.raise_()

    def place(self, spot: Spot) -> None:
        self.spot = spot
        self.setGeometry(spot.box.adjusted(-_RIM, -_RIM, _RIM, _RIM))
        if spot.path is None:
            # What lies in the ring is never painted again because of it.
            inner = self.rect().adjusted(_RIM + 2, _RIM + 2, -_RIM - 2, -_RIM - 2)
            self.setMask(QRegion(self.rect()) - QRegion(inner))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tint = QColor(theme.colours().warning.fill)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.spot.path is not None:
            painter.translate(-QPointF(self.pos()))
            for wide, alpha in ((1.0, 60), (0.55, 90)):
                tint.setAlpha(min(255, round(alpha * self.strength)))
                painter.setPen(
                    QPen(tint, self.spot.width * wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
                )
                painter.drawPath(self.spot.path)
            painter.end()
            return
        box = QRectF(self.rect()).adjusted(_RIM, _RIM, -_RIM, -_RIM)
        for out, alpha in ((8.0, 26), (6.0, 34), (4.0, 44), (2.0, 60)):
            tint.setAlpha(min(255, round(alpha * self.strength)))
            painter.setPen(QPen(tint, 2.2))
            painter.drawRoundedRect(box.adjusted(-out, -out, out, out), 8 + out, 8 + out)
        tint.setAlpha(min(255, round(210 * self.strength)))
        painter.setPen(QPen(tint, 2))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 8, 8)
        painter.end()


class Halos(QObject):
    """Follows the guide, the canvas and the panels, and keeps a halo on each spot of the step."""

    def __init__(self, window: MainWindow, guide: Guide) -> None:
        super().__init__(window)
        self._window, self._guide = window, guide
        self.halos: list[Halo] = []
        self.hidden = False
        self._page: object = None
        self._scrolled: object = None
        self._soon, self._again = QTimer(self), QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self.follow)
        self._again.setInterval(_LOOK_AGAIN)  # panels are scrolled and moved without telling anybody
        self._again.timeout.connect(self.follow)
        self._coming = QVariantAnimation(self)
        self._coming.setDuration(_COMES)
        self._coming.setStartValue(0.0)
        self._coming.setKeyValueAt(0.4, 1.4)
        self._coming.setEndValue(1.0)
        self._coming.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._coming.valueChanged.connect(self._shine)
        guide.turned.connect(self._turn)
        guide.changed.connect(self._soon.start)
        canvas = window.canvas
        canvas.looked.connect(self.follow)
        canvas.zoomed.connect(lambda _: self.follow())
        for signal in (
            window.document.moved,
            window.document.graph_changed,
            window.engine.stepper.recompiled,
            window.engine.stepper.moved,
        ):
            signal.connect(self._start)
        window.installEventFilter(self)

    def _start(self) -> None:
        if self._guide.tour is not None and not self._soon.isActive():
            self._soon.start()

    def hide(self, hidden: bool) -> None:
        """None are shown while presenting."""
        self.hidden = hidden
        self.follow()

    def _turn(self) -> None:
        page = self._guide.page
        if page is not self._page:
            self._page = page
            if page is not None and self._guide.live:
                bring_forward(self._window, page.step)
            self._clear()
            if page is not None and not self._window.preferences.reduced_motion:
                self._coming.stop()
                self._coming.start()
        if page is not None and page.text is not None and page is not self._scrolled:
            self._scrolled = page  # its program is there by now
            scroll_to_lines(self._window, page.step)
        self._soon.start()

    def follow(self) -> None:
        """Put the halos where the spots are now."""
        guide, page = self._guide, self._guide.page
        if guide.tour is None or page is None or guide.arriving or self.hidden:
            self._again.stop()
            self._clear()
            return
        self._again.start()
        found = list(spots(self._window, page.step, buttons=guide.live and not page.done))
        kinds = [(spot.within, spot.path is None) for spot in found]
        if kinds != [(halo.spot.within, halo.spot.path is None) for halo in self.halos]:
            self._clear()
            self.halos = [Halo(spot) for spot in found]
            return
        for halo, spot in zip(self.halos, found, strict=True):
            if halo.spot.box != spot.box or (spot.path is not None and spot.path != halo.spot.path):
                halo.place(spot)

    def _shine(self, strength: float) -> None:
        for halo in self.halos:
            halo.strength = float(strength)
            halo.update()

    def _clear(self) -> None:
        for halo in self.halos:
            halo.hide()
            halo.deleteLater()
        self.halos = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._start()
        return super().eventFilter(watched, event)
