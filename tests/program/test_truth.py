"""What may be shown as a number of now, beside a program that computes it anew; and what refresh brings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import nnstudio as nn
from nnstudio.program import Program
from tests.program.nets import classifier, fed, samples
from tests.program.random_graphs import random_graph
from tests.program.snapshots import differences, snapshot

QUICK = settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def anew(program: Program) -> Program:
    """Another program with the same parameters and samples, forward and backward from zero."""
    other = nn.compile(program.graph, program.batch_size, program.dtype.name)
    other.load_parameters(program.parameters())
    other.feed(**{name: program[f"{name}.output"] for name in (*program.inputs, *program.targets)})
    other.zero_grad(), other.forward(), other.backward()
    return other


def untrue(program: Program) -> set[str]:
    return {key for key in program if not program.is_true(key)}


@QUICK
@given(seed=st.integers(0, 80), acts=st.lists(st.integers(0, 9), max_size=12), data=st.data())
def test_what_is_true_equals_what_is_computed_anew(seed: int, acts: list[int], data: st.DataObject) -> None:
    """Parameters and inputs change in any way; no output is typed, so that there is one truth."""
    drawn = random_graph(seed)
    program = nn.compile(drawn.graph, drawn.batch_size, "float64", optimizer="Momentum")
    program.feed(**drawn.feeds)
    for act in acts:
        _act(program, act, data)
    before = snapshot(program)
    other = anew(program)
    parameters = [item.key for item in program.listing.parameters]
    gradients = {f"{key.rpartition('.')[0]}.grad_{key.rpartition('.')[2]}" for key in parameters}
    for key in program:
        if program.is_true(key) and key in other and key not in gradients and other.is_current(key):
            np.testing.assert_array_equal(program[key], other[key], err_msg=key)
    was_computed = {key for key in program if program.is_current(key)}
    program.remember()
    moment = program.moment
    ran = program.refresh()
    assert program.moment == moment + bool(ran)
    assert program.position == before["position"]
    for key in was_computed:
        if key in other and other.is_current(key) and (key not in gradients or key in _touched(program, ran)):
            np.testing.assert_array_equal(program[key], other[key], err_msg=key)
        assert program.is_true(key) or not program._machine.is_current(program.listing.loss or "")
    assert was_computed <= {key for key in program if program.is_current(key)}
    program.go_to(moment)
    assert not differences(before, snapshot(program))


def _touched(program: Program, ran: tuple) -> set[str]:
    written = {line.target for line in ran}
    return {key for key in program if program.identifier(key) in written}


def _act(program: Program, act: int, data: st.DataObject) -> None:
    parameters = list(program.parameters())
    if act <= 3:
        for _ in range(data.draw(st.integers(1, 40))):
            program.step()
    elif act == 4 and parameters:
        key = data.draw(st.sampled_from(parameters))
        program[key] = program[key] * 0.9 + 0.01
    elif act == 5:
        name = data.draw(st.sampled_from(sorted(program.inputs)))
        program[f"{name}.output"] = program[f"{name}.output"] * 0.9
    elif act == 6:
        program.feed(**{name: program[f"{name}.output"] * 0.8 for name in program.inputs})
    elif act == 7:
        program.train_step(lr=0.001)
    elif act == 8:
        program.leap([{name: program[f"{name}.output"] for name in program.inputs}], "step")
    else:
        program.go_to(data.draw(st.integers(0, program.moments - 1)))


@pytest.fixture
def done() -> Program:
    """Forward and backward have run."""
    program = fed(classifier(), dtype="float64")
    program.zero_grad(), program.forward(), program.backward()
    assert not untrue(program)
    return program


BELOW_FC1 = {"fc1.output", "act1.output", "fc2.output", "loss.output", "fc1.grad_output", "act1.grad_output",
             "fc2.grad_output", "fc2.grad_weight", "fc2.grad_bias", "fc1.grad_weight",
             "fc1.grad_bias"}  # fmt: skip


def test_a_typed_weight_makes_untrue_what_was_computed_from_it(done: Program) -> None:
    done["fc1.weight"] = done["fc1.weight"] * 2
    assert untrue(done) >= BELOW_FC1
    for key in ("fc1.weight", "x.output", "t.output", "fc1.bias", "fc2.weight"):
        assert done.is_true(key)
    assert done.is_current("loss.output")
    done.forward()
    assert done.is_true("loss.output") and not done.is_true("fc1.grad_weight")


def test_a_typed_output_holds_and_what_is_before_it_too(done: Program) -> None:
    done["act1.output"] = np.zeros((6, 5))
    assert done.is_true("act1.output") and done.is_true("fc1.output")
    assert not done.is_true("fc2.output") and not done.is_true("fc1.grad_output")
    done.refresh()
    assert not untrue(done)
    assert not done["act1.output"].any(), "what was typed and holds stays typed"
    done["fc1.weight"] = done["fc1.weight"] * 2
    assert not done.is_true("act1.output")
    done.refresh()
    np.testing.assert_array_equal(done["act1.output"], np.tanh(done["fc1.output"]))


def test_a_typed_output_that_is_computed_again_makes_untrue_what_used_it(done: Program) -> None:
    done["act1.output"] = np.zeros((6, 5))
    done.refresh()
    done.call("act1", "updateOutput")
    assert done.is_true("act1.output") and not done.is_true("fc2.output")


def test_computing_the_same_again_changes_nothing(done: Program) -> None:
    done.remember()
    done.forward()
    assert done.is_true("fc1.grad_weight") and done.is_true("loss.output")
    assert done.refresh() == ()


def test_an_update_makes_outputs_untrue_and_zeroing_makes_a_gradient_true(done: Program) -> None:
    while done.step().phase != "update":
        pass
    assert not done.is_true("loss.output") and not done.is_true("fc2.grad_weight")
    assert done.is_true("fc1.weight")
    done.zero_grad()
    assert done.is_true("fc2.grad_weight"), "zeros come from nothing"
    done["fc1.bias"] = np.ones(5)
    assert done.is_true("fc2.grad_weight")


def test_what_was_added_last_decides_about_a_gradient(done: Program) -> None:
    done.feed(**samples(done, 5))
    assert not done.is_true("fc1.grad_weight") and done.is_current("fc1.grad_weight")
    done.forward(), done.backward()
    assert done.is_true("fc1.grad_weight")
    added = done["fc1.grad_weight"].copy()
    done["fc1.weight"] = done["fc1.weight"] * 2
    done.refresh()
    assert not np.array_equal(added, done["fc1.grad_weight"])
    np.testing.assert_array_equal(done["fc1.grad_weight"], anew(done)["fc1.grad_weight"]), "one pass"


def test_refresh_leaves_gradients_of_earlier_samples(done: Program) -> None:
    gradient = done["fc1.grad_weight"].copy()
    done.feed(**samples(done, 5))
    done["fc1.weight"] = done["fc1.weight"] * 2
    assert done.refresh() == ()
    np.testing.assert_array_equal(done["fc1.grad_weight"], gradient)


def test_after_training_the_outputs_are_those_of_the_parameters_before() -> None:
    program = fed(classifier())
    program.train_step(lr=0.1)
    assert program.is_current("loss.output") and not program.is_true("loss.output")
    before = program.loss
    program.refresh()
    assert program.is_true("loss.output") and program.loss != before
    assert program.is_true("fc1.grad_weight")
    program.feed(**samples(program, 2))
    assert not program.is_true("fc1.grad_weight")
    program.feed(x=np.full((6, 4), np.nan))
    assert program.train_step(guard=True) is False
    assert program.is_true("loss.output"), "nothing was updated"


CHANGES: dict[str, Callable[[Program], object]] = {
    "train": lambda program: program.train_step(),
    "step": lambda program: [program.step() for _ in program.statements],
    "typed": lambda program: program.__setitem__("fc1.bias", np.ones(5)),
    "loaded": lambda program: program.load_parameters({"fc1.bias": np.ones(5)}),
    "drawn": lambda program: program.initialise(3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_batch_size_that_changes_parameters(done: Program, name: str) -> None:
    other = done.with_batch_size(2)
    other.feed(**samples(other))
    other.forward()
    assert done.is_true("loss.output"), "it only looked"
    CHANGES[name](other)
    assert done.is_current("loss.output") and not done.is_true("loss.output")
    assert done.is_true("fc1.weight")
    done.forward()
    assert done.is_true("loss.output")


def test_other_writes(done: Program) -> None:
    done.load_parameters({"fc2.bias": np.ones(3)})
    assert not done.is_true("loss.output") and done.is_true("act1.output")
    done.initialise()
    assert done.is_true("fc1.grad_weight") and not done["fc1.grad_weight"].any()
    assert not done.is_current("loss.output") and not done.is_true("loss.output")


def test_a_constant_can_be_typed_and_flows() -> None:
    graph = nn.Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Constant", "c", shape=(2,), value=(1.0, 2.0))
    graph.add("CMulTable", "product")
    graph.add("Objective", "loss", reduction="sum")
    graph.connect("x", "product"), graph.connect("c", "product"), graph.connect("product", "loss")
    program = nn.compile(graph, 1, "float64")
    program.feed(x=[[3, 5]])
    program.forward(), program.backward()
    program.remember()
    program["c.output"] = [10.0, 100.0]
    assert not program.is_true("product.output")
    program.refresh()
    np.testing.assert_array_equal(program["product.output"], [[30, 500]])
    np.testing.assert_array_equal(program["x.grad_output"], [[10, 100]])
    program.go_to(0)
    np.testing.assert_array_equal(program["c.output"], [1, 2])
    assert program.is_true("product.output")


def test_a_slider_costs_two_moments_however_long_it_is_dragged(done: Program) -> None:
    done.remember()
    start = done.moment
    weight = done["fc1.weight"].copy()
    for value in np.linspace(-1, 1, 20):
        done.go_to(start)
        weight[0, 0] = value
        done["fc1.weight"] = weight
        done.refresh()
        assert not untrue(done)
    assert done.moments == start + 3
    np.testing.assert_array_equal(done["fc2.output"], anew(done)["fc2.output"])


def test_what_is_computed_from_stale_numbers_is_stale(done: Program) -> None:
    done["fc1.weight"] = done["fc1.weight"] * 2
    done.call("fc2", "updateOutput")
    assert not done.is_true("fc2.output"), "act1 is still that of the former weight"
    done.call("fc1", "updateOutput")
    assert done.is_true("fc1.output") and not done.is_true("act1.output")
    for node in ("act1", "fc2", "loss"):
        done.call(node, "updateOutput")
        assert done.is_true(f"{node}.output")


def test_what_is_computed_from_another_pass_is_stale(done: Program) -> None:
    done.feed(**samples(done, 4))
    done.position = next(line.index for line in done.statements if line.target == "fc2")
    done.step()
    assert done.is_current("fc2.output") and not done.is_true("fc2.output"), "act1 is of the former samples"


def test_what_was_typed_last_stays(done: Program) -> None:
    done["fc1.output"] = np.zeros((6, 5))
    done["fc1.weight"] = done["fc1.weight"] * 2
    done["act1.output"] = np.ones((6, 5))
    done.refresh()
    assert not untrue(done)
    assert done["fc1.output"].any() and (done["act1.output"] == 1).all()
