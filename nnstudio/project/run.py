"""Training a project where it stands: from its weights, on its data, back into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nnstudio.errors import TrainingError
from nnstudio.project.edits import SetRun
from nnstudio.project.project import Project

if TYPE_CHECKING:
    from nnstudio.data import Splits
    from nnstudio.training.settings import TrainingSettings
    from nnstudio.training.trainer import Trainer


def splits_of(project: Project, dtype: str | None = None) -> Splits | None:
    """The project's data, parted and scaled; None where it has none. Raises DataError.

    Relative files are sought beside the project.
    """
    if project.data is None:
        return None
    from nnstudio.data import load, split

    folder = project.path.parent if project.path is not None else None
    return split(load(project.data, folder), project.data, dtype or project.training.dtype)


def trainer_of(
    project: Project, settings: TrainingSettings | None = None, *, afresh: bool = False
) -> Trainer:
    """A trainer that continues where the project stands, or starts from the seed's weights.

    Raises Error where graph, data and settings cannot train together: TrainingError with the first problem
    where the graph has something to mend.
    """
    from nnstudio.training.trainer import Trainer

    _require_no_errors(project)
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


def _require_no_errors(project: Project) -> None:
    """Before the data are read, and before parts left out make it look as if something else were wrong."""
    errors = [each.sentence for each in project.graph.problems() if each.severity == "error"]
    if errors:
        first = errors[0].rstrip(".")
        more = f" ({len(errors) - 1:,} more: see graph.problems())" if len(errors) > 1 else ""
        raise TrainingError(f"The network cannot be trained before it is mended: {first}{more}.")


def epochs_to_train(project: Project, trainer: Trainer) -> int:
    """How many epochs are meant where nobody says: those of the settings that are left, or all again."""
    epochs = project.training.epochs
    return epochs - trainer.epoch if trainer.epoch < epochs else epochs


def run_of(project: Project, trainer: Trainer, label: str = "Train") -> SetRun:
    """The edit that puts what a trainer has reached into the project that it was made for.

    Weights of nodes that the trainer does not know stay. The history goes on where the trainer did.
    """
    state = trainer.state()
    begun = trainer.history[0]["epoch"] if trainer.history else trainer.epoch + 1
    earlier = [entry for entry in project.history if _epoch(entry) < begun]
    # After numbers went wrong the trainer stands at an earlier epoch than its last entry.
    history = [entry for entry in (*earlier, *trainer.history) if _epoch(entry) <= trainer.epoch]
    return SetRun(
        weights={**project.weights, **state["weights"]},
        optimizer_state=state["optimizer_state"],
        run_state=state["run_state"],
        history=history,
        label=label,
    )


def _epoch(entry: Mapping[str, Any]) -> float:
    epoch = entry.get("epoch")
    return epoch if isinstance(epoch, int | float) else 0


def train(
    project: Project,
    epochs: int | None = None,
    *,
    progress: Callable[[Mapping[str, Any]], object] | None = None,
) -> list[dict[str, Any]]:
    """Train for `epochs` more and give their history entries.

    By default for what is left of the settings' epochs; after a finished run for as many again.
    What was reached goes into the project also when the run diverges or is stopped: the last good weights.
    """
    trainer = trainer_of(project)

    def on_epoch(entry: dict[str, Any]) -> None:
        if progress is not None:
            progress(entry)

    try:
        return trainer.run(epochs_to_train(project, trainer) if epochs is None else epochs, on_epoch)
    finally:
        project.apply(run_of(project, trainer))
