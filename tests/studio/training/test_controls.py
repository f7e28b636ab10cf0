"""What sets a run going and what one does to it: one batch, one epoch, until, rewind, reseed, a remedy."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from nnstudio.data import DataSettings
from nnstudio.project import load, save
from nnstudio.project.edits import SetTraining
from nnstudio.project.run import train
from nnstudio.resources_path import example
from nnstudio.studio.training.fields import SettingsPanel
from tests.studio.naming import nameless

Key = Qt.Key
LONG = 100_000  # epochs: nobody waits for their end


def test_one_batch_and_one_epoch_train_so_much_and_pause(bench):
    desk = bench(epochs=LONG, batch_size=32)
    run, controls, project = desk.run, desk.controls, desk.project
    for step in (1, 2):
        desk.press(controls.batch)
        desk.wait("paused")
        assert run.step == step and project.run_state["step"] == step and project.run_state["position"] > 0
    desk.press(controls.epoch)
    desk.qtbot.waitUntil(lambda: run.state == "paused" and run.epoch == 1, timeout=20000)
    assert len(run.history) == len(project.history) == 1
    assert controls.batch.isEnabled() and not controls.reseed.isEnabled()
    desk.press(controls.stop)
    desk.wait("idle")
    assert desk.document.stack.count() == 1 and desk.document.stack.undoText() == "Train"
    assert project.run_state["epoch"] == 1 and project.run_state["position"] == 0


def test_pause_and_stop_are_answered_before_the_batch_has_ended(bench):
    desk = bench(epochs=LONG, batch_size=32)
    where = desk.panel.where
    desk.run.start()
    desk.qtbot.waitUntil(lambda: desk.run.step > 2, timeout=20000)
    desk.run.toggle()
    assert where.text().endswith(" · pausing after this batch")
    desk.wait("paused")
    assert where.text().endswith(" · paused")
    desk.run.toggle()
    desk.press(desk.controls.stop)
    assert where.text().endswith(" · stopping after this batch")
    desk.wait("idle")
    assert where.text().startswith("trained for ")


def test_batch_by_batch_gives_what_the_run_in_one_go_gives(bench):
    desk = bench(epochs=1, batch_size=64)
    desk.press(desk.controls.batch)
    desk.wait("paused")
    desk.run.toggle()
    desk.wait("idle")
    stepped = desk.project.weights["fc1.weight"].copy()
    desk.document.undo()
    assert desk.project.weights == {}
    train(desk.project)
    assert np.array_equal(stepped, desk.project.weights["fc1.weight"])


def test_until_says_how_long_and_is_changed_by_keys(bench):
    desk = bench(epochs=7)
    until = desk.controls.until
    assert until.text() == "Until 7 epochs…" and until.accessibleName() == "Train until 7 epochs"
    until.setFocus()
    QTest.keyClick(until, Key.Key_Space)
    field = until.popup.fields.fields["epochs"].editor
    assert until.popup.isVisible() and QApplication.focusWidget() is field
    QTest.keyClick(field, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "3")
    assert desk.project.training.epochs == 3
    desk.qtbot.waitUntil(lambda: until.text() == "Until 3 epochs…", timeout=30000)
    QTest.keyClick(field, Key.Key_Return)
    QTest.keyClick(field, Key.Key_Escape)
    assert not until.popup.isVisible() and desk.project.training.epochs == 3


def test_rewind_keeps_the_seed_and_reseed_takes_the_next(bench):
    desk = bench(epochs=2)
    document, project = desk.document, desk.project
    desk.train()
    learned = project.weights["fc1.weight"]
    desk.press(desk.controls.rewind)
    assert project.weights == {} and project.training.seed == 0
    desk.train()
    assert np.array_equal(project.weights["fc1.weight"], learned), "the same first weights"
    steps = document.stack.count()
    desk.press(desk.controls.reseed)
    assert project.training.seed == 1 and project.weights == {} and project.history == []
    assert document.stack.count() == steps + 1 and document.stack.undoText() == "Reseed to 1"
    desk.train()
    assert not np.array_equal(project.weights["fc1.weight"], learned)
    document.undo()
    document.undo()
    assert project.training.seed == 0 and np.array_equal(project.weights["fc1.weight"], learned)


def test_a_run_that_diverges_offers_a_rate_that_can_be_undone(bench):
    desk = bench(epochs=500, lr=1e6, optimizer="SGD", optimizer_settings={})
    desk.train()
    notice, document = desk.panel.notice, desk.document
    assert "`" in notice.message.text() and notice.remedy.isVisible()
    desk.panel.resize(505, 252)  # what the training tab has of 1440x900
    desk.qtbot.waitUntil(
        lambda: notice.message.height() >= notice.message.heightForWidth(notice.message.width()) > 50,
        timeout=30000,
    )
    assert notice.remedy.text().startswith("Try a rate of ")
    loss = desk.panel.curves.loss
    assert not loss.isVisible(), "there is no room for half a plot"
    assert desk.controls.live.fields["lr"].editor.lineEdit().cursorPosition() == 0
    desk.panel.resize(505, 400)
    desk.qtbot.waitUntil(loss.isVisible, timeout=30000)
    assert "back to the first weights" in notice.remedy.toolTip()
    offered = float(notice.remedy.text().removeprefix("Try a rate of "))
    assert 0 < offered < 1e6
    steps = document.stack.count()
    desk.press(notice.remedy)
    assert desk.project.training.lr == offered and document.stack.count() == steps + 1
    assert not notice.isVisible()
    # The weights kept are finite, and far beyond what any rate helps: it starts again where it began.
    assert desk.project.weights == {}
    desk.qtbot.waitUntil(lambda: desk.panel.where.text() == "not trained yet", timeout=30000)
    desk.document.push(SetTraining(replace(desk.project.training, epochs=2)))
    desk.train()
    assert desk.run.sentence == "" and desk.project.history[-1]["train_loss"] < 2
    for _ in range(3):
        document.undo()
    assert desk.project.training.lr == 1e6 and desk.project.run_state["step"] > 0


def test_a_run_that_large_targets_throw_off_offers_to_standardise_them(bench, tmp_path):
    x = np.linspace(-1, 1, 60)
    rows = "\n".join(f"{each},{1e5 * each + 3e5}" for each in x)
    (tmp_path / "houses.csv").write_text(f"x,price\n{rows}\n")
    path = tmp_path / "houses.nns.json"
    project = load(example("sine.nns.json"))
    project.data = DataSettings("csv:houses.csv", scaling="standardise")
    save(project, path)
    desk = bench(path, epochs=30, batch_size=8, lr=10.0, optimizer="SGD", optimizer_settings={})
    desk.train()
    notice = desk.panel.notice
    assert "the targets reach from 2" in notice.message.text()
    assert notice.remedy.text() == "Standardise the targets"
    desk.press(notice.remedy)
    assert desk.project.data.target_scaling == "standardise" and desk.project.weights == {}
    assert desk.document.stack.undoText() == "Standardise the targets"
    desk.document.undo()
    assert desk.project.data.target_scaling == "none" and desk.project.run_state


def test_a_run_that_diverges_after_it_did_well_goes_back_to_its_best(bench):
    desk = bench(epochs=3, optimizer="SGD", optimizer_settings={})
    desk.train()
    desk.document.push(SetTraining(replace(desk.project.training, epochs=6)))
    desk.press(desk.controls.epoch)
    desk.wait("paused")
    reached = desk.project.checkpoints[-1]
    assert (reached.why, reached.epoch) == ("best", 4)
    desk.document.push(SetTraining(replace(desk.project.training, lr=1e6)))
    desk.run.toggle()
    desk.wait("idle")
    notice = desk.panel.notice
    assert desk.run.tone == "error" and "back to epoch 4" in notice.remedy.toolTip()
    desk.press(notice.remedy)
    assert desk.project.run_state["epoch"] == 4 and desk.project.training.lr < 1
    assert np.array_equal(desk.project.weights["fc1.weight"], reached.weights["fc1.weight"])
    desk.train()
    assert desk.run.sentence == "" and len(desk.project.history) == 6


def test_the_curve_of_batches_goes_on_after_a_stop_and_goes_back_with_undo(bench):
    desk = bench(epochs=LONG, batch_size=32)
    for _ in range(3):
        desk.press(desk.controls.batch)
        desk.wait("paused")
    desk.press(desk.controls.stop)
    desk.wait("idle")
    before = desk.run.points.copy()
    assert before[-1, 0] == 3
    desk.press(desk.controls.batch)
    desk.wait("paused")
    assert np.array_equal(desk.run.points[: len(before)], before) and desk.run.points[-1, 0] == 4
    desk.press(desk.controls.stop)
    desk.wait("idle")
    desk.document.undo()
    assert desk.run.points[-1, 0] == 3
    desk.document.undo()
    assert len(desk.run.points) == 0


def test_nothing_is_drawn_while_nobody_looks(bench):
    desk = bench(epochs=2)
    desk.panel.hide()
    desk.train()
    loss = desk.panel.curves.loss
    assert len(loss.training.x) == 0 and len(desk.project.history) == 2
    desk.panel.show()
    assert len(loss.training.x) == 2 and loss.validation.entry.isVisible()


def test_everything_in_the_panel_has_a_name_and_is_reached_by_tab(bench):
    desk = bench(epochs=2)
    desk.train()
    panel, reached = desk.panel, set()
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget() or panel, Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    controls, loss = desk.controls, panel.curves.loss
    wanted = [controls.batch, controls.epoch, controls.rewind, controls.reseed, controls.until, controls.more]
    wanted += [loss, loss.training.entry, *(field.editor for field in controls.live.fields.values())]
    assert [each for each in wanted if each not in reached] == []
    for widget in reached:
        assert isinstance(widget, QWidget)
        assert widget.accessibleName() or widget.property("text"), widget
    desk.press(controls.until)
    settings = SettingsPanel(desk.document, desk.run, panel)
    for each in (panel, controls.until.popup, settings):
        assert nameless(each) == []


def test_at_the_window_s_default_size_no_button_is_cut(bench):
    desk = bench(epochs=150)
    desk.panel.resize(505, 252)  # what the training tab has of 1440x900
    for epochs in (3, 150, 10**6):
        desk.document.push(SetTraining(replace(desk.project.training, epochs=epochs)))
        for button in desk.controls.findChildren(QPushButton):
            needed = button.fontMetrics().horizontalAdvance(button.text())
            assert needed + 2 * (12 + 1) <= button.width(), button.text()  # padding and border
        assert desk.controls.until.text().startswith(("Until ", "To epoch ")) or epochs == 10**6


def test_what_is_wrong_in_a_narrow_field_is_said_below_the_row(bench):
    desk = bench()
    controls, fields = desk.controls, desk.controls.live.fields
    heights = {name: field.height() for name, field in fields.items()}
    for name in ("lr", "batch_size"):
        QTest.keyClick(fields[name].editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(fields[name].editor, "abc")
    assert controls.wrong.isVisible() and controls.wrong.width() > 400
    words = controls.wrong.text()
    assert words.startswith("Rate: Must be") and "Batch: Must be" in words
    assert {name: field.height() for name, field in fields.items()} == heights
    for name in ("lr", "batch_size"):
        QTest.keyClick(fields[name].editor, Qt.Key.Key_Escape)
    assert not controls.wrong.isVisible()
