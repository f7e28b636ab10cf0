"""Training a project where it stands: from its weights, on its data, back into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnstudio.project.edits import SetRun, Together
from nnstudio.project.kept_checkpoints import checkpoints_now, within_room
from nnstudio.project.project import Project
from nnstudio.project.record import continued, ended_after, epoch_of, next_name, record_of
from nnstudio.project.run_edits import AddRun
from nnstudio.project.setup import Setup
from nnstudio.training.checkpoint import joined
from nnstudio.training.goal import end_of_run
from nnstudio.training.identity import FITTED

if TYPE_CHECKING:
    from nnstudio.data import Splits
    from nnstudio.data.fitted import Fitted
    from nnstudio.project.record import RunRecord
    from nnstudio.training.checkpoint import Checkpoint
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


def kept_fitted(project: Project) -> Fitted | None:
    """What was fitted on the training rows when the weights were learned; None where nothing was kept, or the
    network was changed since and takes other samples. Raises DataError where what is kept is damaged.
    """
    from nnstudio.data.fitted import Fitted
    from nnstudio.training.binding import takes

    kept = project.run_state.get(FITTED)
    if kept is None:
        return None
    found = Fitted.from_dict(kept)
    return found if takes(project.graph.flatten(), found.input_shape) else None


def trainer_of(
    project: Project, settings: TrainingSettings | None = None, *, afresh: bool = False
) -> Trainer:
    """A trainer that continues where the project stands, or starts from the seed's weights.

    Raises Error where graph, data and settings cannot train together: TrainingError with the first problem
    that keeps the loss from being computed. Other problems only keep their own part of the graph out.
    """
    from nnstudio.training.trainer import Trainer, require_loss

    require_loss(project.graph)  # before any data are read
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


def epochs_to_train(project: Project, trainer: Trainer) -> int:
    """How many epochs are meant where nobody says: those of the settings that are left, or all again."""
    return end_of_run(project.training.epochs, trainer.epoch) - trainer.epoch


def run_of(project: Project, trainer: Trainer, label: str = "Train") -> SetRun:
    """The edit that puts what a trainer has reached into the project that it was made for.

    Weights of nodes that the trainer does not know stay. The history goes on where the trainer did.
    """
    state = trainer.state()
    begun = trainer.history[0]["epoch"] if trainer.history else trainer.epoch + 1
    earlier = [entry for entry in project.history if epoch_of(entry) < begun]
    # After numbers went wrong the trainer stands at an earlier epoch than its last entry.
    history = [entry for entry in (*earlier, *trainer.history) if epoch_of(entry) <= trainer.epoch]
    return SetRun(
        weights={**project.weights, **state["weights"]},
        optimizer_state=state["optimizer_state"],
        run_state=state["run_state"],
        history=history,
        label=label,
        checkpoints=checkpoints_after(project, begun, trainer.checkpoints),
    )


def kept_run(project: Project, trainer: Trainer, outcome: str = "", label: str = "Train") -> Together:
    """run_of(), and the record of the run beside those that the project keeps; one step for the user.

    A run that went on from where a kept one ended takes its place. `outcome` says how it ended, where it was
    not by itself.
    """
    reached = run_of(project, trainer, label)
    begun = trainer.history[0]["epoch"] if trainer.history else trainer.epoch + 1
    program = trainer.program
    record = record_of(
        Setup(project.graph.level, project.data, trainer.settings),
        trainer.state(),
        reached.history,
        outcome or trainer.ending or ended_after(trainer.epoch),
        name=next_name(project),
        size=(program.parameter_count, program.multiply_adds),
        checkpoints=reached.checkpoints or (),
    )
    return with_record(reached, record, continued(project) if begun > 1 else None)


def with_record(reached: SetRun, record: RunRecord, former: RunRecord | None = None) -> Together:
    """Both as one step. `former` is the kept run that this one went on from: it takes its place and name."""
    if former is not None:
        record = replace(
            record,
            id=former.id,
            name=former.name,
            when=former.when,
            pinned=former.pinned,
            extra=former.extra,
        )
    return Together((reached, AddRun(record)), reached.label)


def checkpoints_after(project: Project, begun: int, new: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Those to keep when a run that began with the epoch `begun` has left new ones behind."""
    found = [each for each in checkpoints_now(project) if each.epoch < begun]
    for each in new:
        found = joined(found, each)
    return within_room(found)


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
