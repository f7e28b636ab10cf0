"""What stands between a broken graph and its results: a broken graph runs as far as it is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from nnstudio.graph.flatten import FlatGraph, Path
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.graph.ports import definition_of, passed_port
from nnstudio.graph.problem import Problem


def obstacles(
    level: Level, flat: FlatGraph, problems: Iterable[Problem], roles: Collection[str] = ("criterion",)
) -> list[Problem]:
    """The problems because of which the loss cannot be computed, in the order of computation.

    Every other error only keeps its own node, and what that feeds, out of the program. The loss is the sum
    of all criteria, so one that is broken leaves no loss to speak of; but one that nothing is connected to
    yet takes no part, unless there is no other. What is wrong with the graph as a whole, or that it has no
    criterion, is an obstacle too. With other `roles`, what is asked for is that all such nodes are computed,
    such as Output nodes; then a graph may have none.
    """
    problems = list(problems)
    whole = [each for each in problems if each.severity == "error" and not each.path]
    drawn = list(_drawn(level, roles))
    if not drawn:
        return whole + [each for each in problems if each.kind in ("empty", "no-criterion")]
    wanted = [path for path in drawn if level.at(path[:-1]).structure.incoming[path[-1]]] or drawn
    paths = {node.name: node.path for node in flat}
    valid = set(paths.values())
    broken = [path for path in wanted if path not in valid]
    errors = [each for each in problems if each.severity == "error" and each.path]
    used = {paths[name] for name in flat.upstream(node.name for node in flat if node.path in wanted)}
    # An edge to a port that is not there is a problem of its source only in what reads it.
    found = [each for each in errors if each.path in used and not _leaves(each)]
    if broken:
        above = _upstream(level, broken)
        found = [each for each in errors if each in found or each.path in above] or errors
    return whole + sorted(found, key=_Order(level).place)


def _leaves(problem: Problem) -> bool:
    return problem.own_edge is not None and problem.own_edge.source == problem.path[-1]


def _drawn(level: Level, roles: Collection[str], path: Path = ()) -> Iterator[Path]:
    """The nodes of these roles, groups looked into; an Output in a group is but a port of it."""
    for node in level.nodes.values():
        if node.inside is not None:
            if not node.bypassed:
                yield from _drawn(node.inside, roles, (*path, node.id))
            continue
        known = definition_of(node)
        if known is not None and known.role in roles and not (path and known.role == "output"):
            yield (*path, node.id)


def _upstream(level: Level, starts: Iterable[Path]) -> set[Path]:
    """What these nodes need as it is drawn, valid or not, in and out of groups; and themselves."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        path = waiting.pop()
        for source in _sources(level, path):
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return seen


def _sources(level: Level, path: Path) -> Iterator[Path]:
    """Who feeds a node; of a group, which inside goes its own way to the ports, only what is passed by it."""
    here = level.at(path[:-1])
    node, prefix, ports = here.nodes[path[-1]], path[:-1], None
    if prefix and node.type == "Input":  # a port of the group around it
        yield prefix
        here, ports = level.at(prefix[:-1]), (node.name,)
        node, prefix = here.nodes[prefix[-1]], prefix[:-1]
        if node.bypassed:
            return
    elif node.bypassed:
        ports = (passed_port(here, node),)
    elif node.inside is not None:
        return
    for port, edges in here.structure.incoming[node.id].items():
        if ports is None or port in ports:
            for edge in edges:
                source = here.nodes[edge.source]
                yield (*prefix, source.id)
                inner = _output(source, edge.source_port)
                if inner is not None:
                    yield (*prefix, source.id, inner)


def _output(node: Node, port: str) -> str | None:
    """The id of the Output in a group that is its port of that name."""
    if node.inside is None or node.bypassed:
        return None
    return next(
        (each.id for each in node.inside.nodes.values() if each.type == "Output" and each.name == port), None
    )


class _Order:
    """Where nodes stand in the order of computation; what is in a cycle comes after all else."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._ranks: dict[Path, dict[str, int]] = {}

    def place(self, problem: Problem) -> tuple[int, ...]:
        return tuple(self._rank(problem.path[:end])[key] for end, key in enumerate(problem.path))

    def _rank(self, path: Path) -> dict[str, int]:
        if path not in self._ranks:
            here = self._level.at(path)
            ids = dict.fromkeys((*here.structure.order, *here.nodes))
            self._ranks[path] = {key: rank for rank, key in enumerate(ids)}
        return self._ranks[path]
