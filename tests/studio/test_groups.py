"""Groups by mouse and keys: folded with a name, entered, left, unfolded to the byte; the same numbers before
and after.
"""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import nnstudio
from nnstudio.graph import AddFrame, Frame, Rename
from nnstudio.project import SetWeights
from nnstudio.project.files import to_bytes

Key, Keys, Mouse = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
Ctrl, Shift, Alt = Keys.ControlModifier, Keys.ShiftModifier, Keys.AltModifier


@pytest.fixture
def user(window, hands):
    user = hands(window)
    rng = np.random.default_rng(3)
    weights = {
        "fc1.weight": rng.normal(size=(8, 2)).astype(np.float32),
        "fc1.bias": rng.normal(size=8).astype(np.float32),
        "fc2.weight": rng.normal(size=(1, 8)).astype(np.float32),
        "fc2.bias": rng.normal(size=1).astype(np.float32),
    }
    user.document.push(SetWeights(weights))
    user.document.stack.clear()
    user.canvas.setFocus()
    return user


def content(user):
    return to_bytes(user.document.project, "p.nns")


def fold(user, *names, name=None):
    """Select by clicks, Ctrl+G, type the name."""
    user.click(user.middle(names[0]))
    for each in names[1:]:
        user.click(user.middle(each), keys=Shift)
    user.key(Key.Key_G, Ctrl)
    if name is None:
        user.key(Key.Key_Return)
    else:
        QTest.keyClicks(QApplication.focusWidget(), name)
        user.key(Key.Key_Return)


def double_click(user, name):
    item = user.canvas.graph_scene.nodes[user.canvas.sheet.level.names[name]]
    spot = user.spot(item.scene_card().center() + QPointF(0, 12))
    QTest.mouseDClick(user.canvas.viewport(), Mouse.LeftButton, pos=spot)
    QApplication.processEvents()


def outputs(user, name="fc2"):
    """What the network gives with the project's weights, and what flows back, in float32."""
    project = user.document.project
    program = nnstudio.compile(project.graph, batch_size=4, dtype="float32", seed=0)
    program.load_parameters(project.weights)
    rng = np.random.default_rng(0)
    program.feed(x=rng.normal(size=(4, 2)), t=rng.normal(size=(4, 1)))
    program.forward()
    program.backward()
    gradients = [np.array(program[key]).tobytes() for key in sorted(program.keys()) if "grad_weight" in key]
    return program.loss, np.array(program[f"{name}.output"]).tobytes(), sorted(gradients)


def test_fold_name_and_unfold_leave_the_bytes_and_the_numbers_as_they_were(user):
    start, numbers = content(user), outputs(user)
    fold(user, "fc1", "act1", name="encoder")
    assert user.document.stack.count() == 1
    assert user.document.stack.undoText() == "Group 2 nodes as encoder"
    assert set(user.document.level.names) == {"x", "encoder", "fc2", "t", "loss"}
    assert set(user.document.project.weights) == {
        "encoder.fc1.weight", "encoder.fc1.bias", "fc2.weight", "fc2.bias",
    }  # fmt: skip
    assert outputs(user) == numbers
    assert user.canvas.selected_nodes() == [user.id("encoder")]
    user.key(Key.Key_G, Ctrl | Shift)
    assert content(user) == start and outputs(user) == numbers
    assert user.canvas.selected_nodes() == [user.id("fc1"), user.id("act1")]
    user.window.undo()
    user.window.undo()
    assert content(user) == start


def test_a_group_of_a_group_gives_the_same_numbers(user):
    start, numbers = content(user), outputs(user)
    fold(user, "fc1", "act1", name="inner")
    fold(user, "inner", "fc2", name="outer")
    assert outputs(user, "outer.fc2") == numbers
    double_click(user, "outer")
    double_click(user, "inner")
    assert user.canvas.sheet.names == ["outer", "inner"]
    user.key(Key.Key_Escape)
    user.key(Key.Key_Escape)  # lets go of the group that one came from
    user.key(Key.Key_Escape)
    assert user.canvas.sheet.names == []
    user.canvas.select([user.id("outer")])
    user.key(Key.Key_G, Ctrl | Shift)
    user.canvas.select([user.id("inner")])
    user.key(Key.Key_G, Ctrl | Shift)
    assert content(user) == start


