import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnstudio.data.scaling import Scaling, fit
from nnstudio.errors import DataError

RNG = np.random.default_rng(0)


def all_of(x):
    return np.arange(len(x), dtype=np.intp)


@pytest.mark.parametrize("shape", [(50, 3), (50, 2, 4), (1, 3), (50, 0)])
def test_standardise(shape):
    x = RNG.normal(5, 3, shape)
    scaled = fit("standardise", x, all_of(x)).apply(x)
    assert scaled.mean(axis=0) == pytest.approx(np.zeros(shape[1:]), abs=1e-12)
    assert scaled.std(axis=0) == pytest.approx(np.ones(shape[1:]) * (shape[0] > 1), abs=1e-12)


def test_unit():
    x = RNG.normal(5, 3, (50, 3))
    scaled = fit("unit", x, all_of(x)).apply(x)
    assert scaled.min(axis=0) == pytest.approx(0) and scaled.max(axis=0) == pytest.approx(1)


def test_a_known_range_is_used_whatever_is_seen():
    x = np.array([[3, 4], [5, 8]], np.uint8)
    scaling = fit("unit", x, all_of(x), (0, 16))
    assert scaling.apply(x).tolist() == [[3 / 16, 4 / 16], [5 / 16, 8 / 16]]


@pytest.mark.parametrize("kind", ["standardise", "unit"])
@pytest.mark.parametrize("value", [0.0, 0.1, 7.0, -1e300, 1e-310])
def test_a_constant_column_is_only_shifted(kind, value):
    x = np.column_stack((np.full(37, value), np.arange(37.0)))
    scaling = fit(kind, x, all_of(x))
    assert scaling.factor[0] == 1
    assert (scaling.apply(x)[:, 0] == 0).all()


@pytest.mark.parametrize("kind", ["standardise", "unit"])
def test_only_the_rows_given_are_seen(kind):
    x = np.array([[0.0], [2.0], [1000.0]])
    scaling = fit(kind, x, np.array([0, 1]))
    seen, all_seen = fit(kind, x[:2], all_of(x[:2])), fit(kind, x, all_of(x))
    assert (scaling.offset, scaling.factor) == (seen.offset, seen.factor)
    assert scaling.factor != all_seen.factor


def test_blocks_change_nothing(monkeypatch):
    x = RNG.normal(5, 3, (1001, 3))
    whole = fit("standardise", x, all_of(x))
    monkeypatch.setattr("nnstudio.data.scaling._BLOCK", 100)
    parts = fit("standardise", x, all_of(x))
    assert parts.offset == pytest.approx(whole.offset, rel=1e-13)
    assert parts.factor == pytest.approx(whole.factor, rel=1e-13)
    assert np.array_equal(parts.apply(x), (x - parts.offset) * parts.factor)


def test_undo_and_json_give_the_same_back():
    x = RNG.normal(5, 3, (20, 3))
    scaling = fit("standardise", x, all_of(x))
    assert scaling.undo(scaling.apply(x)) == pytest.approx(x)
    again = Scaling.from_dict(json.loads(json.dumps(scaling.to_dict())))
    assert np.array_equal(again.offset, scaling.offset) and np.array_equal(again.factor, scaling.factor)


def test_none_is_none():
    assert Scaling.none().is_none
    x = RNG.normal(size=(3, 2))
    assert not fit("standardise", x, all_of(x)).is_none
    assert np.array_equal(Scaling.none().apply(x), x)


def test_a_value_too_large_for_float32_is_a_sentence():
    with pytest.raises(DataError, match="float64"):
        Scaling.none().apply(np.array([[1e300]]), "float32")


def test_values_too_far_apart_are_a_sentence():
    x = np.array([[-1e308], [1e308]])
    for kind in ("standardise", "unit"):
        with pytest.raises(DataError, match="too far apart"):
            fit(kind, x, all_of(x))


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 8), st.integers(1, 3)),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.sampled_from(["none", "standardise", "unit"]),
    st.sampled_from(["float32", "float64"]),
)
@settings(max_examples=200)
def test_any_finite_values_are_scaled_or_refused(x, kind, dtype):
    try:
        scaled = fit(kind, x, all_of(x)).apply(x, dtype)
    except DataError:
        return
    assert np.isfinite(scaled).all()
    assert scaled.dtype == dtype


@pytest.mark.parametrize(
    "given_dict",
    [
        {},
        {"offset": 0},
        {"offset": "a", "factor": 1},
        {"offset": [0, 1], "factor": [1]},
        {"offset": 0, "factor": 0},
        {"offset": float("nan"), "factor": 1},
        {"offset": [[0], [1, 2]], "factor": 1},
    ],
)
def test_a_damaged_scaling_is_a_sentence(given_dict):
    with pytest.raises(DataError, match="scaling"):
        Scaling.from_dict(given_dict)
