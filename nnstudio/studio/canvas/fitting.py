"""What fits a port, by the shape rules themselves: which node types could be joined to it, and what an edge
would have against it. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.level import Level
from nnstudio.graph.node import OUTPUT, Edge, Node
from nnstudio.graph.ports import definition_of
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition
from nnstudio.modules.shapes import BadShape, N, Shape, WrongSize, format_shape, per_sample

# What may arrive at ports that nothing feeds yet.
_TRIALS: tuple[Shape, ...] = ((N, 2), (N,), (N, 1), (N, 4, 4), (4,), ())
_SHAPE, _WIDTH = "shape", "out_features"


@dataclass(frozen=True)
class Fit:
    """How a new node is joined: at which of its ports, and with which settings beside the defaults."""

    port: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


def takers(shape: Shape | None, of_target: bool = False) -> dict[str, Fit]:
    """The node types with an input that takes this shape (None: not known), by name. `of_target`: it comes
    from a Target, so that a criterion's `target` is meant.
    """
    found: dict[str, Fit] = {}
    for definition in definitions().values():
        ports = sorted(definition.ports, key=lambda port: port != "target") if of_target else definition.ports
        fits = (_taking(definition, port, shape) for port in ports)
        fit = next((fit for fit in fits if fit is not None), None)
        if fit is not None and definition.role != "group":
            found[definition.name] = fit
    return found


def _taking(definition: Definition, port: str, shape: Shape | None) -> Fit | None:
    if shape is None:
        return Fit(port)
    settings = definition.complete({})
    fault = fault_of(definition, {port: shape}, settings)
    if fault is None:
        return Fit(port)
    if isinstance(fault, BadShape) and fault.fix:
        try:
            mended = definition.complete({**settings, **fault.fix})
        except GraphError:
            return None
        if fault_of(definition, {port: shape}, mended) is None:
            return Fit(port, dict(fault.fix))
    return None


def givers(node: Node, port: str, others: Mapping[str, Shape]) -> dict[str, Fit]:
    """The node types that can feed a port of a node, by name; `others` is what arrives at its other ports."""
    taker = None if node.bypassed else definition_of(node)

    def against(shape: Shape) -> GraphError | None:
        return None if taker is None else fault_of(taker, {**others, port: shape}, node.settings)

    found: dict[str, Fit] = {}
    for definition in definitions().values():
        if definition.role in ("group", "criterion"):
            continue
        settings = _giving(definition, against, list(others.values()))
        if settings is not None:
            found[definition.name] = Fit(OUTPUT, settings)
    return found


def _giving(
    definition: Definition, against: Callable[[Shape], GraphError | None], known: Sequence[Shape]
) -> dict[str, Any] | None:
    """The settings beside the defaults with which a type gives what is wanted; None where none are found."""
    wishes: list[dict[str, Any]] = [{}]
    arriving = list(dict.fromkeys((*known, *_TRIALS))) if definition.ports else [()]
    for wish in wishes:  # both lists grow while they are gone through
        for shape in arriving:
            try:
                settings = definition.complete(wish)
                fault = against(definition.infer(dict.fromkeys(definition.ports, shape), settings))
            except GraphError:
                continue
            if fault is None:
                return wish
            if isinstance(fault, WrongSize):
                _wish(definition, fault, wishes, arriving)
    return None


def _wish(
    definition: Definition, fault: WrongSize, wishes: list[dict[str, Any]], arriving: list[Shape]
) -> None:
    """What could be tried next, as the fault says what it expected."""
    expected: Shape = (N, fault.expected) if isinstance(fault.expected, int) else fault.expected
    more: list[dict[str, Any]] = []
    if _SHAPE in definition.settings:
        more = [{_SHAPE: per_sample(expected)}, {_SHAPE: ()}]
    elif _WIDTH in definition.settings and len(expected) > 1:
        more = [{_WIDTH: expected[-1]}]
    wishes += [wish for wish in more if wish not in wishes]
    if definition.ports and expected not in arriving:
        arriving.append(expected)


def fault_of(
    definition: Definition, shapes: Mapping[str, Shape], settings: Mapping[str, Any]
) -> GraphError | None:
    """What a type has against these shapes, whatever may arrive at its other ports; None where it takes
    them.
    """
    free = [port for port in definition.ports if port not in shapes]
    given = {port: shapes[port] for port in definition.ports if port in shapes}
    first: GraphError | None = None
    for trial in (*given.values(), *_TRIALS) if free else ((),):
        try:
            definition.infer({**given, **dict.fromkeys(free, trial)}, settings)
        except GraphError as error:
            first = first or error
        else:
            return None
    return first


def caution(level: Level, edge: Edge, shape: Shape | None, others: Mapping[str, Shape]) -> str:
    """What the graph will have against the sizes where an edge arrives that brings this shape, in a sentence;
    empty where nothing. `others` is what arrives at the other ports.
    """
    source, target = level.nodes[edge.source], level.nodes[edge.target]
    definition = definition_of(target)
    if definition is None or shape is None or target.bypassed:
        return ""
    fault = fault_of(definition, {**others, edge.port: shape}, target.settings)
    if fault is None:
        return ""
    if isinstance(fault, WrongSize) and fault.port == edge.port:
        given, expected, what = fault.given, fault.expected, fault.what
        if isinstance(given, int) and isinstance(expected, int):
            return f"{source.name} gives {given:,} {what}, {target.name} expects {expected:,}."
        return f"{source.name} gives {fault.given_text}, {target.name} expects {fault.expected_text}."
    reason = fault.reason if isinstance(fault, BadShape) else str(fault).rstrip(".")
    return f"{source.name} gives {format_shape(shape)}, and {target.name} {reason}."
