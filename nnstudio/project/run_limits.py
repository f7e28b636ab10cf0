"""How much of its past a project keeps, so that its file stays one that is quickly written and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nnstudio.errors import ProjectError

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

MOST_RUNS = 500
MOST_EPOCHS = 100_000
"""Epochs in the curves of all runs together."""
MOST_BYTES = 64 * 2**20
"""Weights and optimizer state of all runs together."""


def with_room(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs within the limits: the oldest that are not pinned go first, the last one in the list stays.

    Checkpoints go before weights and weights before runs do, and those of pinned runs last: a run without
    them can still be looked at, compared and done again, bit for bit. ProjectError where all that could go
    are pinned.
    """
    kept = list(runs)
    while len(kept) > MOST_RUNS or sum(len(run.history) for run in kept) > MOST_EPOCHS:
        oldest = _first(kept[:-1], lambda run: not run.pinned)
        if oldest is None:
            raise ProjectError(
                f"A project keeps at most {MOST_RUNS} runs and {MOST_EPOCHS:,} epochs of their curves, "
                "and the others are all pinned: delete some."
            )
        del kept[oldest]
    size = sum(run.size for run in kept)
    while size > MOST_BYTES:
        heavy = _lightened(kept)
        size -= kept[heavy[0]].size - heavy[1].size
        kept[heavy[0]] = heavy[1]
    return kept


def _lightened(runs: Sequence[RunRecord]) -> tuple[int, RunRecord]:
    """The place of the run that something is taken from next, and what is left of it."""
    ways: tuple[tuple[Sequence[RunRecord], Callable[[RunRecord], bool], bool], ...] = (
        (runs[:-1], lambda run: bool(run.checkpoints) and not run.pinned, True),
        (runs[:-1], lambda run: bool(run.size) and not run.pinned, False),
        (runs, lambda run: bool(run.checkpoints), True),
        (runs, lambda run: bool(run.size), False),
    )
    for chosen, wanted, only_checkpoints in ways:
        found = _first(chosen, wanted)
        if found is not None:
            return found, _without(runs[found], only_checkpoints)
    raise AssertionError("runs without arrays have no size")


def _without(run: RunRecord, only_checkpoints: bool) -> RunRecord:
    return replace(run, checkpoints=()) if only_checkpoints else replace(run, state=None, checkpoints=())


def _first(runs: Sequence[RunRecord], wanted: Callable[[RunRecord], bool]) -> int | None:
    return next((index for index, run in enumerate(runs) if wanted(run)), None)
