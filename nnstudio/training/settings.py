"""TrainingSettings: everything a project says about how it is trained, small and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from nnstudio.errors import GraphError, TrainingError
from nnstudio.modules.equations import Setting, setting
from nnstudio.training import optimizers, schedules
from nnstudio.wording import short

RULES: dict[str, Setting] = {
    "epochs": setting(10, "How often the whole training part is gone through.", low=0, high=1_000_000),
    "batch_size": setting(
        32,
        "How many samples make one update; 0 takes the whole training part.",
        low=0,
        high=1_000_000_000,
        zero="all samples",
    ),
    "lr": setting(0.1, "The learning rate: how far an update goes.", low=0, high=1e6),
    "seed": setting(0, "What the first weights and the order of samples come from.", low=0, high=2**63 - 1),
    "shuffle": setting(True, "Mix the samples anew before each epoch."),
    "dtype": setting("float32", "How exact the numbers are.", choices=("float32", "float64")),
    "backend": setting(
        "numpy", "What computes: the processor or the graphics card.", choices=("numpy", "cupy")
    ),
    "stop_loss": setting(
        0.0,
        "The run ends when the training loss of an epoch is this or lower; 0 never asks.",
        low=0,
        high=1e12,
        zero="not asked for",
    ),
    "patience": setting(
        0,
        "The run ends when the validation loss has not fallen for so many epochs; 0 never asks.",
        low=0,
        high=1_000_000,
        zero="not asked for",
    ),
    "seconds": setting(
        0.0,
        "The run ends when so many seconds were trained; 0 never asks.",
        low=0,
        high=1e9,
        zero="not asked for",
    ),
    "keep_best": setting(True, "Keep the weights of the lowest validation loss as a checkpoint."),
    "keep_every": setting(
        0,
        "Keep the weights as a checkpoint after every so many epochs; 0 keeps none.",
        low=0,
        high=1_000_000,
        zero="not asked for",
    ),
    "threads": setting(
        0,
        "On how many cores a product is computed; 0 chooses by size.",
        low=0,
        high=1024,
        zero="chosen by size",
    ),
}
"""What each plain field may be; the studio makes its editors from it."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a graph is trained.  Raises TrainingError for a wrong value; RULES says what each may be.

    optimizer, optimizer_settings   as in optimizers.definitions(); settings left out take their default
    schedule, schedule_settings     as in schedules.definitions()
    stop_loss, patience, seconds    what ends a run before its epochs are over; 0 leaves it out
    keep_best, keep_every           which checkpoints a run keeps
    extra                           fields of a newer version, kept and written back
    """

    epochs: int = 10
    batch_size: int = 32
    lr: float = 0.1
    optimizer: str = "SGD"
    optimizer_settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    schedule: str = "constant"
    schedule_settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seed: int = 0
    shuffle: bool = True
    dtype: str = "float32"
    backend: str = "numpy"
    threads: int = 0
    stop_loss: float = 0.0
    patience: int = 0
    seconds: float = 0.0
    keep_best: bool = True
    keep_every: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        for name in RULES:
            self._set(name, checked(name, getattr(self, name)))
        optimizer = optimizers.definition(self.optimizer)
        schedule = schedules.definition(self.schedule)
        self._set("optimizer", optimizer.name)
        self._set("schedule", schedule.name)
        self._set("optimizer_settings", _given(optimizer, self.optimizer_settings, "optimizer_settings"))
        self._set("schedule_settings", _given(schedule, self.schedule_settings, "schedule_settings"))
        self._set("extra", dict(self.extra))

    def to_dict(self) -> dict[str, Any]:
        """A dict of JSON values from which from_dict makes the same settings."""
        known: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "extra"}
        known["optimizer_settings"] = dict(self.optimizer_settings)
        known["schedule_settings"] = dict(self.schedule_settings)
        return {**self.extra, **known}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> TrainingSettings:
        """Settings as to_dict writes them; absent fields take their default, unknown ones go to extra."""
        if not _is_mapping(given):
            raise TrainingError(f"The training settings must be an object with fields, not {short(given)}.")
        names = {each.name for each in fields(cls)} - {"extra"}
        known = {name: value for name, value in given.items() if name in names}
        return cls(**known, extra={name: value for name, value in given.items() if name not in names})

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def checked(name: str, value: object) -> Any:
    """The value of one of the RULES in its plain type, or a TrainingError."""
    rule = RULES[name]
    try:
        return rule.check(value)
    except GraphError:
        raise TrainingError(
            f"The training setting {name} must be {rule.expectation}, not {short(value)}."
        ) from None


def _given(
    definition: optimizers.OptimizerDefinition | schedules.ScheduleDefinition, settings: object, where: str
) -> dict[str, Any]:
    """The settings that were given, checked; those left out stay out, so that a project stays short."""
    if not isinstance(settings, Mapping):
        raise TrainingError(
            f"The training setting {where} must be an object with fields, not {short(settings)}."
        )
    chosen = cast("Mapping[str, Any]", settings)
    try:
        complete = definition.complete(chosen)
    except GraphError as error:
        raise TrainingError(str(error)) from None
    return {name: complete[name] for name in chosen}
