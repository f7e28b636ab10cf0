"""Setup: what a run is made of, as a value: the drawing, the data settings and the training settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnstudio.graph import Graph, Level
from nnstudio.training.settings import TrainingSettings

if TYPE_CHECKING:
    from nnstudio.data.settings import DataSettings
    from nnstudio.project.project import Project


@dataclass(frozen=True)
class Setup:
    """Same setup, same first weights, same losses: bit for bit on one machine."""

    level: Level
    data: DataSettings | None
    training: TrainingSettings

    @property
    def graph(self) -> Graph:
        """A graph of its own; it shares what never changes."""
        return Graph(self.level)


def setup_of(project: Project) -> Setup:
    """The project's, as it stands now."""
    return Setup(project.graph.level, project.data, project.training)
