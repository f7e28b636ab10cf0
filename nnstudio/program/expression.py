"""One small language for conditions and checks: `loss < 0.1`, `any NaN in fc1.output`, `close(a, b, 1e-4)`.

What may be written:
- quantities by their dotted key, an element or a part of one in brackets: `fc1.grad_weight[0, 1]`,
  `act1.output[:, 2]`, `loss`, `lr`. A name that is no plain word stands in quotes: `value("layer 1.output")`.
- numbers, lists `[1, 2]` and `[[1, 2], [3, 4]]`, `pi`, `inf`, `NaN`
- `+ - * / // % ** @`, `.T`; also `−`, `×`, `·`, `⊙`, `÷`, `²`, `^`, `ᵀ`
- `< <= == != >= >`, also `≤ ≥ ≠`; `and`, `or`, `not`
- `any NaN in KEY`, `any inf in KEY`; without `in KEY`, or with `anywhere`: in all that has been computed
- the functions of `expression_functions`, and those that whoever evaluates it brings

Everything is computed in float64. A comparison of tensors is a tensor of truths; it *holds* where all of it
does. Nothing here is ever given to Python to run: the text is parsed, only what is listed above is
understood, and the size of the text, of each result and of the whole computation is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.program.expression_functions import Array, Misuse

Lookup = Callable[[str], npt.ArrayLike]
"""The value of a dotted key; raises ProgramError where there is none."""
Functions = Mapping[str, Callable[..., npt.ArrayLike]]
"""Functions by name. An argument that is a bare key (`jacobian(fc1)`) reaches them as text."""
Value = float | bool | npt.NDArray[Any]

ANYWHERE = "anywhere"
"""The key that is looked up for `any NaN` without a key: gives an iterable of arrays."""
MOST_WORK = 200_000_000
"""Numbers touched in one evaluation."""


class ExpressionError(ProgramError):
    """An expression cannot be read, or has no value; `column`, which counts from 1, is where."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(sentence)
        self.column = column


@dataclass
class Scope:
    """What one evaluation looks up, and how much it may still do."""

    lookup: Lookup
    functions: Functions
    left: int = field(default=MOST_WORK)

    def spend(self, count: int) -> None:
        """Raise Misuse where too much has been computed."""
        self.left -= count
        if self.left < 0:
            raise Misuse("this computes with too many numbers")


Compute = Callable[[Scope], Array]


@dataclass(frozen=True)
class Expression:
    """A text that was understood."""

    text: str
    names: tuple[str, ...]
    """The keys it looks up, in order, each once; `anywhere` among them where it looks at everything."""
    calls: tuple[str, ...]
    """The functions it needs that are not the language's own."""
    compute: Compute = field(repr=False, compare=False)
    both: tuple[Compute, str, Compute] | None = field(repr=False, compare=False)

    def value(self, lookup: Lookup, functions: Functions | None = None) -> Value:
        """Its value: a number, a truth, or a float64 or bool array. ProgramError where it has none."""
        return _plain(_run(self.compute, lookup, functions))

    def holds(self, lookup: Lookup, functions: Functions | None = None) -> bool:
        """Whether it is true; of a tensor, whether all of it is."""
        return bool(np.all(_run(self.compute, lookup, functions) != 0))

    def sides(self, lookup: Lookup, functions: Functions | None = None) -> tuple[Value, str, Value] | None:
        """Of one comparison the two values and the sign between them; of `close(a, b)` the sign is ≈.

        None for any other expression. It is what a sentence about a check that failed needs.
        """
        if self.both is None:
            return None
        left, sign, right = self.both
        return _plain(_run(left, lookup, functions)), sign, _plain(_run(right, lookup, functions))

    def __str__(self) -> str:
        return self.text


def parse(text: str, functions: Iterable[str] = ()) -> Expression:
    """Read an expression; `functions` names those that its evaluation will bring.

    Raises ExpressionError, which says the column, for anything that is not in the language.
    """
    from nnstudio.program.expression_reader import Reader

    return Reader(text, frozenset(functions)).expression()


def _run(compute: Compute, lookup: Lookup, functions: Functions | None) -> Array:
    with np.errstate(all="ignore"):
        return compute(Scope(lookup, functions or {}))


def _plain(array: Array) -> Value:
    if array.shape:
        return array
    return bool(array) if array.dtype == np.bool_ else float(array)
