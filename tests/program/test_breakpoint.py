"""Where running stops, and what is said of a breakpoint that cannot stop anything."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.graph import Graph
from nnstudio.program import Program
from nnstudio.program.breakpoint import Breakpoint, values_of
from nnstudio.program.expression import parse
from tests.program.nets import classifier, fed


def stops(program: Program, breakpoint: Breakpoint, steps: int) -> list[tuple[int, str, str]]:
    """Where it stops within so many steps."""
    found = []
    for index in range(steps):
        line = program.step()
        if breakpoint.hit(program, line):
            found.append((index, line.phase, line.target))
    return found


@pytest.fixture
def program() -> Program:
    return fed(classifier(), dtype="float64")


def test_a_node_stops_where_its_part_of_each_phase_begins(program: Program) -> None:
    found = stops(program, Breakpoint(node="fc1"), len(program.statements))
    assert [(phase, target) for _, phase, target in found] == [
        ("zero_grad", "grad_fc1_weight"), ("forward", "fc1"),
        ("backward", "grad_x"), ("update", "fc1_weight"),
    ]  # fmt: skip


def test_a_phase_stops_once_a_pass(program: Program) -> None:
    found = stops(program, Breakpoint(phase="backward"), 2 * len(program.statements))
    assert [target for _, _, target in found] == ["grad_loss", "grad_loss"]
    assert Breakpoint(phase="zero_grad").hit(program, program.statements[0])


def test_a_node_in_one_phase(program: Program) -> None:
    found = stops(program, Breakpoint(node="fc2", phase="backward"), len(program.statements))
    assert [target for _, _, target in found] == ["grad_act1"]


def test_a_group_is_a_node() -> None:
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    for name in ("fc1", "fc2"):
        graph.add("Linear", name, out_features=2)
    graph.add("Objective", "loss")
    for source, target in (("x", "fc1"), ("fc1", "fc2"), ("fc2", "loss")):
        graph.connect(source, target)
    from nnstudio.graph import GroupNodes

    graph.apply(GroupNodes((graph.node("fc1").id, graph.node("fc2").id), "body"))
    program = fed(graph)
    found = stops(program, Breakpoint(node="body", phase="forward"), len(program.statements))
    assert [target for _, _, target in found] == ["body_fc1"]
    assert Breakpoint(node="body").problem(program) is None


def test_a_line(program: Program) -> None:
    text = "act1 = np.tanh(fc1)"
    found = stops(program, Breakpoint(statement=text), 2 * len(program.statements))
    assert len(found) == 2
    assert {target for _, _, target in found} == {"act1"}


def test_a_condition_is_looked_at_where_its_quantities_are_computed(program: Program) -> None:
    assert stops(program, Breakpoint(condition="loss < 0.5"), len(program.statements)) == []
    count = 0
    program.lr = 1.0
    while not (found := stops(program, Breakpoint(condition="loss < 0.5"), len(program.statements))):
        count += 1
        assert count < 500
    assert [(phase, target) for _, phase, target in found] == [("forward", "loss")]
    found = stops(program, Breakpoint(condition="fc1.grad_weight[0, 0] != 0"), len(program.statements))
    assert [target for _, _, target in found] == ["grad_fc1_weight"]
    assert stops(program, Breakpoint(condition="lr > 0.5"), 2 * len(program.statements)) == [
        (0, "zero_grad", "grad_fc1_weight"),
        (len(program.statements), "zero_grad", "grad_fc1_weight"),
    ]


def test_a_place_and_a_condition_must_both_be_so(program: Program) -> None:
    at_fc2 = Breakpoint(node="fc2", phase="forward", condition="mean(abs(act1)) > 0")
    assert [target for _, _, target in stops(program, at_fc2, len(program.statements))] == ["fc2"]
    never = Breakpoint(node="fc2", condition="mean(abs(act1)) < 0")
    assert stops(program, never, len(program.statements)) == []
    early = Breakpoint(node="fc1", phase="forward", condition="loss < 100")
    assert stops(program, early, len(program.statements)) == [], "there is no loss of this pass yet"


def test_any_nan_stops_where_it_arises(program: Program) -> None:
    assert stops(program, Breakpoint(condition="any NaN"), len(program.statements)) == []
    program["fc1.weight"] = np.full((5, 4), np.inf)
    program["x.output"] = np.zeros((6, 4))
    with np.errstate(all="ignore"):
        found = stops(program, Breakpoint(condition="any NaN"), 2 * len(program.statements))
    assert [target for _, _, target in found][:1] == ["fc1"], "inf times 0"
    assert len(found) == 1


def test_any_inf_is_not_what_was_given(program: Program) -> None:
    program["fc1.weight"] = np.ones((5, 4))
    program["x.output"] = np.full((6, 4), 1e308)
    found = stops(program, Breakpoint(condition="any inf anywhere"), len(program.statements))
    assert [target for _, _, target in found] == ["fc1"], "tanh of it is finite, and x was given"


def test_a_disabled_breakpoint_stops_nothing(program: Program) -> None:
    assert stops(program, Breakpoint(node="fc1", enabled=False), len(program.statements)) == []


@pytest.mark.parametrize(
    ("breakpoint", "sentence"),
    [
        (Breakpoint(), "This breakpoint stops nowhere: give it a node, a phase, a line or a condition."),
        (Breakpoint(node="fc3"), "The program has no node fc3: did you mean fc"),
        (Breakpoint(node="pool9"), "The program has no node pool9: it is gone, has another name, or cannot"),
        (Breakpoint(statement="a = b"), "The program has no line `a = b` any more: the graph has changed."),
        (Breakpoint(node="act1", phase="update"), "act1 has nothing to do in the phase update."),
        (Breakpoint(phase="sideways"), "There is no phase sideways: choose zero_grad,"),  # type: ignore[arg-type]
        (Breakpoint(condition="loss <"), "`loss <` cannot be read at column 7"),
        (Breakpoint(node="fc1", condition="fc9.output > 1"), "The program has no quantity 'fc9.output'."),
    ],
)
def test_what_is_wrong_is_said_and_stops_nothing(
    program: Program, breakpoint: Breakpoint, sentence: str
) -> None:
    found = breakpoint.problem(program)
    assert found is not None
    assert found.startswith(sentence)
    assert stops(program, breakpoint, len(program.statements)) == []


@pytest.mark.parametrize(
    ("breakpoint", "words"),
    [
        (Breakpoint(node="fc1"), "at fc1"),
        (Breakpoint(node="fc1", phase="zero_grad"), "at fc1, in the zero grad phase"),
        (Breakpoint(statement="act1 = np.tanh(fc1)"), "at `act1 = np.tanh(fc1)`"),
        (Breakpoint(phase="update", condition="loss < 0.1"), "in the update phase, when loss < 0.1"),
    ],
)
def test_in_words(program: Program, breakpoint: Breakpoint, words: str) -> None:
    assert str(breakpoint) == words
    assert breakpoint.problem(program) is None


def test_what_names_stand_for(program: Program) -> None:
    program.forward()
    lookup = values_of(program)
    assert parse("loss").value(lookup) == program.loss
    assert parse("lr").value(lookup) == program.lr
    np.testing.assert_array_equal(parse("act1").value(lookup), program["act1.output"])
    assert not parse("any NaN").holds(lookup)
    with pytest.raises(nn.Error, match="holds no gradient of this pass"):
        parse("act1.grad_output").value(lookup)
    with pytest.raises(nn.Error, match="no quantity 'act9'"):
        parse("act9").value(lookup)
