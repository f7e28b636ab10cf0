"""The operations of the lowered program: each appends in-place calls and says where its result lies.

The calls are those that NumPy itself makes, in the same order, so the numbers are the same to the last bit;
only where the results go is different. Two sums are the exception, and say so: they add in another order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from nnstudio.program.memory import Ghosts, Memory, Slot
from nnstudio.program.operand import (
    Call,
    Const,
    Operand,
    Tuple,
    is_elementwise,
    product_shape,
    reduced_shape,
    reshaped,
    result_dtype,
    shape_of,
    value_of,
)

REDUCTIONS = {"sum": "np.add.reduce", "max": "np.maximum.reduce", "min": "np.minimum.reduce"}
LARGEST_COPY = 1 << 11
"""Up to so many numbers it pays to copy a bias for each sample; measured with 8 to 32 samples."""
LARGEST_DOT = 1 << 16
"""Above this many terms a dot product in float32 rounds visibly worse than NumPy's pairwise sum."""


class Operations:
    """Appends calls to `calls`; results go to `into` where they fit, else to scratch of `memory`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.calls: list[Call] = []
        self.multiply_adds = 0
        self._pinned: list[Slot] = []

    # -- arithmetic ----------------------------------------------------------------------------------

    def ufunc(self, name: str, operands: Sequence[Operand], into: Slot | None) -> Operand:
        """An elementwise function."""
        if all(isinstance(operand, Const) for operand in operands):
            return self.known(getattr(np, name)(*(value_of(operand) for operand in operands)))
        shape = np.broadcast_shapes(*(shape_of(operand) for operand in operands))
        operands = [self._as_wide(operand, shape) for operand in operands]
        out = self.out(shape, result_dtype(name, operands), into, operands)
        self._call(f"np.{name}", operands, out)
        self.give_back(*operands, keep=out)
        return out

    def compare(
        self, name: str, left: Operand, right: Operand, dtype: np.dtype[Any], into: Slot | None
    ) -> Slot:
        """A comparison, as booleans or as zeros and ones of a float dtype."""
        out = self.out(np.broadcast_shapes(shape_of(left), shape_of(right)), dtype, into)
        self._call(f"np.{name}", (left, right), out)
        self.give_back(left, right, keep=out)
        return out

    def matmul(self, left: Operand, right: Operand, into: Slot | None) -> Slot:
        """`left @ right`; np.dot for two matrices, which is the same product with less ado."""
        left, right = self.array(left), self.array(right)
        shape = product_shape(left.shape, right.shape)
        out = self.out(shape, np.result_type(left.dtype, right.dtype), into)
        flat = len(left.shape) == 2 and len(right.shape) == 2
        self._call("np.dot" if flat else "np.matmul", (left, right), out)
        self.multiply_adds += math.prod(shape) * left.shape[-1]
        self.give_back(left, right, keep=out)
        return out

    def accumulate(self, name: str, target: Slot, value: Operand) -> None:
        """`target += value` and the like."""
        self._call(f"np.{name}", (target, value), target)

    def _as_wide(self, operand: Operand, shape: tuple[int, ...]) -> Operand:
        """A bias in the shape of what it is added to, where that is small: NumPy's short way.

        For a batch of one it is the same numbers in another shape; else a copy for each sample, which costs
        less than the loop over samples that broadcasting takes.
        """
        if not isinstance(operand, Slot) or operand.shape == shape:
            return operand
        if _is_small_row(operand, shape):
            wide = self.memory.scratch(shape, operand.dtype)
            self.copy(wide, operand)
            self.give_back(operand)
            return wide
        return self.reshape(operand, shape) if math.prod(operand.shape) == math.prod(shape) else operand

    # -- sums and other reductions -------------------------------------------------------------------

    def reduce(
        self, owner: Slot, name: str, axis: int | tuple[int, ...] | None, keepdims: bool, into: Slot | None
    ) -> Slot:
        """sum, mean, max or min.

        Sums over the batch, as every bias asks for, and over short rows, as a softmax does, are products with
        ones: half of reduce's time.
        """
        shape = reduced_shape(owner.shape, axis, keepdims)
        out = self.out(shape, owner.dtype, into)
        if name in ("sum", "mean") and axis == 0 and len(owner.shape) == 2 and len(shape) == 1:
            self._call("np.dot", (self.array(Const(np.ones(owner.shape[0], owner.dtype))), owner), out)
        elif name in ("sum", "mean") and _sums_short_rows(owner, axis):
            ones = np.ones((owner.shape[1], *shape[1:]), owner.dtype)
            self._call("np.dot", (owner, self.array(Const(ones))), out)
        else:
            function = REDUCTIONS["sum" if name == "mean" else name]
            self._call(function, (owner, Const(axis), Const(None), out, Const(keepdims)), None)
        if name == "mean":
            count = math.prod(owner.shape) // max(math.prod(shape), 1)
            self._call("np.true_divide", (out, Const(count)), out)
        self.give_back(owner, keep=out)
        return out

    def product_sum(self, left: Operand, right: Operand, name: str, into: Slot | None) -> Operand:
        """`(a * b).sum()` or `.mean()` as one dot product of the two, laid flat."""
        if not (isinstance(left, Slot) and isinstance(right, Slot) and _can_dot(left, right)):
            product = self.ufunc("multiply", (left, right), None)
            return self.reduce(self.array(product), name, None, False, into)
        out = self.out((), left.dtype, into)
        count = math.prod(left.shape)
        self._call("np.dot", [self.reshape(slot, (count,)) for slot in (left, right)], out)
        if name == "mean":
            self._call("np.true_divide", (out, Const(count)), out)
        self.give_back(left, right, keep=out)
        return out

    # -- choosing, filling, joining ------------------------------------------------------------------

    def where(self, test: Slot, yes: Operand, no: Operand, into: Slot | None) -> Slot:
        """np.where: the second choice everywhere, then the first where the test holds."""
        shape = np.broadcast_shapes(test.shape, shape_of(yes), shape_of(no))
        out = self.out(shape, result_dtype("add", (yes, no)), into)
        self.copy(out, no)
        self._call("np.copyto", (out, yes), None, where=test)
        self.give_back(test, yes, no, keep=out)
        return out

    def filled(self, like: Slot, value: Operand, into: Slot | None) -> Slot:
        """np.zeros_like, np.ones_like and np.full_like."""
        out = self.out(like.shape, like.dtype, into)
        self.copy(out, value)
        self.give_back(like, value, keep=out)
        return out

    def concatenate(self, slots: Sequence[Slot], axis: int, into: Slot | None) -> Slot:
        """np.concatenate."""
        shape = list(slots[0].shape)
        shape[axis] = sum(slot.shape[axis] for slot in slots)
        out = self.out(tuple(shape), slots[0].dtype, into)
        self._call("np.concatenate", (Tuple(tuple(slots)), Const(axis), out), None)
        self.give_back(*slots, keep=out)
        return out

    def take(self, table: Slot, index: Slot, into: Slot | None) -> Slot:
        """Rows by number, as in np.eye(k)[target]; the numbers have been checked when they were fed."""
        out = self.out((*index.shape, *table.shape[1:]), table.dtype, into)
        self._call("np.take", (table, index, Const(0), out), None, mode=Const("clip"))
        self.give_back(table, index, keep=out)
        return out

    def cast(self, owner: Slot, dtype: np.dtype[Any], into: Slot | None) -> Slot:
        """.astype"""
        out = self.out(owner.shape, dtype, into)
        self.copy(out, owner)
        self.give_back(owner, keep=out)
        return out

    def copy(self, target: Slot, value: Operand) -> None:
        """Copy an array or a number into `target`."""
        self._call("np.copyto", (target, value), None)

    def opaque(self, function: Callable[..., Any], operands: Sequence[Operand]) -> Slot:
        """A function that cannot be taken apart: called as it is, its result copied. It allocates."""
        samples = [_sample(operand) for operand in operands]
        with np.errstate(all="ignore"):
            sample = np.asarray(function(*samples))
        out = self.out(sample.shape, sample.dtype, None)
        self.calls.append(Call("opaque", (*operands, out), opaque=function))
        for operand in operands:
            self.give_back(*(operand.items if isinstance(operand, Tuple) else (operand,)), keep=out)
        return out

    # -- views ---------------------------------------------------------------------------------------

    def view(self, base: Slot, name: str, look: Callable[[Any], Any]) -> Slot:
        """The same memory seen otherwise: transposed, or a part of it."""
        array = look(base.array)
        return Slot(f"{base.name}_{name}", array, tuple(array.shape), base.dtype, base.scratch, base)

    def reshape(self, owner: Slot, wished: tuple[int, ...]) -> Slot:
        """The same numbers in another shape; copied first where they do not lie in a row."""
        shape = reshaped(owner.shape, wished)
        if isinstance(self.memory, Ghosts):  # a ghost cannot be reshaped without becoming real
            return self.memory.permanent(owner.name, shape, owner.dtype)
        if not owner.array.flags.c_contiguous:
            straight = self.memory.scratch(owner.shape, owner.dtype)
            self.copy(straight, owner)
            self.give_back(owner)
            owner = straight
        return self.view(owner, "reshaped", lambda array: array.reshape(shape))

    # -- where results go ----------------------------------------------------------------------------

    def out(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], into: Slot | None, reuse: Sequence[Operand] = ()
    ) -> Slot:
        """Where a result goes: `into` if it fits, else over an operand no longer needed, else scratch."""
        if into is not None and into.shape == shape and into.dtype == dtype:
            return into
        for operand in reuse:
            if isinstance(operand, Slot) and _is_spare(operand, shape, dtype):
                return operand
        return self.memory.scratch(shape, dtype)

    def give_back(self, *operands: Operand, keep: Slot | None = None) -> None:
        """Release the scratch among `operands`, but for what `keep` lies in."""
        for operand in operands:
            if isinstance(operand, Slot) and operand.scratch and operand.root is not (keep and keep.root):
                self.memory.release(operand)

    def pin(self, *operands: Operand) -> None:
        """Keep scratch that is read more than once until the statement ends."""
        for operand in operands:
            if isinstance(operand, Slot) and operand.scratch:
                root = operand.root
                root.scratch = operand.scratch = False
                self._pinned.append(root)

    def unpin(self, operand: Operand | None, others: Iterable[Operand]) -> None:
        """Release pinned scratch early, unless one of `others` lies in it too."""
        if isinstance(operand, Slot):
            root = operand.root
            shared = any(isinstance(other, Slot) and other.root is root for other in others)
            if not shared and any(slot is root for slot in self._pinned):
                self._pinned = [slot for slot in self._pinned if slot is not root]
                self.memory.release(root)

    def end_statement(self) -> None:
        """Release what was pinned."""
        for slot in self._pinned:
            self.memory.release(slot)
        self._pinned.clear()

    def redirect(self, value: Operand, target: Slot) -> bool:
        """Let the last call write into `target` at once, where only `target` itself stood in the way.

        `velocity = momentum * velocity + grad` must not overwrite velocity before it is read; the addition,
        which comes last and goes element by element, may.
        """
        if not self.calls or not isinstance(value, Slot) or not value.scratch or value.base is not None:
            return False
        last = self.calls[-1]
        written_last = bool(last.arguments) and last.arguments[-1] is value
        if value.shape != target.shape or value.dtype != target.dtype or not written_last:
            return False
        if not is_elementwise(last.function):
            return False
        self.calls[-1] = Call(last.function, (*last.arguments[:-1], target), last.keywords)
        return True

    # -- operands ------------------------------------------------------------------------------------

    def array(self, operand: Operand) -> Slot:
        """An operand as an array; a constant is put into memory once."""
        if isinstance(operand, Slot):
            return operand
        return self.memory.constant(np.asarray(value_of(operand)), "constant")

    def known(self, value: Any) -> Operand:
        """What NumPy gave for known values: a constant array, or a plain number."""
        if isinstance(value, np.ndarray) and value.ndim:
            return self.memory.constant(cast("np.ndarray[Any, Any]", value), "constant")
        return Const(value.item() if isinstance(value, (np.generic, np.ndarray)) else value)

    def _call(
        self, function: str, arguments: Sequence[Operand], out: Slot | None, **keywords: Operand
    ) -> None:
        words = tuple(keywords.items())
        if out is not None:
            # NumPy asks for `out=` by name in maximum and minimum.
            named = function in ("np.maximum", "np.minimum")
            words = (*words, ("out", out)) if named else words
            arguments = arguments if named else (*arguments, out)
        self.calls.append(Call(function, tuple(arguments), words))


def _is_small_row(slot: Slot, shape: tuple[int, ...]) -> bool:
    """Whether `slot` is one row beside several of a small matrix."""
    return len(shape) == 2 and slot.shape == shape[1:] and shape[0] > 1 and math.prod(shape) <= LARGEST_COPY


def _sample(operand: Operand) -> Any:
    """Ones in place of an array, to see what a function makes of it."""
    if isinstance(operand, Tuple):
        return tuple(_sample(item) for item in operand.items)
    return np.ones(operand.shape, operand.dtype) if isinstance(operand, Slot) else operand.value


def _is_spare(slot: Slot, shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Whether a result of this shape may be written over `slot`."""
    return slot.scratch and slot.base is None and slot.shape == shape and slot.dtype == dtype


def _sums_short_rows(owner: Slot, axis: int | tuple[int, ...] | None) -> bool:
    """Whether a sum runs over the rows of a matrix of floats, each short enough to round well."""
    matrix = len(owner.shape) == 2 and owner.dtype.kind == "f" and owner.array.flags.c_contiguous
    return matrix and axis in (1, -1) and 0 < owner.shape[1] <= LARGEST_DOT


def _can_dot(left: Slot, right: Slot) -> bool:
    """Whether two arrays can be laid flat and multiplied, in a sum short enough to round well."""
    straight = all(slot.base is None or slot.array.flags.c_contiguous for slot in (left, right))
    same = left.shape == right.shape and left.dtype == right.dtype and left.dtype.kind == "f"
    return straight and same and 0 < math.prod(left.shape) <= LARGEST_DOT
