"""The fourth phase: how high each spot stands, so that edges run straight.

After Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2001), with cards of any height
and ports anywhere: spots that follow one another along an edge are tied into blocks in which that edge is
level, and blocks are pushed together. Four such placements (two in a large graph) follow sources or readers
and prefer the upper or the lower; they are balanced. Unlike there, the longest way through the graph is tied
first, then passages of long edges, then middle neighbours: so a network's trunk stays straight where edges
jump over it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from nnstudio.studio.canvas.layout.grid import Columns, Floats, Ints

GRID = 8.0
CARD_GAP = 40.0  # between two cards
PASSAGE_GAP = 24.0  # between a card and an edge that passes it
EDGE_GAP = 16.0  # between two edges that pass

_FOUR_UP_TO = 3_000  # spots; beyond, two placements are balanced
_TRUNK, _PASSAGE, _MIDDLE, _SECOND = 3.0, 2.0, 0.0, -1.0


@dataclass
class Sized:
    """The columns with heights, in steps of the grid, and with the drop of every link: how much lower its
    target's top is than its source's when the link is level.
    """

    columns: Columns
    rank: Ints
    height: Floats
    drop: Floats
    way: Ints  # (links,) how many arcs the longest way through the link's edge has

    def __post_init__(self) -> None:
        columns = self.columns
        self.order: Ints = np.lexsort((self.rank, columns.column))
        above, below = self.order[:-1], self.order[1:]
        same = columns.column[above] == columns.column[below]
        self.above: Ints = above[same]
        self.below: Ints = below[same]
        cards = (columns.node[self.above] >= 0).astype(int) + (columns.node[self.below] >= 0)
        gap = np.array([EDGE_GAP, PASSAGE_GAP, CARD_GAP])[cards]
        self.apart: Floats = self.height[self.above] + gap  # from the top of `above` to that of `below`


def placed(sized: Sized) -> Floats:
    """The top of every spot, on the grid, the topmost at 0; spots of a column in order and apart."""
    few = sized.columns.size > _FOUR_UP_TO
    kinds = [(False, False), (True, True)] if few else [(a, b) for a in (False, True) for b in (False, True)]
    wishes = {backwards: _Wishes(sized, backwards) for backwards in (False, True)}
    candidates = [_pushed(sized, *wishes[backwards].tied(lower), lower) for backwards, lower in kinds]
    tops = [float(y.min()) for y in candidates]
    bottoms = [float((y + sized.height).max()) for y in candidates]
    narrowest = int(np.argmin([bottom - top for top, bottom in zip(tops, bottoms, strict=True)]))
    for index, (_, lower) in enumerate(kinds):
        shift = bottoms[narrowest] - bottoms[index] if lower else tops[narrowest] - tops[index]
        candidates[index] = candidates[index] + shift
    stack = np.sort(np.stack(candidates), axis=0)
    middle = len(stack) // 2
    y = on_grid((stack[middle - 1] + stack[middle]) / 2)
    return y - y.min()


def on_grid(values: Floats) -> Floats:
    return np.floor(values / GRID + 0.5) * GRID


class _Wishes:
    """For every spot the links it would like to be level, best first, to the column before (or, going
    backwards, after) it.
    """

    def __init__(self, sized: Sized, backwards: bool) -> None:
        self.sized = sized
        self.backwards = backwards
        first, second = self._of(backwards)
        partner = self._of(not backwards)[0]
        self.first, self.second = first, second
        columns = sized.columns
        inner = (columns.node[columns.source] < 0) & (columns.node[columns.target] < 0)
        self.priority = np.where(sized.way == sized.way.max(initial=0), _TRUNK, _MIDDLE)
        self.priority[inner] = _PASSAGE
        mutual = np.zeros(len(inner), dtype=bool)
        mutual[partner[partner >= 0]] = True
        self.priority += 0.5 * mutual

    def _of(self, backwards: bool) -> tuple[Ints, Ints]:
        """By spot two links, -1 where there is none: the one on the longest way, if one is longer than all
        others, and the two in the middle.
        """
        sized, columns = self.sized, self.sized.columns
        mine, other = (columns.source, columns.target) if backwards else (columns.target, columns.source)
        port = columns.arrives if backwards else columns.leaves
        order = np.lexsort((port, sized.rank[other], mine))
        begins = np.searchsorted(mine[order], np.arange(columns.size + 1))
        degree = np.diff(begins)
        some = np.flatnonzero(degree)
        first = np.full(columns.size, -1, dtype=np.int64)
        second = first.copy()
        if not len(some):
            return first, second
        first[some] = order[begins[some] + (degree[some] - 1) // 2]
        second[some] = order[begins[some] + degree[some] // 2]
        way = sized.way[order]
        longest = np.maximum.reduceat(way, begins[some])
        is_longest = way == np.repeat(longest, degree[some])
        single = np.add.reduceat(is_longest.astype(np.int64), begins[some]) == 1
        owner = np.repeat(np.arange(len(some)), degree[some])
        best = order[is_longest & single[owner]]
        spots = mine[best]
        changed = first[spots] != best
        second[spots[changed]] = first[spots[changed]]
        first[spots] = best
        return first, second

    def tied(self, lower: bool) -> tuple[Ints, Floats]:
        """The block of every spot, named by one of its spots, and how much lower the spot's top is than that
        one's. Ties do not cross; where they would, the more important wins, then the upper (or lower).
        """
        sized, columns = self.sized, self.sized.columns
        first, second = self.first, self.second
        if lower:  # of two middles the lower
            first = np.where((second >= 0) & (self.priority[first] < _PASSAGE), second, first)
            second = np.where(first == self.second, self.first, self.second)
        links = np.concatenate([first, second])
        spots = np.concatenate([np.arange(columns.size)] * 2)
        priority = self.priority[links]
        priority[columns.size :] = _SECOND
        use = links >= 0
        links, spots, priority = links[use], spots[use], priority[use]
        rank = sized.rank
        column = columns.column[spots]
        order = np.lexsort(
            (-rank[spots] if lower else rank[spots], -priority, -column if self.backwards else column)
        )
        links, spots = links[order], spots[order]
        other = (columns.target if self.backwards else columns.source)[links]
        drop = sized.drop[links]
        if self.backwards:
            drop = -drop
        block = list(range(columns.size))
        offset = [0.0] * columns.size
        done = [False] * columns.size
        now, mine, theirs = -1, [0], [0]
        for spot, to, step, index, p, q in zip(
            spots.tolist(), other.tolist(), drop.tolist(), column[order].tolist(),
            rank[other].tolist(), rank[spots].tolist(), strict=True,
        ):  # fmt: skip
            if index != now:
                now, mine, theirs = index, [], []
            if done[spot]:
                continue
            at = bisect_left(mine, q)
            if (at and theirs[at - 1] >= p) or (at < len(theirs) and theirs[at] <= p):
                continue
            mine.insert(at, q)
            theirs.insert(at, p)
            done[spot] = True
            block[spot] = block[to]
            offset[spot] = offset[to] + step
        return np.array(block), np.array(offset)


def _pushed(sized: Sized, block: Ints, offset: Floats, lower: bool) -> Floats:
    """The tops when all blocks are pushed up (or down) as far as they go, and then back towards those they
    leave room to.
    """
    if lower:
        ahead, behind = sized.below, sized.above
        gap = sized.apart - offset[sized.below] + offset[sized.above]
    else:
        ahead, behind = sized.above, sized.below
        gap = sized.apart + offset[sized.above] - offset[sized.below]
    # Measured from the rim that all are pushed to: behind is at least `gap` further off than ahead.
    ahead, behind = block[ahead], block[behind]
    count = sized.columns.size
    order = np.argsort(ahead, kind="stable")
    begins = np.searchsorted(ahead[order], np.arange(count + 1)).tolist()
    goals, gaps = behind[order].tolist(), gap[order].tolist()
    waiting = np.bincount(behind, minlength=count).tolist()
    roots = np.flatnonzero(block == np.arange(count)).tolist()
    place = _rims(sized, block, offset, lower)
    queue = [each for each in roots if waiting[each] == 0]
    for each in queue:  # grows while it is read
        here = place[each]
        for index in range(begins[each], begins[each + 1]):
            goal = goals[index]
            reached = here + gaps[index]
            if reached > place[goal]:
                place[goal] = reached
            waiting[goal] -= 1
            if waiting[goal] == 0:
                queue.append(goal)
    for each in reversed(queue):
        low, high = begins[each], begins[each + 1]
        if low < high:
            room = min([place[goals[i]] - gaps[i] for i in range(low, high)])
            if room > place[each]:
                place[each] = room
    places = np.array(place)[block]
    return (-places if lower else places) + offset


def _rims(sized: Sized, block: Ints, offset: Floats, lower: bool) -> list[float]:
    """How far a block must be from the rim at least, so that none of its spots is beyond it."""
    rim = np.full(len(block), -np.inf)
    np.maximum.at(rim, block, (offset + sized.height) if lower else -offset)
    return rim.tolist()
