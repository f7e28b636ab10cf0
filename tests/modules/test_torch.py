"""Every node type that names its PyTorch counterpart gives its numbers, forward and backward, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from nnstudio.modules.catalogue import definition, definitions
from nnstudio.modules.module import Activation
from tests.modules.cases import Case, all_cases
from tests.modules.plain import Plain
from tests.modules.templates import fill

pytestmark = pytest.mark.torch

TOLERANCE = 1e-12

WITH_TEMPLATE = [case for case in all_cases() if case.definition.torch]

# The numbers at which these functions have their kinks, their ties and their saturated ends.
CORNERS = [-1000.0, -88.0, -30.0, -1.0, -0.5, 0.0, 0.5, 1.0, 30.0, 88.0, 1000.0]
NOT_AT_ALL_CORNERS = ("Exp", "Log", "Sqrt", "Power")


def compare(case: Case, tolerance: float = TOLERANCE) -> None:
    """Output and every gradient of one case, ours beside those of PyTorch's own backward."""
    import torch

    grad_output = np.random.default_rng(5).uniform(0.5, 1.5, case.concrete(case.output_shape))
    ours = Plain(case.definition, case.settings, case.inputs, case.parameters)
    values = {name: torch.tensor(array) for name, array in {**case.inputs, **case.parameters}.items()}
    for name in case.definition.gradients:
        if name in values:
            values[name].requires_grad_()
    output = run_template(case, values)
    output.backward(torch.tensor(grad_output))
    limits = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(ours.value("output"), output.detach().numpy(), **limits)
    for name in case.definition.gradients:
        if name in values:
            theirs = values[name].grad
            assert theirs is not None, name
            np.testing.assert_allclose(
                ours.gradient(name, grad_output), theirs.numpy(), err_msg=f"grad_{name}", **limits
            )


def run_template(case: Case, values: dict):
    """The template as an export would use it: a submodule called with the ports, or an expression."""
    import torch
    from torch import nn
    from torch.nn import functional

    source = fill(case, case.definition.torch)
    if not source.startswith("nn."):
        return eval(source, {"torch": torch, "F": functional, **values})
    module = eval(source, {"nn": nn}).double()
    own = {name: values[name] for name in case.parameters}
    assert {name: tuple(array.shape) for name, array in module.named_parameters()} == {
        name: tuple(array.shape) for name, array in own.items()
    }
    ports = tuple(values[port] for port in case.definition.ports)
    return torch.func.functional_call(module, own, ports)


@pytest.mark.parametrize("case", WITH_TEMPLATE, ids=lambda case: case.name)
def test_output_and_gradients_equal_pytorch(case: Case) -> None:
    compare(case)


@pytest.mark.parametrize(
    "each",
    [
        each
        for each in definitions().values()
        if issubclass(each.cls, Activation) and each.torch and each.name not in NOT_AT_ALL_CORNERS
    ],
    ids=lambda each: each.name,
)
def test_kinks_and_saturated_ends_equal_pytorch(each) -> None:
    corners = np.array(CORNERS)
    compare(Case(each, {}, {"input": ("N", 1)}, {"input": corners[:, None]}, len(corners)))
    if not each.elementwise:
        compare(Case(each, {}, {"input": ("N", 11)}, {"input": corners[None, :]}, 1))


@pytest.mark.parametrize("name", ["CMaxTable", "CMinTable"])
def test_ties_equal_pytorch(name: str) -> None:
    inputs = {"a": np.array([0.0, 1.0, -2.0]), "b": np.array([0.0, 1.0, 3.0])}
    compare(Case(definition(name), {}, {"a": ("N",), "b": ("N",)}, inputs, 3))


@pytest.mark.parametrize("name", ["L1", "SmoothL1", "Margin", "SoftMargin", "BCEWithLogits", "MSE"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_kinks_and_far_ends_of_criteria_equal_pytorch(name: str, reduction: str) -> None:
    corners = np.array(CORNERS)
    inputs = {"input": corners, "target": np.where(corners > 0.5, 1.0, -1.0)}
    if name == "BCEWithLogits":
        inputs["target"] = np.where(corners > 0.5, 1.0, 0.0)
    each = definition(name)
    compare(Case(each, {"reduction": reduction}, {"input": ("N",), "target": ("N",)}, inputs, len(corners)))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_certain_and_wrong_probabilities_cost_what_they_cost_in_pytorch(reduction: str) -> None:
    inputs = {
        "input": np.array([0.0, 0.0, 1.0, 1.0, 1e-30, 1e-50, 0.3]),
        "target": np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.4]),
    }
    shapes = {"input": ("N",), "target": ("N",)}
    # PyTorch holds its smallest denominator, 1e-12, as a float32.
    compare(Case(definition("BCE"), {"reduction": reduction}, shapes, inputs, 7), tolerance=1e-8)


@pytest.mark.parametrize("name", ["CrossEntropy", "LogSoftMax"])
def test_far_apart_scores_equal_pytorch(name: str) -> None:
    inputs = {"input": np.array([[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0], [5.0, 5.0, 5.0]])}
    shapes = {"input": ("N", 3)}
    if name == "CrossEntropy":
        inputs["target"] = np.array([1, 2, 0])
        shapes["target"] = ("N",)
    compare(Case(definition(name), {}, shapes, inputs, 3))
