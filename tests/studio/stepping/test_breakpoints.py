"""Breakpoints in the window: on a line, a node, a phase, a condition; and what is wrong with one."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from nnstudio.graph import Graph, RemoveNode, Rename
from nnstudio.program.breakpoint import Breakpoint


@pytest.fixture
def editor(debug):
    """The window with the breakpoints, opened by its shortcut."""

    def open_it(name="digits"):
        hand = debug(name)
        hand.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
        return hand, hand.engine._breakpoints

    return open_it


def play_until_it_stops(hand, qtbot):
    hand.engine.transport.speed.setValue(100)
    hand.press("run_play")
    qtbot.waitUntil(lambda: not hand.stepper.playing, timeout=20000)


def test_a_click_in_the_margin_stops_there_and_another_takes_it_away(debug, qtbot):
    hand = debug()
    row = hand.row("act1 = ")
    hand.click_line(row, x=9)
    assert [str(each) for each in hand.stepper.breakpoints] == ["at `act1 = np.maximum(fc1, 0)`"]
    assert hand.panel.stop_at(hand.panel.model.lines[row].statement) is True
    assert hand.window.canvas.selected_nodes() == []  # the margin selects nothing
    play_until_it_stops(hand, qtbot)
    assert hand.panel.current_row() == row and hand.said == "Stopped at `act1 = np.maximum(fc1, 0)`."
    hand.click_line(row, x=9)
    assert not hand.stepper.breakpoints and hand.panel.stop_at(hand.panel.model.lines[row].statement) is None


def test_f9_sets_one_on_the_line_that_has_the_keyboard(debug):
    hand = debug()
    row = hand.row("grad_act1 = ")
    hand.click_line(row)
    hand.panel.list.setFocus()
    hand.key(Qt.Key.Key_F9)
    assert [each.statement for each in hand.stepper.breakpoints] == [hand.panel.model.lines[row].text]
    hand.press("run_update")  # a phase stops there too
    assert hand.panel.current_row() == row
    hand.panel.list.setFocus()
    hand.key(Qt.Key.Key_F9)
    assert hand.stepper.breakpoints == ()


def test_f9_on_the_canvas_sets_one_on_the_selected_node(debug):
    hand = debug()
    hand.select("fc2")
    hand.key(Qt.Key.Key_F9)
    assert [each.node for each in hand.stepper.breakpoints] == ["fc2"]
    hand.press("run_forward")
    assert hand.stepper.statement.node == "fc2" and hand.stepper.statement.phase == "zero_grad"
    hand.press("run_forward")
    assert hand.stepper.statement.node == "fc2" and hand.stepper.statement.phase == "forward"
    assert "Remove" in hand.window.actions_by_id["breakpoint"].text()
    hand.window.canvas.setFocus()
    hand.key(Qt.Key.Key_F9)
    assert hand.stepper.breakpoints == ()


def test_a_condition_is_typed_and_stops_where_it_becomes_true(editor, qtbot):
    hand, editor = editor()
    wanted = 2.0
    QTest.keyClicks(editor.condition, f"loss < {wanted}")
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert [each.condition for each in hand.stepper.breakpoints] == ["loss < 2.0"]
    assert editor.condition.text() == "" and not editor.complaint.isVisible()
    hand.program.lr = 0.5
    hand.stepper.stops.exchange(hand.stepper.breakpoints[0], Breakpoint(condition="loss < 2.0"))
    losses = []
    for _ in range(200):
        hand.press("run_update")
        if hand.stepper.statement.phase != "update":
            break
        losses.append(hand.program.loss)
    assert losses and min(losses) >= wanted > hand.program.loss
    assert hand.stepper.statement.target == hand.program.listing.loss
    assert hand.said == "Stopped when loss < 2.0."


def test_running_to_a_condition_leaves_the_window_free_and_can_be_paused(debug, qtbot):
    hand = debug()
    hand.stepper.run_to(condition="loss < -1")
    assert hand.stepper.playing
    begun = hand.stepper.moment
    qtbot.waitUntil(lambda: hand.stepper.moment > begun + 50, timeout=30000)
    hand.press("run_play")  # it says Pause
    assert not hand.stepper.playing
    here = hand.stepper.moment
    qtbot.wait(50)
    assert hand.stepper.moment == here


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("loss <", "column 7"),
        ("loss < nobody.output", "nobody"),
        ("__import__('os')", "column"),
        ("", "stops nowhere"),
    ],
)
def test_what_cannot_be_said_so_is_said_so_in_place(editor, condition, words):
    hand, editor = editor()
    QTest.keyClicks(editor.condition, condition)
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert words in editor.complaint.text() and editor.complaint.isVisible()
    assert hand.stepper.breakpoints == () and editor.condition.text() == condition
    # Mended, the complaint goes while one types.
    editor.condition.selectAll()
    QTest.keyClicks(editor.condition, "loss < 1")
    assert not editor.complaint.isVisible()


def test_node_and_phase_are_chosen_and_hold_together(editor):
    hand, editor = editor()
    editor.node.setCurrentText("fc1")
    editor.phase.setCurrentText("backward")
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert editor.list.item(0).text() == "At fc1, in the backward phase"
    hand.press("run_update")
    assert (hand.stepper.statement.node, hand.stepper.statement.phase) == ("fc1", "backward")


def test_one_is_switched_off_by_its_box_and_deleted_by_a_key(editor):
    hand, editor = editor()
    hand.stepper.add_breakpoint(Breakpoint(node="fc1"))
    option = QStyleOptionViewItem()
    editor.list.initViewItemOption(option)
    option.rect = editor.list.visualItemRect(editor.list.item(0))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = editor.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, editor.list)
    QTest.mouseClick(editor.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert [each.enabled for each in hand.stepper.breakpoints] == [False]
    hand.press("run_forward")
    assert hand.stepper.statement.phase == "forward"
    editor.list.setFocus()
    QTest.keyClick(editor.list, Qt.Key.Key_Delete)
    assert hand.stepper.breakpoints == () and editor.nothing.isVisible()


def test_a_nan_typed_into_a_weight_is_stopped_at_where_it_comes_out(editor):
    hand, editor = editor()
    QTest.keyClicks(editor.condition, "any NaN in act1.output")
    QTest.keyClick(editor.condition, Qt.Key.Key_Return)
    assert len(hand.stepper.breakpoints) == 1
    weight = hand.program["fc1.weight"].copy()
    weight[2, 5] = np.nan
    hand.stepper.write("fc1.weight", weight)
    hand.press("run_update")
    assert (hand.stepper.statement.node, hand.stepper.statement.quantity) == ("act1", "output")
    hand.press("run_update")  # and stepping goes on
    assert hand.stepper.statement.phase == "update"


def test_one_whose_node_is_gone_says_so_and_hinders_nothing(editor, qtbot):
    hand, editor = editor()
    hand.stepper.add_breakpoint(Breakpoint(node="act1"))
    hand.window.document.push(RemoveNode(hand.user.id("act1")))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert "no node act1" in editor.list.item(0).text()
    hand.press("run_forward")
    assert hand.stepper.statement is not None
    hand.window.document.undo()
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert editor.list.item(0).text() == "At act1"
    hand.press("run_forward")
    assert hand.stepper.statement.node == "act1"


@pytest.mark.parametrize("by_line", [False, True])
def test_they_follow_a_node_to_its_new_name(debug, qtbot, by_line):
    hand = debug()
    if by_line:
        hand.click_line(hand.row("act1 = "), x=9)
    else:
        hand.stepper.add_breakpoint(Breakpoint(node="act1"))
    hand.window.document.push(Rename(hand.user.id("act1"), "relu"))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    (there,) = hand.stepper.breakpoints
    assert (there.node, there.statement) in (("relu", None), (None, "relu = np.maximum(fc1, 0)"))
    hand.press("run_forward")
    assert hand.stepper.statement.text == "relu = np.maximum(fc1, 0)"


def test_the_dot_is_painted_in_the_margin(debug):
    from nnstudio.studio import theme

    hand = debug()
    row = hand.row("act1 = ")
    spot = hand.spot(row, 9)

    def colour():
        return hand.panel.list.viewport().grab().toImage().pixelColor(spot).name()

    plain = colour()
    hand.click_line(row, x=9)
    QTest.mouseMove(hand.panel.list.viewport(), QPoint(200, 5))
    QApplication.processEvents()
    assert colour() == theme.colours().error.mark != plain


@pytest.fixture
def reopened(open_window, hands, qtbot, tmp_path):
    """Opens a file of the user's in another window each time."""
    from nnstudio.project import Project, load, save
    from tests.studio.stepping.conftest import Debugger

    path = tmp_path / "mine.nns"
    graph = Graph()
    nodes = [graph.add("Parameter", name="p", shape=(3,)), graph.add("Tanh", name="act1")]
    nodes.append(graph.add("Objective", name="loss"))
    for source, target in pairwise(nodes):
        graph.connect(source, target)
    save(Project(graph), path)

    def open_it():
        window = open_window(project=load(path))
        qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
        return Debugger(window, hands(window))

    return open_it


