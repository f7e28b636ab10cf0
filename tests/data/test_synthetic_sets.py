import tracemalloc

import numpy as np
import pytest

from nnstudio.data import DataSettings, load
from nnstudio.data.synthetic_sets import SYNTHETIC_SETS
from nnstudio.errors import DataError

NAMES = [made.name for made in SYNTHETIC_SETS]


def made(name, **options):
    return load(DataSettings(name, options=options))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_samples(name):
    first, again, other = (made(name, noise=0.1, seed=seed) for seed in (3, 3, 4))
    assert first.x.tobytes() == again.x.tobytes() and first.y.tobytes() == again.y.tobytes()
    assert first.x.tobytes() != other.x.tobytes()


def test_a_known_draw_stays_what_it_was():
    """Saved projects name a seed, so the samples of a seed must not change with a version."""
    moons = made("moons", samples=4, noise=0.0)
    assert moons.x == pytest.approx(np.array([[1, 0], [0, 0.5], [-1, 0], [2, 0.5]]), abs=1e-15)
    assert made("sine", samples=1, noise=0.0).x[0, 0] == pytest.approx(0.86055566, abs=1e-8)
    assert made("linear", samples=1, noise=0.0).x[0, 0] == pytest.approx(0.64042265, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("samples", [2, 37])
def test_samples_is_a_promise(name, samples):
    if samples == 2 and name == "gaussians":
        samples = 3
    assert made(name, samples=samples).samples == samples


def test_xor_is_exclusive_or():
    xor = made("xor")
    assert xor.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert xor.y.tolist() == [0, 1, 1, 0]
    many = made("xor", samples=400, noise=0.01)
    assert np.array_equal(many.y, np.round(many.x).astype(int) @ [1, 1] % 2)


def test_spirals_have_as_many_arms_as_asked_for():
    spirals = made("spirals", arms=5, samples=500, noise=0.0)
    assert np.bincount(spirals.y).tolist() == [100] * 5
    first, second = spirals.x[spirals.y == 0], spirals.x[spirals.y == 1]
    turn = 2 * np.pi / 5
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    assert first @ rotation == pytest.approx(second)


def test_circles_are_rings():
    circles = made("circles", classes=4, samples=400, noise=0.0)
    assert np.linalg.norm(circles.x, axis=1) == pytest.approx((circles.y + 1) / 4)
    assert len(np.unique(circles.x.round(9), axis=0)) == 400


def test_moons_are_not_separable_by_a_line_but_apart():
    moons = made("moons", noise=0.0)
    distance = np.linalg.norm(moons.x[moons.y == 0][:, None] - moons.x[moons.y == 1], axis=2)
    assert 0.4 < distance.min() < 0.6
    assert moons.x[moons.y == 1][:, 1].max() > moons.x[moons.y == 0][:, 1].min()


@pytest.mark.parametrize("inputs", [1, 2, 5])
def test_gaussians_surround_their_centres(inputs):
    clouds = made("gaussians", classes=4, inputs=inputs, samples=4000, noise=0.1)
    assert clouds.input_shape == (inputs,)
    for number in range(4):
        assert clouds.x[clouds.y == number].std(axis=0) == pytest.approx(0.1, rel=0.1)


def test_sine_and_linear_are_what_they_are_called():
    sine = made("sine", noise=0.0, periods=2)
    assert sine.y == pytest.approx(np.sin(sine.x))
    assert 5 < np.abs(sine.x).max() <= 2 * np.pi
    assert made("sine", noise=0.5, samples=5000).y.std() == pytest.approx(np.sqrt(0.5 + 0.25), rel=0.05)
    linear = made("linear", noise=0.0, inputs=3)
    design = np.column_stack((linear.x, np.ones(linear.samples)))
    _, residual, _, _ = np.linalg.lstsq(design, linear.y, rcond=None)
    assert residual[0] < 1e-20


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("spirals", {"samples": 10**12}, "10,000,000"),
        ("spirals", {"samples": 0}, "samples"),
        ("spirals", {"samples": -5}, "samples"),
        ("spirals", {"samples": 2.5}, "whole number"),
        ("spirals", {"arms": 1}, "from 2 to 20"),
        ("spirals", {"arms": 5, "samples": 4}, "5 classes need at least 5 samples"),
        ("moons", {"noise": -0.1}, "noise"),
        ("moons", {"noise": "much"}, "noise"),
        ("moons", {"seed": -1}, "seed"),
        ("moons", {"arms": 2}, "no option 'arms'"),
        ("spirals", {"arm": 2}, "did you mean arms"),
        ("gaussians", {"samples": 10**7, "inputs": 10**4}, "take fewer samples"),
        ("digits", {"samples": 3}, "no option 'samples'"),
    ],
)
def test_bounds_are_checked_before_anything_is_made(name, options, said):
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=said):
            made(name, **options)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_an_unknown_set_gets_the_nearest_name():
    with pytest.raises(DataError, match="did you mean digits"):
        load("digts")
    with pytest.raises(DataError, match="there are digits, mnist5k"):
        load("zebra stripes")
