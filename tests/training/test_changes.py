"""Changes in mid-run: what follows is exactly what a run continued with them gives, and it is marked."""

import json
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest

from nnstudio.errors import TrainingError
from nnstudio.training.checkpoint import joined
from nnstudio.training.optimizers import definitions
from nnstudio.training.schedules import definitions as schedules
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer


def timeless(history):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]


def assert_same(one, other):
    assert timeless([one.run_state() | {"trained_seconds": 0}]) == timeless(
        [other.run_state() | {"trained_seconds": 0}]
    )
    for kind in ("weights", "optimizer_state"):
        ours, theirs = one.state()[kind], other.state()[kind]
        assert list(ours) == list(theirs)
        assert all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


def changing(trainer, changes, until):
    """Trains and makes each change after so many updates."""
    steps = trainer.steps()
    for _ in steps:
        for name, value in changes.pop(trainer.step, {}).items():
            trainer.change(name, value)
        if trainer.step >= until:
            return


@pytest.mark.parametrize("schedule", list(schedules()))
@pytest.mark.parametrize("optimizer", list(definitions()))
def test_a_run_changed_broken_off_and_continued_equals_the_whole_one(
    network, regression, optimizer, schedule
):
    settings = TrainingSettings(
        epochs=5,
        batch_size=5,
        lr=0.02,
        optimizer=optimizer,
        optimizer_settings={"l1": 0.001},
        schedule=schedule,
    )
    changes = {3: {"batch_size": 7}, 6: {"lr": 0.01, "weight_decay": 0.05}, 11: {"batch_size": 0, "lr": 0.03}}
    graph = network(3, 6, 2)
    whole = Trainer(graph, regression, settings)
    changing(whole, dict(changes), 13)
    whole.run()
    assert [mark["step"] for mark in whole.run_state()["changes"]] == [3, 6, 6, 11, 11]
    # Where it is broken off takes turns: each place with every optimizer, and with every schedule.
    turn = list(definitions()).index(optimizer) + list(schedules()).index(schedule)
    for stop in np.roll((3, 5, 6, 8, 11, 12), turn)[:2].tolist():
        first = Trainer(graph, regression, settings)
        changing(first, {step: change for step, change in changes.items() if step <= stop}, stop)
        state = first.state()
        state["run_state"] = json.loads(json.dumps(state["run_state"], allow_nan=False))
        second = Trainer(graph, regression, settings, **state)
        changing(second, {step: change for step, change in changes.items() if step > stop}, 13)
        second.run()
        assert timeless(first.history + second.history) == timeless(whole.history), stop
        assert_same(second, whole)


def test_another_batch_size_takes_the_samples_that_are_left_of_the_epoch(network, regression):
    trainer = Trainer(network(3, 4, 2), regression, TrainingSettings(epochs=2, batch_size=5))
    steps = trainer.steps()
    next(steps), next(steps)
    trainer.change("batch_size", 7)
    assert (trainer.position, trainer.batch_size) == (10, 7)
    positions = []
    while trainer.epoch == 0:
        next(steps)
        positions.append(trainer.position)
    assert positions[:2] == [17, 23] and trainer.program.batch_size == 7
    trainer.change("batch_size", 0)
    while trainer.epoch == 1:
        next(steps)
    assert trainer.step == 2 + 2 + 1, "all samples at once"


def test_a_decay_pulls_from_the_next_update_on(network, regression):
    """Without a gradient an update is w ← w - lr·decay·w."""
    still = type(regression)({"x": 0 * regression.train["x"], "t": 0 * regression.train["t"]})
    settings = TrainingSettings(batch_size=5, lr=0.5, dtype="float64")
    trainer = Trainer(network(3, 2), still, settings)
    steps = trainer.steps()
    next(steps)
    before = trainer.program["fc1.weight"].copy()
    trainer.change("weight_decay", 0.1)
    next(steps)
    np.testing.assert_allclose(trainer.program["fc1.weight"], before * 0.95, rtol=1e-12)
    trainer.change("weight_decay", 0.0)
    after = trainer.program["fc1.weight"].copy()
    next(steps)
    assert (trainer.program["fc1.weight"] == after).all()


