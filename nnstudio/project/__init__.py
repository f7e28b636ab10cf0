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
from nnstudio.project.parts import Part, PastePart, from_text, part_of, part_to_text, to_text
from nnstudio.project.project import Project
from nnstudio.project.run import train

__all__ = [
    "EditGraph",
    "Part",
    "PastePart",
    "Project",
    "ProjectEdit",
    "SetData",
    "SetHistory",
    "SetRun",
    "SetTraining",
    "SetWeights",
    "Together",
    "from_text",
    "load",
    "part_of",
    "part_to_text",
    "save",
    "to_text",
    "train",
]
