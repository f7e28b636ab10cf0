"""Explains one number: its formula with letters and with numbers, and the paths that made a gradient."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.explain.chain import Chain, Path, Paths, target_of
from nnstudio.explain.expand import Expander
from nnstudio.explain.formula import Formula, put_in, simplified, writer_of
from nnstudio.explain.letters import Letter, Letters
from nnstudio.explain.local import anatomy
from nnstudio.explain.numerals import plain_number
from nnstudio.explain.path_formula import path_formula, total_formula
from nnstudio.explain.place import Element, located, place_of
from nnstudio.explain.scalar import Scalar, Sum, added, equation, number, rest
from nnstudio.program.equation import literal, rebuild
from nnstudio.program.program import Program
from nnstudio.program.statement import Statement

MOST_NODES = 160
"""An equation with its intermediate quantities put in may have so many parts; else they stay letters."""
MOST_SUMMED = 6
"""So many paths are written out in the line that adds them up."""


@dataclass(frozen=True)
class Line:
    """A statement: what it is about, with letters, and with numbers at the element that is explained."""

    about: str
    formula: Formula
    numbers: Sum


@dataclass(frozen=True)
class PathLine:
    """One path from the loss: the chain of derivatives with letters, and their product with numbers."""

    path: Path
    formula: Formula
    numbers: Sum


@dataclass(frozen=True)
class Explanation:
    """Where one number comes from.

    key, element   which number: a quantity of the program and an index into its whole array
    title          "∂L/∂ fc1.weight[0, 1]" and the like, for people
    value          what the program holds there
    formula        the statement that computes it, with letters (shapes and settings of this program)
    numbers        the same at this element; the printed left side comes to the printed result
    chain          for a gradient the chain rule with letters: the sum over all paths of their products
    summed         the same with numbers: what each path contributes
    paths          for a gradient its paths; None for anything else
    path_lines     each listed path with letters and numbers, the largest first
    lines          for a parameter that is updated: the statements before the last one, such as its velocity
    letters        what the letters stand for: (letter, key of the program)
    notes          what else must be said, one sentence each
    """

    key: str
    element: Element
    title: str
    value: float
    formula: Formula
    numbers: Sum
    chain: Formula | None = None
    summed: Sum | None = None
    paths: Paths | None = None
    path_lines: tuple[PathLine, ...] = ()
    lines: tuple[Line, ...] = ()
    letters: tuple[tuple[Letter, str], ...] = ()
    notes: tuple[str, ...] = ()


def explain(program: Program, key: str, element: Sequence[int] | None = None, sample: int = 0) -> Explanation:
    """Where one element of the quantity `key` comes from, by the program's own statements.

    `key` is any of the program's: an output or intermediate quantity, a gradient, a parameter (whose next
    update is explained), what was fed. `element` is an index with or without the batch axis, then of
    `sample`; None takes the first number. Raises ProgramError where the quantity, or what it was computed
    from, is not current, and ExplainError for an element that is not there.
    """
    identifier = program.identifier(key)
    where = place_of(program, key, element, sample)
    asked = _Question(program, key, identifier, where)
    if any(item.key == key for item in program.listing.parameters):
        return asked.parameter()
    statement = asked.statement
    if statement is None:
        return asked.given()
    if statement.phase == "backward":
        return asked.gradient(statement)
    return asked.computed(statement)


class _Question:
    """One number of one moment of a program."""

    def __init__(self, program: Program, key: str, identifier: str, element: Element) -> None:
        self.program = program
        self.key = key
        self.identifier = identifier
        self.element = element
        self.value = float(program.value(identifier)[element])
        self.letters = _letters(program)
        self.writer = writer_of(program, self.letters)
        self.computed_by = _writers_of(program)
        self.expander = Expander(self._value, program.listing.functions)

    @property
    def statement(self) -> Statement | None:
        """What computes the quantity in a pass; None for what is fed, typed or constant."""
        return self.computed_by.get(self.identifier)

    def _value(self, identifier: str) -> npt.NDArray[Any]:
        if identifier == "lr":
            return np.asarray(self.program.lr)
        return self.program.value(identifier)

    # -- the kinds of quantities -----------------------------------------------------------------------

    def given(self) -> Explanation:
        """What nothing computes."""
        letter = self.letters[self.identifier]
        feed = self.program.listing.feeds.get(self.key.removesuffix(".output"))
        if feed is not None:
            note = f"{feed.node} is fed: its values come from the data."
        elif self.identifier in self.program.listing.constants:
            note = f"{self.key.removesuffix('.output')} is a constant of the graph."
        else:
            note = f"{self.key} is kept from one update to the next, and starts at zero."
        return Explanation(
            self.key, self.element, located(self.key, self.element), self.value,
            Formula(letter.latex, letter.spoken), equation(number(self.value), self.value),
            letters=self._legend([self.identifier]), notes=(note,),
        )  # fmt: skip

    def computed(self, statement: Statement) -> Explanation:
        """An output, an intermediate quantity, the loss."""
        expression = self._whole(statement)
        notes = () if self.program.is_true(self.key) else (_stale(self.key),)
        return Explanation(
            self.key, self.element, located(self.key, self.element), self.value,
            self._formula(expression), self._numbers(expression, self.value),
            letters=self._legend(_names(expression)), notes=notes,
        )  # fmt: skip

    def gradient(self, statement: Statement) -> Explanation:
        """∂L/∂ of something, by its statement and by its paths."""
        expression = self._whole(statement)
        node, wanted = target_of(self.program, self.key) if "grad_" in self.key else ("", "")
        if not node:
            return self.computed(statement)
        notes: list[str] = []
        accumulates = statement.operator == "+="
        if accumulates and not self.program.is_current(f"{node}.grad_output"):
            return self._not_yet(expression, node)
        found = Chain(self.program).paths(self.key, node, wanted, self.element)
        scalar = self.expander.scalar(expression, self.element)
        if accumulates and found.carried:
            notes.append(_carried(found))
            scalar = added([scalar, number(self.value - scalar.value)])
        elif found.agrees and not self.program.is_true(self.key):
            notes.append(_stale(self.key))
        elif not found.agrees:
            notes.append(
                f"What {self.key} was computed from has been changed since: the paths would now give "
                f"{plain_number(found.total)}. Run forward and backward again."
            )
        if found.more:
            notes.append(
                f"{found.count:,} paths lead here; the {len(found)} listed are the largest, and the other "
                f"{found.more:,} together contribute {plain_number(found.rest)}."
            )
        lines = tuple(
            PathLine(path, path_formula(self.program, self.letters, path), _product(path)) for path in found
        )
        summed = self._summed(found)
        title = f"∂L/∂ {located(f'{node}.{wanted}', self.element)}"
        return Explanation(
            self.key, self.element, title, self.value, self._formula(expression),
            equation(scalar, self.value), total_formula(self.program, self.letters, found, self.identifier),
            equation(summed, self.value if accumulates else found.stored), found, lines,
            letters=self._legend(_names(expression)), notes=tuple(notes),
        )  # fmt: skip

    def _not_yet(self, expression: ast.expr, node: str) -> Explanation:
        note = (
            f"Backward has not come to {node} in this pass, so {self.key} holds what was there before: "
            f"{plain_number(self.value)}."
        )
        return Explanation(
            self.key, self.element, f"∂L/∂ {located(self.key.replace('grad_', ''), self.element)}",
            self.value, self._formula(expression), equation(number(self.value), self.value),
            letters=self._legend(_names(expression)), notes=(note,),
        )  # fmt: skip

    def parameter(self) -> Explanation:
        """A parameter: what the next update makes of it, or that nothing updates it."""
        updates = [
            line
            for line in self.program.listing.phase("update")
            if line.node == self.key.rpartition(".")[0]
            and line.quantity.partition(".")[0] == self.key.rpartition(".")[2]
        ]
        letter = self.letters[self.identifier]
        if not updates:
            note = f"No loss depends on {self.key}, so it is never updated."
            return Explanation(
                self.key, self.element, located(self.key, self.element), self.value,
                Formula(letter.latex, letter.spoken), equation(number(self.value), self.value),
                letters=self._legend([self.identifier]), notes=(note,),
            )  # fmt: skip
        after = _After(self)
        lines = [after.line(update) for update in updates]
        written = lines[-1]
        note = (
            f"{located(self.key, self.element)} is {plain_number(self.value, 6)}; the next update at the "
            f"learning rate {plain_number(self.program.lr)} makes it {written.numbers.result}."
        )
        return Explanation(
            self.key, self.element, located(self.key, self.element), self.value, written.formula,
            written.numbers, lines=tuple(lines[:-1]),
            letters=self._legend([name for line in updates for name in (line.target, *line.reads)]),
            notes=(note,),
        )  # fmt: skip

    # -- parts -----------------------------------------------------------------------------------------

    def _whole(self, statement: Statement) -> ast.expr:
        """The statement's expression, with the intermediate quantities of its own node put in."""
        known = self._parts(statement.node)
        expression = self._sized(statement.expression)
        for _ in range(8):
            names = [name for name in _names(expression) if name in known and name != statement.target]
            if not names:
                break
            wider = put_in(expression, {name: self._sized(known[name]) for name in names})
            if sum(1 for _ in ast.walk(wider)) > MOST_NODES:
                break
            expression = wider
        return simplified(expression)

    def _sized(self, expression: ast.expr) -> ast.expr:
        """With the numbers for what is asked of an array's shape, such as x.shape[0]."""

        def replace(node: ast.AST) -> ast.AST | None:
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr="size"):
                    return literal(int(self._value(name).size))
                case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=axis):
                    try:
                        return literal(int(self._value(name).shape[ast.literal_eval(axis)]))
                    except (ValueError, TypeError):  # a part of the shape, as in x.shape[:1]
                        return None
                case _:
                    return None

        return rebuild(expression, replace)

    def _parts(self, node: str) -> Mapping[str, ast.expr]:
        """What of a node is not shown by itself: intermediate quantities, and a derivative that is one."""
        found: dict[str, ast.expr] = {}
        quantities = anatomy(self.program).nodes[node].definition.quantities if node else ()
        for target, line in self.computed_by.items():
            if line.node != node or line.phase == "update":
                continue
            key = self.letters.key_of.get(target)
            if (
                key is None
                or key.rpartition(".")[2] in quantities
                or (isinstance(line.expression, ast.Constant) and line.expression.value == 1.0)
            ):
                found[target] = line.expression
        return found

    def _formula(self, expression: ast.expr) -> Formula:
        target = self.letters[self.identifier]
        written = self.writer.write(expression)
        return Formula(f"{target.latex} = {written.latex}", f"{target.spoken} equals {written.spoken}")

    def _numbers(self, expression: ast.expr, stored: float) -> Sum:
        return equation(self.expander.scalar(expression, self.element), stored)

    def _summed(self, found: Paths) -> Scalar:
        """The contributions of the paths, added up."""
        terms = [number(path.contribution) for path in list(found)[:MOST_SUMMED]]
        if found.count > MOST_SUMMED:
            shown = math.fsum(term.value for term in terms)
            terms.append(rest(found.total - shown, found.count - MOST_SUMMED))
        if len(found) == 1:
            terms = [_factors(found[0])]
        if found.carried:
            terms.append(number(found.carried))
        return added(terms)

    def _legend(self, names: Sequence[str]) -> tuple[tuple[Letter, str], ...]:
        shown: dict[str, tuple[Letter, str]] = {}
        for name in (self.identifier, *names):
            key = self.letters.key_of.get(name)
            if name in ("lr", "step"):
                key = name
            if key is not None and name not in self.program.listing.functions:
                shown.setdefault(name, (self.letters[name], key))
        return tuple(shown.values())


