"""Groups: folding, unfolding, editing inside; the ports of a group are the Input and Output nodes in it."""

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddNode,
    Edge,
    EditInside,
    Graph,
    GroupNodes,
    Move,
    RemoveEdge,
    RemoveNode,
    Rename,
    Sequence,
    SetSetting,
    UngroupNode,
)
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron
from tests.graph.test_edits import there_and_back


def grouped() -> tuple[Graph, str]:
    graph = perceptron()
    return graph, graph.group(["fc1", "act1"], "encoder").id


def triangle() -> Graph:
    """x feeds fc1 and fc2; their sum and fc1 feed a product."""
    graph = Graph()
    x = graph.add("Input", shape=(3,))
    fc1, fc2 = graph.add("Linear"), graph.add("Linear")
    total, product = graph.add("CAddTable"), graph.add("CMulTable")
    out = graph.add("Output")
    for a, b in (
        (x, fc1),
        (x, fc2),
        (fc1, total),
        (fc2, total),
        (fc1, product),
        (total, product),
        (product, out),
    ):
        graph.connect(a, b)
    return graph


def test_grouping_makes_the_ports_it_needs():
    graph, group = grouped()
    assert list(graph.nodes) == ["n1", "n4", "n5", "n6", "n7"]
    assert graph.input_ports(group) == ("x",)
    assert graph.output_ports(group) == ("output1",)
    assert Edge("n1", "n7", "x") in graph.edges
    assert Edge("n7", "n4", "input", "output1") in graph.edges
    inside = graph.node(group).inside
    assert inside is not None
    assert [node.name for node in inside.nodes.values()] == ["fc1", "act1", "x", "output1"]
    assert set(inside.edges) == {
        Edge("n2", "n3", "input"),
        Edge("n4", "n2", "input"),
        Edge("n3", "n5", "input"),
    }
    assert graph.shapes()[group] == ("N", 8)
    assert graph.problems() == []


def test_one_port_for_one_source_however_many_read_it():
    graph = triangle()
    group = graph.group(["fc1", "fc2", "caddtable1"])
    assert graph.input_ports(group) == ("x",)
    assert graph.output_ports(group) == ("output1", "output2")
    assert graph.output_shapes(group) == {"output1": ("N", 4), "output2": ("N", 4)}
    assert graph.problems()[0].kind == "no-criterion"


def test_grouping_and_back():
    there_and_back(perceptron(), GroupNodes(("n2", "n3"), "encoder"))
    there_and_back(triangle(), GroupNodes(("n4", "n2", "n3")))
    there_and_back(perceptron(), GroupNodes(("n5",), "truth"))
    assert GroupNodes(("n2", "n3"), "encoder").described(perceptron()).label == "Group 2 nodes as encoder"


@pytest.mark.parametrize(
    "chosen", [("n2", "n3"), ("n2",), ("n3", "n4"), ("n2", "n3", "n4"), ("n6", "n5"), ("n4", "n6")]
)
def test_ungrouping_what_was_grouped_gives_the_former_document(chosen: tuple[str, ...]):
    graph = perceptron()
    before = bytes_of(graph)
    group = graph.group(chosen)
    there_and_back(graph, UngroupNode(group.id))
    assert bytes_of(graph) == before


def test_groups_of_groups_unfold_to_the_former_document():
    graph = triangle()
    before = bytes_of(graph)
    inner = graph.group(["fc1", "fc2"])
    outer = graph.group([inner, "caddtable1"])
    graph.ungroup(outer)
    graph.ungroup(inner)
    assert bytes_of(graph) == before


REFUSED = [
    ((), "There is nothing to group"),
    (("n1", "n2"), "x is an Input of this level and cannot go into a group"),
    (("n2", "n6"), "n6"),
    (("n2", "n99"), "There is no node with the id 'n99'"),
    (("n2", "n5"), "caddtable1 is fed by nodes of this group and feeds others of it"),
]


@pytest.mark.parametrize(("chosen", "sentence"), REFUSED)
def test_what_cannot_be_grouped(chosen: tuple[str, ...], sentence: str):
    graph = triangle()
    level = graph.level
    if sentence == "n6":
        sentence = "output1 is an Output of this level"
    with pytest.raises(GraphError, match=sentence):
        graph.apply(GroupNodes(chosen))
    assert graph.level is level


