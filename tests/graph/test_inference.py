"""Shapes, parameters, and how little is worked out again after an edit."""

import pytest

from nnstudio.graph import EditInside, Graph, Level, Move, Rename, SetSetting
from nnstudio.modules.module import Definition
from tests.graph.building import edge_entry, node_entry, perceptron


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of the nodes whose shape rule was asked, in order."""
    asked: list[str] = []
    infer = Definition.infer

    def counting(self: Definition, *args, **kwargs):
        asked.append(self.name)
        return infer(self, *args, **kwargs)

    monkeypatch.setattr(Definition, "infer", counting)
    return asked


def chain(length: int) -> Graph:
    graph = Graph()
    last = graph.add("Input", shape=(16,))
    for _ in range(length // 2):
        for kind in ("Linear", "Tanh"):
            node = graph.add(kind, **({"out_features": 16} if kind == "Linear" else {}))
            graph.connect(last, node)
            last = node
    return graph


def test_shapes_and_parameters():
    graph = perceptron()
    assert graph.shapes() == {
        "n1": ("N", 2),
        "n2": ("N", 8),
        "n3": ("N", 8),
        "n4": ("N", 1),
        "n5": ("N", 1),
        "n6": (),
    }
    assert graph.input_shapes("loss") == {"input": ("N", 1), "target": ("N", 1)}
    assert {name: found.shape for name, found in graph.parameters("fc1").items()} == {
        "weight": (8, 2),
        "bias": (8,),
    }
    assert graph.parameters("act1") == {}


def test_shapes_are_none_behind_what_is_missing():
    graph = perceptron()
    graph.disconnect(graph.edges[1])
    shapes = graph.shapes()
    assert [shapes[key] for key in ("n1", "n2", "n3", "n4", "n5", "n6")] == [
        ("N", 2),
        ("N", 8),
        None,
        None,
        ("N", 1),
        None,
    ]
    assert graph.parameters("fc2") == {}
    assert graph.input_shapes("loss") == {"target": ("N", 1)}


def test_shapes_follow_every_edit_and_its_undo():
    graph = perceptron()
    inverse = graph.apply(SetSetting("n2", "out_features", 3))
    assert graph.shapes()["n3"] == ("N", 3)
    assert graph.parameters("fc2")["weight"].shape == (1, 3)
    graph.apply(inverse)
    assert graph.shapes()["n3"] == ("N", 8)


def test_shapes_inside_a_group_come_from_outside():
    graph = perceptron()
    group = graph.group(["fc1", "act1"]).id
    assert graph.shapes((group,)) == {"n2": ("N", 8), "n3": ("N", 8), "n4": ("N", 2), "n5": ("N", 8)}
    graph.set("x", shape=(5,))
    assert graph.shapes((group,))["n4"] == ("N", 5)
    assert graph.parameters("n2", (group,))["weight"].shape == (8, 5)
    assert graph.input_shapes("fc1", (group,)) == {"input": ("N", 5)}


def test_two_edges_into_one_port_leave_its_shape_unknown():
    graph = Graph.from_dict(
        {
            "nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "act1", "Tanh")],
            "edges": [edge_entry("n1", "n2"), edge_entry("n1", "n2")],
        }
    )
    assert graph.shapes()["n2"] is None


def test_an_edge_into_a_port_called_like_a_setting_is_no_setting():
    graph = Graph.from_dict(
        {
            "nodes": [node_entry("n1", "x", "Input"), node_entry("n2", "fc1", "Linear")],
            "edges": [edge_entry("n1", "n2"), edge_entry("n1", "n2", "out_features")],
        }
    )
    assert graph.shapes()["n2"] == ("N", 4)


def test_a_move_works_nothing_out(worked_out: list[str]):
    graph = perceptron()
    group = graph.group(["fc1", "act1"]).id
    graph.shapes()
    worked_out.clear()
    graph.apply(Move({"n1": (5, 5), group: (6, 6)}))
    graph.apply(EditInside((group,), Move({"n2": (7, 7)})))
    graph.shapes()
    graph.flatten()
    graph.problems()
    assert worked_out == []


def test_an_edit_works_out_only_what_it_changes(worked_out: list[str]):
    graph = perceptron()
    graph.shapes()
    worked_out.clear()
    graph.apply(Rename("n2", "first"))
    graph.shapes()
    assert worked_out == []
    graph.apply(SetSetting("n2", "use_bias", False))
    graph.shapes()
    assert worked_out == ["Linear"]
    worked_out.clear()
    graph.apply(SetSetting("n2", "out_features", 3))
    graph.shapes()
    assert worked_out == ["Linear", "Tanh", "Linear"]


def test_two_thousand_nodes_at_once():
    graph = chain(2_000)
    shapes = Graph(Level(graph.level.nodes, graph.level.edges)).shapes()
    assert set(shapes.values()) == {("N", 16)}
    assert len(shapes) == 2_001
