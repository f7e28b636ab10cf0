"""Inside a group: what is shown, changed, lit and mended there, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.graph import GroupNodes, Rename, SetSetting, UngroupNode
from nnstudio.project import load
from nnstudio.resources_path import example

Key, Mouse = Qt.Key, Qt.MouseButton


@pytest.fixture
def user(window, hands):
    """A network whose fc1 and act1 are folded into the group "body"."""
    user = hands(window)
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "body"))
    return user


def names(user):
    return [item.look.name for item in user.canvas.graph_scene.nodes.values()]


def double_click(user, name):
    QTest.mouseDClick(user.canvas.viewport(), Mouse.LeftButton, pos=user.spot(user.middle(name)))


def inner(user, name):
    return user.canvas.sheet.level.names[name]


def test_a_double_click_enters_a_group_and_leaving_selects_it(user):
    double_click(user, "body")
    assert user.canvas.sheet.names == ["body"] and set(names(user)) == {"x", "fc1", "act1", "output1"}
    user.canvas.editing.leave()
    assert "body" in names(user) and user.canvas.selected_nodes() == [user.id("body")]


def test_what_is_done_inside_is_one_step_and_undone_from_anywhere(user):
    before = user.document.level
    double_click(user, "body")
    user.canvas.select([inner(user, "act1")])
    user.key(Key.Key_Delete)
    assert "act1" not in names(user) and user.document.stack.undoText() == "Remove act1"
    user.canvas.editing.leave()
    user.window.undo()
    assert user.document.level == before


def test_dragging_connecting_and_settings_work_inside(user):
    double_click(user, "body")
    user.canvas.frame()
    start = user.canvas.graph_scene.nodes[inner(user, "act1")].scene_card().center()
    user.drag(start, start + type(start)(0, 96))
    assert user.document.stack.undoText() == "Move act1"
    user.canvas.select([inner(user, "fc1")])
    user.window.inspector.node_page.fields["out_features"].changed.emit(5)
    assert user.document.graph.node("body.fc1").settings["out_features"] == 5
    assert any("N×5" in item.label for item in user.canvas.graph_scene.edges.values())


def test_undoing_the_group_while_inside_goes_back_to_what_is_left(user):
    double_click(user, "body")
    user.window.undo()
    assert user.canvas.sheet.path == () and "fc1" in names(user)
    user.window.redo()
    assert "body" in names(user)
    double_click(user, "body")
    user.document.push(UngroupNode(user.canvas.sheet.path[0]))
    assert user.canvas.sheet.path == () and "act1" in names(user)


def test_a_problem_inside_marks_the_group_and_is_shown_where_it_is(user, qtbot):
    group = user.id("body")
    double_click(user, "body")
    user.canvas.sheet.push(SetSetting(inner(user, "fc1"), "in_features", 3))
    user.canvas.editing.leave()
    qtbot.waitUntil(lambda: user.canvas.graph_scene.nodes[group].look.severity == "error", timeout=30000)
    problem = next(each for each in user.document.problems if each.severity == "error")
    user.window.show_problem(problem)
    assert user.canvas.sheet.path == (group,)
    assert user.canvas.selected_nodes() == [inner(user, "fc1")]


def test_the_status_line_counts_what_a_group_learns(user):
    assert "33 parameters" in user.window.status_line.left.text()
    assert user.document.sizes() == {user.id("body"): 24, user.id("fc2"): 9}


def test_stepping_inside_lights_the_inner_node_and_shows_its_values(open_window, hands, qtbot):
    project = load(example("xor.nns.json"))
    linear = next(key for key, node in project.graph.level.nodes.items() if node.type == "Linear")
    project.apply(GroupNodes((linear,), "body"))
    user = hands(open_window(project=project))
    stepper = user.window.engine.stepper
    qtbot.waitUntil(lambda: stepper.ready and stepper.can_step, timeout=20000)
    user.canvas.sheet.enter(user.id("body"))
    fc1 = inner(user, project.graph.level.at(user.canvas.sheet.path).nodes[linear].name)
    for _ in stepper.statements():
        stepper.step()
        statement = stepper.statement
        if statement.phase == "forward" and statement.path == (*user.canvas.sheet.path, fc1):
            break
    item = user.canvas.graph_scene.nodes[fc1]
    assert item.phase == "forward" and item.fresh
    shown = user.window.engine.lights._shown[fc1]
    name = f"body.{item.look.name}.output"
    assert np.array_equal(shown, stepper.program[name][0])


def test_a_rename_of_the_group_follows_into_the_names(user):
    double_click(user, "body")
    user.document.push(Rename(user.canvas.sheet.path[0], "encoder"))
    assert user.canvas.sheet.names == ["encoder"] and user.canvas.sheet.prefix == "encoder."