def test_marks_say_when_and_from_what_to_what(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(batch_size=5, lr=0.1))
    steps = trainer.steps()
    next(steps), next(steps)
    for lr in (0.2, 0.3, 0.4):
        trainer.lr = lr
    trainer.change("weight_decay", 0.5)
    trainer.change("weight_decay", 0.0)
    mark = {"step": 2, "epoch": 10 / 23, "name": "lr", "from": 0.1, "to": 0.4}
    assert trainer.run_state()["changes"] == [mark], "one mark a batch, and none for what came to nothing"
    next(steps)
    given = trainer.run_state()["changes"]
    trainer.lr = 0.4
    assert trainer.run_state()["changes"] == [mark]
    trainer.change("batch_size", 3)
    assert given == [mark], "what was given away does not change"
    assert [each["name"] for each in trainer.run_state()["changes"]] == ["lr", "batch_size"]


def test_marks_do_not_grow_without_end(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(epochs=100, batch_size=5))
    for number, _ in enumerate(trainer.steps()):
        trainer.lr = 0.001 * (number % 7 + 1)
    marks = trainer.run_state()["changes"]
    assert len(marks) == 200 and marks[-1]["epoch"] > 95


def test_what_was_set_anew_in_the_settings_holds_and_is_marked(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(batch_size=5, lr=0.1))
    next(trainer.steps())
    trainer.lr = 0.2
    followed = Trainer(network(3, 2), regression, TrainingSettings(batch_size=5, lr=0.2), **trainer.state())
    assert followed.lr == 0.2 and len(followed.run_state()["changes"]) == 1, "the window had set both"
    later = TrainingSettings(batch_size=4, lr=0.1, optimizer_settings={"weight_decay": 0.01})
    anew = Trainer(network(3, 2), regression, later, **trainer.state())
    assert (anew.lr, anew.batch_size, anew.weight_decay) == (0.2, 4, 0.01)
    assert anew.program.batch_size == 4
    assert [(mark["name"], mark["from"], mark["to"]) for mark in anew.run_state()["changes"]] == [
        ("lr", 0.1, 0.2),
        ("batch_size", 5, 4),
        ("weight_decay", 0.0, 0.01),
    ]