class _After:
    """The update statements of one parameter, worked out one after another without being run."""

    def __init__(self, question: _Question) -> None:
        self._question = question
        self._new: dict[str, npt.NDArray[Any]] = {}
        self._own = question.identifier
        step = question.computed_by.get("step")
        if step is not None:
            self._new["step"] = np.asarray(self._value("step") + 1)

    def _value(self, identifier: str) -> npt.NDArray[Any]:
        known = self._new.get(identifier)
        return self._question._value(identifier) if known is None else known  # pyright: ignore[reportPrivateUsage]

    def line(self, statement: Statement) -> Line:
        """A statement with letters and numbers; what it writes is what the next one reads."""
        question = self._question
        expander = Expander(self._value, question.program.listing.functions)
        expression = _full(statement)
        value = np.asarray(expander.array(expression), question.program.dtype)
        letter = question.letters[statement.target]
        written = question.writer.write(simplified(expression))
        formula = Formula(
            rf"{letter.latex} \leftarrow {written.latex}", f"{letter.spoken} becomes {written.spoken}"
        )
        element = question.element if value.ndim else ()
        numbers = equation(expander.scalar(simplified(expression), element), float(value[element]))
        self._new[statement.target] = value
        return Line(question.letters.key_of.get(statement.target, statement.target), formula, numbers)


