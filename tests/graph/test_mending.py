"""What is removed heals over, as far as shapes allow, and a node can be put into the middle of an edge."""

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddFrame,
    AddNode,
    Edge,
    EditInside,
    Frame,
    Graph,
    Move,
    Remove,
    SetBends,
    downstream,
    removal,
    splice,
    upstream,
)
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron
from tests.graph.test_edits import there_and_back


def edges(graph: Graph) -> set[tuple[str, str, str]]:
    names = {key: node.name for key, node in graph.nodes.items()}
    return {(names[edge.source], names[edge.target], edge.port) for edge in graph.edges}


def test_what_a_removed_node_had_joined_is_joined():
    graph = perceptron()
    edit = removal(graph, ["n3"])
    assert edit.described(graph).label == "Remove act1"
    there_and_back(graph, edit)
    assert ("fc1", "fc2", "input") in edges(graph)
    assert graph.problems() == []


def test_several_in_a_row_heal_as_one_and_keep_the_bends():
    graph = perceptron()
    for index, edge in enumerate(graph.edges):
        graph.apply(SetBends(edge, ((index, 0),)))
    there_and_back(graph, removal(graph, ["n3", "n2"]))
    assert graph.edges[-1] == Edge("n1", "n4", "input")
    assert graph.edges[-1].bends == ((0.0, 0.0), (1.0, 0.0), (2.0, 0.0))
    assert graph.problems() == []


def test_nothing_is_joined_that_the_reader_could_not_take():
    graph = perceptron()
    graph.set("fc2", in_features=8)
    there_and_back(graph, removal(graph, ["n2", "n3"]))  # two numbers would come where eight must
    assert edges(graph) == {("fc2", "loss", "input"), ("t", "loss", "target")}


def test_the_shapes_of_several_ports_are_judged_together():
    graph = Graph()
    x, total = graph.add("Input", shape=(3,)), graph.add("CAddTable")
    left, right = graph.add("Linear", out_features=5), graph.add("Linear", out_features=5)
    for a, b in ((x, left), (x, right), (left, total), (right, total)):
        graph.connect(a, b)
    one = graph.copy()
    one.apply(removal(one, [left.id]))
    assert edges(one) == {("x", "fc2", "input"), ("fc2", "caddtable1", "b")}, "3 and 5 do not add"
    graph.apply(removal(graph, [left.id, right.id]))
    assert edges(graph) == {("x", "caddtable1", "a"), ("x", "caddtable1", "b")}


def test_what_two_edges_lead_into_passes_neither_on_unless_it_is_bypassed():
    graph = Graph()
    x, y = graph.add("Input"), graph.add("Input")
    total, act = graph.add("CAddTable"), graph.add("Tanh")
    for a, b in ((x, total), (y, total), (total, act)):
        graph.connect(a, b)
    other = graph.copy()
    there_and_back(graph, removal(graph, [total.id]))
    assert edges(graph) == set()
    other.bypass(total)
    there_and_back(other, removal(other, [total.id]))
    assert edges(other) == {("x", "act1", "input")}


def test_a_criterion_and_an_input_pass_nothing_on_and_all_that_read_are_joined():
    graph = perceptron()
    relu = graph.add("ReLU")
    graph.connect("act1", relu)
    there_and_back(graph, removal(graph, ["n3"]))
    assert {("fc1", "fc2", "input"), ("fc1", "act2", "input")} <= edges(graph)
    there_and_back(graph, removal(graph, ["n6", "n1"]))
    assert edges(graph) == {("fc1", "fc2", "input"), ("fc1", "act2", "input")}


def test_edges_removed_for_their_own_sake_do_not_heal():
    graph = perceptron()
    there_and_back(graph.copy(), removal(graph, ["n3"], [Edge("n2", "n3", "input")]))
    there_and_back(graph, removal(graph, ["n3"], [Edge("n3", "n4", "input")]))
    assert edges(graph) == {("x", "fc1", "input"), ("fc2", "loss", "input"), ("t", "loss", "target")}
    plain = perceptron()
    plain.apply(removal(plain, ["n3"], heal=False))
    assert bytes_of(plain) == bytes_of(graph)


def test_a_group_heals_and_so_does_what_is_inside_one():
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "encoder")
    there_and_back(graph.copy(), removal(graph, [group.id]))
    edit = removal(graph, ["n2"], path=(group.id,))
    there_and_back(graph, EditInside((group.id,), edit))
    assert graph.problems() == []
    assert graph.flatten()["encoder.act1"].sources == {"input": "x"}


def test_a_group_that_could_not_take_it_is_not_joined():
    graph = perceptron()
    graph.set("fc2", in_features=8)
    graph.group(["fc2"], "head")
    graph.apply(removal(graph, ["n2", "n3"]))
    assert edges(graph) == {("head", "loss", "input"), ("t", "loss", "target")}


