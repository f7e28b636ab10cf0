"""The inspector for several nodes, groups, frames; numbers swept with the mouse on their labels."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from nnstudio.graph import AddFrame, AddNode, Frame, GroupNodes
from nnstudio.modules.equations import Setting
from nnstudio.project import SetWeights
from nnstudio.project.files import to_bytes
from nnstudio.studio.panels.fields import field_for
from nnstudio.studio.panels.number_field import SweepLabel
from nnstudio.studio.panels.setting_field import MIXED

Key, Keys, Mouse = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


@pytest.fixture
def user(window, hands):
    return hands(window)


def pick(user, *names):
    user.click(user.middle(names[0]))
    for name in names[1:]:
        user.click(user.middle(name), keys=Keys.ShiftModifier)


def words(widget):
    return " | ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


def content(user):
    return to_bytes(user.document.project, "p.nns")


def setting(user, name, key):
    return user.document.level.nodes[user.id(name)].settings[key]


def label_of(page, name):
    return next(each for each in page.findChildren(SweepLabel) if each._field is page.fields[name])


def sweep(label, pixels, release=True, keys=Keys.NoModifier):
    start = QPoint(10, 10)
    QTest.mousePress(label, Mouse.LeftButton, keys, start)
    for share in (0.25, 0.5, 1.0):
        QTest.mouseMove(label, start + QPoint(round(pixels * share), 0))
        QApplication.processEvents()
    if release:
        QTest.mouseRelease(label, Mouse.LeftButton, keys, start + QPoint(pixels, 0))


def test_what_several_nodes_share_is_shown_and_set_in_one_step(user):
    before = content(user)
    pick(user, "fc1", "fc2")
    page = user.window.inspector.several_page
    assert user.window.inspector.pages.currentWidget() is page
    assert "2 selected" in words(page) and "2 nodes · 33 parameters" in words(page)
    assert "2 Linear | fc1, fc2" in words(page)
    field = page.fields["out_features"]
    assert field.value is MIXED and field.box.text() == ""
    assert field.box.lineEdit().placeholderText() == "—"
    user.type(field.box, "16")
    assert (setting(user, "fc1", "out_features"), setting(user, "fc2", "out_features")) == (16, 16)
    assert user.document.stack.count() == 1
    assert user.document.stack.undoText() == "Set out_features of 2 nodes to 16"
    user.window.undo()
    assert content(user) == before and field.value is MIXED and field.box.text() == ""
    user.window.redo()
    assert setting(user, "fc2", "out_features") == 16 and field.box.text() == "16"


def test_switches_and_choices_of_several(user):
    pick(user, "fc1", "fc2")
    page = user.window.inspector.several_page
    page.fields["use_bias"].box.click()
    assert not setting(user, "fc1", "use_bias") and not setting(user, "fc2", "use_bias")
    user.document.graph.set("fc1", use_bias=True)
    user.document.graph_changed.emit()
    assert page.fields["use_bias"].box.checkState() == Qt.CheckState.PartiallyChecked
    assert page.fields["use_bias"].box.text() == "—"
    page.fields["use_bias"].box.click()
    assert setting(user, "fc1", "use_bias") == setting(user, "fc2", "use_bias")
    user.document.graph.set(
        "fc1", init="zeros" if "zeros" in page.fields["init"].setting.choices else "normal"
    )
    user.document.graph_changed.emit()
    box = page.fields["init"].box
    assert box.currentIndex() == -1 and box.placeholderText() == "—"
    box.setFocus()
    user.key(Key.Key_Down)
    assert setting(user, "fc1", "init") == setting(user, "fc2", "init") == box.currentText()


def test_nodes_of_different_types_show_what_they_have_in_common(user):
    pick(user, "x", "t")
    page = user.window.inspector.several_page
    assert list(page.fields) == ["shape"]
    user.type(page.fields["shape"].line, "3")
    assert setting(user, "x", "shape") == setting(user, "t", "shape") == (3,)
    pick(user, "fc1", "act1")
    assert not page.fields and "They have no setting in common." in words(page)


def test_wrong_text_for_several_is_explained_and_changes_nothing(user):
    pick(user, "fc1", "fc2")
    field = user.window.inspector.several_page.fields["out_features"]
    user.type(field.box, "many")
    assert field.complaint.isVisible() and field.complaint.text().startswith("Must be a whole number")
    assert user.document.stack.count() == 0
    user.canvas.setFocus()
    assert not field.complaint.isVisible() and field.box.text() == ""


def test_common_actions_of_several(user):
    pick(user, "fc1", "act1")
    verbs = user.window.inspector.several_page.verbs.buttons
    QTest.mouseClick(verbs["duplicate"], Mouse.LeftButton)
    assert "fc3" in user.document.level.names
    pick(user, "fc1", "act1")
    QTest.mouseClick(verbs["group"], Mouse.LeftButton)
    assert "group1" in user.document.level.names


def test_a_wrong_value_is_marked_with_an_icon_and_the_reader_is_told(user):
    pick(user, "fc1")
    field = user.window.inspector.node_page.fields["out_features"]
    user.type(field.box, "0")
    assert field.complaint._icon.isVisible() and not field.complaint._icon.pixmap().isNull()
    assert field.editor.accessibleDescription() == "Must be a whole number from 1 to 1,000,000."
    user.type(field.box, "5")
    assert field.editor.accessibleDescription() == field.setting.doc


def test_dragging_the_label_sweeps_the_number_as_one_step(user):
    pick(user, "fc1")
    page = user.window.inspector.node_page
    sweep(label_of(page, "out_features"), 30)
    assert setting(user, "fc1", "out_features") == 13
    assert page.fields["out_features"].box.text() == "13"
    assert user.document.stack.count() == 1
    assert user.document.stack.undoText() == "Set out_features of fc1 to 13"
    sweep(label_of(page, "out_features"), -12, keys=Keys.NoModifier)
    assert setting(user, "fc1", "out_features") == 11 and user.document.stack.count() == 2
    sweep(label_of(page, "out_features"), -600)
    assert setting(user, "fc1", "out_features") == 1, "not below what is allowed"
    user.window.undo()
    user.window.undo()
    user.window.undo()
    assert setting(user, "fc1", "out_features") == 8


def test_escape_takes_a_sweep_back_without_a_trace(user):
    pick(user, "fc1")
    before = content(user)
    label = label_of(user.window.inspector.node_page, "out_features")
    sweep(label, 60, release=False)
    assert setting(user, "fc1", "out_features") == 18
    QTest.keyClick(label, Key.Key_Escape)
    assert content(user) == before and user.document.stack.count() == 0
    assert not user.document.stack.canRedo() and not user.document.modified
    QTest.mouseMove(label, QPoint(300, 10))
    QTest.mouseRelease(label, Mouse.LeftButton, Keys.NoModifier, QPoint(300, 10))
    assert content(user) == before


def test_several_are_swept_from_the_first(user):
    pick(user, "fc1", "fc2")
    page = user.window.inspector.several_page
    sweep(label_of(page, "out_features"), 12)
    assert (setting(user, "fc1", "out_features"), setting(user, "fc2", "out_features")) == (10, 10)
    assert user.document.stack.count() == 1


def test_a_real_number_is_swept_by_tenths_of_its_size(qtbot):
    field = field_for(Setting("rate", "float", 0.5, "A rate.", 0.0, 1.0))
    qtbot.addWidget(field)
    field.show_value(0.02)
    label = field.label()
    qtbot.addWidget(label)
    label.show()
    sweep(label, 30)
    assert field.value == pytest.approx(0.025)
    sweep(label, 60000)
    assert field.value == 1.0


def test_the_page_of_a_group(user):
    user.document.push(SetWeights({"fc1.weight": np.ones((8, 2), np.float32)}))
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "body"))
    pick(user, "body")
    page = user.window.inspector.node_page
    assert "Group · 2 nodes · N×2 → N×8 · 24 parameters" in words(page)
    assert user.item("body").look.detail == "2 nodes"  # its ports are none
    assert "OUTPUTS" in words(page).upper() and "output1 | N×8" in words(page)
    assert "fc1 | 24" in words(page)
    assert page.verbs.isVisible()
    QTest.mouseClick(page.verbs.buttons["enter"], Mouse.LeftButton)
    assert user.canvas.sheet.names == ["body"]
    user.canvas.editing.leave()
    QTest.mouseClick(page.verbs.buttons["ungroup"], Mouse.LeftButton)
    assert "fc1" in user.document.level.names
    pick(user, "fc2")
    assert not page.verbs.isVisible()


def test_the_page_of_a_frame(user):
    user.document.push(AddFrame(Frame("f1", "Body", (200, -40), (430, 200), "blue")))
    user.document.stack.clear()
    user.canvas.graph_scene.select([], frames=["f1"])
    page = user.window.inspector.frame_page
    assert user.window.inspector.pages.currentWidget() is page and page.title.text() == "Body"
    assert "Frame · 2 nodes in it" in words(page)
    user.type(page.title, "The encoder")
    assert user.document.level.frames["f1"].title == "The encoder"
    assert user.document.stack.count() == 1
    assert user.document.stack.undoText() == "Rename frame to The encoder"
    page.colour.setFocus()
    user.key(Key.Key_Down)
    assert user.document.level.frames["f1"].colour == page.colour.currentText() != "blue"
    assert user.document.stack.count() == 2
    user.window.undo()
    assert page.colour.currentText() == "blue"
    user.window.undo()
    assert page.title.text() == "Body"


def test_every_editor_says_its_name(user):
    user.document.push(AddNode("Tanh", "extra"))
    for node in user.document.level.nodes.values():
        user.canvas.select([node.id])
        page = user.window.inspector.node_page
        for field in page.fields.values():
            assert field.editor.accessibleName()
        for chooser in page.inputs.values():
            assert chooser.accessibleName()
    user.click(QPointF(300, 500))
