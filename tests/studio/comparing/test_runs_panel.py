"""The Runs panel, by mouse and keys: overlay, compare, pin, rename, delete, restore."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from nnstudio.project import load
from nnstudio.project.run_edits import SetRuns
from nnstudio.resources_path import example
from nnstudio.studio.comparing.runs_model import EPOCHS, PARAMETERS, SEED, VALIDATION, WHEN
from nnstudio.studio.comparing.runs_panel import RunsPanel
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.training.curves_panel import CurvesPanel
from nnstudio.studio.training.running import Run
from tests.studio.comparing.conftest import project_with_runs
from tests.studio.naming import nameless

Key, Ctrl = Qt.Key, Qt.KeyboardModifier.ControlModifier


def checkbox(desk, name) -> QPoint:
    """The middle of the box to tick."""
    table = desk.panel.table
    index = table.model().index(desk.names.index(name), 0)
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    table.itemDelegateForIndex(index).initStyleOption(option, index)
    option.rect = table.visualRect(index)
    return (
        table.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, table).center()
    )


def overlaid(desk) -> dict:
    return {line.name: line for line in desk.curves.loss.overlays}


def test_without_runs_it_says_what_to_do(desk):
    here = desk(load(example("sine.nns.json")))
    assert here.panel.nothing.isVisible() and "Press Train" in here.panel.nothing.text()
    assert not here.panel.table.isVisible() and not here.panel.buttons[0].isVisible()


def test_the_newest_stands_first_with_its_figures(desk):
    here = desk()
    assert here.names == ["Run 3", "Run 2", "Run 1"]
    model, [first, *_] = here.panel.table.model(), here.project.runs
    row = here.names.index("Run 1")
    shown = {column: model.index(row, column).data() for column in range(model.columnCount())}
    assert shown[EPOCHS] == "3" and shown[SEED] == "0" and shown[PARAMETERS] == f"{first.parameters:,}"
    assert float(shown[VALIDATION]) == float(f"{first.last['validation_loss']:.4f}")
    here.panel.table.sortByColumn(VALIDATION, Qt.SortOrder.AscendingOrder)
    best = min(here.project.runs, key=lambda run: run.last["validation_loss"])
    assert here.names[0] == best.name
    here.panel.table.sortByColumn(WHEN, Qt.SortOrder.AscendingOrder)
    assert here.names == ["Run 1", "Run 2", "Run 3"]


def test_a_ticked_run_stands_behind_the_curves(desk):
    here = desk()
    viewport = here.panel.table.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=checkbox(here, "Run 2"))
    run = here.project.runs[1]
    [line] = overlaid(here).values()
    assert line.name == "Run 2" and list(line.x) == [1, 2]
    assert list(line.y) == [entry["validation_loss"] for entry in run.history]
    here.click("Run 1")
    here.key(Key.Key_Space)
    assert set(overlaid(here)) == {"Run 1", "Run 2"}
    words = here.panel.words.text()
    assert "The curves of the 2 ticked runs are drawn in Training. Select two to read" in words
    here.curves.by_batch.trigger()
    assert list(overlaid(here)["Run 2"].x) == [entry["step"] for entry in run.history]
    here.click("Run 2")
    here.key(Key.Key_Delete)
    assert set(overlaid(here)) == {"Run 1"}, "one that is gone has no curve"
    here.click("Run 1")
    here.key(Key.Key_Space)
    assert overlaid(here) == {}


def test_what_differs_is_told_in_the_table_and_in_words(desk):
    here = desk()
    model = here.panel.model
    here.click("Run 1")
    assert here.panel.words.text() == "Run 1: Finished after 3 epochs."
    told = [model.index(row, model.columnCount() - 1).data() for row in range(3)]
    assert told[0] == "the chosen one"
    assert told[1] == "epochs 2, learning rate 0.01" and told[2].endswith("fc1.out_features 7")
    here.click("Run 2", Ctrl)
    words = here.panel.words.text()
    assert words.startswith("Run 1 against Run 2: ") and "learning rate: 0.05 against 0.01" in words
    assert "They ended with validation loss" in words
    here.click("Run 3", Ctrl)
    assert here.panel.words.text().startswith("3 runs are selected")


def test_space_ticks_all_that_are_selected_and_what_they_have_in_common_is_not_said(desk):
    project = project_with_runs()
    project.runs = [
        replace(run, name=f"learning rate {rate}, seed 1")
        for run, rate in zip(project.runs, (0.1, 0.2, 0.3), strict=True)
    ]
    here = desk(project)
    here.click("learning rate 0.1, seed 1")
    here.click("learning rate 0.3, seed 1", Ctrl)
    here.key(Key.Key_Space)
    lines = overlaid(here)
    assert list(lines) == ["learning rate 0.1", "learning rate 0.3"]
    colour = lines["learning rate 0.3"].entry.words
    here.key(Key.Key_Space)
    assert overlaid(here) == {}
    here.key(Key.Key_Space)
    here.click("learning rate 0.1, seed 1")
    here.key(Key.Key_Space)
    left = overlaid(here)["learning rate 0.3, seed 1"]
    assert left.entry.words == colour, "a run keeps its colour"
    assert list(left.y) == [entry["validation_loss"] for entry in project.runs[2].history]


def test_of_hundreds_that_are_ticked_the_newest_are_drawn_and_it_says_so(desk):
    project = project_with_runs()
    project.runs = [replace(project.runs[0], id=f"r{number}", name=f"Run {number}") for number in range(60)]
    here = desk(project)
    here.click("Run 3")
    here.key(Key.Key_A, Ctrl)
    here.key(Key.Key_Space)
    here.qtbot.waitUntil(lambda: len(overlaid(here)) == 40, timeout=30000)
    assert "Run 59" in overlaid(here) and "Run 19" not in overlaid(here)
    assert here.panel.words.text().startswith("Of the 60 that are ticked")


def test_a_name_is_typed_on_while_other_runs_come_and_go(desk):
    here = desk()
    here.click("Run 2")
    here.key(Key.Key_F2)
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "mine")
    first, *others = here.project.runs
    here.document.push(SetRuns([*others, replace(first, id="new", name="Run 4")]))
    QTest.keyClicks(QApplication.focusWidget(), " own")
    here.key(Key.Key_Return)
    assert [run.name for run in here.project.runs] == ["mine own", "Run 3", "Run 4"]
    assert [run.name for run in here.panel.selected] == ["mine own"]
    assert here.names == ["Run 4", "Run 3", "mine own"]


def test_it_is_renamed_in_place_by_f2(desk):
    here = desk()
    here.click("Run 2")
    here.key(Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "slower")
    here.key(Key.Key_Return)
    assert [run.name for run in here.project.runs] == ["Run 1", "slower", "Run 3"]
    assert here.undo_text == "Rename the run to slower"
    here.document.undo()
    assert [run.name for run in here.project.runs] == ["Run 1", "Run 2", "Run 3"]


def test_it_is_pinned_and_deleted_and_both_are_undone(desk):
    here = desk()
    pin, delete = here.panel.buttons[1], here.panel.buttons[3]
    here.click("Run 1")
    here.press(pin)
    assert [run.pinned for run in here.project.runs] == [True, False, False] and pin.text() == "Unpin"
    here.click("Run 3", Ctrl)
    assert pin.text() == "Pin"
    here.press(delete)
    assert here.names == ["Run 2"] and here.undo_text == "Delete 2 runs"
    here.document.undo()
    assert here.names == ["Run 3", "Run 2", "Run 1"] and here.project.runs[0].pinned
    here.document.undo()
    assert not any(run.pinned for run in here.project.runs)


def test_each_of_its_fields_is_called_by_a_name(desk):
    here = desk()
    here.press(here.panel.sweep_button)
    here.press(here.panel.rates_button)
    for each in (here.panel, here.panel.dialog, here.panel.rates):
        assert nameless(each) == []


def test_in_a_narrow_panel_one_button_holds_what_would_be_cut(desk):
    here = desk()
    more = here.panel.more
    assert not more.isVisible() and all(button.isVisible() for button in here.panel.buttons)
    here.panel.resize(400, 300)
    QApplication.processEvents()
    assert not any(button.isVisible() for button in here.panel.buttons)
    for button in (more, here.panel.sweep_button, here.panel.rates_button):
        assert button.isVisible() and button.width() >= button.sizeHint().width()
    here.click("Run 2")
    entry = next(each for each in more.menu().actions() if each.text() == "Delete")
    more.menu().popup(here.panel.mapToGlobal(QPoint(20, 20)))
    QTest.mouseClick(more.menu(), Qt.MouseButton.LeftButton, pos=more.menu().actionGeometry(entry).center())
    assert here.names == ["Run 3", "Run 1"]


def test_a_restored_run_brings_everything_back_as_one_step(desk):
    here = desk()
    first, last = here.project.runs[0], here.project.runs[2]
    here.click("Run 1")
    here.press(here.panel.buttons[0])
    project = here.project
    assert project.training == first.setup.training and project.graph.level == first.setup.level
    assert np.array_equal(project.weights["fc1.weight"], first.state.weights["fc1.weight"])
    assert project.history == [dict(entry) for entry in first.history]
    assert here.document.stack.count() == 1 and here.undo_text == "Restore Run 1"
    here.document.undo()
    assert project.training == last.setup.training
    assert np.array_equal(project.weights["fc1.weight"], last.state.weights["fc1.weight"])


def test_the_panel_is_made_without_a_window_of_its_own(qtbot):
    """Which would take the focus away from where the user is."""
    shown = []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
                shown.append(watched)
            return False

    watch, app = Watch(), QApplication.instance()
    app.installEventFilter(watch)
    document = Document()
    samples = Samples(document, document)
    curves = CurvesPanel()
    qtbot.addWidget(curves)
    panel = RunsPanel(document, samples, Run(document, samples, document), curves)
    document.setParent(panel)
    qtbot.addWidget(panel)
    QApplication.processEvents()
    app.removeEventFilter(watch)
    assert shown == []
