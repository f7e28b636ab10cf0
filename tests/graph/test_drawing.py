"""Frames and bends: drawn and kept, and without effect on anything that is computed."""

import math
from dataclasses import replace
from typing import Any

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddEdge,
    AddFrame,
    Change,
    Edge,
    Edit,
    EditInside,
    Frame,
    Graph,
    GroupNodes,
    RemoveEdge,
    RemoveFrame,
    RemoveNode,
    SetBends,
    SetFrame,
    UngroupNode,
)
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron
from tests.graph.test_edits import there_and_back

A = Frame("f1", "Encoder", (0.0, -20.0), (400.0, 200.0), "blue")
B = Frame("f2", "", (10.0, 0.0), (50.0, 50.0))
INTO_ACT = Edge("n2", "n3", "input")


def drawn() -> Graph:
    graph = perceptron()
    for frame in (A, B):
        graph.apply(AddFrame(frame))
    graph.apply(SetBends(INTO_ACT, ((1, 2), (3, 4))))
    return graph


EDITS: list[tuple[Edit, str]] = [
    (AddFrame(Frame("", "Decoder", (0, 0), (10, 10))), "Add frame Decoder"),
    (RemoveFrame("f1"), "Remove frame Encoder"),
    (SetFrame(replace(A, title="Body")), "Rename frame to Body"),
    (SetFrame(replace(A, title="")), "Clear a frame's title"),
    (SetFrame(replace(A, colour="green")), "Colour frame Encoder green"),
    (SetFrame(replace(A, position=(7, 8))), "Move frame Encoder"),
    (SetFrame(replace(A, size=(7, 8))), "Resize frame Encoder"),
    (SetBends(Edge("n1", "n2", "input"), ((5, 5),)), "Bend the edge from x to fc1"),
    (SetBends(INTO_ACT), "Straighten the edge from fc1 to act1"),
    (EditInside((), RemoveFrame("f2")), "Remove frame"),
]


@pytest.mark.parametrize(("edit", "label"), EDITS, ids=[label for _, label in EDITS])
def test_every_edit_there_and_back_and_the_structure_stays(edit: Edit, label: str):
    graph = drawn()
    structure = graph.level.structure
    assert edit.described(graph).label == label
    assert there_and_back(graph, edit).label == label
    assert graph.level.structure is structure


def test_the_form_in_a_file():
    graph = drawn()
    entry = graph.to_dict()
    assert entry["frames"] == [
        {"id": "f1", "title": "Encoder", "position": [0, -20], "size": [400, 200], "colour": "blue"},
        {"id": "f2", "title": "", "position": [10, 0], "size": [50, 50], "colour": "grey"},
    ]
    assert entry["edges"][1] == edge_entry("n2", "n3", bends=[[1.0, 2.0], [3.0, 4.0]])
    again = Graph.from_dict(entry)
    assert again.level == graph.level
    assert bytes_of(again) == bytes_of(graph)
    plain = perceptron().to_dict()
    assert "frames" not in plain and not [edge for edge in plain["edges"] if "bends" in edge]


def test_fields_of_another_version_survive_a_change_of_the_frame():
    entry = drawn().to_dict()
    entry["frames"][0]["icon"] = ["star", {"size": 2}]
    graph = Graph.from_dict(entry)
    assert graph.to_dict() == entry
    graph.apply(SetFrame(replace(graph.level.frames["f1"], title="Body")))
    assert graph.to_dict()["frames"][0]["icon"] == ["star", {"size": 2}]


def frames(*entries: Any) -> dict[str, Any]:
    return {"nodes": [], "edges": [], "frames": list(entries)}


ONE = {"id": "f1", "title": "a", "position": [0, 0], "size": [1, 1], "colour": "grey"}
TWO = {"nodes": [node_entry("n1", "a", "Tanh"), node_entry("n2", "b", "Tanh")]}
WRONG = [
    ({"nodes": [], "edges": [], "frames": {}}, "frames must be a list, not an object."),
    (frames(7), "frames[0] must be an object, not a number."),
    (frames({**ONE, "size": [1, math.inf]}), "frames[0].size must be two finite numbers."),
    (frames({**ONE, "size": [1, 0]}), "frames[0].size must be two numbers above 0, not 1 and 0."),
    (frames({**ONE, "position": "here"}), "frames[0].position must be two finite numbers."),
    (frames({**ONE, "colour": "pink"}), "frames[0].colour must be one of grey, blue, orange"),
    (frames({**ONE, "colour": ["grey"]}), "frames[0].colour must be one of grey, blue, orange"),
    (frames({**ONE, "title": 3}), "frames[0].title must be text, not int."),
    (
        frames({**ONE, "title": "a\x00"}),
        "frames[0].title must be without control characters, unlike 'a\\x00'.",
    ),
    (frames({**ONE, "title": "a" * 1001}), "frames[0].title must have at most 1,000 characters, not 1,001."),
    (frames({**ONE, "id": ""}), "frames[0].id must be one line of text."),
    (frames({"id": "f1"}), "frames[0] has no field 'title'."),
    (frames(ONE, ONE), "frames[1].id is 'f1', which another frame has already."),
    (frames(*[ONE] * 10_001), "There would be 10,001 frames, but at most 10,000 are allowed."),
    ({**TWO, "edges": [edge_entry("n1", "n2", bends=3)]}, "edges[0].bends must be a list of places."),
    (
        {**TWO, "edges": [edge_entry("n1", "n2", bends=[[0, 0], [1]])]},
        "edges[0].bends[1] must be two finite numbers.",
    ),
    (
        {**TWO, "edges": [edge_entry("n1", "n2", bends=[[0, 0]] * 1001)]},
        "edges[0].bends must be at most 1,000 places, not 1,001.",
    ),
]


