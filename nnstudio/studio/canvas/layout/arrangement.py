"""The layout of a level, or of some of its nodes: parts that no edge joins one below the other."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nnstudio.graph.node import Edge, Position
from nnstudio.studio.canvas.layout.cards import Card
from nnstudio.studio.canvas.layout.drawing import COLUMN_GAP, Drawn, Line, drawn
from nnstudio.studio.canvas.layout.placing import CARD_GAP, GRID

PART_GAP = 64.0
_SHAPE = 1.6  # how much wider than tall a field of single cards may be
_WORK = 1_200  # small columns looked at to save single crossings, all parts together
_SMALL = 150  # edges; in larger graphs less
_KEPT_APART = 16.0  # between the arranged cards and those that stay


@dataclass(frozen=True)
class Arrangement:
    """Where the arranged cards go, and the bends of every edge between two of them: mostly none."""

    positions: dict[str, Position] = field(default_factory=dict[str, Position])
    bends: dict[Edge, tuple[Position, ...]] = field(default_factory=dict[Edge, tuple[Position, ...]])


def arrangement(
    cards: Mapping[str, Card],
    edges: Iterable[Edge],
    places: Mapping[str, Position] | None = None,
    only: Collection[str] | None = None,
) -> Arrangement:
    """Cards in columns from left to right along the edges, on the grid and apart.

    `cards` by node id, in the order that breaks ties. With `only` these alone are arranged: the upper left
    corner of the box round them stays, or is shifted by as little as keeps them off the other cards.
    `places` says where all cards are now. The same arguments give the same result. An edge that closes a
    cycle, which only a damaged file has, is left out of account.
    """
    chosen = [key for key in cards if only is None or key in only]
    if not chosen:
        return Arrangement()
    number = {key: index for index, key in enumerate(chosen)}
    inner = [edge for edge in dict.fromkeys(edges) if edge.source in number and edge.target in number]
    lines = [
        Line(
            number[edge.source], number[edge.target],
            cards[edge.source].output_at(edge.source_port), cards[edge.target].input_at(edge.port),
        )
        for edge in inner
    ]  # fmt: skip
    corners, bends = _stacked([cards[key] for key in chosen], lines)
    shift = (0.0, 0.0)
    if only is not None and places is not None:
        moved = dict(zip(chosen, corners, strict=True))
        shift = _place_for(moved, cards, places)
    return Arrangement(
        {key: _shifted(corner, shift) for key, corner in zip(chosen, corners, strict=True)},
        {
            edge: tuple(_shifted(point, shift) for point in route)
            for edge, route in zip(inner, bends, strict=True)
        },
    )


def _shifted(point: Position, by: Position) -> Position:
    return point[0] + by[0], point[1] + by[1]


def _stacked(cards: Sequence[Card], lines: Sequence[Line]) -> tuple[list[Position], list[list[Position]]]:
    """The connected parts one below the other, and under them the cards that no edge touches."""
    corners: list[Position] = [(0.0, 0.0)] * len(cards)
    bends: list[list[Position]] = [[] for _ in lines]
    y = widest = 0.0
    singles: list[int] = []
    work = _WORK * min(1.0, _SMALL / max(1, len(lines)))
    for nodes, of_part in _parts(len(cards), lines):
        if len(nodes) == 1:
            singles += nodes
            continue
        part = _drawn(cards, nodes, [lines[i] for i in of_part], int(work * len(of_part) / len(lines)))
        for node, (left, top) in zip(nodes, part.corners, strict=True):
            corners[node] = (left, y + top)
        for index, route in zip(of_part, part.bends, strict=True):
            bends[index] = [(left, y + top) for left, top in route]
        y += math.ceil((part.height + PART_GAP) / GRID) * GRID
        widest = max(widest, part.width)
    for index, corner in zip(singles, _field([cards[i] for i in singles], widest), strict=True):
        corners[index] = (corner[0], y + corner[1])
    return corners, bends


def _drawn(cards: Sequence[Card], nodes: Sequence[int], lines: Sequence[Line], work: int) -> Drawn:
    number = {node: index for index, node in enumerate(nodes)}
    own = [Line(number[e.source], number[e.target], e.leaves, e.arrives) for e in lines]
    return drawn([cards[node] for node in nodes], own, work)


def _parts(count: int, lines: Sequence[Line]) -> list[tuple[list[int], list[int]]]:
    """The connected parts in the order of their first nodes: their nodes and their lines."""
    beside: list[list[int]] = [[] for _ in range(count)]
    for line in lines:
        beside[line.source].append(line.target)
        beside[line.target].append(line.source)
    part = [-1] * count
    found: list[tuple[list[int], list[int]]] = []
    for root in range(count):
        if part[root] >= 0:
            continue
        part[root] = len(found)
        nodes = [root]
        for node in nodes:  # grows while it is read
            for other in beside[node]:
                if part[other] < 0:
                    part[other] = len(found)
                    nodes.append(other)
        found.append((sorted(nodes), []))
    for index, line in enumerate(lines):
        found[part[line.source]][1].append(index)
    return found


def _field(cards: Sequence[Card], at_least: float) -> list[Position]:
    """Rows of cards, as wide as what stands above them or as makes a pleasant shape."""
    area = sum((card.width + COLUMN_GAP) * (card.height + CARD_GAP) for card in cards)
    limit = max(at_least, math.sqrt(area * _SHAPE))
    corners: list[Position] = []
    x = y = tallest = 0.0
    for card in cards:
        if x and x + card.width > limit:
            x, y = 0.0, y + math.ceil((tallest + CARD_GAP) / GRID) * GRID
            tallest = 0.0
        corners.append((x, y))
        x += math.ceil((card.width + COLUMN_GAP) / GRID) * GRID
        tallest = max(tallest, card.height)
    return corners


def _place_for(
    moved: Mapping[str, Position], cards: Mapping[str, Card], places: Mapping[str, Position]
) -> Position:
    """How far to shift, so that the box begins where it did, and off the rest of the cards."""
    before = [places[key] for key in moved if key in places]
    if not before:
        return 0.0, 0.0
    x = _snapped(min(left for left, _ in before) - min(left for left, _ in moved.values()))
    y = _snapped(min(top for _, top in before) - min(top for _, top in moved.values()))
    own = [_box(_shifted(corner, (x, y)), cards[key]) for key, corner in moved.items()]
    rest = [_box(places[key], card) for key, card in cards.items() if key not in moved and key in places]
    down = _free(own, rest, along=1)
    right = _free(own, rest, along=0)
    return (x, y + down) if abs(down) <= abs(right) else (x + right, y)


Box = tuple[tuple[float, float], tuple[float, float]]  # from and to, in x and in y


def _box(corner: Position, card: Card) -> Box:
    return (corner[0], corner[0] + card.width), (corner[1], corner[1] + card.height)


def _free(own: Sequence[Box], rest: Sequence[Box], along: int) -> float:
    """The smallest shift along one axis that keeps every own box apart from the others."""
    across = 1 - along
    taken: list[tuple[float, float]] = []
    for mine in own:
        for other in rest:
            if (
                mine[across][0] < other[across][1] + _KEPT_APART
                and other[across][0] < mine[across][1] + _KEPT_APART
            ):
                taken.append(
                    (
                        other[along][0] - mine[along][1] - _KEPT_APART,
                        other[along][1] - mine[along][0] + _KEPT_APART,
                    )
                )
    taken.sort()
    free: list[tuple[float, float]] = []
    reached = -math.inf
    for low, high in [*taken, (math.inf, math.inf)]:
        if low >= reached:
            free.append((reached, low))
        reached = max(reached, high)
    best = math.inf
    for low, high in free:
        # On the grid, rounded into the gap.
        near_low = math.ceil(low / GRID) * GRID if math.isfinite(low) else -math.inf
        near_high = math.floor(high / GRID) * GRID if math.isfinite(high) else math.inf
        if near_low <= near_high:
            shift = min(max(0.0, near_low), near_high)
            if abs(shift) < abs(best):
                best = shift
    return best


def _snapped(value: float) -> float:
    return math.floor(value / GRID + 0.5) * GRID