def test_a_run_state_of_an_earlier_version_is_continued(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(batch_size=5))
    next(trainer.steps())
    state = trainer.state()
    for name in ("batch_size", "weight_decay"):
        del state["run_state"][name], state["run_state"][f"{name}_setting"]
    for name in ("changes", "standing", "trained_seconds"):
        del state["run_state"][name]
    second = Trainer(network(3, 2), regression, TrainingSettings(batch_size=5), **state)
    second.run(), trainer.run()
    assert_same(second, trainer)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("lr", float("nan"), "lr must be a finite number from 0"),
        ("batch_size", 1.5, "batch_size must be a whole number"),
        ("weight_decay", -1, "weight_decay must be a finite number from 0 to 100"),
        ("epochs", 3, "cannot be changed while a run goes on; lr, batch_size, weight_decay can"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(network, regression, name, value, sentence):
    with pytest.raises(TrainingError, match=sentence):
        Trainer(network(3, 2), regression).change(name, value)
    with pytest.raises(TrainingError, match=sentence):
        Session(network(3, 2), regression).change(name, value)


@pytest.mark.parametrize("background", ["process", "thread"])
def test_a_session_changes_between_two_batches_and_tells(network, regression, background):
    settings = TrainingSettings(epochs=4, batch_size=5, lr=0.02, optimizer="Adam")
    whole = Trainer(network(3, 6, 2), regression, settings)
    changing(whole, {1: {"batch_size": 9, "weight_decay": 0.1, "lr": 0.01}}, 2)
    whole.run()
    with Session(network(3, 6, 2), regression, settings, background=background) as session:
        session.one_batch()
        session.wait()
        session.change("batch_size", 9)
        session.change("weight_decay", 0.1)
        session.set_lr(0.01)
        session.start()
        assert session.wait() == "finished"
        status = session.snapshot.status
        assert (status["batch_size"], status["weight_decay"], status["lr"]) == (9, 0.1, 0.01)
        assert status["run_state"]["changes"] == whole.run_state()["changes"]
        assert timeless(session.history) == timeless(whole.history)
        weights = session.checkpoint()["weights"]
        assert all(weights[n].tobytes() == a.tobytes() for n, a in whole.program.parameters().items())


def continued(graph, data, settings, former):
    return Trainer(graph, data, settings, **former.state())


def names(trainer):
    return [mark["name"] for mark in trainer.run_state()["changes"]]


def other_network(network, data):
    return network(3, 6, 2, activation="ReLU"), data


def other_data(network, data):
    return network(3, 6, 2), replace(data, train={**data.train, "t": data.train["t"] / 10})


@pytest.mark.parametrize(("change", "name"), [(other_network, "network"), (other_data, "data")])
def test_a_run_that_goes_on_with_something_else_compares_its_losses_anew(network, regression, change, name):
    settings = TrainingSettings(epochs=200, batch_size=5, lr=0.05, patience=3, keep_every=1)
    settings = replace(settings, schedule="plateau", schedule_settings={"patience": 100})
    first = Trainer(network(3, 6, 2), regression, settings)
    first.run(4)
    next(first.steps())  # into the fifth epoch
    state = first.state()
    state["run_state"]["standing"] |= {"best": -1.0, "waited": 2}  # no loss will be lower
    state["run_state"]["schedule"] |= {"best": -1.0, "waited": 50}
    graph, data = change(network, regression)
    second = Trainer(graph, data, settings, **state)
    assert names(second) == [name] and (second.epoch, second.position, second.step) == (4, 0, first.step)
    [mark] = second.run_state()["changes"]
    assert (mark["step"], mark["from"]) == (first.step, first.run_state()[name])
    second.run(1)
    entry = second.history[-1]
    assert second.run_state()["standing"]["best"] == entry["validation_loss"]
    assert second.run_state()["schedule"]["best"] == entry["validation_loss"]
    assert [each.why for each in second.checkpoints] == ["best", "every"]
    kept = reduce(joined, second.checkpoints, first.checkpoints)
    assert len(first.checkpoints) > 3 and [each.epoch for each in kept] == [5, 5]
    third = continued(graph, data, settings, second)
    assert names(third) == [name], "it is marked once"
    assert third.run_state()["standing"] == second.run_state()["standing"]


def test_a_network_changed_and_changed_back_is_no_change(network, regression):
    settings = TrainingSettings(epochs=3, batch_size=5)
    first = Trainer(network(3, 6, 2), regression, settings)
    first.run(1)
    second = continued(*other_network(network, regression), settings, first)
    assert names(continued(network(3, 6, 2), regression, settings, second)) == []


def test_another_optimizer_is_marked_and_losses_go_on_being_compared(network, regression):
    settings = TrainingSettings(epochs=3, batch_size=5, optimizer="SGD")
    first = Trainer(network(3, 6, 2), regression, settings)
    first.run(2)
    second = continued(network(3, 6, 2), regression, replace(settings, optimizer="Adam"), first)
    [mark] = second.run_state()["changes"]
    assert (mark["name"], mark["from"], mark["to"], mark["epoch"]) == ("optimizer", "SGD", "Adam", 2.0)
    assert second.run_state()["standing"] == first.run_state()["standing"]


def test_a_state_of_an_earlier_version_says_nothing_of_its_network(network, regression):
    settings = TrainingSettings(epochs=3, batch_size=5)
    first = Trainer(network(3, 6, 2), regression, settings)
    first.run(1)
    state = first.state()
    for name in ("network", "data", "optimizer"):
        del state["run_state"][name]
    second = Trainer(*other_network(network, regression), settings, **state)
    assert names(second) == [] and second.run_state()["standing"] == first.run_state()["standing"]
