"""A graph computed by PyTorch, from a table of its functions written for this purpose.

Nothing of the catalogue's equations or export templates is used, only the drawing: who feeds whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from nnstudio.graph import Graph

Tensors = Mapping[str, torch.Tensor]
Rule = Callable[[Tensors, Mapping[str, Any], Tensors], torch.Tensor]


def _reduced(losses: torch.Tensor, reduction: str) -> torch.Tensor:
    return losses.mean() if reduction == "mean" else losses.sum()


def _linear(i: Tensors, s: Mapping[str, Any], p: Tensors) -> torch.Tensor:
    return F.linear(i["input"], p["weight"], p.get("bias"))


def _prelu(i: Tensors, s: Mapping[str, Any], p: Tensors) -> torch.Tensor:
    weight = p["weight"]
    if i["input"].ndim < 2:  # torch.prelu wants a channel axis where there are several slopes
        return torch.where(i["input"] > 0, i["input"], weight[0] * i["input"])
    return F.prelu(i["input"], weight)


def _mse(i: Tensors, s: Mapping[str, Any], p: Tensors) -> torch.Tensor:
    if s["reduction"] == "half-sum":
        return 0.5 * F.mse_loss(i["input"], i["target"], reduction="sum")
    return F.mse_loss(i["input"], i["target"], reduction=s["reduction"])


def _kldiv(i: Tensors, s: Mapping[str, Any], p: Tensors) -> torch.Tensor:
    pointwise = F.kl_div(i["input"], i["target"], reduction="none")
    if s["reduction"] == "batchmean":
        return pointwise.sum() / len(pointwise)
    return _reduced(pointwise, s["reduction"])


def _a_b(function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Rule:
    return lambda i, s, p: function(i["a"], i["b"])


def _x(function: Callable[[torch.Tensor], torch.Tensor]) -> Rule:
    return lambda i, s, p: function(i["input"])


RULES: dict[str, Rule] = {
    "Output": _x(lambda x: x * 1.0),
    "Linear": _linear,
    "Add": lambda i, s, p: torch.add(i["input"], p["bias"]),
    "CMul": lambda i, s, p: torch.mul(i["input"], p["weight"]),
    "Sigmoid": _x(torch.sigmoid),
    "Tanh": _x(torch.tanh),
    "ReLU": _x(F.relu),
    "LeakyReLU": lambda i, s, p: F.leaky_relu(i["input"], s["negative_slope"]),
    "PReLU": _prelu,
    "ELU": lambda i, s, p: F.elu(i["input"], s["alpha"]),
    "SoftPlus": lambda i, s, p: F.softplus(i["input"], s["beta"], threshold=700),
    "SoftSign": _x(F.softsign),
    "SoftShrink": lambda i, s, p: F.softshrink(i["input"], s["lambd"]),
    "HardTanh": lambda i, s, p: F.hardtanh(i["input"], s["min_value"], s["max_value"]),
    "GELU": lambda i, s, p: F.gelu(i["input"], approximate=s["approximate"]),
    "SiLU": _x(F.silu),
    "SoftMax": _x(lambda x: torch.softmax(x, -1)),
    "SoftMin": _x(lambda x: torch.softmax(-x, -1)),
    "LogSoftMax": _x(lambda x: torch.log_softmax(x, -1)),
    "AddConstant": lambda i, s, p: i["input"] + s["constant"],
    "MulConstant": lambda i, s, p: i["input"] * s["constant"],
    "Exp": _x(torch.exp),
    "Log": _x(torch.log),
    "Power": lambda i, s, p: torch.pow(i["input"], s["exponent"]),
    "Square": _x(torch.square),
    "Sqrt": _x(torch.sqrt),
    "Abs": _x(torch.abs),
    "Flatten": _x(lambda x: torch.flatten(x, 1) * 1.0),
    "Reshape": lambda i, s, p: i["input"].reshape(len(i["input"]), *s["shape"]) * 1.0,
    "Concat": lambda i, s, p: torch.cat((i["a"], i["b"]), s["axis"]),
    "CAddTable": _a_b(torch.add),
    "CSubTable": _a_b(torch.sub),
    "CMulTable": _a_b(torch.mul),
    "CDivTable": _a_b(torch.div),
    "CMaxTable": _a_b(torch.maximum),
    "CMinTable": _a_b(torch.minimum),
    "MSE": _mse,
    "L1": lambda i, s, p: F.l1_loss(i["input"], i["target"], reduction=s["reduction"]),
    "SmoothL1": lambda i, s, p: F.smooth_l1_loss(
        i["input"], i["target"], reduction=s["reduction"], beta=s["beta"]
    ),
    "BCE": lambda i, s, p: F.binary_cross_entropy(i["input"], i["target"], reduction=s["reduction"]),
    "BCEWithLogits": lambda i, s, p: F.binary_cross_entropy_with_logits(
        i["input"], i["target"], reduction=s["reduction"]
    ),
    "CrossEntropy": lambda i, s, p: F.cross_entropy(i["input"], i["target"], reduction=s["reduction"]),
    "ClassNLL": lambda i, s, p: F.nll_loss(i["input"], i["target"], reduction=s["reduction"]),
    "SoftMargin": lambda i, s, p: F.soft_margin_loss(i["input"], i["target"], reduction=s["reduction"]),
    "Margin": lambda i, s, p: _reduced(F.relu(s["margin"] - i["input"] * i["target"]), s["reduction"]),
    "KLDiv": _kldiv,
    "Objective": lambda i, s, p: _reduced(i["input"], s["reduction"]),
}

# Where the studio sends no gradient to a criterion's target although PyTorch would.
NO_TARGET_GRADIENT = ("BCE", "CrossEntropy", "ClassNLL", "SoftMargin", "Margin", "KLDiv")


class TorchGraph:
    """All outputs, the loss, and after its backward every gradient, by the studio's own keys."""

    def __init__(
        self, graph: Graph, feeds: Mapping[str, np.ndarray], parameters: Mapping[str, np.ndarray]
    ) -> None:
        self.outputs: dict[str, torch.Tensor] = {}
        self.parameters = {key: torch.tensor(array).requires_grad_() for key, array in parameters.items()}
        self.criteria: list[str] = []
        total: torch.Tensor | None = None
        for node in graph.flatten():
            kind, settings = node.definition.name, dict(node.settings)
            own = {
                key.rpartition(".")[2]: tensor
                for key, tensor in self.parameters.items()
                if key.rpartition(".")[0] == node.name
            }
            if kind in ("Input", "Target"):
                output = torch.tensor(feeds[node.name])
                if kind == "Input" and output.is_floating_point():
                    output.requires_grad_()
            elif kind == "Constant":
                shape = tuple(settings["shape"])
                output = (
                    torch.tensor(settings["value"], dtype=torch.float64).expand(shape or (1,))
                    if len(settings["value"]) == 1
                    else torch.tensor(settings["value"], dtype=torch.float64)
                )
                # Nothing learns from it, but what is computed from it has a gradient in the studio.
                output = output.reshape(shape).clone().requires_grad_()
            elif kind == "Parameter":
                output = own["value"] * 1.0
            else:
                inputs = {port: self.outputs[source] for port, source in node.sources.items()}
                if kind in NO_TARGET_GRADIENT:
                    inputs["target"] = inputs["target"].detach()
                output = RULES[kind](inputs, settings, own)
            if output.requires_grad:
                output.retain_grad()
            self.outputs[node.name] = output
            if node.definition.role == "criterion":
                self.criteria.append(node.name)
                part = settings["loss_weight"] * output
                total = part if total is None else total + part
        assert total is not None
        self.loss = total
        if total.requires_grad:
            total.backward()

    def gradient(self, key: str) -> np.ndarray | None:
        """The gradient at "node.output" or a parameter; None where none arrived."""
        name = key.removesuffix(".output")
        tensor = self.outputs[name] if name != key else self.parameters[key]
        return None if tensor.grad is None else tensor.grad.numpy()
