"""Metrics against scikit-learn, however the samples are cut into batches."""

import numpy as np
import pytest
from sklearn import metrics as theirs

import nnstudio as nn
from nnstudio.modules.catalogue import definition
from nnstudio.training.evaluation import Evaluation
from nnstudio.training.metrics import Classes, Errors, judged, metric

RNG = np.random.default_rng(2)


def in_batches(measure, prediction, target, size=7):
    for start in range(0, len(prediction), size):
        measure.add(prediction[start : start + size], target[start : start + size])
    return measure.result()


def theirs_of(true, taken):
    """What scikit-learn says."""
    macro = {"average": "macro", "zero_division": 0.0}
    return {
        "accuracy": theirs.accuracy_score(true, taken),
        "precision": pytest.approx(theirs.precision_score(true, taken, **macro)),
        "recall": pytest.approx(theirs.recall_score(true, taken, **macro)),
    }


def test_class_scores_for_class_numbers_and_rows():
    scores, classes = RNG.normal(size=(50, 4)), RNG.integers(0, 4, 50)
    expected = theirs_of(classes, scores.argmax(axis=1))
    assert in_batches(Classes(), scores, classes) == expected
    assert in_batches(Classes(), scores, np.eye(4)[classes]) == expected


def test_a_class_that_never_occurs_counts_for_nothing():
    classes = RNG.integers(0, 2, 40)
    scores = RNG.normal(size=(40, 4))
    scores[:, 3] = -9  # nobody is of class 2, and nobody is taken for class 3
    assert in_batches(Classes(), scores, classes) == theirs_of(classes, scores.argmax(axis=1))


def test_the_five_likeliest_of_many_classes():
    scores, classes = RNG.normal(size=(80, 9)), RNG.integers(0, 9, 80)
    found = in_batches(Classes(), scores, classes)
    assert found["top5"] == theirs.top_k_accuracy_score(classes, scores, k=5)
    assert {name: found[name] for name in ("accuracy", "precision", "recall")} == theirs_of(
        classes, scores.argmax(axis=1)
    )
    assert "top5" not in in_batches(Classes(), scores[:, :5], classes % 5)


@pytest.mark.parametrize(
    ("criterion", "targets", "threshold"),
    [("BCE", (0, 1), 0.5), ("MSE", (0, 1), 0.5), ("BCEWithLogits", (0, 1), 0.0), ("Margin", (-1, 1), 0.0)],
)
def test_one_output(criterion, targets, threshold):
    classes = RNG.integers(0, 2, 60)
    outputs = RNG.normal(size=60)
    target = np.asarray(targets, float)[classes]
    for shape in ((60,), (60, 1)):
        found = in_batches(
            Classes(definition(criterion).halfway), outputs.reshape(shape), target.reshape(shape)
        )
        assert found == theirs_of(classes, outputs > threshold)


def test_signs_are_the_same_however_samples_are_batched():
    outputs, target = np.array([0.3, 0.2, 0.1, -0.4]), np.array([1.0, 1.0, 1.0, -1.0])
    for size in (1, 2, 3, 4):  # some batches hold nothing but ones
        found = in_batches(Classes(), outputs, target, size)
        assert found == {"accuracy": 1.0, "precision": 1.0, "recall": 1.0}


@pytest.mark.parametrize("reduction", ["mean", "sum", "batchmean"])
def test_the_loss_per_sample_is_the_same_however_samples_are_batched(reduction):
    graph = nn.Graph()
    x, t = graph.add("Input", name="x", shape=(3,)), graph.add("Target", name="t", shape=(3,))
    loss = graph.add("KLDiv", reduction=reduction)
    graph.connect(x, loss, "input")
    graph.connect(t, loss, "target")
    evaluation = Evaluation(graph.flatten(), "none", np.ones(()))
    feeds = {"x": np.log(RNG.uniform(0.1, 1, (12, 3))), "t": RNG.uniform(0.1, 1, (12, 3))}
    each = feeds["t"] * (np.log(feeds["t"]) - feeds["x"])
    expected = each.mean() if reduction == "mean" else each.sum() / 12
    program = nn.compile(graph, 4, "float64")
    found = 0.0
    for start in range(0, 12, 4):
        program.feed(**{name: array[start : start + 4] for name, array in feeds.items()})
        program.forward()
        found += evaluation.loss_sum(program, 4) / 12
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("offset", [0, 1e6])
def test_errors_equal_scikit_learn_s(outputs, offset):
    target = offset + RNG.normal(size=(60, outputs)) * np.arange(1, outputs + 1)
    prediction = target + 0.3 * RNG.normal(size=target.shape)
    found = in_batches(Errors(np.ones(())), prediction, target)
    assert found["rmse"] == pytest.approx(theirs.mean_squared_error(target, prediction) ** 0.5)
    assert found["mae"] == pytest.approx(theirs.mean_absolute_error(target, prediction))
    assert found["r2"] == pytest.approx(theirs.r2_score(target, prediction), rel=1e-7)


def test_errors_are_in_the_unit_of_the_data():
    target, prediction = RNG.normal(size=(20, 2)), RNG.normal(size=(20, 2))
    scaled = in_batches(Errors(np.array([0.1, 2.0])), prediction * [0.1, 2.0], target * [0.1, 2.0])
    assert scaled == pytest.approx(in_batches(Errors(np.ones(())), prediction, target))


def test_r2_is_left_out_where_the_targets_do_not_vary():
    found = in_batches(Errors(np.ones(())), RNG.normal(size=(20, 1)), np.full((20, 1), 0.1))
    assert set(found) == {"rmse", "mae"}


def test_what_is_judged_is_the_first_criterion_that_has_a_target(network):
    pair = judged(network(3, 4, 2).flatten())
    assert (pair.prediction, pair.target, pair.halfway) == ("fc2", "t", 0.5)
    assert metric("none", pair, np.ones(())) is None
    assert metric("classes", None, np.ones(())) is None
    assert isinstance(metric("numbers", pair, np.ones(())), Errors)
