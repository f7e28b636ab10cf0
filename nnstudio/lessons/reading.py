"""Reading a lesson: a text file that a teacher writes by hand. What is wrong is said with its line."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from nnstudio.errors import LessonError
from nnstudio.lessons.acts import Act
from nnstudio.lessons.checks import Check, parse_check
from nnstudio.lessons.lesson import PANELS, Lesson, Point, Step
from nnstudio.lessons.text import check_text
from nnstudio.lessons.verbs import parse_acts, training_value
from nnstudio.wording import nearest, short

ENDING = ".lesson"
LARGEST_FILE = 256 << 10
LONGEST_LINE = 4_000
MOST_STEPS = 200
MOST_LINES_IN_STEP = 400

HEADER = ("lesson", "project", "number", "about", "minutes")
SETTINGS = ("seed", "dtype", "batch_size", "lr", "epochs", "shuffle", "optimizer", "schedule")
KEYWORDS = ("point", "do", "check", "otherwise")
_KEY = re.compile(r"([A-Za-z_][A-Za-z_ ]{0,30}?)\s*:(?:\s(.*)|)$", re.DOTALL)


def read(path: str | PathLike[str]) -> Lesson:
    """A lesson file. Raises LessonError, one sentence with the file and the line."""
    file = Path(path)
    try:
        if file.is_dir():
            raise LessonError(f"{file} is a folder; name a lesson in it.")
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise LessonError(f"There is no lesson {file}.") from None
    except (OSError, ValueError) as error:
        raise LessonError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return parse(data, file)


def parse(data: bytes, path: str | PathLike[str]) -> Lesson:
    """The text of a lesson file. Raises LessonError, one sentence with the file and the line."""
    file = Path(path)
    if len(data) > LARGEST_FILE:
        raise LessonError(f"{file.name} is larger than {LARGEST_FILE >> 10} KB, too large for a lesson.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LessonError(f"{file.name}, line {line}: the text is not in UTF-8; save it as UTF-8.") from None
    reader = _Reader(file, hashlib.sha256(data).hexdigest()[:16])
    return reader.read(text)


@dataclass
class _StepBeingRead:
    title: str
    line: int
    text: list[str] = field(default_factory=list[str])
    text_line: int = 0
    after: list[str] = field(default_factory=list[str])
    after_line: int = 0
    points: list[Point] = field(default_factory=list[Point])
    acts: list[Act] = field(default_factory=list[Act])
    checks: list[Check] = field(default_factory=list[Check])

    @property
    def has_keywords(self) -> bool:
        return bool(self.acts or self.checks)


class _Reader:
    """Goes through the lines once: the header, then the steps."""

    def __init__(self, file: Path, digest: str) -> None:
        self._file = file
        self._digest = digest
        self._header: dict[str, str] = {}
        self._settings: dict[str, Any] = {}
        self._steps: list[_StepBeingRead] = []

    def read(self, text: str) -> Lesson:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        number = 0
        while number < len(lines):
            line = lines[number]
            first = number + 1
            number += 1
            if len(line) > LONGEST_LINE:
                self._fail(first, f"the line is longer than {LONGEST_LINE:,} characters; break it")
            if line.lstrip().startswith("//"):
                continue
            found = _KEY.match(line)
            word = " ".join(found[1].lower().split()) if found else ""
            if found and self._is_keyword(word):
                value = found[2] or ""
                # An indented line goes on with the line before.
                while number < len(lines) and lines[number][:2].strip() == "" and lines[number].strip():
                    value += " " + lines[number].strip()
                    number += 1
                if len(value) > LONGEST_LINE:
                    self._fail(first, f"what follows {word}: is longer than {LONGEST_LINE:,} characters")
                try:
                    self._keyword(word, value.strip(), first)
                except LessonError as problem:
                    self._fail(first, str(problem))
            elif line.startswith("# "):
                self._begin_step(line[2:].strip(), first)
            elif self._steps:
                self._prose(line, first)
            elif line.strip():
                near = nearest(word, (*HEADER, *SETTINGS)) if found else None
                hint = f"did you mean {near}:?" if near else "a step begins with # and a title."
                self._fail(
                    first, f"{short(line.strip())} is no line of the header, such as project: …; {hint}"
                )
        return self._finished(len(lines))

    def _is_keyword(self, word: str) -> bool:
        if not self._steps:
            return word in HEADER or word in SETTINGS or word in KEYWORDS
        return word in KEYWORDS

    def _fail(self, line: int, problem: str) -> None:
        ending = "" if problem.endswith((".", "?")) else "."
        raise LessonError(f"{self._file.name}, line {line}: {problem}{ending}")

    def _begin_step(self, title: str, line: int) -> None:
        if not title:
            self._fail(line, "the step has no title: write # and some words")
        if len(self._steps) >= MOST_STEPS:
            self._fail(line, f"a lesson has at most {MOST_STEPS} steps")
        self._steps.append(_StepBeingRead(title, line))

    def _prose(self, line: str, number: int) -> None:
        step = self._steps[-1]
        if number - step.line > MOST_LINES_IN_STEP:
            self._fail(number, f"a step has at most {MOST_LINES_IN_STEP} lines; begin another with #")
        near = _misspelt(line)
        if near:
            self._fail(number, f"{short(line.strip())}: did you mean {near}:?")
        after = step.has_keywords
        lines = step.after if after else step.text
        if line.strip() or lines:
            if not lines:
                if after:
                    step.after_line = number
                else:
                    step.text_line = number
            lines.append(line.rstrip())

    def _keyword(self, word: str, value: str, line: int) -> None:
        if not self._steps:
            if word in KEYWORDS:
                raise LessonError(f"{word}: belongs to a step; begin one with # and a title.")
            self._head(word, value)
            return
        step = self._steps[-1]
        if step.after and any(each.strip() for each in step.after):
            raise LessonError(
                f"{word}: comes after the text that is shown when the step is done; begin a new step with #."
            )
        if word == "point":
            step.points.extend(_points(value, line))
        elif word == "do":
            if step.checks:
                raise LessonError("do: comes before check:; what is done after a check is a new step.")
            step.acts.extend(parse_acts(value, line))
        elif word == "check":
            step.checks.append(parse_check(value, line))
        else:
            self._otherwise(step, value)

    def _otherwise(self, step: _StepBeingRead, value: str) -> None:
        if not step.checks:
            raise LessonError("otherwise: follows the check: that it speaks of.")
        if step.checks[-1].otherwise:
            raise LessonError("the check has one otherwise: already.")
        if not value:
            raise LessonError("otherwise: says nothing.")
        step.checks[-1] = replace(step.checks[-1], otherwise=value)

    def _head(self, word: str, value: str) -> None:
        if word in self._header or word in self._settings:
            raise LessonError(f"{word}: is there twice.")
        if not value:
            raise LessonError(f"{word}: says nothing.")
        if word in SETTINGS:
            self._settings[word] = training_value(word, value)
            return
        if word in ("number", "minutes") and not re.fullmatch(r"\d{1,4}", value):
            raise LessonError(f"{word}: needs a whole number, not {short(value)}.")
        self._header[word] = value

    def _finished(self, lines: int) -> Lesson:
        for needed, example in (("lesson", "The chain rule"), ("project", "chain_rule.nns.json")):
            if needed not in self._header:
                self._fail(1, f"the header has no {needed}:, such as {needed}: {example}")
        if not self._steps:
            self._fail(lines, "the lesson has no step; a step begins with # and a title")
        return Lesson(
            title=self._header["lesson"],
            project=self._header["project"],
            steps=tuple(self._step(each) for each in self._steps),
            path=self._file,
            digest=self._digest,
            number=int(self._header.get("number", 0)),
            about=self._header.get("about", ""),
            minutes=int(self._header.get("minutes", 0)),
            settings=self._settings,
        )

    def _step(self, step: _StepBeingRead) -> Step:
        text, after = "\n".join(step.text).rstrip(), "\n".join(step.after).rstrip()
        if not text:
            self._fail(step.line, f"the step {short(step.title)} has no text")
        if step.acts and not step.checks:
            self._fail(step.line, f"the step {short(step.title)} asks for an act but has no check: of it")
        for first, prose in ((step.text_line, text), (step.after_line, after)):
            for line, problem in check_text(prose):
                self._fail(first + line, problem)
        return Step(
            title=step.title,
            line=step.line,
            text=text,
            text_line=step.text_line,
            after=after,
            after_line=step.after_line,
            points=tuple(step.points),
            acts=tuple(step.acts),
            checks=tuple(step.checks),
        )


def _misspelt(line: str) -> str | None:
    """The keyword that a line of prose was meant to begin with: "chek: loss < 1"."""
    found = re.match(r"([A-Za-z]{2,10}):\s", line)
    if not found or found[1].lower() in KEYWORDS:
        return None
    word = found[1].lower()
    near = nearest(word, KEYWORDS)
    return near if near and abs(len(near) - len(word)) <= 2 and near[0] == word[0] else None


_NAME = r"[^\W\d]\w*(?:\.\w+)*"


def _points(text: str, line: int) -> list[Point]:
    points: list[Point] = []
    for part in text.split(";"):
        words = " ".join(part.split())
        edge = re.fullmatch(rf"edge ({_NAME}) ?(?:->|→) ?({_NAME})", words)
        plain = re.fullmatch(rf"(node|statement) ({_NAME})", words)
        panel = re.fullmatch(r"panel ([a-z ]+)", words)
        if edge:
            points.append(Point("edge", edge[1], line, edge[2]))
        elif plain:
            points.append(Point(plain[1], plain[2], line))
        elif panel and panel[1] in PANELS:
            points.append(Point("panel", panel[1], line))
        elif panel:
            raise LessonError(f"there is no panel {short(panel[1])}; there are {', '.join(PANELS)}.")
        else:
            raise LessonError(
                f"{short(words)} is nothing to point at: write node fc1, edge fc1 -> act1, "
                "statement fc1.grad_weight, or panel program."
            )
    return points
