"""What a run trains, as short marks: where they are others, losses from before are not to be compared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnstudio.modules.catalogue import definition
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.graph import FlatGraph
    from nnstudio.training.binding import BoundData

NETWORK, DATA = "network", "data"
FITTED = "fitted"
"""Beside them in the state of a run: what of its data belongs to the weights, as data.fitted keeps it."""
_NOT_COMPUTED_WITH = ("parameters", "torch_values")
_ROWS = 64
_MARK = re.compile(r"[0-9a-f]{16}")


def network_identity(graph: FlatGraph) -> str:
    """A mark of what the loss is computed by: 16 hexadecimal digits.

    Names, places, groups and what only the first weights follow from leave it as it is, and so does a node
    that the loss does not depend on.
    """
    found: dict[str, str] = {}
    for node in graph:
        if node.name in graph.purpose:
            at_the_start = _only_at_the_start(node.definition.name)
            settings = sorted(
                (name, value) for name, value in node.settings.items() if name not in at_the_start
            )
            shapes = sorted((name, parameter.shape) for name, parameter in node.parameters.items())
            read = sorted((port, found[source]) for port, source in node.sources.items())
            found[node.name] = _digest(repr((node.definition.name, settings, node.shape, shapes, read)))
    return _digest(repr(sorted(found.values())))


def data_identity(data: BoundData) -> str:
    """A mark of the samples that are trained on and judged by: 16 hexadecimal digits. It looks at some of
    their rows only, evenly chosen, so that a large set takes no longer; all that is done to whole columns
    shows there.
    """
    found: list[str] = []
    for part in (data.train, data.validation):
        for array in part.values():
            rows = np.linspace(0, len(array) - 1, min(len(array), _ROWS)).astype(np.intp)
            # float32, so that a run goes on as the same one in another dtype.
            some = np.ascontiguousarray(array[rows], np.float32)
            found.append(_digest(repr(array.shape), some.tobytes()))
        found.append("")
    return _digest(repr(found))


def checked_identity(value: object) -> str:
    """A mark as it was read from a file. ValueError where it is none."""
    if not isinstance(value, str) or not _MARK.fullmatch(value):
        raise ValueError(f"{short(value)} is no mark of a network or of data")
    return value


def comparable(state: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two run states are of the same network and data, as far as they say of which they are."""
    return all(
        name not in state or name not in other or state[name] == other[name] for name in (NETWORK, DATA)
    )


@cache
def _only_at_the_start(kind: str) -> frozenset[str]:
    """Settings of a module by which its parameters are drawn, and nothing else."""
    module = definition(kind)
    reading = {function: set(module.reads(function)) & set(module.settings) for function in module.functions}
    others = [names for function, names in reading.items() if function not in _NOT_COMPUTED_WITH]
    return frozenset(reading.get("parameters", set[str]()).difference(*others))


def _digest(text: str, more: bytes = b"") -> str:
    return hashlib.sha256(text.encode() + more).hexdigest()[:16]