def test_they_come_back_with_the_file_and_are_no_change_of_it(reopened, qtbot):
    hand = reopened()
    hand.select("act1")
    hand.key(Qt.Key.Key_F9)
    hand.stepper.add_breakpoint(Breakpoint(phase="update", condition="loss < 0.1", enabled=False))
    set_there = hand.stepper.breakpoints
    assert len(set_there) == 2 and not hand.window.document.modified
    again = reopened()
    assert again.stepper.breakpoints == set_there
    play_until_it_stops(again, qtbot)
    assert (again.stepper.statement.node, again.said) == ("act1", "Stopped at act1.")
    again.window.document.new()
    assert again.stepper.breakpoints == ()  # those of another file are not of this one
    for each in set_there:
        hand.stepper.remove_breakpoint(each)
    assert reopened().stepper.breakpoints == ()


def test_one_kept_for_a_node_that_is_gone_meanwhile_is_there_and_says_so(reopened):
    hand = reopened()
    hand.stepper.add_breakpoint(Breakpoint(node="act1"))
    hand.window.document.push(Rename(hand.user.id("act1"), "other"))
    hand.stepper.stops.replace([Breakpoint(node="act1")])
    hand.window.document.save()
    again = reopened()
    again.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    item = again.engine._breakpoints.list.item(0)
    assert item.text().startswith("At act1\n") and "no node act1" in item.text()
    again.press("run_forward")
    assert again.stepper.statement is not None


def test_what_somebody_else_wrote_into_the_preferences_hinders_nothing(reopened, preferences):
    hand = reopened()
    path = hand.window.document.path
    odd = [7, {"node": 3}, {}, {"node": "act1", "phase": "sideways"}, {"condition": "loss <", "other": 1}]
    preferences.keep_breakpoints(path, odd)
    again = reopened()
    assert [str(each) for each in again.stepper.breakpoints] == [
        "at act1, in the sideways phase",
        "when loss <",
    ]
    again.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    words = [again.engine._breakpoints.list.item(row).text() for row in range(2)]
    assert all("\n" in each for each in words)
