"""Acts: what a step asks the user to do, one verb each, and how each is written in a lesson.

An act is a small value that can be performed on any Stage: the studio's window or the one without a window.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnstudio.errors import LessonError
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.lessons.stage import Stage
    from nnstudio.program.statement import Call as CallName
    from nnstudio.program.statement import Phase

LANGUAGES = {"numpy": "NumPy", "pytorch": "PyTorch"}
BUTTONS = {"zero_grad": "Zero Gradients", "forward": "Forward", "backward": "Backward", "update": "Update"}
MOST_STARS = 3


@dataclass(frozen=True)
class Act:
    """One verb with what it is done to. `line` is where the lesson asks for it."""

    line: int = field(compare=False, kw_only=True)

    def perform(self, stage: Stage) -> None:
        """Let the stage do it. Raises Error where it cannot be done now."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """What a person is to do, as half a sentence: "press Step"."""
        raise NotImplementedError


@dataclass(frozen=True)
class Reset(Act):
    def perform(self, stage: Stage) -> None:
        stage.reset()

    @property
    def words(self) -> str:
        return "press Reset"


@dataclass(frozen=True)
class StepOn(Act):
    count: int

    def perform(self, stage: Stage) -> None:
        stage.step(self.count)

    @property
    def words(self) -> str:
        return "press Step" + _times(self.count)


@dataclass(frozen=True)
class StepTo(Act):
    """Step until a quantity has been computed in this pass."""

    key: str

    def perform(self, stage: Stage) -> None:
        stage.step_to(self.key)

    @property
    def words(self) -> str:
        return f"press Step until {self.key} has been computed"


@dataclass(frozen=True)
class StepBack(Act):
    count: int

    def perform(self, stage: Stage) -> None:
        stage.step_back(self.count)

    @property
    def words(self) -> str:
        return "press Step Back" + _times(self.count)


@dataclass(frozen=True)
class RunPhase(Act):
    """One of the phases, whole."""

    phase: Phase

    def perform(self, stage: Stage) -> None:
        stage.run_phase(self.phase)

    @property
    def words(self) -> str:
        return f"press {BUTTONS[self.phase]}"


@dataclass(frozen=True)
class Call(Act):
    """One of Torch7's five calls, on one node."""

    node: str
    function: CallName

    def perform(self, stage: Stage) -> None:
        stage.call(self.node, self.function)

    @property
    def words(self) -> str:
        return f"select {self.node} and run {self.function}"


@dataclass(frozen=True)
class Write(Act):
    """Type numbers into a quantity, or into all that a pattern such as `r*.weight` names.

    The value is an expression; the same pattern in it stands for the quantity that is written.
    """

    key: str
    value: str

    def perform(self, stage: Stage) -> None:
        from nnstudio.lessons.expressions import written_values

        stage.write(dict(written_values(stage, self.key, self.value)))

    @property
    def words(self) -> str:
        if is_pattern(self.key):
            return f"set {_all(self.key)} to {self.value.replace(self.key, 'itself').replace('*', '·')}"
        return f"set {self.key} to {self.value}"


@dataclass(frozen=True)
class Set(Act):
    """Change a setting of a node, or of all nodes that a pattern such as `r*` names."""

    node: str
    setting: str
    value: Any

    def perform(self, stage: Stage) -> None:
        names = [each.name for each in stage.project.graph.nodes.values()]
        stage.set(matching(self.node, names, "node"), self.setting, self.value)

    @property
    def words(self) -> str:
        return f"select {_all(self.node)} and set {_label(self.setting)} to {_plain(self.value)}"


@dataclass(frozen=True)
class Choose(Act):
    """Change a training setting: lr, batch_size, optimizer, …"""

    setting: str
    value: Any

    def perform(self, stage: Stage) -> None:
        stage.choose(self.setting, self.value)

    @property
    def words(self) -> str:
        return f"set {_label(self.setting)} to {_plain(self.value)} in the Settings panel"


@dataclass(frozen=True)
class NextSample(Act):
    def perform(self, stage: Stage) -> None:
        stage.next_sample()

    @property
    def words(self) -> str:
        return "go to the next sample"


