"""JSON values on their way into and out of a project: numbers that JSON has no word for, objects, parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from nnstudio.errors import Error, ProjectError

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

Part = TypeVar("Part")


def as_object(value: Any, what: str) -> dict[str, Any]:
    """The value, where it is an object with fields; else ProjectError about `what`."""
    if not isinstance(value, dict):
        raise ProjectError(f"{what} is not an object with fields.")
    return cast("dict[str, Any]", value)


def as_list(value: Any, what: str) -> list[Any]:
    """The value, where it is a list; else ProjectError about `what`."""
    if not isinstance(value, list):
        raise ProjectError(f"{what} is not a list.")
    return cast("list[Any]", value)


def part_from(read: Callable[[Mapping[str, Any]], Part], fields: Mapping[str, Any], where: str) -> Part:
    """What `read` makes of the fields; its errors become sentences about `where`."""
    try:
        return read(fields)
    except Error as error:
        raise ProjectError(f"{where}: {error}") from None


def with_words(value: Any) -> Any:
    """The value with words for the floats that JSON cannot say: a loss may be infinite."""
    if isinstance(value, float):  # nearly all of a long history: asked first
        if math.isfinite(value):
            return float(value)
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {key: with_words(entry) for key, entry in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [with_words(entry) for entry in cast("list[Any]", value)]
    if hasattr(value, "tolist"):
        return with_words(value.tolist())
    return value


def with_numbers(value: Any) -> Any:
    """What with_words made words of, as numbers again."""
    if isinstance(value, dict):
        return {key: with_numbers(entry) for key, entry in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [with_numbers(entry) for entry in cast("list[Any]", value)]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value
