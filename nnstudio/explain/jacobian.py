"""The Jacobian of a node: how each of its outputs changes with each number at a port or in a parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ExplainError
from nnstudio.explain.expand import MOST_TERMS
from nnstudio.explain.local import Local
from nnstudio.explain.place import located
from nnstudio.explain.scalar import Scalar, Sum, added, equation, multiplied, number, rest
from nnstudio.graph.flatten import FlatNode
from nnstudio.modules.shapes import has_batch
from nnstudio.program.program import Program

Array = npt.NDArray[Any]
Layout = Literal["numerator", "denominator"]

LARGEST = 1_000_000
"""A Jacobian of more numbers is not worked out."""


@dataclass(frozen=True)
class Jacobian:
    """∂y/∂x of one node for one sample.

    matrix         outputs × inputs in numerator layout, inputs × outputs in denominator layout
    row_names, column_names   what the rows and columns are, "fc1.output[0]" (indices without the batch)
    grad_output    the gradient at the outputs, in the order of the matrix; None where none is there yet
    grad_input     grad_output · J (numerator), or J · grad_output: the gradient at the inputs, of this sample
    stored         what the program holds there: None where it holds nothing that can be compared, such as a
                   parameter's gradient, which is added up over the samples
    """

    node: str
    of: str
    layout: Layout
    matrix: Array
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    grad_output: Array | None
    grad_input: Array | None
    stored: Array | None

    def product(self, index: int) -> Sum:
        """One number of grad_input as the product with numbers: "0.5 · 2 + 1 · (−1) = 0".

        Raises ExplainError where there is no gradient yet.
        """
        if self.grad_output is None or self.grad_input is None:
            raise ExplainError(f"There is no gradient at {self.node} yet: run forward and backward first.")
        column: Array = self.matrix[:, index] if self.layout == "numerator" else self.matrix[index]
        terms = [(float(g), float(d)) for g, d in zip(self.grad_output, column, strict=True)]
        sizes = [-abs(g * d) for g, d in terms]
        order: list[int] = sorted(np.argsort(sizes, kind="stable")[:MOST_TERMS].tolist())
        written: list[Scalar] = [multiplied([number(terms[k][0]), number(terms[k][1])]) for k in order]
        if len(terms) > MOST_TERMS:
            left = [k for k in range(len(terms)) if k not in order]
            written.append(rest(math.fsum(terms[k][0] * terms[k][1] for k in left), len(left)))
        return equation(added(written), float(self.grad_input[index]))


def jacobian(
    program: Program, node: str, sample: int = 0, of: str = "input", layout: Layout = "numerator"
) -> Jacobian:
    """The Jacobian of a node's output by what arrives at a port, or by a parameter, for one sample.

    `of` is a port ("input" means the first) or a parameter such as "weight". The rows are the outputs
    (numerator layout) or the inputs (denominator layout). Its numbers, in the program's dtype, come from the
    definition's own gradient function, given one output at a time. Raises ExplainError for a node, port or
    sample that is not there and for more than a million numbers, ProgramError where the node has not been
    computed.
    """
    if layout not in ("numerator", "denominator"):
        raise ExplainError(f"The layout is numerator or denominator, not {layout!r}.")
    local = Local(program)
    at = local.anatomy.node(node)
    of = _wanted(at, of)
    output = local.output(at)
    batched = has_batch(at.shape)
    if batched and not 0 <= sample < program.batch_size:
        raise ExplainError(f"There is no sample {sample}: the batch has {program.batch_size:,}.")
    by_sample = of in at.sources and has_batch(at.input_shapes[of])
    own: Array = output[sample] if batched else output
    value: Array = local.argument(at, of)
    arrived = value[sample] if by_sample else value
    if own.size * arrived.size > LARGEST:
        raise ExplainError(
            f"The Jacobian of {node} by {of} has {own.size:,} × {arrived.size:,} numbers, "
            f"more than the {LARGEST:,} that are shown."
        )
    matrix = np.zeros((own.size, arrived.size), program.dtype)
    probe = np.zeros(output.shape, program.dtype)
    flat = probe[sample : sample + 1].reshape(-1) if batched else probe.reshape(-1)
    for row in range(own.size):
        flat[row] = 1.0
        answer = local.gradient(at, of, probe)
        matrix[row] = (answer[sample] if by_sample else answer).reshape(-1)
        flat[row] = 0.0
    rows = _names(f"{node}.output", own.shape)
    columns = _names(f"{at.sources[of]}.output" if of in at.sources else f"{node}.{of}", arrived.shape)
    grad_output = _stored(program, f"{node}.grad_output", sample if batched else None)
    grad_input = None if grad_output is None else grad_output @ matrix
    comparable = of in at.sources and by_sample
    stored = _stored(program, f"{node}.grad_{of}", sample) if comparable else None
    if layout == "denominator":
        matrix, rows, columns = matrix.T, columns, rows
    return Jacobian(node, of, layout, matrix, rows, columns, grad_output, grad_input, stored)


def _wanted(at: FlatNode, of: str) -> str:
    if of == "input" and "input" not in at.sources and at.definition.ports:
        of = at.definition.ports[0]
    known = [name for name in (*at.sources, *at.parameters) if f"grad_{name}" in at.definition.functions]
    if of not in known:
        there = " or ".join(known) if known else "nothing"
        raise ExplainError(f"{at.name} has no derivative by {of!r}; it has one by {there}.")
    return of


def _stored(program: Program, key: str, sample: int | None) -> Array | None:
    if key not in program or not program.is_current(key):
        return None
    array = program[key]
    return np.array(array if sample is None else array[sample]).reshape(-1)


def _names(key: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(located(key, element) for element in np.ndindex(shape))
