"""Gradients beside differences: right ones pass, a wrong one is named, corners are explained."""

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ExplainError, ProgramError
from nnstudio.explain.gradient_check import STEPS, check_gradients
from nnstudio.graph import ChangeType, Graph
from nnstudio.modules import catalogue
from nnstudio.modules.module import Activation, Definition
from tests.program.nets import classifier, fed, regression


class WrongTanh(Activation):
    """A tanh whose gradient forgets the square."""

    def output(input):
        return np.tanh(input)

    def grad_input(grad_output, output):
        return grad_output * (1 - output)


def test_every_parameter_and_every_input_is_checked_in_a_copy():
    program = fed(classifier(), dtype="float32")
    program.forward()
    before = program.flat.tobytes()
    report = check_gradients(program)
    assert [each.key for each in report.checked] == [
        "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "x.output",
    ]  # fmt: skip
    assert report.ok and "agree with central differences" in report.sentence
    assert report.worst.check.error == max(each.check.error for each in report.checked)
    assert program.flat.tobytes() == before and program.is_current("loss.output")


def test_the_error_by_step_falls_and_rises_again():
    report = check_gradients(fed(regression(), dtype="float64"))
    for each in report.checked:
        steps, errors = zip(*each.curve, strict=True)
        assert steps == STEPS
        best = int(np.argmin(errors))
        if each.key.startswith("fc2"):  # the loss is a parabola in these: no step is too large
            assert errors[0] < 1e-9
            continue
        assert 1 <= best <= 8 and errors[best] < 1e-6
        assert errors[0] > 10 * errors[best] and errors[-1] > 10 * errors[best]


def test_a_wrong_gradient_is_named_with_both_numbers(monkeypatch):
    monkeypatch.setitem(catalogue.definitions(), "WrongTanh", Definition(WrongTanh))
    graph = regression()
    graph.apply(ChangeType(graph.node("act1").id, "WrongTanh"))
    report = check_gradients(fed(graph, dtype="float64"))
    assert not report.ok
    wrong = {each.key for each in report.checked if not each.check.ok}
    assert wrong == {"fc1.weight", "fc1.bias", "x.output"}
    check = report.worst.check
    shown = f"{check.quantity}[{', '.join(map(str, check.element))}] is wrong: the program computes"
    assert report.sentence.startswith(shown) and "central differences" in report.sentence


@pytest.mark.parametrize("kind", ["ReLU", "Abs", "LeakyReLU", "HardTanh"])
def test_a_corner_is_explained_and_left_out(kind):
    graph = Graph()
    graph.connect(graph.add("Parameter", "w", shape=(2,), value=(1.0, 0.4)), graph.add("AddConstant", "bend"))
    graph.apply(ChangeType(graph.node("bend").id, kind))
    scaled = graph.add("MulConstant", "double", constant=2.0)
    graph.connect("bend", scaled)
    graph.connect(scaled, graph.add("Objective", "L", reduction="sum"))
    program = nn.compile(graph, 1, "float64")
    corner = 1.0 if kind == "HardTanh" else 0.0
    program["w.value"] = [corner, 0.4]
    report = check_gradients(program)
    (only,) = report.checked
    assert report.ok
    assert only.check.corners == 1 and only.check.elements == 1
    assert [(each.key, each.element, each.nodes) for each in only.corners] == [("w.value", (0,), ("bend",))]
    assert "because bend stands exactly where its slope jumps" in only.corners[0].sentence
    assert "1 at corners are left out" in report.sentence


def test_a_tie_of_two_is_a_corner_of_both():
    graph = Graph()
    for name in "ab":
        graph.add("Parameter", name, value=(0.7,))
        graph.connect(name, "larger" if name == "b" else graph.add("CMaxTable", "larger"))
    graph.connect("larger", graph.add("Objective", "L"))
    report = check_gradients(nn.compile(graph, 1, "float64"))
    assert [[corner.nodes for corner in each.corners] for each in report.checked] == [[("larger",)]] * 2


def test_what_cannot_be_checked_is_told():
    with pytest.raises(ProgramError, match="no values yet"):
        check_gradients(nn.compile(regression(), 1))
    graph = Graph()
    graph.connect(graph.add("Constant", "c"), graph.add("Objective", "L"))
    with pytest.raises(ExplainError, match="depends on no parameter and no input"):
        check_gradients(nn.compile(graph, 1))
