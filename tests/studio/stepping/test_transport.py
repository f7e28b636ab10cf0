"""The verbs of the transport: run to here, gradients to zero, Torch7's calls, samples, epochs."""

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import RemoveEdge
from nnstudio.studio.stepping.selected import TORCH7
from nnstudio.studio.stepping.stepper import FASTEST, SLOWEST


def test_run_to_here_goes_on_to_where_the_selected_node_computes(debug):
    hand = debug()
    hand.select("fc2")
    hand.key(Qt.Key.Key_F4)
    assert (hand.stepper.statement.node, hand.stepper.statement.phase) == ("fc2", "forward")
    hand.key(Qt.Key.Key_F4)
    assert (hand.stepper.statement.node, hand.stepper.statement.phase) == ("fc2", "backward")


def test_run_to_here_stands_in_the_menu_of_a_node_and_of_a_line(debug):
    hand = debug()
    hand.select("act1")
    canvas = hand.window.canvas
    menu = hand.context_menu(canvas.viewport(), canvas.mapFromScene(hand.user.middle("act1")))
    hand.click_entry(menu, hand.entry(menu, "Run to Here"))
    assert hand.stepper.statement.text == "act1 = np.maximum(fc1, 0)"
    row = hand.row("grad_act1 = ")
    menu = hand.context_menu(hand.panel.list.viewport(), hand.spot(row, 90))
    hand.click_entry(menu, hand.entry(menu, "Run to This Line"))
    assert hand.panel.current_row() == row


def test_run_to_here_needs_a_node_that_takes_part(debug):
    hand = debug()
    action = hand.window.actions_by_id["run_here"]
    assert not action.isEnabled()
    hand.select("fc1")
    assert action.isEnabled()
    hand.stepper.run_to("nobody")
    assert "no node nobody" in hand.said


def test_gradients_are_set_to_zero_by_a_verb_of_their_own(debug):
    hand = debug()
    hand.press("run_backward")
    assert hand.program["fc1.grad_weight"].any()
    hand.choose("run_zero_grad")
    assert not hand.program["fc1.grad_weight"].any()
    assert hand.stepper.statement.phase == "zero_grad"
    hand.press("run_step_back")
    assert hand.stepper.undone


def test_torch7s_calls_run_one_by_one_on_the_selected_node(debug):
    hand = debug()
    hand.select("fc2")
    hand.choose("torch7_updateOutput")
    assert hand.said == "fc2 cannot run updateOutput yet: act1.output has not been computed in this pass."
    hand.press("run_forward")
    hand.choose("torch7_updateGradInput")
    assert "cannot run updateGradInput yet" in hand.said
    hand.press("run_backward")
    once = hand.program["fc2.grad_weight"].copy()
    hand.choose("torch7_accGradParameters")
    assert np.array_equal(hand.program["fc2.grad_weight"], 2 * once)
    assert hand.stepper.statement.torch7 == "accGradParameters"
    assert hand.panel.model.lines[hand.panel.current_row()].text == hand.stepper.statement.text
    hand.choose("torch7_zeroGradParameters")
    assert not hand.program["fc2.grad_weight"].any() and hand.program["fc1.grad_weight"].any()
    hand.press("run_backward")
    first, weight = hand.program["fc1.weight"].copy(), hand.program["fc2.weight"].copy()
    hand.choose("torch7_updateParameters")
    assert not np.array_equal(hand.program["fc2.weight"], weight)
    assert np.array_equal(hand.program["fc1.weight"], first)
    hand.select("act1")
    hand.choose("torch7_accGradParameters")
    assert hand.said == "act1 has nothing to do in accGradParameters."


def test_torch7s_calls_are_in_the_menus_and_wait_for_a_node(debug):
    hand = debug()
    for call in TORCH7:
        assert not hand.window.actions_by_id[f"torch7_{call}"].isEnabled()
    hand.select("fc1")
    canvas = hand.window.canvas
    menu = hand.context_menu(canvas.viewport(), canvas.mapFromScene(hand.user.middle("fc1")))
    inside = hand.entry(menu, "Torch7's Calls").menu()
    assert [action.text() for action in inside.actions()] == list(TORCH7)


