"""A network of its own that is asked: its answers are the program's, whatever it is asked, and how often."""

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ExplainError
from nnstudio.explain.answers import Answers
from nnstudio.explain.contour import contour
from nnstudio.explain.probing import BLOCK, Probe
from nnstudio.graph import Graph


def network(criterion: str = "CrossEntropy", outputs: int = 3, activation: str = "ReLU") -> Graph:
    graph = Graph()
    x = graph.add("Input", "x", shape=(2,))
    fc1 = graph.add("Linear", "fc1", out_features=5)
    act1 = graph.add(activation, "act1")
    fc2 = graph.add("Linear", "fc2", out_features=outputs)
    t = graph.add("Target", "t", shape=() if criterion == "CrossEntropy" else (outputs,))
    loss = graph.add(criterion, "loss")
    for source, target in ((x, fc1), (fc1, act1), (act1, fc2)):
        graph.connect(source, target)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


@pytest.mark.parametrize("rows", [1, 7, BLOCK, BLOCK + 3])
def test_the_answers_are_those_of_the_program(rows):
    graph = network()
    program = nn.compile(graph, batch_size=rows, dtype="float64", seed=3)
    x = np.random.default_rng(0).normal(size=(rows, 2))
    program.feed(x=x, t=np.zeros(rows, int))
    program.forward()
    probe = Probe(graph, "float64")
    probe.load(program.parameters())
    found = probe.outputs(x)
    assert list(found) == ["fc1", "act1", "fc2"] and probe.prediction == "fc2"
    for name, values in found.items():
        assert np.allclose(values, program[f"{name}.output"], atol=1e-12)


def test_weights_that_do_not_fit_are_left_aside():
    probe = Probe(network(), seed=1)
    before = probe.program["fc1.bias"].copy()
    probe.load({"fc1.bias": np.zeros(4), "gone.weight": np.zeros(2), "fc2.bias": np.ones(3)})
    assert np.array_equal(probe.program["fc1.bias"], before)
    assert np.array_equal(probe.program["fc2.bias"], np.ones(3))


def test_without_an_input_there_is_nobody_to_ask():
    graph = Graph()
    with pytest.raises(ExplainError, match="join an Input"):
        Probe(graph)
    graph.add("Input", "x", shape=(2,))
    with pytest.raises(ExplainError, match="join an Input"):
        Probe(graph)


def test_scores_are_read_as_the_criterion_reads_them():
    scores = np.array([[0.0, np.log(3), 0.0], [2, 2, 2]])
    answers = Answers.of(Probe(network()), 3)
    assert answers.chosen(scores).tolist() == [1, 0]
    assert np.allclose(answers.shares(scores), [[0.2, 0.6, 0.2], [1 / 3] * 3])
    logits = Answers.of(Probe(network("BCEWithLogits", 1)), 2)
    assert logits.chosen(np.array([[-0.1], [0.1]])).tolist() == [0, 1]
    assert np.allclose(logits.shares(np.array([[0.0], [np.log(4)]])), [[0.5, 0.5], [0.2, 0.8]])
    plain = Answers.of(Probe(network("MSE", 1)), 2)
    assert plain.chosen(np.array([[0.4], [0.6]])).tolist() == [0, 1]
    assert np.allclose(plain.shares(np.array([[0.25], [1.7]])), [[0.75, 0.25], [0, 1]])
    signs = Answers.of(Probe(network("MSE", 1)), 2, signs=True)
    assert signs.chosen(np.array([[-0.1], [0.1]])).tolist() == [0, 1]
    rows = Answers.of(Probe(network("MSE", 3)), 3).shares(np.array([[0.2, 0.9, 0.4]]))
    assert rows.sum() == pytest.approx(1) and rows[0, 1] == pytest.approx(0.5 / 3 + 0.5)


def test_a_contour_lies_where_a_plane_is_zero():
    rows, columns = np.indices((9, 12))
    pieces = contour(columns + 2.0 * rows - 9.5)
    assert len(pieces)
    assert np.allclose(pieces[:, 0] + 2 * pieces[:, 1], 9.5) and np.allclose(
        pieces[:, 2] + 2 * pieces[:, 3], 9.5
    )
    assert len(contour(np.ones((4, 4)))) == 0 and len(contour(np.full((4, 4), np.nan))) == 0
