"""Edits of the runs that a project keeps; each can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnstudio.errors import ProjectError
from nnstudio.graph import Edit, Level
from nnstudio.graph.edit import back
from nnstudio.graph.node import Edge
from nnstudio.project.edits import EditGraph, ProjectEdit, SetData, SetRun, SetTraining, Together
from nnstudio.project.project import Project
from nnstudio.project.record import RunRecord, checked_name
from nnstudio.project.run_limits import with_room
from nnstudio.wording import short


@dataclass(frozen=True, eq=False)
class SetRuns(ProjectEdit):
    """Keep these runs instead of those that are kept."""

    runs: Sequence[RunRecord]
    label: str = "Change the runs"

    def apply(self, project: Project) -> SetRuns:
        former, project.runs = project.runs, list(self.runs)
        return SetRuns(former, self.label)


@dataclass(frozen=True, eq=False)
class AddRun(ProjectEdit):
    """Keep a run. It takes the place of one with the same id, which it continues.

    Where there are too many, the oldest that are not pinned go; see run_limits.
    """

    run: RunRecord

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return f"Keep {self.run.name}"

    def apply(self, project: Project) -> SetRuns:
        others = [run for run in project.runs if run.id != self.run.id]
        return SetRuns(with_room([*others, self.run]), self.label).apply(project)


@dataclass(frozen=True)
class RenameRun(ProjectEdit):
    """Call a run something else."""

    id: str
    name: str

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return f"Rename the run to {self.name}"

    def apply(self, project: Project) -> SetRuns:
        run = replace(run_called(project, self.id), name=checked_name(self.name))
        return _replaced(project, run, f"Rename the run to {run.name}")


@dataclass(frozen=True)
class PinRun(ProjectEdit):
    """Keep a run whatever comes after it, or no longer so."""

    id: str
    pinned: bool = True

    @property
    def label(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return "Pin the run" if self.pinned else "Unpin the run"

    def apply(self, project: Project) -> SetRuns:
        run = replace(run_called(project, self.id), pinned=self.pinned)
        return _replaced(project, run, f"{'Pin' if self.pinned else 'Unpin'} {run.name}")


@dataclass(frozen=True)
class RemoveRun(ProjectEdit):
    """Keep a run no longer."""

    id: str
    label: str = "Delete the run"

    def apply(self, project: Project) -> SetRuns:
        gone = run_called(project, self.id)
        rest = [run for run in project.runs if run is not gone]
        return SetRuns(rest, f"Delete {gone.name}").apply(project)


@dataclass(frozen=True)
class RestoreRun(ProjectEdit):
    """Make the project what it was when a run ended: its drawing, settings, weights and history.

    Its checkpoints take the place of those of another run. Of a run whose weights were let go, the project
    gets the drawing and the settings, and no weights: trained again, it gives the same ones.
    """

    id: str
    label: str = "Restore the run"

    def apply(self, project: Project) -> Together:
        run = run_called(project, self.id)
        label = f"Restore {run.name}"
        state = run.state
        reached = (
            SetRun(checkpoints=(), label=label)
            if state is None
            else SetRun(
                state.weights,
                state.optimizer_state,
                state.run_state,
                _entries(run),
                label,
                checkpoints=run.checkpoints,
            )
        )
        edits = (
            EditGraph(redrawn(project.graph.level, run.setup.level, label)),
            SetData(run.setup.data),
            SetTraining(run.setup.training),
            reached,
        )
        return Together(edits, label).apply(project)


def run_called(project: Project, wanted: str) -> RunRecord:
    """The run with this id, or the only one of this name. ProjectError where there is none or are several."""
    found = [run for run in project.runs if run.id == wanted]
    found = found or [run for run in project.runs if run.name == wanted]
    if not found:
        known = ", ".join(run.name for run in project.runs[-10:])
        hint = f"there are {known}" if known else "the project keeps no runs"
        raise ProjectError(f"There is no run {short(wanted)}; {hint}.")
    if len(found) > 1:
        ids = ", ".join(run.id for run in found[:10])
        raise ProjectError(f"There are {len(found)} runs called {wanted}; say which by its id: {ids}.")
    return found[0]


def redrawn(present: Level, wanted: Level, label: str) -> Edit:
    """The edit that makes the present drawing the wanted one; what is equal in both stays as it is."""
    nodes = {
        key: present.nodes[key] if present.nodes.get(key) == node else node
        for key, node in wanted.nodes.items()
    }
    known: dict[Edge, Edge] = {edge: edge for edge in present.edges}
    edges = tuple(
        known[edge] if edge in known and known[edge].bends == edge.bends else edge for edge in wanted.edges
    )
    frames = present.frames if present.frames == wanted.frames else wanted.frames
    return back(Level(nodes, edges, wanted.extra, frames), present, label)


def _entries(run: RunRecord) -> list[dict[str, object]]:
    return [dict(entry) for entry in run.history]


def _replaced(project: Project, run: RunRecord, label: str) -> SetRuns:
    runs = [run if other.id == run.id else other for other in project.runs]
    return SetRuns(runs, label).apply(project)
