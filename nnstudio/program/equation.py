"""Reads an equation, a plain function of a module or an optimizer, as straight-line code.

A definition's functions are ordinary Python. Here their source becomes syntax trees; every `if` is decided
from the settings and the shapes, so that what is left is assignments and one returned expression.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.modules.shapes import Shape


@dataclass(frozen=True)
class Equation:
    """The source of one function: its arguments, its body and the names its file defines."""

    name: str
    arguments: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    namespace: Mapping[str, Any]


@dataclass(frozen=True)
class StraightLine:
    """What is left of an equation once every `if` is decided: assignments, then a result."""

    assignments: tuple[tuple[str, ast.expr], ...]
    result: ast.expr


@dataclass(frozen=True)
class ShapeOf:
    """Stands for an array where only its shape may be asked, as in `if input.ndim == 2`."""

    shape: tuple[Any, ...]

    @property
    def ndim(self) -> int:
        return len(self.shape)


@cache
def read(function: Callable[..., Any]) -> Equation:
    """The source of `function`, parsed once."""
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise ProgramError(f"The equation {function.__name__} is not a plain function.")
    body = definition.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    arguments = tuple(argument.arg for argument in definition.args.args)
    return Equation(function.__name__, arguments, tuple(body), function.__globals__)


def helpers(function: Callable[..., Any]) -> dict[str, FunctionType]:
    """The small named functions that `function` calls, and those that they call, by name."""
    found: dict[str, FunctionType] = {}
    waiting = [function]
    while waiting:
        equation = read(waiting.pop())
        for statement in equation.body:
            for part in ast.walk(statement):
                if isinstance(part, ast.Name) and part.id not in found:
                    value = equation.namespace.get(part.id)
                    if isinstance(value, FunctionType):
                        found[part.id] = value
                        waiting.append(value)
    return found


def straighten(equation: Equation, settings: Mapping[str, Any], shapes: Mapping[str, Shape]) -> StraightLine:
    """Decide every `if` of `equation` from `settings` and `shapes`, and write the settings in as numbers.

    `shapes` holds the symbolic shape of each array argument; the batch axis is "N".
    """
    facts: dict[str, Any] = dict(settings)
    facts.update({name: ShapeOf(tuple(shape)) for name, shape in shapes.items()})
    folder = _Folder(settings, facts, equation)
    assignments: list[tuple[str, ast.expr]] = []
    result = folder.run(equation.body, assignments)
    if result is None:
        raise ProgramError(f"The equation {equation.name} ends without returning a value.")
    return StraightLine(tuple(assignments), result)


class _Folder(ast.NodeTransformer):
    def __init__(self, settings: Mapping[str, Any], facts: Mapping[str, Any], equation: Equation) -> None:
        self._settings = settings
        self._facts = facts
        self._equation = equation

    def run(
        self, body: tuple[ast.stmt, ...] | list[ast.stmt], out: list[tuple[str, ast.expr]]
    ) -> ast.expr | None:
        for statement in body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._fold(statement.value)
            if isinstance(statement, ast.If):
                branch = statement.body if self._decide(statement.test) else statement.orelse
                result = self.run(branch, out)
                if result is not None:
                    return result
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                out.append((statement.targets[0].id, self._fold(statement.value)))
            else:
                raise ProgramError(
                    f"The equation {self._equation.name} may hold only assignments, if and return, "
                    f"not {ast.unparse(statement).splitlines()[0]!r}."
                )
        return None

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._settings:
            return literal(self._settings[node.id])
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return self._fold(node.body if self._decide(node.test) else node.orelse)

    def _fold(self, expression: ast.expr) -> ast.expr:
        return self.visit(copy.deepcopy(expression))

    def _decide(self, test: ast.expr) -> bool:
        code = compile(ast.Expression(test), f"<{self._equation.name}>", "eval")
        try:
            # Only the source of our own definitions comes here, never a word from a file.
            return bool(eval(code, {"np": np, "len": len, "__builtins__": {}}, dict(self._facts)))
        except Exception as problem:
            raise ProgramError(
                f"The equation {self._equation.name} asks {ast.unparse(test)!r}, which settings and shapes "
                "cannot answer at compile time."
            ) from problem


def literal(value: Any) -> ast.expr:
    """The expression that writes `value` (a number, text, or a tuple of such)."""
    return ast.parse(repr(value), mode="eval").body


def rename(expression: ast.expr, names: Mapping[str, str]) -> ast.expr:
    """`expression` with its variables renamed; what is not in `names` (np, a helper) stays."""

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.Name(names.get(node.id, node.id), node.ctx)

    return Renamer().visit(copy.deepcopy(expression))


def variables(expression: ast.expr) -> tuple[str, ...]:
    """The names an expression reads, in order of appearance, each once."""
    found: dict[str, None] = {}
    for part in ast.walk(expression):
        if isinstance(part, ast.Name):
            found[part.id] = None
    return tuple(found)
