"""DataSettings: all that a project says about its data, written as JSON; the data itself stays outside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from nnstudio.errors import DataError, GraphError
from nnstudio.modules.equations import Setting, setting
from nnstudio.wording import short

TASKS = ("auto", "classes", "numbers")
TARGETS = ("auto", "numbers", "one-hot", "signs", "inputs")
SCALINGS = ("none", "standardise", "unit")
TARGET_SCALINGS = ("none", "auto", "standardise")

Column = str | int

RULES: dict[str, Setting] = {
    "source": setting("digits", "A set of the catalogue, or a file such as csv:iris.csv."),
    "task": setting("auto", "What the targets are; auto looks at them.", choices=TASKS),
    "targets": setting("auto", "In what form the targets are fed.", choices=TARGETS),
    "validation": setting(0.15, "The part held back to watch the training.", low=0, high=1),
    "test": setting(0.15, "The part held back for the end.", low=0, high=1),
    "seed": setting(0, "Which samples go to which part.", low=0, high=2**63 - 1),
    "shuffle": setting(True, "Mix the samples before they are parted."),
    "stratify": setting(True, "Every class has the same share in every part."),
    "scaling": setting("none", "How inputs are scaled, as fitted on the training part.", choices=SCALINGS),
    "target_scaling": setting(
        "none",
        "How targets are scaled that are numbers, as fitted on the training part; answers and errors are "
        "shown in the data's own unit all the same. auto standardises them, unless they already lie between "
        "-1 and 1, at least 0.5 apart.",
        choices=TARGET_SCALINGS,
    ),
}
"""What each plain field may be."""


@dataclass(frozen=True)
class DataSettings:
    """Where the samples come from and how they are parted and scaled.  Raises DataError for a wrong value.

    source          a set of the catalogue ("digits"), points drawn by hand ("drawn"), a file: "csv:iris.csv",
                    "npz:faces.npz", "npy:…", or a folder of pictures: "images:cats and dogs"
    input_columns   of a table, by name or by index from 0; empty: all but the targets
    category_columns  those of the inputs that are read as texts: each text becomes an input, 0 or 1
    target_columns  of a table, by name or by index; empty: the last
    task            what the targets are: "classes", "numbers", or "auto" to look at them
    targets         how y is served: "auto" (class numbers, or numbers as they are), "numbers" (class numbers
                    as floats, N×1), "one-hot" (N×classes), "signs" (-1 and 1 for two classes, N×1),
                    "inputs" (y is x)
    options         of the source: samples, noise, seed, arms, header…
    validation, test   parts of the whole, each from 0 to below 1
    seed            of the split (the option `seed` is the one that makes the samples of a synthetic set)
    shuffle         mix the samples before they are parted; without, the last ones are the test
    stratify        every class has the same share in every part
    scaling         of x, fitted on the training part: "none", "standardise" (mean 0, deviation 1),
                    "unit" (0 to 1)
    target_scaling  of y where it is numbers: "none", "standardise", or "auto", which standardises it unless
                    it lies between -1 and 1 already, at least 0.5 apart, and leaves classes alone
    extra           fields of a newer version, kept and written back
    """

    source: str = "digits"
    input_columns: tuple[Column, ...] = ()
    target_columns: tuple[Column, ...] = ()
    task: str = "auto"
    targets: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0
    shuffle: bool = True
    stratify: bool = True
    scaling: str = "none"
    target_scaling: str = "none"
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    category_columns: tuple[Column, ...] = ()

    def __post_init__(self) -> None:
        for name in RULES:
            object.__setattr__(self, name, checked(name, getattr(self, name)))
        if not self.source:
            raise _wrong("source", "the name of a set or a file, such as digits or csv:iris.csv", self.source)
        object.__setattr__(self, "input_columns", _columns("input_columns", self.input_columns))
        object.__setattr__(self, "target_columns", _columns("target_columns", self.target_columns))
        object.__setattr__(self, "category_columns", _columns("category_columns", self.category_columns))
        object.__setattr__(self, "options", _options(self.options))
        if self.validation + self.test >= 1:
            raise DataError(
                f"The data settings leave nothing to train on: validation {self.validation:g} and test "
                f"{self.test:g} together must be below 1."
            )
        object.__setattr__(self, "extra", dict(self.extra))

    def to_dict(self) -> dict[str, Any]:
        """A dict of JSON values from which from_dict makes the same settings."""
        known: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "extra"}
        known["input_columns"] = list(self.input_columns)
        known["target_columns"] = list(self.target_columns)
        known["category_columns"] = list(self.category_columns)
        if not self.category_columns:
            del known["category_columns"]  # a project without them stays as it was
        known["options"] = {
            name: list(cast("tuple[float, ...]", option)) if isinstance(option, tuple) else option
            for name, option in self.options.items()
        }
        return {**self.extra, **known}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> DataSettings:
        """Settings from what to_dict wrote; absent fields take their default, unknown ones go to extra."""
        if not _is_mapping(given):
            raise DataError(f"The data settings must be an object with fields, not {short(given)}.")
        names = {f.name for f in fields(cls)} - {"extra"}
        known = {name: value for name, value in given.items() if name in names}
        return cls(**known, extra={name: value for name, value in given.items() if name not in names})


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _wrong(name: str, wanted: str, value: object) -> DataError:
    return DataError(f"The data setting {name} must be {wanted}, not {short(value)}.")


def checked(name: str, value: object) -> Any:
    """The value of one of the RULES in its plain type, or a DataError."""
    rule = RULES[name]
    try:
        return rule.check(value)
    except GraphError:
        raise _wrong(name, rule.expectation, value) from None


def _columns(name: str, value: object) -> tuple[Column, ...]:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        value = (value,)
    if not isinstance(value, list | tuple):
        raise _wrong(name, "a list of column names or indices", value)
    columns: list[Column] = []
    for column in cast("Iterable[object]", value):
        if isinstance(column, bool) or not isinstance(column, str | int):
            raise _wrong(name, "a list of column names or indices", column)
        columns.append(column)
    return tuple(columns)


def _plain(name: str, option: object) -> int | float:
    if not isinstance(option, int | float) or (isinstance(option, float) and not math.isfinite(option)):
        raise _wrong(f"options.{name}", "a finite number, a list of them, or a text", option)
    return option


def _options(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong("options", "an object such as {samples: 200}", value)
    options: dict[str, Any] = {}
    for name, option in cast("Mapping[object, object]", value).items():
        if not isinstance(name, str):
            raise _wrong("options", "an object whose names are text", name)
        if isinstance(option, list | tuple):
            options[name] = tuple(_plain(name, each) for each in cast("Iterable[object]", option))
        else:
            options[name] = option if isinstance(option, str) else _plain(name, option)
    return options