@pytest.mark.parametrize(("entry", "sentence"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_form_is_one_sentence_with_its_place(entry: Any, sentence: str):
    with pytest.raises(GraphError) as error:
        Graph.from_dict(entry)
    assert sentence in str(error.value)


REFUSED: list[tuple[Edit, str]] = [
    (AddFrame(A), "already a frame with the id 'f1'"),
    (AddFrame(replace(A, id="f9", size=(0, 1))), "A frame's size must be two numbers above 0"),
    (RemoveFrame("f9"), "There is no frame with the id 'f9'"),
    (SetFrame(replace(A, id="f9")), "There is no frame with the id 'f9'"),
    (SetFrame(replace(A, colour="pink")), "A frame's colour must be one of"),
    (SetBends(Edge("n1", "n3", "input"), ((0, 0),)), "There is no edge from x to the input of act1"),
    (SetBends(INTO_ACT, ((0, math.nan),)), "two finite numbers"),
    (AddEdge(Edge("n2", "n3", "input", bends=((0, 0),))), "two edges"),
    (GroupNodes(("n2",), frame_ids=("f9",)), "There is no frame with the id 'f9'"),
]


@pytest.mark.parametrize(("edit", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_changes_nothing(edit: Edit, sentence: str):
    graph = drawn()
    level = graph.level
    with pytest.raises(GraphError, match=sentence):
        graph.apply(edit)
    assert graph.level is level


def test_a_bent_edge_is_still_the_same_edge_but_not_the_same_level():
    straight, bent = perceptron(), perceptron()
    bent.apply(SetBends(INTO_ACT, ((1, 2),)))
    assert straight.edges == bent.edges
    assert straight.level != bent.level
    there_and_back(bent, RemoveEdge(INTO_ACT))
    there_and_back(bent, AddEdge(Edge("n2", "n3", "input", bends=((9, 9),))))
    assert bent.edges[-1].bends == ((9.0, 9.0),)
    there_and_back(bent, RemoveNode("n3"))


def test_of_edges_alike_the_last_is_bent():
    graph = Graph.from_dict({**TWO, "edges": [edge_entry("n1", "n2"), edge_entry("n1", "n2")]})
    there_and_back(graph, SetBends(Edge("n1", "n2", "input"), ((1, 1),)))
    assert [edge.bends for edge in graph.edges] == [(), ((1, 1),)]


def test_listeners_hear_what_was_bent_and_framed():
    graph = drawn()
    heard: list[Change] = []
    graph.subscribe(heard.append)
    graph.apply(SetBends(INTO_ACT))
    graph.apply(SetFrame(replace(A, title="Body")))
    graph.apply(RemoveFrame("f2"))
    graph.apply(AddFrame(replace(B, id="")))
    assert [change.only_moved for change in heard] == [True] * 4
    bent = heard[0].top
    assert (bent.edges_added, bent.edges_removed, bent.edges_bent) == ((), (), (INTO_ACT,))
    assert heard[1].top.frames_changed == ("f1",)
    assert heard[2].top.frames_removed == ("f2",)
    assert heard[3].top.frames_added == ("f2",), "the number is free again"


@pytest.mark.parametrize(
    "chosen", [("n2", "n3"), ("n2",), ("n3",), ("n3", "n4"), ("n2", "n3", "n4"), ("n6", "n5"), ("n4", "n6")]
)
@pytest.mark.parametrize("framed", [(), ("f1",), ("f2",), ("f2", "f1")])
def test_unfolding_what_was_folded_gives_frames_and_bends_back(
    chosen: tuple[str, ...], framed: tuple[str, ...]
):
    graph = drawn()
    for index, edge in enumerate(graph.edges):
        graph.apply(SetBends(edge, ((index, 1), (index, 2))))
    before, level = bytes_of(graph), graph.level
    there_and_back(graph, GroupNodes(chosen, frame_ids=framed))
    inside = graph.nodes["n7"].inside
    assert inside is not None
    assert set(inside.frames) == set(framed)
    there_and_back(graph, UngroupNode("n7"))
    assert bytes_of(graph) == before
    assert graph.level == level


def test_bends_drawn_on_both_sides_of_a_port_are_all_kept():
    graph = perceptron()
    group = graph.group(["fc1", "act1"])
    graph.apply(SetBends(Edge("n1", group.id, "x"), ((1, 0),)))
    graph.apply(EditInside((group.id,), SetBends(Edge("n4", "n2", "input"), ((2, 0),))))
    graph.apply(EditInside((group.id,), SetBends(Edge("n3", "n5", "input"), ((3, 0),))))
    graph.apply(SetBends(Edge(group.id, "n4", "input", "output1"), ((4, 0),)))
    graph.apply(EditInside((group.id,), AddFrame(A)))
    graph.apply(AddFrame(B))
    graph.apply(EditInside((group.id,), AddFrame(B)))
    there_and_back(graph, UngroupNode(group.id))
    bends = {(edge.source, edge.target): edge.bends for edge in graph.edges}
    assert bends["n1", "n2"] == ((1.0, 0.0), (2.0, 0.0))
    assert bends["n3", "n4"] == ((3.0, 0.0), (4.0, 0.0))
    assert list(graph.level.frames) == ["f1", "f2", "f3"]
