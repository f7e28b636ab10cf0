"""A run that follows what is changed on the way, ends at its goal, and is gone back to by checkpoints."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph.edits import SetSettings
from nnstudio.project.edits import SetData, SetTraining
from nnstudio.project.run import train
from nnstudio.studio.training import running

Key = Qt.Key
LONG = 100_000  # epochs: nobody waits for their end


class Seen(QObject):
    """Which kinds of events have come to some widgets."""

    def __init__(self, *widgets):
        super().__init__()
        self.watched = widgets
        self.of = {widget: set() for widget in widgets}
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.of[watched].add(event.type())
        return False


def write(field, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def test_a_paused_run_that_was_saved_leaves_nothing_to_be_saved(bench):
    desk = bench(epochs=100_000)
    desk.run.start()
    desk.qtbot.waitUntil(lambda: desk.run.step > 0, timeout=20000)
    desk.run.pause()
    desk.wait("paused")
    assert desk.project.run_state["step"] == desk.run.step
    desk.document.stack.setClean()
    desk.run.settle()  # as a window that is closed does
    assert desk.document.stack.isClean()
    desk.run.one_batch()
    desk.wait("paused")
    assert not desk.document.stack.isClean()


@pytest.mark.parametrize(
    ("name", "text", "short"),
    [("lr", "0.002", "rate 0.002"), ("batch_size", "16", "batch 16"), ("weight_decay", "0.01", "decay 0.01")],
)
def test_what_is_changed_on_the_way_holds_at_once_and_is_marked(bench, name, text, short):
    desk = bench(epochs=LONG)
    run, loss = desk.run, desk.panel.curves.loss
    run.start()
    desk.qtbot.waitUntil(lambda: len(run.history) > 2, timeout=20000)
    field = desk.controls.live.fields[name].editor
    assert field.isEnabled()
    write(field, text)
    desk.qtbot.waitUntil(lambda: short in [mark.short for mark in loss.marks.shown], timeout=20000)
    assert run.snapshot.status[name] == float(text) and run.state == "running"
    assert 2 < loss.marks.shown[-1].x <= run.epoch
    desk.press(desk.controls.stop)
    desk.wait("idle")
    assert run.marks[-1]["name"] == name and [mark.short for mark in loss.marks.shown][-1] == short
    desk.document.undo()
    assert loss.marks.shown == []


def test_the_first_condition_that_is_met_ends_the_run_and_is_told(bench):
    desk = bench(epochs=LONG)
    until, notice = desk.controls.until, desk.panel.notice
    until.open()
    write(until.popup.fields.fields["patience"].editor, "3")
    until.popup.close()
    assert "3 epochs without progress" in until.accessibleName()
    desk.train()
    assert "has not fallen for 3 epochs" in notice.message.text() and notice.isVisible()
    assert desk.run.tone == "" and not notice.remedy.isVisible()
    window = [entry["validation_loss"] for entry in desk.project.history]
    straight = bench(epochs=LONG, patience=3).project
    train(straight)
    assert window == [entry["validation_loss"] for entry in straight.history]


def test_a_goal_set_while_it_runs_ends_it(bench):
    desk = bench(epochs=LONG)
    desk.run.start()
    desk.qtbot.waitUntil(lambda: len(desk.run.history) > 2, timeout=20000)
    desk.controls.until.open()
    write(desk.controls.until.popup.fields.fields["stop_loss"].editor, "1000")
    desk.controls.until.popup.close()
    desk.wait("idle")
    assert "no more than" in desk.panel.notice.message.text()


def test_the_epochs_are_raised_and_lowered_while_it_runs(bench):
    desk = bench(epochs=LONG)
    run, document = desk.run, desk.document
    field = desk.controls.until.popup.fields.fields["epochs"].editor
    run.start()
    desk.qtbot.waitUntil(lambda: len(run.history) > 2, timeout=20000)
    desk.controls.until.open()
    write(field, str(2 * LONG))
    QTest.keyClick(field, Key.Key_Return)
    assert run.goal == 2 * LONG
    desk.qtbot.waitUntil(lambda: f"of {2 * LONG:,}" in desk.panel.where.text(), timeout=30000)
    document.undo()
    assert run.goal == LONG and field.isEnabled() and run.state == "running"
    write(field, "1")  # it is farther: the run ends with the epoch that it is in
    QTest.keyClick(field, Key.Key_Return)
    desk.wait("idle")
    done = desk.project.run_state["epoch"]
    assert desk.project.run_state["position"] == 0 and len(desk.project.history) == done < LONG
    [record] = desk.project.runs
    assert record.outcome == f"Finished after {done} epochs." and record.setup.training.epochs == 1


def test_a_run_of_more_epochs_than_it_began_with_is_a_run_of_so_many(bench):
    schedule = {"schedule": "cosine", "optimizer": "Momentum", "batch_size": 64}
    desk = bench(epochs=2, **schedule)
    desk.press(desk.controls.batch)
    desk.wait("paused")
    desk.document.push(SetTraining(replace(desk.project.training, epochs=4)))
    desk.run.toggle()
    desk.wait("idle")
    straight = bench(epochs=4, **schedule).project
    train(straight)
    for one, two in zip(desk.project.history, straight.history, strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}


def test_what_is_being_typed_reaches_the_run_when_it_is_typed_to_its_end(bench, monkeypatch):
    desk = bench(epochs=LONG, lr=0.001)
    run, field = desk.run, desk.controls.live.fields["lr"].editor
    run.following._rest.setInterval(1_000_000)
    run.start()
    desk.wait("running")
    write(field, "1")
    assert desk.project.training.lr == 1, "the document has it"
    QTest.keyClicks(field, "e-3")
    write(field, "20")
    done = len(run.history)
    desk.qtbot.waitUntil(lambda: len(run.history) > done + 2, timeout=20000)
    assert run.snapshot.status["lr"] == 0.001 and run.marks == []
    write(field, "0.002")
    QTest.keyClick(field, Key.Key_Return)
    desk.qtbot.waitUntil(lambda: run.snapshot.status["lr"] == 0.002, timeout=20000)
    QTest.keyClick(field, Key.Key_Up)  # a step is meant as it is
    desk.qtbot.waitUntil(lambda: run.snapshot.status["lr"] == 0.0021, timeout=20000)
    run.following._rest.setInterval(1)
    write(field, "0.003")  # nothing more comes
    desk.qtbot.waitUntil(lambda: run.snapshot.status["lr"] == 0.003, timeout=20000)
    assert [mark["to"] for mark in run.marks] == [0.002, 0.0021, 0.003]


def test_checkpoints_are_listed_and_gone_back_to_in_one_step(bench):
    desk = bench(epochs=6, keep_every=2)
    restore, project = desk.controls.restore, desk.project
    assert not restore.isEnabled()
    desk.train()
    weights, steps = project.weights["fc1.weight"], desk.document.stack.count()
    assert restore.isEnabled()
    restore.list.aboutToShow.emit()
    told = {action.text().split(" · ")[0]: action for action in restore.list.actions()}
    assert {"Epoch 2", "Epoch 4", "Epoch 6"} <= set(told)
    assert sum("the best" in action.text() for action in restore.list.actions()) == 1
    told["Epoch 4"].trigger()
    assert project.run_state["epoch"] == 4 and len(project.history) == 4
    assert desk.document.stack.count() == steps + 1
    assert desk.document.stack.undoText() == "Go back to epoch 4"
    assert restore.isEnabled(), "it can be gone forward again"
    desk.document.undo()
    assert project.weights["fc1.weight"] is weights and len(project.history) == 6
    desk.document.redo()
    desk.train()
    assert np.array_equal(project.weights["fc1.weight"], weights), "it goes on from there exactly"
    assert [each.epoch for each in project.checkpoints if each.why == "every"] == [2, 4, 6]
    desk.press(desk.controls.rewind)
    assert project.checkpoints == [] and not restore.isEnabled()


def test_a_look_at_a_run_lays_nothing_out_and_paints_no_controls(bench):
    desk = bench(epochs=LONG)
    desk.run.start()
    desk.wait("running")
    desk.qtbot.waitUntil(lambda: len(desk.panel.curves.loss.training.x) > 3, timeout=20000)
    QApplication.sendPostedEvents()  # the legend and the bar have come
    seen = Seen(desk.panel, desk.controls, desk.panel.curves.loss.plot.viewport())
    drawn = len(desk.panel.curves.loss.training.x)
    desk.qtbot.waitUntil(lambda: len(desk.panel.curves.loss.training.x) > drawn + 3, timeout=20000)
    desk.qtbot.waitUntil(lambda: QEvent.Type.Paint in seen.of[seen.watched[2]], timeout=30000)
    assert QEvent.Type.LayoutRequest not in seen.of[desk.panel]
    assert QEvent.Type.Paint not in seen.of[desk.controls]


def test_newer_snapshots_are_told_no_more_often_than_can_be_read(bench, monkeypatch):
    desk = bench(epochs=4)
    monkeypatch.setattr(running, "_SHOW_EVERY", 1e9)
    told, became = [], []
    desk.run.progressed.connect(lambda: told.append(desk.run.state))
    desk.run.state_changed.connect(lambda: became.append(desk.run.state))
    desk.train()
    assert len(told) == len(became) + 1, "each state, and once what came with the end"
    assert told[-1] == "idle"
    desk.qtbot.waitUntil(lambda: len(desk.panel.curves.loss.training.x) == 4, timeout=30000)


def test_beside_a_lesson_no_word_of_the_controls_is_cut(bench, qtbot):
    desk = bench(epochs=1)
    controls = desk.controls
    decay = controls.live.fields["weight_decay"]
    assert decay.isVisible()
    desk.panel.setMinimumWidth(200)  # the window does not ask a panel how narrow it likes to be
    desk.panel.resize(440, 320)
    qtbot.waitUntil(lambda: not decay.isVisible(), timeout=30000)
    words = (
        controls.stop,
        controls.batch,
        controls.epoch,
        controls.restore,
        controls.rewind,
        controls.reseed,
    )
    for button in words:
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 6
    right = max(field.geometry().right() for field in (*words, controls.live.fields["batch_size"]))
    assert right <= controls.width()
    desk.panel.resize(760, 320)
    qtbot.waitUntil(decay.isVisible, timeout=30000)


def test_a_run_keeps_the_network_it_began_with_and_says_so(bench):
    desk = bench(epochs=LONG)
    notice, document = desk.panel.notice, desk.document
    desk.run.start()
    desk.qtbot.waitUntil(lambda: desk.run.step > 0, timeout=20000)
    document.push(SetSettings(desk.document.graph.node("fc1").id, {"init": "xavier"}))
    assert not notice.isVisible(), "what a run does not compute with is no change to it"
    document.push(SetSettings(desk.document.graph.node("fc1").id, {"out_features": 5}))
    assert notice.isVisible() and "keeps the network as it was. Stop it and" in notice.message.text()
    document.push(SetData(replace(desk.project.data, seed=77)))
    assert "the network as it was and the data as they were" in notice.message.text()
    document.undo()
    assert "and the data" not in notice.message.text()
    desk.run.pause()
    desk.wait("paused")
    assert notice.isVisible()
    document.undo()  # what the run has reached, which was kept when it paused
    assert notice.isVisible()
    document.undo()
    assert not notice.isVisible()


def test_a_run_with_another_network_is_marked_and_old_checkpoints_are_not_for_it(bench):
    desk = bench(epochs=1, keep_every=1)
    desk.train()
    restore = desk.controls.restore
    desk.document.push(SetSettings(desk.document.graph.node("fc1").id, {"out_features": 5}))
    restore.list.aboutToShow.emit()
    assert [action.isEnabled() for action in restore.list.actions()] == [False]
    assert all("network before it was changed" in action.text() for action in restore.list.actions())
    desk.document.undo()
    restore.list.aboutToShow.emit()
    assert all(action.isEnabled() for action in restore.list.actions())
    desk.document.redo()
    desk.run.start(1)
    desk.wait("idle")
    assert [mark.short for mark in desk.panel.curves.loss.marks.shown] == ["network changed"]
    restore.list.aboutToShow.emit()
    assert [action.text().split(" · ")[0] for action in restore.list.actions()] == ["Epoch 2"]
    assert [each.name for each in desk.project.runs] == ["Run 1", "Run 2"]
