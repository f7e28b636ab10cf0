import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.data import Dataset, DataSettings, load, split
from nnstudio.data.parting import part_indices
from nnstudio.errors import DataError


def labelled(y, x=None):
    y = np.asarray(y)
    x = np.arange(len(y), dtype=np.float64)[:, None] if x is None else x
    if y.dtype.kind == "f":
        return Dataset("made", "Made", x, y.reshape(len(y), -1), "numbers")
    return Dataset("made", "Made", x, y, "classes", tuple(map(str, range(y.max() + 1))))


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.floats(0, 0.6),
    st.floats(0, 0.39),
    st.integers(0, 2**63 - 1),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=300)
def test_parts_are_disjoint_and_cover_and_are_as_large_as_asked(y, validation, test, seed, stratify, shuffle):
    dataset = labelled(y)
    n = len(y)
    choice = DataSettings(validation=validation, test=test, seed=seed, stratify=stratify, shuffle=shuffle)
    wanted = int(validation * n + 0.5), int(test * n + 0.5)
    if sum(wanted) >= n:
        with pytest.raises(DataError, match="none to train on"):
            part_indices(dataset, choice)
        return
    parts = part_indices(dataset, choice)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert tuple(map(len, parts[1:])) == wanted


@given(
    st.lists(st.integers(5, 60), min_size=2, max_size=5),
    st.floats(0.05, 0.4),
    st.floats(0.05, 0.4),
    st.integers(0, 99),
)
@settings(max_examples=200)
def test_every_class_has_its_share(counts, validation, test, seed):
    dataset = labelled(np.repeat(np.arange(len(counts)), counts))
    choice = DataSettings(validation=validation, test=test, seed=seed)
    train, *others = part_indices(dataset, choice)
    for part, share in zip(others, (validation, test), strict=True):
        found = np.bincount(dataset.y[part], minlength=len(counts))
        assert (np.abs(found - share * np.array(counts)) <= 1.5).all()
    assert (np.bincount(dataset.y[train], minlength=len(counts)) >= 1).all()


def test_without_stratify_a_class_may_be_missing():
    dataset = labelled([0] * 500 + [1] * 3)
    shares = [
        np.bincount(dataset.y[part_indices(dataset, DataSettings(stratify=False, seed=s))[2]], minlength=2)[1]
        for s in range(20)
    ]
    assert len(set(shares)) > 1


def test_a_rare_class_stays_in_training():
    assert 40 in part_indices(labelled([0] * 40 + [1]), DataSettings())[0]


def test_the_seed_decides_and_nothing_else():
    digits = load("digits")
    first, again, other = (part_indices(digits, DataSettings(seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[2], other[2])


def test_a_saved_seed_keeps_its_split():
    """Saved projects name a seed: which samples were held back must not change with a version."""
    test = part_indices(load("iris"), DataSettings(seed=0))[2]
    assert test[:8].tolist() == [12, 32, 46, 58, 14, 73, 115, 31]


def test_without_shuffle_the_order_stays_and_the_last_are_the_test():
    train, validation, test = part_indices(
        labelled(np.arange(10.0)), DataSettings(shuffle=False, validation=0.2, test=0.3)
    )
    assert (train.tolist(), validation.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [5, 6], [7, 8, 9])


def test_classes_in_a_row_are_mixed():
    train = part_indices(load("iris"), DataSettings())[0]
    assert len(set(load("iris").y[train[:20]].tolist())) == 3


@pytest.mark.parametrize("scaling", ["standardise", "unit"])
def test_scaling_is_fitted_on_the_training_part_only(scaling):
    """Planted: a huge value that falls into the test part must not be felt."""
    x = np.random.default_rng(0).normal(size=(100, 2))
    y = np.zeros(100, np.int64)
    choice = DataSettings(scaling=scaling, seed=3)
    train, _, test = part_indices(labelled(y, x), choice)
    tame = split(labelled(y, x), choice, "float64")
    x = x.copy()
    x[test[0]] = 1e6
    wild = split(labelled(y, x), choice, "float64")
    assert np.array_equal(wild.scaling.offset, tame.scaling.offset)
    assert np.array_equal(wild.scaling.factor, tame.scaling.factor)
    assert np.array_equal(wild.train.x, tame.train.x)
    assert wild.test.x[0, 0] > 1e4
    expected = x[train].std(axis=0) if scaling == "standardise" else np.ptp(x[train], axis=0)
    assert wild.scaling.factor == pytest.approx(1 / expected)
    felt = x.std(axis=0) if scaling == "standardise" else np.ptp(x, axis=0)
    assert wild.scaling.factor != pytest.approx(1 / felt, rel=0.1)


def test_samples_can_be_traced():
    digits = load("digits")
    splits = split(digits, DataSettings(scaling="unit"))
    for part in splits.parts:
        assert np.array_equal(part.x, (digits.x[part.indices] / 16).astype(np.float32))
        assert np.array_equal(part.y, digits.y[part.indices])


def test_targets_are_scaled_when_asked_and_can_be_undone():
    diabetes = load("diabetes")
    splits = split(diabetes, DataSettings("diabetes", target_scaling="standardise"), "float64")
    assert splits.train.y.mean() == pytest.approx(0, abs=1e-12) and splits.train.y.std() == pytest.approx(1)
    assert splits.target_scaling.undo(splits.test.y) == pytest.approx(diabetes.y[splits.test.indices])


def test_auto_standardises_the_numbers_that_need_it():
    diabetes, rng = load("diabetes"), np.random.default_rng(0)

    def scaled(y, **more):
        data = Dataset("d", "d", np.zeros((60, 2)), y, "numbers")
        return not split(data, DataSettings(target_scaling="auto", **more), "float64").target_scaling.is_none

    shares = rng.uniform(0, 1, (60, 1))
    assert not scaled(shares) and not scaled(2 * shares - 1), "a sigmoid or a tanh reaches them"
    assert scaled(shares * 1e-3) and scaled(shares + 0.5) and scaled(np.hstack([shares, 10 * shares]))
    found = split(diabetes, DataSettings("diabetes", target_scaling="auto"), "float64").target_scaling
    wanted = split(diabetes, DataSettings("diabetes", target_scaling="standardise"), "float64").target_scaling
    assert found.offset == wanted.offset and found.factor == wanted.factor
    assert split(load("iris"), DataSettings("iris", target_scaling="auto")).target_scaling.is_none


def test_classes_are_not_scaled():
    with pytest.raises(DataError, match="classes as targets"):
        split(load("iris"), DataSettings("iris", target_scaling="standardise"))


def test_nothing_left_to_train_on():
    with pytest.raises(DataError, match="1 sample: 1 for validation"):
        split(labelled([0]), DataSettings(validation=0.9, test=0.0))


def test_the_dataset_is_not_touched():
    digits = load("digits")
    before = digits.x.tobytes(), digits.y.tobytes()
    splits = split(digits, DataSettings(scaling="none", validation=0.0, test=0.0, shuffle=False), "float64")
    splits.train.x[:] = -1
    splits.train.y[:] = -1
    assert (digits.x.tobytes(), digits.y.tobytes()) == before
