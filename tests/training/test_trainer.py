"""The trainer: deterministic, resumed exactly, right by hand, and stopped where numbers stop being finite."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.data.batching import batches, generator
from nnstudio.errors import DataError, TrainingError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData
from nnstudio.training.divergence import Diverged
from nnstudio.training.optimizers import definitions
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer


def same(one, other):
    """Two histories bit for bit, but for the time they took."""
    timeless = [
        [{k: v for k, v in entry.items() if k != "seconds"} for entry in each] for each in (one, other)
    ]
    return timeless[0] == timeless[1]


def assert_same_state(one, other):
    for kind in ("weights", "optimizer_state"):
        ours, theirs = one.state()[kind], other.state()[kind]
        assert list(ours) == list(theirs)
        for name in ours:
            assert ours[name].tobytes() == theirs[name].tobytes(), name
    times = ("seconds", "trained_seconds")
    timeless = [{k: v for k, v in each.run_state().items() if k not in times} for each in (one, other)]
    assert timeless[0] == timeless[1]


def continued(graph, data, settings, trainer):
    """A new trainer from the state of another, its run state written as JSON as a project file does."""
    state = trainer.state()
    state["run_state"] = json.loads(json.dumps(state["run_state"], allow_nan=False))
    return Trainer(graph, data, settings, **state)


# -- determinism and resume


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_seed_same_losses_bit_for_bit(network, regression, dtype):
    settings = TrainingSettings(epochs=4, batch_size=5, seed=3, dtype=dtype)
    first = Trainer(network(3, 8, 2), regression, settings)
    second = Trainer(network(3, 8, 2), regression, settings)
    assert same(first.run(), second.run())
    assert_same_state(first, second)
    other = Trainer(
        network(3, 8, 2), regression, TrainingSettings(epochs=4, batch_size=5, seed=4, dtype=dtype)
    )
    assert not same(first.history, other.run())


def test_the_order_alone_depends_on_the_seed_too(network, regression):
    runs = []
    for seed in (1, 2):
        trainer = Trainer(network(3, 8, 2), regression, TrainingSettings(epochs=2, batch_size=5, seed=seed))
        start = {name: np.full_like(array, 0.1) for name, array in trainer.program.parameters().items()}
        trainer.program.load_parameters(start)
        runs.append(trainer.run())
    assert not same(*runs)


@pytest.mark.parametrize("optimizer", list(definitions()))
@pytest.mark.parametrize("place", ["within an epoch", "after its last batch", "between epochs"])
def test_a_run_broken_off_and_continued_equals_the_whole_one(network, regression, optimizer, place):
    """Batches of 5 from 23 samples: 5 an epoch, the last of 3."""
    settings = TrainingSettings(
        epochs=4,
        batch_size=5,
        lr=0.02,
        optimizer=optimizer,
        optimizer_settings={"weight_decay": 0.01, "l1": 0.001},
        schedule="plateau",
        schedule_settings={"patience": 0, "factor": 0.7, "threshold": 0.9},
    )
    graph = network(3, 6, 2)
    whole = Trainer(graph, regression, settings)
    whole.run()

    first = Trainer(graph, regression, settings)
    batches_before = {"within an epoch": 7, "after its last batch": 10, "between epochs": 0}[place]
    if place == "between epochs":
        first.run(2)
    steps = first.steps()
    while first.step < batches_before:
        next(steps)
    second = continued(graph, regression, settings, first)
    second.run()
    assert same(first.history + second.history, whole.history)
    assert_same_state(second, whole)
    assert whole.step == 20 and whole.history[-1]["lr"] < 0.02


def test_the_learning_rate_of_an_epoch_broken_off_after_its_last_batch_is_that_of_this_batch(
    network, regression
):
    """Where the rate changes with every update, the next one's would be another."""
    settings = TrainingSettings(epochs=2, batch_size=5, schedule="inverse", schedule_settings={"decay": 0.5})
    graph = network(3, 4, 2)
    whole = Trainer(graph, regression, settings)
    whole.run()
    for place in (4, 5, 6, 10):
        first = Trainer(graph, regression, settings)
        steps = first.steps()
        while first.step < place:
            next(steps)
        second = continued(graph, regression, settings, first)
        second.run()
        assert same(first.history + second.history, whole.history), place


