"""The update phase: an optimizer's equations, written for each parameter and for all of them together."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

from nnstudio.modules.equations import Description
from nnstudio.program.equation import called_functions, read, rename, straighten, variables
from nnstudio.program.names import Names
from nnstudio.program.statement import Operator, ParameterOf, Statement

if TYPE_CHECKING:
    from nnstudio.program.emit import Lines

STEP = "step"
LR = "lr"
FLAT_PARAMETERS = "parameters"
FLAT_GRADIENTS = "gradients"


@dataclass(frozen=True)
class Update:
    """What the update phase adds to a listing."""

    states: dict[str, tuple[str, str]]
    functions: dict[str, FunctionType]
    flat: tuple[Statement, ...]


def emit_update(
    names: Names,
    lines: Lines,
    parameters: Sequence[ParameterOf],
    optimizer: Description,
    settings: Mapping[str, Any],
    keys: dict[str, str],
) -> Update:
    """Write the update statements of every trained parameter, and the flat ones that training runs."""
    functions = optimizer.functions
    called: dict[str, FunctionType] = {}
    for function in functions.values():
        called.update(called_functions(function))
    states: dict[str, tuple[str, str]] = {}
    trained = [parameter for parameter in parameters if parameter.trained]
    if not trained:
        return Update(states, called, ())
    counts = any(STEP in _reads(function, settings) for function in functions.values())
    if counts:
        lines.add("update", "", (), STEP, STEP, "+=", ast.Constant(1))
        keys[STEP] = STEP
    for parameter in trained:
        writer = _Writer(names, lines, functions, settings, parameter.key, parameter.path)
        writer.write(parameter.identifier, parameter.gradient, parameter.identifier)
        for quantity, identifier in writer.states.items():
            states[identifier] = (parameter.key, quantity)
            keys[f"{parameter.key}.{quantity}"] = identifier
    return Update(states, called, _flat(names, functions, settings, counts))


def _flat(
    names: Names, functions: Mapping[str, FunctionType], settings: Mapping[str, Any], counts: bool
) -> tuple[Statement, ...]:
    from nnstudio.program.emit import Lines

    lines = Lines()
    if counts:
        lines.add("update", "", (), STEP, STEP, "+=", ast.Constant(1))
    writer = _Writer(Names(), lines, functions, settings, FLAT_PARAMETERS, ())
    writer.write(FLAT_PARAMETERS, FLAT_GRADIENTS, "flat")
    return tuple(lines.statements)


class _Writer:
    """Writes the equations of one parameter."""

    def __init__(
        self,
        names: Names,
        lines: Lines,
        functions: Mapping[str, FunctionType],
        settings: Mapping[str, Any],
        key: str,
        path: tuple[str, ...],
    ) -> None:
        self._names = names
        self._lines = lines
        self._functions = functions
        self._settings = settings
        self._node, _, self._parameter = key.rpartition(".")
        self._path = path
        self.states: dict[str, str] = {}

    def write(self, parameter: str, gradient: str, prefix: str) -> None:
        known = {"param": parameter, "grad": gradient, LR: LR, STEP: STEP}
        needed = _needed(self._functions, self._settings)
        for name, function in self._functions.items():
            if name not in needed:
                continue
            equation = read(function)
            line = straighten(equation, self._settings, {})
            if name in equation.arguments and name != "param":
                known[name] = self.states[name] = self._names.take(prefix, name)
            for local, value in line.assignments:
                identifier = self._names.take(prefix, local)
                self._add(local, identifier, "=", rename(value, known))
                known[local] = identifier
            result = rename(line.result, known)
            if isinstance(result, ast.Name) and name not in self.states and name != "param":
                known[name] = result.id
                continue
            if name not in known:
                known[name] = self._names.take(prefix, name)
            self._add(name, known[name], *_in_place(known[name], result))

    def _add(self, quantity: str, target: str, operator: Operator, expression: ast.expr) -> None:
        shown = self._parameter if quantity == "param" else f"{self._parameter}.{quantity}"
        self._lines.add("update", self._node, self._path, shown, target, operator, expression)


def _needed(functions: Mapping[str, FunctionType], settings: Mapping[str, Any]) -> set[str]:
    """The quantities that `param` depends on with these settings."""
    needed: set[str] = set()
    waiting = ["param"]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in needed:
            needed.add(name)
            waiting.extend(_reads(functions[name], settings))
    return needed


def _reads(function: FunctionType, settings: Mapping[str, Any]) -> set[str]:
    line = straighten(read(function), settings, {})
    expressions = (*(value for _, value in line.assignments), line.result)
    return {name for expression in expressions for name in variables(expression)}


def _in_place(target: str, expression: ast.expr) -> tuple[Operator, ast.expr]:
    """`w = w - lr * grad` reads better as `w -= lr * grad`, and means the same."""
    if (
        isinstance(expression, ast.BinOp)
        and isinstance(expression.left, ast.Name)
        and expression.left.id == target
    ):
        if isinstance(expression.op, ast.Sub):
            return "-=", expression.right
        if isinstance(expression.op, ast.Add):
            return "+=", expression.right
    return "=", expression
