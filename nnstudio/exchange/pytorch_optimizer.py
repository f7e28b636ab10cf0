"""Optimizers in PyTorch's words: how each is made, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnstudio.errors import ExchangeError
from nnstudio.exchange.content import Array, Content
from nnstudio.exchange.layout import bracketed


@dataclass(frozen=True)
class TorchOptimizer:
    """Its name in torch.optim, its arguments beside lr and weight_decay, and its names for our state."""

    name: str
    arguments: Mapping[str, str]
    state: Mapping[str, str]
    counts: bool = False


_ADAM = {"betas": "({beta1}, {beta2})", "eps": "{eps}"}
_MOMENTS = {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}
_VELOCITY = {"velocity": "momentum_buffer"}

TABLE: dict[str, TorchOptimizer] = {
    "SGD": TorchOptimizer("SGD", {}, {}),
    "Momentum": TorchOptimizer("SGD", {"momentum": "{momentum}"}, _VELOCITY),
    "Nesterov": TorchOptimizer("SGD", {"momentum": "{momentum}", "nesterov": "True"}, _VELOCITY),
    "AdaGrad": TorchOptimizer("Adagrad", {"eps": "{eps}"}, {"squares": "sum"}, counts=True),
    "RMSProp": TorchOptimizer(
        "RMSprop", {"alpha": "{alpha}", "eps": "{eps}"}, {"mean_square": "square_avg"}, counts=True
    ),
    "Adam": TorchOptimizer("Adam", _ADAM, _MOMENTS, counts=True),
    "AdamW": TorchOptimizer("AdamW", _ADAM, _MOMENTS, counts=True),
}


def optimizer_of(content: Content) -> TorchOptimizer:
    """PyTorch's counterpart of the project's optimizer."""
    name = content.optimizer.name
    if name not in TABLE:
        raise ExchangeError(
            f"The optimizer {name} has no counterpart in PyTorch; choose one of {', '.join(TABLE)}."
        )
    return TABLE[name]


def made(content: Content, then: str) -> list[str]:
    """The lines that make it: `then` is "return" or "optimizer ="."""
    found, settings = optimizer_of(content), content.optimizer_settings
    arguments = ["model.parameters()", "lr=lr"]
    arguments += [f"{name}={text.format(**settings)}" for name, text in found.arguments.items()]
    if settings["weight_decay"] or found.name == "AdamW":  # whose own default is another
        arguments.append(f"weight_decay={settings['weight_decay']!r}")
    return [
        line.removeprefix("    ")
        for line in bracketed(f"{then} torch.optim.{found.name}(", arguments, ")", 1)
    ]


def remembered(content: Content, names: Mapping[str, str]) -> dict[str, Array]:
    """What it remembers by PyTorch's names, "fc1.weight.exp_avg"; nothing before the first step.

    `names` are those of the parameters in the state of the model.
    """
    found = optimizer_of(content)
    state: dict[str, Any] = content.program.optimizer_state()
    if not any(np.any(array) for array in state.values()):
        return {}
    arrays: dict[str, Array] = {}
    steps = np.array(float(state["step"]) or content.steps, np.float32)
    for key, quantity in content.listing.states.values():
        arrays[f"{names[key]}.{found.state[quantity]}"] = state[f"{key}.{quantity}"]
        if found.counts:
            arrays[f"{names[key]}.step"] = steps
    return arrays
