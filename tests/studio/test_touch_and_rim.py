"""The view under two fingers, a drag held at its rim, and the overview under the mouse."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.studio.desk import Left

Key = Qt.Key
NoKeys = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def screen(qapp):
    return QTest.createTouchDevice()


def pinch(canvas, device, middle: QPoint, start: int, end: int) -> None:
    """Two fingers beside a point of the viewport, so many pixels from it, move apart or together."""
    viewport = canvas.viewport()
    left, right = middle - QPoint(start, 0), middle + QPoint(start, 0)
    QTest.touchEvent(viewport, device).press(0, left, viewport).press(1, right, viewport)
    QApplication.processEvents()
    steps = 8
    for step in range(1, steps + 1):
        apart = start + (end - start) * step // steps
        left, right = middle - QPoint(apart, 0), middle + QPoint(apart, 0)
        QTest.touchEvent(viewport, device).move(0, left, viewport).move(1, right, viewport)
        QApplication.processEvents()
    QTest.touchEvent(viewport, device).release(0, left, viewport).release(1, right, viewport)
    QApplication.processEvents()


def test_two_fingers_zoom_about_the_middle_between_them(window, screen):
    canvas = window.canvas
    canvas.zoom(1 / canvas.scale_now())
    middle = QPoint(420, 260)
    before = canvas.scene_point(QPointF(middle))
    pinch(canvas, screen, middle, 60, 120)
    larger = canvas.scale_now()
    assert 1.4 < larger <= 2.2
    assert (canvas.scene_point(QPointF(middle)) - before).manhattanLength() < 4
    assert not window.document.modified and canvas.gesture is None
    pinch(canvas, screen, middle, 120, 60)
    assert canvas.scale_now() < 0.75 * larger


def test_a_touchpad_s_pinch_zooms_where_the_pointer_is(window):
    canvas = window.canvas
    spot = QPointF(300, 200)
    before, scale = canvas.scene_point(spot), canvas.scale_now()
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        spot,
        spot,
        canvas.viewport().mapToGlobal(spot),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(canvas.viewport(), event)
    assert canvas.scale_now() == pytest.approx(1.25 * scale)
    assert (canvas.scene_point(spot) - before).manhattanLength() < 2


def test_a_drag_held_at_the_rim_moves_the_view_until_it_leaves_it(window, hands, qtbot):
    user = hands(window)
    canvas, level = window.canvas, window.document.level
    canvas.zoom(1 / canvas.scale_now())
    canvas.look_at(user.middle("act1"))
    start = canvas.mapFromScene(user.middle("act1"))
    rim = QPoint(canvas.viewport().width() - 6, start.y())
    was, seen = level.nodes[user.id("act1")].position, canvas.seen().center().x()
    viewport = canvas.viewport()
    QTest.mousePress(viewport, Left, NoKeys, start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(viewport, start + (rim - start) * share)
    qtbot.waitUntil(lambda: canvas.seen().center().x() > seen + 300, timeout=30000)
    QTest.mouseMove(viewport, start)
    QApplication.processEvents()
    stood = canvas.seen().center().x()
    qtbot.wait(60)  # in which it would have gone on
    assert canvas.seen().center().x() == stood
    QTest.mouseRelease(viewport, Left, NoKeys, start)
    now = window.document.level.nodes[user.id("act1")].position
    assert now[0] - was[0] == pytest.approx(stood - seen, abs=12), "it went along with the view"
    assert window.document.stack.count() == 1
    window.document.undo()
    assert window.document.level.nodes[user.id("act1")].position == was


def test_esc_at_the_rim_ends_it_and_leaves_no_trace(window, hands, qtbot):
    user = hands(window)
    canvas = window.canvas
    start = canvas.mapFromScene(user.middle("act1"))
    rim = QPoint(start.x(), canvas.viewport().height() - 4)
    seen = canvas.seen().center().y()
    QTest.mousePress(canvas.viewport(), Left, NoKeys, start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas.viewport(), start + (rim - start) * share)
    qtbot.waitUntil(lambda: canvas.seen().center().y() > seen + 50, timeout=30000)
    user.key(Key.Key_Escape)
    stood = canvas.seen().center().y()
    qtbot.wait(60)
    assert canvas.seen().center().y() == stood and canvas.gesture is None
    QTest.mouseRelease(canvas.viewport(), Left, NoKeys, rim)
    assert window.document.stack.count() == 0


def test_the_overview_is_dragged_as_one_drags_the_view(window, hands):
    canvas = window.canvas
    canvas.zoom(3 / canvas.scale_now())
    QApplication.processEvents()
    overview = canvas.minimap
    assert overview.isVisible()
    grip = overview.view_box().center().toPoint()
    before = canvas.seen().center()
    QTest.mousePress(overview, Left, NoKeys, grip)
    assert (canvas.seen().center() - before).manhattanLength() < 12, "taken hold of, nothing has moved yet"
    places = []
    for step in (8, 16, 24):
        QTest.mouseMove(overview, grip + QPoint(step, 0))
        QApplication.processEvents()
        places.append(canvas.seen().center().x())
    QTest.mouseRelease(overview, Left, NoKeys, grip + QPoint(24, 0))
    assert before.x() < places[0] < places[1] < places[2]
    first, second = places[1] - places[0], places[2] - places[1]
    assert first == pytest.approx(second, rel=0.1), "the ground does not move under the hand"
    stood = canvas.seen().center()
    QTest.mouseMove(overview, grip)
    assert canvas.seen().center() == stood, "let go"
    assert window.document.stack.count() == 0
