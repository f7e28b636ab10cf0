"""Immutable values: what a node or an edge carries must not change behind an edit's back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from nnstudio.errors import GraphError

MAX_DEPTH = 64


class FrozenDict(dict[str, Any]):
    """A dict that refuses to change.

    (A MappingProxyType can be neither pickled nor compared with another.)
    """

    __slots__ = ()

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("This mapping is part of a graph and changes only through an edit.")

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType]
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType]

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self))

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, _memo: object) -> FrozenDict:
        return self


EMPTY = FrozenDict()


def freeze(value: Any, where: str, depth: int = 0) -> Any:
    """A JSON value made immutable: lists become tuples and dicts FrozenDicts.

    GraphError for anything JSON lacks.
    """
    if depth > MAX_DEPTH:
        raise GraphError(f"{where} is nested more than {MAX_DEPTH} levels deep.")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise GraphError(f"{where} must be a finite number, but is {value}.")
        return float(value)
    if isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        return tuple(freeze(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(items))
    if isinstance(value, Mapping):
        entries = cast("Mapping[Any, Any]", value)
        return freeze_mapping(entries, where, depth)
    raise GraphError(f"{where} holds a {type(value).__name__}, which a project file cannot store.")


def freeze_mapping(value: Mapping[Any, Any], where: str, depth: int = 0) -> FrozenDict:
    if not value:
        return EMPTY
    for key in value:
        if not isinstance(key, str):
            raise GraphError(f"{where} has the key {key!r}, but keys must be text.")
    return FrozenDict({key: freeze(item, f"{where}.{key}", depth + 1) for key, item in value.items()})


def thaw(value: Any) -> Any:
    """The plain JSON value again: fresh lists and dicts, which the caller may change."""
    if isinstance(value, tuple):
        return [thaw(item) for item in cast("tuple[Any, ...]", value)]
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in cast("Mapping[str, Any]", value).items()}
    return value
