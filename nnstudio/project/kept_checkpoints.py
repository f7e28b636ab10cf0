"""The checkpoints that a project keeps: by the names that nodes have now, within limits, and in its file.

{"version", "checkpoints": [{"epoch", "step", "why", "validation_loss", "run_state"}, …], "fitted"?: as in
kept_fits}; the arrays of the first are called "0/fc1.weight" and "0/optimizer/fc1.weight.velocity".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from nnstudio.errors import ProjectError
from nnstudio.modules.shapes import format_shape
from nnstudio.project.edits import ProjectEdit, SetRun
from nnstudio.project.json_values import as_list, as_object, with_numbers, with_words
from nnstudio.project.kept_fits import Fits, fits_from_json, state_from_json, state_to_json
from nnstudio.project.migrations import FORMAT, VERSION, migrate
from nnstudio.project.moves import Names, new_names, rename
from nnstudio.project.record import epoch_of
from nnstudio.project.strict_json import printable
from nnstudio.project.weights import OPTIMIZER, parameter_shapes
from nnstudio.training.checkpoint import MOST_KEPT, Checkpoint, Why
from nnstudio.training.identity import FITTED, NETWORK, network_identity
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.project.arrays import Entry
    from nnstudio.project.project import Array, Project

MOST_READ = 4 * MOST_KEPT
MOST_BYTES = 64 * 2**20
"""Weights and optimizer state of all checkpoints together."""
_TOP = frozenset({"version", "checkpoints", FITTED})
_KNOWN = frozenset({"epoch", "step", "why", "validation_loss", "run_state"})
_LONGEST_WHY = 40


def checkpoints_now(project: Project) -> list[Checkpoint]:
    """The checkpoints with the names that nodes have in the drawing as it is; without those of nodes gone."""
    names = new_names(project.checkpoint_level, project.graph.level)
    if all(name == now for name, now in names.items()):
        return project.checkpoints
    return [renamed(each, names) for each in project.checkpoints]


def renamed(checkpoint: Checkpoint, names: Names) -> Checkpoint:
    """The checkpoint with the names that new_names() gives; without the arrays of nodes that are gone."""
    if all(name == now for name, now in names.items()):
        return checkpoint
    weights, _ = rename(checkpoint.weights, names)
    moments, _ = rename(checkpoint.optimizer_state, names)
    return replace(checkpoint, weights=weights, optimizer_state=moments)


def is_of(checkpoint: Checkpoint, network: str) -> bool:
    """Whether it is of the network with this mark; one of an earlier version does not say."""
    return checkpoint.run_state.get(NETWORK, network) == network


def within_room(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Those there is room for: the oldest go first, the best last."""
    kept = list(checkpoints)
    size = sum(each.size for each in kept)
    while size > MOST_BYTES:
        gone = next((each for each in kept if each.why != "best"), kept[0])
        size -= gone.size
        kept.remove(gone)
    return kept


@dataclass(frozen=True)
class RestoreCheckpoint(ProjectEdit):
    """Go back to where the run stood after an epoch; it goes on from there. The checkpoints stay.

    ProjectError where there is none of that epoch, or it does not fit the drawing.
    """

    epoch: int

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return f"Go back to epoch {self.epoch:,}"

    def apply(self, project: Project) -> ProjectEdit:
        found = next((each for each in checkpoints_now(project) if each.epoch == self.epoch), None)
        if found is None:
            known = ", ".join(f"{each.epoch:,}" for each in project.checkpoints)
            hint = f"there are those of {known}" if known else "none is kept"
            raise ProjectError(f"There is no checkpoint of epoch {self.epoch:,}; {hint}.")
        shapes = parameter_shapes(project.graph)
        for name, array in found.weights.items():
            if name in shapes and shapes[name] != array.shape:
                then, now = format_shape(array.shape), format_shape(shapes[name])
                raise ProjectError(
                    f"The checkpoint of epoch {self.epoch:,} holds {name} as {then}, but the drawing now has "
                    f"it as {now}: undo that change first."
                )
        if not is_of(found, network_identity(project.graph.flatten())):
            raise ProjectError(
                f"The checkpoint of epoch {self.epoch:,} is of the network as it was: undo what was changed "
                "since, or restore the run it belongs to."
            )
        history = [entry for entry in project.history if epoch_of(entry) <= self.epoch]
        weights = {**project.weights, **found.weights}
        edit = SetRun(weights, found.optimizer_state, found.run_state, history, self.label)
        return edit.apply(project)


# -- in the file


def to_checkpoints(project: Project) -> dict[str, Any]:
    """The checkpoints as JSON values, without their arrays."""
    fits: Fits = []
    rows = [checkpoint_row(each, fits) for each in project.checkpoints]
    shared = {FITTED: fits} if fits else {}
    return {**project.extra_checkpoints, **shared, "version": VERSION, "checkpoints": rows}


