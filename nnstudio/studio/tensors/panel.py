"""The panel of tensors: on the left what the selection has, on the right the one that is looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QWidget

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.panels.sections import text
from nnstudio.studio.samples import Samples
from nnstudio.studio.tensors.popup import WhatIfPopup
from nnstudio.studio.tensors.quantities import Quantity, quantities_of_edge, quantities_of_nodes
from nnstudio.studio.tensors.quantity_list import QuantityList
from nnstudio.studio.tensors.view import TensorView
from nnstudio.studio.tensors.writing import Writer

FILTERS = "NumPy array (*.npy);;Comma-separated values (*.csv)"


class TensorsPanel(QWidget):
    """Follows the selection on the canvas and the stepper."""

    said = Signal(str)
    failed = Signal(str)

    def __init__(
        self, canvas: Canvas, writer: Writer, samples: Samples, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._canvas, self._stepper = canvas, writer.stepper
        self._background = Background(self)
        self._wanted = "output"  # by its title: stays from node to node
        self._dirty = True
        self.setAccessibleName("Tensors")
        self.nothing = text("", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.list = QuantityList(writer.stepper)
        self.view = TensorView(writer, samples)
        self.popup = WhatIfPopup(canvas, writer)
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.addWidget(self.list)
        self.halves.addWidget(self.view)
        self.halves.setStretchFactor(0, 1)
        self.halves.setStretchFactor(1, 2)
        self.halves.setSizes([132, 320])
        self.halves.setChildrenCollapsible(False)
        self.halves.setHandleWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 8)
        row.addWidget(self.nothing)
        row.addWidget(self.halves, 1)
        self.list.setMinimumWidth(124)
        self.list.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        self.view.export_wanted.connect(self.ask_where)
        canvas.selection_changed.connect(self.follow)
        canvas.sheet.replaced.connect(self.follow)
        canvas.sheet.graph_changed.connect(self.follow)
        writer.stepper.recompiled.connect(self.follow)
        writer.stepper.moved.connect(self._moved)
        self.follow()

    # -- following

    def follow(self) -> None:
        """Something else is selected, or the program is another."""
        self._dirty = True
        if self.isVisible():
            self._rebuild()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._rebuild()

    def _moved(self) -> None:
        if self.isVisible():
            self.list.viewport().update()

    def _rebuild(self) -> None:
        if not self._dirty:
            self.view.refresh()
            return
        self._dirty = False
        found = self._of_selection()
        lines = self.list.lines
        if found != lines.quantities:
            wanted = self._wanted
            lines.show_quantities(found)
            self.list.setMinimumWidth(max(124, self.list.wanted_width()))
            titles = [each.title for each in found]
            if found:
                self.list.choose(titles.index(wanted) if wanted in titles else 0)
            self._wanted = wanted
        self.nothing.setVisible(not found)
        self.nothing.setText(self._why_nothing())
        self.halves.setVisible(bool(found))
        self.view.show_quantity(self.list.chosen() if found else None)

    def _of_selection(self) -> list[Quantity]:
        program, sheet = self._stepper.program, self._canvas.sheet
        if program is None:
            return []
        nodes = [sheet.level.nodes[key] for key in self._canvas.selected_nodes() if key in sheet.level.nodes]
        if nodes:
            return quantities_of_nodes(program, [f"{sheet.prefix}{node.name}" for node in nodes])
        edges = self._canvas.graph_scene.selected_edges()
        present = [edge for edge in edges if {edge.source, edge.target} <= set(sheet.level.nodes)]
        return quantities_of_edge(program, sheet, present[0]) if present else []

    def _why_nothing(self) -> str:
        if self._stepper.program is None:
            return self._stepper.sentence or "The tensors appear here once modules are connected."
        if self._canvas.selected_nodes() or self._canvas.graph_scene.selected_edges():
            return "What is selected is not part of the program: connect it, and its tensors appear here."
        return "Select a node or an edge on the canvas to look at its tensors and to change them."

    def _chosen(self) -> None:
        quantity = self.list.chosen()
        if quantity is not None:
            self._wanted = quantity.title
            self.view.show_quantity(quantity)

    # -- for others

    def show_key(self, key: str) -> bool:
        """Bring a quantity of what is selected to the front: "fc1.weight"."""
        self._rebuild()
        keys = [each.key for each in self.list.lines.quantities]
        if key not in keys:
            return False
        self.list.choose(keys.index(key))
        return True

    def sweep(self) -> bool:
        """Give the keyboard to the slider; False where nothing can be swept."""
        self._rebuild()
        able = self.view.what_if.isVisible() and self.view.what_if.slider.isEnabled()
        if able:
            self.view.what_if.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return able

    # -- writing to files

    def ask_where(self, quantity: Quantity) -> None:
        suggested = f"{quantity.key}.npy"
        name, chosen = QFileDialog.getSaveFileName(self, "Write the tensor", suggested, FILTERS)
        if name:
            path = Path(name)
            if not path.suffix or path.suffix.casefold() not in (".npy", ".csv"):
                path = path.with_name(path.name + (".csv" if "csv" in chosen else ".npy"))
            self.export_to(quantity, path)

    def export_to(self, quantity: Quantity, path: Path) -> None:
        """Write a quantity to a file, in the background; `said` or `failed` tell how it went."""
        array = self._stepper.value(quantity.key)
        if array is None:
            self.failed.emit(f"{quantity.key} has not been computed yet, so there is nothing to write.")
            return
        array = array.copy()

        def job() -> None:
            from nnstudio.exchange.tensor_file import write_tensor

            write_tensor(array, path)

        def done(_: None, error: Error | None) -> None:
            if error is None:
                self.said.emit(f"{quantity.key} was written to {path.name}.")
            else:
                self.failed.emit(str(error))

        self._background.run(job, done)
