"""The document as JSON: nothing is lost, and what is wrong is said with its place."""

import copy
import json
import math
from typing import Any

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import Graph
from nnstudio.modules.catalogue import definitions
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron


def test_the_form_of_the_document():
    graph = Graph()
    x, fc = graph.add("Input", position=(1, 2)), graph.add("Linear", out_features=3)
    graph.connect(x, fc)
    assert graph.to_dict() == {
        "nodes": [
            {"id": "n1", "name": "x", "type": "Input", "settings": {"shape": [2]}, "position": [1.0, 2.0]},
            {
                "id": "n2",
                "name": "fc1",
                "type": "Linear",
                "settings": {"out_features": 3, "in_features": 0, "use_bias": True, "init": "uniform"},
                "position": [201.0, 2.0],
            },
        ],
        "edges": [{"source": "n1", "source_port": "output", "target": "n2", "port": "input"}],
    }


@pytest.mark.parametrize("name", definitions())
def test_every_node_type_goes_there_and_back(name: str):
    graph = Graph()
    graph.add(name)
    text = bytes_of(graph)
    loaded = Graph.from_dict(json.loads(text))
    assert bytes_of(loaded) == text
    assert loaded.level == graph.level


def test_groups_go_there_and_back():
    graph = perceptron()
    graph.group([graph.group(["fc1", "act1"]), "fc2"])
    text = bytes_of(graph)
    loaded = Graph.from_dict(json.loads(text))
    assert bytes_of(loaded) == text
    assert loaded.level == graph.level
    assert [node.name for node in loaded.flatten()] == [node.name for node in graph.flatten()]


def test_what_is_not_known_survives():
    future = {"when": ["later", 2, 0.5, None, True, {"deep": []}]}
    entry = {
        "nodes": [
            {**perceptron().to_dict()["nodes"][0], "colour": "red"},
            node_entry(
                "n2",
                "new",
                "FutureLayer",
                settings=future,
                inside="what a future layer keeps there",
                notes=future,
            ),
            node_entry(
                "n3", "g", "Group", inside={"nodes": [], "edges": [], "fold": True}, settings={"locked": True}
            ),
        ],
        "edges": [edge_entry("n1", "n2", "any port", source_port="output", weight=3)],
        "camera": future,
    }
    entry["nodes"][0]["settings"]["unit"] = "cm"
    before = copy.deepcopy(entry)
    graph = Graph.from_dict(entry)
    assert graph.to_dict() == before
    assert {problem.kind for problem in graph.problems()} == {
        "unknown-type",
        "unknown-setting",
        "unknown-field",
        "no-criterion",
    }
    graph.set("x", shape=(3,))
    graph.rename("x", "y")
    graph.move("new", (1, 1))
    after = graph.to_dict()
    assert after["nodes"][0]["settings"] == {"shape": [3], "unit": "cm"}
    assert after["nodes"][0]["colour"] == "red"
    assert after["nodes"][1]["settings"] == future
    entry["camera"]["when"].append("changed behind its back")
    assert graph.to_dict()["camera"] == future | {"when": before["camera"]["when"]}


def test_settings_that_are_missing_get_their_default():
    graph = Graph.from_dict({"nodes": [node_entry("n1", "fc1", "Linear")], "edges": []})
    assert graph.node("fc1").settings["use_bias"] is True
    entry = node_entry("n1", "fc1", "Linear")
    del entry["settings"]
    assert Graph.from_dict({"nodes": [entry], "edges": []}).level == graph.level


def nodes(*entries: Any) -> dict[str, Any]:
    return {"nodes": list(entries), "edges": []}


def without(name: str) -> dict[str, Any]:
    entry = node_entry("n1", "a", "Tanh")
    del entry[name]
    return entry


def nested(depth: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"nodes": [], "edges": []}
    for _ in range(depth - 1):
        entry = nodes(node_entry("n1", "g", "Group", inside=entry))
    return entry


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


