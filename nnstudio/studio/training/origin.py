"""Where a run began, and what it has reached from there, as edits of the project as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnstudio.project.edits import SetRun
from nnstudio.project.kept_checkpoints import renamed
from nnstudio.project.moves import new_names, rename
from nnstudio.training.identity import network_identity

if TYPE_CHECKING:
    from nnstudio.data.settings import DataSettings
    from nnstudio.graph import Level
    from nnstudio.project import Project
    from nnstudio.training.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class Origin:
    """Arrays in a project are never written to, so this holds no copies."""

    level: Level
    run: SetRun
    data: DataSettings | None
    network: str

    @classmethod
    def of(cls, project: Project) -> Origin:
        run = SetRun(project.weights, project.optimizer_state, project.run_state, project.history)
        return cls(project.graph.level, run, project.data, network_identity(project.graph.flatten()))

    def left_behind(self, project: Project) -> str:
        """What was changed since, that the run knows nothing of, in a sentence; empty where nothing was."""
        changed: list[str] = []
        if (
            project.graph.level.structure is not self.level.structure
            and network_identity(project.graph.flatten()) != self.network
        ):
            changed.append("network as it was")
        if project.data != self.data:
            changed.append("data as they were")
        if not changed:
            return ""
        return f"This run keeps the {' and the '.join(changed)}. Stop it and train again to use the change."

    @property
    def epoch(self) -> int:
        """How many epochs were done then."""
        return int(self.run.run_state.get("epoch", 0))

    def back(self, project: Project) -> SetRun:
        """Goes back there, with the names that nodes have now."""
        names = new_names(self.level, project.graph.level)
        weights, _ = rename(self.run.weights, names)
        moments, _ = rename(self.run.optimizer_state, names)
        return replace(self.run, weights=weights, optimizer_state=moments)

    def reached(
        self,
        project: Project,
        state: Mapping[str, Any],
        history: Sequence[dict[str, Any]],
        checkpoints: Sequence[Checkpoint],
    ) -> SetRun | None:
        """Takes what Session.checkpoint() gives into the project; None where the run has not begun."""
        run_state = state["run_state"]
        if not run_state:
            return None
        names = new_names(self.level, project.graph.level)
        weights, _ = rename(state["weights"], names)
        moments, _ = rename(state["optimizer_state"], names)
        # After numbers went wrong the run stands at an earlier epoch than its last entry.
        history = [entry for entry in history if entry.get("epoch", 0) <= run_state["epoch"]]
        kept = [renamed(each, names) for each in checkpoints]
        return SetRun({**project.weights, **weights}, moments, dict(run_state), history, "Train", kept)
