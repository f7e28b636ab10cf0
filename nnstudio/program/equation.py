"""Reads an equation, a plain function of a module or an optimizer, as straight-line code.

A definition's functions are ordinary Python. Here their source becomes syntax trees; every `if` is decided
from the settings and the shapes, so that what is left is assignments and one returned expression.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import FunctionType
from typing import Any, TypeVar, cast

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.modules.shapes import Shape


@dataclass(frozen=True, eq=False)
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


@cache
def called_functions(function: Callable[..., Any]) -> Mapping[str, FunctionType]:
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

    `shapes` holds the symbolic shape of each array argument; the batch axis is "N". Networks repeat
    themselves, so what has been straightened once is remembered.
    """
    used = tuple((name, settings[name]) for name in equation.arguments if name in settings)
    known = tuple((name, tuple(shapes[name])) for name in equation.arguments if name in shapes)
    return _straighten(equation, used, repr(used), known)


@lru_cache(maxsize=4096)
def _straighten(
    equation: Equation,
    settings: tuple[tuple[str, Any], ...],
    _written: str,  # 1, 1.0 and True are equal, but are not written alike
    shapes: tuple[tuple[str, Shape], ...],
) -> StraightLine:
    facts: dict[str, Any] = dict(settings)
    facts.update({name: ShapeOf(shape) for name, shape in shapes})
    folder = _Folder(dict(settings), facts, equation)
    assignments: list[tuple[str, ast.expr]] = []
    result = folder.run(equation.body, assignments)
    if result is None:
        raise ProgramError(f"The equation {equation.name} ends without returning a value.")
    return StraightLine(tuple(assignments), result)


LONGEST_LOOP = 100


class _Folder:
    """Walks the body of an equation, taking the branch that settings and shapes decide.

    A loop over what is known is written out, round after round, and a local name for what is known is
    replaced by its value.
    """

    def __init__(self, settings: Mapping[str, Any], facts: dict[str, Any], equation: Equation) -> None:
        self._settings = {name: literal(value) for name, value in settings.items()}
        self._facts = facts
        self._equation = equation

    def run(self, body: Sequence[ast.stmt], out: list[tuple[str, ast.expr]]) -> ast.expr | None:
        """Append the assignments to `out`; give the returned expression, if the body returns."""
        for statement in body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._fold(statement.value)
            if isinstance(statement, ast.If):
                branch = statement.body if self._decide(statement.test) else statement.orelse
                result = self.run(branch, out)
                if result is not None:
                    return result
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._assign(statement.targets[0].id, statement.value, out)
            elif isinstance(statement, ast.For) and isinstance(statement.target, ast.Name):
                for item in self._items(statement):
                    self._know(statement.target.id, item)
                    result = self.run(statement.body, out)
                    if result is not None:
                        return result
            else:
                raise self._cannot(statement)
        return None

    def _assign(self, name: str, value: ast.expr, out: list[tuple[str, ast.expr]]) -> None:
        known = self._number(value)
        if known is not None:
            self._know(name, known)
            return
        out.append((name, self._fold(value)))
        self._settings.pop(name, None)
        self._facts.pop(name, None)

    def _know(self, name: str, value: Any) -> None:
        self._settings[name] = literal(value)
        self._facts[name] = value

    def _items(self, loop: ast.For) -> Sequence[Any]:
        try:
            items = self._evaluate(loop.iter)
        except Exception as problem:
            raise self._cannot(loop) from problem
        if not isinstance(items, (tuple, list, range)) or loop.orelse:
            raise self._cannot(loop)
        found = cast("Sequence[Any]", items)
        if len(found) > LONGEST_LOOP or not all(_is_number(item) for item in found):
            raise self._cannot(loop)
        return found

    def _number(self, expression: ast.expr) -> Any:
        """The number, or the tuple of numbers, that an expression is known to be; None where it is not."""
        try:
            value = self._evaluate(expression)
        except Exception:  # it reads an array, or calls what is only there when the program runs
            return None
        if isinstance(value, tuple):
            items = cast("tuple[Any, ...]", value)
            return items if all(_is_number(item) for item in items) else None
        return value if _is_number(value) else None

    def _cannot(self, statement: ast.stmt) -> ProgramError:
        return ProgramError(
            f"The equation {self._equation.name} may hold only assignments, if, for over what is known, and "
            f"return, not {ast.unparse(statement).splitlines()[0]!r}."
        )

    def _fold(self, expression: ast.expr) -> ast.expr:
        return rebuild(expression, self._replace)

    def _replace(self, node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Name):
            return self._settings.get(node.id, node)
        if isinstance(node, ast.IfExp):
            return self._fold(node.body if self._decide(node.test) else node.orelse)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KNOWN:
            value = self._number(node)
            return None if value is None else literal(value)
        return None

    def _evaluate(self, expression: ast.expr) -> Any:
        code = compile(ast.Expression(expression), f"<{self._equation.name}>", "eval")
        # Only the source of our own definitions comes here, never a word from a file.
        return eval(code, {"np": np, **_KNOWN, "__builtins__": {}}, dict(self._facts))

    def _decide(self, test: ast.expr) -> bool:
        try:
            return bool(self._evaluate(test))
        except Exception as problem:
            raise ProgramError(
                f"The equation {self._equation.name} asks {ast.unparse(test)!r}, which settings and shapes "
                "cannot answer at compile time."
            ) from problem


_KNOWN = {"len": len, "range": range, "tuple": tuple}
"""What an equation may call to find out something that is known before the program runs."""


def _is_number(value: Any) -> bool:
    # No truth values: whether a symbolic batch axis equals a number is not known.
    return type(value) is int or type(value) is float


def literal(value: Any) -> ast.expr:
    """The expression that writes `value` (a number, text, or a tuple of such)."""
    return ast.parse(repr(value), mode="eval").body


def rename(expression: ast.expr, names: Mapping[str, str]) -> ast.expr:
    """`expression` with its variables renamed; what is not in `names` (np, a helper) stays."""

    def replace(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Name):
            return ast.Name(names[node.id], node.ctx) if node.id in names else node
        return None

    return rebuild(expression, replace)


Node = TypeVar("Node", bound=ast.AST)


def rebuild(node: Node, replace: Callable[[ast.AST], ast.AST | None]) -> Node:
    """A copy of a tree in which `replace` may put another tree for any node; leaves are shared.

    (ast.NodeTransformer works in place, and deepcopy before it takes most of a compilation.)
    """
    other = replace(node)
    if other is not None:
        return cast("Node", other)
    if not node._fields or isinstance(node, ast.Constant):
        return node
    fields: dict[str, Any] = {}
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            value = [rebuild(item, replace) for item in cast("list[ast.AST]", value)]
        elif isinstance(value, ast.AST):
            value = rebuild(value, replace)
        fields[field] = value
    return node.__class__(**fields)


def variables(expression: ast.expr) -> tuple[str, ...]:
    """The names an expression reads, in order of appearance, each once."""
    found: dict[str, None] = {}
    _collect(expression, found)
    return tuple(found)


def _collect(node: ast.AST, found: dict[str, None]) -> None:
    if isinstance(node, ast.Name):
        found[node.id] = None
        return
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            _collect(value, found)
        elif isinstance(value, list):
            for item in cast("list[ast.AST]", value):
                _collect(item, found)