@dataclass(frozen=True)
class Sample(Act):
    """Feed the batch that begins with this training sample, counted from 0."""

    index: int

    def perform(self, stage: Stage) -> None:
        stage.sample(self.index)

    @property
    def words(self) -> str:
        return f"choose sample {self.index}"


@dataclass(frozen=True)
class Train(Act):
    """Train on from where the project stands; `changes` hold for this run alone, `name` keeps its curve."""

    epochs: int
    steps: int
    changes: tuple[tuple[str, Any], ...] = ()
    name: str = ""

    def perform(self, stage: Stage) -> None:
        stage.train(epochs=self.epochs, steps=self.steps, changes=dict(self.changes), name=self.name)

    @property
    def words(self) -> str:
        how_long = _amount(self.epochs, "epoch") if self.epochs else _amount(self.steps, "step")
        changed = ", ".join(f"{_label(name)} {_plain(value)}" for name, value in self.changes)
        return f"train for {how_long}" + (f" with {changed}" if changed else "")


@dataclass(frozen=True)
class Rewind(Act):
    def perform(self, stage: Stage) -> None:
        stage.rewind()

    @property
    def words(self) -> str:
        return "choose Run > Rewind the Weights"


@dataclass(frozen=True)
class Open(Act):
    """Go on with another project; the lesson's settings hold there too."""

    project: str

    def perform(self, stage: Stage) -> None:
        stage.open(self.project)

    @property
    def words(self) -> str:
        return f"open {self.project.rpartition('/')[2].partition('.')[0].replace('_', ' ')}"


@dataclass(frozen=True)
class Export(Act):
    """Write the project as a script, in a folder of the lesson's own."""

    format: str

    def perform(self, stage: Stage) -> None:
        stage.export(self.format)

    @property
    def words(self) -> str:
        return f"choose File > Export and take the {LANGUAGES[self.format]} script"


@dataclass(frozen=True)
class RunScript(Act):
    """Run the exported script, in a process where nnstudio cannot be imported: to check it, or to train."""

    format: str
    epochs: int

    def perform(self, stage: Stage) -> None:
        stage.run_script(self.format, self.epochs)

    @property
    def words(self) -> str:
        doing = f"train it for {_amount(self.epochs, 'epoch')}" if self.epochs else "let it check itself"
        return f"run the {LANGUAGES[self.format]} script and {doing}"


@dataclass(frozen=True)
class Repeat(Act):
    """Several acts, so many times."""

    count: int
    acts: tuple[Act, ...]

    def perform(self, stage: Stage) -> None:
        for _ in range(self.count):
            for act in self.acts:
                act.perform(stage)

    @property
    def words(self) -> str:
        return f"{_amount(self.count, 'time')}: " + ", ".join(act.words for act in self.acts)


def is_pattern(name: str) -> bool:
    """Whether a name stands for several."""
    return "*" in name or "?" in name


def matching(pattern: str, names: list[str], what: str) -> list[str]:
    """The names that a pattern with * and ? stands for. Raises LessonError where there are none."""
    if not is_pattern(pattern):
        return [pattern]
    if pattern.count("*") > MOST_STARS:
        raise LessonError(f"{short(pattern)} has more than {MOST_STARS} stars.")
    parts = {"*": r"\w*", "?": r"\w"}
    expression = re.compile("".join(parts.get(letter) or re.escape(letter) for letter in pattern))
    found = [name for name in names if expression.fullmatch(name)]
    if not found:
        raise LessonError(f"no {what} is called {pattern}.")
    return found


def _all(pattern: str) -> str:
    """A pattern as one says it: every rfc….weight."""
    return f"every {re.sub('[*?]', '…', pattern)}" if is_pattern(pattern) else pattern


def _times(count: int) -> str:
    return "" if count == 1 else f" {count:,} times"


def _amount(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(setting: str) -> str:
    """A setting as the window's panels write it."""
    return {"lr": "learning rate"}.get(setting, setting.replace("_", " "))
