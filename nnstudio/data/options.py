"""The options a data source takes (samples, noise, arms, header…), each with its bounds."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nnstudio.errors import DataError


@dataclass(frozen=True)
class Option:
    """One thing a person can choose about a data source; `kind` is "int", "float" or "choice"."""

    name: str
    kind: str
    default: int | float | str
    doc: str
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()

    def check(self, value: Any, source: str) -> int | float | str:
        """The value in its proper type; DataError names the source, the option and its bounds."""
        if self.kind == "choice":
            if value not in self.choices:
                raise DataError(
                    f"{source}: {self.name} is {short(value)}, but must be one of {', '.join(self.choices)}."
                )
            return str(value)
        number = _whole(value) if self.kind == "int" else _real(value)
        if number is None:
            kind = "a whole number" if self.kind == "int" else "a number"
            raise DataError(f"{source}: {self.name} must be {kind}, not {short(value)}.")
        if not self.low <= number <= self.high:
            raise DataError(
                f"{source}: {self.name} must be from {self.low:,} to {self.high:,}, not {short(number)}."
            )
        return number


def complete(options: tuple[Option, ...], given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """All options of a source: defaults filled in, given ones checked; an unknown one is a DataError."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known) or 'no options'}."
            raise DataError(f"{source} has no option {short(name)}; {hint}")
    return {name: option.check(given.get(name, option.default), source) for name, option in known.items()}


def short(value: object) -> str:
    """A value as it may stand in a sentence: quoted when text, cut when long."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**15:
        return "a number of more than 15 digits"  # also keeps Python from refusing to print 5,000 digits
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…" + text[:1]


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _real(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
