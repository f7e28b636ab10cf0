"""What a sweep may vary, as a list to choose from, and values to begin with."""

from __future__ import annotations

from typing import Any

from nnstudio.project.setup import Setup
from nnstudio.project.sweep_points import known_names, rule_for
from nnstudio.training import optimizers, schedules

_FIRST = ("lr", "batch_size", "optimizer", "seed", "epochs", "schedule")
_LEFT_OUT = ("backend", "threads", "keep_best", "keep_every", "stop_loss", "patience", "seconds")


def choices(setup: Setup) -> list[str]:
    """Everything that may be varied, what is varied most often first."""
    known = [name for name in known_names(setup) if name not in _LEFT_OUT]
    return [*(name for name in _FIRST if name in known), *(name for name in known if name not in _FIRST)]


def value_now(setup: Setup, name: str) -> Any:
    """What the setting is now."""
    training = setup.training
    if hasattr(training, name):
        return getattr(training, name)
    kind, _, rest = name.partition(".")
    if kind == "optimizer":
        return optimizers.definition(training.optimizer).complete(training.optimizer_settings).get(rest)
    if kind == "schedule":
        return schedules.definition(training.schedule).complete(training.schedule_settings).get(rest)
    node, _, setting = name.rpartition(".")
    return setup.graph.node(node).settings.get(setting)


def suggested(setup: Setup, name: str) -> str:
    """Values around what it is now, as they are typed: "0.3, 0.1, 0.03"."""
    if name == "optimizer":
        return "SGD, Adam"
    now, rule = value_now(setup, name), rule_for(setup, name)
    if rule is None:
        return str(now)
    if name == "seed":
        return ", ".join(str(now + each) for each in range(3))
    match rule.kind:
        case "bool":
            return "yes, no"
        case "choice":
            return ", ".join(rule.choices)
        case "int":
            around = [now // 2, now, now * 2] if now else [1, 2, 4]
        case "float":
            around = [now / 3, now, now * 3] if now else [0.0, 0.1]
        case _:
            return "×".join(map(str, now)) if isinstance(now, tuple) else str(now)
    fit = [each for each in around if (rule.low is None or each >= rule.low)]
    fit = [each for each in fit if (rule.high is None or each <= rule.high)]
    return ", ".join(f"{each:.2g}" if isinstance(each, float) else str(each) for each in dict.fromkeys(fit))


def span_around(setup: Setup, name: str) -> str:
    """A range around what it is now: "0.01..1"."""
    now, rule = value_now(setup, name), rule_for(setup, name)
    if rule is None or rule.kind not in ("int", "float"):
        return ""
    if rule.kind == "int":
        return f"{max(1, now // 4)}..{max(2, now * 4)}"
    return f"{now / 10:.2g}..{now * 10:.2g}" if now else "0.001..0.1"
