"""What is typed into the document by hand and need not restart its program: weights and constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.graph.ports import definition_of

if TYPE_CHECKING:
    from nnstudio.graph import Edge
    from nnstudio.graph.level import Level
    from nnstudio.graph.node import Node
    from nnstudio.program import Program
    from nnstudio.project import Project

Arrays = dict[str, NDArray[Any]]
_MOST_HELD = 64


class TypedWeights:
    """Tells weights that were typed from those that a training run or another file has brought.

    Stepping may have changed the program's weights, which the document does not know of: when an edit is
    undone, the program gets back what it held before the edit, and not what the document held.
    """

    def __init__(self) -> None:
        self._weights: Mapping[str, NDArray[Any]] = {}
        self._history: object = None
        # By key and identity of the document's array, which is kept so that no other gets its identity.
        self._held: dict[tuple[str, int], tuple[NDArray[Any] | None, NDArray[Any]]] = {}

    def taken(self, project: Project) -> None:
        """The program has all weights of the document."""
        self._weights, self._history = dict(project.weights), project.history
        self._held = {}

    def changed(self, project: Project, program: Program, *, sweeping: bool) -> Arrays | None:
        """What the program is to hold instead, by key; None where all weights are to be taken anew."""
        if project.history is not self._history:
            return None
        before, self._weights = self._weights, dict(project.weights)
        if all(before.get(key) is self._weights.get(key) for key in {**before, **self._weights}):
            return None  # what was stepped is to be forgotten, as an edit that starts again means it
        own = {each.key: each for each in program.listing.parameters}
        found: Arrays = {}
        for key in {**before, **self._weights}:
            former, now = before.get(key), self._weights.get(key)
            if former is now or key not in own:
                continue
            if now is not None and now.shape != own[key].parameter.shape:
                continue
            if not sweeping:
                self._hold(program, key, former)
            held = self._held.get((key, id(now)))
            if held is not None:
                found[key] = held[1]
            else:
                found[key] = program.first_value(key) if now is None else now
        return found

    def _hold(self, program: Program, key: str, former: NDArray[Any] | None) -> None:
        holds = program[key]
        expected = program.first_value(key) if former is None else former
        expected = expected.astype(holds.dtype, copy=False)
        # NaN is looked for only where there may be some: for millions of numbers that takes long.
        if not np.array_equal(holds, expected) and not np.array_equal(holds, expected, equal_nan=True):
            self._held[(key, id(former))] = (former, holds.copy())
            while len(self._held) > _MOST_HELD:
                del self._held[next(iter(self._held))]
        else:
            self._held.pop((key, id(former)), None)


def typed_constants(before: Level, after: Level) -> dict[str, NDArray[Any]] | None:
    """The new numbers of Constant nodes by key, where they are all that differs; else None."""
    found: dict[str, NDArray[Any]] = {}
    for now, former, name in _pairs(before, after, ""):
        if now is None or former is None:
            return None
        if now.settings == former.settings:
            continue
        settings, old = dict(now.settings), dict(former.settings)
        value = settings.pop("value", None)
        old.pop("value", None)
        shape = settings.get("shape")
        if now.type != "Constant" or settings != old or shape is None:
            return None
        if len(value) not in (1, int(np.prod(shape, dtype=np.int64))):
            return None
        found[f"{name}.output"] = np.resize(np.asarray(value, np.float64), shape)
    return found


def differ_in_numbers(before: Level, after: Level) -> bool:
    """Whether all that differs are settings that are numbers with a fraction, such as a slope."""
    found = False
    for now, former, _ in _pairs(before, after, ""):
        known = None if now is None else definition_of(now)
        if now is None or former is None or known is None:
            return False
        for name, value in now.settings.items():
            if value != former.settings[name]:
                found = True
                if known.settings[name].kind != "float" or name == "loss_weight":
                    return False  # a loss weight is part of how a run is judged, too
    return found


def _pairs(before: Level, after: Level, prefix: str) -> Iterator[tuple[Node | None, Node | None, str]]:
    """Nodes that are to be compared; a pair with None where there is a difference other than settings."""
    if before is after:
        return
    if list(before.nodes) != list(after.nodes) or _joints(before) != _joints(after):
        yield None, None, prefix
        return
    for key, now in after.nodes.items():
        former = before.nodes[key]
        if now is former:
            continue
        if (now.name, now.type, now.bypassed) != (former.name, former.type, former.bypassed):
            yield None, None, prefix
            return
        yield now, former, f"{prefix}{now.name}"
        if (now.inside is None) != (former.inside is None):
            yield None, None, prefix
        elif now.inside is not None and former.inside is not None:
            yield from _pairs(former.inside, now.inside, f"{prefix}{now.name}.")


def _joints(level: Level) -> list[tuple[str, str, str, str]]:
    def ends(edge: Edge) -> tuple[str, str, str, str]:
        return edge.source, edge.source_port, edge.target, edge.port

    return [ends(edge) for edge in level.edges]
