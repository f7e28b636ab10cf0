"""The document: building it, finding things in it, being told of changes."""

import itertools
import pickle

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import AddNode, Change, Edge, EditInside, Graph, Move, Rename, Sequence
from tests.graph.building import bytes_of, perceptron


def test_a_graph_is_built_and_read():
    graph = perceptron()
    assert [node.name for node in graph.nodes.values()] == ["x", "fc1", "act1", "fc2", "t", "loss"]
    assert list(graph.nodes) == ["n1", "n2", "n3", "n4", "n5", "n6"]
    assert graph.edges[3] == Edge("n4", "n6", "input")
    assert graph.node("fc1").settings["out_features"] == 8
    assert graph.node("fc1").settings["use_bias"] is True, "settings are complete"
    assert graph.inputs_of("loss") == {
        "input": Edge("n4", "n6", "input"),
        "target": Edge("n5", "n6", "target"),
    }
    assert graph.consumers_of("fc1") == (Edge("n2", "n3", "input"),)
    assert graph.input_ports("loss") == ("input", "target")
    assert graph.output_ports("fc1") == ("output",)


def test_default_names_follow_the_kind():
    graph = Graph()
    kinds = [
        "Linear",
        "Linear",
        "Tanh",
        "ReLU",
        "MSE",
        "CrossEntropy",
        "Input",
        "Input",
        "Target",
        "Target",
        "Concat",
    ]
    names = [graph.add(kind).name for kind in kinds]
    assert names == ["fc1", "fc2", "act1", "act2", "loss", "loss2", "x", "x2", "t", "t2", "concat1"]
    assert graph.add("Group").name == "group1"
    graph.remove("fc1")
    assert graph.name_for("Linear") == "fc1", "the first free one"


def test_new_nodes_stand_beside_the_last_one():
    graph = Graph()
    assert graph.add("Input", position=(10, 20)).position == (10.0, 20.0)
    assert graph.add("Linear").position == (210.0, 20.0)


@pytest.mark.parametrize("name", ["", "   ", "a" * 65, "two\nlines", "a.b", "tab\t", "\x00", "\u202e"])
def test_a_name_is_one_short_line_without_dots(name: str):
    graph = perceptron()
    before = bytes_of(graph)
    for edit in (Rename("n2", name), AddNode("Linear", name)):
        with pytest.raises(GraphError, match="The name of a node must"):
            graph.apply(edit)
    assert bytes_of(graph) == before


@pytest.mark.parametrize("name", ["a", "a" * 64, "Schicht 1 (größer)", "σ", "import", "__init__", "n77"])
def test_any_other_name_is_fine(name: str):
    graph = perceptron()
    graph.rename("fc1", name)
    assert graph.node(name).id == "n2"


def test_names_are_unique_and_no_other_nodes_id():
    graph = perceptron()
    with pytest.raises(GraphError, match="already a node called fc2"):
        graph.rename("fc1", "fc2")
    with pytest.raises(GraphError, match="n4 is the id of the node fc2"):
        graph.rename("fc1", "n4")
    graph.rename("fc1", "n2")  # its own id misleads nobody
    graph.rename("fc2", "n7")
    assert graph.add("Tanh").id == "n8", "an id is never another node's name"


def test_connect_takes_the_first_free_input():
    graph = Graph()
    a, b = graph.add("Input", shape=(3,)), graph.add("Input", shape=(3,))
    total = graph.add("CAddTable")
    assert graph.connect(a, total).port == "a"
    assert graph.connect(b, total).port == "b"
    with pytest.raises(GraphError, match="no free input, so there would be two edges into its b"):
        graph.connect(a, total)
    with pytest.raises(GraphError, match=r"x \(Input\) has no input"):
        graph.connect(total, a)


@pytest.mark.parametrize(
    ("source", "target", "port", "sentence"),
    [
        (
            "x",
            "fc1",
            "input",
            "There would be two edges into the input of fc1, from x and x: disconnect x first.",
        ),
        (
            "t",
            "fc1",
            "input",
            "There would be two edges into the input of fc1, from x and t: disconnect x first.",
        ),
        ("x", "loss", "output", "loss (MSE) has no input called output: it has input, target."),
        ("fc9", "loss", None, "There is no node called 'fc9' on this level of the graph."),
    ],
)
def test_edges_that_cannot_be(source: str, target: str, port: str | None, sentence: str):
    graph = perceptron()
    before = bytes_of(graph)
    with pytest.raises(GraphError) as error:
        graph.connect(source, target, port)
    assert str(error.value) == sentence
    assert bytes_of(graph) == before


