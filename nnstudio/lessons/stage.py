"""Stage: where a lesson is played. The studio's window is one; headless.py has the one without a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy.typing as npt

if TYPE_CHECKING:
    from nnstudio.lessons.belongings import Belongings
    from nnstudio.lessons.lesson import Lesson
    from nnstudio.program import Program
    from nnstudio.program.statement import Call as CallName
    from nnstudio.program.statement import Phase
    from nnstudio.project import Project


MOST_SAMPLES = 64
"""A batch is stepped with at most so many samples, so that they can be looked at; training takes all."""


@dataclass(frozen=True)
class Run:
    """A training run that a lesson recorded: the curve that is kept under its name.

    losses   the loss of each update, per sample
    entries  of its epochs, as in a project's history
    """

    name: str
    losses: tuple[float, ...]
    entries: tuple[Mapping[str, Any], ...] = field(default=())


class Stage(Protocol):
    """What acts ask for. Every verb may raise Error with a sentence where it cannot be done now.

    A stage may carry a verb out later than it returns; it is `busy` until then. `own` holds what came of the
    lesson: recorded runs, and what exported scripts have said.
    """

    own: Belongings

    @property
    def project(self) -> Project:
        """The project that is open."""
        ...

    @property
    def program(self) -> Program | None:
        """The program that is stepped; None while there is none."""
        ...

    @property
    def busy(self) -> bool:
        """Whether something asked for is still being done."""
        ...

    def begin(self, lesson: Lesson) -> None:
        """Open the lesson's project with the lesson's settings, and forget runs and scripts."""
        ...

    def open(self, project: str) -> None:
        """Open another project of the same lesson."""
        ...

    def reset(self) -> None:
        """Back to the first statement, and to the weights of the project."""
        ...

    def step(self, count: int) -> None:
        """Run the next statements."""
        ...

    def step_to(self, key: str) -> None:
        """Run on until a quantity has been computed."""
        ...

    def step_back(self, count: int) -> None:
        """Undo the last statements."""
        ...

    def run_phase(self, phase: Phase) -> None:
        """Run "zero_grad", "forward", "backward" or "update" as a whole."""
        ...

    def call(self, node: str, function: CallName) -> None:
        """Torch7's updateOutput, updateGradInput, accGradParameters, zeroGradParameters, updateParameters."""
        ...

    def write(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Type numbers into quantities, as one change; those of parameters go into the project's weights."""
        ...

    def set(self, nodes: Sequence[str], setting: str, value: Any) -> None:
        """Change a setting of one node or of several, as one change."""
        ...

    def choose(self, setting: str, value: Any) -> None:
        """Change a training setting."""
        ...

    def sample(self, index: int) -> None:
        """Feed the batch that begins with a training sample, from 0; at the end it goes on at the start."""
        ...

    def next_sample(self) -> None:
        """Feed the batch that begins one sample later."""
        ...

    def train(self, *, epochs: int, steps: int, changes: Mapping[str, Any], name: str) -> None:
        """Train on by so many epochs, or else steps, `changes` to the settings holding for this run alone."""
        ...

    def rewind(self) -> None:
        """Back to the first weights of the seed, and no epoch trained."""
        ...

    def export(self, format: str) -> None:
        """Write the project as a script."""
        ...

    def run_script(self, format: str, epochs: int) -> None:
        """Run that script, to check itself or to train, where nnstudio cannot be imported."""
        ...


def run_key(name: str) -> str:
    """ "Batch 32" as checks write it: batch_32."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower()).strip("_")
