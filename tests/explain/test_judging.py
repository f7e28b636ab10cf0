"""Judging sample by sample: confusion matrix, precision, recall, mistakes; and pictures of first weights."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score

import nnstudio as nn
from nnstudio.data import load, split
from nnstudio.explain.answers import Answers
from nnstudio.explain.first_weights import first_weights
from nnstudio.explain.judging import Judgement, judge
from nnstudio.explain.probing import Probe
from nnstudio.graph import Graph
from nnstudio.resources_path import example

TRUE, CHOSEN = np.array([0, 0, 1, 1, 2, 2, 2]), np.array([0, 1, 1, 1, 0, 2, 0])
SURE = np.array([0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])


def test_the_figures_are_those_of_scikit_learn():
    judgement = Judgement(TRUE, CHOSEN, SURE, 3)
    assert np.array_equal(judgement.matrix, confusion_matrix(TRUE, CHOSEN))
    assert np.allclose(judgement.precision, precision_score(TRUE, CHOSEN, average=None))
    assert np.allclose(judgement.recall, recall_score(TRUE, CHOSEN, average=None))
    assert judgement.accuracy == pytest.approx(4 / 7)


def test_samples_come_with_the_surest_first():
    judgement = Judgement(TRUE, CHOSEN, SURE, 3)
    assert judgement.wrong.tolist() == [6, 4, 1]
    assert judgement.cell(2, 0).tolist() == [6, 4] and judgement.cell(0, 2).tolist() == []


def test_a_class_that_nothing_is_taken_for_has_no_precision():
    judgement = Judgement(np.array([0, 1]), np.array([0, 0]), np.ones(2), 2)
    assert np.isnan(judgement.precision[1]) and judgement.recall.tolist() == [1, 0]
    nobody = Judgement(np.zeros(0, int), np.zeros(0, int), np.zeros(0), 2)
    assert np.isnan(nobody.accuracy) and nobody.matrix.sum() == 0


def test_the_accuracy_is_that_of_training():
    project = nn.load(example("iris.nns.json"))
    history = nn.train(project, epochs=3)
    splits = split(load(project.data), project.data)
    probe = Probe(project.graph)
    probe.load(project.weights)
    judgement = judge(probe, splits.validation, Answers.of(probe, 3))
    assert judgement.accuracy == pytest.approx(history[-1]["validation_accuracy"])
    assert len(judgement.true) == len(splits.validation) and (judgement.sure >= 1 / 3).all()


def test_first_weights_are_pictures_where_the_inputs_are():
    graph = nn.load(example("digits.nns.json")).graph
    (found,) = first_weights(graph.flatten(), (8, 8))
    assert (found.key, found.units, found.image) == ("fc1.weight", 32, (8, 8))
    weight = np.arange(32 * 64.0).reshape(32, 64)
    assert np.array_equal(found.pictures(weight)[3], weight[3].reshape(8, 8))
    assert first_weights(nn.load(example("iris.nns.json")).graph.flatten(), None) == []
    square = Graph()
    square.connect(square.add("Input", "x", shape=(25,)), square.add("Linear", "fc1", out_features=2))
    assert first_weights(square.flatten(), None)[0].image == (5, 5)
    images = Graph()
    x, flat = images.add("Input", "x", shape=(4, 6)), images.add("Flatten", "flat")
    images.connect(x, flat)
    images.connect(flat, images.add("Linear", "fc1", out_features=2))
    assert first_weights(images.flatten(), None)[0].image == (4, 6)
