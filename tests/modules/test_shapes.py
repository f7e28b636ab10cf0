"""Shapes with N, and what is said when they do not fit."""

import pytest

from nnstudio.errors import GraphError
from nnstudio.modules.shapes import (
    LARGEST,
    BadShape,
    TooLarge,
    WrongSize,
    broadcast,
    check_batch,
    check_count,
    check_features,
    check_scores,
    count,
    format_shape,
    has_batch,
    per_sample,
)


def test_shapes_are_written_with_crosses() -> None:
    assert format_shape(("N", 8)) == "N×8"
    assert format_shape(("N", 1, 28, 28)) == "N×1×28×28"
    assert format_shape(()) == "scalar"


def test_one_sample_has_no_batch_axis() -> None:
    assert per_sample(("N", 3, 4)) == (3, 4)
    assert per_sample((3, 4)) == (3, 4)
    assert per_sample(("N",)) == ()
    assert [count(shape) for shape in (("N", 3, 4), ("N",), (), (5,))] == [12, 1, 1, 5]
    assert has_batch(("N",))
    assert not has_batch(())


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        (("N", 4), ("N", 4), ("N", 4)),
        (("N", 4), (4,), ("N", 4)),
        ((4,), ("N", 4), ("N", 4)),
        (("N", 4), (), ("N", 4)),
        ((), (), ()),
        (("N", 1), ("N", 4), ("N", 4)),
        (("N", 3, 1), (3, 2), ("N", 3, 2)),
        (("N",), (1,), ("N",)),
        ((3, 1), (1, 2), (3, 2)),
    ],
)
def test_shapes_broadcast_as_in_numpy(a: tuple, b: tuple, both: tuple) -> None:
    assert broadcast(a, b) == both
    assert broadcast(b, a) == both


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("N", 4), ("N", 3)),
        (("N",), ("N", 1)),  # NumPy would make N×N of it
        (("N",), (3, 1)),
        (("N", 4), ("N",)),
        (("N", 4), (2, 1, 4)),
        (("N",), (5,)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(a: tuple, b: tuple) -> None:
    for first, second in ((a, b), (b, a)):
        with pytest.raises(WrongSize) as caught:
            broadcast(first, second)
        assert (caught.value.expected, caught.value.given, caught.value.port) == (first, second, "b")


def test_a_wrong_size_says_both_numbers() -> None:
    wrong = WrongSize("input", 1234, 8, fix={"in_features": 8})
    assert str(wrong) == "the node expects 1,234 features at input, but 8 arrives there."
    assert (wrong.expected_text, wrong.given_text, wrong.fix) == ("1,234 features", "8", {"in_features": 8})
    assert isinstance(wrong, BadShape)
    assert isinstance(wrong, GraphError)
    shapes = WrongSize("target", ("N", 1), ("N",))
    assert (shapes.expected_text, shapes.given_text, shapes.fix) == ("N×1", "N", None)


def test_an_array_may_be_large_but_not_giant() -> None:
    check_count(("N", LARGEST), "output")
    with pytest.raises(TooLarge, match=r"1,000,000,000,000 numbers in its weight, but an array may hold"):
        check_count((1_000_000, 1_000_000), "weight")


def test_what_a_node_needs_is_said_with_what_arrives() -> None:
    assert check_features(("N", 3)) == ("N", 3)
    assert check_features((3,)) == (3,)
    assert check_batch(("N",)) == ("N",)
    assert check_scores(("N", 3)) == ("N", 3)
    with pytest.raises(BadShape, match="an axis of features at input, but only one number a sample arrives"):
        check_features(("N",))
    with pytest.raises(BadShape, match="needs samples at a, but 3×4 arrives, without a batch axis"):
        check_batch((3, 4), "a")
    for shape in ((3, 4), ("N",), ("N", 3, 4)):
        with pytest.raises(BadShape, match="one row of class scores a sample at input, but"):
            check_scores(shape)