@pytest.mark.parametrize("epochs", [-1, 1.5, "3", True, math.nan, 10**12])
def test_what_is_no_number_of_epochs_is_refused_in_a_sentence(network, regression, epochs):
    trainer = Trainer(network(3, 4, 2), regression)
    with pytest.raises(TrainingError, match="epochs must be a whole number"):
        trainer.run(epochs)
    with pytest.raises(TrainingError, match="epochs must be a whole number"):
        Session(network(3, 4, 2), regression).start(epochs)


def test_a_run_can_be_broken_off_anywhere_even_while_it_measures(network, regression):
    settings = TrainingSettings(epochs=2, batch_size=10)
    graph = network(3, 4, 2)
    whole = Trainer(graph, regression, settings)
    stops = sum(1 for _ in whole.steps())
    assert stops > 2 * 3 + 2, "it gives way between batches of the measurement too"
    for stop in range(1, stops):
        first = Trainer(graph, regression, settings)
        for _ in itertools.islice(first.steps(), stop):
            pass
        second = continued(graph, regression, settings, first)
        second.run()
        assert same(first.history + second.history, whole.history)
        assert_same_state(second, whole)


def test_one_trainer_may_begin_and_end_many_runs(network, regression):
    settings = TrainingSettings(epochs=3, batch_size=4)
    whole = Trainer(network(3, 4, 2), regression, settings)
    whole.run()
    broken = Trainer(network(3, 4, 2), regression, settings)
    while broken.epoch < 3:
        for _ in itertools.islice(broken.steps(), 3):
            pass
    assert same(broken.history, whole.history)
    assert_same_state(broken, whole)


def test_state_of_another_optimizer_is_left_aside(network, regression):
    first = Trainer(network(3, 4, 2), regression, TrainingSettings(optimizer="Adam", lr=0.01))
    first.run(1)
    state = first.state()
    second = Trainer(network(3, 4, 2), regression, TrainingSettings(optimizer="Momentum", lr=0.01), **state)
    assert all((second.program[name] == state["weights"][name]).all() for name in state["weights"])
    assert not any(array.any() for array in second.program.optimizer_state().values())
    second.run(1)


def test_a_damaged_run_state_is_refused(network, regression):
    state = Trainer(network(3, 4, 2), regression).run_state()
    for name in state:
        for wrong in (None, "x", [1]):
            with pytest.raises((TrainingError, DataError), match="start the run anew"):
                Trainer(network(3, 4, 2), regression, run_state=state | {name: wrong})
    with pytest.raises(TrainingError, match="damaged"):
        Trainer(network(3, 4, 2), regression, run_state={"epoch": 3})


def test_another_number_of_samples_begins_the_epoch_anew(network, regression):
    first = Trainer(network(3, 4, 2), regression, TrainingSettings(batch_size=5))
    next(first.steps())
    fewer = BoundData({"x": regression.train["x"][:11], "t": regression.train["t"][:11]})
    second = Trainer(network(3, 4, 2), fewer, TrainingSettings(batch_size=5), **first.state())
    assert (second.epoch, second.position, second.step) == (0, 0, 1)
    second.run_epoch()
    assert second.step == 1 + 3


# -- the numbers


