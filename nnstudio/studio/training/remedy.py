"""What would mend a run whose numbers stopped being finite, as an edit that the user may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnstudio.project.edits import SetTraining
from nnstudio.training.settings import TrainingSettings


def remedy_for(problem: Mapping[str, Any], training: TrainingSettings) -> SetTraining | None:
    """A lower learning rate, where it was too high; None where something else is to blame.

    `problem` is Session.problem.
    """
    rate = problem.get("lr_to_try")
    return slower(training, rate) if rate else None


def slower(training: TrainingSettings, rate: float) -> SetTraining:
    """The settings as they are now but for the rate."""
    return SetTraining(replace(training, lr=rate), f"Try a rate of {rate:g}")
