"""Adding by searching: the popup on the canvas, opened and used by real events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import GroupNodes
from nnstudio.graph.edits import AddNode
from nnstudio.modules.catalogue import definitions
from nnstudio.studio.canvas.finding import START_COUNTS, ranked, score
from nnstudio.studio.preferences import Preferences

Key, Keys, Mouse = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
COMMONEST = (
    "Linear",
    "ReLU",
    "Tanh",
    "Sigmoid",
    "Input",
    "Target",
    "MSE",
    "CrossEntropy",
    "Add",
    "CAddTable",
    "SoftMax",
)
MODULES = [each for each in definitions().values() if each.role != "group"]


def names(query, **how):
    return [each.name for each in ranked(MODULES, query, **how)]


@pytest.fixture
def user(window, hands):
    window.canvas.setFocus()
    return hands(window)


@pytest.fixture
def popup(user):
    return user.canvas.search_popup


def rows(popup):
    return [each.name for each in popup.model.found]


def tap_space(user):
    QTest.keyClick(user.canvas, Key.Key_Space)
    QApplication.processEvents()


# -- the ranking


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("dense", "Linear"),
        ("fully connected", "Linear"),
        ("fc", "Linear"),
        ("xw", "Linear"),
        ("x W", "Linear"),
        ("x Wt + b", "Linear"),
        ("soft max", "SoftMax"),
        ("bias", "Add"),
        ("plus", "CAddTable"),
        ("x^2", "Square"),
        ("max(x, 0)", "ReLU"),
        ("hinge", "Margin"),
        ("swish", "SiLU"),
        ("smothl1", "SmoothL1"),
    ],
)
def test_what_is_meant_comes_first(query, best):
    assert names(query)[0] == best


def test_words_of_what_a_module_does_find_it_too():
    assert "GELU" in names("chance normal") and score(definitions()["GELU"], "chance") == 30
    assert names("kilometres") == []


def test_use_decides_between_equal_answers_and_never_over_a_better_one():
    assert names("so")[:2] == ["SoftMax", "SoftPlus"]
    assert names("so", uses={"SoftSign": 40})[0] == "SoftSign"
    assert names("", uses={"SoftSign": 40})[0] == "SoftSign"
    assert names("tanh", uses={"HardTanh": 1000})[0] == "Tanh"
    assert names("", first="Target")[:2] == ["Target", "Linear"]


def test_the_start_counts_name_modules_that_there_are():
    assert set(START_COUNTS) <= set(definitions())


# -- at most three keystrokes


def strokes_to(module):
    """The fewest keys that reach a module in a popup just opened, Enter included: letters of its name, then
    arrows down.
    """
    ways = [(letters, names(module[:letters].casefold())) for letters in range(3)]
    return min(
        (letters + found.index(module) + 1, module[:letters].casefold(), found.index(module))
        for letters, found in ways
        if module in found
    )


@pytest.mark.parametrize("module", COMMONEST)
def test_the_commonest_modules_are_three_keystrokes_away(user, popup, module):
    count, letters, downs = strokes_to(module)
    assert count <= 3
    user.key(Key.Key_Tab)
    assert popup.isVisible()
    before = set(user.document.level.nodes)
    for letter in letters:
        QTest.keyClick(popup.field, letter)
    for _ in range(downs):
        user.key(Key.Key_Down)
    user.key(Key.Key_Return)
    (added,) = set(user.document.level.nodes) - before
    assert user.document.level.nodes[added].type == module


# -- opening


def test_a_double_click_on_nothing_opens_it_and_enter_places_the_card_there(user, popup):
    point = QPointF(300, 260)
    user.click(point)
    QTest.mouseDClick(user.canvas.viewport(), Mouse.LeftButton, Keys.NoModifier, user.spot(point))
    assert popup.isVisible() and popup.field.hasFocus()
    QTest.keyClicks(popup.field, "dense")
    assert rows(popup)[0] == "Linear"
    user.key(Key.Key_Return)
    assert not popup.isVisible() and user.canvas.hasFocus() and user.canvas.gesture is None
    card = user.item("fc3")
    assert (card.x() % 8, card.y() % 8) == (0, 0)
    assert (card.scene_card().center() - point).manhattanLength() <= 8
    assert user.canvas.selected_nodes() == [user.id("fc3")]
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Add Linear fc3"


def test_a_double_click_on_a_node_or_an_edge_does_not(user, popup):
    for point in (user.middle("act1"), (user.port("fc1") + user.port("act1", "input")) / 2):
        QTest.mouseDClick(user.canvas.viewport(), Mouse.LeftButton, Keys.NoModifier, user.spot(point))
        QApplication.processEvents()
        assert not popup.isVisible()


def test_tab_opens_it_where_the_pointer_is(user, popup):
    point = QPointF(420, -90)
    user.move(point)
    user.key(Key.Key_Tab)
    field = popup.field.mapTo(user.canvas, popup.field.rect().center())
    assert abs(field.y() - user.spot(point).y()) < 30 and popup.isVisible()
    user.key(Key.Key_Return)
    assert (user.item("fc3").scene_card().center() - point).manhattanLength() <= 8


def test_space_opens_it_when_it_is_tapped_and_pans_when_something_is_dragged(user, popup):
    tap_space(user)
    assert popup.isVisible()
    user.key(Key.Key_Escape)
    assert not popup.isVisible() and user.canvas.hasFocus()
    QTest.keyPress(user.canvas, Key.Key_Space)
    before = user.canvas.seen().center()
    user.drag(QPointF(300, 300), QPointF(360, 340))
    QTest.keyRelease(user.canvas, Key.Key_Space)
    assert user.canvas.seen().center() != before and not popup.isVisible()
    QTest.keyPress(user.canvas, Key.Key_Space)
    user.press(QPointF(300, 300))
    user.release(QPointF(300, 300))  # pressed, and thought better of
    QTest.keyRelease(user.canvas, Key.Key_Space)
    assert not popup.isVisible() and user.document.stack.count() == 0


def test_without_a_pointer_a_new_card_stands_beside_the_selected_one_and_on_none(user):
    user.canvas.select([user.id("t")])
    for _ in range(3):
        user.canvas.pointer = None
        user.key(Key.Key_Tab)
        user.key(Key.Key_Return)
    cards = [item.scene_card() for item in user.canvas.graph_scene.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])
    assert user.item("fc3").x() > user.item("t").scene_card().right()


# -- using it


def test_the_arrows_and_tab_go_through_the_list_and_round_its_ends(user, popup):
    user.key(Key.Key_Tab)
    first = [popup.list.currentIndex().data()]
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Tab, Key.Key_Backtab):
        user.key(key)
        first.append(popup.list.currentIndex().data())
    found = rows(popup)
    assert first == [found[0], found[1], found[2], found[1], found[2], found[1]]
    user.key(Key.Key_Up)
    user.key(Key.Key_Up)
    assert popup.list.currentIndex().data() == found[-1]
    user.key(Key.Key_Down)
    user.key(Key.Key_PageDown)
    assert popup.list.currentIndex().row() == 6 and popup.field.hasFocus()


def test_a_click_in_the_list_takes_a_module(user, popup):
    user.key(Key.Key_Tab)
    spot = popup.list.visualRect(popup.model.index(1, 0)).center()
    module = rows(popup)[1]
    QTest.mouseClick(popup.list.viewport(), Mouse.LeftButton, Keys.NoModifier, spot)
    assert user.document.level.nodes[user.canvas.selected_nodes()[0]].type == module
    assert not popup.isVisible() and user.canvas.hasFocus()


def test_what_nothing_answers_to_is_said_and_enter_does_nothing(user, popup):
    user.key(Key.Key_Tab)
    QTest.keyClicks(popup.field, "zebra crossing")
    assert popup.nothing.isVisible() and not popup.list.isVisible()
    assert popup.nothing.text() == "No module answers to that. Try a name, a formula or what it is for."
    user.canvas.grab()
    user.key(Key.Key_Return)
    assert popup.isVisible() and user.document.stack.count() == 0


def test_esc_and_a_press_elsewhere_leave_no_trace(user, popup):
    before = user.document.graph.to_dict()
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_Tab)
    QTest.keyClicks(popup.field, "re")
    user.key(Key.Key_Escape)
    assert not popup.isVisible() and user.canvas.gesture is None and user.canvas.hasFocus()
    assert user.canvas.selected_nodes() == [user.id("fc1")]
    user.key(Key.Key_Tab)
    assert popup.field.text() == ""
    user.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not popup.isVisible() and user.canvas.gesture is None
    assert user.document.graph.to_dict() == before and user.document.stack.count() == 0


def test_single_keys_of_the_canvas_are_text_while_one_types(user, popup):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_Tab)
    for key in (Key.Key_C, Key.Key_F, Key.Key_Delete, Key.Key_Home, Key.Key_Backspace):
        user.key(key)
    assert popup.isVisible() and popup.field.text() == "cf" and len(user.document.level.nodes) == 6


def test_undo_of_the_window_closes_it_first(user, popup):
    user.document.push(AddNode("ReLU", position=(0, 300)))
    user.key(Key.Key_Tab)
    user.window.undo()
    assert not popup.isVisible() and user.canvas.gesture is None and "act2" not in user.document.level.names


def test_it_lies_within_the_canvas_wherever_it_is_opened(user, popup):
    room = user.canvas.rect()
    for corner in (room.topLeft(), room.topRight(), room.bottomLeft(), room.bottomRight()):
        point = user.canvas.mapToScene(corner + QPoint(0, 0))
        user.canvas.editing.search(point)
        QApplication.processEvents()
        card = popup.geometry().adjusted(10, 10, -10, -10)  # without its shadow
        assert room.contains(card), (corner, popup.geometry())
        for child in (popup.field, popup.list):
            assert popup.rect().contains(child.geometry())
        user.key(Key.Key_Escape)


# -- what it remembers and says


def test_uses_are_counted_however_a_module_is_added_and_kept(user, popup, drag_from_palette, tmp_path):
    user.canvas.pointer = None
    user.key(Key.Key_Tab)
    QTest.keyClicks(popup.field, "softsign")
    user.key(Key.Key_Return)
    user.window.add_module("SoftSign")
    drag_from_palette(user.window, "SoftSign", QPointF(250, 300))
    preferences = user.window.preferences
    assert preferences.uses() == {"SoftSign": 3}
    preferences.sync()
    assert Preferences(tmp_path / "studio.ini").uses() == {"SoftSign": 3}
    for _ in range(3):
        preferences.count_use("SoftSign")
    user.canvas.setFocus()
    user.key(Key.Key_Tab)
    QTest.keyClicks(popup.field, "so")
    assert rows(popup)[0] == "SoftSign"


def test_preferences_that_somebody_wrote_into_are_read_as_far_as_they_go(tmp_path):
    (tmp_path / "studio.ini").write_text("[uses]\nTanh=many\nReLU=7\nELU=-3\n")
    assert Preferences(tmp_path / "studio.ini").uses() == {"Tanh": 0, "ReLU": 7, "ELU": 0}


def test_screen_readers_are_told_what_it_is_and_every_row(user, popup):
    user.key(Key.Key_Tab)
    assert popup.accessibleName() == "Add a module"
    field = QAccessible.queryAccessibleInterface(popup.field)
    listed = QAccessible.queryAccessibleInterface(popup.list)
    assert field.role() == QAccessible.Role.EditableText
    assert field.text(QAccessible.Text.Name) == "Search modules"
    assert listed.role() == QAccessible.Role.List and listed.text(QAccessible.Text.Name) == "Modules found"
    assert listed.child(0).text(QAccessible.Text.Name) == "Linear, x Wᵀ + b, Layers"


def test_inside_a_group_it_adds_inside(user, popup):
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "block"))
    group = user.id("block")
    assert user.canvas.sheet.enter(group)
    user.canvas.setFocus()
    user.key(Key.Key_Tab)
    QTest.keyClicks(popup.field, "elu")
    user.key(Key.Key_Return)
    inside = user.document.level.nodes[group].inside
    assert "ELU" in {node.type for node in inside.nodes.values()}
    assert "ELU" not in {n.type for n in user.document.level.nodes.values()}
