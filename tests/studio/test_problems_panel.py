"""The list of problems: words, where they are, and the button that mends."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from nnstudio.graph import AddNode, Graph, RemoveEdge, SetSetting
from nnstudio.studio.panels.problem_row import ProblemRow
from nnstudio.studio.panels.problems import ROWS_AT_ONCE


@pytest.fixture
def user(window, hands):
    user = hands(window)
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.document.push(RemoveEdge(user.document.level.edges[0]))
    window.tabs.setCurrentWidget(window.problems)
    QApplication.processEvents()
    return user


def test_every_problem_is_listed_errors_first_and_counted(user):
    panel = user.window.problems
    assert [row.problem for row in panel.rows()] == sorted(
        user.document.problems, key=lambda problem: problem.severity != "error"
    )
    index = user.window.tabs.indexOf(panel)
    assert user.window.tabs.tabText(index) == f"Problems ({len(panel.rows())})"
    assert all(row.accessibleName().startswith(("Error: ", "Warning: ")) for row in panel.rows())


def row_about(user, node, kind):
    return next(r for r in user.window.problems.rows() if r.problem.node == node and r.problem.kind == kind)


def test_a_click_shows_where_it_is(user):
    QTest.mouseClick(row_about(user, "fc1", "missing-input").sentence, Qt.MouseButton.LeftButton)
    assert user.canvas.selected_nodes() == [user.id("fc1")]


def test_the_keyboard_does_so_too(user):
    row = row_about(user, "fc1", "missing-input")
    user.canvas.select([])
    row.setFocus()
    user.key(Qt.Key.Key_Return)
    assert user.canvas.selected_nodes() == [user.id("fc1")]


def test_fix_applies_the_edit_and_the_problem_goes(user):
    user.window.undo()
    QApplication.processEvents()
    (row,) = user.window.problems.rows()
    QApplication.processEvents()
    assert row.button.text() == row.button.shown_text() == "Set in_features of fc2 to 8"
    assert row.button.toolTip() == row.button.text()
    assert row.button.accessibleName() == "Fix: Set in_features of fc2 to 8"
    before = user.document.stack.count()
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert not user.document.problems and user.document.stack.index() == before
    nothing = user.window.problems.findChild(QLabel)
    assert nothing.text() == "No problems: the graph can be trained."
    user.window.undo()
    QApplication.processEvents()
    assert len(user.window.problems.rows()) == 1


def test_hundreds_of_problems_are_cut_short(open_window):
    graph = Graph()
    for _ in range(250):
        graph.add("Tanh")
    window = open_window(graph)
    assert len(window.document.problems) >= 250
    assert len(window.problems.rows()) == 200
    assert any("more" in label.text() for label in window.problems.findChildren(QLabel))


def test_a_broken_project_shows_its_badges_when_it_is_opened(open_window, hands):
    graph = Graph()
    graph.add("Tanh", "lost")
    window = open_window(graph)
    assert hands(window).item("lost").look.severity == "error"
    assert window.tabs.tabText(window.tabs.indexOf(window.problems)).startswith("Problems (")
    window.document.new()
    QApplication.processEvents()
    assert [row.problem.kind for row in window.problems.rows()] == ["empty"]


@pytest.fixture
def broken(window, hands):
    """With three errors: one that can be mended between two that cannot."""
    user = hands(window)
    user.document.push(AddNode("Tanh", "lost"))
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.document.push(AddNode("CAddTable", "gone"))
    QApplication.processEvents()
    return user


def test_f8_goes_through_all_of_them_and_shift_f8_back(broken):
    user, panel = broken, broken.window.problems
    order = [row.problem for row in panel.rows()]
    assert len(order) >= 3
    user.canvas.setFocus()
    user.canvas.select([])
    seen = []
    for _ in range(len(order) + 1):
        user.key(Qt.Key.Key_F8)
        (row,) = [row for row in panel.rows() if row.property("current")]
        seen.append(row.problem)
    assert seen == [*order, order[0]]
    user.key(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert [row.problem for row in panel.rows() if row.property("current")] == [order[-1]]


def test_f8_goes_on_from_where_a_problem_was_mended(broken):
    user, panel = broken, broken.window.problems
    user.window.bottom.show_panel(panel)
    order = [row.problem for row in panel.rows()]
    place = next(i for i, each in enumerate(order) if each.kind == "wrong-size")
    for _ in range(place + 1):
        user.key(Qt.Key.Key_F8)
    QTest.mouseClick(panel.rows()[place].button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    left = [row.problem for row in panel.rows()]
    user.key(Qt.Key.Key_F8)
    (row,) = [row for row in panel.rows() if row.property("current")]
    assert row.problem == left[place % len(left)]


def test_f8_goes_into_groups_and_out(open_window, hands):
    from nnstudio.graph import Graph, GroupNodes

    graph = Graph()
    inner, outer = graph.add("Tanh", "inner"), graph.add("Tanh", "outer", position=(300, 0))
    graph.apply(GroupNodes((inner.id,), "box"))
    user = hands(open_window(graph))
    places = set()
    for _ in range(len(user.document.problems)):
        user.key(Qt.Key.Key_F8)
        places.add((tuple(user.canvas.sheet.names), *(user.canvas.selected_nodes())))
    assert any(names == ("box",) for names, *_ in places)
    assert ((), outer.id) in places


def test_f8_without_problems_says_so(window, hands):
    user = hands(window)
    user.key(Qt.Key.Key_F8)
    assert user.window.status_line.left.text() == "There is no problem."


def test_rows_stay_and_are_told_what_they_are_about_now(user):
    panel = user.window.problems
    user.document.push(AddNode("Tanh"))
    QApplication.processEvents()
    rows = panel.rows()
    user.window.undo()
    QApplication.processEvents()
    kept = panel.rows()
    assert kept == rows[: len(kept)] and 0 < len(kept) < len(rows)
    assert [row.problem for row in kept] == panel._shown
    assert all(row.sentence.text() == row.problem.sentence for row in kept)
    assert all((row.button is None) == (row.problem.fix is None) for row in kept)
    user.window.redo()
    QApplication.processEvents()
    assert len(panel.rows()) == len(rows)


def test_rows_that_nobody_sees_are_not_made(open_window, qtbot):
    graph = Graph()
    for _ in range(60):
        graph.add("Tanh")
    window = open_window(graph)
    panel = window.problems
    assert not panel.isVisible() and not panel.findChildren(ProblemRow)
    assert window.tabs.tabText(window.tabs.indexOf(panel)) == "Problems (61)"
    window.tabs.setCurrentWidget(panel)
    assert len(panel.findChildren(ProblemRow)) == ROWS_AT_ONCE, "the rest comes in the turns after"
    qtbot.waitUntil(lambda: len(panel.findChildren(ProblemRow)) == 61, timeout=30000)
    assert [row.problem for row in panel.findChildren(ProblemRow)] == panel._shown


def test_a_fix_says_what_it_does_as_far_as_there_is_room(open_window, hands):
    graph, name = Graph(), "a_layer_with_a_name_that_is_rather_long"
    x, fc = graph.add("Input", shape=(2,)), graph.add("Linear", name, in_features=5)
    graph.connect(x, fc)
    window = open_window(graph)
    window.tabs.setCurrentWidget(window.problems)
    hands(window).click(hands(window).middle(name))
    QApplication.processEvents()
    words = f"Set in_features of {name} to 2"
    boxes = window.inspector.node_page.findChildren(ProblemRow)
    for row in (*window.problems.rows(), *boxes):
        if row.button is None:
            continue
        shown = row.button.shown_text()
        if row.problem.node != name:
            assert shown == row.problem.fix_label
            continue
        assert shown.startswith("Set in_features of a_") and shown.endswith("…")
        assert row.button.fontMetrics().horizontalAdvance(shown) <= row.button.width()
        assert row.button.toolTip() == words and row.button.accessibleName() == f"Fix: {words}"
        assert row.rect().contains(row.button.geometry()) and row.sentence.width() >= 200
    assert any(row.button for row in boxes) and any(row.button for row in window.problems.rows())
