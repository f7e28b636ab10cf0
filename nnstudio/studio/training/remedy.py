"""What would mend a run whose numbers stopped being finite, as an edit that the user may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnstudio.project.edits import ProjectEdit, SetData, SetRun, SetTraining, Together
from nnstudio.project.kept_checkpoints import RestoreCheckpoint, checkpoints_now, is_of
from nnstudio.studio.training.origin import Origin
from nnstudio.training.identity import network_identity

if TYPE_CHECKING:
    from nnstudio.project import Project


@dataclass(frozen=True, eq=False)
class Remedy:
    """A lower rate, and weights that it can go on from: the last ones before numbers stop being finite are
    finite still, but mostly so large that no rate helps them.
    """

    rate: float
    origin: Origin

    @property
    def label(self) -> str:
        return f"Try a rate of {self.rate:g}"

    def tip(self, project: Project) -> str:
        """All that it does."""
        best = self._best(project)
        begun = self.origin.epoch
        back = f"epoch {best or begun:,}" if best or begun else "the first weights"
        return f"Set the learning rate to {self.rate:g} and go back to {back} (can be undone)"

    def edit(self, project: Project) -> Together:
        """Both as one step, for the project as it is now."""
        best = self._best(project)
        back: ProjectEdit = RestoreCheckpoint(best) if best else self.origin.back(project)
        return Together((SetTraining(replace(project.training, lr=self.rate)), back), self.label)

    def _best(self, project: Project) -> int:
        """The epoch with the lowest validation loss that the run itself has reached; 0: there is none."""
        begun, network = self.origin.epoch, network_identity(project.graph.flatten())
        best = (each for each in checkpoints_now(project) if each.why == "best")
        found = (each.epoch for each in best if is_of(each, network))
        return max((epoch for epoch in found if epoch > begun), default=0)


@dataclass(frozen=True, eq=False)
class ScaledTargets:
    """Targets that are standardised, and first weights: those learned before answer in another unit."""

    label: str = "Standardise the targets"

    def tip(self, project: Project) -> str:
        """All that it does."""
        return (
            "Scale the targets to mean 0 and deviation 1, as fitted on the training part, and go back to the "
            "first weights (can be undone); answers and errors stay in the data's own unit"
        )

    def edit(self, project: Project) -> Together:
        """Both as one step, for the project as it is now."""
        data = None if project.data is None else replace(project.data, target_scaling="standardise")
        return Together((SetData(data, self.label), SetRun(checkpoints=())), self.label)


def remedy_for(problem: Mapping[str, Any], origin: Origin | None) -> Remedy | ScaledTargets | None:
    """Scaled targets, where they are large as they came; a lower learning rate, where it was too high; None
    where something else is to blame.

    `problem` is Session.problem.
    """
    if problem.get("unscaled_targets"):
        return ScaledTargets()
    rate = problem.get("lr_to_try")
    return Remedy(rate, origin) if rate and origin is not None else None
