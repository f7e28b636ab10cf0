"""Edges under the mouse: bent, straightened, and cut by a stroke."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from nnstudio.graph import Move, SetBends
from nnstudio.studio.canvas.cutting import Cut
from tests.studio.desk import Keys, Left, Right, lay, wires

Key = Qt.Key


@pytest.fixture
def desk(qtbot):
    return lay(qtbot, wires("a", "b", "c"))


@pytest.fixture
def wide(desk):
    """With a long way between a and b, and the edge selected."""
    desk.document.push(Move({desk.id("b"): (800.0, 0.0), desk.id("c"): (1024.0, 0.0)}))
    desk.document.stack.clear()
    return desk


# -- bends


def test_alt_and_a_click_add_a_bend_and_a_drag_from_there_places_it(wide):
    spot = wide.edge_item("a", "b").middle()
    wide.click(spot, keys=Keys.AltModifier)
    (bend,) = wide.edge("a", "b").bends
    assert (QPointF(*bend) - spot).manhattanLength() <= 1 and wide.undo_text == "Bend the edge from a to b"
    assert wide.canvas.graph_scene.selected_edges() == [wide.edge("a", "b")]
    wide.drag(QPointF(*bend), QPointF(531, 181))
    assert wide.edge("a", "b").bends == ((528, 184),), "on the grid"
    wide.drag(wide.edge_item("a", "b").middle() + QPointF(0, 0), QPointF(530, 261), keys=Keys.AltModifier)
    assert wide.edge("a", "b").bends == ((530, 261),), "with Alt exactly there"
    assert wide.steps == 3
    for _ in range(3):
        wide.document.undo()
    assert wide.edge("a", "b").bends == wide.edge_item("a", "b").bends == ()


def test_a_second_bend_comes_where_it_lies_on_the_way(wide):
    wide.document.push(SetBends(wide.edge("a", "b"), ((590.0, 300.0),)))
    item = wide.edge_item("a", "b")
    for piece, index in ((0, 0), (1, 1)):
        a, b, c, d = item.pieces()[piece]
        spot = QPointF(*((p[0] + 3 * (p[1] + p[2]) + p[3]) / 8 for p in zip(a, b, c, d, strict=True)))
        wide.click(spot, keys=Keys.AltModifier)
        bends = wide.edge("a", "b").bends
        assert len(bends) == 2 and (QPointF(*bends[index]) - spot).manhattanLength() <= 1.5
        wide.document.undo()


def test_a_bend_dropped_near_the_straight_line_is_gone_and_said_so_before(wide):
    wide.document.push(SetBends(wide.edge("a", "b"), ((592.0, 200.0),)))
    wide.hold(QPointF(592, 200), QPointF(600, 60))  # the ports are at y = 56
    assert wide.canvas.gesture._lines() == ["Let go: straight here"]
    wide.canvas.grab()
    wide.release(QPointF(600, 60))
    assert wide.edge("a", "b").bends == () and wide.undo_text == "Straighten the edge from a to b"


def test_a_double_click_adds_a_bend_and_takes_it_away_again(wide):
    spot = wide.edge_item("a", "b").middle()
    wide.double_click(spot)
    assert len(wide.edge("a", "b").bends) == 1 and wide.steps == 1
    wide.drag(spot, QPointF(592, 200))
    wide.double_click(QPointF(592, 200))
    assert wide.edge("a", "b").bends == () and wide.steps == 3
    assert wide.canvas.gesture is None


def test_straighten_takes_the_bends_of_what_is_selected(user_with_bends):
    user = user_with_bends
    action = user.window.actions_by_id["straighten"]
    user.canvas.select([])
    assert not action.isEnabled()
    user.canvas.select([user.id("fc1"), user.id("act1"), user.id("fc2")])
    assert action.isEnabled()
    user.canvas.setFocus()
    user.key(Key.Key_L, Keys.ControlModifier | Keys.ShiftModifier)
    assert not any(edge.bends for edge in user.document.level.edges)
    assert user.document.stack.undoText() == "Straighten 2 edges" and not action.isEnabled()


@pytest.fixture
def user_with_bends(window, hands):
    user = hands(window)
    for edge in user.document.level.edges[1:3]:
        user.document.push(SetBends(edge, ((500.0, 200.0),)))
    return user


# -- cutting


def test_a_stroke_with_ctrl_and_the_right_button_cuts_what_it_crosses(desk):
    before = desk.text()
    menus = []
    desk.canvas.menu_wanted.connect(menus.append)
    middle = [desk.edge_item(*ends).middle() for ends in (("x", "a"), ("a", "b"))]
    desk.press(middle[0] + QPointF(0, -90), Right, Keys.ControlModifier)
    for point in (middle[0] + QPointF(0, 90), middle[1] + QPointF(0, 90), middle[1] + QPointF(0, 20)):
        desk.move(point, Keys.ControlModifier)
    assert list(desk.canvas.gesture.cut) == [desk.edge("x", "a")], "not touched is not cut"
    desk.move(middle[1] + QPointF(0, -90), Keys.ControlModifier)
    assert desk.canvas.gesture._lines() == ["Cut 2 edges"]
    desk.canvas.grab()
    desk.release(middle[1] + QPointF(0, -90), Right, Keys.ControlModifier)
    assert desk.joined() == {"b>c.input"} and desk.undo_text == "Remove 2 edges" and desk.steps == 1
    assert not menus
    desk.document.undo()
    assert desk.text() == before


def test_a_stroke_beside_everything_cuts_nothing(desk):
    desk.drag(QPointF(100, 200), QPointF(700, 230), Right, Keys.ControlModifier)
    assert desk.steps == 0


def test_a_stroke_over_a_bent_edge_cuts_it_where_it_is(wide):
    wide.document.push(SetBends(wide.edge("a", "b"), ((588.0, 300.0),)))
    wide.drag(QPointF(588, -20), QPointF(588, 120), Right, Keys.ControlModifier)
    assert "a>b.input" in wide.joined()
    wide.drag(QPointF(588, 250), QPointF(588, 350), Right, Keys.ControlModifier)
    assert "a>b.input" not in wide.joined()


def test_a_plain_right_click_opens_the_menu_and_ctrl_cuts_instead(window, hands):
    """By the window system's way, which asks for the menu itself."""
    user = hands(window)
    menus = []
    window.canvas.menu_wanted.disconnect(window.menus.show_context)
    window.canvas.menu_wanted.connect(menus.append)
    native = window.windowHandle()

    def at(point: QPointF) -> QPoint:
        return window.canvas.viewport().mapTo(window, user.spot(point))

    spot = at(QPointF(300, 300))
    QTest.mousePress(native, Right, Keys.NoModifier, spot)
    QTest.mouseRelease(native, Right, Keys.NoModifier, spot)
    assert len(menus) == 1 and window.canvas.gesture is None
    edge = window.canvas.graph_scene.edges[user.document.level.edges[0]].middle()
    QTest.mousePress(native, Right, Keys.ControlModifier, at(edge - QPointF(0, 60)))
    stroke = window.canvas.gesture
    assert isinstance(stroke, Cut)
    for step in (-30, 0, 30, 60):
        QTest.mouseMove(native, at(edge + QPointF(0, step)))
    assert window.canvas.gesture is stroke and list(stroke.cut) == [user.document.level.edges[0]], (
        edge,
        stroke.bounds(),
        at(edge),
        window.canvas.scale_now(),
    )
    QTest.mouseRelease(native, Right, Keys.ControlModifier, at(edge + QPointF(0, 60)))
    assert len(menus) == 1 and len(user.document.level.edges) == 4
    assert user.document.stack.undoText() == "Disconnect x from fc1"


def test_shift_and_ctrl_gather_edges(desk):
    first, second = desk.edge("x", "a"), desk.edge("a", "b")
    desk.click(desk.edge_item("x", "a").middle())
    desk.click(desk.edge_item("a", "b").middle(), keys=Keys.ShiftModifier)
    assert desk.canvas.graph_scene.selected_edges() == [first, second]
    desk.click(desk.edge_item("x", "a").middle(), keys=Keys.ControlModifier)
    assert desk.canvas.graph_scene.selected_edges() == [second]
    desk.press(QPointF(700, 500), Left)
    desk.release(QPointF(700, 500), Left)
    assert desk.canvas.graph_scene.selected_edges() == []
