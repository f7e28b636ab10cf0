"""Orders and cycles of a directed graph, given as node ids in document order and edges between them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nnstudio.graph.node import Edge

if TYPE_CHECKING:
    from nnstudio.graph.level import Level


def is_ordered(ids: Sequence[str], edges: Iterable[Edge]) -> bool:
    """Whether the document order already has every source before its target."""
    place = {key: index for index, key in enumerate(ids)}
    return all(place[edge.source] < place[edge.target] for edge in edges)


def topological_order(ids: Sequence[str], edges: Iterable[Edge]) -> tuple[str, ...]:
    """Kahn's order with the document order as tie-break. Nodes in or behind a cycle are left out."""
    place = {key: index for index, key in enumerate(ids)}
    waiting = dict.fromkeys(ids, 0)
    targets: dict[str, list[str]] = {key: [] for key in ids}
    for edge in edges:
        waiting[edge.target] += 1
        targets[edge.source].append(edge.target)
    ready = [place[key] for key, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        key = ids[heapq.heappop(ready)]
        order.append(key)
        for target in targets[key]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, place[target])
    return tuple(order)


def reaches(start: str, goal: str, edges: Iterable[Edge]) -> bool:
    """Whether one can go along edges from `start` to `goal`; a node reaches itself."""
    return goal in reachable([start], edges)


def reachable(starts: Iterable[str], edges: Iterable[Edge]) -> set[str]:
    """Every node that edges lead to from the starts, which are included."""
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    seen = set(starts)
    stack = list(seen)
    while stack:
        for target in targets.get(stack.pop(), ()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def upstream(level: Level, ids: Iterable[str]) -> set[str]:
    """The nodes that these need: everything that feeds them, near or far, and themselves."""
    return reachable(ids, [Edge(edge.target, edge.source, edge.port) for edge in level.edges])


def downstream(level: Level, ids: Iterable[str]) -> set[str]:
    """The nodes that depend on these: everything that they feed, near or far, and themselves."""
    return reachable(ids, level.edges)


def cycles(ids: Sequence[str], edges: Sequence[Edge]) -> list[tuple[list[str], list[Edge]]]:
    """For every knot of cycles: one cycle in it as ids in the order of its edges, and edges whose removal
    unties it.

    A knot is a strongly connected part. A depth-first walk in document order meets the edges that close a
    cycle; the first of them gives the cycle to show, and without all of them none is left.
    """
    done = set(topological_order(ids, edges))
    backwards = [Edge(edge.target, edge.source, edge.port) for edge in edges]
    done |= set(topological_order(ids, backwards))
    targets: dict[str, list[Edge]] = {key: [] for key in ids}
    for edge in edges:
        if edge.source not in done and edge.target not in done:
            targets[edge.source].append(edge)

    found: dict[str, tuple[list[str], list[Edge]]] = {}
    part_of = _strong_parts([key for key in ids if key not in done], targets)
    path: list[str] = []
    on_path: dict[str, int] = {}
    finished: set[str] = set()
    for root in ids:
        if root in done or root in finished:
            continue
        stack = [(root, iter(targets[root]))]
        on_path[root] = 0
        path.append(root)
        while stack:
            key, rest = stack[-1]
            edge = next(rest, None)
            if edge is None:
                stack.pop()
                path.pop()
                del on_path[key]
                finished.add(key)
            elif edge.target in on_path:
                ring = path[on_path[edge.target] :]
                found.setdefault(part_of[key], (ring, []))[1].append(edge)
            elif edge.target not in finished:
                on_path[edge.target] = len(path)
                path.append(edge.target)
                stack.append((edge.target, iter(targets[edge.target])))
    return list(found.values())


def _strong_parts(ids: Sequence[str], targets: dict[str, list[Edge]]) -> dict[str, str]:
    """Node -> a node that stands for its strongly connected part (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    part: dict[str, str] = {}
    open_nodes: list[str] = []
    for root in ids:
        if root in index:
            continue
        stack = [(root, iter(targets[root]))]
        index[root] = low[root] = len(index)
        open_nodes.append(root)
        while stack:
            key, rest = stack[-1]
            edge = next(rest, None)
            if edge is not None:
                target = edge.target
                if target not in index:
                    index[target] = low[target] = len(index)
                    open_nodes.append(target)
                    stack.append((target, iter(targets[target])))
                elif target not in part:
                    low[key] = min(low[key], index[target])
                continue
            stack.pop()
            if stack:
                low[stack[-1][0]] = min(low[stack[-1][0]], low[key])
            if low[key] == index[key]:
                while True:
                    member = open_nodes.pop()
                    part[member] = key
                    if member == key:
                        break
    return part
