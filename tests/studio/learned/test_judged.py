"""Confusion, mistakes and the loss surface in the window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from nnstudio.project import load
from nnstudio.project.edits import SetTraining
from nnstudio.project.run import train
from nnstudio.resources_path import example
from tests.studio.naming import nameless


@pytest.fixture
def learned(open_window, qtbot):
    """The panel in a window whose example was trained for some epochs, with a view in front."""

    def open_it(name: str, epochs: int, view: str):
        project = load(example(f"{name}.nns.json"))
        if epochs:
            train(project, epochs)
        window = open_window(project=project)
        panel = window.engine.learned
        window.bottom.show_panel(panel)
        qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
        shown = getattr(panel, view)
        qtbot.waitUntil(lambda: panel.tabs.isTabVisible(panel.pages.indexOf(shown)), timeout=20000)
        panel.show_view(shown)
        return panel, shown

    return open_it


def test_a_cell_of_the_confusion_matrix_shows_its_samples(learned, hands, qtbot):
    panel, view = learned("digits", 1, "confusion")
    qtbot.waitUntil(lambda: view.judged is not None, timeout=20000)
    judgement, part = view.judged.judgement, panel.facts.splits.validation
    assert view.words.text().startswith(f"{judgement.accuracy:.1%} right")
    off = np.argwhere(judgement.matrix * (1 - np.eye(10, dtype=int)))
    true, chosen = (int(each) for each in off[0])
    spot = view.matrix.box_of(true, chosen).center().toPoint()
    QTest.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=spot)
    assert view.matrix.cell == (true, chosen)
    assert view.gallery.isVisible() and view.gallery.count() == judgement.matrix[true, chosen]
    place = view.gallery.item(0).data(Qt.ItemDataRole.UserRole)
    assert part.raw_y[place] == true and f"taken for {chosen}" in view.gallery.item(0).toolTip()
    # The arrows choose the cell beside it; another part is judged anew.
    view.matrix.setFocus()
    hands(panel.window()).key(Qt.Key.Key_Right if chosen < 9 else Qt.Key.Key_Left)
    assert view.matrix.cell == (true, chosen + 1 if chosen < 9 else chosen - 1)
    view.part.setFocus()
    QTest.keyClick(view.part, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: view.judged.part == "training", timeout=20000)
    assert len(view.judged.judgement.true) == len(panel.facts.splits.train)
    for each in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(each)
        assert nameless(panel) == []
    # What has made some updates and no whole epoch is not untrained.
    project = panel.window().document.project
    project.history, project.run_state = [], {**project.run_state, "epoch": 0, "step": 4}
    assert (panel.present.word(), panel.present.words()) == ("trained", "after 4 updates")
    project.run_state = {}
    assert (panel.present.word(), panel.present.words()) == ("untrained", "not trained yet")


def test_mistakes_are_shown_and_can_be_stepped_with(learned, qtbot):
    panel, view = learned("iris", 2, "mistakes")
    view.part.setFocus()
    QTest.keyClick(view.part, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: view.judged is not None and view.judged.part == "training", timeout=20000)
    wrong = view.judged.judgement.wrong
    assert len(wrong) and view.gallery.count() == len(wrong)
    assert "taken for" in view.gallery.item(0).text()
    view.gallery.setFocus()
    view.gallery.setCurrentRow(0)
    QTest.keyClick(view.gallery, Qt.Key.Key_Return)
    stepper = panel.window().engine.stepper
    qtbot.waitUntil(lambda: stepper.batch_start == int(wrong[0]), timeout=30000)
    assert np.array_equal(stepper.program["x.output"][0], panel.facts.splits.train.x[wrong[0]])


def test_the_loss_surface_with_the_path_of_a_run(learned, qtbot):
    panel, view = learned("spirals", 0, "surface")
    window = panel.window()
    window.document.push(SetTraining(replace(window.document.project.training, epochs=60)))
    view.kind.setFocus()
    QTest.keyClick(view.kind, Qt.Key.Key_Down)
    QTest.mouseClick(view.work.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "train first" in view.work.words.text(), timeout=20000)
    run, controls = window.engine.run, window.engine.training.controls
    # However fast it goes, and however seldom one looks: a run that is paused is seen there.
    for epoch in (1, 2):
        window.bottom.show_panel(window.engine.training)
        QTest.mouseClick(controls.epoch, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda epoch=epoch: run.state == "paused" and run.epoch == epoch, timeout=60000)
    window.bottom.show_panel(panel)
    QTest.mouseClick(window.top_bar.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(run.history) == 60 and not run.active, timeout=60000)
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
    QTest.mouseClick(view.work.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.slice is not None, timeout=60000)
    found = view.slice
    assert found.kind == "principal" and len(found.path) >= 3 and np.allclose(found.path[-1], 0, atol=1e-3)
    assert f"of the path's way, seen at {len(found.path)} places," in view.words.text()
    QTest.mouseMove(view.map, QPoint(30, 30))
    assert "here" in view.words.text()
    # Other weights: what is shown is of before.
    window.engine.stepper.write("fc3.bias", [1.0, 2.0])
    qtbot.waitUntil(lambda: view.stale.isVisible(), timeout=20000)
