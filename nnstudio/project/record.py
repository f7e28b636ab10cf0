"""RunRecord: a run that is over, with all that is needed to look at it, compare it and do it again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nnstudio.errors import ProjectError
from nnstudio.project.setup import Setup
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.project.project import Array, Project
    from nnstudio.training.checkpoint import Checkpoint

LONGEST_NAME = 200
LONGEST_CURVE = 5_000
"""Epochs that a record holds; of a longer run they are thinned, the first and the last one kept."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")

Entry = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class RunState:
    """What a run had reached when it ended: with it, it can go on exactly."""

    weights: Mapping[str, Array]
    optimizer_state: Mapping[str, Array]
    run_state: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        arrays = (*self.weights.values(), *self.optimizer_state.values())
        return sum(array.nbytes for array in arrays)


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One run.  ProjectError for a name, an id or a time that cannot be one.

    id             letters and digits, its own within a project
    setup          the drawing, the data and the training settings that it began with
    history        one dict of numbers per epoch, as Trainer.run gives them
    changes        what was changed while it ran: dicts with step, epoch, name, from and to
    when           when it began, in ISO 8601 with its time zone
    seconds        how long it computed
    parameters, multiply_adds   of the network; the latter for one sample forward
    outcome        how it ended, in one sentence
    sweep          what the runs of one sweep have in common; empty for a run by itself
    varied         what that sweep set here, as JSON values: {"lr": 0.1, "fc1.out_features": 8}
    state          what it had reached; None once that was let go to keep the file small
    checkpoints    those it left behind, by the names that nodes have in its own drawing
    extra          fields of a newer version, kept and written back
    """

    id: str
    name: str
    setup: Setup
    history: Sequence[Entry] = ()
    changes: Sequence[Entry] = ()
    when: str = "1970-01-01T00:00:00+00:00"
    seconds: float = 0.0
    parameters: int = 0
    multiply_adds: int = 0
    outcome: str = ""
    pinned: bool = False
    sweep: str = ""
    varied: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: RunState | None = None
    checkpoints: Sequence[Checkpoint] = ()
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ProjectError(f"A run's id is up to 64 letters and digits, not {short(self.id)}.")
        object.__setattr__(self, "name", checked_name(self.name))
        try:
            zone = datetime.fromisoformat(self.when).tzinfo
        except ValueError:
            zone = None
        if zone is None:
            raise ProjectError(
                f"The run {self.name} began at {short(self.when)}, which is no time with its zone."
            )

    @property
    def seed(self) -> int:
        """Where its first weights and the order of its samples came from."""
        return self.setup.training.seed

    @cached_property
    def size(self) -> int:
        """Bytes of all its arrays."""
        return (0 if self.state is None else self.state.size) + sum(each.size for each in self.checkpoints)

    @property
    def epochs(self) -> int:
        """How many epochs it had finished."""
        reached = self.history[-1].get("epoch") if self.history else 0
        return int(reached) if isinstance(reached, int | float) else len(self.history)

    @property
    def last(self) -> Entry:
        """The figures of its last epoch; empty where it finished none."""
        return self.history[-1] if self.history else {}


def checked_name(name: str) -> str:
    """A run's name on one line; ProjectError where there is none or it is too long."""
    found = " ".join(name.split())
    if not 0 < len(found) <= LONGEST_NAME:
        raise ProjectError(f"A run's name has 1 to {LONGEST_NAME} characters, and {short(name)} has not.")
    return found


def new_id() -> str:
    """An id that no other run has."""
    return secrets.token_hex(6)


def now() -> str:
    """This moment, as records write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def next_name(project: Project) -> str:
    """ "Run 3", where there are two so far."""
    found = (re.fullmatch(r"Run (\d{1,9})", run.name) for run in project.runs)
    return f"Run {1 + max((int(match[1]) for match in found if match), default=0)}"


def thinned(history: Sequence[Entry]) -> tuple[Entry, ...]:
    """At most LONGEST_CURVE entries of a history, evenly chosen, with the first and the last one."""
    if len(history) <= LONGEST_CURVE:
        return tuple(history)
    last = len(history) - 1
    return tuple(history[index * last // (LONGEST_CURVE - 1)] for index in range(LONGEST_CURVE))


def record_of(
    setup: Setup,
    reached: Mapping[str, Any],
    history: Sequence[Entry],
    outcome: str,
    *,
    name: str,
    id: str = "",
    when: str = "",
    changes: Sequence[Entry] = (),
    sweep: str = "",
    varied: Mapping[str, Any] | None = None,
    size: tuple[int, int] | None = None,
    checkpoints: Sequence[Checkpoint] = (),
) -> RunRecord:
    """The record of a run that has just ended.

    `reached` is what Trainer.state() or Session.checkpoint() gives; `id` is that of the record that this one
    continues; `size` is what size_of() gives, where that is known.
    """
    state = RunState(reached["weights"], reached["optimizer_state"], reached["run_state"])
    has_state = bool(state.weights)  # what failed before it had begun has reached nothing
    parameters, multiply_adds = size or size_of(setup)
    return RunRecord(
        id=id or new_id(),
        name=name,
        setup=setup,
        history=thinned(history),
        changes=tuple(changes or reached["run_state"].get("changes", ())),
        when=when or now(),
        seconds=sum(_seconds(entry) for entry in history),
        parameters=parameters,
        multiply_adds=multiply_adds,
        outcome=outcome,
        sweep=sweep,
        varied=dict(varied or {}),
        state=state if has_state else None,
        checkpoints=tuple(checkpoints),
    )


def continued(project: Project) -> RunRecord | None:
    """The run that ended where the project stands, so that training now goes on with it."""
    for run in reversed(project.runs):
        state, setup = run.state, run.setup
        if state is not None and state.run_state == project.run_state and project.run_state:
            same = setup.level == project.graph.level and setup.data == project.data
            return run if same and not run.pinned else None  # a pinned one is kept whatever comes after it
    return None


def epoch_of(entry: Entry) -> float:
    """Which epoch an entry of a history is of; 0 where a file does not say."""
    epoch = entry.get("epoch")
    return epoch if isinstance(epoch, int | float) else 0


def ended_after(epochs: int, verb: str = "Finished") -> str:
    """ "Finished after 3 epochs." """
    return f"{verb} after {epochs:,} epoch{'' if epochs == 1 else 's'}."


def size_of(setup: Setup) -> tuple[int, int]:
    """How many numbers the network learns, and its multiply-adds for one sample forward."""
    from nnstudio.program import compile
    from nnstudio.training.optimizers import definition

    program = compile(setup.graph, optimizer=definition("SGD"))
    return program.parameter_count, program.multiply_adds


def _seconds(entry: Entry) -> float:
    seconds = entry.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else 0.0