def test_a_groups_name_is_checked():
    graph = perceptron()
    with pytest.raises(GraphError, match="already a node called loss"):
        graph.group(["fc1"], "loss")
    graph.group(["fc1"], "fc1")
    assert graph.path("fc1.fc1") == ("n7", "n2")


def test_only_a_group_can_be_unfolded_or_edited_inside():
    graph = perceptron()
    with pytest.raises(GraphError, match="fc1 is not a group, so there is nothing inside it"):
        graph.ungroup("fc1")
    with pytest.raises(GraphError, match="fc1 is not a group"):
        graph.apply(EditInside(("n2",), AddNode("ReLU")))
    with pytest.raises(GraphError, match="encoder is a group and has no settings"):
        graph.group(["fc1"], "encoder")
        graph.set("encoder", a=1)


def test_every_edit_inside_and_back():
    graph, group = grouped()
    graph.apply(EditInside((group,), GroupNodes(("n2",), "deep")))
    for edit in (
        AddNode("Linear"),
        Move({"n3": (7, 8)}),
        RemoveEdge(Edge("n3", "n5", "input")),
        RemoveNode("n3"),
        Rename("n3", "other"),
        UngroupNode("n6"),
        GroupNodes(("n3", "n6")),
        EditInside(("n6",), SetSetting("n2", "out_features", 3)),
        Sequence([AddNode("ReLU"), RemoveNode("n3")]),
    ):
        there_and_back(graph.copy(), EditInside((group,), edit))
    assert EditInside((group,), Rename("n3", "other")).described(graph).label == "Rename act1 to other"
    there_and_back(graph, EditInside((group, "n6"), Rename("n2", "first")))
    assert graph.node("encoder.deep.first").type == "Linear"


def test_renaming_a_port_takes_the_edges_outside_along():
    graph, group = grouped()
    inverse = there_and_back(graph, EditInside((group,), Rename("n4", "features")))
    assert graph.input_ports(group) == ("features",)
    assert Edge("n1", group, "features") in graph.edges
    assert graph.problems() == []
    there_and_back(graph, EditInside((group,), Rename("n5", "code")))
    assert Edge(group, "n4", "input", "code") in graph.edges
    assert graph.problems() == []
    assert inverse.label == "Rename x to features"


def test_ports_that_swap_names_keep_their_edges():
    graph = Graph()
    a, b = graph.add("Input", name="p"), graph.add("Input", name="q")
    total = graph.add("CSubTable")
    graph.connect(a, total)
    graph.connect(b, total)
    group = graph.group([total])
    assert [(edge.source, edge.port) for edge in graph.edges] == [("n1", "x"), ("n2", "x2")]
    swap = Sequence([Rename("n4", "z"), Rename("n5", "x"), Rename("n4", "x2")])
    there_and_back(graph, EditInside((group.id,), swap))
    assert [(edge.source, edge.port) for edge in graph.edges] == [("n1", "x2"), ("n2", "x")]
    assert graph.flatten()["group1.csubtable1"].sources == {"a": "p", "b": "q"}


def test_removing_a_port_takes_its_edges_outside_away():
    graph, group = grouped()
    there_and_back(graph, EditInside((group,), RemoveNode("n4")))
    assert graph.input_ports(group) == ()
    assert not [edge for edge in graph.edges if edge.target == group]
    there_and_back(graph, EditInside((group,), RemoveNode("n5")))
    assert not [edge for edge in graph.edges if edge.source == group]


def test_a_port_replaced_by_one_of_the_same_name_keeps_its_edges():
    graph, group = grouped()
    there_and_back(graph, EditInside((group,), Sequence([RemoveNode("n4"), AddNode("Input", "x")])))
    assert Edge("n1", group, "x") in graph.edges


def test_an_edge_into_a_port_that_is_not_there_stays_as_it_was():
    inside = {"nodes": [node_entry("n1", "p", "Input")], "edges": []}
    graph = Graph.from_dict(
        {
            "nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "g", "Group", inside=inside)],
            "edges": [edge_entry("n1", "n2", "q"), edge_entry("n1", "n2", "p")],
        }
    )
    there_and_back(graph, EditInside(("n2",), AddNode("Input", "q")))
    there_and_back(graph, EditInside(("n2",), RemoveNode("n2")))
    assert [edge.port for edge in graph.edges] == ["p"]
    graph = Graph.from_dict(graph.to_dict())
    there_and_back(graph, EditInside(("n2",), Rename("n1", "q")))


