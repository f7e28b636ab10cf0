"""The third phase: the order of the spots in each column, so that few edges cross."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnstudio.studio.canvas.layout.grid import Columns, Floats, Ints
from nnstudio.studio.canvas.layout.sifting import Sifter

_SWEEPS = (6, 24)
_PATIENCE = 4
_THOROUGH = 400  # of `work`, from which a second start is tried and more sweeps
_NARROW = 12  # spots in a column, on average, up to which plain lists are quicker than arrays


def ordered(columns: Columns, first_seen: Sequence[int], work: int) -> Ints:
    """The rank of every spot in its column.

    `first_seen` orders the nodes for a start; another start is the order of the document. From each the
    columns are swept forwards and backwards, spots put in the order of the middles of what they are joined
    to, ports counted; the best order met is kept, and improved spot by spot as far as `work` goes.
    """
    sweeps = _Sweeps(columns)
    thorough = work >= _THOROUGH
    best: Ints | None = None
    fewest = -1
    for start in sweeps.starts(first_seen)[: 2 if thorough else 1]:
        rank, crossed = sweeps.improved(start, _SWEEPS[thorough])
        if crossed and work >= columns.depth:
            rank, crossed = Sifter(columns, work // 2 if thorough else work).improved(rank, crossed)
        if best is None or crossed < fewest:
            best, fewest = rank, crossed
        if fewest == 0:
            break
    assert best is not None
    return best


def crossings(columns: Columns, rank: Ints) -> int:
    """How many pairs of links cross; two at one port do not."""
    ports = int(max(columns.leaves.max(initial=0), columns.arrives.max(initial=0))) + 1
    wide = (int(rank.max(initial=0)) + 1) * ports
    column = columns.column[columns.source]
    above = column * wide + rank[columns.source] * ports + columns.leaves
    below = column * wide + rank[columns.target] * ports + columns.arrives
    below = below[np.lexsort((below, above))]
    place = np.empty(len(below), dtype=np.int64)
    place[np.argsort(below, kind="stable")] = np.arange(len(below))
    return inversions(place)


def inversions(permutation: Ints) -> int:
    """How many pairs of a permutation of 0..n-1 stand the wrong way round.

    Bit by bit from the highest: among the numbers that agree in the higher bits, count the ones before each
    zero, then put the zeros first.
    """
    total = 0
    now = permutation
    count = len(now)
    index = np.arange(count)
    ones = np.zeros(count + 1, dtype=np.int64)
    for bit in reversed(range(max(0, count - 1).bit_length())):
        one = (now >> bit) & 1
        np.cumsum(one, out=ones[1:])
        begin = (now >> (bit + 1)) << (bit + 1)
        before = ones[:-1] - ones[begin]
        total += int((before * (1 - one)).sum())
        goal = np.where(one == 1, begin + (1 << bit) + before, index - before)
        following = np.empty_like(now)
        following[goal] = now
        now = following
    return total


class _Sweeps:
    """The columns, with what each spot is ordered by: its sources or, going backwards, its readers."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._size = np.diff(np.asarray(columns.starts))[columns.column].astype(float)
        self._lists: list[tuple[list[int], list[int], list[float]]] = []
        self._forwards = self._references(backwards=False)
        self._backwards = self._references(backwards=True)

    def _references(self, backwards: bool) -> tuple[Ints, Ints, Floats]:
        """By spot: where its references begin, the spots referred to, and where in them the ports are. A spot
        with none on the side asked for has those of the other.
        """
        columns = self.columns
        spot = np.concatenate([columns.target, columns.source])
        other = np.concatenate([columns.source, columns.target])
        rank = np.concatenate([columns.leaves, columns.arrives]).astype(float)
        side = np.repeat([backwards, not backwards], len(columns.source))  # True: only where there is no else
        wanted = np.zeros(columns.size, dtype=bool)
        wanted[spot[~side]] = True
        take = ~side | ~wanted[spot]
        spot, other, rank = spot[take], other[take], rank[take]
        by_spot = np.argsort(spot, kind="stable")
        begins = np.searchsorted(spot[by_spot], np.arange(columns.size + 1))
        share = (rank + 0.5) / (rank.max(initial=0.0) + 1)
        return begins, other[by_spot], share[by_spot]

    def starts(self, first_seen: Sequence[int]) -> list[Ints]:
        """The orders to begin with: as a walk along the edges meets the nodes, and as the document has them.
        A long edge goes beside its source.
        """
        columns = self.columns
        found: list[Ints] = []
        for order in (np.asarray(first_seen, dtype=np.int64), np.arange(columns.count)):
            key = np.empty(columns.size, dtype=np.int64)
            key[columns.spot_of] = order
            for spots, source in self._long():
                key[spots] = order[source]
            found.append(self._ranked(np.lexsort((key, columns.column))))
        return found

    def _long(self) -> list[tuple[list[int], int]]:
        columns = self.columns
        begins: dict[int, int] = {}
        for spot, arc in zip(columns.source.tolist(), columns.arc.tolist(), strict=True):
            node = int(columns.node[spot])
            if node >= 0:
                begins[arc] = node
        return [(spots, begins[arc]) for arc, spots in columns.passing.items()]

    def _ranked(self, order: Ints) -> Ints:
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - np.asarray(self.columns.starts)[self.columns.column[order]]
        return rank

    def improved(self, rank: Ints, limit: int) -> tuple[Ints, int]:
        """The best order that so many sweeps meet, and its crossings."""
        best, fewest = rank, crossings(self.columns, rank)
        stalled = 0
        for sweep in range(limit):
            if fewest == 0 or stalled == _PATIENCE:
                break
            rank = self._swept(rank, backwards=sweep % 2 == 1, turn=sweep % 4 >= 2)
            crossed = crossings(self.columns, rank)
            stalled += 1
            if crossed < fewest:
                best, fewest, stalled = rank, crossed, 0
        return best, fewest

    def _swept(self, rank: Ints, backwards: bool, turn: bool) -> Ints:
        """Every column ordered by the one before it; `turn`: equals change places."""
        columns = self.columns
        if columns.size <= _NARROW * columns.depth:
            return self._swept_narrow(rank, backwards, turn)
        begins, other, share = self._backwards if backwards else self._forwards
        size = self._size
        place = rank / size  # ranks in columns of different lengths, made comparable
        share = share / size[other]
        result = rank.copy()
        steps = range(columns.depth)
        for index in reversed(steps) if backwards else steps:
            start, stop = columns.starts[index], columns.starts[index + 1]
            if stop - start < 2:
                continue
            low, high = begins[start], begins[stop]
            sums = np.add.reduceat(place[other[low:high]] + share[low:high], begins[start:stop] - low)
            means = sums / (begins[start + 1 : stop + 1] - begins[start:stop])
            now = np.argsort(result[start:stop], kind="stable")
            if turn:
                now = now[::-1]
            order = now[np.argsort(means[now], kind="stable")]
            result[start + order] = np.arange(stop - start)
            place[start:stop] = result[start:stop] / (stop - start)
        return result

    def _swept_narrow(self, rank: Ints, backwards: bool, turn: bool) -> Ints:
        """The same for short columns."""
        if not self._lists:
            for references in (self._forwards, self._backwards):
                begins, other, share = references
                self._lists.append((begins.tolist(), other.tolist(), (share / self._size[other]).tolist()))
        begins, other, share = self._lists[backwards]
        starts = self.columns.starts
        result: list[int] = rank.tolist()
        place: list[float] = (rank / self._size).tolist()
        steps = range(self.columns.depth)
        for index in reversed(steps) if backwards else steps:
            start, stop = starts[index], starts[index + 1]
            if stop - start < 2:
                continue
            means: dict[int, float] = {}
            for spot in range(start, stop):
                low, high = begins[spot], begins[spot + 1]
                total = 0.0
                for i in range(low, high):
                    total += place[other[i]] + share[i]
                means[spot] = total / (high - low)
            now = sorted(means, key=result.__getitem__, reverse=turn)
            now.sort(key=means.__getitem__)
            for position, spot in enumerate(now):
                result[spot] = position
                place[spot] = position / (stop - start)
        return np.array(result)
