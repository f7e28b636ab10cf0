"""What it learned over one and two inputs: boundary, lines of units, regions, curve; live and stepped."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.project.edits import SetTraining


@pytest.fixture
def opened(open_example, qtbot):
    """An example with the panel in front, once it has been answered."""

    def open_it(name: str, view: str = "boundary"):
        window = open_example(name)
        learned = window.engine.learned
        window.bottom.show_panel(learned)
        shown = getattr(learned, view)
        answered = {"boundary": lambda: shown.field, "curve": lambda: shown.fitted}[view]
        qtbot.waitUntil(lambda: answered() is not None, timeout=30000)
        assert learned.view is shown
        return window, shown

    return open_it


def test_lesson_nine_in_the_window(opened, hands, qtbot):
    window, view = opened("lessons/relu_2d")
    stepper = window.engine.stepper
    stepper.write_all({"h.weight": [[1, 0], [0, 1], [1, 1]], "h.bias": [0, 0, -2]})
    qtbot.waitUntil(lambda: "7 regions, of at most 1 + 3 + 3 = 7" in view.regions.text(), timeout=30000)
    stepper.write("h.bias", [0, 0, 0])
    qtbot.waitUntil(lambda: "6 regions, of at most 1 + 3 + 3 = 7" in view.regions.text(), timeout=30000)
    assert len(view.plane.lines) == 3
    # A click on the line x1 = 0 chooses its unit; Page down the next.
    plane = view.plane
    spot = plane.spot_of(0.0, plane.area.high * 0.9 + plane.area.low * 0.1).toPoint()
    QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=spot)
    assert plane.unit == 0
    plane.setFocus()
    hands(window).key(Qt.Key.Key_PageDown)
    assert plane.unit == 1
    # The arrows ask at a place; + and 0 zoom.
    hands(window).key(Qt.Key.Key_Right)
    assert plane.place is not None and view.where.text().rsplit(": ")[-1] in ("0", "1")
    before, area = view.field, plane.area
    hands(window).key(Qt.Key.Key_Plus)
    assert plane.area.right - plane.area.left < area.right - area.left
    qtbot.waitUntil(lambda: view.field is not before and view.field.area == plane.area, timeout=30000)
    hands(window).key(Qt.Key.Key_0)
    assert plane.area == area


def test_the_boundary_follows_a_run(opened, qtbot):
    window, view = opened("spirals")
    window.document.push(SetTraining(replace(window.document.project.training, epochs=100_000)))
    first = view.field.strength
    QTest.mouseClick(window.top_bar.train, Qt.MouseButton.LeftButton)
    learned = window.engine.learned
    qtbot.waitUntil(lambda: "live" in learned.where.text(), timeout=20000)
    qtbot.waitUntil(lambda: not np.array_equal(view.field.strength, first), timeout=20000)
    qtbot.waitUntil(lambda: len(learned.present.path) > 1, timeout=20000)
    QTest.mouseClick(window.top_bar.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "shown: after" in learned.where.toolTip(), timeout=20000)


def test_the_curve_is_drawn_over_the_data(opened, qtbot):
    window, view = opened("lessons/noisy_curve", "curve")
    splits = window.engine.samples.splits
    assert len(view.points.data) + len(view.others.data) == pytest.approx(splits.dataset.samples / 2, abs=2)
    before = view.fitted
    bias = window.engine.stepper.program["fc3.bias"].copy()
    window.engine.stepper.write("fc3.bias", bias + 2)
    qtbot.waitUntil(lambda: view.fitted is not before, timeout=30000)
    assert np.allclose(view.fitted.y - before.y, 2, atol=1e-4)


def test_the_kinks_of_lesson_nine_on_a_line(opened, qtbot):
    window, view = opened("lessons/relu_1d", "curve")
    stepper = window.engine.stepper
    stepper.write_all({"h.weight": [[-2], [3], [1]], "h.bias": [-8, 12, 4]})
    qtbot.waitUntil(lambda: "2 pieces, of at most 1 + 3 = 4" in view.words.text(), timeout=30000)
    stepper.write("h.bias", [-8, 3, -2])
    qtbot.waitUntil(lambda: "4 pieces" in view.words.text(), timeout=30000)
    assert np.allclose(np.sort(view.fitted.kinks), [-4, -1, 2], atol=1e-4)


def test_an_empty_window_says_what_is_needed(empty_window, qtbot):
    learned = empty_window.engine.learned
    empty_window.bottom.show_panel(learned)
    qtbot.waitUntil(lambda: "Draw a network first" in learned.nothing.text(), timeout=30000)
    assert learned.view is None and not learned.tabs.isVisible()
