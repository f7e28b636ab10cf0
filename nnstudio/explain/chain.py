"""The chain rule by paths: every way from the loss to a quantity, and what each adds to its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.explain.local import Local
from nnstudio.explain.place import Element, place_of
from nnstudio.explain.width import Narrow, Width
from nnstudio.graph.flatten import FlatNode
from nnstudio.program.program import Program

Array = npt.NDArray[Any]

MOST_PATHS = 50
"""More than so many are not listed: the largest are, and the others are counted and added up."""
_MOST_NUMBERS = 20_000_000
"""So many numbers may be held in the gradients of unfinished paths."""
_ROUNDING = {"float32": 2e-4, "float64": 1e-9}
"""What rounding leaves of a sum, as a share of its largest terms; what differs by more has another cause."""


@dataclass(frozen=True)
class Link:
    """One factor of a path: how much what is `of` changes with what is `by`.

    of, by    keys of two quantities, such as "loss.output" and "fc2.output"; `of` is "L" for the loss
    nodes     the nodes it leads through: one, or several where whole arrays lie between the two elements
    factor    the derivative of one element by the other
    of_element, by_element    which elements
    """

    of: str
    by: str
    nodes: tuple[str, ...]
    factor: float
    of_element: Element
    by_element: Element


@dataclass(frozen=True)
class Path:
    """One way from the loss to a quantity.

    nodes          from the criterion to the node whose port or parameter it ends at
    ports          the port (at last perhaps the parameter) of each node that it leaves by
    contribution   what it adds to the gradient of the element: the product of the links' factors
    links          its factors, from the loss on; several elements that lie between two are one link
    gradients      for each node, the gradient at its output along this path alone
    """

    nodes: tuple[str, ...]
    ports: tuple[str, ...]
    contribution: float
    links: tuple[Link, ...]
    gradients: tuple[Array, ...]


class Paths:
    """The paths to one element of a quantity, the largest contribution first.

    key, element   the gradient and which of its elements
    count          how many paths there are; only the first MOST_PATHS are in this sequence
    rest           what the paths that are not listed contribute together
    total          what all paths contribute
    stored         what the program holds
    """

    def __init__(
        self,
        program: Program,
        key: str,
        element: Element,
        listed: Sequence[Path],
        count: int,
        total: float,
        largest: float,
        rounding: Callable[[], float],
    ) -> None:
        self.key = key
        self.element = element
        self.count = count
        self.total = total
        self.stored = float(program[key][element])
        self._listed = tuple(listed)
        self._near = _ROUNDING[program.dtype.name] * max(largest, abs(total), abs(self.stored))
        if abs(total - self.stored) > self._near:  # or both are what rounding leaves of a difference
            self._near = max(self._near, rounding())

    def __getitem__(self, index: int) -> Path:
        return self._listed[index]

    def __len__(self) -> int:
        return len(self._listed)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._listed)

    @property
    def more(self) -> int:
        """How many paths there are beside the listed ones."""
        return self.count - len(self._listed)

    @property
    def rest(self) -> float:
        """What the paths that are not listed contribute together; 0.0 where all are listed."""
        return self.total - math.fsum(path.contribution for path in self) if self.more else 0.0

    @property
    def carried(self) -> float:
        """What the stored gradient holds beside this pass's paths: of a parameter, what earlier backward
        passes left, because nothing zeroed it; 0.0 where the two agree within rounding."""
        return 0.0 if self.agrees else self.stored - self.total

    @property
    def agrees(self) -> bool:
        """Whether the contributions add up to the stored value, within rounding."""
        both = (self.total, self.stored)
        return abs(self.total - self.stored) <= self._near or all(map(math.isnan, both)) or both[0] == both[1]


def paths(program: Program, key: str, element: Sequence[int] | None = None, sample: int = 0) -> Paths:
    """Every path by which the loss depends on one element of a quantity.

    `key` names the gradient: "fc1.grad_weight" (a parameter), "b.grad_output" (a node's output) or
    "mul.grad_a" (what goes back through one port). `element` is its index, with or without the batch axis
    (then of `sample`); None takes the first. The contributions of all paths add up to the stored gradient of
    one backward pass. Raises ExplainError for what is no gradient and for an element outside, ProgramError
    where the program has not computed what is needed.
    """
    node, wanted = target_of(program, key)
    where = place_of(program, key, element, sample)
    return Chain(program).paths(key, node, wanted, where)


def count_paths(program: Program, key: str) -> int:
    """How many paths lead from the loss to a gradient, counted without walking them."""
    node, _ = target_of(program, key)
    return Chain(program).counts.get(node, 0)


def target_of(program: Program, key: str) -> tuple[str, str]:
    """The node and the port or parameter that the gradient `key` is about; "output" for its output."""
    program.identifier(key)
    node, _, quantity = key.rpartition(".")
    if not quantity.startswith("grad_"):
        raise ExplainError(
            f"{key} is no gradient: paths lead to one such as {node}.grad_output or {node}.grad_weight."
        )
    wanted = quantity.removeprefix("grad_")
    found = Local(program).anatomy.node(node)
    if quantity == "grad_input" and "input" not in found.definition.ports and found.definition.ports:
        wanted = found.definition.ports[0]
    return node, wanted


@dataclass(frozen=True)
class _Partial:
    """A path so far: the nodes and ports it has passed, and the gradient at each node's output."""

    nodes: tuple[str, ...]
    ports: tuple[str, ...]
    gradients: tuple[Array, ...]

    @property
    def size(self) -> float:
        """How large the gradient is that it carries."""
        with np.errstate(all="ignore"):
            size = float(np.abs(self.gradients[-1]).max(initial=0.0))
        return math.inf if math.isnan(size) else size


class Chain:
    """The paths of one moment of a program. For one question: make a new one after the program has moved."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.local = Local(program)
        self.anatomy = self.local.anatomy
        self._width = Width(self.local)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """For every node, by how many paths the loss depends on its output."""
        found: dict[str, int] = {}
        for name in reversed(self.anatomy.order):
            behind = sum(found[reader] for reader, _ in self.anatomy.readers[name])
            found[name] = behind + (name in self.anatomy.criteria)
        return found

    def paths(self, key: str, node: str, wanted: str, where: Element) -> Paths:
        """The paths to an element; `wanted` is a port or parameter of `node`, or "output"."""
        count = self.counts[node]
        if not count:
            raise ExplainError(f"No path leads from the loss to {node}, so it has no gradient.")
        found: list[Path] = []
        largest = 0.0
        at = self.anatomy.nodes[node]
        for partial in self._partials(node):
            last = partial.gradients[-1]
            if wanted == "output":
                finished, arrived = partial, last
            else:
                finished = _Partial(partial.nodes, (*partial.ports, wanted), partial.gradients)
                arrived = self.local.gradient(at, wanted, last)
            with np.errstate(all="ignore"):
                largest = max(largest, _largest(arrived))
            contribution = float(arrived[where])
            links = tuple(self._links(finished, where, contribution))
            found.append(Path(finished.nodes, finished.ports, contribution, links, finished.gradients))
        found.sort(key=lambda path: -_magnitude(path.contribution))
        total = math.fsum(path.contribution for path in found) if _finite(found) else math.nan
        if count > len(found):
            whole = self.whole(node)
            arrived = whole if wanted == "output" else self.local.gradient(at, wanted, whole)
            total, largest = float(arrived[where]), max(largest, _largest(arrived))
        elif not _finite(found):
            with np.errstate(all="ignore"):
                total = float(np.sum([path.contribution for path in found]))

        def rounding() -> float:
            return self._rounding(node, wanted, where, total)

        return Paths(self.program, key, where, found[:MOST_PATHS], count, total, largest, rounding)

    def _rounding(self, node: str, wanted: str, where: Element, total: float) -> float:
        """How far rounding may move the gradient of an element: found by shaking what it is computed from."""
        moved: list[float] = []
        for seed in range(4):
            shaken = self.whole(node, np.random.default_rng(seed))
            at = self.anatomy.nodes[node]
            arrived = shaken if wanted == "output" else self.local.gradient(at, wanted, shaken)
            moved.append(abs(float(arrived[where]) - total))
        return 32 * max(moved)

    def whole(self, node: str, shake: np.random.Generator | None = None) -> Array:
        """The gradient at a node's output by all paths together, worked out anew from the loss.

        With `shake`, every number on the way is moved by about one unit in its last place.
        """
        unit = float(np.finfo(self.program.dtype).eps)
        gradients: dict[str, Array] = {}
        for name in self._between(node):
            terms = [
                self.local.gradient(self.anatomy.nodes[reader], port, gradients[reader])
                for reader, port in self.anatomy.readers[name]
            ]
            if name in self.anatomy.criteria:
                terms.insert(0, self._seed(name))
            gradient: Array = sum(terms[1:], terms[0])
            if shake is not None:
                moved = gradient * (1 + unit * shake.uniform(-1, 1, gradient.shape))
                gradient = np.asarray(moved, self.program.dtype)
            gradients[name] = gradient
        return gradients[node]

    def _seed(self, criterion: str) -> Array:
        return np.asarray(self.anatomy.criteria[criterion], self.program.dtype)

    def _between(self, node: str) -> list[str]:
        """The nodes from the criteria down to `node`, each after those that read it."""
        wanted = {node}
        waiting = [node]
        while waiting:
            for reader, _ in self.anatomy.readers[waiting.pop()]:
                if reader not in wanted:
                    wanted.add(reader)
                    waiting.append(reader)
        return [name for name in reversed(self.anatomy.order) if name in wanted]

    def _partials(self, node: str) -> list[_Partial]:
        """The paths to a node's output. Where there are many, at every node those go on that carry most.

        Behind a node all go through the same factors, so for single numbers these are the largest.
        """
        known: dict[str, list[_Partial]] = {}
        many = self.counts[node] > MOST_PATHS
        for name in self._between(node):
            here: list[_Partial] = []
            if name in self.anatomy.criteria:
                here.append(_Partial((name,), (), (self._seed(name),)))
            for reader, port in self.anatomy.readers[name]:
                at = self.anatomy.nodes[reader]
                for partial in known[reader]:
                    gradient = self.local.gradient(at, port, partial.gradients[-1])
                    here.append(
                        _Partial(
                            (*partial.nodes, name), (*partial.ports, port), (*partial.gradients, gradient)
                        )
                    )
            if many and len(here) > 1:
                size = max(1, here[0].gradients[-1].size)
                here.sort(key=lambda partial: -partial.size)
                here = here[: max(3, min(MOST_PATHS, _MOST_NUMBERS // size))]
            known[name] = here
        return known[node]

    def _links(self, path: _Partial, where: Element, contribution: float) -> Iterator[Link]:
        """The factors of a path: from the end towards the loss as long as one element hangs on one."""
        single: list[Link] = []
        element = where
        position = len(path.ports) - 1
        while position >= 0:
            at = self.anatomy.nodes[path.nodes[position]]
            port = path.ports[position]
            narrow: Narrow | None = self._width.narrow(at, port, element)
            if narrow is None:
                break
            key = by_key(at, port)
            single.append(Link(f"{at.name}.output", key, (at.name,), narrow.factor, narrow.element, element))
            element = narrow.element
            position -= 1
        if position >= 0:  # what lies before is one factor: its elements are many
            at = self.anatomy.nodes[path.nodes[position]]
            if position + 1 < len(path.gradients):
                value = float(path.gradients[position + 1][element])
            else:
                value = contribution
            key = by_key(at, path.ports[position])
            yield Link("L", key, path.nodes[: position + 1], value, (), element)
        else:
            first = path.nodes[0]
            yield Link("L", f"{first}.output", (), float(path.gradients[0][element]), (), element)
        yield from reversed(single)


def by_key(at: FlatNode, port: str) -> str:
    """The key of what a port of a node reads, or of its parameter."""
    return f"{at.sources[port]}.output" if port in at.sources else f"{at.name}.{port}"


def _largest(array: Array) -> float:
    with np.errstate(all="ignore"):
        largest = float(np.abs(array).max(initial=0.0))
    return largest if math.isfinite(largest) else 0.0


def _magnitude(value: float) -> float:
    return math.inf if math.isnan(value) else abs(value)


def _finite(found: Sequence[Path]) -> bool:
    return all(math.isfinite(path.contribution) for path in found)
