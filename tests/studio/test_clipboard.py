"""Copy, cut, paste and duplicate, by the keys: with weights, edges, frames and bends, and out of any text."""

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddFrame, Edge, Frame, Graph, GroupNodes, SetBends
from nnstudio.project import Project, SetWeights
from nnstudio.project.files import to_bytes
from nnstudio.studio.clipboard import PART_MIME

Key, Keys = Qt.Key, Qt.KeyboardModifier
Ctrl = Keys.ControlModifier


@pytest.fixture(autouse=True)
def empty_clipboard(qapp):
    QGuiApplication.clipboard().clear()


@pytest.fixture
def user(window, hands):
    user = hands(window)
    rng = np.random.default_rng(1)
    weights = {"fc1.weight": rng.normal(size=(8, 2)).astype(np.float32), "fc1.bias": np.arange(8.0)}
    user.document.push(SetWeights(weights))
    user.document.stack.clear()
    user.canvas.setFocus()
    return user


def content(user):
    return to_bytes(user.document.project, "p.nns")


def pick(user, *names):
    user.canvas.select([user.id(name) for name in names])


def point_at(user, point):
    """Move the mouse there, as the canvas sees it."""
    QTest.mouseMove(user.canvas.viewport(), user.spot(point))
    QApplication.processEvents()
    user.canvas.pointer = QPointF(user.spot(point))


def put(text):
    QGuiApplication.clipboard().setText(text)


@pytest.fixture
def warnings(user, monkeypatch):
    heard = []
    monkeypatch.setattr(user.window.clipboard, "_warn", heard.append)
    return heard


def test_copied_and_pasted_at_the_pointer_with_weights_edges_and_free_names(user):
    before = content(user)
    pick(user, "fc1", "act1")
    user.key(Key.Key_C, Ctrl)
    assert content(user) == before and user.document.stack.count() == 0
    point_at(user, QPointF(500, 330))
    user.key(Key.Key_V, Ctrl)
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Paste 2 nodes"
    project = user.document.project
    assert project.graph.inputs_of("act2")["input"].source == user.id("fc3")
    assert "input" not in project.graph.inputs_of("fc3"), "edges from outside are not copied"
    assert np.array_equal(project.weights["fc3.weight"], project.weights["fc1.weight"])
    assert user.canvas.selected_nodes() == [user.id("fc3"), user.id("act2")]
    box = user.item("fc3").scene_card().united(user.item("act2").scene_card())
    assert (box.center() - QPointF(500, 330)).manhattanLength() <= 16
    after = content(user)
    user.key(Key.Key_Z, Ctrl)
    assert content(user) == before
    user.key(Key.Key_Y, Ctrl)
    assert content(user) == after


def test_what_is_on_the_clipboard_is_text_that_can_be_sent(user):
    pick(user, "fc1")
    user.key(Key.Key_C, Ctrl)
    mime = QGuiApplication.clipboard().mimeData()
    value = json.loads(mime.text())
    assert value["format"] == "nnstudio-part" and "fc1.weight" in value["weights"]
    assert bytes(mime.data(PART_MIME).data()).decode() == mime.text()
    put(mime.text())  # through a mail: plain text and nothing else
    user.key(Key.Key_V, Ctrl)
    assert np.array_equal(
        user.document.project.weights["fc3.weight"], user.document.project.weights["fc1.weight"]
    )


def covered(user):
    """The pairs of cards that lie on one another."""
    cards = {item.look.name: item.scene_card() for item in user.canvas.graph_scene.nodes.values()}
    return [(a, b) for a, b in combinations(cards, 2) if cards[a].intersects(cards[b])]


def test_repeated_pastes_do_not_lie_on_each_other(user):
    pick(user, "fc1")
    user.key(Key.Key_C, Ctrl)
    point_at(user, QPointF(500, 330))
    for _ in range(3):
        user.key(Key.Key_V, Ctrl)
    places = [user.document.level.nodes[user.id(name)].position for name in ("fc3", "fc4", "fc5")]
    assert places[1] == (places[0][0], places[0][1] + 136) and not covered(user)


