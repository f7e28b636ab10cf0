"""Random histories of edits: undo all gives the first bytes back, redo all the last, whatever lay between.

A history is a list of numbers; `edit_for` reads them against the level as it is, so that hypothesis can
shorten it.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.errors import GraphError
from nnstudio.graph import (
    FRAME_COLOURS,
    AddEdge,
    AddFrame,
    AddNode,
    ChangeType,
    Edge,
    Edit,
    EditInside,
    Frame,
    Graph,
    GroupNodes,
    Level,
    Move,
    Paste,
    Remove,
    RemoveEdge,
    RemoveFrame,
    RemoveNode,
    Rename,
    Sequence,
    SetBends,
    SetBypassed,
    SetFrame,
    SetSetting,
    SetSettings,
    UngroupNode,
    clip,
    removal,
    splice,
)
from nnstudio.graph.ports import definition_of, input_ports, output_ports
from nnstudio.modules.catalogue import definitions
from tests.graph.building import bytes_of, edge_entry, node_entry, perceptron

NAMES = ["a", "b", "c", "x", "fc1", "act1", "n3", "output1", "no.good", ""]
VALUES: list[Any] = [0, 1, 2, 5, -1, True, "mean", "sum", (2,), (), (3, 4), 0.5, float("nan"), None]
COMMON = ["Linear", "Tanh", "CAddTable", "Input", "Output", "Target", "MSE"]


class Command(NamedTuple):
    kind: str
    a: int
    b: int
    c: int
    inner: tuple[Any, ...] = ()


KINDS = [
    "add",
    "add",
    "add_inside",
    "remove",
    "connect",
    "connect",
    "connect",
    "disconnect",
    "rename",
    "move",
]
KINDS += ["set", "set_many", "change_type", "group", "group", "ungroup"]
KINDS += [
    "connect",
    "connect",
    "paste",
    "remove_all",
    "splice",
    "bypass",
    "add_frame",
    "set_frame",
    "remove_frame",
    "bend",
]
numbers = st.integers(0, 11)
plain = st.builds(Command, st.sampled_from(KINDS), numbers, numbers, numbers, st.just(()))
nested = st.recursive(
    plain,
    lambda inner: st.builds(
        Command,
        st.sampled_from(["inside", "sequence"]),
        numbers,
        numbers,
        numbers,
        st.lists(inner, min_size=1, max_size=4).map(tuple),
    ),
    max_leaves=5,
)
inside = st.builds(Command, st.just("inside"), numbers, numbers, numbers, st.tuples(nested))
histories = st.lists(
    plain | inside | nested, min_size=12, max_size=30
)  # hypothesis likes short lists too much


def pick(items: list[Any], index: int) -> Any:
    return items[index % len(items)] if items else None


def edit_for(level: Level, command: Command) -> Edit | None:
    """The edit that a command means on this level; None where there is nothing for it to work on."""
    nodes = list(level.nodes.values())
    node = pick(nodes, command.a)
    match command.kind:
        case "add":
            kinds = COMMON if command.a < 8 else list(definitions())
            name = None if command.c < 8 else pick(NAMES, command.b)
            return AddNode(pick(kinds, command.b), name)
        case "add_inside":
            return AddNode("Group", inside=perceptron().level)
        case "connect" if node is not None:
            outputs = output_ports(level, node)
            free = [
                (each.id, port)
                for each in nodes
                for port in input_ports(level, each)
                if port not in level.structure.incoming[each.id]
            ]
            if command.c < 9 and free:
                return AddEdge(Edge(node.id, *pick(free, command.b), pick([*outputs], command.c) or "output"))
            target = pick(nodes, command.b)
            port = pick([*input_ports(level, target), "nowhere"], command.c)
            return AddEdge(Edge(node.id, target.id, port, pick([*outputs, "output"], command.c)))
        case "disconnect" if level.edges:
            return RemoveEdge(pick(list(level.edges), command.a))
        case "inside" if groups := [each for each in nodes if each.is_group]:
            group = pick(groups, command.a)
            inner = command.inner[0] if command.inner else Command("add", command.b, command.c, 0)
            edit = edit_for(group.inside, inner)
            return None if edit is None else EditInside((group.id,), edit)
        case "add_frame":
            return AddFrame(
                frame_of(command, pick(["", "", "f1", "mine"], command.a)), pick([None, 0], command.b)
            )
        case "set_frame" if level.frames:
            return SetFrame(frame_of(command, pick(list(level.frames), command.a)))
        case "remove_frame" if level.frames:
            return RemoveFrame(pick(list(level.frames), command.a))
        case "bend" if level.edges:
            edge = pick(list(level.edges), command.a)
            return SetBends(edge, tuple((k, command.b) for k in range(command.c % 3)))
        case "paste" if nodes or level.frames:
            part = clip(level, list(level.nodes)[command.a :: 2], list(level.frames)[command.b % 2 :])
            return Paste(part, None if command.c < 6 else (command.b, -command.c))
        case "remove_all":
            chosen = list(level.nodes)[command.a :: 1 + command.b % 3]
            edges = level.edges[command.c :][:1] if command.c < 6 else ()
            return removal(Graph(level), chosen, edges, tuple(level.frames)[command.b :])
        case "splice" if level.edges:
            added = AddNode(pick(["Tanh", "Linear", "CAddTable"], command.b))
            chosen = added if command.c < 8 or node is None else node.id
            try:
                return splice(level, chosen, pick(list(level.edges), command.a))
            except GraphError:
                return None
        case "sequence":
            return Sequence(list(_successive(level, command.inner)))
        case _ if node is not None:
            return edit_of_node(level, node.id, command)
    return None


def frame_of(command: Command, frame_id: str) -> Frame:
    colour = pick([*FRAME_COLOURS, "pink"], command.c)
    return Frame(frame_id, pick(NAMES, command.b), (command.a, 0.5), (100, command.b), colour)


def edit_of_node(level: Level, node_id: str, command: Command) -> Edit | None:
    node = level.nodes[node_id]
    known = definition_of(node)
    names = list(known.settings) if known else ["width"]
    match command.kind:
        case "remove":
            return RemoveNode(node_id)
        case "rename":
            return Rename(node_id, pick(NAMES, command.b))
        case "bypass":
            chosen = list(level.nodes)[command.a :: 3] if command.b < 2 else [node_id]
            return SetBypassed(tuple(chosen), command.c < 8)
        case "move":
            other = pick(list(level.nodes), command.b)
            return Move({node_id: (command.b, -command.c), other: (0.5, command.a)})
        case "set" if names:
            return SetSetting(node_id, pick(names, command.b), pick(VALUES, command.c))
        case "set_many" if names:
            return SetSettings(
                node_id, {name: pick(VALUES, command.c) for name in names[: 1 + command.b % 3]}
            )
        case "change_type":
            return ChangeType(node_id, pick(list(definitions()), command.b * 12 + command.c))
        case "group":
            ids = list(level.nodes)
            start = command.a % len(ids)
            chosen = [
                key for key in ids[start : start + 1 + command.b % 4] if level.nodes[key].type != "Input"
            ]
            framed = tuple(level.frames)[: command.c % 3]
            return GroupNodes(tuple(chosen), None if command.c < 6 else pick(NAMES, command.c), framed)
        case "ungroup":
            groups = [each.id for each in level.nodes.values() if each.is_group]
            return UngroupNode(pick(groups, command.b)) if groups else None
    return None


def _successive(level: Level, commands: tuple[Command, ...]) -> Iterator[Edit]:
    """Edits of which each fits the level after the former one, as far as they can be."""
    for command in commands:
        edit = edit_for(level, command)
        if edit is None:
            continue
        yield edit
        try:
            level, _ = edit.on(level)
        except GraphError:
            return  # the whole sequence will be refused


def odd_document() -> Graph:
    """What only a file can bring: a cycle, two edges into a port, ports and types that are not there."""
    inside = {
        "nodes": [
            node_entry("n1", "x", "Input"),
            node_entry("i", "y", "Output"),
            node_entry("n7", "z", "Tanh"),
        ],
        "edges": [edge_entry("n1", "n7"), edge_entry("n7", "i"), edge_entry("n1", "i")],
        "fold": True,
    }
    return Graph.from_dict(
        {
            "nodes": [
                node_entry("n2", "x", "Input"),
                node_entry("first", "fc1", "Linear", settings={"later": 1}),
                node_entry("n9", "a", "FutureLayer", settings={"k": [1, {}]}, colour="red", bypassed=True),
                node_entry("n4", "g", "Group", inside=inside, bypassed=True),
                node_entry("n3", "sum", "CAddTable"),
            ],
            "edges": [
                edge_entry("n2", "first"),
                edge_entry("n2", "first", weight=1),
                edge_entry("first", "n9", "p"),
                edge_entry("n9", "n4", "x", source_port="q"),
                edge_entry("n9", "n4", "b"),
                edge_entry("n4", "n3", "a", source_port="y"),
                edge_entry("n3", "n3", "b"),
                edge_entry("n4", "first", "other", source_port="nope", bends=[[1, 2]]),
            ],
            "frames": [
                {"id": "g", "title": "a\nb", "position": [0, 0], "size": [9, 9], "colour": "blue", "z": 1}
            ],
            "camera": [1, 2],
        }
    )


def check_document(graph: Graph) -> None:
    """What must hold after every history, however odd."""
    check_level(graph.level)
    text = bytes_of(graph)
    loaded = Graph.from_dict(graph.to_dict())
    assert bytes_of(loaded) == text
    assert loaded.level == graph.level
    assert loaded.shapes() == graph.shapes(), "what was kept from one inference to the next still holds"
    assert loaded.problems() == graph.problems()
    names = [node.name for node in graph.flatten()]
    assert len(set(names)) == len(names)
    seen: set[str] = set()
    for node in graph.flatten():
        assert set(node.sources) == set(node.definition.ports)
        assert set(node.sources.values()) <= seen
        assert graph.path(node.name) == node.path
        seen.add(node.name)
    for problem in graph.problems():
        if problem.fix is not None:
            fixed = graph.copy()
            inverse = fixed.apply(problem.fix)
            assert same_place(fixed, problem) < same_place(graph, problem), problem.sentence
            fixed.apply(inverse)
            assert bytes_of(fixed) == text


def same_place(graph: Graph, problem: Any) -> int:
    return sum(
        (each.kind, each.path, each.port) == (problem.kind, problem.path, problem.port)
        for each in graph.problems()
    )


def check_level(level: Level) -> None:
    assert level.names == {node.name: key for key, node in level.nodes.items()}
    assert all(node.id == key for key, node in level.nodes.items())
    assert not [key for key in level.nodes if level.names.get(key, key) != key]
    assert all(edge.source in level.nodes and edge.target in level.nodes for edge in level.edges)
    assert level.next_id() not in level.nodes
    assert level.next_id() == Level(level.nodes, level.edges).next_id()
    for node in level.nodes.values():
        if node.inside is not None:
            check_level(node.inside)


def nested_groups() -> Graph:
    graph = perceptron()
    graph.group([graph.group(["fc1", "act1"]), "fc2"])
    graph.apply(AddFrame(Frame("", "all", (-50, -50), (900, 300), "blue")))
    return graph


@settings(max_examples=200)
@given(st.sampled_from([Graph, nested_groups, odd_document]), histories)
def test_undo_all_and_redo_all(start: Callable[[], Graph], history: list[Command]):
    graph = start()
    texts = [bytes_of(graph)]
    done: list[Edit] = []
    inverses: list[Edit] = []
    for command in history:
        edit = edit_for(graph.level, command)
        if edit is None:
            continue
        level = graph.level
        try:
            inverse = graph.apply(edit)
        except GraphError as error:
            assert graph.level is level
            assert str(error)
            continue
        done.append(edit)
        inverses.append(inverse)
        texts.append(bytes_of(graph))
    check_document(graph)

    redo: list[Edit] = []
    for index in range(len(done) - 1, -1, -1):
        redo.append(graph.apply(inverses[index]))
        assert bytes_of(graph) == texts[index], f"undo of {done[index]}"
    assert graph.shapes() == start().shapes()
    for index, edit in enumerate(reversed(redo)):
        graph.apply(edit)
        assert bytes_of(graph) == texts[index + 1], f"redo of {done[index]}"
    for inverse in reversed(inverses):
        graph.apply(inverse)
    assert bytes_of(graph) == texts[0]
    for edit in done:
        graph.apply(edit)
    assert bytes_of(graph) == texts[-1], "the edits themselves do for redo, too"


def test_the_histories_do_what_they_are_for():
    """All kinds of edits come up and succeed: a history that only fails would prove nothing."""
    succeeded: set[type] = set()

    @settings(max_examples=200, derandomize=True, database=None)
    @given(histories)
    def run(history: list[Command]) -> None:
        graph = nested_groups()
        for command in history:
            edit = edit_for(graph.level, command)
            if edit is not None:
                try:
                    graph.apply(edit)
                except GraphError:
                    continue
                succeeded.add(type(edit))
                while isinstance(edit, EditInside):
                    edit = edit.edit
                    succeeded.add((EditInside, type(edit)))  # type: ignore[arg-type]

    run()
    kinds = {
        AddNode,
        RemoveNode,
        AddEdge,
        RemoveEdge,
        Rename,
        Move,
        SetSetting,
        SetSettings,
        ChangeType,
        Sequence,
    }
    assert kinds | {GroupNodes, UngroupNode, EditInside} <= succeeded
    assert {Paste, Remove, SetBypassed, AddFrame, RemoveFrame, SetFrame, SetBends} <= succeeded
    assert {(EditInside, kind) for kind in (AddNode, RemoveNode, Rename, AddEdge, GroupNodes)} <= succeeded
