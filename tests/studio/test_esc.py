"""Esc in the middle of any gesture leaves no trace: not in the document, the selection or the picture."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from nnstudio.graph import AddFrame, Frame, SetBends
from nnstudio.studio.canvas.gestures import Selection
from tests.studio.desk import Keys, Right, lay, sharpen, wires

Key, Middle = Qt.Key, Qt.MouseButton.MiddleButton


@pytest.fixture
def desk(qtbot):
    desk = lay(qtbot, wires("a", "b", "c"))
    desk.document.push(AddFrame(Frame("f1", "Encoder", (200, -60), (424, 260), "blue")))
    desk.document.push(SetBends(desk.edge("b", "c"), ((636.0, 160.0),)))
    desk.canvas.select([desk.id("c")])
    desk.canvas.grab()
    sharpen(qtbot, desk.canvas)
    return desk


FREE, TITLE = QPointF(30, 380), QPointF(260, -45)
GESTURES = {
    "move": {"start": FREE, "end": QPointF(400, 500)},
    "move over an edge": {"start": FREE, "end": QPointF(30 + 336, 380 - 304 + 4)},
    "move without snapping": {"start": FREE, "end": QPointF(123, 501), "keys": Keys.AltModifier},
    "move a frame": {"start": TITLE, "end": TITLE + QPointF(80, 300)},
    "resize a frame": {"start": QPointF(624, 10), "end": QPointF(800, 10)},
    "box": {"start": QPointF(-100, -200), "end": QPointF(900, 300)},
    "box in addition": {"start": QPointF(-100, 250), "end": QPointF(900, 500), "keys": Keys.ShiftModifier},
    "connect": {"start": QPointF(152, 360), "end": QPointF(400, 440)},
    "take an edge off": {"start": QPointF(448, 56), "end": QPointF(430, 300)},
    "drag a bend": {"start": QPointF(636, 160), "end": QPointF(640, 320)},
    "drag a bend away": {"start": QPointF(636, 160), "end": QPointF(640, 58)},
    "add a bend": {"start": QPointF(188, 56), "end": QPointF(188, 200), "keys": Keys.AltModifier},
    "cut": {
        "start": QPointF(188, -30),
        "end": QPointF(188, 130),
        "button": Right,
        "keys": Keys.ControlModifier,
    },
    "pan": {"start": QPointF(900, 400), "end": QPointF(700, 300), "button": Middle},
}


@pytest.mark.parametrize("name", GESTURES)
def test_esc_leaves_no_trace(desk, name):
    def state():
        QApplication.processEvents()
        return desk.text(), Selection.of(desk.canvas.graph_scene), desk.steps, desk.canvas.viewportTransform()

    canvas, drag = desk.canvas, GESTURES[name]
    before, picture = state(), canvas.viewport().grab().toImage()
    spots = [desk.spot(drag[end]) for end in ("start", "end")]
    desk.hold(**drag)
    assert canvas.gesture is not None
    assert canvas.viewport().grab().toImage() != picture, "the gesture shows what it is about to do"
    desk.key(Key.Key_Escape)
    assert canvas.gesture is None
    desk.release(canvas.scene_point(QPointF(spots[1])), drag.get("button", Qt.MouseButton.LeftButton))
    assert state() == before
    assert canvas.viewport().grab().toImage() == picture
    assert not desk.refused


def test_esc_while_a_title_is_typed_leaves_no_trace(desk):
    canvas = desk.canvas
    before, picture = desk.text(), canvas.viewport().grab().toImage()
    for begin in (canvas.editing.frames.add, lambda: canvas.editing.frames.rename("f1")):
        begin()
        (field,) = [each for each in canvas.viewport().findChildren(QLineEdit) if each.isVisible()]
        QTest.keyClicks(field, "words")
        QTest.keyClick(field, Key.Key_Escape)
        QApplication.processEvents()
        assert desk.text() == before and canvas.selected_nodes() == [desk.id("c")]
        assert canvas.viewport().grab().toImage() == picture
    assert QApplication.focusWidget() is canvas
