"""Tour: a lesson being gone through on a stage, by a person or by the player; it can be left and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.checks import Verdict
from nnstudio.lessons.expressions import names
from nnstudio.lessons.lesson import Lesson, Point, Step
from nnstudio.lessons.lookup import Lookup, remember
from nnstudio.lessons.stage import Stage
from nnstudio.lessons.text import places, rendered


@dataclass(frozen=True)
class Progress:
    """Where a lesson was left: how many steps are done, in a file with this digest."""

    step: int
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"step": self.step, "digest": self.digest}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Progress:
        """From what to_dict gave; anything else is the beginning of a lesson that is not known."""
        step, digest = given.get("step"), given.get("digest")
        if isinstance(step, int) and not isinstance(step, bool) and step >= 0 and isinstance(digest, str):
            return cls(step, digest)
        return cls(0, "")


class Tour:
    """Where somebody stands in a lesson. The stage is only asked and told; who holds it does the acts.

    begin() opens the lesson's project; then for each step: `text` is shown and `points` are lit, the user
    acts or show() does it for them, verdicts() says how the checks stand, `after` is shown where they hold,
    and go_on() enters the next step.
    """

    def __init__(self, lesson: Lesson, stage: Stage) -> None:
        self.lesson = lesson
        self.stage = stage
        self.index = 0
        self.faults: list[tuple[int, str]] = []
        """Values that the texts of this step ask for and that cannot be told: line and sentence."""
        self._start: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        self._shown: dict[int, str] = {}

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.index]

    @property
    def last(self) -> bool:
        """Whether this is the lesson's last step."""
        return self.index == len(self.lesson.steps) - 1

    @property
    def progress(self) -> Progress:
        """To be kept, and given to resume() another time."""
        return Progress(self.index, self.lesson.digest)

    # -- going on

    def begin(self) -> None:
        """Open the project and stand at the first step. Raises Error where that cannot be."""
        self.stage.begin(self.lesson)
        self.begun()

    def begun(self) -> None:
        """Remember how things are as the lesson begins; where the stage was busy, again when it is not."""
        self._start = remember(self._lookup(), _kept_names(self.lesson.steps, "start"))
        self.index = 0
        self.enter()

    def enter(self) -> None:
        """Remember how things are as this step begins; where the stage was busy, once more when it is not."""
        self.faults = []
        self._shown = {}
        self._before = remember(self._lookup(), _kept_names((self.step,), "before"))

    def go_on(self) -> None:
        """Enter the next step."""
        if not self.last:
            self.index += 1
            self.enter()

    def show(self) -> None:
        """Do what the step asks for. Raises LessonError with the line where an act cannot be done."""
        for act in self.step.acts:
            try:
                act.perform(self.stage)
            except Error as problem:
                raise self._wrong(act.line, f"could not {act.words}: {problem}") from None

    def resume(self, progress: Progress) -> bool:
        """Begin, and do again what the steps before asked for; False where the lesson is another by now.

        For a stage that does things at once; in the window the panel does the acts of `done(progress)`.
        """
        self.begin()
        if not self.fits(progress):
            return False
        while self.index < progress.step:
            self.show()
            self.go_on()
        return True

    def fits(self, progress: Progress) -> bool:
        """Whether progress was made in this very lesson."""
        return progress.digest == self.lesson.digest and progress.step < len(self.lesson.steps)

    # -- what is shown

    @property
    def text(self) -> str:
        """The step's text with the values of when it was asked for first."""
        return self._rendered(self.step.text, self.step.text_line)

    @property
    def after(self) -> str:
        """What is said when the step is done, with the values of then."""
        return self._rendered(self.step.after, self.step.after_line)

    def _rendered(self, text: str, line: int) -> str:
        if line not in self._shown:
            faults: list[tuple[int, str]] = []
            self._shown[line] = rendered(text, self._lookup(), faults)
            self.faults.extend((line + within, sentence) for within, sentence in faults)
        return self._shown[line]

    def verdicts(self) -> list[Verdict]:
        """How each check of the step stands now."""
        lookup = self._lookup()
        return [check.verdict(lookup) for check in self.step.checks]

    @property
    def done(self) -> bool:
        """Whether all checks of the step hold; a step that asks for nothing is only read."""
        return all(verdict.holds for verdict in self.verdicts())

    def missing(self) -> list[tuple[Point, str]]:
        """What the step points at and is not there any more, with a sentence; the lesson goes on without."""
        return [(point, sentence) for point in self.step.points if (sentence := self._why_not(point))]

    def _why_not(self, point: Point) -> str:
        if point.kind == "panel":
            return ""
        if point.kind == "statement":
            program = self.stage.program
            names = (point.name, f"{point.name}.output")
            known = program is not None and any(name in program for name in names)
            return "" if known else f"no statement computes {point.name} any more"
        graph = self.stage.project.graph
        for name in (point.name, point.target):
            try:
                if name:
                    graph.node(name)
            except Error:
                return f"the node {name} is not in the graph any more"
        if point.kind == "edge":
            source, target = graph.node(point.name).id, graph.node(point.target).id
            if not any(edge.source == source and edge.target == target for edge in graph.edges):
                return f"no edge leads from {point.name} to {point.target} any more"
        return ""

    def _lookup(self) -> Lookup:
        return Lookup(self.stage, self._before, self._start)

    def _wrong(self, line: int, sentence: str) -> LessonError:
        return LessonError(f"{self.lesson.path.name}, line {line}: {sentence}")


def _kept_names(steps: tuple[Step, ...], when: str) -> set[str]:
    """The quantities that checks and texts read as before.KEY or start.KEY."""
    texts = [text for step in steps for check in step.checks for text in (check.left, check.right) if text]
    texts += [
        place.expression for step in steps for text in (step.text, step.after) for place in places(text)
    ]
    return {
        name.partition(".")[2] for text in texts for name in names(text) if name.partition(".")[0] == when
    }
