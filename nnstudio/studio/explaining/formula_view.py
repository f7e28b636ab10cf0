"""A formula in the window: typeset, broken into lines, read aloud in words, copied as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from nnstudio.studio import theme
from nnstudio.studio.explaining.breaking import Piece, pieces
from nnstudio.studio.explaining.typesetter import EM, Outline, typesetter

SIZE = 17.0
_SMALLEST = 0.6
"""A piece that is wider than the view is drawn this much smaller before it must be scrolled to."""
_LEADING = 6.0
_INDENT = 1.0  # ems; of every line but the first
_MARGIN = 2.0
_BOXES = 4
"""So deep a formula lies in boxes: its own, the column, what scrolls, the page."""


@dataclass(frozen=True)
class _Placed:
    outline: Outline
    at: QPointF


@dataclass(frozen=True)
class _Laid:
    """Pieces with their places, at `scale` of an outline's own size."""

    placed: tuple[_Placed, ...]
    scale: float
    size: QSize


class FormulaView(QLabel):
    """Shows LaTeX. Until it is typeset, or where it cannot be, its words stand there.

    accent     "" or a phase, in whose colour it is drawn; `pale` for numbers that are no longer true.
    """

    def __init__(self, size: float = SIZE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._em = size
        self._latex = self._words = ""
        self._accent = ""
        self._pale = False
        self._laid: dict[int, _Laid | None] = {}
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        typesetter().arrived.connect(self._look_again)

    # -- what it shows

    @property
    def latex(self) -> str:
        return self._latex

    @property
    def words(self) -> str:
        """What is read aloud, and shown until the formula is typeset."""
        return self._words

    @property
    def typeset(self) -> bool:
        """Whether the formula itself is shown, and not its words."""
        return self._lay_out(self.width()) is not None

    def show_formula(self, latex: str, words: str, accent: str = "", pale: bool = False) -> None:
        if (latex, words) != (self._latex, self._words):
            self._latex, self._words = latex, words
            self._laid.clear()
            self.setText(words)
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.updateGeometry()
        self._accent, self._pale = accent, pale
        self.update()

    def copy_latex(self) -> None:
        QGuiApplication.clipboard().setText(self._latex)

    def copy_words(self) -> None:
        QGuiApplication.clipboard().setText(self._words)

    # -- its place

    def _look_again(self) -> None:
        """Outlines have come: some of them may be ours."""
        waiting = [width for width, laid in self._laid.items() if laid is None]
        for width in waiting:
            del self._laid[width]
        if waiting and self._lay_out(self.width()) is not None:
            self.updateGeometry()
            self.update()
            settle()

    def _lay_out(self, width: int) -> _Laid | None:
        """The pieces in lines for a width; None while one of them is missing, or cannot be typeset."""
        if width not in self._laid:
            if len(self._laid) > 16:
                self._laid.clear()
            self._laid[width] = self._laid_out(width)
        return self._laid[width]

    def _laid_out(self, width: int) -> _Laid | None:
        room = max(8.0, (width - 2 * _MARGIN) / self._em)
        parts = pieces(self._latex, int(room) - _INDENT)
        outline = typesetter().outline
        outlines = [outline(piece.latex) for piece in parts]
        if not parts or any(outline is None for outline in outlines):
            return None
        return _in_lines(parts, [each for each in outlines if each is not None], width, self._em / EM)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        laid = self._lay_out(width)
        return laid.size.height() if laid is not None else super().heightForWidth(width)

    def sizeHint(self) -> QSize:
        laid = self._lay_out(max(self.width(), 200))
        return QSize(laid.size.width(), laid.size.height()) if laid is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        laid = self._laid.get(self.width())
        wider = laid is not None and laid.size.width() > self.width() + 2 * _MARGIN
        return QSize(min(laid.size.width(), 4000) if laid is not None and wider else 40, 16)

    # -- painting and keys

    def paintEvent(self, event: QPaintEvent) -> None:
        laid = self._lay_out(self.width())
        c = theme.colours()
        ink = QColor(c.dim if self._pale else c.phase(self._accent).text if self._accent else c.text)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.focus), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if laid is None:
            painter.setPen(QColor(c.dim))
            flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(self.rect().adjusted(2, 0, -2, 0), flags, self._words)
            return
        for part in laid.placed:
            painter.save()
            painter.translate(part.at)
            painter.scale(laid.scale, laid.scale)
            painter.fillPath(part.outline.path, ink)
            painter.restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_latex()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, slot in (("Copy as &LaTeX", self.copy_latex), ("Copy as &Words", self.copy_words)):
            action = QAction(title, menu)
            action.triggered.connect(slot)
            menu.addAction(action)
        menu.popup(event.globalPos())


def settle() -> None:
    """Whatever asked for another size gets it now: a box in a box would else be painted once as it was."""
    for _ in range(_BOXES):  # each asks the one around it
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _in_lines(parts: Sequence[Piece], outlines: list[Outline], width: int, scale: float) -> _Laid:
    room = width - 2 * _MARGIN
    widest = max(outline.box.width() for outline in outlines) * scale + (_INDENT * EM * scale)
    if widest > room:
        scale *= max(_SMALLEST, room / widest)
    em = EM * scale
    lines: list[list[int]] = [[]]
    x = 0.0
    for index, (piece, outline) in enumerate(zip(parts, outlines, strict=True)):
        wide = piece.space * em + outline.box.width() * scale
        # A sign goes with what follows it, and so does a bracket that opens.
        behind = index + 1
        while behind < len(parts) and not parts[behind].free:
            wide += parts[behind].space * em + outlines[behind].box.width() * scale
            behind += 1
        if piece.free and lines[-1] and x + wide > room:
            lines.append([])
            x = _INDENT * em
        lines[-1].append(index)
        x += piece.space * em + outline.box.width() * scale
    placed: list[_Placed] = []
    y, right = _MARGIN, 0.0
    for number, line in enumerate(lines):
        ascent = max(-outlines[i].box.top() for i in line) * scale
        descent = max(outlines[i].box.bottom() for i in line) * scale
        x = _MARGIN + (_INDENT * em if number else 0.0)
        y += ascent if number == 0 else _LEADING + ascent
        for position, i in enumerate(line):
            x += parts[i].space * em if position else 0.0
            placed.append(_Placed(outlines[i], QPointF(x - outlines[i].box.left() * scale, y)))
            x += outlines[i].box.width() * scale
        right = max(right, x)
        y += descent
    return _Laid(tuple(placed), scale, QSize(round(right + _MARGIN + 0.5), round(y + _MARGIN + 0.5)))
