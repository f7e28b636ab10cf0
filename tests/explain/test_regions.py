"""Lesson 9's numbers: the lines of hidden units, and how many regions they cut, never more than can be."""

from math import comb

import numpy as np
import pytest

from nnstudio.explain.probing import Probe
from nnstudio.explain.regions import Fold, counted, folds, most_regions, patterns
from tests.explain.test_probing import network


def lines(*rows) -> list[Fold]:
    return [Fold("relu", i, tuple(map(float, row[:-1])), float(row[-1]), True) for i, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "regions"),
    [
        ([(-2, -8), (3, 12), (1, 4)], 2),  # all at x = -4
        ([(-2, -8), (3, 3), (1, -2)], 4),
        ([(1, 0, 0), (0, 1, 0), (1, 1, -2)], 7),
        ([(1, 0, 0), (0, 1, 0), (1, 1, 0)], 6),  # through one point
        ([(1, 0, 0), (0, 1, 0), (1, 1, -2), (1, -1, -1)], 11),
        ([(1, 0, 0), (2, 0, 3), (-3, 0, 0)], 3),  # parallel, and one of them twice
        ([(0, 0, 1), (1, 0, 0)], 2),  # a unit that is always on cuts nothing
        ([], 1),
    ],
)
def test_regions_are_counted_exactly(rows, regions):
    assert counted(lines(*rows)) == regions


@pytest.mark.parametrize("n", [1, 5, 40])
def test_the_count_reaches_and_never_exceeds_the_bound(n):
    rows = np.random.default_rng(n).normal(size=(n, 3)).astype(np.float32)
    assert most_regions(n, 2) == 1 + n + comb(n, 2) and most_regions(n, 1) == n + 1
    assert counted(lines(*rows)) == most_regions(n, 2)
    rows[n // 2 :, 2] = 0  # many through the origin
    assert counted(lines(*rows)) <= most_regions(n, 2)


def test_the_lines_are_those_of_the_weights():
    probe = Probe(network(), seed=4)
    probe.load({"fc1.weight": np.array([[1, 2], [0, 0], [3, -1], [1, 1], [-2, 0]], np.float32)})
    found = folds(probe, 2)
    weight, bias = probe.program["fc1.weight"], probe.program["fc1.bias"]
    assert [fold.unit for fold in found] == [0, 1, 2, 3, 4] and all(fold.kinked for fold in found)
    assert np.allclose([fold.slope for fold in found], weight, atol=1e-5)
    assert np.allclose([fold.offset for fold in found], bias, atol=1e-5)
    assert [fold.flat for fold in found] == [False, True, False, False, False]
    assert not any(fold.kinked for fold in folds(Probe(network(activation="Tanh")), 2))


def test_patterns_seen_are_no_more_than_the_regions():
    probe = Probe(network(), seed=4)
    along = np.linspace(-20, 20, 120)
    places = np.stack([each.ravel() for each in np.meshgrid(along, along)], axis=1)
    seen, units = patterns(probe, places)
    assert units == 5 and 5 < seen <= counted(folds(probe, 2)) <= most_regions(5, 2)
