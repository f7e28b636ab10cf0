"""Job: everything a run needs, packed into one block of memory for the process that does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.graph import Graph
from nnstudio.shared_memory import Layout
from nnstudio.training.binding import PARTS, BoundData
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

Array = NDArray[Any]
_UNIT, _TEXT = "unit", "text"


@dataclass(frozen=True, eq=False)
class Job:
    """A graph, its data and settings, and where to continue from."""

    graph: Graph
    data: BoundData
    settings: TrainingSettings
    weights: Mapping[str, Array] = field(default_factory=dict[str, Array])
    optimizer_state: Mapping[str, Array] = field(default_factory=dict[str, Array])
    run_state: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def trainer(self) -> Trainer:
        """A trainer that stands where the job begins."""
        return Trainer(
            self.graph,
            self.data,
            self.settings,
            weights=self.weights,
            optimizer_state=self.optimizer_state,
            run_state=self.run_state,
        )

    def arrays(self) -> dict[str, Array]:
        """All of it as named arrays, with what is no array as JSON text."""
        text = json.dumps(
            {
                "graph": self.graph.to_dict(),
                "settings": self.settings.to_dict(),
                "run_state": dict(self.run_state),
                "task": self.data.task,
                "title": self.data.title,
                "unscaled": self.data.unscaled,
            }
        )
        found = {_TEXT: np.frombuffer(text.encode(), np.uint8), _UNIT: np.asarray(self.data.unit)}
        for part in PARTS:
            found |= {f"{part}/{name}": array for name, array in self.data.part(part).items()}
        found |= {f"weights/{name}": np.asarray(array) for name, array in self.weights.items()}
        found |= {f"optimizer/{name}": np.asarray(array) for name, array in self.optimizer_state.items()}
        return found

    @classmethod
    def unpacked(cls, layout: Layout, block: Array) -> Job:
        """The job whose arrays lie in the block; the samples are not copied."""
        views = layout.views(block)
        told = json.loads(views[_TEXT].tobytes())

        def group(prefix: str) -> dict[str, Array]:
            return {n.removeprefix(prefix): a for n, a in views.items() if n.startswith(prefix)}

        parts = [group(f"{part}/") for part in PARTS]
        return cls(
            Graph.from_dict(told["graph"]),
            BoundData(
                *parts,
                task=told["task"],
                unit=views[_UNIT],
                title=told["title"],
                unscaled=None if told["unscaled"] is None else tuple(told["unscaled"]),
            ),
            TrainingSettings.from_dict(told["settings"]),
            group("weights/"),
            group("optimizer/"),
            told["run_state"],
        )