A, B = node_entry("n1", "a", "Tanh"), node_entry("n2", "b", "Tanh")
WRONG = [
    (None, "The graph must be an object, not null."),
    ([], "The graph must be an object, not a list."),
    ({"edges": []}, "The graph has no field 'nodes'."),
    ({"nodes": []}, "The graph has no field 'edges'."),
    ({"nodes": {}, "edges": []}, "nodes must be a list, not an object."),
    ({"nodes": [], "edges": "n1"}, "edges must be a list, not text."),
    (nodes(3), "nodes[0] must be an object, not a number."),
    (nodes(without("id")), "nodes[0] has no field 'id'."),
    (nodes(without("type")), "nodes[0] has no field 'type'."),
    (nodes(without("position")), "nodes[0] has no field 'position'."),
    (nodes({**A, "id": 7}), "nodes[0].id must be text, not int."),
    (nodes({**A, "id": ""}), "nodes[0].id must not be empty."),
    (
        nodes({**A, "name": "a\nb"}),
        "nodes[0].name must be one line without control characters, unlike 'a\\nb'.",
    ),
    (nodes({**A, "name": "a.b"}), "nodes[0].name must not contain a dot"),
    (nodes({**A, "name": "a" * 65}), "nodes[0].name must have at most 64 characters, not 65."),
    (nodes({**A, "type": None}), "nodes[0].type must be the name of a node type."),
    (nodes(A, {**B, "position": [1]}), "nodes[1].position must be two finite numbers."),
    (nodes(A, {**B, "position": [1, "2"]}), "nodes[1].position must be two finite numbers."),
    (nodes(A, {**B, "position": [1, math.nan]}), "nodes[1].position must be two finite numbers."),
    (nodes(A, {**B, "position": [True, False]}), "nodes[1].position must be two finite numbers."),
    (nodes(A, {**B, "position": {"x": 1, "y": 2}}), "nodes[1].position must be two finite numbers."),
    (nodes(A, {**B, "id": "n1"}), "nodes[1].id is 'n1', which another node has already."),
    (nodes(A, {**B, "name": "a"}), "nodes[1].name is 'a', which another node on its level has already."),
    (nodes(A, {**B, "name": "n1"}), "'n1' is the id of a and the name of another node"),
    (nodes({**A, "settings": []}), "nodes[0].settings must be an object, not a list."),
    (
        nodes(node_entry("n1", "a", "Linear", settings={"out_features": -1})),
        "nodes[0].settings, of the node a: Linear's out_features must be",
    ),
    (nodes({**A, "settings": {"x": math.inf}}), "nodes[0].settings.x must be a finite number, but is inf."),
    (nodes({**A, "later": [1, {"x": math.nan}]}), "nodes[0].later[1].x must be a finite number, but is nan."),
    (nodes({**A, "later": {1: 2}}), "nodes[0].later has the key 1, but keys must be text."),
    (nodes({**A, "later": deep(70)}), "is nested more than 64 levels deep."),
    (nodes({**A, "later": b"bytes"}), "nodes[0].later holds a bytes, which a project file cannot store."),
    (nodes(node_entry("n1", "g", "Group")), "nodes[0] has no field 'inside'."),
    (nodes(node_entry("n1", "g", "Group", inside=[])), "nodes[0].inside must be an object, not a list."),
    (
        nodes(node_entry("n1", "g", "Group", inside=nodes(A, 5))),
        "nodes[0].inside.nodes[1] must be an object, not a number.",
    ),
    (
        nodes(node_entry("n1", "g", "Group", inside={"nodes": []})),
        "nodes[0].inside has no field 'edges'.",
    ),
    (nested(33), "Groups would be nested 33 levels deep, but at most 32 are allowed."),
    (nested(400), "Groups would be nested 33 levels deep, but at most 32 are allowed."),
    (nodes(*[A] * 100_001), "The graph would have 100,001 nodes, but at most 100,000 are allowed."),
    ({"nodes": [A, B], "edges": [None]}, "edges[0] must be an object, not null."),
    (
        {"nodes": [A, B], "edges": [edge_entry("n1", "n3")]},
        "edges[0].target is 'n3', but no node has that id.",
    ),
    ({"nodes": [A, B], "edges": [edge_entry("a", "n2")]}, "edges[0].source is 'a', but no node has that id."),
    (
        {"nodes": [A, B], "edges": [{**edge_entry("n1", "n2"), "target": ["n2"]}]},
        "edges[0].target is ['n2'], but",
    ),
    ({"nodes": [A, B], "edges": [edge_entry("n1", "n2", 5)]}, "edges[0].port must be text, not int."),
    ({"nodes": [A, B], "edges": [{"source": "n1", "target": "n2"}]}, "edges[0] has no field 'port'."),
]


@pytest.mark.parametrize(("entry", "sentence"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_form_is_one_sentence_with_its_place(entry: Any, sentence: str):
    with pytest.raises(GraphError) as error:
        Graph.from_dict(entry)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_reading_does_not_change_what_is_read():
    entry = perceptron().to_dict()
    before = copy.deepcopy(entry)
    Graph.from_dict(entry)
    assert entry == before
