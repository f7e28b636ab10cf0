"""Statistics of arrays, whatever is in them."""

import math

import numpy as np
import pytest

from nnstudio.explain.statistics import statistics


def test_they_are_numpys():
    array = np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32)
    array[3, :7] = 0
    found = statistics(array, bins=10)
    assert found.count == 2000
    assert (found.minimum, found.maximum) == (float(array.min()), float(array.max()))
    assert found.mean == pytest.approx(float(array.mean(dtype=np.float64)))
    assert found.deviation == pytest.approx(float(array.std(dtype=np.float64)))
    assert found.share_of_zeros == 7 / 2000
    counts, edges = np.histogram(array.astype(np.float64), 10)
    np.testing.assert_array_equal(found.histogram, counts)
    np.testing.assert_allclose(found.edges, edges)


def test_what_is_no_number_is_counted_and_left_out():
    found = statistics(np.array([1.0, np.nan, 3.0, np.inf, -np.inf, np.nan]))
    assert (found.nan_count, found.inf_count, found.mean, found.histogram.sum()) == (2, 2, 2.0, 2)
    nothing = statistics(np.array([np.nan]))
    assert math.isnan(nothing.mean) and math.isnan(nothing.minimum) and nothing.histogram.sum() == 0
    assert statistics(np.zeros((0, 3))).count == 0


@pytest.mark.parametrize("values", [[5.0, 5.0], [1e308, -1e308], [1e-320, 0.0], [7], [3e38, -3e38]])
def test_narrow_and_wide_ranges_are_counted(values):
    found = statistics(np.array(values))
    assert found.histogram.sum() == len(values)
    assert np.isfinite(found.edges).all()


def test_class_numbers_and_truth_values():
    assert statistics(np.array([1, 2, 3])).mean == 2
    assert statistics(np.array([True, False])).share_of_zeros == 0.5


def test_ten_million_numbers_are_looked_at():
    array = np.ones(10_000_000, np.float32)
    array[::2] = -1
    found = statistics(array)
    assert found.mean == 0 and found.histogram[[0, -1]].tolist() == [5_000_000, 5_000_000]
