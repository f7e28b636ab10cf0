"""The plain evaluation of a definition: its functions called as they stand, arguments found by name.

It is the yardstick for the compiled program, so it takes no short cut: one call of NumPy code per quantity.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnstudio.modules.module import Definition


class Plain:
    """One node by itself, with given arrays at its ports and in its parameters."""

    def __init__(
        self,
        definition: Definition,
        settings: Mapping[str, Any],
        inputs: Mapping[str, Any],
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.definition = definition
        self.settings = definition.complete(settings)
        self.known: dict[str, Any] = {**inputs, **(parameters or {})}

    def value(self, name: str) -> Any:
        """The output or an intermediate quantity; computed once."""
        if name not in self.known:
            self.known[name] = self._call(name, {})
        return self.known[name]

    def gradient(self, name: str, grad_output: Any) -> Any:
        """The gradient at a port or a parameter, for this gradient at the output."""
        return self._call(f"grad_{name}", {"grad_output": grad_output})

    def _call(self, function: str, more: Mapping[str, Any]) -> Any:
        arguments = {name: self._argument(name, more) for name in self.definition.reads(function)}
        return self.definition.functions[function](**arguments)

    def _argument(self, name: str, more: Mapping[str, Any]) -> Any:
        if name in more:
            return more[name]
        if name in self.known or name == "output" or name in self.definition.quantities:
            return self.value(name)
        if name in self.settings:
            return self.settings[name]
        return (
            None  # a parameter that these settings leave out (a bias), which the function then does not read
        )


def as_float32(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same arrays in float32; class numbers stay what they are."""
    return {
        name: array.astype(np.float32) if array.dtype == np.float64 else array
        for name, array in values.items()
    }
