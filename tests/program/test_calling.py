"""Torch7's five calls on one node: exactly its statements, in its words, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.graph import Graph, GroupNodes
from nnstudio.program import Program
from nnstudio.program.statement import CALLS
from tests.program.nets import classifier, fed
from tests.program.random_graphs import random_graph
from tests.program.snapshots import differences, snapshot


@pytest.fixture
def program() -> Program:
    return fed(classifier(), dtype="float64")


def forked() -> Graph:
    """x -> fc, which two nodes read; their sum is the loss."""
    graph = Graph()
    graph.add("Input", "x", shape=(3,))
    graph.add("Linear", "fc", out_features=4)
    graph.add("Tanh", "a")
    graph.add("Sigmoid", "b")
    graph.add("CAddTable", "sum")
    graph.add("Objective", "loss", reduction="sum")
    graph.connect("x", "fc")
    for source, target in (("fc", "a"), ("fc", "b"), ("a", "sum"), ("b", "sum"), ("sum", "loss")):
        graph.connect(source, target)
    return graph


def test_every_statement_has_its_name(program: Program) -> None:
    names = {(line.phase, line.torch7) for line in program.statements}
    assert names == {
        ("zero_grad", "zeroGradParameters"), ("forward", "updateOutput"), ("update", "updateParameters"),
        ("backward", "updateGradInput"), ("backward", "accGradParameters"),
    }  # fmt: skip
    accumulating = {line.target for line in program.statements if line.torch7 == "accGradParameters"}
    assert accumulating == {item.gradient for item in program.listing.parameters}


@pytest.mark.parametrize("seed", range(40))
def test_all_calls_of_all_nodes_are_one_training_step(seed: int) -> None:
    """In Torch7's order, node by node: the same bits as the phases."""
    drawn = random_graph(seed)
    whole, called = (nn.compile(drawn.graph, drawn.batch_size, optimizer="Adam") for _ in range(2))
    for program in (whole, called):
        program.feed(**drawn.feeds)
    whole.zero_grad(), whole.forward(), whole.backward(), whole.update()
    nodes = list(dict.fromkeys(line.node for line in whole.statements if line.node))
    order = [line.node for line in whole.statements if line.phase == "forward"]
    for node in nodes:
        called.call(node, "zeroGradParameters")
    for node in dict.fromkeys(order):
        called.call(node, "updateOutput")
    back = dict.fromkeys(line.node for line in whole.statements if line.phase == "backward")
    for node in back:
        called.call(node, "updateGradInput")
        called.call(node, "accGradParameters")
    for node in nodes:
        called.call(node, "updateParameters")
    ours, theirs = snapshot(called), snapshot(whole)
    assert set(differences(theirs, ours)) <= {"position", "current"}
    assert all(called.is_current(key) for key in whole if whole.is_current(key))


def test_a_call_is_journaled_a_moment_a_statement(program: Program) -> None:
    before = snapshot(program)
    ran = program.call("fc1", "updateOutput")
    assert [line.target for line in ran] == ["fc1"]
    ran += program.call("act1", "updateOutput")
    assert program.moments == len(ran) + 1
    assert [program.happened(moment) for moment in range(1, program.moments)] == list(ran)
    program.go_to(0)
    assert not differences(before, snapshot(program))


def test_two_backwards_without_zeroing_double_the_gradient(program: Program) -> None:
    program.zero_grad(), program.forward(), program.backward()
    once = program["fc1.grad_weight"].copy()
    program.call("fc1", "accGradParameters")
    np.testing.assert_array_equal(program["fc1.grad_weight"], 2 * once)
    weight = program["fc1.weight"].copy()
    program.lr = 0.5
    program.call("fc1", "updateParameters")
    np.testing.assert_array_equal(program["fc1.weight"], weight - 0.5 * (2 * once))
    program.call("fc1", "zeroGradParameters")
    assert not program["fc1.grad_weight"].any()
    assert program["fc2.grad_weight"].any(), "only that node"


def test_a_gradient_typed_by_hand_is_taken_as_it_is() -> None:
    graph = Graph()
    graph.add("Input", "x", shape=(3,))
    graph.add("Linear", "fc1", out_features=4)
    graph.add("Objective", "loss")
    graph.connect("x", "fc1"), graph.connect("fc1", "loss")
    program = nn.compile(graph, 1, "float64")
    x, given = np.array([[0.5, -1, 2]]), np.array([[1.0, 2, 3, 4]])
    program.feed(x=x)
    program.call("fc1", "updateOutput")
    program["fc1.grad_output"] = given
    for name in ("zeroGradParameters", "updateGradInput", "accGradParameters"):
        program.call("fc1", name)  # type: ignore[arg-type]
    np.testing.assert_array_equal(program["fc1.grad_bias"], given[0])
    np.testing.assert_array_equal(program["fc1.grad_weight"], np.outer(given, x))
    np.testing.assert_allclose(program["fc1.grad_input"], given @ program["fc1.weight"])
    assert all(program.is_true(f"fc1.{name}") for name in ("grad_output", "grad_input", "grad_weight"))


