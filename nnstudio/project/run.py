"""Training a project where it stands: from its weights, on its data, back into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nnstudio.data import load as load_data
from nnstudio.data import split
from nnstudio.data.split import Splits
from nnstudio.project.project import Project
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer


def splits_of(project: Project, dtype: str | None = None) -> Splits | None:
    """The project's data, parted and scaled; None where it has none. Raises DataError."""
    if project.data is None:
        return None
    folder = project.path.parent if project.path is not None else None
    return split(load_data(project.data, folder), project.data, dtype or project.training.dtype)


def trainer_of(project: Project, settings: TrainingSettings | None = None, *, afresh: bool = False) -> Trainer:
    """A trainer that continues where the project stands, or starts from the seed's weights.

    Raises Error where graph, data and settings cannot train together.
    """
    settings = settings or project.training
    splits = splits_of(project, settings.dtype)
    if afresh:
        return Trainer(project.graph, splits, settings)
    return Trainer(
        project.graph,
        splits,
        settings,
        weights=project.fitting_weights(),
        optimizer_state=project.optimizer_state,
        run_state=project.run_state,
    )


def train(
    project: Project,
    epochs: int | None = None,
    *,
    progress: Callable[[Mapping[str, Any]], object] | None = None,
) -> list[dict[str, Any]]:
    """Train for `epochs` more, by default what is left of the settings' epochs; give the new history entries.

    What was reached goes into the project also when the run diverges or is interrupted: the last good weights.
    """
    trainer = trainer_of(project)
    begun = len(trainer.history)

    def on_epoch(entry: dict[str, Any]) -> None:
        if progress is not None:
            progress(entry)

    try:
        trainer.run(epochs, on_epoch)
    finally:
        keep(project, trainer)
        project.history.extend(trainer.history[begun:])
    return trainer.history[begun:]


def keep(project: Project, trainer: Trainer) -> None:
    """Put a trainer's weights, optimizer state and position into the project."""
    state = trainer.state()
    project.weights = state["weights"]
    project.optimizer_state = state["optimizer_state"]
    project.run_state = state["run_state"]
