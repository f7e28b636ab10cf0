"""What two runs differ in, in words: their training, their data, their drawings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nnstudio.graph import Level
from nnstudio.graph.node import OUTPUT, Node
from nnstudio.project.setup import Setup
from nnstudio.training import optimizers, schedules
from nnstudio.training.settings import RULES, TrainingSettings
from nnstudio.wording import short

_NAMES = {"lr": "learning rate", "dtype": "precision"}
NOTHING = "none"


@dataclass(frozen=True)
class Difference:
    """One thing that differs: "learning rate", "0.1", "0.01"."""

    what: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.what}: {self.first} against {self.second}"


def difference(a: Setup, b: Setup) -> list[Difference]:
    """What differs between two setups, the training first; where things are drawn does not count."""
    return [*_training(a.training, b.training), *_data(a, b), *_level(a.level, b.level, "")]


def words_for(name: str) -> str:
    """A training setting as people call it: "learning rate"; a node's as it is: "fc1.use_bias"."""
    return _NAMES.get(name, name if "." in name else name.replace("_", " "))


def in_words(name: str, value: Any) -> str:
    """The value of a training setting: "all samples" for a batch size of 0."""
    rule = RULES.get(name)
    return rule.zero if rule is not None and rule.zero and value == 0 else value_in_words(value)


def value_in_words(value: Any) -> str:
    """A value of any setting, short."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.10g}"
        case str():
            return value if len(value) <= 40 else short(value)
        case None:
            return NOTHING
        case list() | tuple():
            return short(list(value)).strip("[]") or NOTHING  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return short(value)


def _training(a: TrainingSettings, b: TrainingSettings) -> Iterator[Difference]:
    first, second = a.to_dict(), b.to_dict()
    nested = ("optimizer_settings", "schedule_settings")
    for name in dict.fromkeys((*first, *second)):
        if name not in nested and first.get(name) != second.get(name):
            yield Difference(
                words_for(name), in_words(name, first.get(name)), in_words(name, second.get(name))
            )
    yield from _settings("", _optimizer(a), _optimizer(b))
    yield from _settings("schedule's ", _schedule(a), _schedule(b))


def _optimizer(training: TrainingSettings) -> dict[str, Any]:
    return optimizers.definition(training.optimizer).complete(training.optimizer_settings)


def _schedule(training: TrainingSettings) -> dict[str, Any]:
    return schedules.definition(training.schedule).complete(training.schedule_settings)


def _settings(
    prefix: str,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    missing: str = NOTHING,
    spoken: bool = True,
) -> Iterator[Difference]:
    for name in dict.fromkeys((*first, *second)):
        if (name in first) != (name in second) or first.get(name) != second.get(name):
            yield Difference(
                prefix + (name.replace("_", " ") if spoken else name),
                value_in_words(first[name]) if name in first else missing,
                value_in_words(second[name]) if name in second else missing,
            )


def _data(a: Setup, b: Setup) -> Iterator[Difference]:
    if a.data is None or b.data is None:
        if a.data is not b.data:
            yield Difference("data", *(NOTHING if each is None else each.source for each in (a.data, b.data)))
        return
    first, second = a.data.to_dict(), b.data.to_dict()
    options = first.pop("options", {}), second.pop("options", {})
    if first.get("source") != second.get("source"):
        yield Difference("data", value_in_words(first.pop("source")), value_in_words(second.pop("source")))
    yield from _settings("data's ", first, second)
    yield from _settings("data's ", *options, missing="as it comes")


def _level(a: Level, b: Level, prefix: str) -> Iterator[Difference]:
    """By names: a node that got another one counts as another."""
    first, second = ({node.name: node for node in level.nodes.values()} for level in (a, b))
    for name in dict.fromkeys((*first, *second)):
        if name in first and name in second:
            yield from _node(first[name], second[name], prefix + name)
        else:
            yield Difference(prefix + name, *(_type(nodes.get(name)) for nodes in (first, second)))
    mine, theirs = _edges(a), _edges(b)
    for edge in dict.fromkeys((*mine, *theirs)):
        source, port, target, at = edge
        if (edge in mine) != (edge in theirs) and _joint(source, target, first, second):
            way = f"{prefix}{source}{'' if port == OUTPUT else '.' + port} to {target}.{at}"
            yield Difference(
                f"edge from {way}", *("yes" if edge in each else "no" for each in (mine, theirs))
            )


def _joint(source: str, target: str, first: Mapping[str, Node], second: Mapping[str, Node]) -> bool:
    """Whether both drawings have both ends: else the missing node says it all."""
    return all(name in nodes for name in (source, target) for nodes in (first, second))


def _type(node: Node | None) -> str:
    return NOTHING if node is None else node.type


def _node(a: Node, b: Node, name: str) -> Iterator[Difference]:
    if a is b:
        return
    if a.type != b.type:
        yield Difference(name, a.type, b.type)
    else:
        yield from _settings(f"{name}.", a.settings, b.settings, spoken=False)
    if a.bypassed != b.bypassed:
        yield Difference(f"{name} is bypassed", *("yes" if each.bypassed else "no" for each in (a, b)))
    if a.inside is not None and b.inside is not None:
        yield from _level(a.inside, b.inside, f"{name}.")


def _edges(level: Level) -> dict[tuple[str, str, str, str], None]:
    names = {key: node.name for key, node in level.nodes.items()}
    return {
        (names[edge.source], edge.source_port, names[edge.target], edge.port): None for edge in level.edges
    }
