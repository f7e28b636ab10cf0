"""Comment frames: made around a selection, carried, sized, named, coloured and taken away."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from nnstudio.graph import FRAME_COLOURS, AddFrame, Frame
from nnstudio.studio.canvas.frame_item import BAR
from tests.studio.desk import Keys, lay, wires

Key = Qt.Key


@pytest.fixture
def desk(qtbot):
    return lay(qtbot, wires("a", "b", "c"))


@pytest.fixture
def framed(desk):
    """a and b lie in a frame, and another frame in that one."""
    desk.document.push(AddFrame(Frame("f1", "Encoder", (200, -64), (424, 264), "blue")))
    desk.document.push(AddFrame(Frame("f2", "inner", (440, -20), (170, 150), "green")))
    desk.document.stack.clear()
    return desk


def title(frame: Frame) -> QPointF:
    return QPointF(frame.position[0] + 40, frame.position[1] + BAR / 2)


def frame(desk, key="f1") -> Frame:
    return desk.document.level.frames[key]


def field(desk) -> QLineEdit:
    found = desk.canvas.viewport().findChildren(QLineEdit)
    (one,) = [each for each in found if each.isVisible()]
    return one


# -- making one


def test_a_frame_around_the_selection_is_named_in_place_and_comes_in_one_edit(desk):
    desk.canvas.select([desk.id("a"), desk.id("b")])
    desk.canvas.editing.frames.add()
    assert not desk.document.level.frames and QApplication.focusWidget() is field(desk)
    QTest.keyClicks(field(desk), "Encoder")
    desk.canvas.grab()
    QTest.keyClick(field(desk), Key.Key_Return)
    (made,) = desk.document.level.frames.values()
    assert made.title == "Encoder" and desk.steps == 1 and desk.undo_text == "Add frame Encoder"
    item = desk.canvas.graph_scene.frames[made.id]
    assert all(item.scene_box().contains(desk.item(name).scene_card()) for name in ("a", "b"))
    assert desk.item("a").y() - (made.position[1] + BAR) >= 16, "the title is above the cards"
    assert made.position[0] % 8 == made.position[1] % 8 == made.size[0] % 8 == 0
    assert desk.canvas.graph_scene.selected_frames() == [made.id] and desk.canvas.selected_nodes() == []
    assert desk.canvas.gesture is None and QApplication.focusWidget() is desk.canvas
    desk.document.undo()
    assert not desk.document.level.frames and not desk.canvas.graph_scene.frames


def test_esc_while_naming_makes_no_frame_and_a_click_elsewhere_makes_it(desk):
    desk.canvas.select([desk.id("a")])
    before = desk.text()
    desk.canvas.editing.frames.add()
    QTest.keyClicks(field(desk), "no")
    QTest.keyClick(field(desk), Key.Key_Escape)
    assert desk.text() == before and desk.steps == 0 and desk.canvas.gesture is None
    assert desk.canvas.selected_nodes() == [desk.id("a")]
    desk.canvas.editing.frames.add()
    QTest.keyClicks(field(desk), "yes")
    desk.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert [each.title for each in desk.document.level.frames.values()] == ["yes"]


def test_the_field_follows_the_view(desk):
    desk.canvas.editing.frames.add()
    at = field(desk).pos()
    desk.canvas.pan(40, 24)
    assert field(desk).pos() == at - type(at)(40, 24)
    desk.key(Key.Key_Escape)


def test_ctrl_j_frames_the_selection_and_a_frame_is_offered_its_colours(window, hands):
    user = hands(window)
    user.canvas.select([user.id("fc1")])
    user.canvas.setFocus()
    user.key(Key.Key_J, Keys.ControlModifier)
    user.key(Key.Key_Return)
    (made,) = user.document.level.frames.values()
    assert made.title == "Comment"
    assert window.actions_by_id["delete"].isEnabled() and not window.actions_by_id["bypass"].isEnabled()
    menu = QMenu()
    colours = window.canvas.editing.frames.colour_menu(menu)
    assert [action.text().lower() for action in colours.actions()] == list(FRAME_COLOURS)
    assert [action.isChecked() for action in colours.actions()].index(True) == 0
    colours.actions()[2].trigger()
    assert user.document.level.frames[made.id].colour == "orange"
    assert user.document.stack.undoText() == "Colour frame Comment orange"
    shown = []
    window.canvas.menu_wanted.emit(window.mapToGlobal(window.rect().center()))
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    shown = [action.text().replace("&", "") for action in popup.actions()]
    popup.close()
    assert "Frame Colour" in shown and "Comment Frame" in shown
    user.canvas.select([])
    user.canvas.setFocus()
    user.canvas.select([], [], [made.id])
    user.key(Key.Key_Delete)
    assert not user.document.level.frames and user.id("fc1") in user.document.level.nodes


# -- using it


def test_dragging_the_title_carries_what_lies_in_it_in_one_step(framed):
    before = framed.text()
    start = title(frame(framed))
    framed.hold(start, start + QPointF(48, 304))
    assert framed.item("a").pos() == QPointF(272, 304) and framed.item("c").pos() == QPointF(672, 0)
    framed.canvas.grab()
    framed.release(start + QPointF(48, 304))
    assert frame(framed).position == (248, 240) and frame(framed, "f2").position == (488, 284)
    assert framed.position("a") == (272, 304) and framed.position("b") == (496, 304)
    assert framed.position("c") == (672, 0) and framed.position("x") == (0, 0)
    assert framed.steps == 1 and framed.undo_text == "Move frame Encoder"
    framed.document.undo()
    assert framed.text() == before and framed.item("a").pos() == QPointF(224, 0)
    assert framed.canvas.graph_scene.frames["f1"].scene_box().topLeft() == QPointF(200, -64)


def test_within_a_frame_is_canvas_and_a_box_takes_only_frames_that_it_encloses(framed):
    framed.click(QPointF(212, 190))
    assert framed.canvas.graph_scene.selected_frames() == []
    framed.drag(QPointF(212, 190), QPointF(620, -10))
    assert framed.canvas.selected_nodes() == [framed.id("a"), framed.id("b")]
    assert framed.canvas.graph_scene.selected_frames() == []
    framed.drag(QPointF(625 + 20, 140), QPointF(425, -40))
    assert framed.canvas.graph_scene.selected_frames() == ["f2"]
    framed.click(title(frame(framed)), keys=Keys.ShiftModifier)
    assert set(framed.canvas.graph_scene.selected_frames()) == {"f1", "f2"}
    framed.click(title(frame(framed)))
    assert framed.canvas.graph_scene.selected_frames() == ["f1"] and framed.canvas.selected_nodes() == []


@pytest.mark.parametrize(
    ("grip", "to", "position", "size"),
    [
        ((200, 100), (163, 80), (160, -64), (464, 264)),
        ((624, 100), (661, 80), (200, -64), (464, 264)),
        ((400, 200), (440, 237), (200, -64), (424, 304)),
        ((400, -64), (440, -97), (200, -96), (424, 296)),
        ((624, 200), (700, 301), (200, -64), (504, 368)),
        ((200, -64), (241, 1), (240, 0), (384, 200)),
        ((624, 200), (-900, -900), (200, -64), (96, 70)),
    ],
)
def test_border_and_corners_change_the_size_on_the_grid(framed, grip, to, position, size):
    framed.drag(QPointF(*grip), QPointF(*to))
    now = frame(framed)
    assert (now.position, now.size) == (position, size)
    assert framed.steps == 1 and framed.undo_text == "Resize frame Encoder"
    assert framed.position("a") == (224, 0), "what lies in it stays"


def test_a_double_click_on_the_title_renames_it_and_del_removes_it_alone(framed):
    framed.double_click(title(frame(framed)))
    assert field(framed).text() == field(framed).selectedText() == "Encoder"
    QTest.keyClicks(field(framed), "  two   words ")
    QTest.keyClick(field(framed), Key.Key_Return)
    assert frame(framed).title == "two words" and framed.undo_text == "Rename frame to two words"
    assert framed.canvas.graph_scene.selected_frames() == ["f1"]
    framed.key(Key.Key_Return)  # by the keyboard
    QTest.keyClick(field(framed), Key.Key_Return)
    assert framed.steps == 1, "the same title is no change"
    framed.canvas.editing.delete()
    assert list(framed.document.level.frames) == ["f2"] and len(framed.document.level.nodes) == 5
    framed.document.undo()
    assert list(framed.document.level.frames) == ["f1", "f2"]


def test_arrows_nudge_a_frame_with_its_content(framed):
    framed.click(title(frame(framed)))
    framed.key(Key.Key_Right)
    framed.key(Key.Key_Right, Keys.ShiftModifier)
    assert frame(framed).position == (248, -64) and framed.position("a") == (272, 0) and framed.steps == 1


def test_a_node_dragged_out_of_a_frame_is_carried_no_more(framed):
    framed.drag(framed.middle("a"), framed.middle("a") + QPointF(0, 400))
    framed.drag(title(frame(framed)), title(frame(framed)) + QPointF(0, -80))
    assert framed.position("a")[1] > 300 and framed.position("b") == (448, -80)


def test_a_card_that_lies_half_in_a_frame_is_not_carried(framed):
    framed.drag(QPointF(624, 190), QPointF(520, 190))
    framed.drag(title(frame(framed)), title(frame(framed)) + QPointF(0, -80))
    assert framed.position("a") == (224, -80) and framed.position("b") == (448, 0)
    assert frame(framed, "f2").position == (440, -20)


def test_the_pointer_tells_what_can_be_taken_hold_of(framed):
    shapes = Qt.CursorShape
    for spot, shape in (
        (title(frame(framed)), shapes.OpenHandCursor),
        (QPointF(624, 60), shapes.SizeHorCursor),
        (QPointF(624, 200), shapes.SizeFDiagCursor),
        (QPointF(212, 190), shapes.ArrowCursor),
        (framed.middle("a"), shapes.ArrowCursor),
    ):
        framed.move(spot)
        assert framed.canvas.viewport().cursor().shape() == shape
