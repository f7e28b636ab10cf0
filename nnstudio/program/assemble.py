"""Calls -> one Python function with every array bound as a local, and the text of it for people to read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Any

import numpy as np

from nnstudio.program.backend import Backend
from nnstudio.program.memory import Slot
from nnstudio.program.operand import Call, Const, Operand, Tuple, is_elementwise


def text_of(calls: Sequence[Call]) -> str:
    """The calls as NumPy code: `np.add(fc1, fc1_bias, fc1)`, a line each."""
    return "\n".join(_text(call) for call in calls)


def _text(call: Call) -> str:
    shown = [_shown(argument) for argument in call.arguments]
    shown += [f"{name}={_shown(value)}" for name, value in call.keywords]
    function = call.function if call.opaque is None else "opaque"
    return f"{function}({', '.join(shown)})"


def _shown(operand: Operand) -> str:
    if isinstance(operand, Slot):
        return operand.name
    if isinstance(operand, Tuple):
        return f"({', '.join(_shown(item) for item in operand.items)})"
    return repr(operand.value)


class Assembler:
    """Builds functions over one backend; numbers become 0-d arrays once, where that is faster."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._methods: dict[tuple[str, int], tuple[Any, Callable[..., Any]]] = {}
        self._scalars: dict[tuple[float, float, str], Any] = {}

    def function(self, name: str, calls: Sequence[Call]) -> Callable[[], None]:
        """One function that makes all the calls in order.

        What overflows becomes infinite without a warning: the numbers themselves say so. A context of its own
        is a tenth of the price of np.errstate, which is several calls of a small net.
        """
        binding = _Binding()
        lines = [self._line(call, binding) for call in calls] or ["pass"]
        arguments = ", ".join(f"{local}={local}" for local in binding.values)
        source = f"def {name}({arguments}):\n    " + "\n    ".join(lines) + "\n"
        scope: dict[str, Any] = dict(binding.values)
        # Only names made here and calls made by the lowering stand in this source.
        exec(compile(source, f"<{name}>", "exec"), scope)
        quiet = Context()
        quiet.run(partial(np.seterr, all="ignore"))
        return partial(quiet.run, scope[name])

    def _line(self, call: Call, binding: _Binding) -> str:
        if call.opaque is not None:
            function, inner = call.opaque, call.arguments[:-1]
            arguments = tuple(item.array if isinstance(item, Slot) else _plain(item) for item in inner)
            out = call.arguments[-1]
            assert isinstance(out, Slot)
            operands = ", ".join(
                (
                    binding.name("opaque", function),
                    binding.name("values", arguments),
                    binding.name(out.name, out.array),
                )
            )
            return f"{binding.name('call_opaque', self._backend.opaque)}({operands})"
        dtype = self._number_dtype(call)
        parts = [self._operand(argument, dtype, binding) for argument in call.arguments]
        parts += [f"{word}={self._operand(value, dtype, binding)}" for word, value in call.keywords]
        first = call.arguments[0]
        if call.function == "np.copyto" and isinstance(first, Slot) and not call.keywords:
            # The array's own assignment is the same copy, and found in half the time.
            return (
                f"{binding.name(f'{first.name}_set', self._bound('np.copyto', first.array))}(..., {parts[1]})"
            )
        if call.function in ("np.dot", "np.take") and isinstance(first, Slot):
            method = self._bound(call.function, first.array)
            name = binding.name(f"{first.name}_{call.function.removeprefix('np.')}", method)
            return f"{name}({', '.join(parts[1:])})"
        function = self._backend.function(call.function)
        return f"{binding.name(call.function.replace('.', '_'), function)}({', '.join(parts)})"

    def _bound(self, function: str, array: Any) -> Callable[..., Any]:
        """A method of an array, the same object each time: fewer locals, and less memory to touch."""
        key = (function, id(array))
        if key not in self._methods:
            self._methods[key] = (array, self._backend.bound(function, array))
        return self._methods[key][1]

    def _number_dtype(self, call: Call) -> np.dtype[Any] | None:
        """The dtype in which a call's plain numbers are stored as arrays; None leaves them numbers."""
        if not self._backend.constants_are_arrays:
            return None
        if call.function != "np.copyto" and not is_elementwise(call.function):
            return None
        floats = [item.dtype for item in call.arguments if isinstance(item, Slot) and item.dtype.kind == "f"]
        return max(floats, key=lambda dtype: dtype.itemsize) if floats else None

    def _operand(self, operand: Operand, dtype: np.dtype[Any] | None, binding: _Binding) -> str:
        if isinstance(operand, Slot):
            return binding.name(operand.name, operand.array)
        if isinstance(operand, Tuple):
            return f"({', '.join(self._operand(item, None, binding) for item in operand.items)},)"
        value = operand.value
        if dtype is not None and isinstance(value, (bool, int, float)):
            key = (
                float(value),
                math.copysign(1, value),
                dtype.str,
            )  # 0.0 and -0.0 are equal, but not the same
            if key not in self._scalars:
                self._scalars[key] = self._backend.upload(np.array(value, dtype))
            return binding.name("number", self._scalars[key])
        return (
            binding.name("value", value)
            if not isinstance(value, (bool, int, str, type(None)))
            else repr(value)
        )


class _Binding:
    """Local names of the objects a function uses; the same object has one name."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def name(self, wished: str, value: Any) -> str:
        known = self._names.get(id(value))
        if known is not None:
            return known
        local = re.sub(r"\W", "_", wished)
        while local in self.values:
            local = f"{local}_{len(self.values)}"
        self.values[local] = value
        self._names[id(value)] = local
        return local


def _plain(operand: Operand) -> Any:
    if isinstance(operand, Const):
        return operand.value
    assert isinstance(operand, Tuple)
    return tuple(item.array if isinstance(item, Slot) else _plain(item) for item in operand.items)