def test_what_several_readers_send_back_is_summed_first_unless_typed() -> None:
    program = fed(forked(), 2)
    program.zero_grad(), program.forward(), program.backward()
    expected = program["fc.grad_weight"].copy()
    program.call("fc", "zeroGradParameters")
    program.reset()
    program.forward()
    for node in ("loss", "sum", "a", "b"):
        program.call(node, "updateGradInput")
    ran = program.call("fc", "accGradParameters")
    assert [line.target for line in ran] == ["grad_fc", "grad_fc_weight", "grad_fc_bias"]
    np.testing.assert_array_equal(program["fc.grad_weight"], expected)
    assert [line.target for line in program.call("fc", "accGradParameters")] == [
        "grad_fc_weight", "grad_fc_bias",
    ]  # fmt: skip
    program["fc.grad_output"] = np.ones((2, 4))
    ran = program.call("fc", "updateGradInput")
    assert [line.target for line in ran] == ["grad_x"]
    assert (program["fc.grad_output"] == 1).all()


def test_what_is_not_there_yet_is_said(program: Program) -> None:
    with pytest.raises(
        ProgramError, match=r"^fc2 cannot run updateOutput yet: act1\.output has not been comp"
    ):
        program.call("fc2", "updateOutput")
    with pytest.raises(ProgramError, match=r"^fc1 cannot run updateGradInput yet: fc1\.grad_output has not"):
        program.call("fc1", "updateGradInput")
    with pytest.raises(ProgramError, match=r"^fc1 cannot run accGradParameters yet"):
        program.call("fc1", "accGradParameters")
    bare = nn.compile(classifier(), 2)
    with pytest.raises(
        ProgramError, match=r"^fc1 cannot run updateOutput yet: x\.output has not been fed yet"
    ):
        bare.call("fc1", "updateOutput")
    assert program.moments == bare.moments == 1, "nothing has run"


def test_wrong_names_are_said(program: Program) -> None:
    with pytest.raises(ProgramError, match=r"no node 'fc3': did you mean fc"):
        program.call("fc3", "updateOutput")
    with pytest.raises(ProgramError, match=r"'backward' is none of Torch7's calls"):
        program.call("fc1", "backward")  # type: ignore[arg-type]
    with pytest.raises(ProgramError, match=r"'updateoutput' is none of .*: did you mean updateOutput\."):
        program.call("fc1", "updateoutput")  # type: ignore[arg-type]
    with pytest.raises(ProgramError, match="no node ''"):
        program.call("", "updateOutput")


def test_what_has_nothing_to_do_does_nothing(program: Program) -> None:
    for node, name in (("act1", "accGradParameters"), ("act1", "updateParameters"), ("x", "updateOutput"),
                       ("t", "updateGradInput"), ("loss", "zeroGradParameters")):  # fmt: skip
        assert program.call(node, name) == ()  # type: ignore[arg-type]
    assert program.moments == 1


def test_without_a_criterion_no_gradient_comes_back() -> None:
    graph = classifier()
    graph.add("Linear", "side", out_features=2)
    graph.connect("act1", "side")
    program = fed(graph)
    program.forward()
    assert program.call("side", "updateOutput")
    with pytest.raises(ProgramError, match=r"^side cannot run updateGradInput: no criterion depends on it"):
        program.call("side", "updateGradInput")


def test_the_position_moves_on_only_where_it_was_next(program: Program) -> None:
    for _ in range(4):
        program.step()
    assert program.position == 4
    program.call("fc1", "updateOutput")
    assert program.position == 5
    program.call("fc1", "zeroGradParameters")
    assert program.position == 5
    assert program.is_current("fc1.output"), "no new pass has begun"
    assert program.step().target == "act1"


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_the_optimizer_counts_a_step_before_its_first_update(optimizer: str) -> None:
    program = fed(classifier(), optimizer=optimizer)
    program.forward(), program.backward()
    counts = optimizer == "Adam"
    for node, expected in (("fc1", 1), ("fc2", 1), ("fc1", 2), ("fc1", 3), ("fc2", 3)):
        program.call(node, "updateParameters")
        assert program.optimizer_state()["step"] == expected * counts
    assert np.isfinite(program.flat).all()


def test_a_group_runs_all_that_is_in_it() -> None:
    graph = classifier()
    graph.apply(GroupNodes((graph.node("fc1").id, graph.node("act1").id), "body"))
    program = fed(graph)
    ran = program.call("body", "updateOutput")
    assert {line.node for line in ran} == {"body.fc1", "body.act1"}
    assert len(CALLS) == 5
