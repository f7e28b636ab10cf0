"""What runs, shown on the canvas: the lit node and edge, the value on it, and live outputs on the cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from nnstudio.errors import Error
from nnstudio.graph import Edge
from nnstudio.modules.shapes import count, per_sample
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.formats import number
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping import Stepper

if TYPE_CHECKING:
    from nnstudio.graph.node import Node
    from nnstudio.program import Statement

MOST_SHOWN = 4096
"""Numbers of one sample; of more no card shows a picture."""


class Lights(QObject):
    """Carries the stepper's and the training run's values to the canvas.

    While `live`, cards show what the training run publishes; otherwise what the stepper has computed.
    """

    def __init__(
        self,
        document: Document,
        samples: Samples,
        stepper: Stepper,
        canvas: Canvas,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self._stepper, self._canvas, self._sheet = stepper, canvas, canvas.sheet
        self.live = False
        self._shown: dict[str, NDArray[Any]] = {}
        stepper.recompiled.connect(self.show_stepper)
        stepper.moved.connect(self.show_stepper)
        canvas.sheet.graph_changed.connect(self._dim)
        canvas.sheet.replaced.connect(self._show_elsewhere)

    # -- what the stepper does

    def show_stepper(self) -> None:
        """Light what ran last, and put the stepper's outputs on the cards."""
        if self.live:
            return
        self._light()
        self._show_outputs()

    def _light(self) -> None:
        statement, canvas = self._stepper.statement, self._canvas
        node = None if statement is None else self._sheet.here(statement.path)
        if statement is None or node is None:
            canvas.light(None)
            return
        value = None if self._stepper.undone else self._stepper.value_of(statement)
        text = "" if value is None else value_text(value, self._batch())
        edges = edges_of(self._sheet, statement)
        canvas.light(node, edges, statement.phase, text, magnitude(value))

    def _show_outputs(self) -> None:
        program = self._stepper.program
        nodes, prefix = self._sheet.level.nodes, self._sheet.prefix
        if program is None:
            if self._shown:
                self._canvas.clear_thumbnails()
                self._shown = {}
            self._canvas.set_fresh(())
            return
        fresh: list[str] = []
        true = self._stepper.outputs_are_true()
        given = {*program.inputs, *program.targets}
        for key, node in nodes.items():
            name = f"{prefix}{node.name}.output"
            if name not in program or not program.is_current(name):
                continue
            array = self.first_sample(node, program[name], program.batch_size)
            former = self._shown.get(key)
            if array is not None and (former is None or not np.array_equal(former, array, equal_nan=True)):
                self._shown[key] = array = array.copy()
                self._canvas.set_thumbnail(key, array)
            if true or node.name in given:
                fresh.append(key)
        self._canvas.set_fresh(fresh)

    def _dim(self) -> None:
        """Another graph: nothing that is shown is known to hold for it."""
        present = self._sheet.level.nodes
        self._shown = {key: array for key, array in self._shown.items() if key in present}
        self._canvas.set_fresh(())

    def _show_elsewhere(self) -> None:
        """Other nodes are on the canvas now."""
        self._shown = {}
        self.show_stepper()

    def _batch(self) -> int:
        return self._stepper.program.batch_size if self._stepper.program is not None else 1

    # -- what training does

    def watched(self) -> list[str]:
        """The outputs worth publishing while training: those a card can show."""
        shapes, prefix = self._sheet.shapes(), self._sheet.prefix
        found: list[str] = []
        for key, node in self._sheet.level.nodes.items():
            shape = shapes.get(key)
            if shape is not None and count(per_sample(shape)) <= MOST_SHOWN:
                found.append(f"{prefix}{node.name}.output")
        return found

    def show_run(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Put the outputs of the batch trained last on the cards."""
        self._canvas.light(None)
        fresh: list[str] = []
        prefix = self._sheet.prefix
        for key, node in self._sheet.level.nodes.items():
            array = arrays.get(f"{prefix}{node.name}.output")
            if array is not None:
                sample = self.first_sample(node, array, len(array) if array.ndim else 1)
                if sample is not None:
                    self._shown[key] = sample
                    self._canvas.set_thumbnail(key, sample)
                    fresh.append(key)
        self._canvas.set_fresh(fresh)

    def first_sample(self, node: Node, array: NDArray[Any], batch: int) -> NDArray[Any] | None:
        """What a card shows of an output: its first sample, a picture where the data are pictures."""
        sample = array[0] if array.ndim and len(array) == batch else array
        if sample.size > MOST_SHOWN:
            return None
        dataset = self._samples.dataset
        picture = dataset.image_shape if dataset is not None else None
        if picture and node.type == "Input" and not self._sheet.path and sample.size == int(np.prod(picture)):
            return sample.reshape(picture)
        return sample


def edges_of(sheet: Sheet, statement: Statement) -> list[Edge]:
    """The edges that the value of a statement travels along: outputs go out, gradients come back in."""
    node, edges = sheet.here(statement.path), sheet.level.edges
    if len(statement.path) != len(sheet.path) + 1:
        return []
    if statement.quantity in ("output", "grad_output"):
        return [edge for edge in edges if edge.source == node]
    if statement.phase == "backward" and statement.quantity.startswith("grad_"):
        port = statement.quantity.removeprefix("grad_")
        return [edge for edge in edges if edge.target == node and edge.port == port]
    return []


def magnitude(value: NDArray[Any] | None) -> float:
    """How large the numbers are, from 0 (a thousandth and less) to 1 (ten and more)."""
    if value is None or not np.size(value):
        return 0.5
    array = np.asarray(value, dtype=np.float64)
    size = float(np.sqrt(np.mean(array * array)))
    return float(np.clip((np.log10(max(size, 1e-12)) + 3) / 4, 0, 1)) if np.isfinite(size) else 1.0


def value_text(value: NDArray[Any], batch: int) -> str:
    """The number of the first sample, or the mean of its numbers where it has several."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (Error, TypeError, ValueError):
        return ""
    if array.ndim and batch > 1 and len(array) == batch:
        array = array[0]
    if array.size == 1:
        return number(float(array.reshape(())))
    return f"mean {number(float(array.mean()))}" if array.size else ""