def test_an_epoch_by_hand(network, regression):
    """Linear regression in plain NumPy, over the same order, with the short last batch."""
    settings = TrainingSettings(epochs=2, batch_size=5, lr=0.05, seed=11, dtype="float64")
    trainer = Trainer(network(3, 2), regression, settings)
    w, b = trainer.program.parameters()["fc1.weight"], trainer.program.parameters()["fc1.bias"]
    entries = trainer.run()

    x, t = regression.train["x"], regression.train["t"]
    rng = generator(11)
    for entry in entries:
        total, seen = 0.0, []
        for rows in batches(23, 5, rng):
            error = x[rows] @ w.T + b - t[rows]
            total += (error**2).mean() * len(rows)
            gradient = 2 * error / error.size
            w = w - 0.05 * gradient.T @ x[rows]
            b = b - 0.05 * gradient.sum(axis=0)
            seen += rows.tolist()
        assert sorted(seen) == list(range(23))
        assert entry["train_loss"] == pytest.approx(total / 23, rel=1e-12)
        error = regression.validation["x"] @ w.T + b - regression.validation["t"]
        assert entry["validation_loss"] == pytest.approx((error**2).mean(), rel=1e-12)
        assert entry["validation_rmse"] == pytest.approx(math.sqrt((error**2).mean()), rel=1e-12)
        assert entry["validation_mae"] == pytest.approx(abs(error).mean(), rel=1e-12)
    np.testing.assert_allclose(trainer.program["fc1.weight"], w, rtol=1e-12)
    np.testing.assert_allclose(trainer.program["fc1.bias"], b, rtol=1e-12)
    assert [entry["epoch"] for entry in entries] == [1, 2] and [e["step"] for e in entries] == [5, 10]


@pytest.mark.parametrize("batch_size", [1, 7, 23, 0, 1000])
def test_losses_are_per_sample_whatever_the_batch_and_the_reduction(network, regression, batch_size):
    frozen = {"lr": 0.0, "dtype": "float64", "epochs": 1, "batch_size": batch_size}
    mean = Trainer(network(3, 4, 2), regression, TrainingSettings(**frozen)).run()[0]
    total = Trainer(network(3, 4, 2, reduction="sum"), regression, TrainingSettings(**frozen)).run()[0]
    assert mean["step"] == math.ceil(23 / (batch_size or 23))
    for loss in ("train_loss", "validation_loss"):
        assert total[loss] == pytest.approx(2 * mean[loss], rel=1e-12), "a sum over both outputs"
    whole = Trainer(network(3, 4, 2), regression, TrainingSettings(**frozen)).evaluate("train")
    assert whole["loss"] == pytest.approx(mean["train_loss"], rel=1e-12)


def test_several_criteria_add_up_with_their_weights(network, regression):
    graph = network(3, 2)
    extra = graph.add("L1", name="extra", reduction="sum", loss_weight=0.25)
    graph.connect("fc1", extra, "input")
    graph.connect("t", extra, "target")
    settings = TrainingSettings(lr=0.0, dtype="float64", batch_size=5)
    trainer = Trainer(graph, regression, settings)
    entry = trainer.run(1)[0]
    w, b = trainer.program.parameters().values()
    error = regression.validation["x"] @ w.T + b - regression.validation["t"]
    expected = (error**2).mean() + 0.25 * abs(error).sum() / len(error)
    assert entry["validation_loss"] == pytest.approx(expected, rel=1e-12)


def test_the_learning_rate_can_change_while_a_run_goes_on(network, regression):
    settings = TrainingSettings(batch_size=5, lr=0.1, schedule="inverse", schedule_settings={"decay": 1.0})
    trainer = Trainer(network(3, 2), regression, settings)
    steps = trainer.steps()
    next(steps)
    before = trainer.program.flat.copy()
    trainer.lr = 0.0
    next(steps)
    assert (trainer.program.flat == before).all()
    trainer.lr = 0.3
    assert trainer.rate == 0.3 / 3
    next(steps)
    assert (trainer.program.flat != before).any()
    assert continued(network(3, 2), regression, settings, trainer).lr == 0.3
    with pytest.raises(TrainingError, match="lr must be a finite number from 0"):
        trainer.lr = float("nan")


def test_a_learning_rate_set_anew_in_the_settings_holds(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(lr=0.1))
    trainer.lr = 0.2
    later = Trainer(network(3, 2), regression, TrainingSettings(lr=0.05), **trainer.state())
    assert later.lr == 0.05


def test_run_trains_what_is_left_or_as_many_as_are_asked_for(network, regression):
    trainer = Trainer(network(3, 2), regression, TrainingSettings(epochs=3))
    heard = []
    assert trainer.run(2, heard.append) == heard == trainer.history
    assert len(trainer.run()) == 1
    assert trainer.run() == []
    assert trainer.run_epoch()["epoch"] == 4


# -- real data


