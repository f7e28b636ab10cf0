"""The project file: read, write, migrate, autosave, lock; all of it free of Qt."""

from nnstudio.project.difference import Difference, difference
from nnstudio.project.edits import (
    EditGraph,
    ProjectEdit,
    SetData,
    SetHistory,
    SetRun,
    SetTraining,
    SetWeights,
    Together,
)
from nnstudio.project.files import load, save
from nnstudio.project.kept_checkpoints import RestoreCheckpoint, checkpoints_now
from nnstudio.project.parts import Part, PastePart, from_text, part_of, part_to_text, to_text
from nnstudio.project.project import Project
from nnstudio.project.record import RunRecord, RunState
from nnstudio.project.run import train
from nnstudio.project.run_edits import AddRun, PinRun, RemoveRun, RenameRun, RestoreRun
from nnstudio.project.setup import Setup, setup_of

__all__ = [
    "AddRun",
    "Difference",
    "EditGraph",
    "Part",
    "PastePart",
    "PinRun",
    "Project",
    "ProjectEdit",
    "RemoveRun",
    "RenameRun",
    "RestoreCheckpoint",
    "RestoreRun",
    "RunRecord",
    "RunState",
    "SetData",
    "SetHistory",
    "SetRun",
    "SetTraining",
    "SetWeights",
    "Setup",
    "Together",
    "checkpoints_now",
    "difference",
    "from_text",
    "load",
    "part_of",
    "part_to_text",
    "save",
    "setup_of",
    "to_text",
    "train",
]