def test_no_edge_closes_a_cycle():
    graph = Graph()
    nodes = [graph.add("CAddTable") for _ in range(4)]
    for a, b in itertools.pairwise(nodes):
        graph.connect(a, b)
    with pytest.raises(GraphError, match="Connecting caddtable4 to caddtable1 would close a cycle"):
        graph.connect(nodes[3], nodes[0])
    with pytest.raises(GraphError, match="close a cycle"):
        graph.connect(nodes[0], nodes[0])
    graph.connect(nodes[0], nodes[3])


def test_output_ports_are_checked():
    graph = perceptron()
    with pytest.raises(GraphError, match=r"x \(Input\) has no output called z: it has output"):
        graph.connect("x", "fc2", "input", source_port="z")


def test_nodes_are_found_by_id_name_and_dotted_name():
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "encoder")
    assert graph.path("encoder.fc1") == (group.id, "n2")
    assert graph.node("encoder.fc1").type == "Linear"
    assert graph.node(group) is graph.node("encoder") is graph.node(group.id)
    with pytest.raises(GraphError, match=r"no node called 'encoder\.nothing'"):
        graph.node("encoder.nothing")
    with pytest.raises(GraphError, match="fc2 is not a group"):
        graph.node("fc2.fc1")


def test_listeners_hear_of_every_edit_and_only_of_those():
    graph = perceptron()
    heard: list[Change] = []
    unsubscribe = graph.subscribe(heard.append)
    node = graph.add("Linear")
    graph.connect("act1", node)
    graph.remove(node)
    graph.move("fc1", (1, 2))
    with pytest.raises(GraphError):
        graph.rename("fc1", "")
    assert [change.label for change in heard] == [
        "Add Linear fc3",
        "Connect act1 to fc3",
        "Remove fc3",
        "Move fc1",
    ]
    assert heard[0].top.added == ("n7",)
    assert heard[1].top.edges_added == (Edge("n3", "n7", "input"),)
    assert heard[2].top.removed == ("n7",)
    assert heard[2].top.edges_removed == (Edge("n3", "n7", "input"),)
    assert heard[3].top.changed == ("n2",)
    assert [change.only_moved for change in heard] == [False, False, False, True]
    unsubscribe()
    unsubscribe()
    graph.add("Tanh")
    assert len(heard) == 4


def test_a_change_inside_a_group_is_told_by_level():
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "encoder")
    heard: list[Change] = []
    graph.subscribe(heard.append)
    graph.apply(EditInside((group.id,), AddNode("ReLU")))
    assert heard[0].label == "Add ReLU act2"
    assert heard[0].top.changed == (group.id,)
    assert heard[0].at((group.id,)).added == ("n6",)


def test_a_copy_is_independent():
    graph = perceptron()
    before = bytes_of(graph)
    copy = graph.copy()
    copy.remove("fc1")
    copy.set("fc2", out_features=7)
    assert bytes_of(graph) == before
    assert bytes_of(copy) != before


def test_nothing_in_a_graph_can_be_changed_from_outside():
    graph = perceptron()
    node = graph.node("fc1")
    with pytest.raises(TypeError):
        node.settings["out_features"] = 9  # type: ignore[index]
    with pytest.raises(TypeError):
        graph.nodes["n99"] = node  # type: ignore[index]
    with pytest.raises(AttributeError):
        node.name = "other"  # type: ignore[misc]
    entry = graph.to_dict()
    entry["nodes"][0]["settings"]["shape"].append(9)
    assert graph.node("x").settings["shape"] == (2,)


def test_a_level_goes_through_pickle():
    graph = perceptron()
    graph.group(["fc1", "act1"])
    level = pickle.loads(pickle.dumps(graph.level))
    assert level == graph.level
    assert bytes_of(Graph(level)) == bytes_of(graph)


def test_ids_follow_from_the_document_alone():
    graph = perceptron()
    loaded = Graph.from_dict(graph.to_dict())
    assert graph.add("Tanh").id == loaded.add("Tanh").id == "n7"


def test_the_short_ways_are_edits():
    graph = perceptron()
    before = bytes_of(graph)
    inverses = []
    graph.subscribe(lambda change: inverses.append(change.inverse))
    graph.set("fc1", out_features=3, use_bias=False)
    graph.move("fc1", (5, 6))
    graph.rename("fc1", "first")
    graph.disconnect(graph.edges[0])
    graph.group(["first", "act1"])
    graph.ungroup("group1")
    graph.remove("first")
    graph.apply(Sequence([Move({"n1": (1, 1)}), Rename("n1", "y")]))
    for inverse in inverses[::-1]:
        graph.apply(inverse)
    assert bytes_of(graph) == before
