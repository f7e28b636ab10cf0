"""The numeric functions that several families share."""

import math

import numpy as np
import pytest

from nnstudio.modules.numeric import normal_cdf, sum_to


def test_the_normal_distribution_is_exact_to_fifteen_digits() -> None:
    x = np.linspace(-9, 9, 20_001)
    exact = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in x])
    np.testing.assert_allclose(normal_cdf(x), exact, rtol=0, atol=1e-15)


def test_the_tail_of_the_normal_distribution_keeps_its_digits() -> None:
    x = np.linspace(-36, 0, 5_001)
    exact = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in x])
    np.testing.assert_allclose(normal_cdf(x), exact, rtol=1e-12)


def test_the_normal_distribution_in_float32() -> None:
    x = np.linspace(-9, 9, 2_001).astype(np.float32)
    exact = np.array([0.5 * math.erfc(-float(each) / math.sqrt(2)) for each in x])
    assert normal_cdf(x).dtype == np.float32
    np.testing.assert_allclose(normal_cdf(x), exact, rtol=0, atol=3e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_normal_distribution_has_quiet_ends(dtype: type) -> None:
    ends = np.array([-np.inf, -1e30, -1000, 1000, 1e30, np.inf], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert normal_cdf(ends).tolist() == [0, 0, 0, 1, 1, 1]
    assert np.isnan(normal_cdf(np.array([np.nan], dtype))).all()


@pytest.mark.parametrize("like", [(), (4,), (1,), (1, 1), (3, 1), (3, 4), (5, 3, 4), (5, 1, 4), (1, 3, 1)])
def test_sum_to_is_the_transpose_of_broadcasting(like: tuple) -> None:
    """<broadcast(x), g> = <x, sum_to(g)> for every x."""
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=like), rng.normal(size=(5, 3, 4))
    total = sum_to(g, np.asarray(x))
    assert total.shape == like
    np.testing.assert_allclose((np.broadcast_to(x, g.shape) * g).sum(), (x * total).sum())
