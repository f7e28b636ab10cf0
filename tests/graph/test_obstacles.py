"""What keeps a loss from being computed, and what only takes itself out of the program."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnstudio as nn
from nnstudio.graph import GROUP, Graph, SetBypassed, SetSetting
from nnstudio.modules.catalogue import definitions
from tests.graph.building import edge_entry, node_entry, perceptron
from tests.graph.strays import with_strays
from tests.program.random_graphs import random_graph


def kinds(graph: Graph) -> list[tuple[str, str]]:
    return [(each.node, each.kind) for each in graph.obstacles()]


@pytest.mark.parametrize("kind", sorted(definitions()))
def test_one_lone_node_of_any_type_is_no_obstacle(kind: str):
    graph = perceptron()
    graph.add(kind, name="stray")
    assert graph.obstacles() == []
    statements = [line.text for line in nn.compile(graph).statements if line.node != "stray"]
    assert statements == [line.text for line in nn.compile(perceptron()).statements]


def test_what_the_loss_is_computed_from_is_one():
    graph = perceptron()
    graph.apply(SetSetting(graph.node("fc2").id, "out_features", 3))
    graph.add("ReLU", name="stray")
    assert {each.kind for each in graph.problems()} == {"wrong-size", "missing-input"}
    assert kinds(graph) == [("loss", "wrong-size")]


def test_the_first_that_computing_meets_comes_first():
    graph = perceptron()
    graph.disconnect(graph.inputs_of("loss")["target"])
    graph.disconnect(graph.inputs_of("fc1")["input"])
    graph.apply(SetSetting(graph.node("fc2").id, "in_features", 5))
    assert kinds(graph) == [("fc1", "missing-input"), ("loss", "missing-input")]


def test_one_of_two_criteria_that_is_broken_leaves_no_loss():
    graph = perceptron()
    second = graph.add("MSE", name="loss2")
    assert kinds(graph) == []  # nothing is connected to it yet
    graph.connect("act1", second, "input")
    assert kinds(graph) == [("loss2", "missing-input")]
    graph.connect("t", second, "target")
    assert kinds(graph) == [("loss2", "wrong-size")]
    assert nn.compile(graph).listing.criteria.keys() == {"loss"}  # the program is that of the valid part


def test_a_criterion_behind_a_stray_is_a_broken_loss_named_by_where_it_begins():
    graph = perceptron()
    graph.connect(graph.add("ReLU", name="stray"), graph.add("MSE", name="loss2"), "input")
    assert kinds(graph) == [("stray", "missing-input"), ("loss2", "missing-input")]


def test_without_a_criterion_or_with_an_unconnected_one_there_is_no_loss():
    graph = Graph()
    assert kinds(graph) == [("", "empty")]
    graph.add("Input", name="x")
    graph.add("ReLU", name="stray")
    assert kinds(graph) == [("", "no-criterion")]
    graph.add("MSE", name="loss")
    assert kinds(graph) == [("loss", "missing-input"), ("loss", "missing-input")]
    assert kinds(Graph.from_dict(graph.to_dict())) == kinds(graph)


def test_a_cycle_counts_where_the_loss_is_behind_it():
    document = perceptron().to_dict()
    document["nodes"] += [node_entry("p", "p", "Tanh"), node_entry("q", "q", "Tanh")]
    document["edges"] += [edge_entry("p", "q"), edge_entry("q", "p")]
    assert kinds(Graph.from_dict(document)) == []
    document["nodes"].append(node_entry("s", "loss2", "Objective"))
    document["edges"].append(edge_entry("q", "s"))
    assert kinds(Graph.from_dict(document)) == [("p", "cycle")]


def test_an_edge_to_a_port_that_is_not_there_counts_where_the_loss_is():
    document = perceptron().to_dict()
    document["nodes"].append(node_entry("p", "p", "Tanh"))
    document["edges"].append(edge_entry("n1", "p", source_port="nowhere"))
    assert kinds(Graph.from_dict(document)) == []  # p goes without, and x is as it was
    document["edges"].append(edge_entry("n1", "n2", "nowhere"))
    assert kinds(Graph.from_dict(document)) == [("fc1", "no-port")]


def test_data_that_do_not_fit_count_where_the_loss_takes_them():
    graph = perceptron()
    graph.add("Input", name="spare", shape=(5,))
    for name, found in (("spare", []), ("x", ["data-width"])):
        problems = graph.problems({name: (7,)})
        assert [each.kind for each in problems] == ["data-width"]
        assert [each.kind for each in graph.obstacles(problems)] == found


def grouped(*, inside: str | None = None) -> Graph:
    """The perceptron with fc1 and act1 in a group, and perhaps one more node in it."""
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "body")
    document = graph.to_dict()
    entry = next(each for each in document["nodes"] if each["id"] == group.id)
    if inside is not None:
        entry["inside"]["nodes"].append(node_entry("stray", "stray", inside))
    return Graph.from_dict(document)


def test_groups_are_looked_into():
    assert kinds(grouped(inside="Tanh")) == []
    broken = grouped()
    (edge,) = broken.inputs_of("body").values()
    broken.disconnect(edge)
    assert kinds(broken) == [("body", "missing-input")]
    graph = perceptron()
    inner = Graph()
    inner.connect(inner.add("Input", name="in"), inner.add("Output", name="out"))
    inner.add("MSE", name="deep")
    group = graph.add(GROUP, name="lost", inside=inner)
    assert kinds(graph) == []
    inner.connect(inner.add("Constant", name="c"), "deep", "input")
    graph.remove(group)
    group = graph.add(GROUP, name="lost", inside=inner)
    assert kinds(graph) == [("lost.deep", "missing-input")]
    graph.apply(SetBypassed((group.id,), True))
    assert kinds(graph) == []


def test_a_bypassed_node_only_needs_what_it_passes_on():
    graph = perceptron()
    node = graph.add("CAddTable", name="sum")
    graph.disconnect(graph.inputs_of("fc2")["input"])
    graph.connect("act1", node, "a")
    graph.connect(graph.add("ReLU", name="stray"), node, "b")
    graph.connect(node, "fc2")
    assert kinds(graph) == [("stray", "missing-input")]
    graph.bypass(node)
    assert kinds(graph) == []


def test_outputs_can_be_asked_for_in_place_of_criteria():
    graph = perceptron()
    graph.connect(graph.add("ReLU", name="stray"), graph.add("Output", name="y"))
    assert kinds(graph) == []
    assert [each.node for each in graph.obstacles(roles=("criterion", "output"))] == ["stray"]


def test_class_numbers_that_are_computed_with_are_a_problem_of_who_does():
    graph = Graph()
    x, t = graph.add("Input", name="x", shape=(4,)), graph.add("Target", name="t", shape=())
    loss = graph.add("CrossEntropy", name="loss")
    graph.connect(x, loss, "input")
    graph.connect(t, loss, "target")
    assert graph.problems() == []
    stray = graph.add("ReLU", name="stray")
    graph.connect(t, stray)
    (problem,) = graph.problems()
    assert (problem.kind, problem.node, problem.port) == ("class-numbers", "stray", "input")
    assert problem.sentence == (
        "stray cannot compute with t, which holds class numbers for loss: "
        "connect an Input or Target of its own."
    )
    assert graph.obstacles() == []
    graph.remove(stray)
    assert graph.problems() == []


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_strays_are_never_obstacles(seed: int, stray: int):
    graph = random_graph(seed).graph
    spoilt = with_strays(graph, stray)
    assert spoilt.obstacles() == []
    program, alone = nn.compile(spoilt), nn.compile(graph)
    assert {line.text for line in alone.statements} <= {line.text for line in program.statements}
    for problem in spoilt.problems():
        assert problem.severity == "warning" or problem.node.startswith("stray") or problem.kind == "no-port"
