"""A learning rate's schedule in a script: its functions as nnstudio has them, and the calls of them."""

from __future__ import annotations

from collections.abc import Mapping

from nnstudio.exchange.content import Content
from nnstudio.exchange.layout import quoted
from nnstudio.program.text import function_text


def schedule_functions(content: Content) -> list[str]:
    """The lines of `rate` and what else the schedule has; none for a constant rate."""
    if not is_scheduled(content):
        return []
    functions = content.schedule.definition.functions.values()
    return "\n\n\n".join(map(function_text, functions)).splitlines()


def is_scheduled(content: Content) -> bool:
    """Whether the learning rate changes."""
    return content.schedule.definition.name != "constant"


def has_progress(content: Content) -> bool:
    """Whether the schedule looks at the losses, and remembers something of them."""
    return bool(content.schedule.definition.start)


def progress_text(content: Content) -> str:
    """What the schedule remembers, as a dict."""
    return (
        "{"
        + ", ".join(f"{quoted(name)}: {value!r}" for name, value in content.schedule.state().items())
        + "}"
    )


def rate_text(content: Content) -> str:
    """The expression for the learning rate in use, over `lr`, `epoch` and `step`."""
    return _call(content, "rate", {name: name for name in ("lr", "epoch", "step")} | {"epochs": "EPOCHS"})


def after_epoch_text(content: Content, loss: str) -> str:
    """The expression for what is remembered after an epoch of this loss."""
    return _call(content, "after_epoch", {"loss": loss})


def _call(content: Content, function: str, known: Mapping[str, str]) -> str:
    definition = content.schedule.definition
    if function not in definition.functions:
        return ""
    settings = definition.complete(content.settings.schedule_settings)
    wanted = definition.reads(function)
    arguments = [known[name] for name in wanted if name in known]
    if all(name in wanted for name in definition.start):
        arguments += ["**progress"] if definition.start else []
    else:
        arguments += [f'{name}=progress["{name}"]' for name in definition.start if name in wanted]
    arguments += [f"{name}={settings[name]!r}" for name in wanted if name in settings]
    return f"{function}({', '.join(arguments)})"
