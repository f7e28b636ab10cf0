"""The list of all steps, and which of two histories Ctrl+Z means."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    user = hands(window)
    for name in ("Tanh", "ReLU", "Sigmoid"):
        user.document.push(AddNode(name))
    return user


def labels(panel):
    model = panel.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_every_step_is_listed_by_name_and_a_click_goes_there(user):
    user.key(Key.Key_H, Keys.ControlModifier)
    panel = user.window.history
    assert panel.isVisible() and panel.hasFocus()
    assert labels(panel) == ["New document", "Add Tanh act2", "Add ReLU act3", "Add Sigmoid act4"]
    QTest.mouseClick(
        panel.viewport(),
        Qt.MouseButton.LeftButton,
        Keys.NoModifier,
        panel.visualRect(panel.model().index(1, 0)).center(),
    )
    assert user.document.stack.index() == 1
    assert "act2" in user.document.level.names and "act3" not in user.document.level.names
    user.key(Key.Key_Down)
    assert user.document.stack.index() == 2 and "act3" in user.document.level.names
    user.key(Key.Key_Home)
    assert user.document.stack.index() == 0 and len(user.document.level.nodes) == 6


def test_the_list_follows_undo_and_what_is_done_then(user):
    panel = user.window.history
    user.window.undo()
    user.window.undo()
    assert panel.currentIndex().row() == 1
    user.document.push(AddNode("Abs"))
    assert labels(panel)[2:] == ["Add Abs abs1"]


def test_the_modified_mark_goes_when_undo_returns_to_what_was_saved(user, tmp_path):
    window, panel = user.window, user.window.history
    user.document.save(tmp_path / "a.nns")
    assert not window.isWindowModified() and labels(panel)[0] == "As it was opened"
    user.document.push(AddNode("Tanh"))
    assert window.isWindowModified() and window.top_bar.dot.isVisible()
    user.canvas.setFocus()
    user.key(Key.Key_Z, Keys.ControlModifier)
    assert not window.isWindowModified() and not window.top_bar.dot.isVisible()
    user.key(Key.Key_Z, Keys.ControlModifier)
    assert window.isWindowModified()
    user.key(Key.Key_Z, Keys.ControlModifier | Keys.ShiftModifier)
    assert not window.isWindowModified() and not user.document.modified


def test_a_field_undoes_what_was_typed_first_and_then_the_document(user):
    search = user.window.palette_panel.search
    steps = user.document.stack.index()
    user.type(search, "tan")
    user.key(Key.Key_Z, Keys.ControlModifier)
    assert search.text() == "" and user.document.stack.index() == steps
    user.key(Key.Key_Z, Keys.ControlModifier)
    assert search.hasFocus() and user.document.stack.index() == steps - 1
    user.key(Key.Key_Z, Keys.ControlModifier | Keys.ShiftModifier)
    assert search.text() == "tan" and user.document.stack.index() == steps - 1
    user.key(Key.Key_Z, Keys.ControlModifier | Keys.ShiftModifier)
    assert user.document.stack.index() == steps


def test_a_box_for_numbers_does_so_too(user):
    box = user.window.engine.training.controls.live.fields["lr"].editor
    box.setFocus()
    box.selectAll()
    before, steps = box.text(), user.document.stack.index()
    QTest.keyClicks(box, "7")
    assert box.lineEdit().isUndoAvailable() and user.document.stack.index() == steps + 1
    while box.lineEdit().isUndoAvailable():
        QTest.keyClick(box, Key.Key_Z, Keys.ControlModifier)
        assert user.document.stack.index() >= steps
    assert box.text() == before and user.document.stack.index() == steps
    QTest.keyClick(box, Key.Key_Z, Keys.ControlModifier)
    QApplication.processEvents()
    assert user.document.stack.index() == steps - 1
