"""Small graphs and data sets that the tests of this floor train."""

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData


def perceptron(*sizes, activation="Tanh", criterion="MSE", **settings):
    """x -> fc1 -> act1 -> fc2 … -> loss <- t."""
    graph = Graph()
    last = graph.add("Input", name="x", shape=(sizes[0],))
    for number, size in enumerate(sizes[1:], 1):
        layer = graph.add("Linear", name=f"fc{number}", out_features=size)
        graph.connect(last, layer)
        last = layer
        if number < len(sizes) - 1:
            last = graph.add(activation, name=f"act{number}")
            graph.connect(layer, last)
    shape = () if criterion == "CrossEntropy" else (sizes[-1],)
    target = graph.add("Target", name="t", shape=shape)
    loss = graph.add(criterion, name="loss", **settings)
    graph.connect(last, loss, "input")
    graph.connect(target, loss, "target")
    return graph


@pytest.fixture
def network():
    return perceptron


@pytest.fixture(scope="session")
def digits():
    settings = DataSettings(source="digits", scaling="unit")
    return split(load(settings), settings)


@pytest.fixture
def regression():
    """23 samples to train on, which 5 does not divide, and 9 to validate with."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(32, 3))
    t = np.stack([x[:, 0] * x[:, 1], np.sin(x[:, 2])], axis=1) + 3
    return BoundData({"x": x[:23], "t": t[:23]}, {"x": x[23:], "t": t[23:]}, task="numbers")
