"""The losses of the studio's own trainer, beside which a script's are put."""

from __future__ import annotations

import numpy as np

from nnstudio.project import Project
from nnstudio.project.run import trainer_of

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}


def losses(project: Project, epochs: int) -> list[float]:
    """The loss of every batch, as it is before its update."""
    trainer = trainer_of(project)
    found: list[float] = []
    seen = trainer.step
    for _ in trainer.steps(trainer.epoch + epochs):
        if trainer.step > seen:
            seen = trainer.step
            size = trainer.samples % trainer.program.batch_size if trainer.position == trainer.samples else 0
            program = trainer.program.with_batch_size(size) if size else trainer.program
            found.append(program.loss)
    return found


def assert_same(project: Project, found: list[float], epochs: int, name: str = "") -> None:
    """At least 20 steps, and each loss as the trainer's."""
    wanted = losses(project, epochs)
    assert len(found) == len(wanted) >= 20
    tolerance = TOLERANCE[project.training.dtype]
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance, err_msg=name)
