"""The losses of the studio's own trainer, beside which a script's are put."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nnstudio.project import Project
from nnstudio.project.run import trainer_of
from nnstudio.training.trainer import Trainer

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}


def losses(trainer: Trainer, epochs: int) -> list[float]:
    """The loss of every batch, as it is before its update."""
    found: list[float] = []
    seen = trainer.step
    for _ in trainer.steps(trainer.epoch + epochs):
        if trainer.step > seen:
            seen = trainer.step
            size = trainer.samples % trainer.program.batch_size if trainer.position == trainer.samples else 0
            program = trainer.program.with_batch_size(size) if size else trainer.program
            found.append(program.loss)
    return found


def assert_same(project: Project, found: dict[str, Any], epochs: int, name: str = "") -> None:
    """At least 20 steps, and each loss as the trainer's, those printed for the epochs too."""
    trainer = trainer_of(project)
    wanted = losses(trainer, epochs)
    assert len(found["losses"]) == len(wanted) >= 20
    tolerance = TOLERANCE[project.training.dtype]
    if not name.startswith("mixed"):  # whose batches give the sum over their samples
        np.testing.assert_allclose(found["losses"], wanted, rtol=tolerance, atol=tolerance, err_msg=name)
    printed = re.findall(r"^epoch (\d+): loss ([^;\n]+)(?:; validation loss ([^,\n]+))?", found["out"], re.M)
    assert [int(epoch) for epoch, *_ in printed] == [entry["epoch"] for entry in trainer.history]
    for column, key, digits in ((1, "train_loss", 6), (2, "validation_loss", 4)):
        shown = [float(row[column] or "nan") for row in printed]
        measured = [entry.get(key, np.nan) for entry in trainer.history]
        rounding = 0.5 * 10**-digits
        np.testing.assert_allclose(
            shown, measured, rtol=tolerance, atol=tolerance + rounding, err_msg=f"{name}, {key}"
        )
