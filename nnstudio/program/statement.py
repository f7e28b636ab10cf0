"""A statement of the program, and the listing that holds them all."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Literal

import numpy as np
import numpy.typing as npt

from nnstudio.modules.module import Parameter
from nnstudio.modules.shapes import Shape

Phase = Literal["zero_grad", "forward", "backward", "update"]
PHASES: tuple[Phase, ...] = ("zero_grad", "forward", "backward", "update")
Operator = Literal["=", "+=", "-="]
Call = Literal[
    "updateOutput", "updateGradInput", "accGradParameters", "zeroGradParameters", "updateParameters"
]
CALLS: tuple[Call, ...] = (
    "updateOutput", "updateGradInput", "accGradParameters", "zeroGradParameters", "updateParameters",
)  # fmt: skip
"""What Torch7 calls the parts of a module's work."""


_TORCH7: dict[Phase, Call] = {
    "zero_grad": "zeroGradParameters",
    "forward": "updateOutput",
    "update": "updateParameters",
}


@dataclass(frozen=True)
class Statement:
    """One line of the readable program: `target operator expression`."""

    index: int
    phase: Phase
    node: str
    """Dotted name of the node it belongs to."""
    path: tuple[str, ...]
    """The node's ids from the top of the graph down."""
    quantity: str
    """What it computes for that node: "output", "grad_input", "grad_weight", "weight", …"""
    target: str
    operator: Operator
    expression: ast.expr = field(repr=False, compare=False)
    reads: tuple[str, ...]
    accumulates: bool = False
    """Whether it is part of what adds to the gradient of a parameter."""

    @property
    def torch7(self) -> Call:
        """Torch7's name for the part of the node's work that it belongs to."""
        if self.phase == "backward":
            return "accGradParameters" if self.accumulates else "updateGradInput"
        return _TORCH7[self.phase]

    @cached_property
    def text(self) -> str:
        """The line as NumPy code."""
        return f"{self.target} {self.operator} {ast.unparse(self.expression)}"

    @property
    def writes(self) -> tuple[str, ...]:
        """The identifiers it changes."""
        return (self.target,)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Feed:
    """An Input or Target node: where its values go and what they must look like."""

    node: str
    identifier: str
    shape: Shape
    role: Literal["input", "target"]
    classes: int
    """How many class numbers it may hold; 0 when it holds plain numbers."""


@dataclass(frozen=True)
class ParameterOf:
    """A learned array of a node and the identifiers of what belongs to it."""

    key: str
    identifier: str
    gradient: str
    path: tuple[str, ...]
    parameter: Parameter
    trained: bool
    """Whether the loss depends on it; one that no loss reaches is never updated."""


@dataclass(frozen=True)
class Listing:
    """The whole program as written, before it is lowered to arrays."""

    statements: tuple[Statement, ...]
    keys: Mapping[str, str]
    """"fc1.weight" -> identifier, for every quantity that can be read."""
    feeds: Mapping[str, Feed]
    constants: Mapping[str, npt.NDArray[np.float64]]
    parameters: tuple[ParameterOf, ...]
    states: Mapping[str, tuple[str, str]]
    """Optimizer state identifier -> (parameter key, quantity)."""
    functions: Mapping[str, FunctionType]
    """The small named functions that the statements call."""
    loss: str | None
    criteria: Mapping[str, str]
    predictions: tuple[str, ...]
    flat_update: tuple[Statement, ...]
    """The same update, over all trained parameters at once."""

    def phase(self, phase: Phase) -> tuple[Statement, ...]:
        """The statements of one phase, in order."""
        return tuple(statement for statement in self.statements if statement.phase == phase)
