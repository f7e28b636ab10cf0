"""A network to be asked: the part of a graph that answers, with any weights and for any inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.graph import FlatGraph, Graph
from nnstudio.program.compile import compile as compile_graph
from nnstudio.program.program import Program
from nnstudio.training import optimizers
from nnstudio.training.binding import bind_inputs
from nnstudio.training.metrics import Judged, judged
from nnstudio.training.threads import limited

Array = npt.NDArray[Any]
BLOCK = 512
"""How many inputs are answered at a time."""


@dataclass(frozen=True)
class Asked:
    """Inputs that nobody knows the target of."""

    x: Array
    title: str = "What is asked"
    classes: int = 0


class Probe:
    """Asks a network what it gives for inputs. It is a program of its own: asking changes nothing else.

    judged      the node that predicts and the Target it is compared with; None without a criterion
    criterion   the type of that criterion, "CrossEntropy"; "" without one
    prediction  the node that is asked, by default
    layers      every module from the inputs to the prediction, inputs left out
    """

    def __init__(self, graph: Graph, dtype: str = "float32", seed: int = 0) -> None:
        """Raises ExplainError where the graph has no answer that follows from inputs alone."""
        flat = graph.flatten()
        free = flat.without(node.name for node in flat if node.definition.role in ("target", "criterion"))
        names = [node.name for node in free]
        self.judged: Judged | None = judged(flat)
        self.criterion = ""
        if self.judged is not None:
            self.prediction = self.judged.prediction
            self.criterion = next(
                node.definition.name
                for node in flat
                if node.definition.role == "criterion" and node.sources["input"] == self.prediction
            )
        else:
            outputs = [node.name for node in free if node.definition.role == "output"]
            modules = [node.name for node in free if node.sources]
            self.prediction = next(iter([*outputs, *reversed(modules)]), "")
        if self.prediction not in names:
            raise ExplainError("There is no answer to ask for yet: join an Input to a module.")
        needed = free.upstream([self.prediction])
        self.flat: FlatGraph = free.without(name for name in names if name not in needed)
        self.inputs = {node.name: node.shape[1:] for node in self.flat if node.definition.role == "input"}
        if not self.inputs:
            raise ExplainError(f"{self.prediction} does not follow from any Input, so it cannot be asked.")
        self.layers = tuple(node.name for node in self.flat if node.sources)
        self.program: Program = compile_graph(
            graph, 1, dtype, seed=seed, optimizer=optimizers.definition("SGD"), part=self.flat
        )
        self._own = {key: array.shape for key, array in self.program.parameters().items()}

    def load(self, weights: Mapping[str, Array]) -> None:
        """Take over the weights that fit; others of the network stay what they are."""
        self.program.load_parameters(
            {key: array for key, array in weights.items() if self._own.get(key) == np.shape(array)}
        )

    def answer(self, x: Array) -> Array:
        """What the prediction is for inputs (n, …), scaled as the network is fed: (n, …)."""
        return self.outputs(x, [self.prediction])[self.prediction]

    def outputs(self, x: Array, nodes: Iterable[str] | None = None) -> dict[str, Array]:
        """What each of the nodes, by default all layers, gives for inputs (n, …), by name.

        Raises DataError where the inputs do not fit the network.
        """
        wanted = list(self.layers if nodes is None else nodes)
        feeds = bind_inputs(self.flat, Asked(np.ascontiguousarray(x, self.program.dtype)), self.inputs)
        found: dict[str, list[Array]] = {name: [] for name in wanted}
        with limited(1), np.errstate(all="ignore"):
            for start in range(0, len(x), BLOCK):
                here = min(BLOCK, len(x) - start)
                # Whole blocks, and else one size for the rest: every size is a program of its own.
                size = 1 if here == 1 else BLOCK
                part = self.program.with_batch_size(size)
                part.feed(
                    **{name: _filled(array[start : start + here], size) for name, array in feeds.items()}
                )
                part.forward()
                for name, parts in found.items():
                    parts.append(_rows(part[f"{name}.output"], size, here))
        return {name: np.concatenate(parts) for name, parts in found.items()}


def _filled(array: Array, size: int) -> Array:
    """The rows with the last one repeated, up to a size."""
    if len(array) == size:
        return array
    return np.concatenate([array, np.repeat(array[-1:], size - len(array), axis=0)])


def _rows(output: Array, size: int, count: int) -> Array:
    """Those of the samples; what does not depend on them is the same for each."""
    if output.ndim == 0 or len(output) != size:
        return np.repeat(output[None], count, axis=0)
    return np.array(output[:count])
