"""What a stage has of the lesson that is played on it, with a window and without: its runs, its scripts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nnstudio.errors import LessonError
from nnstudio.lessons.opening import open_project, project_path
from nnstudio.lessons.stage import Run, run_key

if TYPE_CHECKING:
    from nnstudio.lessons.lesson import Lesson
    from nnstudio.lessons.scripts import ScriptRun
    from nnstudio.project import Project


class Belongings:
    """Begun with a lesson, and left with it."""

    def __init__(self) -> None:
        self.lesson: Lesson | None = None
        self.runs: dict[str, Run] = {}
        """By key: "Batch 32" is batch_32."""
        self.scripts: dict[str, ScriptRun] = {}
        """What exported scripts have said, by format."""
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def begin(self, lesson: Lesson) -> None:
        """Another lesson, of which nothing is kept yet."""
        self.lesson, self.runs, self.scripts = lesson, {}, {}

    def leave(self) -> None:
        """The lesson goes, and its scripts from the disk; its curves can still be looked at."""
        self.lesson = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def project(self, name: str) -> Project:
        """One of the lesson's projects, with the lesson's settings. Raises LessonError."""
        if self.lesson is None:
            raise LessonError("no lesson has been begun.")
        return open_project(project_path(self.lesson, name), self.lesson.settings)

    def record(self, run: Run) -> None:
        """Keep a run's curve under its name, where it has one."""
        if run.name:
            self.runs[run_key(run.name)] = run

    def script(self, format: str) -> ScriptRun:
        """What an exported script has said so far. Raises LessonError before it is exported."""
        if format not in self.scripts:
            raise LessonError(f"there is no {format} script yet: export it first.")
        return self.scripts[format]

    @property
    def folder(self) -> Path:
        """Where the scripts lie."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="nnstudio-lesson-")
        return Path(self._folder.name)
