"""Checkpoints: a run as it stood after an epoch, to go back to; and the files one travels in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnstudio.shared_memory import Layout
from nnstudio.training.identity import comparable

Array = NDArray[Any]
Why = Literal["best", "every"]

MOST_KEPT = 20
"""Of those kept after every so many epochs; the oldest is let go first."""
_WEIGHTS, _OPTIMIZER = "weights/", "optimizer/"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a Trainer goes on from exactly, with `state()` as its keyword arguments.

    epoch, step      how many epochs were finished, and updates made
    why              "best": the lowest validation loss so far; "every": so many epochs had passed
    validation_loss  None where no part is kept for validation
    extra            fields of a newer version, kept and written back
    """

    epoch: int
    step: int
    why: Why
    validation_loss: float | None
    weights: Mapping[str, Array]
    optimizer_state: Mapping[str, Array]
    run_state: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @cached_property
    def size(self) -> int:
        """Bytes of its arrays."""
        return sum(array.nbytes for array in (*self.weights.values(), *self.optimizer_state.values()))

    def state(self) -> dict[str, Any]:
        """{"weights", "optimizer_state", "run_state"}."""
        return {
            "weights": self.weights,
            "optimizer_state": self.optimizer_state,
            "run_state": self.run_state,
        }

    def written(self, folder: Path) -> dict[str, Any]:
        """Writes the arrays into a new file of the folder; gives the rest as JSON values, for `read`."""
        arrays = {_WEIGHTS + name: np.asarray(array) for name, array in self.weights.items()}
        arrays |= {_OPTIMIZER + name: np.asarray(array) for name, array in self.optimizer_state.items()}
        layout = Layout.of(arrays)
        block = np.zeros(layout.size, np.uint8)
        layout.write(block, arrays)
        path = folder / f"{self.why}-{self.epoch}-{self.step}"
        block.tofile(path)
        told = {"epoch": self.epoch, "step": self.step, "why": self.why, "run_state": dict(self.run_state)}
        return {
            **told,
            "validation_loss": self.validation_loss,
            "layout": layout.to_list(),
            "file": str(path),
        }


def read(told: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint that `written` wrote; its file is taken away.  OSError where it cannot be read."""
    block = np.fromfile(told["file"], np.uint8)
    os.unlink(told["file"])
    views = Layout.from_list(told["layout"]).views(block)

    def group(prefix: str) -> dict[str, Array]:
        return {name.removeprefix(prefix): a for name, a in views.items() if name.startswith(prefix)}

    facts = {name: told[name] for name in ("epoch", "step", "why", "validation_loss", "run_state")}
    return Checkpoint(weights=group(_WEIGHTS), optimizer_state=group(_OPTIMIZER), **facts)


def joined(kept: Iterable[Checkpoint], new: Checkpoint) -> list[Checkpoint]:
    """Those to keep, by their epochs, when one more has come: none of another network or other data."""
    alike = (each for each in kept if comparable(each.run_state, new.run_state))
    replaced = [
        each for each in alike if each.why != new.why or (new.why == "every" and each.epoch != new.epoch)
    ]
    found = sorted([*replaced, new], key=lambda each: (each.epoch, each.step))
    every = [each for each in found if each.why == "every"]
    dropped = {id(each) for each in every[:-MOST_KEPT]}
    return [each for each in found if id(each) not in dropped]
