"""Every edit: what it does, what it refuses, and that its inverse gives the same bytes back."""

import math
from typing import Any

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddEdge,
    AddNode,
    ChangeType,
    Edge,
    Edit,
    Graph,
    Level,
    Move,
    RemoveEdge,
    RemoveNode,
    Rename,
    Sequence,
    SetSetting,
    SetSettings,
)
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron


def there_and_back(graph: Graph, edit: Edit) -> Edit:
    """Apply an edit, undo, redo and undo it; the graph is left with the edit applied. Returns the inverse."""
    start = bytes_of(graph)
    inverse = edit.apply(graph)
    end = bytes_of(graph)
    assert end != start
    again = inverse.apply(graph)
    assert bytes_of(graph) == start
    undo = again.apply(graph)
    assert bytes_of(graph) == end
    undo.apply(graph)
    assert bytes_of(graph) == start
    assert bytes_of(graph) == start
    edit.apply(graph)
    assert bytes_of(graph) == end, "the edit itself does for redo, too"
    return inverse


EDITS = [
    (AddNode("Linear"), "Add Linear", "Add Linear fc3"),
    (AddNode("Linear", "mine", {"out_features": 3}, (1.0, 2.0)), "Add Linear mine", "Add Linear mine"),
    (AddNode("Group", inside=perceptron().level), "Add Group", "Add Group group1"),
    (RemoveNode("n2"), "Remove n2", "Remove fc1"),
    (RemoveNode("n6"), "Remove n6", "Remove loss"),
    (AddEdge(Edge("n1", "n7", "a")), "Connect n1 to n7", "Connect x to caddtable1"),
    (RemoveEdge(Edge("n2", "n3", "input")), "Disconnect n2 from n3", "Disconnect fc1 from act1"),
    (Rename("n2", "first"), "Rename n2 to first", "Rename fc1 to first"),
    (Move({"n2": (3, -4.5)}), "Move n2", "Move fc1"),
    (Move({"n2": (3, -4.5), "n3": (0, 1)}), "Move 2 nodes", "Move 2 nodes"),
    (SetSetting("n2", "out_features", 5), "Set out_features of n2 to 5", "Set out_features of fc1 to 5"),
    (SetSetting("n1", "shape", [8, 8]), "Set shape of n1 to 8×8", "Set shape of x to 8×8"),
    (
        SetSettings("n2", {"out_features": 5, "use_bias": False}),
        "Set out_features, use_bias of n2",
        "Set out_features, use_bias of fc1",
    ),
    (ChangeType("n3", "ReLU"), "Change n3 to ReLU", "Change act1 to ReLU"),
    (Sequence([Rename("n2", "one"), RemoveNode("n3")]), "2 changes", "2 changes"),
    (Sequence([Rename("n2", "one"), RemoveNode("n3")], "Tidy up"), "Tidy up", "Tidy up"),
]


@pytest.mark.parametrize(
    ("edit", "label", "full_label"), EDITS, ids=lambda value: getattr(value, "label", None)
)
def test_every_edit_there_and_back(edit: Edit, label: str, full_label: str):
    graph = perceptron()
    graph.add("CAddTable")
    assert edit.label == label
    assert edit.described(graph).label == full_label
    assert there_and_back(graph, edit).label == full_label


REFUSED = [
    (AddNode("Lineer"), "There is no node type 'Lineer'; did you mean Linear."),
    (AddNode("Linear", "fc1"), "There is already a node called fc1 on this level: choose another name."),
    (AddNode("Linear", settings={"out_features": -3}), "Linear's out_features must be"),
    (AddNode("Linear", settings={"width": 3}), "Linear has no setting 'width'"),
    (AddNode("Linear", id="n3"), "There is already a node with the id 'n3'"),
    (AddNode("Linear", id="fc2"), "fc2 is the name of another node already"),
    (AddNode("Linear", position=(math.nan, 0)), "A position must be two finite numbers."),
    (AddNode("Group", settings={"a": 1}), "A group has no settings, so a cannot be set."),
    (AddNode("Linear", inside=Level()), "Only a group has an inside; Linear is none."),
    (RemoveNode("n99"), "There is no node with the id 'n99' on this level of the graph."),
    (RemoveNode("fc1"), "There is no node with the id 'fc1'"),
    (AddEdge(Edge("n1", "n99", "input")), "There is no node with the id 'n99'"),
    (AddEdge(Edge("n1", "n2", "in")), "fc1 (Linear) has no input called in: it has input."),
    (AddEdge(Edge("n4", "n2", "input")), "There would be two edges into the input of fc1, from x and fc2"),
    (RemoveEdge(Edge("n1", "n3", "input")), "There is no edge from x to the input of act1."),
    (RemoveEdge(Edge("n9", "n8", "input")), "There is no edge from n9 to the input of n8."),
    (Rename("n2", "loss"), "There is already a node called loss"),
    (Move({"n1": (0, 0), "n99": (0, 0)}), "There is no node with the id 'n99'"),
    (Move({"n1": (0, math.inf)}), "A position must be two finite numbers."),
    (Move({"n1": (10**400, 0)}), "A position must be two finite numbers."),
    (SetSetting("n2", "out_features", 0), "fc1: Linear's out_features must be"),
    (SetSetting("n2", "out_features", True), "fc1: Linear's out_features must be"),
    (SetSetting("n2", "out_features", math.nan), "fc1: Linear's out_features must be"),
    (SetSetting("n2", "width", 1), "fc1: Linear has no setting 'width'"),
    (SetSettings("n2", {"use_bias": False, "out_features": "many"}), "fc1: Linear's out_features must be"),
    (ChangeType("n2", "Nothing at all"), "There is no node type 'Nothing at all'"),
    (ChangeType("n2", "Group"), "fc1 cannot change between a group and a module."),
    (Sequence([Rename("n2", "first"), Rename("n3", "first")]), "There is already a node called first"),
]


