"""Changes: what may be set anew while a run goes on, between two batches, and the marks that this leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from nnstudio.errors import GraphError, TrainingError
from nnstudio.training import optimizers
from nnstudio.training.identity import DATA, NETWORK, checked_identity
from nnstudio.training.settings import checked
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.training.settings import TrainingSettings

CHANGEABLE = ("lr", "batch_size", "weight_decay")
MOST_MARKS = 200
"""The oldest are forgotten first: a slider that is dragged leaves one at every batch."""
OPTIMIZER = "optimizer"
BETWEEN_RUNS = (NETWORK, DATA, OPTIMIZER)
"""What may be another only when a run goes on, as words: the marks of network and data, and the optimizer."""
Mark = dict[str, Any]


def setting_of(settings: TrainingSettings, name: str) -> Any:
    """What the settings say of one of CHANGEABLE."""
    if name != "weight_decay":
        return getattr(settings, name)
    definition = optimizers.definition(settings.optimizer)
    return definition.complete(settings.optimizer_settings)[name]


def checked_change(settings: TrainingSettings, name: str, value: object) -> Any:
    """The value in its plain type. TrainingError where it cannot be one, or cannot be changed in a run."""
    if name not in CHANGEABLE:
        raise TrainingError(
            f"{short(name)} cannot be changed while a run goes on; {', '.join(CHANGEABLE)} can."
        )
    if name != "weight_decay":
        return checked(name, value)
    rule = optimizers.definition(settings.optimizer).settings[name]
    try:
        return rule.check(value)
    except GraphError:
        raise TrainingError(f"The {name} must be {rule.expectation}, not {short(value)}.") from None


class Changes:
    """What is in force of CHANGEABLE, and how it came to be: marks {"step", "epoch", "name", "from", "to"}.

    step   how many updates were made before;  epoch   the same in epochs, parts of one included

    `trains` says what the run is of: {"network": network_identity(), "data": data_identity()}.
    """

    def __init__(self, settings: TrainingSettings, trains: Mapping[str, str]) -> None:
        self._settings = settings
        self._between = {**trains, OPTIMIZER: optimizers.definition(settings.optimizer).name}
        self.incomparable = False
        """Whether the run went on with another network or on other data than it had until then."""
        self._set = {name: setting_of(settings, name) for name in CHANGEABLE}
        self.lr: float = self._set["lr"]
        self.batch_size: int = self._set["batch_size"]
        self.weight_decay: float = self._set["weight_decay"]
        self.marks: list[Mark] = []

    def change(self, name: str, value: object, step: int, epoch: float) -> None:
        """Puts a value in force, and marks it; several within one batch leave one mark."""
        checked = checked_change(self._settings, name, value)
        former = getattr(self, name)
        if checked != former:
            setattr(self, name, checked)
            self._note(name, former, checked, step, epoch)

    def _note(self, name: str, former: Any, now: Any, step: int, epoch: float) -> None:
        marks: list[Mark] = []  # a new list: who was given the former one keeps it as it was
        for mark in self.marks:
            if mark["name"] == name and mark["step"] == step:
                former = mark["from"]
            else:
                marks.append(mark)
        if now != former:
            marks.append({"step": step, "epoch": epoch, "name": name, "from": former, "to": now})
        self.marks = marks[-MOST_MARKS:]

    def state(self) -> dict[str, Any]:
        """For the run state: what is in force, what the settings said then, and the marks."""
        values = {name: getattr(self, name) for name in CHANGEABLE}
        settings = {f"{name}_setting": self._set[name] for name in CHANGEABLE}
        return {**values, **settings, **self._between, "changes": self.marks}

    def load(self, state: Mapping[str, Any], step: int, epoch: float) -> None:
        """Goes on from state(). What was set anew in the settings since then holds, and is marked; so is
        another network, other data and another optimizer.

        ValueError, TypeError, KeyError or TrainingError where the state is something else.
        """
        marks = [_mark(each) for each in _a_list(state.get("changes", []))]
        found: dict[str, tuple[Any, Any]] = {}
        for name in CHANGEABLE:
            if name == "lr" or name in state:  # states of earlier versions know of no other
                value, setting = (
                    checked_change(self._settings, name, state[key]) for key in (name, f"{name}_setting")
                )
                found[name] = value, setting
        self.marks = marks[-MOST_MARKS:]
        for name, now in self._between.items():
            former = _word(name, state.get(name, now))  # so too here
            if former != now:
                self._note(name, former, now, step, epoch)
                self.incomparable |= name in (NETWORK, DATA)
        for name, (value, setting) in found.items():
            setattr(self, name, value)
            if setting != self._set[name]:
                self.change(name, self._set[name], step, epoch)


def _a_list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("changes are no list")
    return cast("list[Any]", value)


def _mark(value: Any) -> Mark:
    name = str(value["name"])
    former, now = (_value(name, value[key]) for key in ("from", "to"))
    return {
        "step": int(value["step"]),
        "epoch": float(value["epoch"]),
        "name": name,
        "from": former,
        "to": now,
    }


def _value(name: str, value: Any) -> float | str:
    if name in BETWEEN_RUNS:
        return _word(name, value)
    return int(value) if name == "batch_size" else float(value)


def _word(name: str, value: object) -> str:
    return optimizers.definition(str(value)).name if name == OPTIMIZER else checked_identity(value)
