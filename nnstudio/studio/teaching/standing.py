"""How a step stands: which checks hold, which are still to come, and which went otherwise than asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nnstudio.lessons.checks import Check, Verdict
from nnstudio.lessons.expressions import FUNCTIONS, names
from nnstudio.lessons.lesson import Step
from nnstudio.lessons.text import places

State = Literal["open", "held", "otherwise", "left out"]
_COSTLY_FUNCTIONS = tuple(name for name in FUNCTIONS if name != "jacobian")


@dataclass(frozen=True)
class Standing:
    """One check: `words` are what is shown of it, `sentence` what is, where that is not as asked."""

    check: Check
    state: State
    words: str
    sentence: str = ""


@dataclass
class Page:
    """One step as it is shown. Once it is `done` it stays so, whatever is done afterwards.

    first   how each check stood before anything was done
    astray  something was done that the step does not ask for
    """

    index: int
    step: Step
    text: str | None = None
    after: str = ""
    done: bool = False
    shown_how: bool = False
    acted: bool = False
    astray: bool = False
    problem: str = ""
    missing: tuple[str, ...] = ()
    first: list[Verdict] | None = None
    standings: list[Standing] = field(default_factory=list[Standing])

    def judge(self, verdicts: Sequence[Verdict], passing: bool = False) -> None:
        """Take over how the checks stand now; `passing` where something is still being done, so that a check
        that holds may not do so at the end."""
        if self.done:
            return
        if self.first is None:
            self.first = list(verdicts)
        self.standings = [
            self._standing(verdict, first) for verdict, first in zip(verdicts, self.first, strict=True)
        ]
        self.done = not passing and all(verdict.holds for verdict in verdicts)

    def _standing(self, verdict: Verdict, first: Verdict) -> Standing:
        check = verdict.check
        if verdict.left_out:
            return Standing(check, "left out", shown(check.text), verdict.sentence)
        if verdict.holds:
            return Standing(check, "held", shown(check.text))
        altered = self.acted and not verdict.waiting and astray(verdict, first)
        state: State = "otherwise" if altered else "open"
        return Standing(check, state, shown(question(check)), verdict.sentence if altered else "")

    @property
    def otherwise(self) -> str:
        """The lesson's own sentence about what went otherwise; empty where nothing did."""
        if self.done:
            return ""
        for number, standing in enumerate(self.standings):
            if standing.state == "otherwise" or (self.astray and standing.state == "open"):
                # A sentence that follows several checks speaks of all of them.
                behind = (each.check.otherwise for each in self.standings[number:])
                return next((words for words in behind if words), standing.sentence)
        return ""

    @property
    def may_go_on(self) -> bool:
        return self.done or self.shown_how


def astray(verdict: Verdict, first: Verdict) -> bool:
    """Whether anything is neither as it should be nor as it stood when the step began.

    What stands as it stood is still to be done, and not wrong: so a table is not complained of that is being
    typed number by number.
    """
    if verdict.sentence == first.sentence:
        return False
    now, then, right = verdict.found, first.found, verdict.agrees
    if now is None or then is None or right is None or now.shape != then.shape or now.shape != right.shape:
        return True
    return bool(np.any((now != then) & ~right.astype(bool)))


def question(check: Check) -> str:
    """What is asked for, without its answer: that is shown when it holds."""
    return check.left if check.relation and check.left else check.text


def shown(text: str) -> str:
    """A check as one writes it by hand."""
    for pattern, written in (
        (r"\s*==\s*", " = "),
        (r"<=", "≤"),
        (r">=", "≥"),
        (r"\*\*2(?!\d)", "²"),
        (r"\.T\b", "ᵀ"),
        (r"(?<!\*)\s*\*\s*(?!\*)", " · "),
        (r"(?<![\w)\].])-(?=\s*[\d.(\w])", "−"),
        (r"\s-\s", " − "),
        (r" within \S+$", ""),
    ):
        text = re.sub(pattern, written, text)
    return text


def costly(step: Step) -> bool:
    """Whether its checks or values compute for so long that no window should wait for them."""
    expressions = [part for check in step.checks for part in (check.left, check.right) if part]
    for check in step.checks:
        if not check.relation:
            expressions.append(check.text)
    expressions += [place.expression for text in (step.text, step.after) for place in places(text)]
    for expression in expressions:
        if any(re.search(rf"\b{name}\s*\(", expression) for name in _COSTLY_FUNCTIONS):
            return True
        if any(
            name.startswith(("training.test_", "training.samples", "curvature."))
            for name in names(expression)
        ):
            return True
    return False
