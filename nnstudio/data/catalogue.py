"""The built-in sets, as a list that a palette, a command line and a document can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnstudio.data.options import Option
from nnstudio.data.real_sets import REAL_SETS
from nnstudio.data.settings import DataSettings
from nnstudio.data.synthetic_sets import SYNTHETIC_SETS


@dataclass(frozen=True)
class Entry:
    """What is known about a built-in set before it is loaded.

    kind      "real" or "synthetic"
    samples, inputs, classes   with the default options; classes is 0 where the task is "numbers"
    suggested the settings a new project on this set starts with
    """

    name: str
    title: str
    doc: str
    kind: str
    samples: int
    inputs: int
    task: str
    classes: int
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    options: tuple[Option, ...]
    origin: str
    licence: str
    suggested: DataSettings


def catalogue() -> list[Entry]:
    """All built-in sets, the real ones first."""
    return list(_ENTRIES)


def _scaled(name: str, **fields: Any) -> DataSettings:
    return DataSettings(source=name, **fields)


_SUGGESTED = {
    "digits": _scaled("digits", scaling="unit"),
    "mnist5k": _scaled("mnist5k", scaling="unit"),
    "iris": _scaled("iris", scaling="standardise"),
    "breast_cancer": _scaled("breast_cancer", scaling="standardise"),
    "diabetes": _scaled("diabetes", scaling="standardise", target_scaling="standardise"),
    # all four corners are the lesson: none is held back, and they come in order
    "xor": _scaled("xor", validation=0.0, test=0.0, shuffle=False),
}

_ENTRIES = [
    Entry(
        name=real.name,
        title=real.title,
        doc=real.doc,
        kind="real",
        samples=real.samples,
        inputs=real.inputs,
        task=real.task,
        classes=len(real.class_names),
        class_names=real.class_names,
        image_shape=real.image_shape,
        options=(),
        origin=real.origin,
        licence=real.licence,
        suggested=_SUGGESTED.get(real.name, DataSettings(source=real.name)),
    )
    for real in REAL_SETS
]
for _made in SYNTHETIC_SETS:
    _samples, _inputs, _classes = _made.sizes({option.name: option.default for option in _made.options})
    _ENTRIES.append(
        Entry(
            name=_made.name,
            title=_made.title,
            doc=_made.doc,
            kind="synthetic",
            samples=_samples,
            inputs=_inputs,
            task=_made.task,
            classes=_classes,
            class_names=tuple(str(number) for number in range(_classes)),
            image_shape=None,
            options=_made.options,
            origin="made by nnstudio",
            licence="free of rights",
            suggested=_SUGGESTED.get(_made.name, DataSettings(source=_made.name)),
        )
    )
