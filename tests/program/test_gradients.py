"""What backward gives: fan-out, several criteria, accumulation, and the numbers of the lessons."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.program import Program
from tests.program.nets import classifier, fed, regression


def passed(program: Program) -> Program:
    """zero_grad, forward, backward."""
    program.zero_grad()
    program.forward()
    program.backward()
    return program


# --- fan-out --------------------------------------------------------------------------------------


def test_a_value_read_in_several_places_gathers_the_sum_of_their_gradients() -> None:
    graph = Graph()
    graph.add("Input", "x", shape=(3,))
    for name, kind in (("a", "Square"), ("b", "Exp"), ("c", "Sigmoid")):
        graph.add(kind, name)
        graph.connect("x", name)
    for name, pair in (("ab", ("a", "b")), ("all", ("ab", "c"))):
        graph.add("CAddTable", name)
        for source in pair:
            graph.connect(source, name)
    graph.connect("all", graph.add("Objective", "loss", reduction="sum"))
    program = nn.compile(graph, 2, "float64")
    x = np.array([[0.5, -1.0, 2.0], [0.0, 0.25, -2.0]])
    program.feed(x=x)
    passed(program)
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(program["x.grad_output"], 2 * x + np.exp(x) + s * (1 - s), rtol=1e-13)
    parts = [program[f"{name}.grad_input"] for name in "abc"]
    np.testing.assert_array_equal(program["x.grad_output"], parts[2] + parts[1] + parts[0])


def test_one_node_at_both_ports_of_another() -> None:
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("CMulTable", "square")
    graph.connect("x", "square", "a")
    graph.connect("x", "square", "b")
    graph.connect("square", graph.add("Objective", "loss", reduction="sum"))
    program = nn.compile(graph, 1, "float64")
    program.feed(x=[[3.0, -2.0]])
    passed(program)
    np.testing.assert_array_equal(program["x.grad_output"], [[6.0, -4.0]])
    np.testing.assert_array_equal(program["square.grad_a"], [[3.0, -2.0]])
    np.testing.assert_array_equal(program["square.grad_b"], [[3.0, -2.0]])
    np.testing.assert_array_equal(program["square.grad_input"], program["square.grad_a"])


def test_a_node_that_feeds_a_criterion_and_another_node() -> None:
    graph = regression()
    graph.connect("fc2", graph.add("Square", "penalty"))
    graph.connect("penalty", graph.add("Objective", "small", loss_weight=0.25))
    program = fed(graph, 4, dtype="float64")
    passed(program)
    fc2, t = program["fc2.output"], program["t.output"]
    np.testing.assert_allclose(program["fc2.grad_output"], 2 * (fc2 - t) / 4 + 0.25 * 2 * fc2 / 4, rtol=1e-12)
    before = np.array(program["fc1.grad_weight"])
    program.train_step(lr=0.0)
    np.testing.assert_array_equal(program["fc1.grad_weight"], before)


# --- several criteria -----------------------------------------------------------------------------


def two_criteria(first: float, second: float) -> Graph:
    graph = regression("MSE", loss_weight=first)
    graph.add("L1", "loss2", loss_weight=second)
    graph.connect("fc2", "loss2")
    graph.connect("t", "loss2")
    return graph


@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.5, 2.0), (1.0, -0.3), (0.0, 1.0)])
def test_several_criteria_add_up_with_their_weights(weights: tuple[float, float]) -> None:
    both = passed(fed(two_criteria(*weights), dtype="float64"))
    one = passed(fed(two_criteria(1.0, 0.0), dtype="float64"))
    other = passed(fed(two_criteria(0.0, 1.0), dtype="float64"))
    assert both.losses.keys() == {"loss", "loss2"}
    assert both.losses == {"loss": one.losses["loss"], "loss2": other.losses["loss2"]}
    assert both.loss == pytest.approx(weights[0] * both.losses["loss"] + weights[1] * both.losses["loss2"])
    for key in ("fc1.grad_weight", "fc2.grad_bias", "x.grad_output", "act1.grad_output"):
        expected = weights[0] * one[key] + weights[1] * other[key]
        np.testing.assert_allclose(both[key], expected, rtol=1e-12, atol=1e-15)


def test_one_criterion_with_a_weight_scales_loss_and_gradients() -> None:
    plain, scaled = (
        passed(fed(regression(), dtype="float64")),
        passed(fed(regression(loss_weight=0.25), dtype="float64")),
    )
    assert scaled.loss == 0.25 * plain.loss
    assert scaled.losses["loss"] == plain.loss
    np.testing.assert_allclose(scaled["fc1.grad_weight"], 0.25 * plain["fc1.grad_weight"], rtol=1e-14)


def test_a_criterion_whose_loss_another_node_computes_with() -> None:
    graph = regression()
    graph.connect("loss", graph.add("Square", "squared"))
    graph.connect("squared", graph.add("Objective", "again", reduction="sum"))
    program = passed(fed(graph, dtype="float64"))
    loss = program.losses["loss"]
    assert program.loss == pytest.approx(loss + loss * loss)
    assert float(program["loss.grad_output"]) == pytest.approx(1 + 2 * loss)


# --- accumulation and update ----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_backwards_without_zeroing_double_the_gradient_exactly(dtype: str) -> None:
    program = passed(fed(classifier(), dtype=dtype))
    once = {item.gradient: np.array(program.value(item.gradient)) for item in program.listing.parameters}
    program.backward()
    for gradient, array in once.items():
        np.testing.assert_array_equal(program.value(gradient), 2 * array)
    program.zero_grad()
    for gradient in once:
        assert not program.value(gradient).any()


def test_update_moves_parameters_by_minus_lr_times_gradient() -> None:
    program = passed(fed(classifier(), dtype="float64"))
    before = program.parameters()
    program.update(lr=0.25)
    assert program.lr == 0.25
    for item in program.listing.parameters:
        np.testing.assert_array_equal(
            program[item.key], before[item.key] - 0.25 * program.value(item.gradient)
        )


# --- graphs that are not whole --------------------------------------------------------------------


def test_what_no_loss_reaches_is_computed_but_never_updated() -> None:
    graph = classifier()
    graph.connect("act1", graph.add("Linear", "aside", out_features=2))
    graph.connect("aside", graph.add("Tanh", "answer"))
    for name in ("SGD", "Momentum", "AdamW"):
        program = fed(graph, optimizer=name, optimizer_settings={"weight_decay": 0.5, "l1": 0.1})
        before = program.parameters()
        for _ in range(3):
            program.train_step(lr=0.1)
        passed(program)
        program.update(lr=0.1)
        while program.step().phase != "update":
            pass
        after = program.parameters()
        for key in before:
            same = np.array_equal(before[key], after[key])
            assert same == key.startswith("aside"), key
        assert not program["aside.grad_weight"].any()
        assert "aside.grad_output" not in program
        assert not any(key.startswith("aside") for key in program.optimizer_state())


def test_a_graph_without_a_criterion_computes_and_has_no_loss() -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(2,)), graph.add("Linear", "fc1", out_features=3))
    program = nn.compile(graph, 2)
    program.feed(x=np.ones((2, 2)))
    program.zero_grad()
    program.forward()
    program.backward()
    program.update(lr=0.1)
    assert program["fc1.output"].shape == (2, 3)
    assert program.losses == {}
    assert program.predictions == ("fc1",)
    for ask in (lambda: program.loss, program.train_step):
        with pytest.raises(ProgramError, match="no criterion"):
            ask()
    for _ in range(2 * len(program.statements)):
        program.step()


def test_a_graph_without_parameters_trains_nothing_but_runs() -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(2,)), graph.add("Tanh", "act"))
    graph.connect("act", graph.add("Objective", "loss"))
    program = nn.compile(graph, 2)
    program.feed(x=np.ones((2, 2)))
    for guard in (False, True):
        assert program.train_step(lr=0.1, guard=guard)
    assert program.parameters() == {}
    passed(program)
    assert program.is_current("x.grad_output")


def test_a_graph_of_parameters_alone_needs_no_feed() -> None:
    graph = Graph()
    graph.add("Parameter", "w", shape=(2,), value=(3.0, -1.0))
    graph.connect("w", graph.add("Square", "s"))
    graph.connect("s", graph.add("Objective", "loss", reduction="sum"))
    program = nn.compile(graph, 1, "float64")
    for _ in range(100):
        program.train_step(lr=0.1)
    np.testing.assert_allclose(program["w.value"], 0, atol=1e-8)


def test_a_broken_graph_runs_as_far_as_it_is_valid() -> None:
    graph = classifier()
    graph.add("CAddTable", "half")  # its second input is missing
    graph.connect("act1", "half")
    graph.connect("half", graph.add("Linear", "behind", out_features=2))
    graph.connect("act1", graph.add("Linear", "wrong", out_features=2, in_features=99))
    program = fed(graph)
    program.train_step(lr=0.1)
    assert "fc2.output" in program
    for missing in ("half", "behind", "wrong"):
        assert f"{missing}.output" not in program
    with pytest.raises(ProgramError, match=r"no quantity 'half\.output'"):
        program["half.output"]


@pytest.mark.parametrize(
    "unfinished", [[], ["Input"], ["Target"], ["Linear"], ["MSE"], ["Constant"], ["Parameter"]]
)
def test_the_smallest_graphs_compile(unfinished: list[str]) -> None:
    graph = Graph()
    for kind in unfinished:
        graph.add(kind)
    program = nn.compile(graph, 3, "float64", optimizer="Adam")
    program.zero_grad()
    program.forward()
    program.backward()
    program.update()
    assert isinstance(program.source, str)
    assert program.losses == {}


# --- lessons --------------------------------------------------------------------------------------


def test_lesson_1_the_chain_rule_on_a_graph() -> None:
    """L = 3(a + bc) at a = 5, b = 3, c = 2."""
    graph = Graph()
    for name in "abc":
        graph.add("Input", name, shape=(1,))
    graph.add("CMulTable", "u")
    graph.add("CAddTable", "v")
    graph.add("MulConstant", "w", constant=3.0)
    graph.add("Objective", "L", reduction="sum")
    for source, target in (("b", "u"), ("c", "u"), ("a", "v"), ("u", "v"), ("v", "w"), ("w", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, 1, "float64")
    program.feed(a=[[5.0]], b=[[3.0]], c=[[2.0]])
    passed(program)
    assert (program["u.output"], program["v.output"], program.loss) == (6, 11, 33)
    found = {name: program[f"{name}.grad_output"].item() for name in "vaubc"}
    assert found == {"v": 3, "a": 3, "u": 3, "b": 6, "c": 9}


X = np.array([[0.2647, 0.7477, 0.5382, 0.1914, 0.0834]])
GRAD_OUTPUT = np.array([[0.8068, 0.2103, 0.3212, 0.6487]])


def linear_with_given_gradient(x: np.ndarray, grad_output: np.ndarray) -> Program:
    """A Linear whose outputs are weighed with `grad_output` and added up: that is the gradient they get."""
    graph = Graph()
    graph.add("Input", "x", shape=(x.shape[1],))
    graph.add("Linear", "fc", out_features=grad_output.shape[1])
    graph.add("Constant", "g", shape=(grad_output.shape[1],), value=tuple(grad_output[0].tolist()))
    graph.add("CMulTable", "weighed")
    graph.add("Objective", "loss", reduction="sum")
    for source, target in (("x", "fc"), ("fc", "weighed"), ("g", "weighed"), ("weighed", "loss")):
        graph.connect(source, target)
    program = nn.compile(graph, 1, "float64")
    program.feed(x=x)
    return passed(program)


def linear_with_typed_gradient(x: np.ndarray, grad_output: np.ndarray) -> Program:
    """A Linear whose gradient is typed in by hand when backward has just written it."""
    graph = Graph()
    graph.add("Input", "x", shape=(x.shape[1],))
    graph.add("Linear", "fc", out_features=grad_output.shape[1])
    graph.add("Objective", "loss", reduction="sum")
    graph.connect("x", "fc")
    graph.connect("fc", "loss")
    program = nn.compile(graph, 1, "float64")
    program.feed(x=x)
    target = program.identifier("fc.grad_output")
    while program.step().target != target:
        pass
    program["fc.grad_output"] = grad_output
    while program.step().phase != "update":
        pass
    program.step_back()
    return program


@pytest.mark.parametrize("make", [linear_with_given_gradient, linear_with_typed_gradient])
def test_lesson_2_a_linear_layer_forward_and_backward(make) -> None:
    x, grad_output = np.array([[0.5, -1.0, 2.0]]), np.array([[1.0, 2.0, 3.0, 4.0]])
    program = make(x, grad_output)
    np.testing.assert_array_equal(program["fc.grad_output"], grad_output)
    np.testing.assert_array_equal(program["fc.grad_bias"], grad_output[0])
    np.testing.assert_allclose(program["fc.grad_weight"], np.outer(grad_output, x), rtol=1e-15)
    np.testing.assert_allclose(
        program["fc.grad_input"][0], program["fc.weight"].T @ grad_output[0], rtol=1e-15
    )
    program = make(X, GRAD_OUTPUT)
    # The lesson's own numbers come from inputs with more than the four digits it prints.
    rows = program["fc.grad_weight"]
    np.testing.assert_allclose(rows[0], [0.2135, 0.6033, 0.4343, 0.1544, 0.0673], atol=1.1e-4)
    np.testing.assert_allclose(rows[1, :2], [0.0556, 0.1572], atol=1.1e-4)
    np.testing.assert_allclose(program["fc.grad_bias"], GRAD_OUTPUT[0])


def logistic_unit(criterion: str, **settings: object) -> Program:
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Linear", "z", out_features=1)
    graph.add("Sigmoid", "a")
    graph.add("Target", "y", shape=(1,))
    graph.add(criterion, "L", **settings)
    for source, target in (("x", "z"), ("z", "a"), ("a", "L"), ("y", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, 4, "float64", seed=3)
    rng = np.random.default_rng(0)
    program.feed(x=rng.normal(size=(4, 2)), y=np.array([[0.0], [1.0], [1.0], [0.0]]))
    return passed(program)


@pytest.mark.parametrize("average", [True, False])
def test_lesson_3_the_logistic_unit(average: bool) -> None:
    share = 1 / 4 if average else 1.0
    program = logistic_unit("BCE", reduction="mean" if average else "sum")
    a, y, x = program["a.output"], program["y.output"], program["x.output"]
    losses = -y * np.log(a) - (1 - y) * np.log(1 - a)
    assert program.loss == pytest.approx(losses.sum() * share)
    np.testing.assert_allclose(program["a.grad_output"], share * (-y / a + (1 - y) / (1 - a)), rtol=1e-12)
    np.testing.assert_allclose(program["z.grad_output"], share * (a - y), rtol=1e-12)
    np.testing.assert_allclose(program["z.grad_weight"], share * ((a - y).T @ x), rtol=1e-12)
    np.testing.assert_allclose(program["z.grad_bias"], share * (a - y).sum(axis=0), rtol=1e-12)
    squared = logistic_unit("MSE", reduction="mean" if average else "sum")
    a = squared["a.output"]
    assert squared.loss == pytest.approx(((a - y) ** 2).sum() * share)
    np.testing.assert_allclose(squared["z.grad_output"], share * 2 * (a - y) * a * (1 - a), rtol=1e-12)


def test_lesson_5_two_layers_and_a_batch_of_m() -> None:
    """dZ2 = A2 - Y; dW = dZᵀ A / m; db = Σ dZ / m; dA = dZ W; dZ1 = dA ⊙ g'(Z1)."""
    m = 6
    program = passed(fed(classifier(), m, dtype="float64"))
    x, a1, z2 = program["x.output"], program["act1.output"], program["fc2.output"]
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    dz2 = e / e.sum(axis=1, keepdims=True) - np.eye(3)[program["t.output"]]
    np.testing.assert_allclose(program["fc2.grad_output"], dz2 / m, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(program["fc2.grad_weight"], dz2.T @ a1 / m, rtol=1e-12)
    np.testing.assert_allclose(program["fc2.grad_bias"], dz2.sum(axis=0) / m, rtol=1e-12)
    da1 = dz2 @ program["fc2.weight"] / m
    np.testing.assert_allclose(program["act1.grad_output"], da1, rtol=1e-12)
    dz1 = da1 * (1 - a1 * a1)
    np.testing.assert_allclose(program["fc1.grad_output"], dz1, rtol=1e-12)
    np.testing.assert_allclose(program["fc1.grad_weight"], dz1.T @ x, rtol=1e-12)
    np.testing.assert_allclose(program["fc1.grad_bias"], dz1.sum(axis=0), rtol=1e-12)
