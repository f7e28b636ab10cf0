"""What is typed into a setting and refused, given up or undone has never been: no value, no undo step."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    user = hands(window)
    user.click(user.middle("fc1"))
    return user


@pytest.fixture
def field(user):
    return user.window.inspector.node_page.fields["out_features"]


def width(user, name: str = "fc1") -> int:
    return user.document.level.nodes[user.id(name)].settings["out_features"]


def untouched(user) -> bool:
    stack = user.document.stack
    return stack.count() == 0 and not user.document.modified and not user.window.isWindowModified()


def test_typing_on_to_what_cannot_be_brings_back_what_was_before(user, field):
    user.type(field.box, "123456")
    assert width(user) == 123456
    QTest.keyClicks(field.box, "78")
    assert width(user) == 8 and untouched(user)
    assert field.box.text() == "12345678" and field.editor.hasFocus()
    assert field.complaint.text() == "Must be a whole number from 1 to 1,000,000."
    user.key(Key.Key_Backspace)
    user.key(Key.Key_Backspace)
    assert width(user) == 123456 and not field.complaint.isVisible() and user.document.stack.count() == 1
    QTest.keyClicks(field.box, "78")
    user.window.inspector.node_page.name.setFocus()
    assert field.box.text() == "8" and untouched(user)


def test_a_refusal_takes_only_the_typing_back(user, field):
    field.box.setFocus()
    user.key(Key.Key_Up)
    user.key(Key.Key_Up)
    user.type(field.box, "77x")
    assert width(user) == 10 and user.document.stack.count() == 1
    assert user.document.stack.undoText() == "Set out_features of fc1 to 10"


def test_what_was_saved_while_typing_stays(user, field, tmp_path):
    user.type(field.box, "16")
    user.document.save(tmp_path / "mine.nns")
    QTest.keyClicks(field.box, "x")
    assert width(user) == 16 and not user.document.modified
    user.key(Key.Key_Escape)
    assert width(user) == 16 and field.box.text() == "16" and user.document.stack.count() == 1


def test_several_values_are_brought_back(user, hands):
    user.click(user.middle("fc2"), Keys.ShiftModifier)
    field = user.window.inspector.several_page.fields["out_features"]
    user.type(field.box, "64")
    assert (width(user), width(user, "fc2")) == (64, 64)
    QTest.keyClicks(field.box, "!")
    assert (width(user), width(user, "fc2")) == (8, 1) and untouched(user)
    assert field.box.text() == "64!" and field.complaint.isVisible()
    user.key(Key.Key_Escape)
    assert field.box.text() == "" and not field.complaint.isVisible() and untouched(user)


@pytest.mark.parametrize("typed", ["16", "16x", "0", ""])
def test_escape_gives_up_what_was_typed(user, field, typed):
    user.type(field.box, typed or "5")
    if not typed:
        user.key(Key.Key_Backspace)
    user.key(Key.Key_Escape)
    assert width(user) == 8 and untouched(user)
    assert field.box.text() == "8" and not field.complaint.isVisible()
    assert user.canvas.hasFocus()


def test_escape_gives_up_a_shape(user):
    user.click(user.middle("x"))
    field = user.window.inspector.node_page.fields["shape"]
    user.type(field.line, "8x8")
    user.key(Key.Key_Escape)
    assert field.line.text() == "2" and untouched(user)


def test_escape_in_the_training_panel(user):
    user.window.tabs.setCurrentIndex(0)
    fields = user.window.engine.training.controls.live.fields
    before = user.document.project.training
    user.type(fields["batch_size"].editor, "99")
    assert user.document.project.training.batch_size == 99
    user.key(Key.Key_Escape)
    assert user.document.project.training == before and untouched(user)
    assert fields["batch_size"].editor.hasFocus()
    assert fields["batch_size"].box.text() == str(before.batch_size)


def test_enter_is_where_escape_does_not_reach_behind(user, field):
    user.type(field.box, "16")
    user.key(Key.Key_Return)
    user.type(field.box, "32")
    user.key(Key.Key_Escape)
    assert width(user) == 16 and user.document.stack.count() == 1
    field.box.setFocus()
    user.key(Key.Key_Escape)
    assert width(user) == 16 and user.canvas.hasFocus()


def test_undoing_the_text_leaves_no_step(user, field):
    user.type(field.box, "16")
    assert user.window.isWindowModified() and user.document.stack.count() == 1
    while field.box.lineEdit().isUndoAvailable():
        user.key(Key.Key_Z, Keys.ControlModifier)
    assert field.box.text() == "8" and width(user) == 8 and untouched(user)
    user.type(field.box, "80")
    assert width(user) == 80 and user.document.stack.count() == 1


def test_steps_there_and_back_leave_no_step(user, field):
    field.box.setFocus()
    for key in (Key.Key_Up, Key.Key_Up, Key.Key_Down, Key.Key_Down):
        user.key(key)
    assert width(user) == 8 and untouched(user)
    user.click(user.middle("act1"))
    user.key(Key.Key_Right)
    user.key(Key.Key_Left)
    QApplication.processEvents()
    assert untouched(user)


def test_a_step_that_was_saved_on_the_way_does_not_vanish(user, field, tmp_path):
    user.type(field.box, "16")
    user.document.save(tmp_path / "mine.nns")
    user.type(field.box, "32")
    user.type(field.box, "8")
    assert user.document.modified and user.document.stack.count() == 2
    user.window.undo()
    assert width(user) == 16 and not user.document.modified
    user.window.undo()
    assert width(user) == 8 and user.document.modified
