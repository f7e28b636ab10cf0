"""The plain evaluation of a program: each statement as NumPy would compute it, and how far sums may differ.

The lowering makes NumPy's own calls in NumPy's order, so its numbers are the same to the last bit. Only sums
may be added up in another order: for these there is a bound, one rounding for each term.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnstudio.program import Program, Statement

SUMS = ("sum", "mean")
SUMMING_FUNCTIONS = ("sum_to", "sum_repeated")


def namespace(program: Program) -> dict[str, Any]:
    """What the statements may name besides the values: np and the small named functions."""
    return {"np": np, **program.listing.functions}


def evaluate(expression: ast.expr, names: Mapping[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        whole = ast.fix_missing_locations(ast.Expression(copy.deepcopy(expression)))
        return eval(compile(whole, "<statement>", "eval"), dict(names))


def result(statement: Statement, names: Mapping[str, Any]) -> Any:
    """What `target` holds after the statement."""
    value = evaluate(statement.expression, names)
    match statement.operator:
        case "=":
            return value
        case "+=":
            return names[statement.target] + value
        case "-=":
            return names[statement.target] - value


def allowance(
    program: Program, statement: Statement, names: Mapping[str, Any], dtype: np.dtype
) -> np.ndarray | None:
    """How far the lowered result may lie from the plain one; None where it must be the same."""
    if "np.dot(" not in program.lowered(statement) or not _adds_up(statement.expression):
        return None
    magnitudes = _Magnitudes()
    expression = magnitudes.visit(copy.deepcopy(statement.expression))
    names = {**names, "magnitude": np.abs}
    terms = 1
    for summed in magnitudes.summed:
        terms = max(terms, np.size(evaluate(summed, names)))
    bound = np.abs(np.asarray(evaluate(expression, names), np.float64)) * terms
    if statement.operator != "=":
        bound = bound + np.abs(names[statement.target])
    return bound * np.finfo(dtype).eps


def _adds_up(expression: ast.expr) -> bool:
    return any(_is_sum(part) for part in ast.walk(expression))


def _is_sum(part: ast.AST) -> bool:
    match part:
        case ast.Call(func=ast.Attribute(attr=name)) if name in SUMS:
            return True
        case ast.Call(func=ast.Name(id=name)) if name in SUMMING_FUNCTIONS:
            return True
        case _:
            return False


class _Magnitudes(ast.NodeTransformer):
    """Every sum becomes the sum of the magnitudes of its terms, and so does every difference: what rounding a
    sum has cost does not cancel where something is taken from it.
    """

    def __init__(self) -> None:
        self.summed: list[ast.expr] = []

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Sub):
            return ast.BinOp(_magnitude(node.left), ast.Add(), _magnitude(node.right))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not _is_sum(node):
            self.generic_visit(node)
            return node
        if isinstance(node.func, ast.Attribute):
            self.summed.append(node.func.value)
            node.func.value = _magnitude(node.func.value)
        else:
            self.summed.append(node.args[0])
            node.args[0] = _magnitude(node.args[0])
        return node


def _magnitude(expression: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("magnitude", ast.Load()), [expression], [])


def check_every_statement(program: Program, what: str) -> int:
    """Step once through the whole program, comparing each result with the plain one; how many were exact."""
    exact = 0
    plainly_named = namespace(program)
    for _ in program.statements:
        statement = program.statements[program.position % len(program.statements)]
        read = {*statement.reads, *(() if statement.operator == "=" else (statement.target,))}
        names = {name: np.array(program.value(name)) for name in read - set(plainly_named)} | plainly_named
        assert program.step() is statement
        lowered = program.value(statement.target)
        plain = np.asarray(result(statement, names))
        if not statement.reads:  # a number alone, such as the weight of a loss
            plain = plain.astype(lowered.dtype)
        assert plain.dtype == lowered.dtype, (
            f"{what}: {statement} is {lowered.dtype}, but {plain.dtype} in NumPy"
        )
        assert plain.shape == lowered.shape, f"{what}: {statement}"
        allowed = allowance(program, statement, names, lowered.dtype)
        if allowed is None:
            same = np.array_equal(plain, lowered, equal_nan=True)
            assert same, f"{what}: {statement} differs\n{plain}\n{lowered}\n{program.lowered(statement)}"
            exact += 1
        else:
            near = (np.abs(plain - lowered) <= allowed).all()
            assert near, f"{what}: {statement} is further off than a sum may be"
    return exact