def test_what_is_pasted_or_duplicated_covers_no_card(user):
    pick(user, "fc1", "act1")
    user.key(Key.Key_C, Ctrl)
    point_at(user, user.middle("fc2"))  # below it is t
    user.key(Key.Key_V, Ctrl)
    assert "act2" in user.document.level.names and not covered(user)
    for names in (("fc2",), ("fc1",), tuple(user.document.level.names)):
        pick(user, *names)
        user.key(Key.Key_D, Ctrl)
        assert not covered(user)
    assert len(user.document.level.nodes) == 18


def test_a_duplicate_of_a_frame_lies_on_no_other(user):
    user.document.push(AddFrame(Frame("f1", "Body", (200, -40), (430, 200), "blue")))
    user.document.push(AddFrame(Frame("f2", "Low", (300, 300), (430, 200), "grey")))
    user.canvas.graph_scene.select([], frames=["f1"])
    user.key(Key.Key_D, Ctrl)
    boxes = [item.scene_box() for item in user.canvas.graph_scene.frames.values()]
    assert len(boxes) == 3 and not any(a.intersects(b) for a, b in combinations(boxes, 2))
    assert not covered(user)


def test_with_the_pointer_elsewhere_it_comes_into_the_middle_of_the_view(user):
    pick(user, "fc1")
    user.key(Key.Key_C, Ctrl)
    user.canvas.look_at(QPointF(3000, 3000))
    user.canvas.pointer = None
    user.key(Key.Key_V, Ctrl)
    assert (user.item("fc3").scene_card().center() - QPointF(3000, 3000)).manhattanLength() <= 17


def test_cut_is_one_step_and_pasting_brings_the_same_node_back(user):
    before = content(user)
    weight = user.document.project.weights["fc1.weight"]
    pick(user, "fc1", "act1")
    user.key(Key.Key_X, Ctrl)
    assert {"fc1", "act1"}.isdisjoint(user.document.level.names)
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Cut 2 nodes"
    user.key(Key.Key_V, Ctrl)
    assert {"fc1", "act1"} <= set(user.document.level.names)
    assert np.array_equal(user.document.project.weights["fc1.weight"], weight)
    user.key(Key.Key_Z, Ctrl)
    user.key(Key.Key_Z, Ctrl)
    assert content(user) == before


def test_duplicate_leaves_the_clipboard_alone_and_has_its_name_in_the_history(user):
    put("mine")
    pick(user, "fc1")
    user.key(Key.Key_D, Ctrl)
    assert user.document.stack.undoText() == "Duplicate fc1"
    assert QGuiApplication.clipboard().text() == "mine"
    assert np.array_equal(
        user.document.project.weights["fc3.weight"], user.document.project.weights["fc1.weight"]
    )
    user.key(Key.Key_D, Ctrl)
    assert user.canvas.selected_nodes() == [user.id("fc4")]


def test_frames_and_bends_come_along(user):
    level = user.document.level
    edge = Edge(level.names["fc1"], level.names["act1"], "input")
    user.document.push(AddFrame(Frame("f1", "Body", (200, -40), (430, 200), "blue")))
    user.document.push(SetBends(edge, ((400.0, 90.0),)))
    user.canvas.graph_scene.select([], frames=["f1"])
    user.key(Key.Key_C, Ctrl)
    user.canvas.look_at(QPointF(400, 2000))
    user.canvas.pointer = None
    user.key(Key.Key_V, Ctrl)
    level = user.document.level
    frame = level.frames["f2"]
    assert (frame.title, frame.colour, frame.size) == ("Body", "blue", (430.0, 200.0))
    moved = np.subtract(frame.position, (200, -40))
    (copy,) = [each for each in level.edges if each.source == user.id("fc3")]
    assert np.array_equal(copy.bends, [np.add((400, 90), moved)])
    assert user.canvas.graph_scene.selected_frames() == ["f2"]
    assert user.document.stack.count() == 3


