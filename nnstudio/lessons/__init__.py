"""Lessons: guided tours through a project, written by hand as text, played in the window or without one."""

from nnstudio.lessons.lesson import Lesson, Point, Step
from nnstudio.lessons.opening import find_lesson, lesson_files
from nnstudio.lessons.reading import read
from nnstudio.lessons.stage import Stage
from nnstudio.lessons.tour import Progress, Tour

__all__ = ["Lesson", "Point", "Progress", "Stage", "Step", "Tour", "find_lesson", "lesson_files", "read"]
