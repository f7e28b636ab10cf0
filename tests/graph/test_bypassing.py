"""A bypassed node passes its first input on, in shapes, program and problems, and forgets nothing."""

import numpy as np
import pytest

import nnstudio
from nnstudio.errors import GraphError
from nnstudio.graph import ChangeType, Edge, EditInside, Graph, GroupNodes, RemoveNode, SetBypassed
from nnstudio.modules.catalogue import definitions
from tests.graph.building import bytes_of, edge_entry, node_entry, only, perceptron
from tests.graph.test_edits import there_and_back


def flat(graph: Graph) -> dict[str, dict[str, str]]:
    return {node.name: dict(node.sources) for node in graph.flatten()}


def test_there_and_back():
    graph = perceptron()
    there_and_back(graph, SetBypassed(("n3",)))
    there_and_back(graph, SetBypassed(("n2", "n3", "n4")))
    there_and_back(graph, SetBypassed(("n2", "n3", "n1"), False))
    assert [node.bypassed for node in graph.nodes.values()] == [False, False, False, True, False, False]
    assert SetBypassed(("n3",)).described(graph).label == "Bypass act1"
    assert SetBypassed(("n3", "n4"), False).described(graph).label == "Use 2 nodes again"
    level = graph.level
    graph.apply(graph.apply(SetBypassed(("n4",))))
    assert graph.level == level


def test_shapes_and_program_go_past_it():
    graph = perceptron()
    graph.bypass("fc1", "act1")
    assert graph.shapes()["n2"] == graph.shapes()["n3"] == ("N", 2)
    assert flat(graph) == {"x": {}, "fc2": {"input": "x"}, "t": {}, "loss": {"input": "fc2", "target": "t"}}
    assert graph.flatten()["fc2"].parameters["weight"].shape == (1, 2)
    assert graph.parameters("fc1")["weight"].shape == (8, 2), "what it would have"
    assert graph.problems() == []
    graph.bypass("fc1", "act1", on=False)
    assert bytes_of(graph) == bytes_of(perceptron())


def test_the_program_computes_as_if_it_were_not_drawn():
    graph, without = perceptron(), Graph()
    graph.bypass("act1")
    x, fc1 = without.add("Input", name="x", shape=(2,)), without.add("Linear", name="fc1", out_features=8)
    fc2, t = without.add("Linear", name="fc2", out_features=1), without.add("Target", name="t", shape=(1,))
    loss = without.add("MSE", name="loss")
    for a, b in ((x, fc1), (fc1, fc2), (fc2, loss), (t, loss)):
        without.connect(a, b)
    values = {"x": np.array([[1.0, -2.0], [0.5, 3.0]]), "t": np.array([[1.0], [0.0]])}
    losses: list[float] = []
    weights = nnstudio.compile(graph, dtype="float64").parameters()
    for each in (graph, without):
        program = nnstudio.compile(each, batch_size=2, dtype="float64")
        program.load_parameters(weights)
        for _ in range(3):
            program.feed(**values)
            program.train_step(lr=0.1)
        losses.append(program.loss)
    assert losses[0] == losses[1]


def test_a_group_passes_its_first_input_to_all_its_outputs():
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "encoder")
    graph.bypass(group)
    assert graph.shapes()[group.id] == ("N", 2)
    assert flat(graph)["fc2"] == {"input": "x"}
    assert not [name for name in flat(graph) if name.startswith("encoder")]
    graph.apply(EditInside((group.id,), RemoveNode("n2")))
    assert graph.problems() == [], "what is inside does not run"
    there_and_back(graph, EditInside((group.id,), RemoveNode("n4")))  # its only input port
    assert graph.shapes()[group.id] is None
    assert Graph.from_dict(graph.to_dict()).level == graph.level


