"""Project: everything a file holds, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnstudio.graph import Graph
from nnstudio.training.settings import TrainingSettings

if TYPE_CHECKING:
    from nnstudio.data.settings import DataSettings
    from nnstudio.graph import Edit
    from nnstudio.project.edits import ProjectEdit
    from nnstudio.project.record import RunRecord
    from nnstudio.training.checkpoint import Checkpoint

Array = npt.NDArray[Any]


class Project:
    """A graph with its data and training settings, its weights, and what training has left behind.

    graph            the drawing
    data, training   what it is trained on (None: nothing chosen yet) and how
    weights          learned arrays by name, "fc1.weight"; a name that is missing starts afresh
    optimizer_state  what the optimizer remembers, named by the program
    run_state        what a run needs beside these to continue exactly: epoch, step, random states; and as
                     "fitted" what was fitted on its training part, which belongs to the weights
    history          one dict of numbers per epoch
    checkpoints      of the run in `history`, in the order of their epochs, with the names that nodes have
                     in checkpoint_level; kept_checkpoints.checkpoints_now gives those they have now
    runs             earlier runs that are kept, the oldest first
    thumbnail        a PNG of the canvas
    path             the file it was read from or last written to
    extra…           what a file held that this version does not know, written back as it came
    """

    def __init__(
        self,
        graph: Graph | None = None,
        *,
        data: DataSettings | None = None,
        training: TrainingSettings | None = None,
    ) -> None:
        self.graph = Graph() if graph is None else graph
        self.data = data
        self.training = TrainingSettings() if training is None else training
        self.weights: dict[str, Array] = {}
        self.optimizer_state: dict[str, Array] = {}
        self.run_state: dict[str, Any] = {}
        self.history: list[dict[str, Any]] = []
        self.runs: list[RunRecord] = []
        self.checkpoints: list[Checkpoint] = []
        self.checkpoint_level = self.graph.level
        self.thumbnail: bytes | None = None
        self.path: Path | None = None
        self.extra: dict[str, Any] = {}
        self.extra_history: dict[str, Any] = {}
        self.extra_runs: dict[str, Any] = {}
        self.extra_checkpoints: dict[str, Any] = {}
        self.extra_members: dict[str, bytes] = {}
        self.extra_arrays: dict[str, Array] = {}
        self._listeners: list[Callable[[ProjectEdit], None]] = []

    def apply(self, edit: ProjectEdit | Edit) -> ProjectEdit:
        """Perform an edit of the project or of its graph, and return the edit that undoes it.

        Weights follow their nodes: a renamed node keeps them, and those of a deleted one come back with it.
        """
        from nnstudio.project.edits import EditGraph, ProjectEdit

        own = edit if isinstance(edit, ProjectEdit) else EditGraph(edit)
        inverse = own.apply(self)
        for listener in tuple(self._listeners):
            listener(own)
        return inverse

    def subscribe(self, listener: Callable[[ProjectEdit], None]) -> Callable[[], None]:
        """Call `listener(edit)` after each edit that is applied; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def copy(self) -> Project:
        """A project of its own with the same content, and nobody who listens.

        Only names are copied: settings, arrays and records are never changed once a project has them.
        """
        twin = Project(Graph(self.graph.level), data=self.data, training=self.training)
        for name, value in vars(self).items():
            if name not in ("graph", "_listeners"):
                setattr(twin, name, value.copy() if isinstance(value, (dict, list)) else value)
        return twin

    def fitting_weights(self) -> dict[str, Array]:
        """The weights that the graph, as it is drawn now, has a parameter of the same shape for."""
        from nnstudio.project.weights import parameter_shapes

        shapes = parameter_shapes(self.graph)
        return {name: array for name, array in self.weights.items() if shapes.get(name) == np.shape(array)}
