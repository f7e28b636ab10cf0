"""Playing a lesson from its first step to its last without a window, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nnstudio.errors import Error
from nnstudio.lessons.checks import Verdict
from nnstudio.lessons.headless import HeadlessStage
from nnstudio.lessons.lesson import Lesson, Step
from nnstudio.lessons.stage import Stage
from nnstudio.lessons.tour import Tour


@dataclass(frozen=True)
class Fault:
    """What went otherwise than the lesson says, and where it says so."""

    line: int
    step: str
    sentence: str
    otherwise: str = ""


@dataclass(frozen=True)
class PlayedStep:
    """What a step showed and how its checks stood."""

    step: Step
    text: str
    after: str
    verdicts: tuple[Verdict, ...]


@dataclass
class Report:
    """A lesson that was played. `left_out` are checks that need what is not installed here."""

    lesson: Lesson
    steps: list[PlayedStep] = field(default_factory=list[PlayedStep])
    faults: list[Fault] = field(default_factory=list[Fault])
    left_out: list[Verdict] = field(default_factory=list[Verdict])

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def checks(self) -> int:
        """How many checks held."""
        return sum(each.holds and not each.left_out for step in self.steps for each in step.verdicts)

    @property
    def sentence(self) -> str:
        """The first thing that went otherwise, with its file and line."""
        if not self.faults:
            return ""
        first = self.faults[0]
        more = f" ({len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        said = f" {first.otherwise}" if first.otherwise else ""
        return f"{self.lesson.path.name}, line {first.line}, {first.step!r}: {first.sentence}{said}{more}"


def play(
    lesson: Lesson, stage: Stage | None = None, progress: Callable[[int, int], object] | None = None
) -> Report:
    """Do every act and judge every check. Only an act that cannot be done ends the play early."""
    if stage is not None:
        return _played(Tour(lesson, stage), progress)
    own = HeadlessStage()
    try:
        return _played(Tour(lesson, own), progress)
    finally:
        own.close()


def _played(tour: Tour, progress: Callable[[int, int], object] | None) -> Report:
    report = Report(tour.lesson)
    try:
        tour.begin()
    except Error as problem:
        report.faults.append(Fault(1, tour.step.title, str(problem)))
        return report
    while True:
        step = tour.step
        if progress is not None:
            progress(tour.index, len(tour.lesson.steps))
        missing = tour.missing()
        text = tour.text
        try:
            tour.show()
        except Error as problem:
            sentence = str(problem).partition(": ")
            line = next((act.line for act in step.acts if f"line {act.line}:" in str(problem)), step.line)
            report.faults.append(Fault(line, step.title, sentence[2]))
            return report
        # What the step itself makes or opens need not be there before.
        still = {point for point, _ in tour.missing()}
        report.faults += [
            Fault(point.line, step.title, f"{why}.") for point, why in missing if point in still
        ]
        verdicts = tour.verdicts()
        for verdict in verdicts:
            if verdict.left_out:
                report.left_out.append(verdict)
            elif not verdict.holds:
                check = verdict.check
                report.faults.append(Fault(check.line, step.title, verdict.sentence, check.otherwise))
        after = tour.after
        for line, sentence in tour.faults:
            report.faults.append(Fault(line, step.title, sentence))
        report.steps.append(PlayedStep(step, text, after, tuple(verdicts)))
        if tour.last:
            return report
        tour.go_on()