@pytest.mark.parametrize(("edit", "sentence"), REFUSED, ids=lambda value: getattr(value, "label", None))
def test_an_edit_that_cannot_be_changes_nothing(edit: Edit, sentence: str):
    graph = perceptron()
    graph.subscribe(lambda change: pytest.fail(f"told of {change.label}"))
    level = graph.level
    with pytest.raises(GraphError) as error:
        graph.apply(edit)
    assert sentence in str(error.value)
    assert graph.level is level


def test_an_inverse_fits_only_the_state_it_belongs_to():
    graph = perceptron()
    inverse = graph.apply(RemoveNode("n2"))
    graph.add("Linear", "fc1")
    level = graph.level
    with pytest.raises(GraphError, match="belongs to another state of the graph"):
        graph.apply(inverse)
    assert graph.level is level


def test_settings_are_stored_in_their_plain_type():
    graph = perceptron()
    graph.set("x", shape=[3, 4])
    assert graph.node("x").settings["shape"] == (3, 4)
    graph.set("loss", loss_weight=2)
    assert type(graph.node("loss").settings["loss_weight"]) is float


def test_edges_go_with_their_node_and_come_back_in_place():
    graph = perceptron()
    edges = graph.edges
    inverse = graph.apply(RemoveNode("n3"))
    assert [edge for edge in edges if "n3" not in (edge.source, edge.target)] == list(graph.edges)
    graph.apply(inverse)
    assert graph.edges == edges
    assert list(graph.nodes) == ["n1", "n2", "n3", "n4", "n5", "n6"]


def test_change_type_keeps_what_the_new_type_has():
    graph = Graph()
    node = graph.add("MSE", reduction="half-sum", loss_weight=0.5)
    graph.apply(ChangeType(node.id, "L1"))
    assert graph.node(node).type == "L1"
    assert dict(graph.node(node).settings) == {"reduction": "mean", "loss_weight": 0.5}


def test_edits_of_a_node_of_unknown_type():
    graph = Graph.from_dict(
        {
            "nodes": [
                node_entry("n1", "a", "Input"),
                node_entry("n2", "b", "FutureLayer", settings={"k": [1]}),
            ],
            "edges": [edge_entry("n1", "n2", "left")],
        }
    )
    with pytest.raises(GraphError, match="b is of the unknown type FutureLayer"):
        graph.set("b", k=2)
    there_and_back(graph, Rename("n2", "c"))
    there_and_back(graph, Move({"n2": (1, 1)}))
    there_and_back(graph, AddEdge(Edge("n1", "n2", "right")))
    there_and_back(graph, RemoveNode("n2"))


def test_removing_one_of_two_equal_edges_from_a_file():
    entry: dict[str, Any] = {
        "nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "fc1", "Linear")],
        "edges": [edge_entry("n1", "n2"), edge_entry("n1", "n2"), edge_entry("n1", "n2", width=3)],
    }
    graph = Graph.from_dict(entry)
    there_and_back(graph, RemoveEdge(Edge("n1", "n2", "input")))
    assert [dict(edge.extra) for edge in graph.edges] == [{}, {"width": 3}]


def test_edits_are_values():
    assert Rename("n1", "a") == Rename("n1", "a", label="Anything")
    assert hash(SetSetting("n1", "a", 1)) == hash(SetSetting("n1", "a", 1))
    assert Move({"n1": (0, 0)}) != Move({"n1": (0, 1)})
    assert {AddEdge(Edge("n1", "n2", "input")), AddEdge(Edge("n1", "n2", "input"))} == {
        AddEdge(Edge("n1", "n2", "input"))
    }
