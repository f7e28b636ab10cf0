"""How acts are written in a lesson: `do: step to u; forward` and all the other verbs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from nnstudio.errors import LessonError
from nnstudio.lessons.acts import (
    Act,
    Call,
    Choose,
    Export,
    NextSample,
    Open,
    Repeat,
    Reset,
    Rewind,
    RunPhase,
    RunScript,
    Sample,
    Set,
    StepBack,
    StepOn,
    StepTo,
    Train,
    Write,
)
from nnstudio.wording import nearest, short

if TYPE_CHECKING:
    from nnstudio.program.statement import Phase

PHASES: dict[str, Phase] = {
    "zero gradients": "zero_grad",
    "forward": "forward",
    "backward": "backward",
    "update": "update",
}
FORMATS = ("numpy", "pytorch")
MOST_TIMES = 10_000
MOST_EPOCHS = 1_000
MOST_ACTS = 40

NAME = r"[^\W\d]\w*(?:\.\w+)*"
_PATTERN = r"[\w*?.]+"
_HOW_OFTEN = r"(?: (\d{1,9}))?(?: times?)?"

_VERBS = (
    "reset",
    "step",
    "step to",
    "step back",
    "zero gradients",
    "forward",
    "backward",
    "update",
    "call",
    "write",
    "set",
    "lr",
    "next sample",
    "sample",
    "train",
    "rewind",
    "open",
    "export",
    "run",
    "repeat",
)


def parse_acts(text: str, line: int) -> tuple[Act, ...]:
    """The acts of one `do:` line, separated by semicolons. Raises LessonError with a sentence alone."""
    repeated = re.fullmatch(r"repeat (\d{1,9}) times?\s*:(.*)", text.strip(), re.DOTALL)
    if repeated:
        inner = parse_acts(repeated[2], line)
        return (Repeat(_count(repeated[1], MOST_TIMES, "times"), inner, line=line),)
    parts = [part.strip() for part in text.split(";")]
    if len(parts) > MOST_ACTS:
        raise LessonError(f"{len(parts)} acts in one line are more than {MOST_ACTS}; make several steps.")
    return tuple(parse_act(part, line) for part in parts)


def parse_act(text: str, line: int) -> Act:
    """One act. Raises LessonError with a sentence alone: who calls knows the file and the line."""
    words = " ".join(text.split())
    for pattern, make in _FORMS:
        found = re.fullmatch(pattern, words)
        if found:
            return make(found, line)
    verb = " ".join(words.split()[:2]) if words.startswith(("zero", "next")) else words.partition(" ")[0]
    shape = _SHAPES.get(verb)
    if shape:
        raise LessonError(f"{short(words)} is not how {verb} is written: write {shape}.")
    near = nearest(verb, _VERBS)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(_VERBS)}."
    raise LessonError(f"nobody can do {short(words)}; {hint}" if words else "do: says nothing to be done.")


_SHAPES = {
    "step": "step, step 3, step to fc1.output, or step back",
    "call": "call fc1 updateOutput",
    "write": "write fc1.weight = [[1, 2], [3, 4]]",
    "set": "set fc1.out_features = 3, or set batch_size = 1",
    "lr": "lr = 0.1",
    "sample": "sample 3",
    "train": 'train 5 epochs, train 50 steps, or train 5 epochs with batch_size=32 as "batch 32"',
    "open": "open lessons/two_layers.nns.json",
    "export": "export numpy, or export pytorch",
    "run": "run numpy, or run numpy 50 epochs",
    "repeat": "repeat 50 times: forward; backward; update",
}


def _count(digits: str | None, most: int, what: str) -> int:
    number = int(digits) if digits else 1
    if not 1 <= number <= most:
        raise LessonError(f"{digits} {what} cannot be; from 1 to {most:,} can.")
    return number


def _call(found: re.Match[str], line: int) -> Act:
    from nnstudio.program.statement import CALLS

    for function in CALLS:
        if function == found[2]:
            return Call(found[1], function, line=line)
    raise LessonError(f"{short(found[2])} is none of Torch7's calls: {', '.join(CALLS)}.")


def _train(found: re.Match[str], line: int) -> Act:
    count, unit, changes, name = found[1], found[2], found[3], found[4]
    chosen: list[tuple[str, Any]] = []
    for change in (changes or "").split(","):
        if change.strip():
            setting, equals, value = (part.strip() for part in change.partition("="))
            if not equals:
                raise LessonError(f"{short(change.strip())} is no change: write with batch_size=32.")
            chosen.append((setting, training_value(setting, value)))
    epochs = unit.startswith("epoch")
    number = _count(count, MOST_EPOCHS if epochs else MOST_TIMES, unit)
    return Train(number if epochs else 0, 0 if epochs else number, tuple(chosen), name or "", line=line)


def _write(found: re.Match[str], line: int) -> Act:
    from nnstudio.lessons.expressions import check_expression

    check_expression(found[2].replace(found[1], "it") if "*" in found[1] or "?" in found[1] else found[2])
    return Write(found[1], found[2], line=line)


def _set(found: re.Match[str], line: int) -> Act:
    node, _, setting = found[1].rpartition(".")
    value = found[2].strip()
    if not node:
        return Choose(setting, training_value(setting, value), line=line)
    return Set(node, setting, plain_value(value), line=line)


def _open(found: re.Match[str], line: int) -> Act:
    return Open(found[1], line=line)


def _run(found: re.Match[str], line: int) -> Act:
    epochs = _count(found[2], MOST_EPOCHS, "epochs") if found[2] else 0
    return RunScript(_format(found[1]), epochs, line=line)


def _format(name: str) -> str:
    if name not in FORMATS:
        raise LessonError(f"nothing can be exported as {short(name)}; there are {' and '.join(FORMATS)}.")
    return name


_FORMS: tuple[tuple[str, Callable[[re.Match[str], int], Act]], ...] = (
    (r"reset", lambda m, line: Reset(line=line)),
    (r"rewind", lambda m, line: Rewind(line=line)),
    (rf"step{_HOW_OFTEN}", lambda m, line: StepOn(_count(m[1], MOST_TIMES, "steps"), line=line)),
    (rf"step to ({NAME})", lambda m, line: StepTo(m[1], line=line)),
    (rf"step back{_HOW_OFTEN}", lambda m, line: StepBack(_count(m[1], MOST_TIMES, "steps"), line=line)),
    (r"(zero gradients|forward|backward|update)", lambda m, line: RunPhase(PHASES[m[1]], line=line)),
    (rf"call ({NAME}) (\w+)", _call),
    (rf"write ({_PATTERN}) ?= ?(.+)", _write),
    (rf"set ({_PATTERN}) ?= ?(.+)", _set),
    (r"(lr) ?= ?(.+)", _set),
    (r"next sample", lambda m, line: NextSample(line=line)),
    (r"sample (\d{1,9})", lambda m, line: Sample(int(m[1]), line=line)),
    (r"train (\d{1,9}) (epochs?|steps?)(?: with (.+?))?(?: as [\"“]([^\"“”]{1,40})[\"”])?", _train),
    (r"open ([\w./ -]+)", _open),
    (r"export (\w+)", lambda m, line: Export(_format(m[1]), line=line)),
    (r"run (\w+)(?: (\d{1,9}) epochs?)?", _run),
)  # fmt: skip


def training_value(name: str, text: str) -> Any:
    """A training setting as a lesson writes it, checked. Raises LessonError with a sentence alone."""
    from nnstudio.errors import Error
    from nnstudio.training.settings import RULES, TrainingSettings

    known = (*RULES, "optimizer", "schedule")
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
        raise LessonError(f"there is no training setting {short(name)}; {hint}")
    value = plain_value(text)
    try:
        return getattr(TrainingSettings(**{name: value}), name)
    except Error as error:
        raise LessonError(str(error)) from None


def plain_value(text: str) -> Any:
    """A number, a list of numbers, true or false, or the text itself."""
    import ast

    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if len(text) > 2000:
        raise LessonError("the value is longer than 2,000 characters.")
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return text
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
