"""Fixes that draw something: each takes its problem away and brings no other."""

import pytest

from nnstudio.graph import EditInside, Graph
from nnstudio.modules.catalogue import definitions
from tests.graph.building import edge_entry, node_entry, only, perceptron
from tests.graph.test_problems import mended


def images(*, in_features: int = 0, criterion: str = "CrossEntropy", shape: tuple[int, ...] = ()) -> Graph:
    graph = Graph()
    x, t = graph.add("Input", shape=(8, 8)), graph.add("Target", shape=shape)
    fc1, act = graph.add("Linear", out_features=10, in_features=in_features), graph.add("Tanh")
    loss = graph.add(criterion)
    for a, b in ((x, fc1), (fc1, act), (act, loss), (t, loss)):
        graph.connect(a, b)
    return graph


def test_flatten_first_where_a_layer_has_the_right_size_for_it():
    graph = images(in_features=64)
    problem = only(graph.problems(), "wrong-size")
    assert problem.fix_label == "Flatten first, before fc1"
    fixed = mended(graph, problem)
    assert fixed.problems() == []
    assert fixed.shapes()[fixed.node("flatten1").id] == ("N", 64)
    graph.set("fc1", in_features=9)
    assert only(graph.problems(), "wrong-size").fix_label == "Set in_features of fc1 to 8"


@pytest.mark.parametrize(("criterion", "shape"), [("CrossEntropy", ()), ("MSE", (10,))])
def test_flatten_first_where_a_criterion_gets_rows_of_rows(criterion: str, shape: tuple[int, ...]):
    graph = images(criterion=criterion, shape=shape)
    (problem,) = graph.problems()
    assert problem.node == "loss"
    assert problem.fix_label == "Flatten first, before fc1"
    assert mended(graph, problem).problems() == []


def test_flatten_first_inside_a_group():
    graph = images(in_features=64)
    group = graph.group(["fc1", "act1"], "net")
    problem = only(graph.problems(), "wrong-size")
    assert isinstance(problem.fix, EditInside)
    assert problem.fix.path == (group.id,)
    assert mended(graph, problem).problems() == []


@pytest.mark.parametrize("kind", [name for name, known in definitions().items() if known.role == "module"])
def test_what_is_connected_where_only_one_output_fits(kind: str):
    graph = Graph()
    graph.add("Input", shape=(3,))
    node = graph.add(kind)
    for port in definitions()[kind].ports:
        found = [each for each in graph.problems() if each.kind == "missing-input" and each.port == port]
        if found[0].fix is None:
            assert kind == "Reshape"  # whose shape does not fit
            return
        assert found[0].fix_label == f"Connect x to {node.name}"
        graph = mended(graph, found[0])
    assert graph.inputs_of(node).keys() == set(definitions()[kind].ports)


def test_of_two_outputs_that_fit_none_is_chosen_unless_one_is_not_read_yet():
    graph = perceptron()
    graph.disconnect(graph.edges[2])
    problem = only(graph.problems(), "missing-input")
    assert (problem.node, problem.fix_label) == ("fc2", "Connect act1 to fc2")
    assert mended(graph, problem).problems() == []
    relu = graph.add("ReLU")
    graph.connect("fc1", relu)
    assert only(graph.problems(), "missing-input").fix is None


def test_an_output_that_does_not_fit_is_not_offered():
    graph = perceptron()
    graph.set("fc2", in_features=8)
    graph.disconnect(graph.edges[2])
    graph.connect(graph.add("Input", name="y", shape=(3,)), graph.add("Tanh"))
    assert only(graph.problems(), "missing-input").fix_label == "Connect act1 to fc2"


def bare(last: str = "Linear", target: tuple[int, ...] | None = None) -> Graph:
    graph = Graph()
    x, fc1 = graph.add("Input"), graph.add("Linear", out_features=3)
    graph.connect(x, fc1)
    graph.connect(fc1, graph.add(last))
    if target is not None:
        graph.add("Target", shape=target)
    return graph


@pytest.mark.parametrize(
    ("graph", "known", "kind", "shape"),
    [
        (bare(), {}, "MSE", (4,)),
        (bare("Tanh"), {}, "MSE", (3,)),
        (bare("Output"), {}, "MSE", (3,)),
        (bare("Tanh", (3,)), {}, "MSE", (3,)),
        (bare("Tanh", ()), {}, "CrossEntropy", ()),
        (bare("LogSoftMax", ()), {}, "ClassNLL", ()),
        (bare("Tanh"), {"class_counts": {"t": 3}}, "CrossEntropy", ()),
        (bare("Tanh"), {"data_widths": {"t": ()}, "class_counts": {"t": 3}}, "CrossEntropy", ()),
        (bare("Tanh"), {"data_widths": {"t": (3,)}}, "MSE", (3,)),
    ],
)
def test_the_criterion_that_fits_is_added(
    graph: Graph, known: dict[str, object], kind: str, shape: tuple[int, ...]
):
    problem = only(graph.problems(**known), "no-criterion")  # type: ignore[arg-type]
    assert problem.fix_label == f"Add a criterion, {kind}"
    fixed = mended(graph, problem, **known)
    assert fixed.problems(**known) == []  # type: ignore[arg-type]
    assert fixed.node("loss").type == kind
    assert fixed.node("t").settings["shape"] == shape


def test_no_criterion_is_offered_where_it_is_not_clear_what_it_should_judge():
    two = bare()
    two.connect("x", two.add("Tanh"))
    misfit = bare("Tanh", (5,))
    targets = bare("Tanh", (3,))
    targets.add("Target", shape=(3,))
    for graph in (two, misfit, targets, bare("CAddTable")):
        assert only(graph.problems(), "no-criterion").fix is None


def test_edges_that_are_too_many_are_taken_away():
    entry = perceptron().to_dict()
    entry["edges"] += [edge_entry("n1", "n4"), edge_entry("n1", "n4")]
    graph = Graph.from_dict(entry)
    assert mended(graph, only(graph.problems(), "two-edges")).problems() == []
    ring = {"nodes": [node_entry("n1", "a", "Tanh"), node_entry("n2", "b", "Tanh")]}
    knot = Graph.from_dict({**ring, "edges": [edge_entry("n1", "n2"), edge_entry("n2", "n1")]})
    assert only(knot.problems(), "cycle").fix_label == "Disconnect b from a"
    mended(knot, only(knot.problems(), "cycle"))