def test_into_and_out_of_a_group(user):
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "body"))
    group = user.id("body")
    pick(user, "fc2")
    user.key(Key.Key_C, Ctrl)
    user.canvas.sheet.enter(group)
    user.key(Key.Key_V, Ctrl)
    inside = user.document.level.at((group,))
    assert "fc2" in inside.names and user.canvas.selected_nodes() == [inside.names["fc2"]]
    user.canvas.select([inside.names["fc1"]])
    user.key(Key.Key_C, Ctrl)
    user.canvas.editing.leave()
    user.key(Key.Key_V, Ctrl)
    weights = user.document.project.weights
    assert np.array_equal(weights["fc1.weight"], weights["body.fc1.weight"])
    user.canvas.select([group])
    user.key(Key.Key_D, Ctrl)
    weights = user.document.project.weights
    assert np.array_equal(weights["body2.fc1.weight"], weights["body.fc1.weight"])


def test_from_one_window_to_another(user, open_window, hands):
    pick(user, "fc1", "act1", "fc2")
    user.key(Key.Key_C, Ctrl)
    other = hands(open_window())
    other.canvas.setFocus()
    other.key(Key.Key_V, Ctrl)
    assert list(other.document.level.names) == ["fc1", "act1", "fc2"]
    assert np.array_equal(
        other.document.project.weights["fc1.weight"], user.document.project.weights["fc1.weight"]
    )
    assert len(other.document.level.edges) == 2


FOREIGN = [
    "",
    "hello",
    "{}",
    '{"format": "nnstudio-part"',
    '{"format": "nnstudio-part", "version": 99, "graph": {}}',
    '{"format": "nnstudio-part", "version": 1, "graph": {"nodes": 5}}',
    '{"format": "nnstudio-part", "version": 1, "graph": {"nodes": [], "edges": []}}',
    '{"format": "other", "x": "nnstudio-part"}',
    '\ud800 "nnstudio-part"',
    "[" * 5000 + '"nnstudio-part"',
]


@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_and_broken_text_is_said_in_one_sentence(user, warnings, text):
    before = content(user)
    put(text)
    user.key(Key.Key_V, Ctrl)
    assert content(user) == before and user.document.stack.count() == 0
    assert len(warnings) == 1 and warnings[0].endswith(".") and "Traceback" not in warnings[0]


def test_text_of_others_is_not_called_broken_json(user, warnings):
    put("a line of a poem")
    user.key(Key.Key_V, Ctrl)
    assert warnings == ["What is on the clipboard is no part of a graph: copy nodes first, then paste them."]


def test_a_picture_or_wrong_bytes_on_the_clipboard_are_nothing_to_paste(user, warnings):
    mime = QMimeData()
    mime.setData(PART_MIME, b'\xff\xfe"nnstudio-part"')
    QGuiApplication.clipboard().setMimeData(mime)
    user.key(Key.Key_V, Ctrl)
    mime = QMimeData()
    mime.setData("image/png", b"\x89PNG")
    QGuiApplication.clipboard().setMimeData(mime)
    user.key(Key.Key_V, Ctrl)
    assert len(warnings) == 2 and user.document.stack.count() == 0


def test_a_clipboard_that_nobody_has_filled_is_said_to_be_empty(user, warnings):
    QGuiApplication.clipboard().clear()
    user.click(user.middle("fc1"))
    user.key(Key.Key_V, Keys.ControlModifier)
    assert warnings == ["There is nothing on the clipboard: copy nodes first, then paste them."]


def test_text_fields_keep_their_own(user):
    pick(user, "fc1")
    name = user.window.inspector.node_page.name
    name.setFocus()
    name.selectAll()
    user.key(Key.Key_C, Ctrl)
    assert QGuiApplication.clipboard().text() == "fc1"
    name.setText("")
    user.key(Key.Key_V, Ctrl)
    assert name.text() == "fc1" and user.document.stack.count() == 0
    name.selectAll()
    user.window.actions_by_id["cut"].trigger()  # by the menu: the field has the keyboard
    assert name.text() == "" and QGuiApplication.clipboard().text() == "fc1"
    user.window.actions_by_id["paste"].trigger()
    assert name.text() == "fc1" and user.document.stack.count() == 0


