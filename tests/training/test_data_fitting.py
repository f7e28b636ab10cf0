"""A graph that takes the shapes of its data: only what does not fit is changed, and what follows from it."""

from nnstudio.data import load
from nnstudio.graph import Graph, Sequence
from nnstudio.training.data_fitting import fitting_edits
from nnstudio.training.data_shapes import data_shapes


def network(target="CrossEntropy", out=3, inputs=2, shape=()):
    graph = Graph()
    x = graph.add("Input", name="x", shape=(inputs,))
    fc1 = graph.add("Linear", name="fc1", out_features=8)
    fc2 = graph.add("Linear", name="fc2", out_features=out)
    t = graph.add("Target", name="t", shape=shape)
    loss = graph.add(target, name="loss")
    graph.connect(x, fc1)
    graph.connect(fc1, fc2)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


def errors(graph, data):
    shapes = data_shapes(graph.flatten(), data)
    return [
        each.sentence for each in graph.problems(shapes.widths, shapes.classes) if each.severity == "error"
    ]


def test_inputs_and_classes_follow_the_data():
    graph, iris = network(inputs=7, out=2), load("iris")
    assert len(errors(graph, iris)) == 2
    graph.apply(Sequence(fitting_edits(graph, iris)))
    assert errors(graph, iris) == []
    level = graph.level
    assert level.nodes[level.names["x"]].settings["shape"] == (4,)
    assert level.nodes[level.names["fc2"]].settings["out_features"] == 3
    assert level.nodes[level.names["fc1"]].settings["out_features"] == 8


def test_numbers_to_predict_change_target_and_output():
    graph, data = network("MSE", out=5, shape=(5,)), load("diabetes")
    graph.apply(Sequence(fitting_edits(graph, data)))
    assert errors(graph, data) == []
    level = graph.level
    assert level.nodes[level.names["t"]].settings["shape"] == (1,)
    assert level.nodes[level.names["fc2"]].settings["out_features"] == 1


def test_a_net_for_numbers_becomes_one_for_classes():
    graph, iris = network("MSE", out=1, shape=(1,)), load("iris")
    graph.apply(Sequence(fitting_edits(graph, iris)))
    assert errors(graph, iris) == []
    level = graph.level
    assert level.nodes[level.names["loss"]].type == "CrossEntropy"
    assert level.nodes[level.names["fc2"]].settings["out_features"] == 3


def test_a_net_for_classes_becomes_one_for_numbers():
    graph, data = network(out=3), load("diabetes")
    graph.apply(Sequence(fitting_edits(graph, data)))
    assert errors(graph, data) == []
    level = graph.level
    assert level.nodes[level.names["loss"]].type == "MSE"
    assert level.nodes[level.names["fc2"]].settings["out_features"] == 1


def test_what_a_criterion_compares_is_said_in_words_and_only_of_the_data():
    graph = network("MSE", out=1)  # its Target has the shape of a class number
    [alone] = [each for each in graph.problems() if each.port == "target"]
    assert "numbers" not in alone.sentence and (alone.fix is None or "Change" not in alone.fix.label)
    assert "loss compares numbers, but t gives class numbers: CrossEntropy does." in errors(
        graph, load("iris")
    )


def test_what_fits_is_left_alone():
    assert fitting_edits(network(inputs=4), load("iris")) == ()


def test_what_was_wrong_before_is_left_alone():
    graph = network(inputs=4)
    graph.add("ReLU", name="lonely")
    assert fitting_edits(graph, load("iris")) == ()