def test_moving_inside_a_group_changes_no_structure():
    graph, group = grouped()
    structure = graph.level.structure
    graph.apply(EditInside((group,), Move({"n2": (1, 1)})))
    assert graph.level.structure is structure


def test_unfolding_joins_edges_and_avoids_taken_names_and_ids():
    graph, group = grouped()
    graph.add("Linear", name="fc3")
    inner = [Rename("n2", "fc3"), AddNode("Linear", "fc2"), AddNode("Tanh", "n1"), AddNode("Tanh", id="n8")]
    graph.apply(EditInside((group,), Sequence(inner)))
    ids = list(graph.nodes)
    there_and_back(graph, UngroupNode(group))
    assert ids == ["n1", "n4", "n5", "n6", "n7", "n8"]
    names = {key: node.name for key, node in graph.nodes.items()}
    assert names == {
        "n1": "x",
        "n2": "fc4",  # fc3 was taken
        "n3": "act1",
        "n4": "fc2",
        "n5": "t",
        "n6": "loss",
        "n8": "fc3",
        "n9": "fc5",  # its id n6 and its name fc2 were taken
        "n7": "n7",  # its name n1 was another node's id, as n2 to n6 are
        "n10": "act2",  # its id n8 was taken
    }
    flat = graph.flatten()
    assert flat["fc2"].sources == {"input": "act1"}
    assert flat["loss"].sources == {"input": "fc2", "target": "t"}


def test_unfolding_a_group_that_passes_its_input_through():
    inside = {
        "nodes": [
            node_entry("n1", "a", "Input"),
            node_entry("n2", "b", "Input"),
            node_entry("n3", "p", "Output"),
            node_entry("n4", "q", "Output"),
            node_entry("n5", "r", "Output"),
        ],
        "edges": [edge_entry("n1", "n3"), edge_entry("n3", "n4"), edge_entry("n2", "n5")],
    }
    graph = Graph.from_dict(
        {
            "nodes": [
                node_entry("n1", "x", "Input"),
                node_entry("n2", "g", "Group", inside=inside),
                node_entry("n3", "one", "Tanh"),
                node_entry("n4", "two", "Tanh"),
                node_entry("n5", "three", "Tanh"),
            ],
            "edges": [
                edge_entry("n1", "n2", "a"),
                edge_entry("n2", "n3", source_port="p"),
                edge_entry("n2", "n4", source_port="q"),
                edge_entry("n2", "n5", source_port="r"),
            ],
        }
    )
    flat = {node.name: dict(node.sources) for node in graph.flatten()}
    assert flat == {"x": {}, "one": {"input": "x"}, "two": {"input": "x"}}
    there_and_back(graph, UngroupNode("n2"))
    assert [(edge.source, edge.target) for edge in graph.edges] == [("n1", "n3"), ("n1", "n4")]
    assert {node.name: dict(node.sources) for node in graph.flatten()} == flat


def test_groups_are_nested_at_most_32_levels_deep():
    graph = Graph()
    graph.add("Tanh")
    for _ in range(31):
        graph.group(list(graph.nodes))
    assert graph.level.depth() == 32
    level = graph.level
    with pytest.raises(GraphError, match="nested 33 levels deep, but at most 32"):
        graph.group(list(graph.nodes))
    assert graph.level is level
    assert Graph.from_dict(graph.to_dict()).level == level


def test_a_group_can_be_added_with_its_inside():
    inner = Graph()
    x, fc, out = inner.add("Input", shape=(1,)), inner.add("Linear", out_features=5), inner.add("Output")
    inner.connect(x, fc)
    inner.connect(fc, out)
    graph = Graph()
    source = graph.add("Input", name="data", shape=(7,))
    first, second = graph.add("Group", inside=inner), graph.add("Group", inside=inner)
    graph.connect(source, first)
    graph.connect(first, second)
    assert graph.shapes()[second.id] == ("N", 5)
    flat = graph.flatten()
    assert flat["group1.fc1"].parameters["weight"].shape == (5, 7)
    assert flat["group2.fc1"].parameters["weight"].shape == (5, 5)
    inner.remove(fc)
    assert graph.node("group1.fc1").type == "Linear", "what was put in is a value of its own"