def test_nothing_selected_copies_nothing(user):
    put("mine")
    user.canvas.select([])
    for key in (Key.Key_C, Key.Key_X, Key.Key_D):
        user.key(key, Ctrl)
    assert QGuiApplication.clipboard().text() == "mine" and user.document.stack.count() == 0
    assert not user.window.actions_by_id["copy"].isEnabled()


def test_a_drag_under_way_is_given_up_before_something_is_pasted(user):
    pick(user, "fc1")
    user.key(Key.Key_C, Ctrl)
    start = user.middle("act1")
    user.press(start)
    user.move(start + QPointF(30, 30))
    user.move(start + QPointF(60, 60))
    user.window.clipboard.paste()
    user.release(start + QPointF(60, 60))
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Paste fc1"


@st.composite
def networks(draw):
    """Any drawing, sensible or not, with weights for its Linear nodes."""
    graph = Graph()
    types = draw(st.lists(st.sampled_from(["Linear", "Tanh", "Add", "Input", "MSE"]), min_size=1, max_size=8))
    places = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
    nodes = [graph.add(each, position=draw(places)) for each in types]
    for index, node in enumerate(nodes):
        for port in graph.input_ports(node):
            sources = [each for each in nodes[:index] if graph.output_ports(each)]
            if sources and draw(st.booleans()):
                edge = graph.connect(draw(st.sampled_from(sources)), node, port)
                graph.apply(SetBends(edge, tuple(draw(st.lists(places, max_size=2)))))
    project = Project(graph)
    for number, node in enumerate(nodes):
        if node.type == "Linear" and draw(st.booleans()):
            project.weights[f"{node.name}.weight"] = np.full((4, 3), number, np.float32)
    return project


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_pasting_a_copy_of_anything_adds_the_same_again(user, data):
    """Any selection: what comes has the same types, settings, edges, weights and places to each other."""
    document = user.document
    document.replace(data.draw(networks()))
    before = document.level
    old = data.draw(st.lists(st.sampled_from(list(before.nodes)), min_size=1, unique=True))
    old = [key for key in before.nodes if key in old]
    start = content(user)
    user.canvas.select(old)
    user.window.clipboard.copy()
    user.canvas.pointer = QPointF(data.draw(st.integers(0, 800)), data.draw(st.integers(0, 400)))
    user.window.clipboard.paste()
    after = document.level
    assert list(after.nodes)[: len(before.nodes)] == list(before.nodes)
    twin = dict(zip(old, list(after.nodes)[len(before.nodes) :], strict=True))
    shifts = set()
    for a, b in twin.items():
        one, two = before.nodes[a], after.nodes[b]
        assert (one.type, one.settings) == (two.type, two.settings)
        shifts.add(tuple(np.subtract(two.position, one.position)))
        arrays = [document.project.weights.get(f"{each.name}.weight") for each in (one, two)]
        assert (arrays[0] is None) == (arrays[1] is None)
        assert arrays[0] is None or np.array_equal(*arrays)
    (shift,) = shifts
    inner = [edge for edge in before.edges if edge.source in twin and edge.target in twin]
    new = after.edges[len(before.edges) :]
    assert [(e.source, e.target, e.port) for e in new] == [
        (twin[e.source], twin[e.target], e.port) for e in inner
    ]
    assert [e.bends for e in new] == [
        tuple((x + shift[0], y + shift[1]) for x, y in edge.bends) for edge in inner
    ]
    assert after.edges[: len(before.edges)] == before.edges
    document.undo()
    assert content(user) == start
    document.redo()
    assert document.level == after


def test_the_pointer_is_known_from_real_moves(user):
    spot = QPoint(300, 200)
    QTest.mouseMove(user.canvas.viewport(), spot)
    QApplication.processEvents()
    assert user.canvas.pointer is not None
    assert (user.canvas.pointer - QPointF(spot)).manhattanLength() <= 1
