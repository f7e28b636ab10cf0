"""One connected part of a graph through all phases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnstudio.studio.canvas.layout.cards import Card
from nnstudio.studio.canvas.layout.grid import Columns, Floats, with_passages
from nnstudio.studio.canvas.layout.layering import columns as columns_of
from nnstudio.studio.canvas.layout.layering import forward, ways
from nnstudio.studio.canvas.layout.ordering import ordered
from nnstudio.studio.canvas.layout.placing import GRID, Sized, on_grid, placed
from nnstudio.studio.canvas.layout.relaxing import relaxed
from nnstudio.studio.canvas.layout.routing import LANE, Obstacles, Point, lanes, runs, thinned

COLUMN_GAP = 72.0
_LEVEL = 12.0
_STEEP = 400.0  # an edge that rises by this much asks for another step between the columns
_WIDEST_GAP = 160.0
_PASSAGES = 16_000  # more than this many long edges are led over everything
_RELAXED_WORK = 6_000  # spots, all sweeps together


@dataclass(frozen=True)
class Line:
    """An edge between two nodes, given by number, from port to port: its name, and how far down it is."""

    source: int
    target: int
    leaves: float
    arrives: float


@dataclass
class Drawn:
    """Where the cards' corners are and the edges bend, from (0, 0) to `width` and `height`."""

    corners: list[Point]
    bends: list[list[Point]]
    width: float
    height: float


