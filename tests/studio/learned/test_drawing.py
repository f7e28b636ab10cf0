"""Draw a digit: strokes by mouse and by keys, taken back and cleared; every layer answers at once."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from nnstudio.project import load, save
from nnstudio.project.run import train
from nnstudio.resources_path import example
from tests.studio.learned.hand import DIGITS


@pytest.fixture(scope="module")
def learned_digits(tmp_path_factory):
    """Where a network that has learned the 8×8 digits is kept."""
    project = load(example("digits.nns.json"))
    train(project)
    kept = tmp_path_factory.mktemp("learned") / "digits.nns"
    save(project, kept)
    return kept


@pytest.fixture
def drawing(open_window, qtbot, learned_digits):
    """The view in a window on that network."""
    window = open_window(project=load(learned_digits))
    learned = window.engine.learned
    window.bottom.show_panel(learned)
    qtbot.waitUntil(lambda: learned.tabs.isTabVisible(learned.pages.indexOf(learned.drawing)), timeout=20000)
    learned.show_view(learned.drawing)
    qtbot.waitUntil(lambda: learned.drawing.recognised is not None, timeout=20000)
    return learned.drawing


def draw(pad, strokes):
    for stroke in strokes:
        spots = [pad.spot_of(*place).toPoint() for place in stroke]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=spots[0])
        for spot in spots[1:]:
            QTest.mouseMove(pad, spot)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=spots[-1])
    QApplication.processEvents()


def test_what_is_drawn_is_recognised_and_every_layer_answers(drawing, qtbot):
    for digit in (0, 2, 7):
        QTest.mouseClick(drawing.clear, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: drawing.answer.text() == "", timeout=30000)
        draw(drawing.pad, DIGITS[digit])
        qtbot.waitUntil(lambda digit=digit: drawing.answer.text() == str(digit), timeout=30000)
    found = drawing.recognised
    assert list(found.layers) == ["fc1", "act1", "fc2"] and found.layers["act1"].shape == (32,)
    assert found.shares.sum() == pytest.approx(1) and drawing.sure.text().endswith("%")
    assert not drawing.seen.pixmap().isNull()
    # In the window as it opens there is room to draw, and no layer has to be scrolled to.
    assert drawing.pad.sheet().height() > 140 and drawing.pen.width() > 40
    lowest = drawing.answers.strip_box(len(found.layers) - 1).bottomLeft().toPoint()
    assert drawing.rect().contains(drawing.answers.mapTo(drawing, lowest))
    assert not drawing.window().engine.learned.tabs.findChildren(QToolButton)[0].isVisible(), "all tabs seen"


def test_strokes_are_taken_back_and_the_sheet_is_cleared(drawing, qtbot):
    pad = drawing.pad
    draw(pad, DIGITS[4])
    assert len(pad.strokes) == 2
    QTest.mouseClick(drawing.undo, Qt.MouseButton.LeftButton)
    assert len(pad.strokes) == 1
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    assert pad.strokes == []
    draw(pad, DIGITS[4])
    before = len(drawing.window().document.level.nodes)
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.strokes == [] and len(drawing.window().document.level.nodes) == before
    qtbot.waitUntil(lambda: drawing.recognised.picture is None, timeout=30000)


def test_a_digit_is_drawn_by_keys(drawing, qtbot):
    pad = drawing.pad
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Space)
    for _ in range(14):
        QTest.keyClick(pad, Qt.Key.Key_Down)
    QTest.keyClick(pad, Qt.Key.Key_Space)
    QTest.keyClick(pad, Qt.Key.Key_Left)  # lifted: nothing is drawn
    assert len(pad.strokes) == 1 and len(pad.strokes[0]) == 15
    qtbot.waitUntil(lambda: drawing.answer.text() == "1", timeout=30000)


def test_the_pen_has_a_width(drawing, qtbot):
    draw(drawing.pad, DIGITS[0])
    qtbot.waitUntil(lambda: drawing.answer.text() == "0", timeout=30000)
    usual = np.sum(drawing.recognised.picture)
    drawing.pen.setFocus()
    QTest.keyClick(drawing.pen, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: np.sum(drawing.recognised.picture) > 1.2 * usual, timeout=30000)
