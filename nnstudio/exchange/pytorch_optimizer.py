"""Optimizers in PyTorch's words: how each is made, and what it remembers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnstudio.errors import ExchangeError
from nnstudio.exchange.content import Array, Content
from nnstudio.exchange.layout import bracketed


def made(content: Content, then: str) -> list[str]:
    """The lines that make it: `then` is "return" or "optimizer ="."""
    template = content.optimizer.torch
    if template is None:
        raise ExchangeError(
            f"The optimizer {content.optimizer.name} has no counterpart in PyTorch: export the network to "
            "numpy, or choose another optimizer."
        )
    call = ast.parse(template.format(**content.optimizer_settings), mode="eval").body
    assert isinstance(call, ast.Call)
    arguments = ["model.parameters()", "lr=lr", *(ast.unparse(each) for each in call.keywords)]
    lines = bracketed(f"{then} {ast.unparse(call.func)}(", arguments, ")", 1)
    return [line.removeprefix("    ") for line in lines]


def remembered(content: Content, names: Mapping[str, str]) -> dict[str, Array]:
    """What it remembers by PyTorch's names, "fc1.weight.exp_avg"; nothing before the first step.

    `names` are those of the parameters in the state of the model.
    """
    theirs = content.optimizer.torch_state
    state: dict[str, Any] = content.program.optimizer_state()
    if content.optimizer.torch is None or not any(np.any(array) for array in state.values()):
        return {}
    arrays: dict[str, Array] = {}
    steps = np.array(float(state["step"]) or content.steps, np.float32)
    for key, quantity in content.listing.states.values():
        arrays[f"{names[key]}.{theirs[quantity]}"] = state[f"{key}.{quantity}"]
        if "step" in theirs:
            arrays[f"{names[key]}.{theirs['step']}"] = steps
    return arrays
