"""The project file: read, write, migrate, autosave, lock; all of it free of Qt."""

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
from nnstudio.project.project import Project
from nnstudio.project.run import train

__all__ = [
    "EditGraph",
    "Project",
    "ProjectEdit",
    "SetData",
    "SetHistory",
    "SetRun",
    "SetTraining",
    "SetWeights",
    "Together",
    "load",
    "save",
    "train",
]
