"""Laying a graph out: columns by distance from the inputs, rows so that edges run straight."""

from __future__ import annotations

import itertools

from nnstudio.graph.level import Level
from nnstudio.graph.ports import input_ports
from nnstudio.studio.canvas.node_item import WIDTH, card_height

COLUMN = WIDTH + 72.0
GAP = 40.0
_SWEEPS = 4


def arranged(level: Level) -> dict[str, tuple[float, float]]:
    """A position for every node: sources to the left of what they feed, nodes without edges below
    everything.
    """
    column = _columns(level)
    columns: dict[int, list[str]] = {}
    for key in level.nodes:
        columns.setdefault(column[key], []).append(key)
    sources: dict[str, list[str]] = {key: [] for key in level.nodes}
    targets: dict[str, list[str]] = {key: [] for key in level.nodes}
    for edge in level.edges:
        sources[edge.target].append(edge.source)
        targets[edge.source].append(edge.target)
    height = {key: card_height(len(input_ports(level, node))) for key, node in level.nodes.items()}
    y = dict.fromkeys(level.nodes, 0.0)
    for keys in columns.values():
        _stack(keys, y, height)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = sources if forward else targets
        for index in sorted(columns, reverse=not forward):
            keys = columns[index]
            wish = {key: _mean([y[other] for other in neighbours[key]], y[key]) for key in keys}
            keys.sort(key=lambda key: wish[key])
            for key in keys:
                y[key] = wish[key]
            _stack(keys, y, height)
    return {key: (column[key] * COLUMN, round(y[key] / 8) * 8.0) for key in level.nodes}


def _columns(level: Level) -> dict[str, int]:
    """The longest way to each node from where the graph begins; sources then move right, up to what they
    feed.
    """
    order = [*level.structure.order, *(key for key in level.nodes if key not in set(level.structure.order))]
    column = dict.fromkeys(level.nodes, 0)
    place = {key: index for index, key in enumerate(order)}
    for key in order:
        for edge in level.structure.outgoing[key]:
            if place[edge.target] > place[key]:
                column[edge.target] = max(column[edge.target], column[key] + 1)
    for key in order:
        fed = [
            column[edge.target] for edge in level.structure.outgoing[key] if place[edge.target] > place[key]
        ]
        if fed and not level.structure.incoming[key]:
            column[key] = max(column[key], min(fed) - 1)
    return column


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _stack(keys: list[str], y: dict[str, float], height: dict[str, float]) -> None:
    """Push the nodes of a column apart, in their order, keeping the column's middle where it was."""
    if not keys:
        return
    wished = sum(y[key] + height[key] / 2 for key in keys) / len(keys)
    for above, below in itertools.pairwise(keys):
        y[below] = max(y[below], y[above] + height[above] + GAP)
    drift = sum(y[key] + height[key] / 2 for key in keys) / len(keys) - wished
    for key in keys:
        y[key] -= drift
