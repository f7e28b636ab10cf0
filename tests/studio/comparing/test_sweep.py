"""A sweep in the window: its rows, its runs, and the parallel coordinates of what came of them."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Rename
from nnstudio.project import load
from nnstudio.project import sweep as sweeping
from nnstudio.project.run_edits import RenameRun
from nnstudio.project.setup import setup_of
from nnstudio.project.sweep import Sweep, best_of
from nnstudio.project.sweep_points import axis_from, grid
from nnstudio.resources_path import example
from nnstudio.studio.comparing.parallel import ParallelPlot
from nnstudio.training import session

Left = Qt.MouseButton.LeftButton
Key = Qt.Key
LONG = 100_000  # epochs: nobody waits for their end


@pytest.fixture
def swept(desk, monkeypatch):
    """The dialog of a small network that trains in threads, which begin at once."""

    def no_process(_job):
        raise OSError("none wanted")

    monkeypatch.setattr(session, "ProcessCarrier", no_process)

    def open_it(**training):
        project = load(example("sine.nns.json"))
        project.training = replace(project.training, **training)
        here = desk(project)
        here.press(here.panel.sweep_button)
        here.dialog, here.sweeping = here.panel.dialog, here.panel.sweeping
        with here.qtbot.waitActive(here.dialog, timeout=30000):
            pass
        return here

    yield open_it


def fill(field, words) -> None:
    field.setFocus()
    QTest.keyClick(field, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Key.Key_Delete)
    QTest.keyClicks(field, words)


def finish(here) -> None:
    here.qtbot.waitUntil(lambda: not here.sweeping.active, timeout=30000)


def test_it_says_how_many_runs_and_what_is_wrong(swept):
    here = swept(epochs=1)
    dialog = here.dialog
    assert dialog.rows[0].chosen == "lr" and dialog.estimate.text().startswith("3 runs · ")
    fill(dialog.rows[0].values, "0.1, 0.01")
    here.press(dialog.more)
    assert dialog.rows[1].chosen == "batch_size"
    dialog.rows[1].choose("fc1.out_features")
    fill(dialog.rows[1].values, "4, 8, 16")
    assert dialog.estimate.text().startswith("6 runs · ") and dialog.start.isEnabled()
    fill(dialog.rows[1].values, "4, -8")
    assert not dialog.start.isEnabled() and "fc1.out_features" in dialog.estimate.text()
    dialog.rows[1].way.setCurrentIndex(2)
    assert dialog.estimate.text() == "Say how many points are drawn at random."
    fill(dialog.number, "7")
    assert dialog.estimate.text().startswith("7 runs · ")
    here.press(dialog.rows[1].remove)
    fill(dialog.rows[0].values, "")
    assert not dialog.start.isEnabled()


def test_its_runs_are_those_of_the_command_line_and_one_undo_step(swept):
    here = swept(epochs=1)
    fill(here.dialog.rows[0].values, "0.1, 0.01")
    here.press(here.dialog.start)
    finish(here)
    project = here.project
    axis = axis_from(setup_of(project), "lr=0.1,0.01")
    with Sweep(project, grid(setup_of(project), [axis]), background="thread") as other:
        wanted = {run.name: run.last["validation_loss"] for run in other.run()}
    assert {run.name: run.last["validation_loss"] for run in project.runs} == wanted
    assert sorted(here.names) == sorted(wanted), "the Runs panel has them too"
    assert best_of(project.runs).name in here.dialog.best.text()
    assert here.document.stack.count() == 1 and here.undo_text == "Keep 2 runs of a sweep"
    here.document.undo()
    assert project.runs == []
    here.document.redo()
    assert {run.name for run in project.runs} == set(wanted)


def test_cancelled_it_keeps_what_has_ended(swept):
    here = swept(epochs=LONG)
    dialog = here.dialog
    dialog.rows[0].choose("epochs")
    fill(dialog.rows[0].values, f"1, {LONG}")
    here.press(dialog.start)
    here.qtbot.waitUntil(lambda: len(here.project.runs) == 1, timeout=30000)
    assert dialog.bar.isVisible() and not dialog.rows[0].isEnabled()
    QTest.mouseClick(dialog.start, Left)
    assert here.sweeping.active and dialog.estimate.text().startswith("1 of 2 runs done")
    here.press(dialog.cancel)
    finish(here)
    assert [run.epochs for run in here.project.runs] == [1] and dialog.start.isEnabled()
    assert not dialog.cancel.isVisible() and not dialog.bar.isVisible()


def test_return_ends_the_typing_and_with_control_starts_the_sweep(swept):
    here = swept(epochs=1)
    dialog = here.dialog
    field = dialog.rows[0].values
    fill(field, "0.1 0.01;0.02, ")
    QTest.keyClick(field, Key.Key_Return)
    assert not here.sweeping.active and dialog.estimate.text().startswith("3 runs · ")
    fill(field, "fast")
    assert dialog.estimate.text().startswith("learning rate must be ")
    fill(field, "0.05")
    QTest.keyClick(field, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert here.sweeping.active
    finish(here)
    dialog.more.setFocus()
    QTest.keyClick(dialog.more, Key.Key_Return)
    assert len(dialog.rows) == 2 and not here.sweeping.active, "it presses the button that has the focus"


@pytest.fixture
def one_first(monkeypatch):
    """Of a sweep one run ends, and the others begin when they are let."""
    let, poll = threading.Event(), Sweep.poll

    def gated(self):
        assert not self.ended or let.wait(30)
        return poll(self)

    monkeypatch.setattr(sweeping, "cores", lambda: 1)
    monkeypatch.setattr(Sweep, "poll", gated)
    yield let
    let.set()


def test_what_is_done_meanwhile_is_a_step_of_its_own(swept, one_first):
    here = swept(epochs=1)
    fill(here.dialog.rows[0].values, "0.1, 0.05, 0.02, 0.01")
    here.press(here.dialog.start)
    here.qtbot.waitUntil(lambda: bool(here.project.runs), timeout=30000)
    here.document.push(RenameRun(here.project.runs[0].id, "mine"))
    assert [run.name for run in here.project.runs] == ["mine"]
    one_first.set()
    finish(here)
    assert len(here.project.runs) == 4 and "mine" in [run.name for run in here.project.runs]
    assert here.undo_text == "Keep 3 runs of a sweep"
    here.document.undo()
    assert here.undo_text == "Rename the run to mine" and len(here.project.runs) == 1


def test_nodes_that_were_drawn_since_are_offered_and_what_is_typed_stays(swept):
    here = swept(epochs=1)
    row = here.dialog.rows[0]
    fill(row.values, "0.3, 0.2")
    here.dialog.hide()
    here.document.push(Rename(here.project.graph.node("fc1").id, "first"))
    here.press(here.panel.sweep_button)
    offered = [row.name.itemData(index) for index in range(row.name.count())]
    assert "first.out_features" in offered and "fc1.out_features" not in offered
    assert row.chosen == "lr" and row.values.text() == "0.3, 0.2"


@pytest.fixture
def plot(qtbot, desk):
    """The plot of four runs: two rates by two widths."""
    project = load(example("sine.nns.json"))
    project.training = replace(project.training, epochs=1)
    setup = setup_of(project)
    axes = [axis_from(setup, "lr=0.1,0.001"), axis_from(setup, "fc1.out_features=2,4")]
    with Sweep(project, grid(setup, axes), background="thread") as sweep:
        runs = sweep.run()
    made = ParallelPlot()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show_runs(runs)
    made.show()
    with qtbot.waitActive(made, timeout=30000):
        pass
    return made


def spot(plot, axis, place) -> QPoint:
    return QPoint(round(plot.x_of(axis)), round(plot.y_of(place)))


def drag(plot, axis, start, end) -> None:
    QTest.mousePress(plot, Left, pos=spot(plot, axis, start))
    for place in (start, (start + end) / 2, end):
        QTest.mouseMove(plot, spot(plot, axis, place))
    QTest.mouseRelease(plot, Left, pos=spot(plot, axis, end))
    QApplication.processEvents()


def test_dragging_along_an_axis_filters(plot):
    assert [scale.title for scale in plot.scales][:3] == ["Learning rate", "fc1.out_features", "Validation"]
    drag(plot, 0, 0.8, 1.0)
    assert {run.varied["lr"] for run in plot.passing} == {0.1} and len(plot.passing) == 2
    drag(plot, 1, 0.3, 0.0)
    assert [dict(run.varied) for run in plot.passing] == [{"lr": 0.1, "fc1.out_features": 2}]
    QTest.mouseClick(plot, Left, pos=spot(plot, 0, 0.5))
    assert len(plot.passing) == 2
    QTest.keyClick(plot, Key.Key_Escape)
    assert len(plot.passing) == 4


def test_numbers_over_more_than_a_decade_stand_by_their_magnitude(plot):
    rates = (0.001, 0.002, 0.004, 0.05, 0.07, 0.1)
    plot.show_runs([replace(plot.runs[0], varied={"lr": rate}) for rate in rates])
    rate, *_ = plot.scales
    assert rate.places == pytest.approx([np.log10(1000 * each) / 2 for each in rates])
    assert [words for _, words in rate.marks] == ["0.001", "0.01", "0.1"]
    plot.show_runs([replace(plot.runs[0], varied={"lr": rate}) for rate in (0.0, 0.1, 1.0)])
    assert plot.scales[0].places == pytest.approx([0, 0.1, 1]), "where one is none it has no magnitude"


def test_a_run_that_ran_away_leaves_the_others_their_room(plot):
    runs = [
        replace(run, history=[{**run.last, "validation_loss": loss}])
        for run, loss in zip(plot.runs, (0.1, 0.2, 0.3, 1e30), strict=True)
    ]
    plot.show_runs(runs)
    loss = next(scale for scale in plot.scales if scale.title == "Validation")
    assert loss.places[0] == 0 and loss.places[3] == 1 and loss.places[2] - loss.places[0] > 0.2
    assert loss.marks[-1][1].startswith("≥ ")


def test_a_line_under_the_mouse_is_named(plot):
    run = plot.runs[0]
    first, second = plot.line_of(0)[:2]
    middle = first * 0.75 + second * 0.25
    QTest.mouseMove(plot, QPoint(3, 3))  # where the mouse was before, nobody knows
    QTest.mouseMove(plot, middle.toPoint())
    assert plot.hovered == run.id and plot.words.startswith(f"{run.name}: loss ")
    QTest.mouseMove(plot, QPoint(3, 3))
    assert plot.hovered == ""


def test_keys_go_through_the_runs_and_brush(plot):
    plot.setFocus()
    QTest.keyClick(plot, Key.Key_Down)
    assert plot.hovered == plot.best == best_of(plot.runs).id
    QTest.keyClick(plot, Key.Key_Down)
    assert plot.hovered != plot.best
    QTest.keyClick(plot, Key.Key_Right)
    QTest.keyClick(plot, Key.Key_Return)
    assert {run.varied["lr"] for run in plot.passing} == {0.1}
    QTest.keyClick(plot, Key.Key_Return)
    assert {run.varied["lr"] for run in plot.passing} == {0.001}
    assert "axis Learning rate" in plot.accessibleDescription()
