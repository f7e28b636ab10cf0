"""The Hessian: exact on a quadratic, equal to PyTorch's, and 2/λ_max is where descent begins to diverge."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ExplainError, ProgramError
from nnstudio.explain.curvature import curvature
from nnstudio.graph import Graph
from nnstudio.program import Program
from tests.program.nets import classifier, fed, regression


def line(samples: int = 8) -> Program:
    """w·x + b against t: a quadratic loss."""
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Linear", "fc", out_features=1)
    graph.add("Target", "t", shape=(1,))
    graph.add("MSE", "loss")
    for source, target in (("x", "fc"), ("fc", "loss"), ("t", "loss")):
        graph.connect(source, target)
    return fed(graph, samples, dtype="float64")


def test_of_a_quadratic_it_is_known():
    program = line()
    found = curvature(program)
    x = np.hstack([program["x.output"], np.ones((8, 1))])
    np.testing.assert_allclose(found.hessian, 2 / 8 * x.T @ x, atol=1e-8)
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(2 / 8 * x.T @ x), atol=1e-8)
    assert found.names == ("fc.weight[0, 0]", "fc.weight[0, 1]", "fc.bias[0]")
    assert found.largest_stable_lr == pytest.approx(2 / found.eigenvalues[-1])
    assert found.corners == ()


@pytest.mark.parametrize(("share", "grows"), [(0.98, False), (1.02, True)])
def test_lesson_13_descent_diverges_above_two_over_the_largest_eigenvalue(share: float, grows: bool):
    program = line()
    lr = share * curvature(program).largest_stable_lr
    program.forward()
    start = program.loss
    for _ in range(400):
        program.train_step(lr=lr)
    program.forward()
    assert (program.loss > 10 * start) == grows


def test_the_program_is_left_alone_and_float32_is_copied():
    program = fed(regression(), dtype="float32")
    program.forward()
    before, position = program.flat.tobytes(), program.position
    single = curvature(program)
    assert single.hessian.dtype == np.float64
    assert program.flat.tobytes() == before and program.position == position
    double = fed(regression(), dtype="float64")
    np.testing.assert_allclose(single.hessian, curvature(double).hessian, atol=1e-5)


def test_a_flat_loss_has_no_largest_rate():
    graph = Graph()
    graph.connect(graph.add("Parameter", "w", value=(2.0,)), graph.add("Objective", "L"))
    program = nn.compile(graph, 1, "float64")
    assert curvature(program).largest_stable_lr == math.inf


def test_a_corner_is_named():
    graph = Graph()
    graph.connect(graph.add("Parameter", "w", value=(0.0,)), graph.add("Abs", "a"))
    graph.connect("a", graph.add("Objective", "L"))
    assert curvature(nn.compile(graph, 1, "float64")).corners == ("w.value",)


def test_what_cannot_be_shown_is_told():
    with pytest.raises(ExplainError, match="at most 200 parameters"):
        curvature(fed(classifier(hidden=40)))
    graph = Graph()
    graph.connect(graph.add("Input", "x"), graph.add("Objective", "L"))
    with pytest.raises(ExplainError, match="no parameter"):
        curvature(nn.compile(graph, 1))
    with pytest.raises(ProgramError, match="has no values yet"):
        curvature(nn.compile(regression(), 1))


@pytest.mark.torch
@pytest.mark.parametrize("activation", ["Tanh", "Sigmoid", "ReLU", "SoftPlus"])
def test_pytorch_finds_the_same(activation: str):
    import torch
    from torch.nn import functional as F

    from nnstudio.graph import ChangeType

    graph = regression()
    graph.apply(ChangeType(graph.node("act1").id, activation))
    program = fed(graph, 7, dtype="float64")
    x, t = torch.tensor(program["x.output"]), torch.tensor(program["t.output"])
    start = program.parameters()
    shapes = {key: value.shape for key, value in start.items()}
    bend = {"Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "ReLU": torch.relu, "SoftPlus": F.softplus}

    def loss(flat):
        parts = torch.split(flat, [math.prod(shape) for shape in shapes.values()])
        p = {key: part.reshape(shape) for (key, shape), part in zip(shapes.items(), parts, strict=True)}
        hidden = bend[activation](F.linear(x, p["fc1.weight"], p["fc1.bias"]))
        return F.mse_loss(F.linear(hidden, p["fc2.weight"], p["fc2.bias"]), t)

    flat = torch.tensor(np.concatenate([value.reshape(-1) for value in start.values()]))
    theirs = torch.autograd.functional.hessian(loss, flat).numpy()
    np.testing.assert_allclose(curvature(program).hessian, theirs, atol=1e-6)