def test_the_name_is_asked_for_on_the_card_and_the_default_will_do(user):
    user.canvas.select([user.id("act1")])
    user.key(Key.Key_G, Ctrl)
    editor = user.canvas.grouping.name_editor
    assert editor.isVisible() and editor.field.hasFocus() and editor.field.selectedText() == "group1"
    card = user.canvas.mapFromScene(user.item("group1").scene_card()).boundingRect()
    assert card.intersects(editor.geometry())
    user.key(Key.Key_Return)
    assert not editor.isVisible() and user.canvas.hasFocus()
    assert user.document.stack.count() == 1 and "group1" in user.document.level.names


def test_a_name_that_is_taken_is_said_in_place_and_escape_keeps_the_default(user):
    user.canvas.select([user.id("act1")])
    user.key(Key.Key_G, Ctrl)
    editor = user.canvas.grouping.name_editor
    QTest.keyClicks(editor.field, "fc2")
    assert editor.complaint.isVisible() and "already" in editor.complaint.text()
    words = editor.complaint._words
    assert words.height() >= words.heightForWidth(words.width()), "nothing of it is cut off"
    user.key(Key.Key_Return)
    assert editor.isVisible() and "group1" in user.document.level.names
    user.key(Key.Key_Escape)
    assert not editor.isVisible() and "group1" in user.document.level.names
    assert user.document.stack.count() == 1 and not user.document.stack.canRedo()


def test_a_click_elsewhere_takes_the_name(user):
    user.canvas.select([user.id("act1")])
    user.key(Key.Key_G, Ctrl)
    QTest.keyClicks(user.canvas.grouping.name_editor.field, "squash")
    user.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert "squash" in user.document.level.names and user.document.stack.count() == 1


def test_naming_after_something_else_has_happened_is_a_step_of_its_own(user):
    user.canvas.select([user.id("act1")])
    user.key(Key.Key_G, Ctrl)
    field = user.canvas.grouping.name_editor.field
    QTest.keyClicks(field, "squash")
    user.document.push(AddFrame(Frame("", "A", (0, 0), (9, 9))))
    user.key(Key.Key_Return)
    assert user.document.stack.count() == 3 and "squash" in user.document.level.names
    assert user.document.stack.undoText() == "Rename group1 to squash"


def test_the_ports_of_the_level_stay_outside(user):
    said = []
    user.canvas.refused.connect(said.append)
    user.canvas.select([user.id("x"), user.id("fc1")])
    user.key(Key.Key_G, Ctrl)
    user.key(Key.Key_Return)
    assert "x" in user.document.level.names and "fc1" not in user.document.level.names
    assert said == ["x is a port of this level and stayed outside the group."]
    user.canvas.select([user.id("x")])
    user.key(Key.Key_G, Ctrl)
    assert user.document.stack.count() == 1


def test_what_would_feed_itself_is_refused_in_words(user):
    failed = []
    user.document.failed.connect(failed.append)
    user.canvas.select([user.id("fc1"), user.id("fc2")])
    before = content(user)
    user.key(Key.Key_G, Ctrl)
    assert (
        "act1" in failed[0] and content(user) == before and not user.canvas.grouping.name_editor.isVisible()
    )


def test_a_frame_around_what_is_folded_goes_inside(user):
    user.document.push(AddFrame(Frame("f1", "Body", (200, -40), (430, 200), "blue")))
    start = content(user)
    fold(user, "fc1", "act1", name="body")
    group = user.id("body")
    assert not user.document.level.frames and "f1" in user.document.level.at((group,)).frames
    user.key(Key.Key_G, Ctrl | Shift)
    assert content(user) == start


def test_the_breadcrumb_says_where_one_is_and_leads_back(user):
    crumb = user.canvas.breadcrumb
    assert not crumb.isVisible()
    fold(user, "fc1", "act1", name="inner")
    fold(user, "inner", "fc2", name="outer")
    double_click(user, "outer")
    double_click(user, "inner")
    assert crumb.isVisible()
    assert [button.accessibleName() for button in crumb.buttons] == ["Graph", "outer", "inner"]
    assert all(crumb.rect().contains(button.geometry()) for button in crumb.buttons)
    assert crumb.buttons[2].geometry().width() > 20 and crumb.buttons[2].isVisible()
    QTest.mouseClick(crumb.buttons[1], Mouse.LeftButton)
    assert user.canvas.sheet.names == ["outer"]
    assert user.canvas.selected_nodes() == [user.canvas.sheet.level.names["inner"]]
    QApplication.processEvents()
    crumb.buttons[0].setFocus()
    user.key(Key.Key_Space)
    assert user.canvas.sheet.path == () and not crumb.isVisible() and user.canvas.hasFocus()


