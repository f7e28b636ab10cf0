"""Copies of a part of a level: what goes into them, and where and under which names they arrive."""

import pytest

from nnstudio.errors import GraphError
from nnstudio.graph import AddFrame, EditInside, Frame, Graph, Level, Paste, SetBends, SetBypassed, clip
from tests.graph.building import bytes_of, perceptron
from tests.graph.test_edits import there_and_back
from tests.graph.test_mending import chain


def drawn() -> Graph:
    graph = perceptron()
    graph.apply(SetBends(graph.edges[1], ((250, 40), (300, 40))))
    graph.apply(SetBypassed(("n3",)))
    for title in ("one", "two"):
        graph.apply(AddFrame(Frame("", title, (150, -50), (400, 100), "green")))
    return graph


def test_a_clip_has_the_nodes_their_inner_edges_and_the_frames():
    graph = drawn()
    part = clip(graph.level, ["n4", "n3", "n2"], ["f2"])
    assert list(part.nodes) == ["n2", "n3", "n4"]
    assert [(edge.source, edge.target) for edge in part.edges] == [("n2", "n3"), ("n3", "n4")]
    assert list(part.frames) == ["f2"]
    assert clip(graph.level, []).nodes == {}
    with pytest.raises(GraphError, match="no node with the id 'n99'"):
        clip(graph.level, ["n99"])
    with pytest.raises(GraphError, match="no frame with the id 'f99'"):
        clip(graph.level, ["n1"], ["f99"])


def test_pasting_beside_the_copied():
    graph = drawn()
    part = clip(graph.level, ["n2", "n3"], ["f2"])
    edit = Paste(part)
    assert edit.label == "Paste 2 nodes"
    there_and_back(graph, edit)
    new = [graph.node("fc3"), graph.node("act2")]
    assert [node.id for node in new] == ["n7", "n8"]
    assert new[0].position == (232.0, 32.0)
    assert new[0].settings == graph.node("fc1").settings
    assert new[1].bypassed
    assert graph.edges[-1].bends == ((282.0, 72.0), (332.0, 72.0))
    assert graph.level.frames["f3"] == Frame("f3", "two", (182.0, -18.0), (400.0, 100.0), "green")
    there_and_back(graph, edit)
    assert graph.node("fc4").position == (264.0, 64.0), "clear of what was pasted before"


def test_pasting_at_a_place_puts_the_upper_left_corner_there():
    graph = drawn()
    there_and_back(graph, Paste(clip(graph.level, ["n2", "n3"], ["f1"]), (1000, 500)))
    assert graph.level.frames["f3"].position == (1000.0, 500.0)
    assert graph.node("fc3").position == (1050.0, 550.0)
    there_and_back(graph, Paste(clip(graph.level, ["n3"]), (0, 0)))
    assert graph.node("act3").position == (0.0, 0.0)


def test_names_that_are_free_are_kept_and_ids_and_names_never_meet():
    graph = Graph()
    graph.add("Tanh", name="n3")
    other = Graph()
    for name in ("mine", "n3", "n4", "n5", "fc9", "9"):
        other.add("Tanh", name=name)
    there_and_back(graph, Paste(other.level))
    assert list(graph.nodes) == ["n1", "n2", "n4", "n5", "n6", "n7", "n8"]
    assert [node.name for node in graph.nodes.values()] == ["n3", "mine", "n9", "n10", "n11", "fc9", "9"]
    assert Graph.from_dict(graph.to_dict()).level == graph.level


def test_groups_and_inside_groups():
    graph = perceptron()
    group = graph.group(["fc1", "act1"], "encoder")
    part = clip(graph.level, [group.id])
    there_and_back(graph, Paste(part))
    assert graph.node("encoder2.fc1").type == "Linear"
    there_and_back(graph, EditInside((group.id,), Paste(part)))
    assert graph.node("encoder.encoder.fc1").type == "Linear"


def test_what_cannot_be_pasted():
    graph = drawn()
    level = graph.level
    with pytest.raises(GraphError, match="There is nothing to paste"):
        graph.apply(Paste(Level()))
    with pytest.raises(GraphError, match="The place to paste at must be two finite numbers"):
        graph.apply(Paste(level, (0, float("nan"))))
    assert graph.level is level
    graph.move("n2", (-1.7e308, 0))
    part = clip(graph.level, ["n1", "n2"])
    with pytest.raises(GraphError, match="The place of what is pasted must be two finite numbers"):
        graph.apply(Paste(part, (1.7e308, 0)))


def test_labels():
    level = drawn().level
    labels = [
        Paste(clip(level, ids, frames)).label
        for ids, frames in ((["n2"], []), ([], ["f1"]), (["n2"], ["f1"]))
    ]
    assert labels == ["Paste fc1", "Paste frame one", "Paste 1 node"]


def test_thousands_are_pasted_at_once():
    graph = chain(2000)
    before = bytes_of(graph)
    edit = Paste(clip(graph.level, list(graph.nodes)), (0, 900))
    graph.apply(graph.apply(edit))
    assert bytes_of(graph) == before
