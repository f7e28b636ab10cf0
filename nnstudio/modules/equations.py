"""Equations: classes whose functions are named after what they compute, and arguments after what they read.

Node types and optimizers are both written this way. This file reads such a class: its settings, its
functions, its documentation. It keeps no list of classes: each kind collects its own (`members`), so that a
class written in a test or in a notebook is nowhere but there.
"""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import FunctionType, ModuleType
from typing import Any, ClassVar, Literal, TypeVar, cast

import numpy as np

from nnstudio.errors import GraphError
from nnstudio.wording import short

Kind = Literal["int", "float", "bool", "choice", "shape", "numbers", "text"]

LONGEST_TEXT = 10_000
MOST_NUMBERS = 1_000_000
MOST_AXES = 8


@dataclass(frozen=True)
class Setting:
    """A value the user chooses: what it may be, what it is at first, and what it is for.

    kind "shape" is a tuple of whole numbers, each within low and high; "numbers" is a tuple of finite floats.
    `zero` says in a few words what 0 stands for, where it is no amount.
    """

    name: str
    kind: Kind
    default: Any
    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    zero: str = ""

    def check(self, value: Any, owner: str = "") -> Any:
        """The value in its plain Python type. Raises GraphError with a sentence when it is not allowed."""
        checked = _CHECKS[self.kind](self, value)
        if checked is None:
            subject = f"{owner}'s {self.name}" if owner else self.name
            raise GraphError(f"{subject} must be {self.expectation}, not {short(value)}.")
        return checked

    @property
    def expectation(self) -> str:
        """What is allowed, in words: "a whole number from 1 to 1,000,000"."""
        match self.kind:
            case "int":
                return "a whole number" + self._range()
            case "float":
                return "a finite number" + self._range()
            case "bool":
                return "true or false"
            case "choice":
                return "one of " + ", ".join(self.choices)
            case "shape":
                return f"a list of at most {MOST_AXES} whole numbers{self._range()}"
            case "numbers":
                return f"a list of at most {MOST_NUMBERS:,} finite numbers"
            case "text":
                return f"text of at most {LONGEST_TEXT:,} characters"

    def within(self, value: float) -> bool:
        """Whether a number lies between the bounds."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _range(self) -> str:
        low, high = _bound(self.low), _bound(self.high)
        if low and high:
            return f" from {low} to {high}"
        return f" of at least {low}" if low else f" of at most {high}" if high else ""


def setting(
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    zero: str = "",
    kind: Kind | None = None,
    name: str = "",
) -> Any:
    """Declare a setting in a class body: `out_features: int = setting(4, "How many come out.", low=1)`.

    The kind follows from the default, except for tuples, where it is "shape" or "numbers". `name` is for a
    setting whose name a function of the same class body already has (Input's shape).
    """
    found = kind or _kind_of(default, choices)
    return Setting(name, found, default, doc, low, high, choices, zero)


def _kind_of(default: Any, choices: tuple[str, ...]) -> Kind:
    if choices:
        return "choice"
    match default:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "text"
        case _:
            raise TypeError(f"a setting that starts as {default!r} needs its kind")


def _bound(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _plain(value: Any) -> Any:
    """A NumPy scalar as the Python number it stands for; anything else as it is."""
    return cast("np.generic[Any]", value).item() if isinstance(value, np.generic) else value


def _check_int(rule: Setting, value: Any) -> int | None:
    number = _plain(value)
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    return number if rule.within(number) else None


def _check_float(rule: Setting, value: Any) -> float | None:
    number = _plain(value)
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    return number if math.isfinite(number) and rule.within(number) else None


def _check_bool(rule: Setting, value: Any) -> bool | None:
    truth = _plain(value)
    return truth if isinstance(truth, bool) else None


def _check_choice(rule: Setting, value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value in rule.choices else None


def _check_text(rule: Setting, value: Any) -> str | None:
    return str(value) if isinstance(value, str) and len(value) <= LONGEST_TEXT else None


def _check_shape(rule: Setting, value: Any) -> tuple[int, ...] | None:
    entries = _entries(value)
    if entries is None or len(entries) > MOST_AXES:
        return None
    sizes = [_check_int(rule, entry) for entry in entries]
    return None if None in sizes else tuple(size for size in sizes if size is not None)


def _check_numbers(rule: Setting, value: Any) -> tuple[float, ...] | None:
    entries = _entries(value)
    if entries is None or len(entries) > MOST_NUMBERS:
        return None
    found = [_check_float(rule, entry) for entry in entries]
    return None if None in found else tuple(number for number in found if number is not None)


def _entries(value: Any) -> tuple[Any, ...] | None:
    """What a list, tuple, one-dimensional array or lone number holds."""
    if isinstance(value, np.ndarray):
        array = cast("np.ndarray[Any, Any]", value)
        return tuple(array.tolist()) if array.ndim == 1 else None
    if isinstance(value, (list, tuple)):
        return tuple(cast("list[Any]", value))
    return (value,) if isinstance(_plain(value), (int, float)) else None


_CHECKS = {
    "int": _check_int,
    "float": _check_float,
    "bool": _check_bool,
    "choice": _check_choice,
    "shape": _check_shape,
    "numbers": _check_numbers,
    "text": _check_text,
}


class Equations:
    """What node types and optimizers share: a class body of plain functions (no self) and settings.

    A function is named after the quantity it computes; its arguments name the quantities it reads.
    """

    formula: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()


class Description:
    """What a class of equations says, read once: name, documentation, settings and functions."""

    def __init__(self, cls: type[Equations]) -> None:
        self.cls = cls
        self.name: str = cls.__name__
        self.doc: str = inspect.cleandoc(cls.__doc__ or "")
        self.summary: str = " ".join(self.doc.split("\n\n")[0].split())
        self.formula: str = cls.formula
        self.aliases: tuple[str, ...] = cls.aliases
        self.settings: dict[str, Setting] = _settings(cls)
        self.functions: dict[str, FunctionType] = _functions(cls)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def complete(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """All settings, each checked, defaults filled in. Raises GraphError for an unknown or a wrong one."""
        for name in settings:
            if name not in self.settings:
                known = ", ".join(self.settings) or "none"
                raise GraphError(f"{self.name} has no setting {short(name)}; its settings are: {known}.")
        return {
            name: rule.check(settings[name], self.name) if name in settings else rule.default
            for name, rule in self.settings.items()
        }

    def reads(self, function: str) -> tuple[str, ...]:
        """The names of the quantities and settings a function reads, in order."""
        return argument_names(self.functions[function])


def argument_names(function: FunctionType) -> tuple[str, ...]:
    """The names of a plain function's arguments."""
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _settings(cls: type[Equations]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for level in _levels(cls):
        for attribute, value in vars(level).items():
            if isinstance(value, Setting):
                name = value.name or attribute
                rule = replace(value, name=name)
                found[name] = replace(rule, default=rule.check(value.default, cls.__name__))
    return found


def _functions(cls: type[Equations]) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for level in _levels(cls):
        for name, value in vars(level).items():
            if isinstance(value, FunctionType):
                found[name] = value
    return found


def _levels(cls: type[Equations]) -> list[type[Equations]]:
    """The classes a class of equations is built on, the most general first."""
    return [level for level in reversed(cls.__mro__) if issubclass(level, Equations)]


Member = TypeVar("Member", bound=Equations)


def members(module: ModuleType, kind: type[Member]) -> list[type[Member]]:
    """The classes of one kind that a Python module defines itself, in the order in which it does."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, kind) and value.__module__ == module.__name__
    ]