def checkpoint_row(checkpoint: Checkpoint, fits: Fits) -> dict[str, Any]:
    """One as JSON values, without its arrays; `fits` as in kept_fits."""
    return {
        **checkpoint.extra,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "why": checkpoint.why,
        "validation_loss": with_words(checkpoint.validation_loss),
        "run_state": state_to_json(checkpoint.run_state, fits),
    }


def checkpoint_arrays(project: Project) -> dict[str, Array]:
    """The arrays of all checkpoints under the names they have in the file."""
    found: dict[str, Array] = {}
    for number, each in enumerate(checkpoints_now(project)):
        found |= arrays_of(each, f"{number}/")
    return found


def arrays_of(checkpoint: Checkpoint, prefix: str) -> dict[str, Array]:
    """Its arrays, named as in a file: "<prefix>fc1.weight", "<prefix>optimizer/fc1.weight.velocity"."""
    found = {f"{prefix}{name}": array for name, array in checkpoint.weights.items()}
    state = checkpoint.optimizer_state
    return found | {f"{prefix}{OPTIMIZER}{name}": array for name, array in state.items()}


def read_checkpoints(project: Project, value: Any, where: str) -> None:
    """Put what to_checkpoints wrote into the project. ProjectError for anything else."""
    fields = as_object(value, where)
    migrate({"format": FORMAT, "version": fields.get("version")}, where)  # says what it is about versions
    project.checkpoints = checkpoints_from(fields.get("checkpoints"), where, fits_from_json(fields, where))
    project.extra_checkpoints = {name: value for name, value in fields.items() if name not in _TOP}


def checkpoints_from(value: Any, where: str, fits: Fits) -> list[Checkpoint]:
    """Those of a list that was written so, without their arrays. ProjectError for anything else."""
    rows = as_list(value, f'The list "checkpoints" of {where}')
    if len(rows) > MOST_READ:
        raise ProjectError(f"{where} holds {len(rows):,} checkpoints, and at most {MOST_READ} are read.")
    return [
        _from_row(as_object(row, f"Checkpoint {number} of {where}"), f"{where}, checkpoint {number}", fits)
        for number, row in enumerate(rows, 1)
    ]


def _from_row(row: dict[str, Any], where: str, fits: Fits) -> Checkpoint:
    epoch, step, why, loss = (row.get(name) for name in ("epoch", "step", "why", "validation_loss"))
    for name, value in (("epoch", epoch), ("step", step)):
        if type(value) is not int or value < 0:
            raise ProjectError(f'{where}: its "{name}" is {short(value)}, no whole number from 0 on.')
    if not isinstance(why, str) or not 0 < len(why) <= _LONGEST_WHY:
        raise ProjectError(f'{where}: its "why" is {short(why)}, no word.')
    loss = with_numbers(loss)
    if loss is not None and type(loss) not in (int, float):
        raise ProjectError(f'{where}: its "validation_loss" is {short(loss)}, no number.')
    return Checkpoint(
        cast("int", epoch),
        cast("int", step),
        cast("Why", why),
        loss,
        weights={},
        optimizer_state={},
        run_state=state_from_json(row.get("run_state"), f"The run state of {where}", fits),
        extra={name: value for name, value in row.items() if name not in _KNOWN},
    )


def check_checkpoint_arrays(project: Project, entries: Sequence[Entry], where: str) -> None:
    """Raise ProjectError for an array that belongs to no checkpoint, or is not of numbers.

    One of another shape than the drawing has now is left alone: the drawing may become what it was.
    """
    for entry in entries:
        number, slash, name = entry.name.partition("/")
        if not slash or index_of(number, len(project.checkpoints)) is None:
            raise ProjectError(f"{where}: {printable(entry.name)} belongs to no checkpoint of the project.")
        if entry.dtype.kind != "f" and not name.startswith(OPTIMIZER):
            raise ProjectError(f"{where}: {entry.name} holds {entry.dtype} instead of float32 or float64.")


def take_checkpoint_arrays(project: Project, arrays: Mapping[str, Array]) -> None:
    """Put arrays that check_checkpoint_arrays has let pass where they belong; one without any is gone."""
    project.checkpoints = with_arrays(project.checkpoints, arrays)
    project.checkpoint_level = project.graph.level


def with_arrays(checkpoints: Sequence[Checkpoint], arrays: Mapping[str, Array]) -> list[Checkpoint]:
    """With their arrays, "0/fc1.weight" being one of the first; those that have none are left out."""
    weights: list[dict[str, Array]] = [{} for _ in checkpoints]
    moments: list[dict[str, Array]] = [{} for _ in checkpoints]
    for full, array in arrays.items():
        number, _, name = full.partition("/")
        if name.startswith(OPTIMIZER):
            moments[int(number)][name.removeprefix(OPTIMIZER)] = array
        else:
            weights[int(number)][name] = array
    return [
        replace(each, weights=own, optimizer_state=state)
        for each, own, state in zip(checkpoints, weights, moments, strict=True)
        if own
    ]


def index_of(text: str, count: int) -> int | None:
    """The number that a name begins with, written as it would be here."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        return None
    return int(text) if str(int(text)) == text and int(text) < count else None
