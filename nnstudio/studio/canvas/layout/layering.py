"""The first phase: which column each node stands in."""

from __future__ import annotations

from collections.abc import Sequence

Arc = tuple[int, int]

_SWEEPS = 2


def forward(count: int, arcs: Sequence[Arc]) -> list[bool]:
    """For every arc whether it is kept, so that the kept ones have no cycle: the arcs that a depth-first walk
    in node order finds leading back are left out.
    """
    if len(topological(count, arcs)) == count:
        return [True] * len(arcs)
    leaving: list[list[int]] = [[] for _ in range(count)]
    for index, (source, _) in enumerate(arcs):
        leaving[source].append(index)
    kept = [True] * len(arcs)
    state = [0] * count  # 0 not seen, 1 on the way, 2 done
    for root in range(count):
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(leaving[root]))]
        while stack:
            node, rest = stack[-1]
            index = next(rest, None)
            if index is None:
                state[node] = 2
                stack.pop()
                continue
            target = arcs[index][1]
            if state[target] == 1:
                kept[index] = False
            elif state[target] == 0:
                state[target] = 1
                stack.append((target, iter(leaving[target])))
    return kept


def topological(count: int, arcs: Sequence[Arc]) -> list[int]:
    """Sources before targets, without the nodes in or behind a cycle."""
    waiting = [0] * count
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        waiting[target] += 1
        targets[source].append(target)
    order = [node for node in range(count) if waiting[node] == 0]
    for node in order:  # grows while it is read
        for target in targets[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    return order


def columns(count: int, arcs: Sequence[Arc]) -> list[int]:
    """A column for every node of a graph without cycles, such that every arc goes to a later one.

    The longest way from a beginning says how far left a node may stand. Then nodes with at least as many
    readers as sources move right, next to what they feed, and nodes with more sources than readers move left:
    both shorten the edges, and inputs, targets and constants end beside what they feed.
    """
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        before[target].append(source)
        after[source].append(target)
    order = topological(count, arcs)
    column = [0] * count
    for node in order:
        for target in after[node]:
            column[target] = max(column[target], column[node] + 1)
    for _ in range(_SWEEPS):
        for node in reversed(order):
            if after[node] and len(after[node]) >= len(before[node]):
                column[node] = min(column[target] for target in after[node]) - 1
        for node in order:
            if len(before[node]) > len(after[node]):
                column[node] = max(column[source] for source in before[node]) + 1
    first = min(column, default=0)
    return [each - first for each in column]


def ways(count: int, arcs: Sequence[Arc]) -> list[int]:
    """For every arc of a graph without cycles how many arcs the longest way through it has."""
    order = topological(count, arcs)
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        after[source].append(target)
    down = [0] * count
    up = [0] * count
    for node in order:
        for target in after[node]:
            down[target] = max(down[target], down[node] + 1)
    for node in reversed(order):
        for target in after[node]:
            up[node] = max(up[node], up[target] + 1)
    return [down[source] + 1 + up[target] for source, target in arcs]
