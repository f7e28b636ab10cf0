"""What one node does to a gradient: its definition's own functions, called with the program's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.graph import Graph
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.equations import argument_names
from nnstudio.modules.module import Definition
from nnstudio.program.program import Program
from nnstudio.wording import nearest

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Anatomy:
    """How the nodes of a program hang together.

    nodes      every module by its dotted name
    order      their names, sources before those that read them
    readers    for each node, who sends a gradient back to it and through which port, in document order
    criteria   the criteria by name, with their share of the loss
    """

    nodes: Mapping[str, FlatNode]
    order: tuple[str, ...]
    readers: Mapping[str, tuple[tuple[str, str], ...]]
    criteria: Mapping[str, float]

    def node(self, name: str) -> FlatNode:
        """The module of that dotted name. Raises ExplainError naming the nearest one there is."""
        found = self.nodes.get(name)
        if found is None:
            near = nearest(name, self.nodes)
            hint = f" Did you mean {near!r}?" if near else ""
            raise ExplainError(f"The program has no node {name!r}.{hint}")
        return found


_KNOWN: WeakKeyDictionary[Graph, Anatomy] = WeakKeyDictionary()


def anatomy(program: Program) -> Anatomy:
    """The anatomy of the graph that `program` was compiled from; worked out once."""
    known = _KNOWN.get(program.graph)
    if known is None:
        known = _KNOWN[program.graph] = _anatomy(program.graph)
    return known


def _anatomy(graph: Graph) -> Anatomy:
    nodes = {node.name: node for node in graph.flatten().nodes}
    criteria = {
        name: float(node.settings.get("loss_weight", 1.0))
        for name, node in nodes.items()
        if node.definition.role == "criterion"
    }
    readers: dict[str, list[tuple[str, str]]] = {name: [] for name in nodes}
    for name, node in reversed(nodes.items()):  # those that read a node come before it here
        if name not in criteria and not readers[name]:
            continue
        for port in reversed(node.definition.ports):
            if port in node.sources and f"grad_{port}" in node.definition.functions:
                readers[node.sources[port]].insert(0, (name, port))
    for name, node in nodes.items():
        if node.definition.role in ("target", "constant"):
            readers[name] = []  # nothing there learns, and no gradient is kept
    return Anatomy(nodes, tuple(nodes), {name: tuple(found) for name, found in readers.items()}, criteria)


class Local:
    """The nodes' own functions over one moment of a program.

    Values are read once and kept, so an instance is for one question: make a new one after the program has
    moved. Raises ProgramError where a value it needs is not current.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.anatomy = anatomy(program)
        self._values: dict[tuple[str, str], Array] = {}

    def output(self, node: FlatNode) -> Array:
        """What a node gives."""
        return self.argument(node, "output")

    def gradient(self, node: FlatNode, wanted: str, grad_output: Array) -> Array:
        """The gradient at a port or a parameter of `node` where `grad_output` is the one at its output.

        `grad_output` has the output's shape; the result has that of what is `wanted`, in the program's dtype.
        Raises ExplainError where the node's definition sends no gradient there.
        """
        function = node.definition.functions.get(f"grad_{wanted}")
        if function is None:
            raise ExplainError(f"{node.name} sends no gradient to {wanted}: its definition has none for it.")
        with np.errstate(all="ignore"):
            given = {name: self.argument(node, name, grad_output) for name in argument_names(function)}
            return np.asarray(function(**given))

    def argument(self, node: FlatNode, name: str, grad_output: Array | None = None) -> Any:
        """What the name means in the equations of `node`: an array, or a setting's value."""
        if name == "grad_output":
            return grad_output
        known = self._values.get((node.name, name))
        if known is not None:
            return known
        if name in node.sources:
            value = self.program[f"{node.sources[name]}.output"]
        elif name in node.parameters or name == "output":
            value = self.program[f"{node.name}.{name}"]
        elif name in node.definition.quantities:
            value, follows = self._quantity(node, name, grad_output)
            if follows:
                return value
        else:
            return node.settings[name]
        self._values[node.name, name] = value
        return value

    def _quantity(self, node: FlatNode, name: str, grad_output: Array | None) -> tuple[Array, bool]:
        """An intermediate quantity, and whether it follows from the gradient that is given."""
        follows = reads_gradient(node, name)
        key = f"{node.name}.{name}"
        if not follows and key in self.program and self.program.is_current(key):
            return self.program[key], False
        function = node.definition.functions[name]
        given = {each: self.argument(node, each, grad_output) for each in argument_names(function)}
        with np.errstate(all="ignore"):
            return np.asarray(function(**given)), follows


def worked_out(definition: Definition, known: dict[str, Any], name: str) -> Any:
    """What an equation of a definition gives, from the arrays and settings in `known`.

    All that is worked out on the way is put there too.
    """
    if name not in known:
        given = {each: worked_out(definition, known, each) for each in definition.reads(name)}
        known[name] = definition.functions[name](**given)
    return known[name]


def reads_gradient(node: FlatNode, quantity: str) -> bool:
    """Whether an intermediate quantity depends on the gradient at the node's output."""
    waiting, seen = [quantity], {quantity}
    while waiting:
        for name in argument_names(node.definition.functions[waiting.pop()]):
            if name == "grad_output":
                return True
            if name in node.definition.quantities and name not in seen:
                seen.add(name)
                waiting.append(name)
    return False
