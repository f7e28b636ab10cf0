"""How often the edges of a drawing cross: counted in the plane, whatever laid it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nnstudio.graph.node import Edge, Position
from nnstudio.studio.canvas.layout import Arrangement, Card
from nnstudio.studio.canvas.layout.routing import curves

Ends = tuple[tuple[str, str], tuple[str, str]]  # the two ports


def count(routes: Sequence[tuple[Ends, np.ndarray]]) -> int:
    """How many times two routes, each (n, 2) points, cross properly. Two that begin or end at one port are
    not counted: they meet there, and a hair's breadth beside it.
    """
    number: dict[object, int] = {}
    starts, stops, of_route, from_port, to_port = [], [], [], [], []
    for index, ((source, target), points) in enumerate(routes):
        starts.append(points[:-1])
        stops.append(points[1:])
        of_route += [index] * (len(points) - 1)
        from_port += [number.setdefault(("out", source), len(number))] * (len(points) - 1)
        to_port += [number.setdefault(("in", target), len(number))] * (len(points) - 1)
    if not of_route:
        return 0
    a, b = np.concatenate(starts), np.concatenate(stops)
    route, source, target = np.array(of_route), np.array(from_port), np.array(to_port)
    low, high = np.minimum(a, b), np.maximum(a, b)
    total = 0
    for i in range(len(a)):
        near = np.flatnonzero(
            (route > route[i]) & (source != source[i]) & (target != target[i])
            & (low[:, 0] <= high[i, 0]) & (high[:, 0] >= low[i, 0])
            & (low[:, 1] <= high[i, 1]) & (high[:, 1] >= low[i, 1])
        )  # fmt: skip
        one = _side(a[i], b[i], a[near]) * _side(a[i], b[i], b[near])
        two = _side(a[near], b[near], a[i]) * _side(a[near], b[near], b[i])
        total += int(((one < 0) & (two < 0)).sum())
    return total


def _side(start: np.ndarray, end: np.ndarray, point: np.ndarray) -> np.ndarray:
    along, to = end - start, point - start
    return np.sign(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])


def ends(edge: Edge) -> Ends:
    return (edge.source, edge.source_port), (edge.target, edge.port)


def port_line(edge: Edge, cards: Mapping[str, Card], places: Mapping[str, Position]) -> np.ndarray:
    """(2, 2): from port to port."""
    (x, y), (u, v) = places[edge.source], places[edge.target]
    source, target = cards[edge.source], cards[edge.target]
    return np.array(
        [
            (x + source.width, y + source.output_at(edge.source_port)),
            (u, v + target.input_at(edge.port)),
        ]
    )


def route(edge: Edge, cards: Mapping[str, Card], drawing: Arrangement) -> np.ndarray:
    """(n, 2): the edge as the canvas draws it, through its bends."""
    first, last = port_line(edge, cards, drawing.positions)
    points = np.array([first, *drawing.bends.get(edge, ()), last])
    return curves(points[:-1], points[1:]).reshape(-1, 2)


def drawn(edges: Sequence[Edge], cards: Mapping[str, Card], drawing: Arrangement) -> int:
    return count([(ends(edge), route(edge, cards, drawing)) for edge in edges])


def straight(edges: Sequence[Edge], cards: Mapping[str, Card], places: Mapping[str, Position]) -> int:
    """With every edge drawn as the straight line between its ports."""
    return count([(ends(edge), port_line(edge, cards, places)) for edge in edges])
