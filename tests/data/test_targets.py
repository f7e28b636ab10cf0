import numpy as np
import pytest

from nnstudio.data import DataSettings, inputs_for, load, split, target_shapes, targets_for
from nnstudio.errors import DataError


def part(source, **fields):
    settings = DataSettings(source, **fields)
    return split(load(settings), settings, "float32").train


def test_class_numbers():
    digits = load("digits")
    y = targets_for(digits, ())
    assert y.dtype == np.int64 and np.array_equal(y, digits.y)


def test_one_hot():
    iris = part("iris")
    rows = targets_for(iris, (3,))
    assert rows.dtype == np.float32 and rows.flags.c_contiguous
    assert np.array_equal(rows.argmax(axis=1), iris.y) and (rows.sum(axis=1) == 1).all()


def test_two_classes_as_one_number():
    xor = load("xor")
    assert targets_for(xor, (1,)).tolist() == [[0], [1], [1], [0]]
    assert targets_for(xor, (1,)).dtype == np.float64
    assert targets_for(xor, (2,)).tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]


def test_numbers():
    sine = part("sine")
    assert targets_for(sine, (1,)).dtype == np.float32
    assert np.array_equal(targets_for(sine, ()), sine.y[:, 0])
    assert targets_for(sine, (1, 1)).shape == (280, 1, 1)


@pytest.mark.parametrize(
    ("form", "shape", "first"),
    [("numbers", (1,), [0]), ("one-hot", (2,), [1, 0]), ("signs", (1,), [-1]), ("inputs", (2,), [0, 0])],
)
def test_the_form_can_be_chosen(form, shape, first):
    xor = part("xor", targets=form, validation=0.0, test=0.0, shuffle=False)
    assert target_shapes(xor)[0] == shape
    assert xor.y[0].tolist() == first
    assert xor.y.dtype == np.float32
    assert np.array_equal(targets_for(xor, shape), xor.y)


def test_ten_classes_as_numbers():
    assert sorted(set(part("digits", targets="numbers").y[:, 0].tolist())) == list(range(10))


def test_inputs_as_targets_are_scaled_alike():
    digits = part("digits", targets="inputs", scaling="unit")
    assert np.array_equal(digits.y, digits.x)
    assert targets_for(digits, (8, 8)).shape == (1257, 8, 8)


@pytest.mark.parametrize(
    ("source", "shape", "said"),
    [
        (
            "digits",
            (1,),
            r"t is 1 number per sample, but Handwritten digits 8×8 gives 10 classes: .* \(\) or 10\.$",
        ),
        ("digits", (64,), "t is 64 numbers per sample, .* 10 classes"),
        ("iris", (2, 2), r"4 numbers \(2×2\).* 3 classes"),
        ("sine", (3,), "3 numbers per sample, but Noisy sine gives 1 number"),
    ],
)
def test_what_does_not_fit_names_both(source, shape, said):
    with pytest.raises(DataError, match=said):
        targets_for(load(source), shape, "t")


@pytest.mark.parametrize(
    ("source", "form", "said"),
    [
        ("digits", "signs", "two classes"),
        ("sine", "one-hot", "need classes"),
        ("sine", "signs", "two classes"),
    ],
)
def test_a_form_that_does_not_suit_the_set(source, form, said):
    with pytest.raises(DataError, match=said):
        part(source, targets=form)


def test_one_hot_rows_are_not_made_without_bound(monkeypatch):
    monkeypatch.setattr("nnstudio.data.targets.MAX_NUMBERS", 449)
    with pytest.raises(
        DataError, match="150 samples of 3 classes would be 450 numbers, more than 449; use class"
    ):
        targets_for(load("iris"), (3,))


def test_inputs_take_the_shape_of_their_node():
    digits = part("digits")
    assert inputs_for(digits, (64,)) is digits.x or np.shares_memory(inputs_for(digits, (64,)), digits.x)
    assert inputs_for(digits, (1, 8, 8)).shape == (1257, 1, 8, 8)
    with pytest.raises(
        DataError, match=r"x expects 10 numbers per sample, but .* gives 64 numbers: .* 64\.$"
    ):
        inputs_for(digits, (10,), "x")
