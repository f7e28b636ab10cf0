"""Binding: which array goes to which node, and the sentence where none fits."""

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.errors import DataError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData, bind, count


def splits(source, **settings):
    chosen = DataSettings(source=source, **settings)
    return split(load(chosen), chosen)


def two_inputs(first, second, target=()):
    graph = Graph()
    for name, width in (("left", first), ("right", second)):
        graph.add("Input", name=name, shape=(width,))
    graph.add("Concat", name="both")
    graph.add("Linear", name="fc", out_features=10)
    graph.add("Target", name="t", shape=target)
    graph.add("CrossEntropy", name="loss")
    graph.connect("left", "both")
    graph.connect("right", "both")
    graph.connect("both", "fc")
    graph.connect("fc", "loss", "input")
    graph.connect("t", "loss", "target")
    return graph


def test_class_numbers_rows_and_numbers_as_the_target_asks(network, digits):
    numbers = bind(network(64, 10, criterion="CrossEntropy").flatten(), digits, "float64")
    assert numbers.task == "classes"
    assert numbers.train["t"].dtype == np.int64 and numbers.train["x"].dtype == np.float64
    assert count(numbers.train) == 1257 and count(numbers.validation) == count(numbers.test) == 270
    rows = bind(network(64, 10).flatten(), digits, "float32")
    assert rows.train["t"].shape == (1257, 10) and rows.train["t"].dtype == np.float32
    assert (rows.train["t"].argmax(axis=1) == numbers.train["t"]).all()
    assert all(array.flags.c_contiguous for array in rows.train.values())


def test_inputs_share_the_columns_where_they_add_up_to_them(digits):
    bound = bind(two_inputs(16, 48).flatten(), digits, "float32")
    joined = np.concatenate([bound.train["left"], bound.train["right"]], axis=1)
    assert (joined == digits.train.x).all()


def test_inputs_as_wide_as_the_data_each_get_all_of_it(digits):
    bound = bind(two_inputs(64, 64).flatten(), digits, "float32")
    assert (bound.train["left"] == digits.train.x).all()
    assert (bound.train["right"] == digits.train.x).all()


def test_autoencoders_are_judged_by_numbers(network):
    bound = bind(network(64, 8, 64).flatten(), splits("digits", targets="inputs"), "float32")
    assert bound.task == "numbers" and (bound.train["t"] == bound.train["x"]).all()


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (lambda network: network(63, 10), "x expects 63 numbers per sample"),
        (lambda network: network(64, 7), "t is 7 numbers per sample, but"),
        (
            lambda network: network(64, 7, criterion="CrossEntropy"),
            "loss tells 7 classes apart, but .* has 10: let fc1 give 10 numbers",
        ),
        (
            lambda network: two_inputs(16, 50),
            "left, right together expect 66 numbers per sample, but .* gives 64",
        ),
    ],
)
def test_what_does_not_fit_gets_a_sentence_with_both_numbers(network, digits, graph, sentence):
    with pytest.raises(DataError, match=sentence):
        bind(graph(network).flatten(), digits, "float32")


def test_arrays_by_hand_are_checked_against_the_graph(network):
    graph = network(3, 2).flatten()
    good = BoundData({"x": np.ones((4, 3)), "t": np.ones((4, 2)), "unused": np.ones((4, 9))})
    assert set(bind(graph, good, "float32").train) == {"x", "t"}
    with pytest.raises(DataError, match="the train part has no array for t"):
        bind(graph, BoundData({"x": np.ones((4, 3))}), "float32")
    with pytest.raises(DataError, match=r"x expects \(3,\) per sample, but .* gives \(4,\)"):
        bind(graph, BoundData({"x": np.ones((4, 4)), "t": np.ones((4, 2))}), "float32")
    with pytest.raises(DataError, match="the arrays of the train part hold 4 and 5 samples"):
        BoundData({"x": np.ones((4, 3)), "t": np.ones((5, 2))})