def test_digits_reach_95_percent_within_20_epochs(network, digits):
    settings = TrainingSettings(epochs=20, batch_size=32, lr=0.2, optimizer="Momentum")
    graph = network(64, 32, 10, activation="ReLU", criterion="CrossEntropy")
    trainer = Trainer(graph, digits, settings)
    last = trainer.run()[-1]
    assert trainer.evaluate("test")["accuracy"] >= 0.95
    assert last["validation_accuracy"] >= 0.95 and last["train_accuracy"] >= 0.95
    assert last["train_loss"] < 0.2 and last["step"] == 20 * 40


def test_targets_and_errors_in_the_data_s_own_unit(network):
    settings = DataSettings(source="diabetes", scaling="standardise", target_scaling="standardise")
    data = split(load(settings), settings)
    trainer = Trainer(network(10, 1), data, TrainingSettings(epochs=20, lr=0.05))
    last = trainer.run()[-1]
    assert 45 < last["validation_rmse"] < 70, "the targets lie between 25 and 346"
    assert last["validation_mae"] < last["validation_rmse"] and 0.3 < last["validation_r2"] < 0.7


def test_a_graph_without_data_takes_one_step_an_epoch():
    """The least of (p - 3)², by gradient descent: p ← p - lr·2(p - 3)."""
    graph = Graph()
    p = graph.add("Parameter", name="p", shape=(), value=(0.0,))
    three = graph.add("Constant", name="three", value=(3.0,))
    distance = graph.add("CSubTable", name="distance")
    square = graph.add("Square", name="square")
    loss = graph.add("Objective", name="loss")
    graph.connect(p, distance)
    graph.connect(three, distance)
    graph.connect(distance, square)
    graph.connect(square, loss)
    trainer = Trainer(graph, None, TrainingSettings(epochs=5, lr=0.25, dtype="float64"))
    entries = trainer.run()
    assert [entry["train_loss"] for entry in entries] == [9 / 4**k for k in range(5)]
    assert trainer.program["p.value"] == pytest.approx(3 - 3 / 2**5)
    assert trainer.step == 5


# -- what cannot be trained


def test_graphs_that_cannot_be_trained_get_a_sentence(network, regression):
    with pytest.raises(TrainingError, match="no criterion"):
        Trainer(Graph(), None)
    graph = network(3, 2)
    graph.remove("fc1")
    graph.connect("x", "loss", "input")
    graph.set("t", shape=(3,))
    with pytest.raises(TrainingError, match="no parameters"):
        Trainer(graph, BoundData({"x": np.ones((2, 3)), "t": np.ones((2, 3))}))
    with pytest.raises(DataError, match="x waits for data"):
        Trainer(network(3, 2), None)
    with pytest.raises(TrainingError, match="training part holds no samples"):
        Trainer(network(3, 2), BoundData({"x": np.ones((0, 3)), "t": np.ones((0, 2))}))


# -- divergence


def test_a_learning_rate_too_large_is_named_with_the_first_node_that_shows_it(network, regression):
    trainer = Trainer(network(3, 6, 2, activation="ReLU"), regression, TrainingSettings(lr=1e6, batch_size=5))
    weights = trainer.program.parameters()
    with pytest.raises(Diverged) as caught:
        for _ in trainer.steps():
            weights = trainer.program.parameters()
    problem = caught.value
    names = {node.name for node in trainer.program.graph.nodes.values()}
    assert problem.node in names and problem.statement in trainer.program.source
    assert problem.lr == 1e6 and problem.step == trainer.step
    sentence = str(problem)
    assert f"before update {problem.step + 1} " in sentence and problem.node in sentence
    assert "learning rate 1e+06 is above 2/λ_max ≈ " in sentence
    assert problem.lr_to_try < problem.largest_lr < 10
    assert f"≈ {problem.largest_lr:.2g}: try {problem.lr_to_try:g}; " in sentence
    assert f"the weights of update {problem.step} are kept" in sentence and "\n" not in sentence
    for name, array in trainer.program.parameters().items():
        assert np.isfinite(array).all()
        assert (array == weights[name]).all(), "the last update before it stands, the next was not made"


