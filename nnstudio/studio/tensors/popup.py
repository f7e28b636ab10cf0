"""The what-if slider where the number is: under the card of a single number, or of a module that has some."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from nnstudio.modules.equations import Setting
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.panels.sections import Complaint
from nnstudio.studio.tensors.quantities import Quantity, quantities_of
from nnstudio.studio.tensors.what_if import WhatIf
from nnstudio.studio.tensors.what_if_setting import WhatIfSetting, swept_settings
from nnstudio.studio.tensors.writing import Writer

_WIDTH = 360
_RIM = 8
SWEPT = ("parameter", "input", "constant")


class WhatIfPopup(QFrame):
    """Floats over the canvas until Esc or until the keyboard goes elsewhere."""

    def __init__(self, canvas: Canvas, writer: Writer) -> None:
        super().__init__(canvas)
        self._canvas, self._writer = canvas, writer
        self._node_id = ""
        self.setProperty("kind", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setAccessibleName("What if")
        self.what_if = WhatIf(writer)
        self.settings: list[WhatIfSetting] = []
        """The sliders of a module's own numbers; then that of a quantity is hidden."""
        self.complaint = Complaint()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addWidget(self.what_if)
        column.addWidget(self.complaint)
        self.what_if.closed.connect(self.leave)
        self.what_if.failed.connect(self._complain)
        writer.failed.connect(self._complain)
        canvas.looked.connect(self._place)
        canvas.sheet.replaced.connect(self.leave)
        canvas.sheet.graph_changed.connect(self._check)
        writer.stepper.moved.connect(self._follow)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)
        self.hide()

    def focusNextPrevChild(self, next: bool) -> bool:
        # Not the canvas below, where Tab means something else.
        return self.window().focusNextPrevChild(next)

    def quantity_of(self, node_id: str) -> Quantity | None:
        """The one number of a node that can be swept: a parameter, an input, a constant; else None."""
        program, sheet = self._writer.stepper.program, self._canvas.sheet
        node = sheet.level.nodes.get(node_id)
        if program is None or node is None or node.is_group:
            return None
        found = [
            each
            for each in quantities_of(program, f"{sheet.prefix}{node.name}")
            if each.role in SWEPT and self._is_one(each)
        ]
        return found[0] if len(found) == 1 else None

    def _is_one(self, quantity: Quantity) -> bool:
        array, program = self._writer.stepper.value(quantity.key), self._writer.stepper.program
        if array is None or program is None:
            return False
        return array.size == (array.shape[0] if quantity.has_batch(program, array.shape) else 1)

    def open(self, node_id: str, settings: bool = True) -> bool:
        """Show it below a card; False where the node is no single number, and has none among its settings
        or these are not asked for.
        """
        quantity = self.quantity_of(node_id)
        own = swept_settings(self._canvas.sheet, node_id) if quantity is None and settings else []
        if quantity is None and not own:
            return False
        self._node_id = node_id
        self._complain("")
        self._show_settings(own)
        if quantity is not None:
            self.what_if.show_element(quantity, self._element(quantity))
        self._place()
        self.show()
        self.raise_()
        first = self.settings[0] if own else self.what_if
        first.slider.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _element(self, quantity: Quantity) -> tuple[int, ...]:
        stepper = self._writer.stepper
        array = stepper.value(quantity.key)
        assert array is not None and stepper.program is not None
        first = (stepper.sample or 0,) if quantity.has_batch(stepper.program, array.shape) else ()
        return (*first, *(0 for _ in array.shape[len(first) :]))

    def _show_settings(self, own: list[Setting]) -> None:
        for former in self.settings:
            former.hide()
            self._column.removeWidget(former)
            former.deleteLater()
        self.settings = [WhatIfSetting(self._writer, self._canvas.sheet, self._node_id, each) for each in own]
        widest = max((each.name.sizeHint().width() for each in self.settings), default=0)
        for place, each in enumerate(self.settings):
            each.name.setMinimumWidth(widest)
            self._column.insertWidget(1 + place, each)
            each.closed.connect(self.leave)
            each.failed.connect(self._complain)
        self.what_if.setVisible(not own)

    def leave(self) -> None:
        """Away with it; the canvas has the keyboard again, if it was here."""
        if self.isHidden():
            return
        focused = QApplication.focusWidget()
        held = focused is not None and self.isAncestorOf(focused)
        self.hide()
        for each in (self.what_if, *self.settings):
            each.end()
        if held:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check(self) -> None:
        if self._node_id not in self._canvas.sheet.level.nodes:
            self.leave()

    def _follow(self) -> None:
        if self.isVisible():
            for each in self.settings or [self.what_if]:
                each.refresh()

    def _complain(self, words: str) -> None:
        self.complaint.say(words)
        if self.isVisible():
            self._place()

    def _focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and (now is None or not self.isAncestorOf(now)):
            QTimer.singleShot(0, self, self._leave_unless_here)

    def _leave_unless_here(self) -> None:
        now = QApplication.focusWidget()
        if now is None or not self.isAncestorOf(now):
            self.leave()

    def _place(self) -> None:
        """Below the card, within the canvas."""
        item = self._canvas.graph_scene.nodes.get(self._node_id)
        if item is None:
            return
        card = item.scene_card()
        below = self._canvas.mapFromScene(QPointF(card.center().x(), card.bottom()))
        above = self._canvas.mapFromScene(QPointF(card.center().x(), card.top()))
        room = self._canvas.rect().adjusted(_RIM, _RIM, -_RIM, -_RIM)
        self._column.activate()
        wide = min(_WIDTH, room.width())
        tall = self._column.sizeHint().height()
        if self._column.hasHeightForWidth():
            tall = self._column.totalHeightForWidth(wide)
        self.setFixedSize(wide, tall)
        top = below.y() + 6
        if top + self.height() > room.bottom():
            top = above.y() - 6 - self.height()
        left = min(max(room.left(), below.x() - wide // 2), room.right() - wide)
        self.move(left, max(room.top(), top))
