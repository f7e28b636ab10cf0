"""The range test: deterministic, on a copy, and its suggestion trains."""

from dataclasses import replace

import numpy as np
import pytest

from nnstudio.errors import TrainingError
from nnstudio.project import load
from nnstudio.project.run import splits_of
from nnstudio.resources_path import example
from nnstudio.training.binding import BoundData
from nnstudio.training.optimizers import definition as optimizer_definition
from nnstudio.training.optimizers import definitions
from nnstudio.training.rate_test import RateTest, steepest
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

SETTINGS = TrainingSettings(batch_size=5, epochs=3, lr=123.0, schedule="step", stop_loss=1e6, patience=1)


def finished(*given, **more):
    test = RateTest(*given, **more)
    shares = list(test.run())
    assert shares[-1] == 1.0 and shares == sorted(shares)
    return test


def test_the_loss_of_every_batch_is_that_of_training_with_these_rates(network, regression):
    test = finished(network(3, 8, 2), regression, SETTINGS, highest=0.1, steps=30)
    np.testing.assert_allclose(test.rates, np.geomspace(1e-5, 0.1, 30))
    trainer = Trainer(network(3, 8, 2), regression, TrainingSettings(batch_size=5, lr=1e-5))
    steps = trainer.steps()
    for rate, loss in zip(test.rates, test.losses, strict=True):
        trainer.lr = rate
        before = trainer.step
        while trainer.step == before:
            next(steps)
        assert trainer.recent_loss() == loss
    assert min(test.losses) < min(test.smoothed) < max(test.smoothed) < max(test.losses)


def test_the_suggestion_lies_below_where_the_loss_rises_and_trains(network, regression):
    graph = network(3, 8, 2)
    test = finished(graph, regression, SETTINGS)
    assert len(test.rates) < 100, "far beyond the best nothing is to be learned"
    assert f"try {test.suggestion:g}." in test.sentence and "rises beyond" in test.sentence
    assert 0.001 < test.suggestion < test.rates[int(np.argmin(test.smoothed))] / 2
    trainer = Trainer(graph, regression, TrainingSettings(batch_size=5, lr=test.suggestion))
    entries = trainer.run()
    assert entries[-1]["train_loss"] < 0.2 * entries[0]["train_loss"]


def test_it_falls_fastest_before_the_lowest_loss_and_not_at_it():
    falling_ever_faster = -np.exp(np.linspace(0, 5, 40))
    assert 33 <= steepest(falling_ever_faster, 8) <= 36
    with_a_step = np.repeat([2.0, 1.0], 20)
    assert 15 <= steepest(with_a_step, 4) <= 24


def test_a_rate_that_diverges_ends_it(network, regression):
    huge = BoundData({name: array * 1e12 for name, array in regression.train.items()})
    test = finished(network(3, 8, 2, activation="ReLU"), huge, SETTINGS, lowest=1e-3, highest=1e6)
    assert len(test.rates) < 100 and test.sentence


def test_where_nothing_is_learned_it_says_so(network):
    data = BoundData({"x": np.zeros((20, 3)), "t": np.zeros((20, 1))})
    graph = network(3, 1)
    graph.set("fc1", use_bias=False)
    test = finished(graph, data, SETTINGS)
    assert test.suggestion is None and "falls at none of these rates" in test.sentence


@pytest.mark.parametrize("wrong", [{"lowest": 0}, {"lowest": 1, "highest": 0.1}, {"steps": 3}])
def test_a_range_that_is_none_is_refused(network, regression, wrong):
    with pytest.raises(TrainingError, match=r"A range test (goes|tries)"):
        RateTest(network(3, 1), regression, **wrong)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_hard_and_easy_batches_are_told_from_what_is_learned(seed, optimizer):
    """By trying them all over 15 epochs, 0.03 to 0.1 is best for SGD here and 0.01 to 0.03 for Adam."""
    project = load(example("sine.nns.json"))
    settings = replace(project.training, seed=seed, optimizer=optimizer, optimizer_settings={})
    test = finished(project.graph, splits_of(project), settings)
    best = 0.03 if optimizer == "SGD" else 0.02
    assert best / 3 <= test.suggestion <= 3 * best
    first = np.array(test.smoothed[:20])
    assert np.ptp(first) < 0.05 * first[0] < 0.2 * np.ptp(test.losses[:20]), "nothing is learned at 1e-5"


@pytest.mark.parametrize("optimizer", list(definitions()))
def test_the_twin_keeps_the_first_weights_whatever_the_optimizer(network, regression, optimizer):
    """Else it would learn too, and hide what is gained."""
    settings = TrainingSettings(batch_size=5, optimizer=optimizer)
    if "weight_decay" in optimizer_definition(optimizer).settings:
        settings = replace(settings, optimizer_settings={"weight_decay": 0.1})
    test = RateTest(network(3, 8, 2), regression, settings, steps=12)
    before = test._twin.program.parameters()
    list(test.run())
    after = test._twin.program.parameters()
    assert test._twin.step >= 11 and all(np.array_equal(before[name], after[name]) for name in before)


def test_what_falls_to_the_end_is_best_where_it_falls_fastest(network, regression):
    test = finished(network(3, 8, 2), regression, SETTINGS, highest=0.01)
    assert "the highest tried" in test.sentence and test.suggestion <= 0.01 / 3