def test_a_renamed_group_is_renamed_there_too(user):
    fold(user, "fc1", "act1", name="body")
    double_click(user, "body")
    user.document.push(Rename(user.canvas.sheet.path[0], "encoder"))
    assert user.canvas.breadcrumb.buttons[1].text() == "encoder"


def test_many_levels_hide_the_middle_behind_three_dots(user):
    for depth in range(9):
        user.canvas.select([user.canvas.sheet.level.names["fc1"] if not depth else
                            user.canvas.sheet.level.names[f"a_rather_long_name_{depth - 1}"]])  # fmt: skip
        user.key(Key.Key_G, Ctrl)
        QTest.keyClicks(QApplication.focusWidget(), f"a_rather_long_name_{depth}")
        user.key(Key.Key_Return)
    for depth in reversed(range(9)):
        double_click(user, f"a_rather_long_name_{depth}")
    assert len(user.canvas.sheet.path) == 9
    crumb = user.canvas.breadcrumb
    assert crumb.geometry().right() < user.canvas.width()
    dots = next(button for button in crumb.buttons if button.text() == "…")
    first = dots.menu().actions()[0]
    assert first.text() == "a_rather_long_name_8"
    first.trigger()
    assert len(user.canvas.sheet.path) == 1


@pytest.mark.parametrize("keys", [(Key.Key_Escape, Keys.NoModifier), (Key.Key_Up, Alt), (Key.Key_Up, Ctrl)])
def test_keys_that_leave_a_group(user, keys):
    fold(user, "fc1", "act1", name="body")
    user.key(Key.Key_Return)
    assert user.canvas.sheet.names == ["body"]
    user.canvas.select([])
    user.key(*keys)
    assert user.canvas.sheet.path == () and user.canvas.selected_nodes() == [user.id("body")]
    user.key(Key.Key_Down, Ctrl)
    assert user.canvas.sheet.names == ["body"]
    user.key(Key.Key_Backspace)
    assert user.canvas.sheet.names == ["body"]


def test_where_one_looked_on_a_level_is_where_one_looks_again(user):
    fold(user, "fc1", "act1", name="body")
    user.canvas.zoom(0.7)
    user.canvas.look_at(QPointF(500, 60))
    scale, centre = user.canvas.scale_now(), user.canvas.seen().center()
    double_click(user, "body")
    user.canvas.zoom(0.5)
    inner = user.canvas.scale_now()
    user.canvas.editing.leave()
    assert user.canvas.scale_now() == pytest.approx(scale)
    assert (user.canvas.seen().center() - centre).manhattanLength() < 3
    double_click(user, "body")
    assert user.canvas.scale_now() == pytest.approx(inner)
    user.document.new()
    assert user.canvas.sheet.path == ()


def test_inside_a_group_nodes_are_folded_too(user):
    fold(user, "fc1", "act1", name="body")
    start, numbers = content(user), outputs(user)
    double_click(user, "body")
    user.canvas.select([user.canvas.sheet.level.names["fc1"]])
    user.key(Key.Key_G, Ctrl)
    QTest.keyClicks(QApplication.focusWidget(), "core")
    user.key(Key.Key_Return)
    assert "body.core.fc1.weight" in user.document.project.weights and outputs(user) == numbers
    assert user.document.stack.undoText() == "Group fc1 as core"
    user.key(Key.Key_G, Ctrl | Shift)
    assert content(user) == start


def test_ungroup_without_a_group_says_so(user):
    said = []
    user.canvas.refused.connect(said.append)
    user.canvas.select([user.id("fc1")])
    assert not user.window.actions_by_id["ungroup"].isEnabled()
    user.canvas.grouping.unfold()
    assert said == ["Select a group to unfold."] and user.document.stack.count() == 0
