"""Graph -> readable statements: forward, loss, backward and update, as a person would write them in NumPy."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import FunctionType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnstudio.graph.class_numbers import takes_classes
from nnstudio.graph.flatten import FlatGraph, FlatNode
from nnstudio.modules.equations import Description
from nnstudio.modules.shapes import Shape
from nnstudio.program.equation import (
    StraightLine,
    called_functions,
    literal,
    read,
    rename,
    straighten,
    variables,
)
from nnstudio.program.names import Names
from nnstudio.program.statement import Feed, Listing, Operator, ParameterOf, Phase, Statement
from nnstudio.program.update import emit_update

Role = Literal["input", "target"]


def emit(flat: FlatGraph, optimizer: Description, optimizer_settings: Mapping[str, Any]) -> Listing:
    """The readable program of a flattened graph, trained by `optimizer`."""
    return _Emitter(flat).listing(optimizer, optimizer_settings)


class Lines:
    """Statements in the making: what they read follows from the expression."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def add(
        self,
        phase: Phase,
        node: str,
        path: tuple[str, ...],
        quantity: str,
        target: str,
        operator: Operator,
        expression: ast.expr,
        accumulates: bool = False,
    ) -> None:
        self.statements.append(
            Statement(
                index=len(self.statements),
                phase=phase,
                node=node,
                path=path,
                quantity=quantity,
                target=target,
                operator=operator,
                expression=expression,
                reads=variables(expression),
                accumulates=accumulates,
            )
        )