def test_problems_of_sizes_are_not_told_of_what_is_bypassed():
    graph = perceptron()
    graph.set("fc2", in_features=5)
    assert [problem.kind for problem in graph.problems()] == ["wrong-size"]
    graph.bypass("fc2")
    found = graph.problems()
    assert [problem.node for problem in found] == ["loss"], "eight numbers arrive there now"
    graph.set("fc1", out_features=1)
    assert graph.problems() == []
    graph.disconnect(Edge("n3", "n4", "input"))
    assert only(graph.problems(), "missing-input").node == "fc2"


def test_only_the_first_input_of_a_bypassed_node_is_needed():
    graph = Graph()
    x, total = graph.add("Input", shape=(3,)), graph.add("CAddTable")
    act = graph.add("Tanh")
    graph.connect(x, total)
    graph.connect(total, act)
    assert [problem.port for problem in graph.problems() if problem.kind == "missing-input"] == ["b"]
    graph.bypass(total)
    assert flat(graph) == {"x": {}, "act1": {"input": "x"}}
    assert not [problem for problem in graph.problems() if problem.kind == "missing-input"]


@pytest.mark.parametrize("kind", definitions())
def test_which_types_can_be_bypassed(kind: str):
    graph = Graph()
    node = graph.add(kind)
    known = definitions()[kind]
    if known.role == "module":
        graph.bypass(node)
        assert Graph.from_dict(graph.to_dict()).node(node.id).bypassed
    else:
        with pytest.raises(GraphError, match=f"{node.name} cannot be bypassed"):
            graph.bypass(node)
        entry = graph.to_dict()
        entry["nodes"][0]["bypassed"] = True
        with pytest.raises(GraphError, match=r"nodes\[0\].bypassed is true, but a node of the type"):
            Graph.from_dict(entry)


def test_what_has_nothing_to_pass_on_is_refused():
    graph = Graph()
    graph.add("Group")
    with pytest.raises(GraphError, match="group1 is a group without an input"):
        graph.bypass("group1")
    entry = {"nodes": [node_entry("n1", "a", "Future"), node_entry("n2", "b", "Tanh")], "edges": []}
    with pytest.raises(GraphError, match="a has nothing coming in to pass on"):
        Graph.from_dict(entry).bypass("a")
    entry["nodes"][0]["bypassed"] = "yes"
    with pytest.raises(GraphError, match=r"nodes\[0\].bypassed must be true or false, not text."):
        Graph.from_dict(entry)


def test_a_node_of_an_unknown_type_can_be_bypassed_and_the_rest_runs():
    entry = perceptron().to_dict()
    entry["nodes"][2]["type"] = "Zzyzx"
    graph = Graph.from_dict(entry)
    assert "loss" not in flat(graph)
    there_and_back(graph, SetBypassed(("n3",)))
    assert flat(graph)["fc2"] == {"input": "fc1"}
    assert only(graph.problems(), "unknown-type").severity == "warning"
    assert Graph.from_dict(graph.to_dict()).level == graph.level


def test_another_type_stays_bypassed_where_it_can_be():
    graph = perceptron()
    graph.bypass("act1")
    there_and_back(graph, ChangeType("n3", "ReLU"))
    assert graph.node("act1").bypassed
    there_and_back(graph, ChangeType("n3", "Input"))
    assert not graph.node("act1").bypassed


def test_folding_and_unfolding_keep_it():
    graph = perceptron()
    graph.bypass("act1")
    text = bytes_of(graph)
    there_and_back(graph, GroupNodes(("n2", "n3")))
    assert flat(graph)["fc2"] == {"input": "group1.fc1"}
    graph.ungroup("group1")
    assert bytes_of(graph) == text


def test_two_edges_into_the_first_input_pass_nothing_on():
    entry = perceptron().to_dict()
    entry["nodes"][2]["bypassed"] = True
    entry["edges"].append(edge_entry("n1", "n3"))
    graph = Graph.from_dict(entry)
    assert only(graph.problems(), "two-edges").node == "act1"
    assert graph.shapes()["n3"] is None
    assert "fc2" not in flat(graph)
