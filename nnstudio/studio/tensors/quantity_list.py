"""The arrays of what is selected, one a line: name, shape, and whether its numbers are of now."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from nnstudio.modules.shapes import format_shape
from nnstudio.studio import theme
from nnstudio.studio.formats import number
from nnstudio.studio.stepping.stepper import Stepper
from nnstudio.studio.tensors.quantities import Quantity

Index = QModelIndex | QPersistentModelIndex
_ROW = 24
_BAR, _INSET, _RIM, _GAP = 10, 10, 6, 8
_WIDEST = 160
ABSENT, STALE = "—", "stale"
NOT_YET = "not computed yet"


class QuantityLines(QAbstractListModel):
    """What the list shows; the numbers are asked of the stepper when a line is painted."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.quantities: list[Quantity] = []

    def show_quantities(self, quantities: list[Quantity]) -> None:
        self.beginResetModel()
        self.quantities = quantities
        self.endResetModel()

    def refresh(self) -> None:
        if self.quantities:
            self.dataChanged.emit(self.index(0), self.index(len(self.quantities) - 1))

    def state(self, quantity: Quantity) -> str:
        """The shape, or the number itself where it is one; how it stands where it is not of now."""
        array = self._stepper.value(quantity.key)
        if array is None:
            return ABSENT
        if not self._stepper.is_true(quantity.key):
            return STALE
        return number(float(array.reshape(()))) if array.size == 1 else format_shape(array.shape)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.quantities)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        quantity = self.quantities[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return quantity.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            state = self.state(quantity)
            return f"{quantity.key}, {quantity.words}: {NOT_YET if state == ABSENT else state}"
        return None


class _Painter(QStyledItemDelegate):
    """A bar in the phase's colour, the title, and on the right how it stands."""

    def sizeHint(self, option: Option, index: Index) -> QSize:
        model = index.model()
        assert isinstance(model, QuantityLines)
        return QSize(self.width_of(model.quantities[index.row()]), _ROW)

    @staticmethod
    def width_of(quantity: Quantity) -> int:
        """Room for the whole name, and for saying that it is stale, which nothing that is kept ever is."""
        title = QFontMetricsF(theme.font(12)).horizontalAdvance(quantity.short)
        state = 0.0
        if quantity.role not in ("state", "parameter"):
            state = _GAP + QFontMetricsF(theme.font(11)).horizontalAdvance(STALE)
        return round(_BAR + _inset(quantity) + title + state + _RIM + 2)

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        model = index.model()
        assert isinstance(model, QuantityLines)
        quantity = model.quantities[index.row()]
        c, box = theme.colours(), QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if selected:
            painter.fillRect(box, QColor(c.selected))
        state = model.state(quantity)
        painter.fillRect(
            QRectF(box.left(), box.top() + 5, 3, box.height() - 10), QColor(c.phase(quantity.phase).mark)
        )
        font = theme.font(11)
        if state == STALE:
            font = QFont(font)
            font.setItalic(True)
        painter.setFont(font)
        painter.setPen(QColor(c.dim))
        middle = Qt.AlignmentFlag.AlignVCenter
        inner = box.adjusted(_BAR, 0, -_RIM, 0)
        wide = painter.fontMetrics().horizontalAdvance(state)
        needed = QFontMetricsF(theme.font(12)).horizontalAdvance(quantity.short) + _inset(quantity)
        if state not in (ABSENT, STALE) and needed + _GAP + wide > inner.width():
            state, wide = "", -_GAP  # the name is worth more than the shape, which the tip has too
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | middle), state)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(c.text if state not in (STALE, ABSENT) else c.dim))
        room = inner.adjusted(_inset(quantity), 0, -wide - _GAP, 0)
        title = painter.fontMetrics().elidedText(
            quantity.short, Qt.TextElideMode.ElideMiddle, int(room.width() + 1)
        )
        painter.drawText(room, int(middle), title)
        painter.restore()


def _inset(quantity: Quantity) -> int:
    return _INSET if quantity.role == "state" else 0


class QuantityList(QListView):
    """One line is chosen, by mouse or arrows."""

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = QuantityLines(stepper, self)
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "clear")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Tensors of what is selected")

    def chosen(self) -> Quantity | None:
        row = self.currentIndex().row()
        return self.lines.quantities[row] if 0 <= row < len(self.lines.quantities) else None

    def wanted_width(self) -> int:
        """As wide as its names are, within reason; what is left belongs to the tensor."""
        widths = [_Painter.width_of(each) for each in self.lines.quantities]
        return min(max(widths, default=0) + self.verticalScrollBar().sizeHint().width(), _WIDEST)

    def choose(self, row: int) -> None:
        self.setCurrentIndex(self.lines.index(row))
