"""Ctrl+F: nodes by name, type or shape, wherever in the graph they are."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Graph, GroupNodes, RemoveNode
from nnstudio.studio.find_bar import matches

Key, Keys = Qt.Key, Qt.KeyboardModifier


def network():
    graph = Graph()
    x = graph.add("Input", "x", shape=(2,))
    fc1 = graph.add("Linear", "fc1", out_features=8, position=(224, 0))
    act1 = graph.add("Tanh", "act1", position=(448, 0))
    fc2 = graph.add("Linear", "fc2", out_features=18, position=(672, 0))
    graph.connect(x, fc1)
    graph.connect(fc1, act1)
    graph.connect(act1, fc2)
    graph.apply(GroupNodes((fc1.id, act1.id), "encoder"))
    return graph


@pytest.fixture
def user(open_window, hands):
    user = hands(open_window(network()))
    user.canvas.setFocus()
    user.key(Key.Key_F, Keys.ControlModifier)
    return user


def selected(user):
    return [user.canvas.sheet.level.nodes[key].name for key in user.canvas.selected_nodes()]


def names(graph, query):
    found = []
    for path in matches(graph, query):
        level = graph.level.at(path[:-1])
        found.append(level.nodes[path[-1]].name)
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fc", ["fc1", "fc2"]),
        ("linear", ["fc1", "fc2"]),
        ("encoder. fc", ["fc1"]),
        ("TANH", ["act1"]),
        ("8", ["encoder", "fc1", "act1", "output1"]),
        ("nx8", ["encoder", "fc1", "act1", "output1"]),
        ("N×18", ["fc2"]),
        ("linear 8", ["fc1"]),
        ("zebra", []),
        ("  ", []),
    ],
)
def test_name_type_and_shape_are_found(query, found):
    assert names(network(), query) == found


def test_typing_shows_the_first_enter_the_next_in_and_out_of_groups(user):
    bar = user.window.find_bar
    assert bar.isVisible() and bar.field.hasFocus()
    QTest.keyClicks(bar.field, "linear")
    assert bar.count.text() == "1 of 2" and selected(user) == ["fc1"]
    assert user.canvas.sheet.names == ["encoder"]
    user.key(Key.Key_Return)
    assert bar.count.text() == "2 of 2" and selected(user) == ["fc2"] and user.canvas.sheet.names == []
    user.key(Key.Key_Return)
    assert bar.count.text() == "1 of 2" and user.canvas.sheet.names == ["encoder"]
    user.key(Key.Key_Return, Keys.ShiftModifier)
    assert selected(user) == ["fc2"]
    user.key(Key.Key_Escape)
    assert not bar.isVisible() and user.canvas.hasFocus() and selected(user) == ["fc2"]


def test_the_buttons_do_so_too_and_no_match_is_said_in_words(user):
    bar = user.window.find_bar
    QTest.keyClicks(bar.field, "fc")
    QTest.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    assert selected(user) == ["fc2"]
    QTest.mouseClick(bar.previous, Qt.MouseButton.LeftButton)
    assert selected(user) == ["fc1"]
    QTest.keyClicks(bar.field, "zz")
    assert bar.count.text() == "No match" and not bar.next.isEnabled()
    QTest.mouseClick(bar.leave, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_tab_reaches_its_buttons(user):
    bar = user.window.find_bar
    QTest.keyClicks(bar.field, "fc")
    for button in (bar.previous, bar.next, bar.leave):
        user.key(Key.Key_Tab)
        assert button.hasFocus()
    user.key(Key.Key_Escape)
    assert not bar.isVisible()


def test_keys_of_the_field_do_not_reach_the_canvas(user):
    bar, before = user.window.find_bar, user.document.level
    QTest.keyClicks(bar.field, "fc")
    for key in (Key.Key_Delete, Key.Key_Left, Key.Key_Up, Key.Key_C, Key.Key_Space):
        user.key(key)
    assert user.document.level is before and user.canvas.gesture is None


def test_what_goes_while_it_is_searched_is_found_no_more(user):
    bar = user.window.find_bar
    QTest.keyClicks(bar.field, "fc")
    user.document.push(RemoveNode(user.document.level.names["fc2"]))
    QApplication.processEvents()
    assert bar.count.text() == "1 of 1" and selected(user) == ["fc1"]
