"""Samples drawn by mouse and by keys: strokes are edits, and the project's file holds them."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.data.drawn import points_of
from nnstudio.project import load

Left, Right = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Pen:
    """Draws in the plane's own numbers."""

    def __init__(self, gatherer):
        self.gatherer, self.page = gatherer, gatherer.panel.draw
        self.plane = self.page.drawing

    def mouse(self, kind, place, button, buttons):
        spot = QPointF(self.plane.spot_of(*place))
        event = QMouseEvent(
            kind, spot, self.plane.mapToGlobal(spot), button, buttons, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(self.plane, event)

    def click(self, x, y, button=Left):
        self.stroke((x, y), button=button)

    def stroke(self, *places, button=Left, release=True):
        self.mouse(QEvent.Type.MouseButtonPress, places[0], button, button)
        for place in places[1:]:
            self.mouse(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, button)
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, places[-1], button, Qt.MouseButton.NoButton)

    @property
    def points(self):
        return points_of(self.gatherer.data.options)


@pytest.fixture
def pen(gatherer):
    chooser = gatherer.panel.chooser
    chooser.setFocus()
    QTest.keyClicks(chooser, "Draw")
    chooser.activated.emit(chooser.currentIndex())
    gatherer.settle()
    assert gatherer.panel.preview.currentWidget() is gatherer.panel.draw
    return Pen(gatherer)


def test_points_by_class(pen, gatherer):
    pen.click(-0.5, 0.25)
    gatherer.press(pen.page.class_buttons[1])
    pen.click(0.5, -0.25)
    assert pen.points == pytest.approx(np.array([[-0.5, 0.25, 0], [0.5, -0.25, 1]]), abs=0.02)
    assert gatherer.undo_text == "Draw 1 point" and gatherer.document.stack.count() == 3
    gatherer.settle()
    assert gatherer.samples.sentence == "" or "leave none" in gatherer.samples.sentence
    gatherer.document.undo()
    assert len(pen.points) == 1 and len(pen.plane.points) == 1


def test_a_stroke_of_the_brush_is_one_edit(pen, gatherer):
    gatherer.press(pen.page.tools["Brush"])
    pen.stroke(*((share, share / 2) for share in np.linspace(-0.8, 0.8, 30)))
    assert len(pen.points) > 10 and gatherer.document.stack.count() == 2
    far = np.abs(pen.points[:, 1] - pen.points[:, 0] / 2)
    assert far.max() <= 0.15 and (pen.points[:, 2] == 0).all()
    assert gatherer.undo_text == f"Draw {len(pen.points)} points"
    gatherer.document.undo()
    assert len(pen.points) == 0 and len(pen.plane.points) == 0
    gatherer.document.redo()
    assert len(pen.points) > 10


def test_points_are_erased(pen, gatherer):
    for place in ((-0.5, 0), (0, 0), (0.5, 0)):
        pen.click(*place)
    pen.click(0, 0, button=Right)
    assert pen.points[:, 0] == pytest.approx([-0.5, 0.5], abs=0.02) and gatherer.undo_text == "Erase 1 point"
    gatherer.press(pen.page.tools["Eraser"])
    pen.stroke(*((share, 0.0) for share in np.linspace(-0.9, 0.9, 40)))
    assert len(pen.points) == 0
    gatherer.document.undo()
    gatherer.press(pen.page.clear)
    assert len(pen.points) == 0 and gatherer.undo_text == "Erase all points"


def test_escape_gives_a_stroke_up(pen, gatherer):
    gatherer.press(pen.page.tools["Brush"])
    pen.stroke((0, 0), (0.5, 0.5), release=False)
    assert len(pen.plane.points) == 2
    QTest.keyClick(pen.plane, Qt.Key.Key_Escape)
    pen.mouse(QEvent.Type.MouseButtonRelease, (0.5, 0.5), Left, Qt.MouseButton.NoButton)
    assert len(pen.points) == 0 and len(pen.plane.points) == 0 and gatherer.document.stack.count() == 1


def test_by_the_keyboard_alone(pen, gatherer):
    plane = pen.plane
    plane.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Space):
        QTest.keyClick(plane, key)
    QTest.keyClick(plane, Qt.Key.Key_1)
    QTest.keyClick(plane, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(plane, Qt.Key.Key_Space)
    assert pen.points.tolist() == [[0.1, 0.05, 0], [0.09, 0.05, 1]]
    assert "2 points: 1 of class 0, 1 of class 1" in plane.accessibleDescription()
    QTest.keyClick(plane, Qt.Key.Key_Delete)
    assert len(pen.points) == 0
    QTest.keyClick(plane, Qt.Key.Key_B)
    assert plane.tool == "Brush" and pen.page.tools["Brush"].isChecked()


def test_more_classes_and_a_curve_to_fit(pen, gatherer):
    assert [button.isVisible() for button in pen.page.class_buttons] == [True, True] + [False] * 4
    gatherer.press(pen.page.more)
    assert pen.plane.number == 2 and pen.page.class_buttons[2].isChecked()
    assert gatherer.undo_text == "Add a class"
    gatherer.panel.form.fields["option classes"].offer(4)
    assert sum(button.isVisible() for button in pen.page.class_buttons) == 4
    for at in range(4):
        pen.page.choose_class(at)
        for place in ((at / 5 - 0.5, 0.1), (at / 5 - 0.5, 0.4), (at / 5 - 0.5, 0.7)):
            pen.click(*place)
    gatherer.settle()
    assert gatherer.samples.dataset.classes == 4 and gatherer.samples.dataset.input_shape == (2,)
    gatherer.panel.form.fields["task"].offer("numbers")
    gatherer.settle()
    assert gatherer.samples.dataset.task == "numbers" and gatherer.samples.dataset.input_shape == (1,)


def test_the_project_holds_the_points(pen, gatherer, tmp_path):
    pen.click(0.25, 0.5)
    gatherer.document.save(tmp_path / "drawn.nns")
    again = load(tmp_path / "drawn.nns")
    assert np.array_equal(points_of(again.data.options), pen.points) and len(pen.points) == 1


def test_drawing_is_painted(pen):
    empty = pen.plane.grab().toImage()
    pen.click(0.5, 0.5)
    assert pen.plane.grab().toImage() != empty
