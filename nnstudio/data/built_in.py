"""The built-in sets, as a list that a palette, a command line and a document can show."""

from __future__ import annotations

from dataclasses import dataclass

from nnstudio.data.real_sets import REAL_SETS, RealSet
from nnstudio.data.settings import DataSettings
from nnstudio.data.synthetic_sets import LICENCE, ORIGIN, SYNTHETIC_SETS, SyntheticSet
from nnstudio.modules.equations import Setting


@dataclass(frozen=True)
class Entry:
    """What is known about a built-in set before it is loaded.

    kind       "real" or "synthetic"
    samples, inputs, classes   with the default options; classes is 0 where the task is "numbers"
    suggested  the settings a new project on this set starts with
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
    options: tuple[Setting, ...]
    origin: str
    licence: str
    suggested: DataSettings


def catalogue() -> list[Entry]:
    """All built-in sets, the real ones first."""
    return [*map(_real, REAL_SETS), *map(_made, SYNTHETIC_SETS)]


_SUGGESTED = {
    "digits": DataSettings("digits", scaling="unit"),
    "mnist5k": DataSettings("mnist5k", scaling="unit"),
    "iris": DataSettings("iris", scaling="standardise"),
    "breast_cancer": DataSettings("breast_cancer", scaling="standardise"),
    "diabetes": DataSettings("diabetes", scaling="standardise", target_scaling="standardise"),
    # all four corners are the lesson: none is held back, and they come in order
    "xor": DataSettings("xor", validation=0.0, test=0.0, shuffle=False),
}


def _real(real: RealSet) -> Entry:
    return Entry(
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
        suggested=_SUGGESTED.get(real.name) or DataSettings(real.name),
    )


def _made(made: SyntheticSet) -> Entry:
    samples, inputs, classes = made.sizes({option.name: option.default for option in made.options})
    return Entry(
        name=made.name,
        title=made.title,
        doc=made.doc,
        kind="synthetic",
        samples=samples,
        inputs=inputs,
        task=made.task,
        classes=classes,
        class_names=tuple(str(number) for number in range(classes)),
        image_shape=None,
        options=made.options,
        origin=ORIGIN,
        licence=LICENCE,
        suggested=_SUGGESTED.get(made.name) or DataSettings(made.name),
    )
