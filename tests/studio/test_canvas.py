"""The canvas, used by mouse and keys."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode, Edge, RemoveEdge

Key, Mouse, Keys = Qt.Key, Qt.MouseButton, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    return hands(window)


def edges(user):
    """Edges as readable text."""
    nodes = user.document.level.nodes
    return {f"{nodes[e.source].name}>{nodes[e.target].name}.{e.port}" for e in user.document.level.edges}


# -- selecting and moving


def test_a_click_selects_a_node_and_a_click_beside_it_selects_nothing(user):
    user.click(user.middle("fc1"))
    assert user.canvas.selected_nodes() == [user.id("fc1")]
    user.click(user.middle("act1"), keys=Keys.ShiftModifier)
    assert user.canvas.selected_nodes() == [user.id("fc1"), user.id("act1")]
    user.click(user.middle("act1"), keys=Keys.ControlModifier)
    assert user.canvas.selected_nodes() == [user.id("fc1")]
    user.click(QPointF(300, 300))
    assert user.canvas.selected_nodes() == []


def test_a_box_selects_what_it_touches(user):
    user.drag(QPointF(180, -60), QPointF(500, 90))
    assert user.canvas.selected_nodes() == [user.id("fc1"), user.id("act1")]
    user.drag(QPointF(640, 300), QPointF(700, 200), keys=Keys.ShiftModifier)
    assert user.canvas.selected_nodes() == [user.id("fc1"), user.id("act1"), user.id("t")]


def test_dragging_moves_every_selected_node_onto_the_grid_in_one_step(user):
    user.click(user.middle("fc1"))
    user.click(user.middle("act1"), keys=Keys.ShiftModifier)
    start = user.middle("act1")
    user.drag(start, start + QPointF(43, 101))
    nodes = user.document.level.nodes
    assert nodes[user.id("act1")].position == (488, 104)
    assert nodes[user.id("fc1")].position == (264, 104)
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Move 2 nodes"
    user.window.undo()
    assert user.item("act1").pos() == QPointF(448, 0)


def test_the_edges_follow_while_a_node_is_dragged(user):
    edge = user.canvas.graph_scene.edges[user.document.level.edges[0]]
    start = user.middle("fc1")
    user.press(start)
    user.move(start + QPointF(0, 40))
    user.move(start + QPointF(0, 80))
    assert edge.ends()[1].y() == user.port("fc1", "input").y() == 56 + 80
    assert user.document.level.nodes[user.id("fc1")].position == (224, 0)
    user.key(Key.Key_Escape)
    assert user.item("fc1").pos() == QPointF(224, 0) and edge.ends()[1].y() == 56
    user.release(start + QPointF(0, 80))
    assert user.document.stack.count() == 0


def test_a_click_that_trembles_moves_nothing(user):
    start = user.middle("fc1")
    user.drag(start, start + QPointF(2, 1))
    assert user.document.stack.count() == 0 and user.canvas.selected_nodes() == [user.id("fc1")]


def test_the_arrows_nudge_in_one_undo_step_and_walk_with_alt(user):
    user.click(user.middle("fc1"))
    for _ in range(3):
        user.key(Key.Key_Right)
    assert user.document.level.nodes[user.id("fc1")].position == (248, 0)
    assert user.document.stack.count() == 1
    user.key(Key.Key_Right, Keys.AltModifier)
    assert user.canvas.selected_nodes() == [user.id("act1")]
    user.key(Key.Key_Left, Keys.AltModifier)
    user.key(Key.Key_Left, Keys.AltModifier)
    assert user.canvas.selected_nodes() == [user.id("x")]


# -- connecting


def test_dragging_from_port_to_port_connects(user):
    user.document.push(RemoveEdge(user.document.level.edges[1]))
    user.drag(user.port("fc1"), user.port("act1", "input") + QPointF(6, -5))
    assert "fc1>act1.input" in edges(user)
    assert user.document.stack.undoText() == "Connect fc1 to act1"
    user.window.undo()
    assert "fc1>act1.input" not in edges(user)


def test_dragging_backwards_from_a_free_input_connects(user):
    user.document.push(RemoveEdge(user.document.level.edges[1]))
    user.drag(user.port("act1", "input"), user.port("fc1"))
    assert "fc1>act1.input" in edges(user)


def test_the_loose_end_snaps_to_a_valid_port_and_dims_what_cannot_be(user):
    user.document.push(RemoveEdge(user.document.level.edges[1]))
    user.press(user.port("fc1"))
    user.move(user.port("fc1") + QPointF(30, 30))
    marks = {name: list(user.item(name).port_marks.values()) for name in ("act1", "fc2", "loss", "x")}
    # (The target is N×1, so N×8 would be wrong at the loss' input.)
    assert marks == {
        "act1": ["valid", "faint"],
        "fc2": ["valid", "faint"],
        "loss": ["doubtful", "valid"],
        "x": ["faint"],
    }
    assert user.item("x").dimmed and not user.item("act1").dimmed
    user.move(user.port("act1", "input") + QPointF(-12, 9))
    assert "snap" in user.item("act1").port_marks.values()
    user.key(Key.Key_Escape)
    assert not any(item.port_marks or item.dimmed for item in user.canvas.graph_scene.nodes.values())
    user.release(user.port("act1", "input"))
    assert "fc1>act1.input" not in edges(user) and user.document.stack.count() == 1


def test_an_edge_that_would_close_a_cycle_is_refused_in_words(user, qtbot):
    user.document.push(RemoveEdge(user.document.level.edges[0]))
    count = user.document.stack.count()
    with qtbot.waitSignal(user.canvas.refused) as told:
        user.drag(user.port("fc2"), user.port("fc1", "input"))
    assert told.args == ["fc1 feeds fc2 already: this edge would close a cycle."]
    assert "cycle" in user.window.status_line.left.text()
    assert user.document.stack.count() == count


def test_the_refusal_stands_beside_the_pointer_while_dragging(user):
    user.document.push(RemoveEdge(user.document.level.edges[0]))
    user.press(user.port("fc2"))
    user.move(user.port("fc1", "input") + QPointF(40, 10))
    user.move(user.port("fc1", "input"))
    assert "close a cycle" in user.canvas.gesture.note()
    assert user.item("fc1").port_marks[user.item("fc1").ports()[0]] == "refused"
    user.canvas.grab()
    user.key(Key.Key_Escape)


def test_a_connection_of_wrong_size_is_allowed_but_said(user):
    fc2 = user.id("fc2")
    user.window.document.push(RemoveEdge(user.document.graph.inputs_of(fc2)["input"]))
    from nnstudio.graph import SetSetting

    user.document.push(SetSetting(fc2, "in_features", 5))
    user.press(user.port("act1"))
    user.move(user.port("act1") + QPointF(20, 0))
    user.move(user.port("fc2", "input"))
    assert user.canvas.gesture.note() == "act1 gives 8 features, fc2 expects 5."
    user.release(user.port("fc2", "input"))
    assert "act1>fc2.input" in edges(user)
    assert [problem.kind for problem in user.document.problems] == ["wrong-size"]


def test_an_occupied_input_is_taken_over(user):
    user.drag(user.port("x"), user.port("act1", "input") + QPointF(-30, 0))  # too far: nothing
    assert "fc1>act1.input" in edges(user)
    user.document.push(AddNode("ReLU", position=(224, 200)))
    user.drag(user.port("act2"), user.port("act1", "input"))
    assert {"act2>act1.input"} <= edges(user) and "fc1>act1.input" not in edges(user)
    user.window.undo()
    assert "fc1>act1.input" in edges(user)


def test_an_edge_is_dragged_off_its_input_and_dropped_on_nothing(user):
    start = user.port("act1", "input")
    user.press(start)
    user.move(start + QPointF(-10, 60))
    edge = next(e for e in user.document.level.edges if e.target == user.id("act1"))
    assert user.canvas.graph_scene.edges[edge].hidden_while_dragged
    user.move(start + QPointF(-20, 180))
    user.release(start + QPointF(-20, 180))
    assert "fc1>act1.input" not in edges(user)
    assert user.document.stack.undoText() == "Disconnect fc1 from act1"


def test_an_edge_is_moved_from_one_input_to_another(user):
    user.document.push(RemoveEdge(Edge(user.id("t"), user.id("loss"), "target")))
    user.drag(user.port("loss", "input"), user.port("loss", "target"))
    assert "fc2>loss.target" in edges(user) and "fc2>loss.input" not in edges(user)
    user.window.undo()
    assert "fc2>loss.input" in edges(user)


def test_esc_puts_a_picked_up_edge_back(user):
    start = user.port("act1", "input")
    user.press(start)
    user.move(start + QPointF(0, 200))
    user.key(Key.Key_Escape)
    user.release(start + QPointF(0, 200))
    assert "fc1>act1.input" in edges(user) and user.document.stack.count() == 0
    assert not any(item.hidden_while_dragged for item in user.canvas.graph_scene.edges.values())


def test_connecting_by_keys_alone(user):
    user.document.push(AddNode("ReLU", "extra", position=(448, 200)))
    user.canvas.setFocus()
    user.canvas.select([user.id("x")])
    user.key(Key.Key_C)
    assert user.canvas.gesture is not None
    while user.canvas.gesture.aimed() != (user.id("extra"), "input"):
        user.key(Key.Key_Right)
    user.key(Key.Key_Return)
    assert "x>extra.input" in edges(user) and user.canvas.gesture is None


# -- deleting


def test_del_removes_the_node_and_heals_its_edge_and_undo_brings_all_back(user):
    before = user.document.graph.to_dict()
    user.click(user.middle("fc1"))
    user.key(Key.Key_Delete)
    assert "fc1" not in user.document.level.names and "x>act1.input" in edges(user)
    assert len(user.canvas.graph_scene.nodes) == 5 and len(user.canvas.graph_scene.edges) == 4
    user.key(Key.Key_Z, Keys.ControlModifier)
    assert user.document.graph.to_dict() == before
    assert len(user.canvas.graph_scene.nodes) == 6 and len(user.canvas.graph_scene.edges) == 5
    user.key(Key.Key_Z, Keys.ControlModifier | Keys.ShiftModifier)
    assert "fc1" not in user.document.level.names


def test_an_edge_is_selected_by_a_click_near_it_and_removed(user):
    edge = user.canvas.graph_scene.edges[user.document.level.edges[-1]]
    user.click(edge.middle() + QPointF(3, 0))
    assert user.canvas.graph_scene.selected_edges() == [edge.edge]
    user.key(Key.Key_Delete)
    assert "t>loss.target" not in edges(user)


def test_several_are_removed_as_one_step(user):
    user.canvas.setFocus()
    user.key(Key.Key_A, Keys.ControlModifier)
    user.key(Key.Key_Delete)
    assert not user.document.level.nodes and user.document.stack.count() == 1
    user.window.undo()
    assert len(user.document.level.nodes) == 6 and len(user.document.level.edges) == 5


# -- looking


def test_the_wheel_zooms_about_the_pointer(user):
    point = user.middle("fc2")
    spot = user.spot(point)
    for clicks in (2, -5, 4):
        before = user.canvas.scale_now()
        user.wheel(user.canvas.mapToScene(spot), clicks)
        assert (user.canvas.scale_now() > before) == (clicks > 0)
        there = user.canvas.mapFromScene(point)
        assert abs(there.x() - spot.x()) <= 3 and abs(there.y() - spot.y()) <= 3


def test_zoom_stays_within_its_bounds(user):
    user.wheel(QPointF(0, 0), 200)
    assert user.canvas.scale_now() == 4.0
    user.wheel(QPointF(0, 0), -400)
    assert user.canvas.scale_now() == 0.08


@pytest.mark.parametrize("how", ["middle", "space"])
def test_panning_moves_the_view_and_nothing_else(user, how):
    before = user.canvas.seen().center()
    start = QPointF(300, 320)
    if how == "space":
        user.canvas.setFocus()
        QTest.keyPress(user.canvas, Key.Key_Space)
    spot = user.spot(start)
    button = Mouse.MiddleButton if how == "middle" else Mouse.LeftButton
    QTest.mousePress(user.canvas.viewport(), button, Keys.NoModifier, spot)
    for step in (10, 40, 80):
        QTest.mouseMove(user.canvas.viewport(), spot + type(spot)(step, step // 2))
        QApplication.processEvents()
    QTest.mouseRelease(user.canvas.viewport(), button, Keys.NoModifier, spot + type(spot)(80, 40))
    if how == "space":
        QTest.keyRelease(user.canvas, Key.Key_Space)
    moved = (before - user.canvas.seen().center()) * user.canvas.scale_now()
    assert moved.x() == pytest.approx(80, abs=2) and moved.y() == pytest.approx(40, abs=2)
    assert user.document.stack.count() == 0


def test_home_shows_everything_and_f_what_is_selected(user):
    user.canvas.setFocus()
    user.wheel(QPointF(5000, 5000), 10)
    user.key(Key.Key_Home)
    assert user.canvas.seen().contains(user.canvas.graph_scene.contents())
    user.canvas.select([user.id("t")])
    user.key(Key.Key_F)
    middle = user.item("t").scene_card().center()
    assert (user.canvas.seen().center() - middle).manhattanLength() < 4 and user.canvas.scale_now() == 1.0


def test_arranging_leaves_no_overlap_and_is_one_step(user):
    for _ in range(4):
        user.document.push(AddNode("ReLU", position=(224, 0)))
    user.window.canvas.editing.arrange()
    user.canvas.editing.glide.finish()
    cards = [item.scene_card() for item in user.canvas.graph_scene.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])
    assert user.item("x").x() < user.item("fc1").x() < user.item("act1").x() < user.item("loss").x()
    assert user.document.stack.undoText() == "Arrange the graph"


# -- what is shown


def test_edges_say_the_shape_that_flows(user):
    labels = {item.target.look.name: item.label for item in user.canvas.graph_scene.edges.values()}
    assert labels["fc1"] == "N×2" and labels["act1"] == "N×8" and labels["fc2"] == "N×8"
    assert user.item("fc1").look.kind == "Linear 2→8" and user.item("fc1").look.detail == "24 parameters"


def test_light_and_thumbnails_change_the_picture_and_can_be_taken_back(user):
    import numpy as np

    def picture():
        return user.canvas.grab().toImage()

    dark = picture()
    edge = user.document.graph.inputs_of(user.id("fc2"))["input"]
    user.canvas.light(user.id("act1"), [edge], "backward", "−0.173")
    assert user.item("act1").phase == "backward" and user.canvas.graph_scene.edges[edge].value == "−0.173"
    lit = picture()
    assert lit != dark
    user.canvas.light(None)
    assert picture() == dark
    for array in (
        np.array(0.27),
        np.linspace(-1, 1, 8),
        np.eye(8),
        np.zeros(784),
        np.full((3, 4), np.nan),
        np.zeros(0),
    ):
        user.canvas.set_thumbnail(user.id("act1"), array)
        assert picture() != dark
    user.canvas.set_fresh([])
    user.canvas.set_thumbnail(user.id("act1"), None)
    user.canvas.set_fresh([])
    assert picture() == dark


def test_a_node_with_a_problem_wears_a_badge(user):
    user.document.push(RemoveEdge(user.document.level.edges[0]))
    QApplication.processEvents()
    assert user.item("fc1").look.severity == "error"
    user.window.undo()
    QApplication.processEvents()
    assert user.item("fc1").look.severity is None


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_L])
def test_what_happens_in_the_middle_of_a_gesture_ends_the_gesture_first(user, key):
    user.canvas.setFocus()
    user.canvas.select([user.id("fc1")])
    user.press(user.port("fc1"))
    user.move(user.port("fc1") + QPointF(30, 40))
    user.move(user.port("fc1") + QPointF(60, 80))
    assert user.canvas.gesture is not None
    user.key(key, Keys.ControlModifier if key == Key.Key_L else Keys.NoModifier)
    assert user.canvas.gesture is None and not any(i.dimmed for i in user.canvas.graph_scene.nodes.values())
    user.canvas.grab()
    user.release(QPointF(500, 300))
    assert user.document.stack.count() == 1
