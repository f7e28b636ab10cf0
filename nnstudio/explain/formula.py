"""Statements and equations as LaTeX and in words, from the syntax trees that the compiler reads."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nnstudio.errors import Error, ExplainError
from nnstudio.explain.letters import Letter, Letters, derivative, upright
from nnstudio.explain.writing import TIMES, Writer, number_of
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.module import Definition
from nnstudio.modules.shapes import Shape
from nnstudio.program.equation import literal, read, rebuild, straighten
from nnstudio.program.program import Program
from nnstudio.program.statement import Statement


@dataclass(frozen=True)
class Formula:
    """A formula: `latex` to be typeset, `spoken` in plain words, for screen readers and for copying."""

    latex: str
    spoken: str


# -- formulas of a program ---------------------------------------------------------------------------


def statement_formula(program: Program, statement: Statement, letters: Letters | None = None) -> Formula:
    """A statement of `program` with letters: what its target becomes."""
    letters = letters or Letters(program)
    written = writer_of(program, letters).write(simplified(statement.expression))
    target = letters[statement.target]
    if statement.operator == "=":
        return Formula(f"{target.latex} = {written.latex}", f"{target.spoken} equals {written.spoken}")
    sign, word = ("+", "plus") if statement.operator == "+=" else ("-", "minus")
    held = written.at_least(TIMES)
    return Formula(
        rf"{target.latex} \leftarrow {target.latex} {sign} {held.latex}",
        f"{target.spoken} becomes {target.spoken} {word} {held.spoken}",
    )


def writer_of(program: Program, letters: Letters) -> Writer:
    """Writes expressions of a program: its letters, its shapes for this batch."""

    def shape(identifier: str) -> Sequence[Any] | None:
        key = letters.key_of.get(identifier)
        if identifier in ("lr", "step"):
            return ()
        return None if key is None else program.slot(key).shape

    return Writer(letters.__getitem__, shape)


# -- formulas of a definition ------------------------------------------------------------------------

_LETTERS = {
    "input": Letter("x", "x"),
    "output": Letter("y", "y"),
    "target": Letter("t", "t"),
    "weight": Letter("W", "W"),
    "bias": Letter("b", "b"),
    "value": Letter(r"\theta", "theta"),
}
_TRIED: tuple[Shape, ...] = (("N", 4), ("N",), ("N", 2, 3), ("N", 2, 3, 3), ("N", 4, 4, 4), (4,), ())


def definition_formula(
    definition: Definition, settings: Mapping[str, Any] | None = None, quantity: str = "output"
) -> Formula:
    """The equation of a node type with letters: x goes in (a and b where there are two), y comes out.

    `quantity` is "output", or a gradient such as "grad_input"; `settings` decide and fill in what they
    govern. Intermediate quantities are written out. Raises ExplainError where there is no such equation.
    """
    return _definition_formula(definition, _frozen(definition.complete(dict(settings or {}))), quantity)


def node_formula(node: FlatNode, quantity: str = "output") -> Formula:
    """The same for a node of a graph, with its own settings and shapes."""
    shapes = {**node.input_shapes, **{name: each.shape for name, each in node.parameters.items()}}
    shapes |= {"output": node.shape, "grad_output": node.shape}
    return _equation(node.definition, dict(node.settings), shapes, quantity)


def _frozen(settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(settings.items())


@lru_cache(maxsize=512)
def _definition_formula(
    definition: Definition, settings: tuple[tuple[str, Any], ...], quantity: str
) -> Formula:
    complete = dict(settings)
    return _equation(definition, complete, _shapes(definition, complete), quantity)


def _shapes(definition: Definition, settings: Mapping[str, Any]) -> dict[str, Shape]:
    """Shapes that the node type accepts, to decide what it asks of them."""
    for first in _TRIED:
        for second in (first, ("N",)):
            given = {port: second if number else first for number, port in enumerate(definition.ports)}
            try:
                output = definition.infer(given, settings)
                parameters = definition.parameters(given, settings)
            except Error:
                continue
            shapes = {**given, "output": output, "grad_output": output}
            return {**shapes, **{name: each.shape for name, each in parameters.items()}}
    return {}


def _equation(
    definition: Definition, settings: dict[str, Any], shapes: Mapping[str, Shape], quantity: str
) -> Formula:
    function = definition.functions.get(quantity)
    if function is None:
        role = definition.role
        if quantity == "output" and role in ("input", "target"):
            own = "x" if role == "input" else "t"
            return Formula(own, own)
        raise ExplainError(f"{definition.name} has no equation for {quantity}.")
    arrays = {*definition.ports, *shapes}
    plain = {name: value for name, value in settings.items() if name not in arrays}

    def whole(name: str) -> ast.expr:
        equation = read(definition.functions[name])
        here = {each: shapes[each] for each in equation.arguments if each in shapes}
        line = straighten(equation, plain, here)
        known: dict[str, ast.expr] = {
            each: whole(each) for each in equation.arguments if each in definition.quantities
        }
        for local, value in line.assignments:
            known[local] = put_in(value, known)
        return put_in(line.result, known)

    def letter(name: str) -> Letter:
        if name == "grad_output":
            return derivative(Letter("L", "L"), _LETTERS["output"])
        if name == "value" and definition.role == "constant":
            return Letter("c", "c")
        if name == "weight" and len(shapes.get("weight", (1, 1))) < 2:
            return Letter("w", "w")
        known = _LETTERS.get(name)
        return known or Letter(name if len(name) == 1 else upright(name), name.replace("_", " "))

    writer = Writer(letter, lambda name: None, wide=not definition.elementwise)
    expression = whole(quantity)
    if definition.role == "criterion":  # its output is the loss, whose derivative by itself is one
        expression = put_in(expression, {"grad_output": ast.Constant(1.0)})
    written = writer.write(simplified(expression))
    if quantity == "output":
        target = Letter("L", "L") if definition.role == "criterion" else _LETTERS["output"]
    else:
        target = derivative(Letter("L", "L"), letter(quantity.removeprefix("grad_")))
    return Formula(f"{target.latex} = {written.latex}", f"{target.spoken} equals {written.spoken}")


def put_in(expression: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    """`expression` with names replaced by what they stand for."""

    def replace(node: ast.AST) -> ast.AST | None:
        return known.get(node.id, node) if isinstance(node, ast.Name) else None

    return rebuild(expression, replace)


def simplified(expression: ast.expr) -> ast.expr:
    """Without factors of one, and with written numbers added up: 1.0 * x becomes x, 3 - 1 becomes 2."""
    return rebuild(expression, _simpler)


def _simpler(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.BinOp):
        return None
    left, right = simplified(node.left), simplified(node.right)
    first, second = number_of(left), number_of(right)
    match node.op:
        case ast.Mult() if first == 1:
            return right
        case ast.Mult() | ast.Div() | ast.Pow() if second == 1:
            return left
        case ast.Mult() if second == -1:
            return ast.UnaryOp(ast.USub(), left)
        case ast.Mult() if first == -1:
            return ast.UnaryOp(ast.USub(), right)
        case ast.Add() | ast.Sub() if first is not None and second is not None:
            total = first + second if isinstance(node.op, ast.Add) else first - second
            return literal(total)
        case _:
            return ast.BinOp(left, node.op, right)