def test_large_targets_that_nothing_scales_are_named_as_the_cause(network):
    settings = DataSettings(source="diabetes", scaling="standardise")
    lr = TrainingSettings(lr=1.0)
    with pytest.raises(
        Diverged, match=r"the targets reach from \d\d to 3\d\d: standardise them; or else"
    ) as caught:
        Trainer(network(10, 8, 1, activation="ReLU"), split(load(settings), settings), lr).run()
    assert caught.value.unscaled_targets and caught.value.lr_to_try < 1
    settings = replace(settings, target_scaling="standardise")
    trainer = Trainer(
        network(10, 8, 1, activation="ReLU"), split(load(settings), settings), replace(lr, lr=1e4)
    )
    with pytest.raises(Diverged) as caught:
        trainer.run()
    assert trainer.data.unscaled is None
    assert not caught.value.unscaled_targets and "targets" not in str(caught.value)


def test_a_function_without_a_value_is_named_and_the_rate_not_blamed(network):
    graph = network(2, 1)
    log = graph.add("Log", name="log")
    (edge,) = [e for e in graph.edges if e.port == "input" and e.target == graph.node("loss").id]
    graph.disconnect(edge)
    graph.connect("fc1", log)
    graph.connect(log, "loss", "input")
    data = BoundData({"x": np.array([[1.0, 1.0], [2.0, 1.0]]), "t": np.zeros((2, 1))})
    weights = {"fc1.weight": np.array([[-1.0, 0.0]]), "fc1.bias": np.zeros(1)}
    trainer = Trainer(graph, data, TrainingSettings(batch_size=0), weights=weights)
    with pytest.raises(Diverged) as caught:
        trainer.run()
    assert caught.value.node == "log" and "log.output became not a number" in str(caught.value)
    assert "no finite value for what comes in, -2 to -1" in str(caught.value)
    assert "the first weights are kept" in str(caught.value)
    assert trainer.step == 0


def test_data_that_is_not_finite_is_blamed_itself(network):
    data = BoundData({"x": np.array([[1.0, 1.0], [np.nan, 1.0]]), "t": np.zeros((2, 1))})
    trainer = Trainer(network(2, 1), data, TrainingSettings(batch_size=1, shuffle=False))
    with pytest.raises(Diverged, match="x is fed a number that is not finite; mend the data") as caught:
        trainer.run()
    assert (caught.value.node, caught.value.step) == ("x", 1)


def test_weights_spoilt_by_an_update_give_way_to_the_last_good_ones(network, regression):
    """Loss and gradient are finite, and lr times the gradient is not: the update itself overflows."""
    huge = BoundData({name: array * 1e36 for name, array in regression.train.items()})
    trainer = Trainer(network(3, 2, criterion="L1"), huge, TrainingSettings(lr=1e5, batch_size=5))
    start = trainer.state()
    with pytest.raises(
        Diverged, match=r"fc1.weight is no longer finite.*the first weights are kept"
    ) as caught:
        trainer.run()
    assert (caught.value.node, caught.value.step) == ("fc1", 1)
    assert all((trainer.program[name] == array).all() for name, array in start["weights"].items())
    assert trainer.run_state() == start["run_state"]


def test_epochs_after_the_weights_gone_back_to_are_forgotten(network, regression):
    huge = BoundData({name: array * 1e36 for name, array in regression.train.items()})
    trainer = Trainer(network(3, 2, criterion="L1"), huge, TrainingSettings(lr=0.0, batch_size=5))
    assert len(trainer.run(2)) == 2
    trainer.lr = 1e5
    with pytest.raises(Diverged, match="no longer finite"):
        trainer.run(1)
    assert [entry["epoch"] for entry in trainer.history] == list(range(1, trainer.epoch + 1))
    assert trainer.lr == 0.0, "what was set since then is forgotten too"


def test_training_goes_on_after_a_divergence_with_a_lower_rate(network, regression):
    trainer = Trainer(network(3, 6, 2, activation="ReLU"), regression, TrainingSettings(lr=1e6, batch_size=5))
    with pytest.raises(Diverged):
        trainer.run()
    trainer.program.initialise()
    trainer.lr = 0.01
    assert len(trainer.run()) == 10 - trainer.history[0]["epoch"] + 1
