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

    Weights go before runs do, and pinned ones last: a run without them can still be looked at, compared and
    done again, bit for bit. ProjectError where all that could go are pinned.
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
    size = sum(_size(run) for run in kept)
    while size > MOST_BYTES:
        heavy = _first(kept[:-1], lambda run: bool(_size(run)) and not run.pinned)
        if heavy is None:
            heavy = _first(kept, lambda run: bool(_size(run)))
        assert heavy is not None
        size -= _size(kept[heavy])
        kept[heavy] = replace(kept[heavy], state=None)
    return kept


def _size(run: RunRecord) -> int:
    return 0 if run.state is None else run.state.size


def _first(runs: Sequence[RunRecord], wanted: Callable[[RunRecord], bool]) -> int | None:
    return next((index for index, run in enumerate(runs) if wanted(run)), None)
