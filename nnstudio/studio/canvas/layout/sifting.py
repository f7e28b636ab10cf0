"""Moving single spots to where they cross least: exact, and affordable in small graphs only."""

from __future__ import annotations

import random

import numpy as np

from nnstudio.studio.canvas.layout.grid import Columns, Ints

_KICKS = 400
_PATIENCE = 60  # shakes in vain
_CHEAP = 20  # a column that costs more is not shaken


class Sifter:
    """Puts every spot of a column in its best place while the other columns stay; and, when that finds
    nothing more, shakes one column and tries again, until it has spent `work`, the time of so many small
    columns, or nothing has come of it for long. The random numbers are the same every time.
    """

    def __init__(self, columns: Columns, work: int) -> None:
        self.columns = columns
        self._work = work
        self._ports = int(max(columns.leaves.max(initial=0), columns.arrives.max(initial=0))) + 1
        self._links: list[list[tuple[Ints, Ints, Ints]]] = []
        arriving = np.argsort(columns.target, kind="stable")
        leaving = np.argsort(columns.source, kind="stable")
        first = np.searchsorted(columns.target[arriving], columns.starts)
        last = np.searchsorted(columns.source[leaving], columns.starts)
        for index, start in enumerate(columns.starts[:-1]):
            before, after = arriving[first[index] : first[index + 1]], leaving[last[index] : last[index + 1]]
            self._links.append(
                [
                    (columns.target[before] - start, columns.source[before], columns.leaves[before]),
                    (columns.source[after] - start, columns.target[after], columns.arrives[after]),
                ]
            )

        self._cost = [self._cost_of(index) for index in range(columns.depth)]

    def _cost_of(self, index: int) -> int:
        """How many small columns it takes as long as: the table is a product of matrices."""
        products = sum(len(spot) ** 2 for spot, _, _ in self._links[index]) * self._width(index)
        return 1 + self._width(index) // 8 + products // 100_000

    def improved(self, rank: Ints, crossed: int) -> tuple[Ints, int]:
        chance = random.Random(1)
        best = rank.copy()
        fewest = crossed - self._settled(best, set(range(self.columns.depth)))
        movable = [i for i in range(self.columns.depth) if self._width(i) > 1 and self._cost[i] <= _CHEAP]
        in_vain = 0
        for _ in range(_KICKS):
            if in_vain == _PATIENCE or fewest == 0 or self._work <= 0 or not movable:
                break
            trial = best.copy()
            index = chance.choice(movable)
            change = self._shaken(trial, index, chance)
            gain = self._settled(trial, self._about(index))
            in_vain = 0 if gain > change else in_vain + 1
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

    def _settled(self, rank: Ints, waiting: set[int]) -> int:
        """Sifts these columns of `rank` in place, and those beside one that changed, until nothing is gained;
        the crossings saved.
        """
        saved = 0
        while waiting and self._work > 0:
            for index in sorted(waiting):
                waiting.discard(index)
                if self._width(index) < 2 or self._cost[index] > self._work:
                    continue
                self._work -= self._cost[index]
                gain = self._sifted(rank, index)
                if gain:
                    saved += gain
                    waiting |= self._about(index)
        return saved

    def _about(self, index: int) -> set[int]:
        return {i for i in (index - 1, index, index + 1) if 0 <= i < self.columns.depth}

    def _table(self, rank: Ints, index: int) -> Ints:
        """(k, k): the crossings between the links of two spots of the column while the first is above."""
        size = self._width(index)
        table = np.zeros((size, size))
        for spot, other, port in self._links[index]:
            if len(spot):
                key = rank[other] * self._ports + port
                at = np.zeros((size, len(spot)))
                at[spot, np.arange(len(spot))] = 1
                table += at @ (key[:, None] > key[None, :]).astype(float) @ at.T
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
