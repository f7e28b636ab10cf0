"""Expressions of a lesson: the program's own language, over names that a lesson knows beside quantities."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nnstudio.errors import Error, LessonError

if TYPE_CHECKING:
    from nnstudio.lessons.stage import Stage
    from nnstudio.program.expression import Expression

LONGEST = 2_000
FUNCTIONS = ("jacobian", "hessian", "eigenvalues", "regions")
"""What a lesson may call beside the functions of the language."""


class Values(Protocol):
    """What an expression is worked out with."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """FUNCTIONS by name."""
        ...

    @property
    def rounding(self) -> float:
        """What two ways to compute the same may differ by, relative to the largest number."""
        ...

    def __call__(self, name: str, /) -> Any:
        """The value of a name. Raises Error where there is none."""
        ...


@lru_cache(maxsize=512)
def _parsed(text: str) -> Expression | str:
    """The expression, or the sentence that says why it is none."""
    from nnstudio.program.expression import parse

    if not text.strip():
        return "there is nothing to work out."
    if len(text) > LONGEST:
        return f"an expression has at most {LONGEST:,} characters."
    try:
        return parse(text, FUNCTIONS)
    except Error as problem:
        return str(problem)


def parsed(text: str) -> Expression:
    """The expression. Raises LessonError with a sentence alone."""
    found = _parsed(text)
    if isinstance(found, str):
        raise LessonError(found)
    return found


def check_expression(text: str) -> None:
    """Raise LessonError with a sentence alone where a text is no expression."""
    parsed(text)


def names(text: str) -> tuple[str, ...]:
    """The quantities that an expression reads."""
    return tuple(parsed(text).names)


def evaluate(text: str, lookup: Values) -> Any:
    """The value of an expression. Raises Error where it has none."""
    with np.errstate(all="ignore"):
        return parsed(text).value(lookup, lookup.functions)


def written_values(stage: Stage, key: str, text: str) -> Generator[tuple[str, Any]]:
    """What an act `write KEY = TEXT` writes: for a pattern such as `r*.weight`, each quantity it names."""
    from nnstudio.lessons.acts import matching
    from nnstudio.lessons.lookup import Lookup, quantity

    lookup = Lookup(stage)
    program = lookup.program
    for each in matching(key, list(program.keys()), "quantity"):
        value = evaluate(re.sub(re.escape(key) + r"(?![\w.])", each, text) if each != key else text, lookup)
        yield quantity(program, each), value
