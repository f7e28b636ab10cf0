"""Where the lessons that ship lie, and the project of a lesson, opened with the lesson's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.lesson import Lesson
from nnstudio.lessons.reading import ENDING
from nnstudio.resources_path import example, resource
from nnstudio.wording import nearest

if TYPE_CHECKING:
    from nnstudio.project import Project

FOLDER = "lessons"


def lesson_files() -> dict[str, Path]:
    """The lessons that ship, by name, in the order of their files."""
    try:
        folder = resource(FOLDER)
    except Error:
        return {}
    return {path.stem: path for path in sorted(folder.glob(f"*{ENDING}"))}


def find_lesson(word: str) -> Path:
    """A lesson's file by its path, or by name or number one that ships. Raises LessonError."""
    path = Path(word)
    shipped = lesson_files()
    if path.suffix == ENDING or path.exists():
        return path
    if word in shipped:
        return shipped[word]
    if word.isdecimal() and len(word) < 4:
        for name, file in shipped.items():
            if name.partition("_")[0].isdecimal() and int(name.partition("_")[0]) == int(word):
                return file
    near = nearest(word, [*shipped, *(name.partition("_")[2] for name in shipped)])
    hint = f"did you mean {near}?" if near else "see nnstudio lesson for those that ship."
    raise LessonError(f"There is no lesson {word}; {hint}")


def project_path(lesson: Lesson, name: str) -> Path:
    """A lesson's project: beside the lesson, or among the examples. Raises LessonError."""
    beside = lesson.path.parent / name
    if beside.is_file():
        return beside
    if not Path(name).is_absolute() and ".." not in Path(name).parts:
        try:
            return example(*Path(name).parts)
        except Error:
            pass
    raise LessonError(
        f"{lesson.path.name} needs the project {name}, which is neither beside it nor an example."
    )


def open_project(path: Path, settings: Mapping[str, Any]) -> Project:
    """The project with a lesson's training settings; it has no path, so that nothing is saved over it.

    Data in a file beside the project are found there all the same.
    """
    from nnstudio.project import load

    project = load(path)
    project.training = replace(project.training, **settings)
    if project.data is not None and ":" in project.data.source:
        kind, _, file = project.data.source.partition(":")
        project.data = replace(project.data, source=f"{kind}:{(path.parent / file).resolve()}")
    project.path = None
    return project
