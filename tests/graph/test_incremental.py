"""After an edit only what it touches is worked out again, and what comes out is what a fresh start gives."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddEdge,
    AddNode,
    Edge,
    Edit,
    Graph,
    Level,
    Move,
    RemoveEdge,
    RemoveNode,
    Rename,
    SetSetting,
)
from nnstudio.graph.inference import Inference, infer
from nnstudio.graph.level import Structure
from tests.graph.test_histories import Command, edit_for, histories, nested_groups, odd_document
from tests.graph.test_inference import chain


def fresh(level: Level) -> Level:
    """The same content, without anything that was worked out before."""
    return Level(dict(level.nodes), level.edges, level.extra, dict(level.frames))


def check_structure(level: Level) -> None:
    wanted = Structure(fresh(level))
    found = level.structure
    assert [*found.incoming.items()] == [*wanted.incoming.items()]
    assert [[*ports] for ports in found.incoming.values()] == [[*ports] for ports in wanted.incoming.values()]
    assert [*found.outgoing.items()] == [*wanted.outgoing.items()]
    assert found.order == wanted.order
    for node in level.nodes.values():
        if node.inside is not None:
            check_structure(node.inside)


def told(found: Inference) -> Any:
    """All that an inference says, to compare."""
    return (
        found.inputs,
        found.given,
        {key: (each.shape, str(each.fault), each.parameters) for key, each in found.findings.items()},
        {key: told(inside) for key, inside in found.inside.items()},
    )


def check(graph: Graph, widths: dict[str, tuple[int, ...]], classes: dict[str, int]) -> None:
    again = Graph(fresh(graph.level))
    assert told(graph.inferred()) == told(infer(again.level))
    assert graph.shapes() == again.shapes()
    flat, wanted = graph.flatten(), again.flatten()
    assert flat.nodes == wanted.nodes and flat.feeders == wanted.feeders
    found, expected = graph.problems(widths, classes), again.problems(widths, classes)
    assert found == expected
    assert [each.fix_label for each in found] == [each.fix_label for each in expected]
    check_structure(graph.level)


DATA = [({}, {}), ({"x": (3,), "t": ()}, {"t": 4})]


@settings(max_examples=150)
@given(st.sampled_from([Graph, nested_groups, odd_document]), histories, st.sampled_from(DATA))
def test_after_every_edit_all_is_as_from_a_fresh_start(
    start: Callable[[], Graph], history: list[Command], data: tuple[Any, Any]
):
    graph = start()
    graph.problems(*data)
    inverses: list[Edit] = []
    for command in history:
        edit = edit_for(graph.level, command)
        if edit is None:
            continue
        try:
            inverses.append(graph.apply(edit))
        except GraphError:
            continue
        if command.a % 3:  # several edits may come between two looks
            check(graph, *data)
    for inverse in reversed(inverses):
        graph.apply(inverse)
        check(graph, *data)


def edits(graph: Graph) -> Iterator[tuple[Edit, set[str]]]:
    """Edits in the middle of a chain of 100, and the nodes that they touch."""
    linear, after, next_linear = "n50", "n51", "n52"
    assert [graph.nodes[key].type for key in (linear, after, next_linear)] == ["Linear", "Tanh", "Linear"]
    yield Move({linear: (5.0, 5.0)}), set()
    yield Rename(linear, "other"), {linear}
    yield SetSetting(linear, "use_bias", False), {linear}
    yield AddNode("Tanh"), {"n102"}
    yield RemoveNode("n102"), set()
    yield SetSetting(linear, "out_features", 3), {linear, after, next_linear}  # which gives what it gave
    yield SetSetting(linear, "out_features", 16), {linear, after, next_linear}
    last = graph.edges[-1]
    yield RemoveEdge(last), {last.target, last.source}
    yield AddEdge(Edge(last.source, last.target, last.port)), {last.target, last.source}


def test_only_what_an_edit_touches_is_looked_at(monkeypatch: pytest.MonkeyPatch):
    from nnstudio.graph import inference

    graph = chain(100)
    graph.inferred()
    looked: list[str] = []
    look = inference._look_at

    def counting(level: Level, node: Any, *rest: Any) -> bool:
        looked.append(node.id)
        return look(level, node, *rest)

    monkeypatch.setattr(inference, "_look_at", counting)
    for edit, touched in edits(graph):
        looked.clear()
        graph.apply(edit)
        graph.inferred()
        assert sorted(looked) == sorted(touched), edit


def test_tables_of_nodes_that_an_edit_leaves_alone_are_shared():
    graph = chain(100)
    before = graph.level.structure
    assert len(before.incoming) == 101
    graph.apply(RemoveEdge(graph.edges[50]))
    gone = graph.level.structure
    others = [key for key in graph.nodes if gone.incoming[key] is not before.incoming[key]]
    assert len(others) == 1
    assert sum(gone.outgoing[key] is not before.outgoing[key] for key in graph.nodes) == 1
    graph.apply(Rename("n3", "other"))
    assert graph.level.structure is not gone and graph.level.structure.incoming is gone.incoming


def test_problems_of_other_nodes_are_taken_over(monkeypatch: pytest.MonkeyPatch):
    from nnstudio.graph import drawing_problems

    graph = Graph()
    for _ in range(40):
        graph.connect(graph.add("Input", shape=(2,)), graph.add("Linear", out_features=2))
        graph.add("Tanh")  # with 40 outputs it is for the user to say which is meant
    first = graph.problems()
    assert [each.kind for each in first] == ["missing-input"] * 40 + ["no-criterion"]
    looked: list[str] = []
    part = drawing_problems._part

    def counting(place: Any, node: Any) -> Any:
        looked.append(node.id)
        return part(place, node)

    monkeypatch.setattr(drawing_problems, "_part", counting)
    graph.apply(RemoveEdge(graph.edges[20]))
    second = graph.problems()
    assert sorted(looked) == sorted([graph.nodes["n61"].id, graph.nodes["n62"].id])
    assert len(second) == 42
    assert sum(any(each is old for old in first) for each in second) == 40, "the very same objects"
    looked.clear()
    graph.apply(Rename("n3", "other"))
    assert graph.problems()[0].node == "other"
    assert looked == ["n3"]


def test_what_could_be_connected_is_asked_again_when_there_is_more_of_it():
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Tanh", "act1")
    assert [each.fix_label for each in graph.problems()][:1] == ["Connect x to act1"]
    graph.add("Input", "y", shape=(2,))
    assert [each.fix for each in graph.problems()][:1] == [None]
    graph.rename("x", "z")
    graph.remove("y")
    assert [each.fix_label for each in graph.problems()][:1] == ["Connect z to act1"]
