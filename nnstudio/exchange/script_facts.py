"""What both scripts' templates ask of a project: conditions and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnstudio.exchange.content import Content
from nnstudio.exchange.layout import INDENT, bracketed, in_docstring, quoted
from nnstudio.exchange.scaling_text import constants_text, reading_text
from nnstudio.exchange.schedule_text import (
    after_epoch_text,
    has_progress,
    is_scheduled,
    progress_text,
    rate_text,
    schedule_functions,
)
from nnstudio.exchange.template import Value


def conditions_of(content: Content) -> dict[str, bool]:
    """Which lines of a template are there."""
    trains, data = content.trains, bool(content.taken)
    return {
        "trains": trains,
        "loss": content.loss is not None,
        "data": data,
        "stored": data and content.has("train"),
        "validation": trains and content.has("validation"),
        "classes": content.classified is not None,
        "means": not content.averaged[False],
        "sums": not content.averaged[True],
        "mixed": content.mixed,
        "full": content.settings.batch_size == 0,
        "shuffle": data and content.settings.shuffle,
        "resumed": content.epochs > 0,
        "scheduled": is_scheduled(content),
        "stepped": content.schedule.every_step,
        "plateau": has_progress(content),
        "math": trains and "math." in "\n".join(schedule_functions(content)),
    }


def values_of(content: Content, stem: str, weights_end: str, nodes: Mapping[str, str]) -> dict[str, Value]:
    """What stands for the names of a template; `nodes` are the script's identifiers of the nodes."""
    conditions = conditions_of(content)
    scores, truth = "", ""
    if content.classified is not None:
        scores, truth = nodes[content.classified[0]], nodes[content.classified[1].node]
    fed = " and ".join(nodes[feed.node] for feed in content.taken)
    skipped = "EPOCHS_TRAINED + epochs" if conditions["resumed"] else "epochs"
    if conditions["resumed"] and not conditions["shuffle"]:
        skipped = f"EPOCHS_TRAINED, {skipped}"
    settings = content.settings
    return {
        "title": in_docstring(stem),
        "origin": in_docstring(content.origin),
        "reading": reading_text(content, stem),
        "fitted": constants_text(content),
        "description": quoted(f"{stem}: a network drawn in nnstudio"),
        "weights_end": weights_end,
        "weights_file": quoted(f"{stem}{weights_end}"),
        "data_file": quoted(f"{stem}_data.npz"),
        "output_file": quoted(f"{stem}_trained{weights_end}"),
        "data_help": quoted(
            f"an .npz with {fed}" + (" instead of the stored ones" if conditions["stored"] else "")
        ),
        "tolerance": repr(content.tolerance),
        "epochs": str(settings.epochs),
        "batch_size": str(settings.batch_size),
        "lr": repr(content.lr),
        "seed": str(settings.seed),
        "epochs_trained": str(content.epochs),
        "steps_trained": str(content.steps),
        "schedule": schedule_functions(content) if content.trains else [],
        "progress": progress_text(content),
        "rate": rate_text(content),
        "after_epoch": after_epoch_text(content, 'measured["loss"]' if conditions["validation"] else "loss"),
        "epoch_range": skipped,
        "first": quoted(nodes[content.taken[0].node]) if content.taken else "",
        "scores": quoted(scores),
        "truth": quoted(truth),
        "dtype": settings.dtype,
    }


def train_signature(conditions: Mapping[str, bool], network: Sequence[str], arrays: str) -> list[str]:
    """The head of train(): the network, and what the data and the training need."""
    wanted = {f"data: {arrays}": "data", f"validation: {arrays}": "validation", "epochs: int": "trains"}
    wanted |= {"batch_size: int": "data", "lr: float": "rated"}
    arguments = [*network, *(argument for argument, condition in wanted.items() if conditions[condition])]
    return bracketed("def train(", arguments, ") -> None:")


def train_call(conditions: Mapping[str, bool], network: Sequence[str], validation: str) -> list[str]:
    """The call of train() in main()."""
    wanted = {"data": "data", validation: "validation", "arguments.epochs": "trains"}
    wanted |= {"arguments.batch_size": "data", "arguments.lr": "rated"}
    arguments = [*network, *(argument for argument, condition in wanted.items() if conditions[condition])]
    return [line.removeprefix(INDENT * 2) for line in bracketed("train(", arguments, ")", 2)]