def _full(statement: Statement) -> ast.expr:
    """`w -= e` as w - e."""
    if statement.operator == "=":
        return statement.expression
    sign = ast.Add() if statement.operator == "+=" else ast.Sub()
    return ast.BinOp(ast.Name(statement.target, ast.Load()), sign, statement.expression)


def _writers_of(program: Program) -> Mapping[str, Statement]:
    """The statement that computes each name; the last one where there are several, and no zeroing."""
    return {line.target: line for line in program.statements if line.phase != "zero_grad"}


_LETTERS: dict[int, tuple[Any, Letters]] = {}


def _letters(program: Program) -> Letters:
    """The letters of a program, kept for the last one that was asked about."""
    known = _LETTERS.get(0)
    if known is None or known[0] is not program.listing:
        known = _LETTERS[0] = (program.listing, Letters(program))
    return known[1]


def _names(expression: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(expression) if isinstance(node, ast.Name) and node.id != "np"]


def _factors(path: Path) -> Scalar:
    """The factors of a path as a product; that the loss changes with itself by one is not written."""
    factors = [link.factor for link in path.links]
    if len(factors) > 1 and not path.links[0].nodes and factors[0] == 1.0:
        factors = factors[1:]
    if len(factors) == 1:
        return number(factors[0])
    return Scalar("product", path.contribution, tuple(map(number, factors)))


def _product(path: Path) -> Sum:
    return equation(_factors(path), path.contribution)


def _stale(key: str) -> str:
    return (
        f"{key} is of before: what it was computed from has been changed since. Run forward (and backward) "
        "again to see it as it would be now."
    )


def _carried(found: Paths) -> str:
    passes = found.stored / found.total if found.total else math.nan
    if found.stored == 0.0:
        return f"{found.key} has been set to zero, and this pass has not added to it since."
    if math.isfinite(passes) and abs(passes - round(passes)) < 1e-4 and round(passes) > 1:
        return (
            f"{found.key} was not zeroed in between: it holds {round(passes)} backward passes, "
            f"{round(passes)} · {plain_number(found.total)}."
        )
    return (
        f"One backward pass gives {plain_number(found.total)}; the other {plain_number(found.carried)} was "
        "there before it, or weights and inputs have changed since it was computed."
    )
