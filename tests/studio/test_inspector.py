"""The inspector: what is selected, and every kind of editor."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from nnstudio.graph import AddNode, Graph, SetSetting
from nnstudio.modules.equations import Setting
from nnstudio.studio.panels.fields import field_for
from nnstudio.studio.panels.problem_row import ProblemRow

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    user = hands(window)
    user.click(user.middle("fc1"))
    return user


def page(user):
    return user.window.inspector.node_page


def words(widget):
    return " | ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


def setting(user, node, name):
    return user.document.level.nodes[user.id(node)].settings[name]


def test_it_says_what_the_node_is(user):
    text = words(page(user))
    assert page(user).name.text() == "fc1"
    assert "Linear · N×2 → N×8 · 24 parameters" in text
    assert "x Wᵀ + b" in text and "weighted sum" in text
    assert "weight | 8×2  (16) | bias | 8" in text


def test_typing_a_number_changes_the_graph_at_once_and_is_one_step(user):
    field = page(user).fields["out_features"]
    user.type(field.box, "16")
    assert setting(user, "fc1", "out_features") == 16
    assert (
        user.document.stack.count() == 1 and user.document.stack.undoText() == "Set out_features of fc1 to 16"
    )
    assert user.item("fc1").look.kind == "Linear 2→16"
    user.window.undo()
    assert setting(user, "fc1", "out_features") == 8


def test_steps_sweep_into_one_undo_step_until_the_field_is_left(user):
    field = page(user).fields["out_features"]
    field.box.setFocus()
    for _ in range(5):
        user.key(Key.Key_Up)
    assert setting(user, "fc1", "out_features") == 13 and field.box.text() == "13"
    assert user.document.stack.count() == 1
    page(user).name.setFocus()
    field.box.setFocus()
    user.key(Key.Key_Down)
    assert user.document.stack.count() == 2
    user.window.undo()
    assert setting(user, "fc1", "out_features") == 13 and field.box.text() == "13"


@pytest.mark.parametrize("text", ["0", "-3", "two", "", "1.5", "99999999999999999999"])
def test_what_cannot_be_is_explained_in_place_and_changes_nothing(user, text):
    field = page(user).fields["out_features"]
    user.type(field.box, text or "x")
    if not text:
        QTest.keyClick(field.box, Key.Key_Backspace)
    assert field.complaint.isVisible()
    assert field.complaint.text() == "Must be a whole number from 1 to 1,000,000."
    assert setting(user, "fc1", "out_features") in (8, 1, 9) or int(setting(user, "fc1", "out_features")) >= 1
    assert field.editor.property("invalid")
    page(user).name.setFocus()
    assert not field.complaint.isVisible() and field.box.text() == str(setting(user, "fc1", "out_features"))


def test_a_switch_and_a_choice(user):
    page(user).fields["use_bias"].box.click()
    assert setting(user, "fc1", "use_bias") is False
    assert "16 parameters" in words(page(user))
    chooser = page(user).fields["init"].box
    chooser.setFocus()
    user.key(Key.Key_Down)
    assert setting(user, "fc1", "init") == chooser.currentText() != "uniform"
    user.window.undo()
    assert chooser.currentText() == "uniform"


def test_a_shape_is_written_with_a_cross(user):
    user.click(user.middle("x"))
    line = page(user).fields["shape"].line
    assert line.text() == "2"
    user.type(line, "8x8")
    assert setting(user, "x", "shape") == (8, 8)
    user.type(line, "3, 4")
    assert setting(user, "x", "shape") == (3, 4)
    user.type(line, "8×")
    assert setting(user, "x", "shape") == (8,)
    user.type(line, "8×zero")
    assert page(user).fields["shape"].complaint.isVisible()


def test_the_wheel_does_not_change_a_field_that_is_only_passed(user):
    field = page(user).fields["out_features"]
    user.canvas.setFocus()
    centre = QPointF(field.box.rect().center())
    event = QWheelEvent(
        centre,
        field.box.mapToGlobal(centre),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Keys.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field.box, event)
    assert setting(user, "fc1", "out_features") == 8


def test_renaming(user):
    name = page(user).name
    user.key(Key.Key_F2)
    assert name.hasFocus()
    user.type(name, "hidden")
    assert "hidden" not in user.document.level.names
    user.key(Key.Key_Return)
    assert "hidden" in user.document.level.names and user.document.stack.undoText() == "Rename fc1 to hidden"
    user.window.undo()
    assert name.text() == "fc1"


def test_a_name_that_cannot_be_is_said_and_given_up(user):
    name = page(user).name
    user.type(name, "act1")
    assert "already" in words(page(user))
    user.key(Key.Key_Return)
    assert name.text() == "fc1" and user.document.stack.count() == 0
    user.type(name, "other")
    user.key(Key.Key_Escape)
    assert name.text() == "fc1" and user.document.stack.count() == 0


def test_double_click_goes_to_the_name(user):
    QTest.mouseDClick(user.canvas.viewport(), Qt.MouseButton.LeftButton, pos=user.spot(user.middle("act1")))
    assert page(user).name.hasFocus() and page(user).name.text() == "act1"


def test_inputs_are_connected_without_a_mouse(user):
    user.click(user.middle("loss"))
    chooser = page(user).inputs["target"]
    assert chooser.currentText() == "t" and page(user).inputs["input"].currentText() == "fc2"
    chooser.setFocus()
    user.key(Key.Key_Up)
    assert user.document.graph.inputs_of("loss")["target"].source == user.id("fc2")
    user.key(Key.Key_Home)
    assert "target" not in user.document.graph.inputs_of("loss") and chooser.currentText() == "not connected"
    user.window.undo()
    assert chooser.currentText() == "fc2"


def test_sources_that_would_close_a_cycle_are_not_offered(user):
    chooser = page(user).inputs["input"]
    assert [chooser.itemText(i) for i in range(chooser.count())] == ["not connected", "x", "t"]


def test_a_problem_is_told_in_words_and_fixed_by_its_button(user):
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.click(user.middle("fc2"))
    QApplication.processEvents()
    assert "fc2 expects 5 features, but act1 gives 8." in words(page(user))
    (row,) = page(user).findChildren(ProblemRow)
    assert row.button.isVisible() and row.button.text() == "Set in_features of fc2 to 8"
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert not user.document.problems and "expects" not in words(page(user))


def test_an_edge_and_several_nodes_have_pages_too(user):
    inspector = user.window.inspector
    edge = user.canvas.graph_scene.edges[user.document.level.edges[-1]]
    user.click(edge.middle())
    assert "t → loss" in words(inspector) and "N×1" in words(inspector)
    user.click(user.middle("x"))
    user.click(user.middle("fc1"), keys=Keys.ShiftModifier)
    assert "2 selected" in words(inspector)
    user.click(QPointF(300, 400))
    assert "6 nodes · 5 edges · 33 parameters" in words(inspector)


def test_a_type_of_another_version_is_shown_as_it_is(open_window, hands):
    content = Graph().to_dict()
    graph = Graph()
    graph.add("Tanh", "a")
    content = graph.to_dict()
    content["nodes"][0]["type"] = "Quantum"
    window = open_window(Graph.from_dict(content))
    user = hands(window)
    user.click(user.middle("a"))
    assert "does not know this type" in words(page(user)) and not page(user).fields
    assert user.item("a").look.kind == "Quantum (unknown)"


RULES = [
    Setting("rate", "float", 0.5, "A rate.", 0.0, 1.0),
    Setting("values", "numbers", (1.0, 2.5), "Values."),
    Setting("note", "text", "", "A note."),
]


@pytest.mark.parametrize(
    ("rule", "typed", "value"),
    [
        (RULES[0], "0.25", 0.25),
        (RULES[0], "1e-3", 0.001),
        (RULES[0], "nan", None),
        (RULES[0], "2", None),
        (RULES[1], "1, -2; 3.5", (1.0, -2.0, 3.5)),
        (RULES[1], "1, x", None),
        (RULES[2], "hello", "hello"),
    ],
)
def test_the_other_kinds_of_fields(qtbot, rule, typed, value):
    field = field_for(rule)
    qtbot.addWidget(field)
    field.show_value(rule.default)
    field.show()
    got = []
    field.changed.connect(got.append)
    editor = field.box.lineEdit() if rule.kind == "float" else field.line
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(field.editor, typed)
    assert (got[-1] if got else None) == value or value is None
    assert field.complaint.isVisibleTo(field) == (value is None)


def test_a_real_number_steps_by_a_tenth_of_its_size_within_its_bounds(qtbot):
    field = field_for(RULES[0])
    qtbot.addWidget(field)
    field.show_value(0.5)
    field.box.stepBy(1)
    assert field.value == pytest.approx(0.51)
    field.box.stepBy(-1)
    field.show_value(0.02)
    field.box.stepBy(1)
    assert field.value == pytest.approx(0.021)
    field.show_value(1.0)
    field.box.stepBy(1)
    assert field.value == 1.0


def test_settings_added_by_others_show_when_they_change(user):
    user.document.push(SetSetting(user.id("fc1"), "out_features", 3))
    assert page(user).fields["out_features"].box.text() == "3"
    user.document.push(AddNode("Tanh"))
    assert page(user).fields["out_features"].box.text() == "3"


def test_the_equations_are_the_lines_of_the_program(user):
    user.click(user.middle("act1"))
    assert "tanh x" in words(page(user))
    lines = page(user)._equations.texts()
    assert (
        lines[0] == "act1 = np.tanh(fc1)" and lines[1].startswith("grad_fc1 = ") and "act1 * act1" in lines[1]
    )
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    assert page(user)._equations.texts() == ("act1 = np.tanh(fc1)",)
    user.window.undo()
    assert page(user)._equations.texts() == lines
