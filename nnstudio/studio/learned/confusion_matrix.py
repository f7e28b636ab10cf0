"""The confusion matrix: true classes down, chosen ones across, precision below, recall beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnstudio.explain.judging import Judgement
from nnstudio.studio import theme
from nnstudio.studio.colours import mix

_LARGEST_CELL = 44.0
_ASIDE = 12.0  # pixels from the cells to the word precision, behind the last number of its row
_MOST_NAME = 84
_BELOW = 30.0


class ConfusionMatrix(QWidget):
    """A click or the arrows choose a cell: (true class, class it was taken for)."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        self._judgement: Judgement | None = None
        self._names: Sequence[str] = ()
        self.cell: tuple[int, int] | None = None

    def sizeHint(self) -> QSize:
        return QSize(220, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 100)

    def show_judgement(self, judgement: Judgement, names: Sequence[str]) -> None:
        """As many names as there are classes."""
        self._judgement, self._names = judgement, names
        if self.cell is not None and max(self.cell) >= judgement.classes:
            self.cell = None
        self._describe()
        self.update()

    # -- where cells are

    def _side(self) -> tuple[QRectF, float, float]:
        """The box of all cells, and how large one is."""
        many = 1 if self._judgement is None else self._judgement.classes
        metrics = QFontMetricsF(theme.font(11))
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=8)
        left, top = min(longest, _MOST_NAME) + 22.0, 16.0
        words = _ASIDE + metrics.horizontalAdvance("precision") + 2
        wide = min(_LARGEST_CELL, max(4.0, (self.width() - left - words) / many))
        tall = min(_LARGEST_CELL * 0.7, max(4.0, (self.height() - top - _BELOW) / many))
        return QRectF(left, top, wide * many, tall * many), wide, tall

    def box_of(self, true: int, chosen: int) -> QRectF:
        box, wide, tall = self._side()
        return QRectF(box.left() + chosen * wide, box.top() + true * tall, wide, tall)

    def cell_at(self, spot: QPointF) -> tuple[int, int] | None:
        box, wide, tall = self._side()
        if self._judgement is None or not box.contains(spot):
            return None
        last = self._judgement.classes - 1
        row, column = int((spot.y() - box.top()) / tall), int((spot.x() - box.left()) / wide)
        return min(row, last), min(column, last)

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        judgement = self._judgement
        if judgement is None:
            return
        c = theme.colours()
        painter = QPainter(self)
        box, wide, tall = self._side()
        matrix = judgement.matrix
        rows = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        shares = matrix / rows
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignCenter
        for true in range(judgement.classes):
            for chosen in range(judgement.classes):
                share, number = float(shares[true, chosen]), int(matrix[true, chosen])
                accent = c.forward if true == chosen else c.backward
                # A few mistakes among many samples shall still be seen.
                strength = share if true == chosen else float(np.sqrt(share))
                cell = self.box_of(true, chosen)
                painter.fillRect(
                    cell.adjusted(0.5, 0.5, -0.5, -0.5), QColor(mix(c.inset, accent.fill, strength))
                )
                words = f"{number:,}"
                if number and tall >= 11 and metrics.horizontalAdvance(words) <= wide:
                    painter.setPen(QColor(accent.on_fill if strength > 0.55 else c.text))
                    painter.drawText(cell, middle, words)
        self._paint_heads(painter, judgement, box, wide, tall)
        if self.cell is not None:
            painter.setPen(QPen(QColor(c.focus if self.hasFocus() else c.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.box_of(*self.cell))
        painter.end()

    def _paint_heads(
        self, painter: QPainter, judgement: Judgement, box: QRectF, wide: float, tall: float
    ) -> None:
        c = theme.colours()
        metrics = painter.fontMetrics()
        middle, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight
        centre = Qt.AlignmentFlag.AlignVCenter
        every = max(1, int(np.ceil(11 / tall)))
        painter.setPen(QColor(c.dim))
        for each in range(0, judgement.classes, every):
            name = metrics.elidedText(self._names[each], Qt.TextElideMode.ElideRight, int(box.left() - 20))
            row = QRectF(14, box.top() + each * tall, box.left() - 18, max(tall, 11))
            painter.drawText(row, right | centre, name)
            if tall >= 11:
                side = QRectF(box.right() + 4, row.top(), self.width(), tall)
                painter.drawText(side, Qt.AlignmentFlag.AlignLeft | centre, _percent(judgement.recall[each]))
        narrow = max(metrics.horizontalAdvance("100%"), 8) > wide
        for each in range(judgement.classes):
            column = QRectF(box.left() + each * wide, 0, wide, 14)
            name = metrics.elidedText(self._names[each], Qt.TextElideMode.ElideRight, int(wide) + 2)
            painter.drawText(column, middle, name)
            # Where there is no room beside each other, every second one stands lower.
            lower = 12.0 if narrow and each % 2 else 0.0
            below = QRectF(column.left() - 12, box.bottom() + 1 + lower, wide + 24, 14)
            words = _percent(judgement.precision[each])
            painter.drawText(below, middle, words.rstrip("%") if narrow else words)
        beside = QRectF(box.right() + 4, 0, self.width(), 14)
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | centre, "recall")
        beside.moveTop(box.bottom() + 1)
        beside.moveLeft(box.right() + _ASIDE)
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | centre, "precision")
        painter.save()
        painter.translate(7, box.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-60, -7, 120, 14), middle, "true")
        painter.restore()

    # -- mouse and keys

    def choose(self, cell: tuple[int, int] | None) -> None:
        self.cell = cell
        self._describe()
        self.chosen.emit(cell)
        self.update()

    def _describe(self) -> None:
        if self.cell is not None and self._judgement is not None:
            true, chosen = self.cell
            number = int(self._judgement.matrix[true, chosen])
            self.setAccessibleDescription(
                f"{number:,} of {self._names[true]} taken for {self._names[chosen]}"
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self.cell_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, tuple[int, int]] = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        judgement = self._judgement
        if event.key() not in steps or judgement is None:
            super().keyPressEvent(event)
            return
        last = judgement.classes - 1
        if self.cell is None:
            self.choose((0, 0))
            return
        down, across = steps[event.key()]
        self.choose((min(max(self.cell[0] + down, 0), last), min(max(self.cell[1] + across, 0), last)))


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.0%}"