def test_edges_and_frames_alone():
    graph = perceptron()
    graph.apply(AddFrame(Frame("", "one", (0, 0), (9, 9))))
    graph.apply(AddFrame(Frame("", "two", (0, 0), (9, 9))))
    structure = graph.level.structure
    edit = Remove(frame_ids=("f1",))
    assert edit.described(graph).label == "Remove frame one"
    there_and_back(graph, edit)
    assert graph.level.structure is structure
    two = Remove(edges=graph.edges[:2], frame_ids=("f2",))
    assert two.label == "Remove 2 edges and 1 frame"
    there_and_back(graph, two)
    assert Remove(edges=graph.edges[:1]).described(graph).label == "Disconnect act1 from fc2"
    assert Remove(("n2", "n3"), graph.edges[:1], ("f1",)).label == "Remove 2 nodes and 1 frame"


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Remove(("n99",)), "no node with the id 'n99'"),
        (Remove(frame_ids=("f9",)), "no frame with the id 'f9'"),
        (Remove(edges=(Edge("n1", "n3", "input"),)), "There is no edge from x to the input of act1"),
        (Remove(edges=(Edge("n1", "n2", "input"),) * 2), "cannot be removed twice"),
        (Remove(joins=(Edge("n1", "n3", "input"),)), "two edges into the input of act1"),
        (Remove(("n2",), joins=(Edge("n4", "n3", "input"),)), "Connecting fc2 to act1 would close a cycle"),
        (Remove(("n2",), joins=(Edge("n2", "n3", "input"),)), "no node with the id 'n2'"),
    ],
)
def test_what_cannot_be_removed_changes_nothing(edit: Remove, sentence: str):
    graph = perceptron()
    level = graph.level
    with pytest.raises(GraphError, match=sentence):
        graph.apply(edit)
    assert graph.level is level


def test_a_knot_and_doubled_edges_are_removed_without_going_astray():
    nodes = [node_entry(f"n{k}", name, "Tanh") for k, name in enumerate("abcd", 1)]
    entry = {
        "nodes": nodes,
        "edges": [edge_entry("n1", "n2"), edge_entry("n2", "n1"), edge_entry("n2", "n3")],
    }
    entry["edges"] += [edge_entry("n4", "n3"), edge_entry("n4", "n3")]
    graph = Graph.from_dict(entry)
    there_and_back(graph, removal(graph, ["n1", "n2"], [Edge("n4", "n3", "input")]))
    assert edges(graph) == {("d", "c", "input")}


def chain(length: int) -> Graph:
    nodes = [node_entry("n1", "x", "Input", settings={"shape": [4]})]
    nodes += [node_entry(f"n{k}", f"a{k}", "Tanh") for k in range(2, length + 1)]
    lines = [edge_entry(f"n{k}", f"n{k + 1}") for k in range(1, length)]
    side = [edge_entry(f"n{k}", f"n{k + 1}", bends=[[0, 0]]) for k in range(1, length, 2)]
    lines[0:length:2] = side
    return Graph.from_dict({"nodes": nodes, "edges": lines})


def test_thousands_are_removed_and_put_back_and_moved_at_once():
    graph = chain(2000)
    before = bytes_of(graph)

    graph.apply(graph.apply(removal(graph, list(graph.nodes))))
    assert bytes_of(graph) == before
    half = [f"n{k}" for k in range(2, 2000, 2)]
    there_and_back(graph, removal(graph, half))
    assert len(graph.edges) == 1000
    where = dict.fromkeys(list(graph.nodes)[:1000], (1.0, 2.0))
    there_and_back(graph, Move(where))


# -- splice


def test_a_new_node_in_the_middle_of_an_edge():
    graph = perceptron()
    edge = Edge("n3", "n4", "input")
    edit = splice(graph.level, AddNode("Linear"), edge)
    assert edit.label == "Insert fc3 between act1 and fc2"
    there_and_back(graph, edit)
    assert {("act1", "fc3", "input"), ("fc3", "fc2", "input")} <= edges(graph)
    assert graph.node("fc3").position == (500.0, 0.0)
    assert graph.problems() == []
    inner = Graph()
    inner.connect(inner.add("Input", name="p"), inner.add("Output", name="q"))
    there_and_back(graph, splice(graph.level, AddNode("Group", inside=inner.level), edge_of(graph, "fc3")))
    assert graph.problems() == []


def edge_of(graph: Graph, source: str) -> Edge:
    return graph.consumers_of(source)[0]


def test_a_node_that_is_there_already():
    graph = perceptron()
    total = graph.add("CAddTable")
    graph.connect("x", total, "a")
    there_and_back(graph, splice(graph.level, total.id, Edge("n3", "n4", "input")))
    assert {("act1", "caddtable1", "b"), ("caddtable1", "fc2", "input")} <= edges(graph)
    drop = graph.add("Tanh")
    there_and_back(graph, splice(graph.level, drop.id, Edge("n1", "n2", "input")))


def test_bends_stay_on_their_side():
    graph = perceptron()
    edge = Edge("n1", "n2", "input")
    graph.apply(SetBends(edge, ((50, 0), (100, 80), (150, 80))))
    graph.apply(splice(graph.level, AddNode("Tanh", position=(110, 80)), edge))
    first, second = graph.edges[-2:]
    assert first.bends == ((50.0, 0.0), (100.0, 80.0))
    assert second.bends == ((150.0, 80.0),)


def test_what_cannot_be_spliced_in():
    graph = perceptron()
    edge = Edge("n3", "n4", "input")
    with pytest.raises(GraphError, match="act1 is at an end of this edge"):
        splice(graph.level, "n3", edge)
    with pytest.raises(GraphError, match="fc1 has no free input, so it cannot go between act1 and fc2"):
        splice(graph.level, "n2", edge)
    with pytest.raises(GraphError, match="x2 has no free input"):
        splice(graph.level, AddNode("Input"), edge)
    with pytest.raises(GraphError, match="group1 has no free input"):
        splice(graph.level, AddNode("Group"), edge)
    with pytest.raises(GraphError, match="There is no edge from x to the input of fc2"):
        splice(graph.level, AddNode("Tanh"), Edge("n1", "n4", "input"))


def test_upstream_and_downstream():
    level = perceptron().level
    assert upstream(level, ["n3"]) == {"n1", "n2", "n3"}
    assert downstream(level, ["n3"]) == {"n3", "n4", "n6"}
    assert downstream(level, ["n2", "n5"]) == {"n2", "n3", "n4", "n5", "n6"}
    assert upstream(level, []) == set()
