"""A broken graph trains as far as it is valid: to the bit as it would without what is broken."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnstudio.data import DataSettings, load, split
from nnstudio.errors import DataError, ProgramError, TrainingError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData, bind, bind_inputs
from nnstudio.training.data_shapes import data_shapes
from nnstudio.training.divergence import Diverged
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer
from tests.graph.strays import with_strays
from tests.program.random_graphs import random_graph

FEW = TrainingSettings(epochs=2, batch_size=3, lr=1e-3, optimizer="Momentum", dtype="float64", seed=5)


@pytest.fixture
def xor():
    settings = DataSettings(source="xor", options={"samples": 40})
    return split(load(settings), settings)


def same(found, expected):
    assert expected
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_parameters_are_those_without_the_strays(seed: int, stray: int):
    drawn = random_graph(seed)
    assume(drawn.parameters)
    feeds = {name: np.concatenate([array] * 3) for name, array in drawn.feeds.items()}
    plain = Trainer(drawn.graph, BoundData(feeds), FEW)
    spoilt = Trainer(with_strays(drawn.graph, stray), BoundData(feeds), FEW)
    try:
        entries = plain.run()
    except Diverged:
        assume(False)
    again = spoilt.run()
    assert [each["train_loss"] for each in again] == [each["train_loss"] for each in entries]
    same(spoilt.program.parameters(), plain.program.parameters())
    same(spoilt.program.optimizer_state(), plain.program.optimizer_state())


def spoilt_perceptron(network) -> Graph:
    graph = network(2, 8, 1)
    graph.add("ReLU", name="lone")
    graph.connect(graph.add("Input", name="spare", shape=(5,)), graph.add("Linear", name="side"))
    graph.add("Target", name="other", shape=(7,))
    graph.connect("act1", graph.add("Linear", name="narrow", in_features=3))
    graph.add("MSE", name="unused")
    return graph


def test_an_input_that_the_data_do_not_fit_is_left_out_where_the_loss_has_no_use_for_it(network, xor):
    plain, spoilt = Trainer(network(2, 8, 1), xor, FEW), Trainer(spoilt_perceptron(network), xor, FEW)
    assert set(spoilt.data.train) == {"x", "t"}
    assert "side.weight" not in spoilt.program.parameters()
    plain.run()
    spoilt.run()
    same(spoilt.program.parameters(), plain.program.parameters())
    assert spoilt.evaluate() == plain.evaluate()
    # What it had learned when it was in use does not stand in the way; a name that is wrong is still said.
    weights = {"side.weight": np.ones((4, 5)), **plain.program.parameters()}
    same(
        Trainer(spoilt_perceptron(network), xor, FEW, weights=weights).program.parameters(),
        plain.program.parameters(),
    )
    with pytest.raises(ProgramError, match="nowhere"):
        Trainer(spoilt_perceptron(network), xor, FEW, weights={"nowhere.weight": np.ones(1)})


def test_a_run_goes_on_exactly_after_a_stray_was_added(network, xor):
    whole, half = Trainer(network(2, 8, 1), xor, FEW), Trainer(network(2, 8, 1), xor, FEW)
    whole.run(2)
    half.run(1)
    rest = Trainer(spoilt_perceptron(network), xor, FEW, **half.state())
    rest.run(1)
    same(rest.program.parameters(), whole.program.parameters())
    same(rest.program.optimizer_state(), whole.program.optimizer_state())


def test_the_session_trains_it_in_its_own_process(network, xor):
    plain = Trainer(network(2, 8, 1), xor, FEW)
    plain.run()
    with Session(spoilt_perceptron(network), xor, FEW) as session:
        session.start()
        assert session.wait() == "finished", session.sentence
        same(session.checkpoint()["weights"], plain.program.parameters())


def test_strays_take_no_part_in_sharing_the_columns(network, xor):
    graph = spoilt_perceptron(network)
    graph.add("Input", name="twin", shape=(2,))
    flat = graph.flatten()
    bound = bind(flat, xor, "float64")
    np.testing.assert_array_equal(bound.train["twin"], bound.train["x"])
    shapes = data_shapes(flat, xor.dataset)
    assert shapes.widths["x"] == (2,) == shapes.widths["spare"]
    with pytest.raises(DataError, match="spare expects 5 numbers"):
        bind_inputs(flat, xor.train, {"spare"})


def test_without_data_only_what_the_loss_needs_waits_for_some():
    graph = Graph()
    graph.connect(graph.add("Parameter", name="p", shape=(3,)), graph.add("Square", name="s"))
    graph.connect("s", graph.add("Objective", name="loss"))
    graph.add("Input", name="x")
    graph.connect("x", graph.add("Linear", name="fc1"))
    assert Trainer(graph, None, FEW).run(1)
    graph.connect("fc1", graph.add("Objective", name="loss2"))
    with pytest.raises(DataError, match="x waits for data"):
        Trainer(graph, None, FEW)


def test_a_loss_that_is_broken_is_refused_with_the_node_that_breaks_it(network, xor):
    graph = network(2, 8, 1)
    graph.connect(graph.add("ReLU", name="lone"), graph.add("MSE", name="loss2"), "input")
    with pytest.raises(TrainingError, match=r"mended: lone has nothing connected to its input \(1 more"):
        Trainer(graph, xor, FEW)
