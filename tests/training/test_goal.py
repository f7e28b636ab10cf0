"""Goals: a run ends when it is told to, says why, and goes on from there exactly."""

import json

import numpy as np
import pytest

from nnstudio.errors import TrainingError
from nnstudio.training.goal import Goal, Standing
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

FOREVER = 1_000_000


def entry(epoch, train, validation=None):
    told = {"epoch": epoch, "train_loss": train}
    return told if validation is None else {**told, "validation_loss": validation}


def test_a_loss_that_is_low_enough_ends_the_run(network, regression):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.05, stop_loss=0.9)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    trainer.run()
    losses = [each["train_loss"] for each in trainer.history]
    assert losses[-1] <= 0.9 and min(losses[:-1]) > 0.9
    assert trainer.reached == "loss" and trainer.ending.endswith("no more than the 0.9 asked for.")


def test_patience_ends_the_run_so_many_epochs_after_the_best(network, regression):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.3, optimizer="Adam", patience=3)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    trainer.run()
    losses = [each["validation_loss"] for each in trainer.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3
    assert trainer.reached == "patience"
    assert trainer.ending == (
        f"The loss has not fallen for 3 epochs; its lowest was {losses[best]:.4g} in epoch {best + 1}."
    )


def test_without_a_validation_part_patience_looks_at_the_training_loss():
    standing, goal = Standing(), Goal(patience=2)
    for number, (train, validation) in enumerate([(3, 1), (2, 1), (1, 2)], 1):
        standing.after_epoch(entry(number, train, validation))
    assert standing.reached(goal) == "patience" and (standing.best, standing.best_epoch) == (1, 1)
    standing = Standing()
    for number, train in enumerate([3, 2, 1], 1):
        standing.after_epoch(entry(number, train))
    assert standing.reached(goal) == "" and standing.best_epoch == 3


def test_seconds_end_the_run_within_an_epoch():
    standing, goal = Standing(seconds=1.9), Goal(seconds=2)
    assert not standing.out_of_time(goal) and standing.reached(goal) == ""
    standing.seconds += 0.2
    assert standing.out_of_time(goal) and standing.reached(goal) == "seconds"
    assert "for 2 seconds" in standing.in_words("seconds", goal)
    standing.begin(goal)
    assert standing.seconds == 0.0, "who trains on has as long again"
    standing.seconds = 1.0
    standing.begin(goal)
    assert standing.seconds == 1.0, "who was only paused has not"


def test_a_run_of_no_time_makes_one_update_and_ends(network, regression):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, seconds=1e-9)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    trainer.run()
    assert (trainer.step, trainer.epoch, trainer.reached) == (1, 0, "seconds")
    trainer.run()
    assert trainer.step == 2


def test_epochs_end_the_run_as_before(network, regression):
    settings = TrainingSettings(epochs=2, batch_size=5, patience=50, stop_loss=1e-9, seconds=1e6)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    assert len(trainer.run()) == 2
    assert (trainer.reached, trainer.ending) == ("epochs", "")


@pytest.mark.parametrize("stop", range(3, 60, 9))
def test_patience_of_a_run_that_is_continued_ends_it_at_the_same_epoch(network, regression, stop):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.3, optimizer="Adam", patience=3)
    whole = Trainer(network(3, 8, 2), regression, settings)
    whole.run()
    first = Trainer(network(3, 8, 2), regression, settings)
    steps = first.steps()
    while first.step < min(stop, whole.step - 6):
        next(steps)
    state = first.state()
    state["run_state"] = json.loads(json.dumps(state["run_state"]))
    second = Trainer(network(3, 8, 2), regression, settings, **state)
    second.run()
    assert (second.epoch, second.step, second.ending) == (whole.epoch, whole.step, whole.ending)


def test_after_a_goal_was_reached_training_goes_on_for_as_long_again(network, regression):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.0, patience=3)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    assert len(trainer.run()) == 4
    assert len(trainer.run()) == 3
    assert len(Trainer(network(3, 8, 2), regression, settings, **trainer.state()).run()) == 3


@pytest.mark.parametrize("background", ["process", "thread"])
def test_the_session_ends_as_the_trainer_does_and_says_why(network, regression, background):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.3, optimizer="Adam", patience=3)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    trainer.run()
    with Session(network(3, 8, 2), regression, settings, background=background) as session:
        session.start()
        assert session.wait() == "finished"
        assert (session.reached, session.sentence) == ("patience", trainer.ending)
        assert [e["train_loss"] for e in session.history] == [e["train_loss"] for e in trainer.history]
        session.one_epoch()
        assert session.wait() == "paused", "one epoch is one epoch, whatever the goal"
        assert session.reached == "" and len(session.history) == len(trainer.history) + 1
        session.set_goal(Goal(loss=1e9))
        session.start()
        assert session.wait() == "finished" and session.reached == "loss"


@pytest.mark.parametrize("wrong", [{"stop_loss": -1}, {"patience": 1.5}, {"seconds": float("nan")}])
def test_what_is_no_goal_is_refused(wrong):
    with pytest.raises(TrainingError, match="must be a"):
        TrainingSettings(**wrong)


def test_a_goal_is_what_the_settings_say():
    assert Goal.of(TrainingSettings(stop_loss=0.5, patience=2, seconds=3)) == Goal(0.5, 2, 3)
    assert Goal(**json.loads(json.dumps(Goal(1, 2, 3).to_dict()))) == Goal(1, 2, 3)
