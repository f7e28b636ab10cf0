"""Numbers typed into quantities: parameters and constants are the document's, all else is the program's."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nnstudio.errors import Error
from nnstudio.graph import Edit, EditInside, SetSetting
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.project.edits import ProjectEdit, SetWeights
from nnstudio.studio.document import Document
from nnstudio.studio.stepping.stepper import Stepper
from nnstudio.studio.tensors.quantities import Quantity
from nnstudio.studio.tensors.slices import Element, written

Cells = Sequence[tuple[Element, float]]
_sweeps = itertools.count(1)


class Writer(QObject):
    """What is typed into a parameter or a Constant is an edit of the document, which can be undone; what is
    typed into any other quantity is a moment of the program's timeline, which can be stepped back over.
    """

    failed = Signal(str)

    def __init__(self, document: Document, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document, self.stepper = document, stepper

    def can_write(self, quantity: Quantity) -> bool:
        """Whether its numbers are there to be typed over."""
        return self.stepper.ready and not self.stepper.busy and self.stepper.value(quantity.key) is not None

    def write(self, quantity: Quantity, cells: Cells) -> bool:
        """Type some numbers; everything that was computed from them follows at once."""
        array = self._changed(quantity, cells)
        if array is None:
            return False
        edit = self.edit(quantity, array, _label(quantity, cells))
        if edit is not None:
            return self.document.push(edit)
        return self._into_program(quantity.key, array)

    def begin_with_zeros(self, quantity: Quantity) -> bool:
        """Give a quantity that has not been computed numbers, so that others can be typed."""
        program = self.stepper.program
        if program is None:
            return False
        return self._into_program(quantity.key, np.zeros(program.slot(quantity.key).shape))

    def edit(self, quantity: Quantity, array: NDArray[Any], label: str) -> Edit | ProjectEdit | None:
        """The edit of the document; None where the quantity is not part of it."""
        if quantity.role == "parameter":
            return SetWeights({quantity.key: array}, label)
        if quantity.role == "constant":
            return self._constant(quantity, array)
        return None

    def _constant(self, quantity: Quantity, array: NDArray[Any]) -> Edit | None:
        found = node_called(self.document.level, quantity.node)
        if found is None:
            return None
        path, node = found
        numbers = tuple(float(value) for value in array.reshape(-1))
        # One number that fills the whole shape stays one.
        value = numbers[:1] if len(set(numbers)) == 1 else numbers
        edit = SetSetting(node.id, "value", value)
        return EditInside(path, edit) if path else edit

    def _changed(self, quantity: Quantity, cells: Cells) -> NDArray[Any] | None:
        present = self.stepper.value(quantity.key)
        if present is None or not self.can_write(quantity):
            self.failed.emit(f"{quantity.key} cannot be typed into now: the program is not ready yet.")
            return None
        # Class numbers as floats, so that 1.5 is not cut to 1 unnoticed.
        array = present.astype(present.dtype if present.dtype.kind == "f" else np.float64)
        with np.errstate(over="ignore"):
            for element, value in cells:
                array[element] = value
        return array

    def _into_program(self, key: str, array: NDArray[Any]) -> bool:
        try:
            self.stepper.write(key, array)
        except Error as error:
            self.failed.emit(str(error))
            return False
        return True


class Sweep:
    """One number moved to and fro: a single step to undo, a single moment of the timeline, or nothing if it
    is given up.
    """

    def __init__(self, writer: Writer, quantity: Quantity, element: Element) -> None:
        self._writer, self.quantity, self.element = writer, quantity, element
        self._merge = ("what if", next(_sweeps))
        self._since: int | None = None
        self._before = writer.stepper.moment
        self._program = writer.stepper.program
        self._pushed = False
        self.going = True
        writer.stepper.sweep(True)

    def move_to(self, value: float) -> bool:
        """Try a number."""
        writer, cells = self._writer, [(self.element, value)]
        array = writer._changed(self.quantity, cells)
        if array is None or not self.going:
            return False
        edit = writer.edit(self.quantity, array, _label(self.quantity, cells))
        if edit is not None:
            self._pushed = writer.document.push(edit, self._merge) or self._pushed
            return self._pushed
        try:
            self._since = writer.stepper.write(self.quantity.key, array, self._since)
        except Error as error:
            writer.failed.emit(str(error))
            return False
        return True

    def end(self) -> None:
        """Leave it where it is."""
        if self.going:
            self.going = False
            self._writer.stepper.sweep(False)

    def give_up(self) -> None:
        """As if nothing had been tried."""
        if not self.going:
            return
        stepper = self._writer.stepper
        if self._pushed:
            self._writer.document.take_back(self._merge)
        if stepper.program is self._program and (self._pushed or self._since is not None):
            stepper.go_to(self._before)
        self.end()


def node_called(level: Level, name: str) -> tuple[tuple[str, ...], Node] | None:
    """The node with a dotted name, and the groups that lead to it."""
    for key, node in level.nodes.items():
        if node.name == name:
            return (), node
        if node.inside is not None and name.startswith(f"{node.name}."):
            found = node_called(node.inside, name.removeprefix(f"{node.name}."))
            if found is not None:
                return (key, *found[0]), found[1]
    return None


def _label(quantity: Quantity, cells: Cells) -> str:
    if len(cells) == 1:
        return f"Type {quantity.key}{written(cells[0][0])}"
    return f"Type {len(cells):,} numbers into {quantity.key}"