def test_the_next_samples_are_fed_and_can_be_taken_back(debug):
    hand = debug()
    first = hand.program["x.output"].copy()
    hand.press("run_forward")
    hand.choose("next_samples")
    assert not np.array_equal(hand.program["x.output"], first)
    assert hand.stepper.batch_start == 32 and hand.program.position == 0
    assert not hand.program.is_current("fc1.output")
    hand.press("run_step_back")
    assert np.array_equal(hand.program["x.output"], first) and hand.program.is_current("loss.output")
    assert hand.stepper.batch_start == 0
    hand.stepper.feed_from(hand.stepper.samples - 1)
    assert np.array_equal(hand.program["x.output"][1:], first[:-1])  # it goes on at the start


def test_one_sample_is_learned_from_alone(debug):
    hand = debug()
    before = hand.program.flat.copy()
    twin = _twin(hand)
    hand.choose("one_sample")
    _wait(hand)
    x, t = hand.stepper._made.feeds["x"][:1], hand.stepper._made.feeds["t"][:1]
    alone = twin.with_batch_size(1)
    alone.feed(x=x, t=t)
    alone.train_step()
    assert np.array_equal(hand.program.flat, twin.flat)
    assert "sample 1" in hand.said and hand.stepper.is_true("loss.output")
    hand.scrubber.setFocus()
    hand.key(Qt.Key.Key_Home)
    assert hand.stepper.moment == 0
    assert np.array_equal(hand.program.flat, before)


def test_one_batch_learns_and_then_feeds_the_next(debug):
    hand = debug()
    hand.choose("one_batch")
    assert hand.stepper.batch_start == 0 and hand.stepper.statement.phase == "update"
    hand.choose("one_batch")
    assert hand.stepper.batch_start == 32


def _twin(hand):
    """A program of its own, as the window's was at its beginning."""
    from nnstudio.program import compile
    from nnstudio.training import optimizers

    training = hand.window.document.project.training
    twin = compile(
        hand.window.document.graph,
        32,
        training.dtype,
        seed=training.seed,
        optimizer=optimizers.definition(training.optimizer),
        optimizer_settings=training.optimizer_settings,
    )
    twin.lr = training.lr
    return twin


def _wait(hand):
    until = time.monotonic() + 20
    while hand.stepper.busy and time.monotonic() < until:
        QTest.qWait(5)
    assert not hand.stepper.busy


def test_one_epoch_is_that_of_a_training_run_and_one_moment(debug):
    from nnstudio.training.trainer import Trainer

    hand = debug()
    project = hand.window.document.project
    trainer = Trainer(project.graph, hand.engine.samples.splits, project.training)
    before = hand.state()
    for epoch in (1, 2):
        trainer.run_epoch()
        hand.choose("one_epoch")
        _wait(hand)
        for key, weights in trainer.program.parameters().items():
            assert np.array_equal(hand.program[key], weights), key
        assert f"epoch {epoch}" in hand.said
        assert hand.stepper.is_true("loss.output")
    labels = [hand.stepper.happened(m) for m in range(hand.stepper.moments)]
    assert [label for label in labels if isinstance(label, str) and "epoch" in label] == [
        "epoch 1",
        "epoch 2",
    ]
    assert not hand.window.document.modified  # an experiment
    hand.stepper.go_to(0)
    assert hand.state() == before


@pytest.fixture
def slow(monkeypatch):
    """Training rests after every batch."""
    monkeypatch.setattr("nnstudio.studio.stepping.epoch._WORK", 0.0)
    monkeypatch.setattr("nnstudio.studio.stepping.epoch._REST", 0.1)


def test_an_epoch_shows_its_progress_and_can_be_given_up(debug, qtbot, slow):
    hand = debug()
    hand.press("run_forward")
    before, moments = hand.state(), hand.stepper.moments
    timeline = hand.engine.timeline
    hand.choose("one_epoch")
    assert hand.stepper.busy and not hand.engine.transport.buttons["run_step"].isEnabled()
    assert hand.stepper.value("fc1.weight") is None  # nobody reads what is being written
    assert timeline.cancel.isVisible() and timeline.progress.isVisible() and not hand.scrubber.isVisible()
    qtbot.waitUntil(lambda: timeline.words.text().startswith("batch "), timeout=30000)
    QTest.mouseClick(timeline.cancel, Qt.MouseButton.LeftButton)
    _wait(hand)
    assert hand.state() == before and hand.stepper.moments == moments
    assert "given up" in hand.said and hand.scrubber.isVisible()


