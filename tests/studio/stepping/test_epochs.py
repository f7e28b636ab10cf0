"""One epoch of the stepper: it stops at breakpoints, goes on from there, and follows the schedule."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtTest import QTest

from nnstudio.program.breakpoint import Breakpoint
from nnstudio.project import SetTraining
from nnstudio.training.trainer import Trainer


def _epoch(hand):
    hand.choose("one_epoch")
    until = time.monotonic() + 60
    while hand.stepper.busy and time.monotonic() < until:
        QTest.qWait(5)
    assert not hand.stepper.busy


def _train_with(hand, qtbot, **settings):
    """Other training settings, and a trainer that has them too."""
    project = hand.window.document.project
    hand.window.document.push(SetTraining(replace(project.training, **settings)))
    qtbot.waitUntil(lambda: hand.stepper.ready and hand.stepper.can_step, timeout=20000)
    project = hand.window.document.project
    return Trainer(project.graph, hand.engine.samples.splits, project.training)


def _same(hand, trainer):
    return all(np.array_equal(hand.program[key], w) for key, w in trainer.program.parameters().items())


def test_an_epoch_stops_at_a_breakpoint_and_goes_on_from_there(debug, qtbot):
    hand = debug("xor")
    trainer = _train_with(hand, qtbot, batch_size=1)
    trainer.run_epoch()
    hand.press("run_step")
    before = hand.state()
    batches = hand.stepper.samples
    assert batches > 2
    place = Breakpoint(node=hand.program.statements[-1].node, phase="update")
    hand.stepper.add_breakpoint(place)
    for batch in (1, 2):
        _epoch(hand)
        assert hand.said == f"Stopped {place}: epoch 1, as far as batch {batch} of {batches}."
        assert place.is_at(hand.program, hand.stepper.statement)
        assert hand.program.position == hand.stepper.statement.index + 1
        assert hand.panel.current_row() == hand.panel.model.row_of(hand.stepper.statement)
        assert hand.stepper.happened(hand.stepper.moment) == f"epoch 1, as far as batch {batch} of {batches}"
    hand.press("run_step")  # some of the rest by hand
    hand.stepper.stops.enable(place, False)
    _epoch(hand)
    assert "epoch 1" in hand.said and "as far as" not in hand.said
    assert _same(hand, trainer)
    _epoch(hand)
    trainer.run_epoch()
    assert "epoch 2" in hand.said and _same(hand, trainer)
    hand.stepper.go_to(1)
    assert hand.state() == before


def test_a_condition_stops_in_the_midst_of_an_epoch_and_one_that_never_holds_changes_nothing(debug, qtbot):
    hand = debug("xor")
    trainer = _train_with(hand, qtbot, batch_size=1)
    trainer.run_epoch()
    hand.stepper.add_breakpoint(Breakpoint(condition="loss < -1"))
    _epoch(hand)
    assert _same(hand, trainer) and "Stopped" not in hand.said
    hand.stepper.go_to(0)
    weights = min(key for key in hand.program.parameters())
    limit = float(hand.program["loss.output"]) if hand.stepper.is_true("loss.output") else 0.0
    hand.stepper.add_breakpoint(Breakpoint(condition=f"count({weights}) > 0 and loss > {limit}"))
    _epoch(hand)
    assert "Stopped when" in hand.said and hand.program.loss > limit
    assert "update" not in hand.stepper.statement.phase


def test_a_batch_of_another_size_says_how_many_are_shown(debug, qtbot):
    hand = debug("xor")
    _train_with(hand, qtbot, batch_size=3)
    size, samples = hand.program.batch_size, hand.stepper.samples
    rest = samples % 3
    assert size == 3 and rest
    hand.stepper.add_breakpoint(Breakpoint(node="loss", phase="forward"))
    for _ in range(samples // 3 + 1):
        _epoch(hand)
    samples_of_it = "1 sample" if rest == 1 else f"{rest} samples"
    assert hand.said.endswith(f"; that batch has {samples_of_it}, and 3 are shown.")
    assert hand.stepper.value_of(hand.stepper.statement) is not None and hand.stepper.is_true("fc1.output")


@pytest.mark.parametrize(
    "schedule, settings",
    [
        ("step", {"every": 1, "factor": 0.5}),
        ("inverse", {"decay": 0.5}),
        ("plateau", {"patience": 0, "threshold": 1.0, "factor": 0.1}),
    ],
)
def test_epochs_follow_the_schedule_as_training_does(debug, qtbot, schedule, settings):
    hand = debug("xor")
    trainer = _train_with(hand, qtbot, batch_size=2, schedule=schedule, schedule_settings=settings)
    rates = []
    for _ in range(3):
        trainer.run_epoch()
        _epoch(hand)
        assert _same(hand, trainer)
        assert hand.program.lr == pytest.approx(trainer.rate)
        rates.append(hand.program.lr)
    assert len(set(rates)) > 1
    # Gone back, it goes on as it did.
    first = next(m for m in range(hand.stepper.moments) if hand.stepper.happened(m) == "epoch 1")
    hand.stepper.go_to(first)
    _epoch(hand)
    _epoch(hand)
    assert _same(hand, trainer) and hand.program.lr == pytest.approx(trainer.rate)
