"""The points of a sweep: what it varies, and the setup that each of them stands for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nnstudio.errors import GraphError, TrainingError
from nnstudio.graph import EditInside, Level, SetSettings
from nnstudio.modules.catalogue import definitions
from nnstudio.project.difference import in_words, value_in_words, words_for
from nnstudio.project.run_limits import MOST_RUNS
from nnstudio.project.setup import Setup
from nnstudio.training import optimizers, schedules
from nnstudio.training.settings import RULES
from nnstudio.wording import did_you_mean, short

if TYPE_CHECKING:
    from nnstudio.modules.equations import Setting

MOST_POINTS = MOST_RUNS
_TRIES = 100
_KINDS = {"optimizer": optimizers, "schedule": schedules}


@dataclass(frozen=True)
class Axis:
    """The values that one setting takes: "lr", "optimizer.momentum", "fc1.out_features"."""

    name: str
    values: tuple[Any, ...]

    def draw(self, random: np.random.Generator) -> Any:
        """One of them."""
        return self.values[int(random.integers(len(self.values)))]


@dataclass(frozen=True)
class Span:
    """The range that one setting is drawn from, evenly, or with `log` evenly over its orders of magnitude.

    TrainingError where it is no range.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        _require_range(self.name, self.low, self.high, self.log)

    def draw(self, random: np.random.Generator) -> Any:
        """A number between the two ends, short enough to be typed: four digits."""
        if self.log:
            value = math.exp(random.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = random.uniform(self.low, self.high)
        if self.whole:
            return min(max(round(value), math.ceil(self.low)), math.floor(self.high))
        return min(max(float(f"{value:.4g}"), self.low), self.high)


def _require_range(called: str, low: float, high: float, log: bool) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise TrainingError(f"{called} cannot be drawn from {low:g} to {high:g}: give the lower end first.")
    if log and low <= 0:
        raise TrainingError(
            f"{called} cannot be drawn over orders of magnitude from {low:g} on: "
            "begin above 0, or draw evenly."
        )


@dataclass(frozen=True)
class Point:
    """One run of a sweep: what was set, and the setup that results."""

    values: Mapping[str, Any]
    setup: Setup

    @property
    def name(self) -> str:
        """ "learning rate 0.1, fc1.out_features 8"."""
        return ", ".join(f"{words_for(name)} {in_words(name, value)}" for name, value in self.values.items())


def grid(setup: Setup, axes: Sequence[Axis]) -> list[Point]:
    """Every combination, the last axis fastest. TrainingError or GraphError for what cannot be set."""
    _require(axes)
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_POINTS:
        raise TrainingError(
            f"The grid has {count:,} points, and at most {MOST_POINTS} are run: draw some of them at random."
        )
    names = [axis.name for axis in axes]
    combinations = itertools.product(*(axis.values for axis in axes))
    return [point_at(setup, dict(zip(names, values, strict=True))) for values in combinations]


def sample(setup: Setup, axes: Sequence[Axis | Span], number: int, seed: int = 0) -> list[Point]:
    """So many points drawn at random, no two alike; fewer where there are not as many."""
    _require(axes)
    if not 0 < number <= MOST_POINTS:
        raise TrainingError(f"A sweep draws from 1 to {MOST_POINTS} points, not {number:,}.")
    lists = [axis for axis in axes if isinstance(axis, Axis)]
    if len(lists) == len(axes) and math.prod(len(axis.values) for axis in lists) <= number:
        return grid(setup, lists)
    random = np.random.default_rng(seed)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(_TRIES * number):
        values = {axis.name: axis.draw(random) for axis in axes}
        found.setdefault(tuple(values.values()), values)
        if len(found) == number:
            break
    return [point_at(setup, values) for values in found.values()]


def _require(axes: Sequence[Axis | Span]) -> None:
    if not axes:
        raise TrainingError("A sweep needs something to vary, such as lr=0.1,0.01.")
    names = [axis.name for axis in axes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise TrainingError(f"{twice} is given twice; put all of its values into one list.")


def point_at(setup: Setup, values: Mapping[str, Any]) -> Point:
    """The setup with these settings. TrainingError or GraphError where there is no such, or no such value."""
    plain = {name: value for name, value in values.items() if name in RULES}
    nested: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    inner: dict[str, Any] = {}
    for name, value in values.items():
        kind, _, rest = name.partition(".")
        if name in _KINDS or name in RULES:
            continue
        if kind in _KINDS:
            nested[kind][rest] = value
        else:
            inner[name] = value
    training = setup.training
    for kind, module in _KINDS.items():
        chosen = module.definition(values.get(kind, getattr(training, kind))).name
        same = chosen == getattr(training, kind)
        kept: Mapping[str, Any] = getattr(training, f"{kind}_settings") if same else {}
        if not same or nested[kind]:
            plain |= {kind: chosen, f"{kind}_settings": {**kept, **nested[kind]}}
    return Point(dict(values), replace(setup, training=replace(training, **plain), level=_set(setup, inner)))


def _set(setup: Setup, values: Mapping[str, Any]) -> Level:
    graph = setup.graph
    for name, value in values.items():
        node_name, _, setting_name = name.rpartition(".")
        node = graph.node(node_name)
        if setting_name not in node.settings:
            known = ", ".join(node.settings) or "none"
            raise GraphError(f"{node_name} has no setting {short(setting_name)}; its settings are: {known}.")
        if node.settings[setting_name] != value:
            path = graph.path(node_name)
            graph.apply(EditInside(path[:-1], SetSettings(path[-1], {setting_name: value})))
    return graph.level


# -- as they are typed


def known_names(setup: Setup) -> list[str]:
    """Everything that may be swept: settings of training, optimizer, schedule and nodes."""
    found = [*RULES, *_KINDS]
    for kind, module in _KINDS.items():
        found += [f"{kind}.{name}" for name in module.definition(getattr(setup.training, kind)).settings]
    return [*found, *(name for name, _ in _node_settings(setup.level, ""))]


def _node_settings(level: Level, prefix: str) -> Iterator[tuple[str, Setting]]:
    for node in level.nodes.values():
        if node.inside is not None:
            yield from _node_settings(node.inside, f"{prefix}{node.name}.")
        elif node.type in definitions():
            for name, rule in definitions()[node.type].settings.items():
                yield f"{prefix}{node.name}.{name}", rule


def rule_for(setup: Setup, name: str) -> Setting | None:
    """What the setting of this name may be; None for an optimizer or a schedule. TrainingError: no such."""
    if name in RULES:
        return RULES[name]
    if name in _KINDS:
        return None
    kind, _, rest = name.partition(".")
    if kind in _KINDS:
        # Which optimizer a point has may be swept too: whether that one has the setting is seen there.
        for known in _KINDS[kind].definitions().values():
            if rest in known.settings:
                return known.settings[rest]
    settings = dict(_node_settings(setup.level, ""))
    if name not in settings:
        raise TrainingError(f"There is no setting {short(name)}; {_hint(setup, name, list(settings))}")
    return settings[name]


def _hint(setup: Setup, name: str, of_nodes: list[str]) -> str:
    """What may have been meant."""
    for kind, module in _KINDS.items():
        if any(name in known.settings for known in module.definitions().values()):
            return f"did you mean {kind}.{name}."
    node, _, _ = name.rpartition(".")
    its = [each.removeprefix(f"{node}.") for each in of_nodes if node and each.startswith(f"{node}.")]
    if its:
        return f"the settings of {node} are: {', '.join(its)}."
    return did_you_mean(name, known_names(setup), "there are such as lr, batch_size and fc1.out_features")


def axis_from(setup: Setup, text: str, called: str = "") -> Axis:
    """ "lr=0.1,0.01" as an axis; commas, semicolons and blanks part the values. TrainingError for a name or a
    value that cannot be, with the setting `called` as its reader knows it.
    """
    name, values = _named(text, "lr=0.1,0.01")
    rule = rule_for(setup, name)
    words = filter(None, _parted(rule, values))
    found = tuple(dict.fromkeys(_value(name, rule, each, called or name) for each in words))
    if not found:
        raise TrainingError(f"{called or name} is given no value.")
    return Axis(name, found)


def _parted(rule: Setting | None, values: str) -> list[str]:
    """The values in words: blanks part those that have none themselves."""
    bare = rule is None or rule.kind not in ("shape", "text")
    return re.split(r"\s*[,;]\s*|\s+" if bare else r"\s*[,;]\s*", values.strip())


def span_from(setup: Setup, text: str, *, log: bool = False, called: str = "") -> Span:
    """ "lr=0.001..0.1" as a range. TrainingError for a name or numbers that cannot be, as in axis_from."""
    name, values = _named(text, "lr=0.001..0.1")
    called = called or name
    rule = rule_for(setup, name)
    if rule is None or rule.kind not in ("int", "float"):
        raise TrainingError(f"{called} is no number, so it has no range; list its values instead.")
    low, dots, high = values.partition("..")
    if not dots:
        raise TrainingError(f"{short(values)} is no range for {called}: write it as 0.001..0.1.")
    first, last = (_value(name, rule, each.strip(), called) for each in (low, high))
    _require_range(called, first, last, log)
    return Span(name, first, last, log=log, whole=rule.kind == "int")


def _named(text: str, example: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    name = name.strip()
    if not (name and equals and values.strip()):
        raise TrainingError(f"{short(text)} does not say what to vary; write it as {example}.")
    plain = name.replace("-", "_")
    return {"learning_rate": "lr"}.get(plain, plain if plain in RULES else name), values


def _value(name: str, rule: Setting | None, text: str, called: str) -> Any:
    """The value that a word stands for; what the optimizer or the module thinks of it is seen later."""
    if rule is None:
        return _KINDS[name].definition(text).name
    value: Any = text
    try:
        match rule.kind:
            case "int":
                value = int(text)
            case "float" | "numbers":
                value = float(text)
            case "shape":
                value = tuple(int(size) for size in text.replace("×", "x").split("x") if size)
            case "bool":
                words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
                value = words.get(text.casefold(), text)
            case "choice" | "text":
                pass
        return rule.check(value)
    except (ValueError, GraphError):
        raise TrainingError(f"{called} must be {rule.expectation}, not {text!r}.") from None


def value_text(name: str, value: Any) -> str:
    """A value of an axis for a table."""
    return in_words(name, value) if name in RULES else value_in_words(value)
