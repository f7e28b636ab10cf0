"""What a check takes to be true, and what it says where it is not."""

import numpy as np
import pytest

from nnstudio.errors import LessonError
from nnstudio.lessons.checks import NotYet, parse_check


class Values:
    """Names with values; what is "later" is not there yet."""

    functions = {}
    rounding = 1e-9

    def __init__(self, **values):
        self._values = values

    def __call__(self, name):
        if name == "later":
            raise NotYet("later has not been computed in this pass.")
        if name not in self._values:
            raise LessonError(f"there is nothing called {name}.")
        return self._values[name]


def verdict(text, **values):
    return parse_check(text, 1).verdict(Values(**values))


@pytest.mark.parametrize(
    "text",
    [
        "a == 2",
        "a ≈ 2",
        "a ~= 2.0",
        "a ≈ 2.04",
        "third ≈ 0.3333",
        "third ≈ 1/3",
        "row ≈ [0.1, 0.2, 0.3]",
        "rows == row",
        "a < 3 and a > 1",
        "row ≈ [0.1, 0.2, 0.4] within 0.11",
        "not a == 3",
        "not any NaN in row",
    ],
)
def test_it_holds(text):
    values = {"a": 2.0 + (0.04 if "2.04" in text else 0.0), "third": 1 / 3}
    row = np.array([0.1, 0.2, 0.3])
    assert verdict(text, **values, row=row, rows=row[None]).holds


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a == 3", "a should be 3, but is 2."),
        ("a ≈ 2.04", "a should be about 2.04, but is 2."),
        ("third ≈ 0.3334", "third should be about 0.3334, but is 0.333333."),
        ("third ≈ 1/3.0001", "third should be about 1/3.0001, but is 0.333333."),
        ("a ≈ 2 * third", "a should be about 2 * third, which is 0.666667, but is 2."),
        ("a < third", "a should be below third, which is 0.333333, but is 2."),
        ("a >= 5", "a should be at least 5, but is 2."),
        ("a != 2", "a should not be 2, but is 2."),
        ("row == [0.1, 0.2, 0.4]", "row should be [0.1, 0.2, 0.4], but is 0.1 0.2 0.3."),
        ("row ≈ [1, 2]", "row should be about [1, 2], but is 0.1 0.2 0.3."),
        ("many > 0", "many should be above 0, but is 0 0 0 0 0 0 0 0 … (20 numbers)."),
        ("a == 3 or a == 4", "a == 3 or a == 4 does not hold."),
    ],
)
def test_it_says_what_was_expected_and_what_was_found(text, sentence):
    found = verdict(text, a=2.0, third=1 / 3, row=np.array([0.1, 0.2, 0.3]), many=np.zeros(20))
    assert not found.holds and not found.waiting
    assert found.sentence == sentence


def test_what_is_not_computed_yet_waits_and_what_is_not_there_is_wrong():
    assert verdict("later == 3").waiting
    gone = verdict("gone == 3")
    assert not gone.waiting and "there is nothing called gone" in gone.sentence


def test_nan_is_never_about_anything():
    assert not verdict("a ≈ 2.0", a=float("nan")).holds
    assert not verdict("a ≈ 2", a=float("inf")).holds
    assert not verdict("a ≈ b", a=float("inf"), b=1.0).holds


def test_as_many_digits_as_are_written_are_compared():
    assert verdict("a ≈ 0.21", a=0.2149).holds
    assert not verdict("a ≈ 0.210", a=0.2149).holds


def test_a_check_that_needs_what_is_not_installed_is_left_out_and_says_so():
    found = verdict("a == 3 needs nosuchpackage", a=2.0)
    assert found.left_out and "nosuchpackage is not installed here" in found.sentence
    assert not verdict("a == 3 needs numpy", a=2.0).left_out
