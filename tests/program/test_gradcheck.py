"""The gradient check of a whole program: right ones pass, wrong ones are found, corners are no errors."""

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.modules import catalogue
from nnstudio.modules.module import Activation, Definition
from nnstudio.program.gradcheck import MOST_ELEMENTS, TOLERANCE, gradcheck
from tests.program.random_graphs import random_graph


class NearlyRightTanh(Activation):
    """A tanh whose gradient is off in the fifth digit."""

    def output(input):
        return np.tanh(input)

    def grad_input(grad_output, output):
        return grad_output * (1 - output * output) * 1.00001


class SometimesNothing(Activation):
    """A gradient that is no number where the input is negative."""

    def output(input):
        return input * 1.0

    def grad_input(grad_output, input):
        return grad_output * np.where(input > 0, 1.0, np.nan)


class WrongTanh(Activation):
    """A tanh whose gradient forgets the square."""

    def output(input):
        return np.tanh(input)

    def grad_input(grad_output, output):
        return grad_output * (1 - output)


def chain(activation="Tanh", features=3, dtype="float64"):
    """x -> fc1 -> act -> loss <- t for 4 samples, fed."""
    graph = nn.Graph()
    x = graph.add("Input", name="x", shape=(features,))
    fc1 = graph.add("Linear", name="fc1", out_features=2)
    act = graph.add(activation, name="act")
    t = graph.add("Target", name="t", shape=(2,))
    loss = graph.add("MSE", name="loss")
    graph.connect(x, fc1)
    graph.connect(fc1, act)
    graph.connect(act, loss, "input")
    graph.connect(t, loss, "target")
    program = nn.compile(graph, 4, dtype, seed=1)
    rng = np.random.default_rng(0)
    program.feed(x=rng.normal(size=(4, features)), t=rng.normal(size=(4, 2)))
    return program


def test_every_gradient_of_a_chain_is_compared_element_by_element():
    checks = {check.quantity: check for check in gradcheck(chain())}
    sizes = {name: check.elements for name, check in checks.items()}
    assert sizes == {
        "fc1.grad_weight": 6,
        "fc1.grad_bias": 2,
        "x.grad_output": 12,
        "fc1.grad_output": 8,
        "act.grad_output": 8,
        "loss.grad_output": 1,
    }
    assert all(check.ok and check.error < TOLERANCE and check.corners == 0 for check in checks.values())


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_of_every_node_type_pass(seed):
    drawn = random_graph(seed)
    program = nn.compile(drawn.graph, drawn.batch_size, "float64")
    program.load_parameters(drawn.parameters)
    program.feed(**drawn.feeds)
    checks = gradcheck(program)
    assert checks
    assert [check for check in checks if not check.ok] == []


@pytest.mark.parametrize("planted", [WrongTanh, NearlyRightTanh, SometimesNothing])
def test_a_wrong_gradient_is_found_and_so_is_all_that_flows_through_it(planted, monkeypatch):
    monkeypatch.setitem(catalogue.definitions(), planted.__name__, Definition(planted))
    wrong = {check.quantity for check in gradcheck(chain(planted.__name__)) if not check.ok}
    assert wrong == {"fc1.grad_weight", "fc1.grad_bias", "fc1.grad_output", "x.grad_output"}


def test_a_corner_is_counted_and_not_called_wrong():
    program = chain("ReLU")
    program["fc1.weight"] = np.zeros((2, 3))
    program["fc1.bias"] = np.zeros(2)
    checks = {check.quantity: check for check in gradcheck(program)}
    assert all(check.ok for check in checks.values())
    assert (checks["fc1.grad_bias"].corners, checks["fc1.grad_bias"].elements) == (2, 0)
    assert (checks["act.grad_output"].corners, checks["act.grad_output"].elements) == (0, 8)


def test_the_parameters_are_left_as_they_were():
    program = chain()
    before = program.flat.copy()
    gradcheck(program)
    assert program.flat.tobytes() == before.tobytes()
    assert program.position == 0
    assert program.step_back() is None
    assert program.train_step()


def test_of_a_large_array_some_elements_are_compared():
    program = chain(features=500)
    checks = {check.quantity: check for check in gradcheck(program)}
    assert checks["fc1.grad_weight"].elements == MOST_ELEMENTS
    assert checks["fc1.grad_bias"].elements == 2
    assert all(check.ok for check in checks.values())


def test_the_one_who_waits_is_told():
    told = []
    checks = gradcheck(chain(), lambda done, total: told.append((done, total)))
    assert told == [(number + 1, len(checks)) for number in range(len(checks))]


def test_single_precision_is_refused():
    with pytest.raises(ProgramError, match="float32"):
        gradcheck(chain(dtype="float32"))


def test_without_a_loss_there_is_nothing_to_compare():
    graph = nn.Graph()
    graph.connect(graph.add("Input", name="x", shape=(2,)), graph.add("Linear", name="fc1"))
    program = nn.compile(graph, 1, "float64")
    program.feed(x=np.zeros((1, 2)))
    with pytest.raises(ProgramError, match="criterion"):
        gradcheck(program)