def test_an_edit_during_an_epoch_ends_it(debug, qtbot, slow):
    from nnstudio.graph import AddNode

    hand = debug()
    hand.choose("one_epoch")
    assert hand.stepper.busy
    hand.window.document.push(AddNode("Tanh"))
    qtbot.waitUntil(lambda: hand.stepper.ready and not hand.stepper.busy, timeout=20000)
    assert hand.stepper.can_step
    hand.press("run_step")
    assert hand.stepper.statement is not None


def test_speed_reaches_from_one_in_two_seconds_to_sixty_a_second(debug, qtbot):
    hand = debug()
    slider = hand.engine.transport.speed
    slider.setFocus()
    hand.key(Qt.Key.Key_Home)
    assert hand.stepper.speed == SLOWEST == 0.5
    assert slider.accessibleDescription() == "1 statement in 2 seconds"
    hand.key(Qt.Key.Key_End)
    assert hand.stepper.speed == pytest.approx(FASTEST) == pytest.approx(60)
    assert slider.accessibleDescription() == "60 statements a second"
    hand.press("run_play")
    began = hand.stepper.moment
    qtbot.waitUntil(lambda: hand.stepper.moment > began + 20, timeout=30000)
    hand.press("run_play")


def test_a_broken_graph_says_at_which_node_its_program_ends(debug, qtbot):
    hand = debug()
    level = hand.window.document.level
    hand.window.document.push(RemoveEdge(next(e for e in level.edges if e.target == level.names["fc2"])))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    hand.press("run_forward")
    assert hand.program.is_current("act1.output") and "fc2.output" not in hand.program
    assert hand.said.startswith("The program ends here: fc2")
    row = next(i for i, line in enumerate(hand.panel.model.lines) if line.problem)
    assert "fc2" in hand.panel.model.lines[row].text
    hand.click_line(row)
    assert hand.window.canvas.selected_nodes() == [level.names["fc2"]]
    # Playing ends there, too, and does not run in circles.
    hand.press("run_reset")
    hand.engine.transport.speed.setValue(100)
    hand.press("run_play")
    qtbot.waitUntil(lambda: not hand.stepper.playing, timeout=30000)
    assert hand.program.position == len(hand.program.statements)


@pytest.mark.parametrize("width", [1024, 1280])
def test_the_bar_is_calm_in_a_narrow_window(debug, width):
    hand = debug()
    window = hand.window
    window.resize(width, 800)
    QApplication.processEvents()
    bar, transport = window.top_bar, hand.engine.transport
    left = transport.mapTo(bar, QPoint(0, 0)).x()
    assert left >= bar.name.mapTo(bar, QPoint(bar.name.width(), 0)).x()
    assert left + transport.width() <= bar.train.mapTo(bar, QPoint(0, 0)).x()
    shown = [each for each in (*transport.buttons.values(), transport.more) if each.isVisible()]
    assert len(shown) == 8
    for each in shown:
        assert each.mapTo(transport, QPoint(each.width(), 0)).x() <= transport.width()


def test_no_word_of_the_bar_is_cut_however_wide_the_window_is(debug):
    hand = debug()
    window = hand.window
    window.document.project.path = Path("a_rather_long_name_for_a_small_network.nns")
    window.top_bar.follow()
    cut = []
    for width in range(1024, 1424, 16):
        window.resize(width, 700)
        for _ in range(3):  # other words, and then the layouts within one another
            QApplication.processEvents()
        for each in (*hand.engine.transport.buttons.values(), window.top_bar.train, window.top_bar.export):
            if each.isVisible() and each.text() and each.width() < each.sizeHint().width():
                cut.append((width, each.text()))
    assert not cut