class _Emitter:
    """Walks the nodes in order, once forward and once backward."""

    def __init__(self, flat: FlatGraph) -> None:
        self._nodes: dict[str, FlatNode] = {node.name: node for node in flat.nodes}
        self._functions = self._called_functions()
        self._names = Names(self._functions)
        self._lines = Lines()
        self._keys: dict[str, str] = {}
        self._output: dict[str, str] = {}
        self._parameters: dict[str, ParameterOf] = {}
        self._quantities: dict[tuple[str, str], str] = {}
        self._constants: dict[str, npt.NDArray[np.float64]] = {}
        self._feeds: dict[str, Feed] = {}
        self._criteria = [node for node in flat.nodes if node.definition.role == "criterion"]
        self._reached = self._nodes_the_loss_depends_on()
        self._readers = self._where_gradients_come_from()
        self._waiting: dict[str, list[ast.expr]] = {}

    def listing(self, optimizer: Description, settings: Mapping[str, Any]) -> Listing:
        self._name_everything()
        parameters = tuple(sorted(self._parameters.values(), key=lambda parameter: not parameter.trained))
        for parameter in parameters:
            zeros = ast.parse(f"np.zeros_like({parameter.identifier})", mode="eval").body
            self._lines.add(
                "zero_grad",
                _owner(parameter.key),
                parameter.path,
                f"grad_{_last(parameter.key)}",
                parameter.gradient,
                "=",
                zeros,
            )
        for node in self._nodes.values():
            self._forward(node)
        loss = self._total_loss()
        for node in reversed(self._nodes.values()):
            self._backward(node)
        update = emit_update(self._names, self._lines, parameters, optimizer, settings, self._keys)
        return Listing(
            statements=tuple(self._lines.statements),
            keys=self._keys,
            feeds=self._feeds,
            constants=self._constants,
            parameters=parameters,
            states=update.states,
            functions={**self._functions, **update.functions},
            loss=loss,
            criteria={node.name: self._output[node.name] for node in self._criteria},
            predictions=self._predictions(),
            flat_update=update.flat,
        )

    # -- names ---------------------------------------------------------------------------------------

    def _called_functions(self) -> dict[str, FunctionType]:
        found: dict[str, FunctionType] = {}
        for node in self._nodes.values():
            for name, function in node.definition.functions.items():
                if name == "output" or name.startswith("grad_") or name in node.definition.quantities:
                    found.update(called_functions(function))
        return found

    def _name_everything(self) -> None:
        for node in self._nodes.values():
            self._output[node.name] = self._keys[f"{node.name}.output"] = self._names.take(node.name)
        for node in self._nodes.values():
            role = node.definition.role
            if role == "input" or role == "target":
                self._feeds[node.name] = self._feed(node, role)
            for name, parameter in node.parameters.items():
                key = f"{node.name}.{name}"
                identifier = self._names.take(node.name, name)
                gradient = self._names.take("grad", identifier)
                self._keys[key] = identifier
                self._keys[f"{node.name}.grad_{name}"] = gradient
                trained = node.name in self._reached
                self._parameters[key] = ParameterOf(key, identifier, gradient, node.path, parameter, trained)
        for node in reversed(self._nodes.values()):
            if self._has_gradient(node):
                self._keys[f"{node.name}.grad_output"] = self._names.take("grad", self._output[node.name])

    def _feed(self, node: FlatNode, role: Role) -> Feed:
        counts = [
            int(reader.input_shapes[reader.definition.ports[0]][-1])
            for reader in self._nodes.values()
            for port, source in reader.sources.items()
            if source == node.name and takes_classes(reader, port)
        ]
        return Feed(node.name, self._output[node.name], node.shape, role, min(counts, default=0))

    # -- what the loss depends on --------------------------------------------------------------------

    def _nodes_the_loss_depends_on(self) -> set[str]:
        reached: set[str] = set()
        waiting = [node.name for node in self._criteria]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                node = self._nodes[name]
                waiting.extend(
                    source
                    for port, source in node.sources.items()
                    if f"grad_{port}" in node.definition.functions
                )
        return reached

    def _where_gradients_come_from(self) -> dict[str, list[str]]:
        """For each node, the readers that send a gradient back to it, once per port."""
        readers: dict[str, list[str]] = {name: [] for name in self._nodes}
        for node in self._nodes.values():
            if node.name in self._reached:
                for port, source in node.sources.items():
                    if f"grad_{port}" in node.definition.functions:
                        readers[source].append(node.name)
        return readers

    def _has_gradient(self, node: FlatNode) -> bool:
        return node.name in self._reached and node.definition.role not in ("target", "constant")

    # -- forward -------------------------------------------------------------------------------------

    def _forward(self, node: FlatNode) -> None:
        role = node.definition.role
        if role == "constant":
            value = node.definition.functions["output"](**_settings_of(node, "output"))
            self._constants[self._output[node.name]] = np.asarray(value, dtype=np.float64)
        elif role not in ("input", "target"):
            line = self._straight(node, "output", "forward")
            self._write(node, line, "forward", "output", self._output[node.name], "=")

    def _total_loss(self) -> str | None:
        if not self._criteria:
            return None
        first = self._criteria[0]
        if len(self._criteria) == 1 and first.settings.get("loss_weight", 1.0) == 1.0:
            return self._output[first.name]
        terms = [
            self._output[node.name]
            if node.settings.get("loss_weight", 1.0) == 1.0
            else f"{node.settings['loss_weight']!r} * {self._output[node.name]}"
            for node in self._criteria
        ]
        total = self._names.take("total_loss")
        expression = ast.parse(" + ".join(terms), mode="eval").body
        last = self._criteria[-1]
        self._lines.add("forward", last.name, last.path, "total_loss", total, "=", expression)
        self._keys["total_loss"] = total
        return total

    def _predictions(self) -> tuple[str, ...]:
        """What the network answers: Output nodes; else what the criteria compare; else the last nodes."""
        marked = [node.name for node in self._nodes.values() if node.definition.role == "output"]
        if marked:
            return tuple(marked)
        compared = [node.sources[node.definition.ports[0]] for node in self._criteria]
        if compared:
            return tuple(dict.fromkeys(compared))
        read_somewhere = {source for node in self._nodes.values() for source in node.sources.values()}
        silent = ("input", "target", "constant")
        return tuple(
            name
            for name, node in self._nodes.items()
            if name not in read_somewhere and node.definition.role not in silent
        )

    # -- backward ------------------------------------------------------------------------------------

    def _backward(self, node: FlatNode) -> None:
        if not self._has_gradient(node):
            return
        self._gather(node)
        if node.definition.role == "input":
            return
        for port in node.definition.ports:
            if port in node.sources and f"grad_{port}" in node.definition.functions:
                self._gradient_to(node, port)
        for name in node.parameters:
            parameter = self._parameters[f"{node.name}.{name}"]
            line = self._straight(node, f"grad_{name}", "backward")
            self._write(node, line, "backward", f"grad_{name}", parameter.gradient, "+=", True)

    def _gather(self, node: FlatNode) -> None:
        """The gradient at a node's output: the loss's own, or the sum of what its readers send back."""
        terms = self._waiting.pop(node.name, [])
        if node.definition.role == "criterion":
            terms.insert(0, literal(float(node.settings.get("loss_weight", 1.0))))
        elif len(self._readers[node.name]) == 1:
            return  # its only reader has written straight into this gradient
        total = terms[0]
        for term in terms[1:]:
            total = ast.BinOp(total, ast.Add(), term)
        target = self._keys[f"{node.name}.grad_output"]
        self._lines.add("backward", node.name, node.path, "grad_output", target, "=", total)

    def _gradient_to(self, node: FlatNode, port: str) -> None:
        source = self._nodes[node.sources[port]]
        if not self._has_gradient(source):
            return
        if source.definition.role != "criterion" and len(self._readers[source.name]) == 1:
            target = self._keys[f"{source.name}.grad_output"]
        else:
            gradient = self._keys[f"{source.name}.grad_output"]
            several = len(set(node.sources.values())) < len(node.sources)
            via = (node.name, port) if several else (node.name,)
            target = self._names.take(gradient, "via", *via)
            self._waiting.setdefault(source.name, []).append(ast.Name(target, ast.Load()))
        self._keys[f"{node.name}.grad_{port}"] = target
        if port == node.definition.ports[0]:
            self._keys[f"{node.name}.grad_input"] = target
        line = self._straight(node, f"grad_{port}", "backward")
        self._write(node, line, "backward", f"grad_{port}", target, "=")

    # -- one equation --------------------------------------------------------------------------------

    def _straight(self, node: FlatNode, function: str, phase: Phase) -> StraightLine:
        """An equation of `node`, its arguments replaced by identifiers; quantities it reads come first."""
        equation = read(node.definition.functions[function])
        shapes = {
            argument: shape
            for argument in equation.arguments
            if (shape := self._shape_of(node, argument)) is not None
        }
        settings = {name: value for name, value in node.settings.items() if not self._is_array(node, name)}
        line = straighten(equation, settings, shapes)
        needed = {
            name
            for expression in (*(value for _, value in line.assignments), line.result)
            for name in variables(expression)
        }
        names = {
            argument: self._identifier(node, argument, phase)
            for argument in equation.arguments
            if argument in needed and argument not in settings
        }
        assignments: list[tuple[str, ast.expr]] = []
        for local, value in line.assignments:
            assignments.append((self._names.take(node.name, local), rename(value, names)))
            names[local] = assignments[-1][0]
        return StraightLine(tuple(assignments), rename(line.result, names))

    @staticmethod
    def _is_array(node: FlatNode, name: str) -> bool:
        """Whether a setting's name means an array in this node's equations (Parameter's value)."""
        return name in node.sources or name in node.parameters or name in node.definition.quantities

    def _shape_of(self, node: FlatNode, argument: str) -> Shape | None:
        if argument in node.input_shapes:
            return node.input_shapes[argument]
        if argument in ("output", "grad_output"):
            return node.shape
        if argument in node.parameters:
            return node.parameters[argument].shape
        return None

    def _identifier(self, node: FlatNode, argument: str, phase: Phase) -> str:
        if argument in node.sources:
            return self._output[node.sources[argument]]
        if argument == "output":
            return self._output[node.name]
        if f"{node.name}.{argument}" in self._keys:
            return self._keys[f"{node.name}.{argument}"]
        return self._quantity(node, argument, phase)

    def _quantity(self, node: FlatNode, name: str, phase: Phase) -> str:
        known = self._quantities.get((node.name, name))
        if known is not None:
            return known
        line = self._straight(node, name, phase)
        if isinstance(line.result, ast.Name) and not line.assignments:
            target = line.result.id  # the quantity is another one unchanged: no statement of its own
        else:
            target = self._names.take(node.name, name)
            self._write(node, line, phase, name, target, "=")
        self._quantities[node.name, name] = target
        self._keys[f"{node.name}.{name}"] = target
        return target

    def _write(
        self,
        node: FlatNode,
        line: StraightLine,
        phase: Phase,
        quantity: str,
        target: str,
        operator: Operator,
        accumulates: bool = False,
    ) -> None:
        for local, value in line.assignments:
            self._lines.add(phase, node.name, node.path, quantity, local, "=", value, accumulates)
        self._lines.add(phase, node.name, node.path, quantity, target, operator, line.result, accumulates)


def _settings_of(node: FlatNode, function: str) -> dict[str, Any]:
    arguments = read(node.definition.functions[function]).arguments
    return {name: node.settings[name] for name in arguments}


def _owner(key: str) -> str:
    return key.rpartition(".")[0]


def _last(key: str) -> str:
    return key.rpartition(".")[2]
