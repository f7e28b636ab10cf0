"""Moving single spots to where they cross least: exact, and affordable in small graphs only."""

from __future__ import annotations

import random

import numpy as np

from nnstudio.studio.canvas.layout.grid import Columns, Ints

_WORK = 60_000  # spots tried, all rounds together
_KICKS = 60


class Sifter:
    """Puts every spot of a column in its best place while the other columns stay; and, when that finds
    nothing more, shakes one column and tries again. The random numbers are the same every time.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._ports = int(max(columns.leaves.max(initial=0), columns.arrives.max(initial=0))) + 1
        self._links: list[list[tuple[Ints, Ints, Ints]]] = []
        for index in range(columns.depth):
            start = columns.starts[index]
            before = np.flatnonzero(columns.column[columns.target] == index)
            after = np.flatnonzero(columns.column[columns.source] == index)
            self._links.append(
                [
                    (columns.target[before] - start, columns.source[before], columns.leaves[before]),
                    (columns.source[after] - start, columns.target[after], columns.arrives[after]),
                ]
            )

    def improved(self, rank: Ints, crossed: int) -> tuple[Ints, int]:
        chance = random.Random(1)
        work = _WORK
        best, fewest = rank.copy(), crossed
        gain, work = self._settled(best, work)
        fewest -= gain
        movable = [i for i in range(self.columns.depth) if self._width(i) > 1]
        for _ in range(_KICKS):
            if fewest == 0 or work <= 0 or not movable:
                break
            trial = best.copy()
            index = chance.choice(movable)
            change = self._shaken(trial, index, chance)
            gain, work = self._settled(trial, work)
            if gain >= change:
                best, fewest = trial, fewest - (gain - change)
        return best, fewest

    def _width(self, index: int) -> int:
        return self.columns.starts[index + 1] - self.columns.starts[index]

    def _shaken(self, rank: Ints, index: int, chance: random.Random) -> int:
        """Turns a stretch of a column round; how many crossings that adds."""
        start, stop = self.columns.starts[index], self.columns.starts[index + 1]
        table = self._table(rank, index)
        order = np.argsort(rank[start:stop])
        size = len(order)
        low = chance.randrange(size - 1)
        high = min(size, low + 2 + chance.randrange(6))
        changed = order.copy()
        changed[low:high] = changed[low:high][::-1]
        rank[start + changed] = np.arange(size)
        return _cost(table, changed) - _cost(table, order)

    def _settled(self, rank: Ints, work: int) -> tuple[int, int]:
        """Sifts `rank` in place until nothing is gained; the crossings saved, and the work left."""
        saved = 0
        waiting = set(range(self.columns.depth))
        while waiting and work > 0:
            for index in sorted(waiting):
                waiting.discard(index)
                work -= self._width(index)
                gain = self._sifted(rank, index)
                if gain:
                    saved += gain
                    waiting |= {i for i in (index - 1, index, index + 1) if 0 <= i < self.columns.depth}
        return saved, work

    def _table(self, rank: Ints, index: int) -> Ints:
        """(k, k): the crossings between the links of two spots of the column while the first is above."""
        size = self._width(index)
        table = np.zeros((size, size))
        for spot, other, port in self._links[index]:
            if len(spot):
                key = rank[other] * self._ports + port
                at = np.zeros((size, len(spot)))
                at[spot, np.arange(len(spot))] = 1
                table += at @ (key[:, None] > key[None, :]) @ at.T
        return table.astype(np.int64)

    def _sifted(self, rank: Ints, index: int) -> int:
        start, stop = self.columns.starts[index], self.columns.starts[index + 1]
        if stop - start < 2:
            return 0
        difference = self._table(rank, index)
        difference = difference - difference.T  # what it costs to have the first above the second
        if not difference.any():
            return 0
        order = np.argsort(rank[start:stop]).tolist()
        saved = 0
        for spot in order.copy():
            place = order.index(spot)
            rest = np.array(order[:place] + order[place + 1 :])
            costs = np.concatenate([[0], np.cumsum(difference[rest, spot])])
            goal = int(costs.argmin())
            if costs[goal] < costs[place]:
                saved += int(costs[place] - costs[goal])
                order.insert(goal, order.pop(place))
        rank[start + np.array(order)] = np.arange(stop - start)
        return saved


def _cost(table: Ints, order: Ints) -> int:
    return int(np.triu(table[np.ix_(order, order)], 1).sum())
