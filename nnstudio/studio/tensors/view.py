"""One tensor: heat map, table and histogram, its figures, and what if one of its numbers were another."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.studio import theme
from nnstudio.studio.background import Background
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import Complaint, text
from nnstudio.studio.samples import Samples
from nnstudio.studio.tensors.cells import Cells
from nnstudio.studio.tensors.choosing import AxesBar, SampleBox
from nnstudio.studio.tensors.figures import Figures, figures_of, words_of
from nnstudio.studio.tensors.heat_map import HeatMap
from nnstudio.studio.tensors.histogram import Histogram
from nnstudio.studio.tensors.looking import Look, Looking
from nnstudio.studio.tensors.numbers import exact
from nnstudio.studio.tensors.quantities import Quantity
from nnstudio.studio.tensors.slices import Element, Slice, picture_slice
from nnstudio.studio.tensors.what_if import WhatIf
from nnstudio.studio.tensors.writing import Writer

AT_ONCE = 100_000
"""Numbers whose figures are worked out without a thread."""
_MOST_OFTEN = 16  # milliseconds between two looks while the program moves
VIEWS = ("Map", "Table", "Histogram")


class TensorView(Dressed, QWidget):
    """Follows the stepper; what is typed goes through the writer."""

    said = Signal(str)
    export_wanted = Signal(object)  # a Quantity

    def __init__(self, writer: Writer, samples: Samples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._writer, self._stepper = writer, writer.stepper
        self.looking = Looking(writer.stepper, samples)
        self._background = Background(self)
        self.quantity: Quantity | None = None
        self.look: Look | None = None
        self.element: Element | None = None
        self.figures: Figures | None = None
        self._refused = ""  # why the last that was typed was not taken
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_MOST_OFTEN)
        self._soon.timeout.connect(self.refresh)
        self._make()
        self._lay_out()
        self._wire()
        self._dress()
        self.show_quantity(None)

    # -- building

    def _make(self) -> None:
        self.stale = QLabel("stale")
        self.stale.setProperty("kind", "warning")
        self.stale.setToolTip("Something that this was computed from has changed since")
        self.sample = SampleBox()
        self.axes = AxesBar()
        self.buttons: dict[str, QToolButton] = {}
        for name in VIEWS:
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setProperty("kind", "quiet")
            button.setAccessibleName(f"Show as {name.lower()}")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self.buttons[name] = button
        self.export = QToolButton()
        self.export.setProperty("kind", "quiet")
        self.export.setAccessibleName("Write the tensor to a file")
        self.export.setToolTip("Write the tensor to a file: CSV or npy")
        self.map, self.cells, self.histogram = HeatMap(), Cells(), Histogram()
        self.pages = QStackedWidget()
        for page in (self.map, self.cells, self.histogram):
            self.pages.addWidget(page)
        self.caption = QLabel()
        self.caption.setFont(theme.font(12, mono=True))
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.figure_line = text("", "dim")
        self.complaint = Complaint()
        self.what_if = WhatIf(self._writer)
        self.notice = text("", "dim")
        self.zeros = QPushButton("Begin with zeros")
        self.zeros.setToolTip("Give it numbers by hand, which the statements that read it then take")
        self.nothing = QWidget()
        self.buttons["Map"].setChecked(True)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addStretch(1)
        for button in self.buttons.values():
            head.addWidget(button)
        named = QHBoxLayout()
        named.setSpacing(6)
        named.addWidget(self.stale)
        named.addWidget(self.caption, 1)
        told = QHBoxLayout()
        told.setSpacing(4)
        told.addWidget(self.figure_line, 1)
        told.addWidget(self.export)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.sample)
        choices.addWidget(self.axes)
        choices.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(choices)
        column.addWidget(self.pages, 1)
        column.addLayout(named)
        column.addLayout(told)
        column.addWidget(self.complaint)
        column.addWidget(self.what_if)
        empty = QVBoxLayout(self.nothing)
        empty.setContentsMargins(0, 0, 0, 0)
        empty.setSpacing(8)
        empty.addWidget(self.notice)
        row = QHBoxLayout()
        row.addWidget(self.zeros)
        row.addStretch(1)
        empty.addLayout(row)
        empty.addStretch(1)
        column.addWidget(self.nothing, 1)

    def _wire(self) -> None:
        for index, button in enumerate(self.buttons.values()):
            button.clicked.connect(lambda _=False, index=index: self.pages.setCurrentIndex(index))
        self.export.clicked.connect(self._export)
        self.sample.picked.connect(self._pick_sample)
        self.axes.changed.connect(self._turn)
        self.map.hovered.connect(self._hover)
        self.map.chosen.connect(self.choose)
        self.map.opened.connect(self.open_in_table)
        self.cells.chosen.connect(self.choose)
        self.cells.table.typed.connect(self._type)
        self.cells.refused.connect(self.complain)
        self.zeros.clicked.connect(self._begin_with_zeros)
        self._writer.failed.connect(self.complain)
        self.what_if.failed.connect(self.complain)
        self._stepper.moved.connect(self.follow)
        self._stepper.sample_changed.connect(self.follow)

    def _dress(self) -> None:
        self.export.setIcon(theme.icon("export"))

    # -- showing

    def show_quantity(self, quantity: Quantity | None) -> None:
        if quantity != self.quantity:
            self.what_if.end()
            self.quantity, self.element, self.figures = quantity, None, None
            self.complain("")
            self._background.forget()
        self.refresh()

    def follow(self) -> None:
        """The program has moved; asked for very often while it plays."""
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def refresh(self) -> None:
        """Look again."""
        quantity = self.quantity
        self.look = look = None if quantity is None else self.looking.at(quantity)
        for widget in (*self.buttons.values(), self.pages, self.caption, self.figure_line):
            widget.setVisible(look is not None)
        self.export.setVisible(look is not None)
        self.nothing.setVisible(look is None)
        self.stale.setVisible(look is not None and not look.true)
        if look is None:
            self.sample.hide()
            self.axes.hide()
            self.what_if.hide()
            self._say_why(quantity)
            return
        self._show(look)

    def _say_why(self, quantity: Quantity | None) -> None:
        ready = self._stepper.program is not None and not self._stepper.busy
        self.zeros.setVisible(quantity is not None and ready)
        if quantity is None:
            self.notice.setText("")
        elif not ready:
            self.notice.setText("The program is at work: its numbers are here as soon as it is done.")
        else:
            self.notice.setText(f"{quantity.key} has not been computed in this pass yet.")

    def _show(self, look: Look) -> None:
        at, stepper = look.slice, self._stepper
        editable = not look.mean and self._writer.can_write(look.quantity)
        self.sample.setVisible(look.batch)
        if look.batch and stepper.program is not None:
            self.sample.show_choice(stepper.program.batch_size, look.whole, stepper.sample)
        self.axes.show_slice(at, look.fixed)
        if self.element is None or at.cell(self.element) is None:
            self.element = at.element(0, 0)
        self.cells.table.show_array(look.quantity.key, look.array, at, editable=editable, true=look.true)
        self.cells.choose(self.element)
        self._work_out(look)
        self._tell_element(self.element)
        sweeps = editable and self.element is not None and look.array.dtype.kind == "f"
        wanted = look.quantity if sweeps and look.quantity.role != "state" else None
        self.what_if.setVisible(self.what_if.show_element(wanted, self.element or ()))

    def _work_out(self, look: Look) -> None:
        """Figures and picture: at once, or for a large tensor in the background.

        A large one is not copied before: whenever its numbers change, this is asked for again.
        """
        at = picture_slice(look.slice)
        if look.part.size <= AT_ONCE:
            self._background.forget()
            self._arrived(figures_of(look.array, look.part, at), at, look)
            return
        array, part = look.array, look.part
        if self.figures is None:
            self.map.show_cells(None, at, look.true)
            self.histogram.show_statistics(None, look.true)
            self.figure_line.setText(f"Looking through {count(part.size, 'number')}…")

        def arrived(figures: Any, error: Error | None) -> None:
            if error is not None:
                self.complain(str(error))
            elif self.look is not None and self.look.quantity == look.quantity:
                self._arrived(figures, at, self.look)

        self._background.run(lambda: figures_of(array, part, at), arrived)

    def _arrived(self, figures: Figures, at: Slice, look: Look) -> None:
        self.figures = figures
        self.map.show_cells(figures.picture, at, look.true)
        self.map.choose(self.element)
        self.histogram.show_statistics(figures.statistics, look.true)
        self.figure_line.setText(words_of(figures.statistics))
        self.complaint.say(self._refused or self._warning(figures, look))

    def _warning(self, figures: Figures, look: Look) -> str:
        """What a person must hear about numbers that are none."""
        nans, infinities = figures.statistics.nan_count, figures.statistics.inf_count
        if not nans and not infinities:
            return ""
        odd = [f"{nans:,} NaN"] if nans else []
        odd += [f"{infinities:,} inf"] if infinities else []
        held = f"{look.quantity.key} holds {' and '.join(odd)}"
        if look.quantity.role in ("parameter", "constant"):
            return f"{held}: all that is computed from it is lost to that, until Ctrl+Z takes it back."
        if look.quantity.role in ("input", "target"):
            return f"{held}: all that is computed from it is lost to that, until a step back takes it back."
        return f"{held}."

    # -- elements

    def choose(self, element: Element) -> None:
        """Look at one element: in map, table and slider."""
        if element == self.element or self.look is None:
            return
        self.element = element
        self.map.choose(element)
        self.cells.choose(element)
        self._tell_element(element)
        if self.what_if.quantity is not None or self.look is not None:
            sweeps = not self.look.mean and self._writer.can_write(self.look.quantity)
            floats = self.look.array.dtype.kind == "f" and self.look.quantity.role != "state"
            wanted = self.look.quantity if sweeps and floats else None
            self.what_if.setVisible(self.what_if.show_element(wanted, element))

    def open_in_table(self, element: Element) -> None:
        """Show an element in the table, with the keyboard there."""
        self.choose(element)
        self.show_as("Table")
        self.cells.choose(element)
        self.cells.view.setFocus()

    def show_as(self, name: str) -> None:
        """ "Map", "Table" or "Histogram"."""
        self.buttons[name].setChecked(True)
        self.pages.setCurrentIndex(VIEWS.index(name))

    def _hover(self, element: Element | None) -> None:
        self._tell_element(self.element if element is None else element)

    def _tell_element(self, element: Element | None) -> None:
        look = self.look
        if look is None or element is None:
            self.caption.setText("")
            return
        words = f"{look.name(element)} = {exact(look.array[element])}"
        self.caption.setText(words)
        self.caption.setEnabled(look.true)
        self.caption.setToolTip(words)
        self.map.describe(words if look.true else f"{words}, stale")

    # -- changing

    def _type(self, cells: list[tuple[Element, float]]) -> None:
        self.complain("")
        if self.quantity is not None and self._writer.write(self.quantity, cells):
            self.refresh()

    def _begin_with_zeros(self) -> None:
        if self.quantity is not None and self._writer.begin_with_zeros(self.quantity):
            self.refresh()
            self.open_in_table(self.element or ())

    def complain(self, words: str) -> None:
        """What was wrong with what was typed, until something else is."""
        if self.isVisible() or not words:
            self._refused = words
            self.complaint.say(words)

    def _pick_sample(self, choice: str | int | None) -> None:
        self.looking.whole = choice == "whole"
        if choice != "whole":
            self._stepper.set_sample(choice if isinstance(choice, int) else None)
        self.refresh()

    def _turn(self, at: Slice) -> None:
        if self.quantity is not None:
            self.looking.choose(at, self.quantity)
            self.refresh()

    def _export(self) -> None:
        if self.quantity is not None:
            self.export_wanted.emit(self.quantity)
