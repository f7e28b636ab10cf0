"""`nnstudio lesson`: lists the lessons, tells of one, or plays it without a window."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from nnstudio.cli.arguments import UsageError
from nnstudio.cli.printing import count, print_json, print_table
from nnstudio.errors import LessonError

if TYPE_CHECKING:
    from nnstudio.lessons import Lesson
    from nnstudio.lessons.play import Report


def command(args: argparse.Namespace) -> int:
    """0; of a lesson that is played 1 where a check does not hold. Raises LessonError for a bad file."""
    from nnstudio.lessons import find_lesson, lesson_files, read

    if args.lesson is None:
        if args.play:
            raise UsageError("Name the lesson that is to be played, as in nnstudio lesson 1 --play.")
        lessons = sorted((read(path) for path in lesson_files().values()), key=lambda each: each.number)
        _list(lessons, args.json)
        return 0
    lesson = read(find_lesson(args.lesson))
    if not args.play:
        _tell(lesson, args.json)
        return 0
    return _play(lesson, args.json)


def _list(lessons: list[Lesson], as_json: bool) -> None:
    if as_json:
        print_json({"lessons": [_facts(each) for each in lessons]})
        return
    rows = [(each.number, each.name, each.title, len(each.steps), each.about) for each in lessons]
    print_table(("", "Lesson", "Title", "Steps", "About"), rows, right=(0, 3))


def _facts(lesson: Lesson) -> dict[str, Any]:
    return {
        "number": lesson.number,
        "name": lesson.name,
        "title": lesson.title,
        "about": lesson.about,
        "minutes": lesson.minutes,
        "project": lesson.project,
        "steps": len(lesson.steps),
        "path": str(lesson.path),
    }


def _tell(lesson: Lesson, as_json: bool) -> None:
    if as_json:
        steps = [
            {
                "title": step.title,
                "line": step.line,
                "do": [act.words for act in step.acts],
                "checks": [check.text for check in step.checks],
            }
            for step in lesson.steps
        ]
        print_json({**_facts(lesson), "contents": steps})
        return
    minutes = f", about {count(lesson.minutes, 'minute')}" if lesson.minutes else ""
    print(f"{lesson.title}\n{lesson.about}".rstrip())
    print(f"{count(len(lesson.steps), 'step')}{minutes}, over {lesson.project}\n")
    for number, step in enumerate(lesson.steps, 1):
        print(f"{number:3}  {step.title}")
        for act in step.acts:
            print(f"       {act.words}")


def _play(lesson: Lesson, as_json: bool) -> int:
    from nnstudio.lessons.play import play
    from nnstudio.training.progress import ProgressBar
    from nnstudio.training.threads import limited

    with limited(1), ProgressBar("step") as bar:
        report = play(lesson, progress=lambda done, total: bar.show(done, total=total))
    if as_json:
        print_json(_result(report))
        return 0 if report.ok else 1
    for step in report.steps:
        marks = ["left out" if each.left_out else "ok" if each.holds else "NOT SO" for each in step.verdicts]
        print(step.step.title)
        for verdict, mark in zip(step.verdicts, marks, strict=True):
            print(f"  {mark:8}  {verdict.check.text}")
    for verdict in report.left_out:
        print(f"left out: {verdict.check.text}, because {verdict.sentence}")
    if not report.ok:
        raise LessonError(report.sentence)
    print(f"{lesson.title}: {count(len(report.steps), 'step')}, {count(report.checks, 'check')}, all hold")
    return 0


def _result(report: Report) -> dict[str, Any]:
    return {
        **_facts(report.lesson),
        "ok": report.ok,
        "played": len(report.steps),
        "checks": [
            {
                "step": step.step.title,
                "line": verdict.check.line,
                "check": verdict.check.text,
                "holds": verdict.holds,
                "left_out": verdict.left_out,
                "sentence": verdict.sentence,
            }
            for step in report.steps
            for verdict in step.verdicts
        ],
        "faults": [
            {"line": each.line, "step": each.step, "sentence": each.sentence, "otherwise": each.otherwise}
            for each in report.faults
        ],
    }
