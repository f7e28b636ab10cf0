"""Edits of a project: small values whose apply() performs them and returns the edit that undoes them.

Whoever keeps the inverses has an undo list that holds edits of the graph, of settings and of weights alike.
Arrays are shared, not copied, and are never written to once they are in a project.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnstudio.project.moves import new_names, rename
from nnstudio.project.project import Array, Project

if TYPE_CHECKING:
    from nnstudio.data.settings import DataSettings
    from nnstudio.graph import Edit, Level
    from nnstudio.training.checkpoint import Checkpoint
    from nnstudio.training.settings import TrainingSettings


class ProjectEdit(ABC):
    """A change of the project; `label` names it in the undo list."""

    label: str

    @abstractmethod
    def apply(self, project: Project) -> ProjectEdit:
        """Perform it and return what undoes it; on an Error nothing has changed."""


@dataclass(frozen=True)
class SetData(ProjectEdit):
    """Train on other data, or on other parts of them."""

    data: DataSettings | None
    label: str = "Change the data"

    def apply(self, project: Project) -> SetData:
        former, project.data = project.data, self.data
        return SetData(former, self.label)


@dataclass(frozen=True)
class SetTraining(ProjectEdit):
    """Train in another way."""

    training: TrainingSettings
    label: str = "Change the training"

    def apply(self, project: Project) -> SetTraining:
        former, project.training = project.training, self.training
        return SetTraining(former, self.label)


@dataclass(frozen=True, eq=False)
class SetWeights(ProjectEdit):
    """Put some weights in the place of those they have; None takes one away, so that it starts afresh."""

    weights: Mapping[str, Array | None]
    label: str = "Change weights"

    def apply(self, project: Project) -> SetWeights:
        former = {name: project.weights.get(name) for name in self.weights}
        merged: dict[str, Array | None] = {**project.weights, **self.weights}
        project.weights = {name: array for name, array in merged.items() if array is not None}
        return SetWeights(former, self.label)


@dataclass(frozen=True, eq=False)
class SetRun(ProjectEdit):
    """Everything that a training run leaves behind; SetRun() takes it all away, and the network forgets."""

    weights: Mapping[str, Array] = field(default_factory=dict[str, Array])
    optimizer_state: Mapping[str, Array] = field(default_factory=dict[str, Array])
    run_state: Mapping[str, Any] = field(default_factory=dict[str, Any])
    history: Sequence[dict[str, Any]] = ()
    label: str = "Train"
    checkpoints: Sequence[Checkpoint] | None = None
    """With the names that nodes have now; None leaves those there are."""

    def apply(self, project: Project) -> ProjectEdit:
        former: ProjectEdit = SetRun(
            project.weights, project.optimizer_state, project.run_state, project.history, self.label
        )
        if self.checkpoints is not None:
            kept = SetCheckpoints(self.checkpoints, project.graph.level, self.label).apply(project)
            former = Together((former, kept), self.label)
        project.weights = dict(self.weights)
        project.optimizer_state = dict(self.optimizer_state)
        project.run_state = dict(self.run_state)
        project.history = list(self.history)
        return former


@dataclass(frozen=True, eq=False)
class SetCheckpoints(ProjectEdit):
    """Keep these checkpoints instead; `level` is the drawing that their names belong to."""

    checkpoints: Sequence[Checkpoint]
    level: Level
    label: str = "Change the checkpoints"

    def apply(self, project: Project) -> SetCheckpoints:
        former = SetCheckpoints(project.checkpoints, project.checkpoint_level, self.label)
        project.checkpoints, project.checkpoint_level = list(self.checkpoints), self.level
        return former


@dataclass(frozen=True)
class SetHistory(ProjectEdit):
    """Put another history in the place of the one there is."""

    history: Sequence[dict[str, Any]]
    label: str = "Change the history"

    def apply(self, project: Project) -> SetHistory:
        former, project.history = project.history, list(self.history)
        return SetHistory(former, self.label)


@dataclass(frozen=True)
class Together(ProjectEdit):
    """Several edits, of the project or of its graph, that are one for the user."""

    edits: tuple[ProjectEdit | Edit, ...]
    label: str

    def apply(self, project: Project) -> Together:
        inverses: list[ProjectEdit] = []
        try:
            for edit in self.edits:
                own = edit if isinstance(edit, ProjectEdit) else EditGraph(edit)
                inverses.insert(0, own.apply(project))
        except BaseException:
            for inverse in inverses:
                inverse.apply(project)
            raise
        return Together(tuple(inverses), self.label)


@dataclass(frozen=True, eq=False)
class EditGraph(ProjectEdit):
    """An edit of the graph, together with what it means for the weights.

    The weights of a node that gets another name take it; those of a node that goes are put aside in the
    inverse, which brings them back with the node.
    """

    edit: Edit
    weights: Mapping[str, Array] = field(default_factory=dict[str, Array])
    optimizer_state: Mapping[str, Array] = field(default_factory=dict[str, Array])

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.edit.label

    def apply(self, project: Project) -> EditGraph:
        before = project.graph.level
        inverse = project.graph.apply(self.edit)
        if not (project.weights or project.optimizer_state or self.weights or self.optimizer_state):
            return EditGraph(inverse)
        names = new_names(before, project.graph.level)
        if not (self.weights or self.optimizer_state) and all(now == name for name, now in names.items()):
            return EditGraph(inverse)
        weights, lost_weights = rename(project.weights, names)
        state, lost_state = rename(project.optimizer_state, names)
        project.weights = {**weights, **self.weights}
        project.optimizer_state = {**state, **self.optimizer_state}
        return EditGraph(inverse, lost_weights, lost_state)