def drawn(cards: Sequence[Card], lines: Sequence[Line], work: int) -> Drawn:
    """Lays out cards that lines join, in the order that breaks ties; `work` is how many small columns may be
    looked at to save single crossings.
    """
    kept = [
        i
        for i, keep in enumerate(forward(len(cards), [(e.source, e.target) for e in lines]))
        if keep and lines[i].source != lines[i].target
    ]
    ahead = [lines[i] for i in kept]
    arcs = [(line.source, line.target) for line in ahead]
    column = columns_of(len(cards), arcs)
    grid, left_out = with_passages(
        column, arcs, _ranks(len(cards), [(e.source, e.leaves) for e in ahead]),
        _ranks(len(cards), [(e.target, e.arrives) for e in ahead]), _PASSAGES,
    )  # fmt: skip
    rank = ordered(grid, _first_seen(len(cards), ahead), work)
    sized = _sized(grid, rank, cards, ahead, ways(len(cards), arcs))
    y = placed(sized)
    y = relaxed(sized, y, max(1, min(8, _RELAXED_WORK // grid.size)))
    lefts, rights = _across(grid, cards, sized, y)
    corners = [(lefts[column[node]], float(y[spot])) for node, spot in enumerate(grid.spot_of.tolist())]
    bends = _bends(grid, cards, ahead, left_out, y, corners, (lefts, rights))
    height = max(top + card.height for (_, top), card in zip(corners, cards, strict=True))
    height = max([height, *(at for route in bends for _, at in route)])
    result = Drawn(corners, [[] for _ in lines], rights[-1], height)
    for index, route in zip(kept, bends, strict=True):
        result.bends[index] = route
    return _from_the_top(result)


def _from_the_top(drawing: Drawn) -> Drawn:
    """Moved down by what lanes need above the cards."""
    above = min([0.0, *(y for route in drawing.bends for _, y in route)])
    if above == 0.0:
        return drawing
    return Drawn(
        [(x, y - above) for x, y in drawing.corners],
        [[(x, y - above) for x, y in route] for route in drawing.bends],
        drawing.width,
        drawing.height - above,
    )


def _ranks(count: int, ports: Sequence[tuple[int, float]]) -> list[int]:
    """For every (node, distance from the top) how many of the node's ports in use are further up."""
    heights: list[set[float]] = [set() for _ in range(count)]
    for node, down in ports:
        heights[node].add(down)
    order = [{down: i for i, down in enumerate(sorted(each))} for each in heights]
    return [order[node][down] for node, down in ports]


def _first_seen(count: int, lines: Sequence[Line]) -> list[int]:
    """When a depth-first walk from the beginnings, upper ports first, comes to each node."""
    after: list[list[Line]] = [[] for _ in range(count)]
    fed = [False] * count
    for line in lines:
        after[line.source].append(line)
        fed[line.target] = True
    seen = [-1] * count
    clock = 0
    for root in [*(i for i in range(count) if not fed[i]), *range(count)]:
        stack = [root]
        while stack:
            node = stack.pop()
            if seen[node] >= 0:
                continue
            seen[node] = clock
            clock += 1
            ways_on = sorted(after[node], key=lambda line: (line.leaves, line.arrives), reverse=True)
            stack.extend(line.target for line in ways_on if seen[line.target] < 0)
    return seen


def _sized(
    grid: Columns, rank: np.ndarray, cards: Sequence[Card], lines: Sequence[Line], way: Sequence[int]
) -> Sized:
    tall = np.array([*(math.ceil(card.height / GRID) * GRID for card in cards), 0.0])
    leaves = np.array([line.leaves for line in lines], dtype=float)
    arrives = np.array([line.arrives for line in lines], dtype=float)
    from_card, to_card = grid.node[grid.source] >= 0, grid.node[grid.target] >= 0
    drop = np.where(from_card, leaves[grid.arc], 0.0) - np.where(to_card, arrives[grid.arc], 0.0)
    # A port a little off the middle: the cards stand level, and the edge bends a little.
    drop = np.where(abs(drop) <= _LEVEL, 0.0, on_grid(drop))
    return Sized(grid, rank, tall[grid.node], drop, np.asarray(way, dtype=np.int64)[grid.arc])


def _across(grid: Columns, cards: Sequence[Card], sized: Sized, y: Floats) -> tuple[list[float], list[float]]:
    """Where each column begins and ends. Steep edges get more room between the columns."""
    widths = [0.0] * grid.depth
    for spot, node in zip(grid.spot_of.tolist(), range(grid.count), strict=True):
        at = int(grid.column[spot])
        widths[at] = max(widths[at], math.ceil(cards[node].width / GRID) * GRID)
    steep = np.zeros(grid.depth)
    np.maximum.at(steep, grid.column[grid.source], abs(y[grid.target] - y[grid.source] - sized.drop))
    lefts: list[float] = []
    rights: list[float] = []
    x = 0.0
    for width, rise in zip(widths, steep.tolist(), strict=True):
        lefts.append(x)
        rights.append(x + width)
        x += width + min(_WIDEST_GAP, COLUMN_GAP + GRID * (rise // _STEEP))
    return lefts, rights


def _bends(
    grid: Columns, cards: Sequence[Card], lines: Sequence[Line], left_out: Sequence[int], y: Floats,
    corners: Sequence[Point], edges: tuple[list[float], list[float]],
) -> list[list[Point]]:  # fmt: skip
    """The bends of every line that would run behind a card without them."""
    lefts, rights = edges
    column = grid.column[grid.spot_of].tolist()
    heights = y.tolist()
    routes: list[list[Point]] = []
    for index, line in enumerate(lines):
        x, top = corners[line.source]
        start = (x + cards[line.source].width, top + line.leaves)
        x, top = corners[line.target]
        route = [start]
        if start[0] < rights[column[line.source]]:  # a wider card of the column may stand in the way
            route.append((rights[column[line.source]], start[1]))
        spots = grid.passing.get(index, [])
        between = range(column[line.source] + 1, column[line.target])
        if spots:
            route += runs(
                [lefts[i] for i in between], [rights[i] for i in between], [heights[spot] for spot in spots]
            )
        routes.append([*route, (x, top + line.arrives)])
    spans = [(column[lines[i].source] + 1.0, column[lines[i].target] - 1.0) for i in left_out]
    for index, lane, (first, last) in zip(left_out, lanes(spans), spans, strict=True):
        over = -CLEARANCE - lane * LANE
        routes[index][-1:-1] = [(lefts[int(first)], over), (rights[int(last)], over)]
    corner = np.array(corners)
    obstacles = Obstacles(
        np.array(column), np.array(lefts), corner[:, 0], corner[:, 1],
        np.array([card.width for card in cards]), np.array([card.height for card in cards]),
    )  # fmt: skip
    return [route[1:-1] for route in thinned(obstacles, routes)]


CLEARANCE = 32.0
