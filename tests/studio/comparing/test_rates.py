"""The test of learning rates in the window: its curve, its suggestion, and its use as one edit."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.project import load
from nnstudio.project.run import splits_of
from nnstudio.resources_path import example
from nnstudio.training.rate_test import RateTest


@pytest.fixture
def testing(desk):
    here = desk(load(example("sine.nns.json")))
    here.qtbot.waitUntil(lambda: not here.samples.loading, timeout=20000)
    here.press(here.panel.rates_button)
    here.dialog = here.panel.rates
    with here.qtbot.waitActive(here.dialog, timeout=30000):
        pass
    return here


def test_it_suggests_what_the_test_finds_and_use_is_one_edit(testing):
    dialog, project = testing.dialog, testing.project
    before = project.training
    testing.press(dialog.start)
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.active, "a second click does not cancel what the first began"
    testing.press(dialog.cancel)
    assert not dialog.active and dialog.words.text() == "Cancelled."
    testing.press(dialog.start)
    testing.qtbot.waitUntil(lambda: not dialog.active, timeout=20000)
    wanted = RateTest(project.graph, splits_of(project), before)
    for _ in wanted.run():
        pass
    assert dialog.suggestion == wanted.suggestion and dialog.words.text() == wanted.sentence
    assert list(dialog.smooth.getOriginalDataset()[1]) == wanted.smoothed
    assert project.training == before and testing.document.stack.count() == 0, "only a copy was trained"
    testing.press(dialog.use)
    assert project.training.lr == wanted.suggestion
    assert testing.undo_text == f"Use a learning rate of {wanted.suggestion:g}"
    testing.document.undo()
    assert project.training == before


def test_rates_that_are_none_are_refused_in_words(testing):
    dialog = testing.dialog
    dialog.lowest.setText("fast")
    testing.press(dialog.start)
    assert dialog.words.text() == "A rate is a number, such as 0.001." and not dialog.active
    dialog.lowest.setText("20")
    testing.press(dialog.start)
    testing.qtbot.waitUntil(lambda: not dialog.active, timeout=20000)
    assert "20 to 10" in dialog.words.text() and not dialog.use.isVisible()
