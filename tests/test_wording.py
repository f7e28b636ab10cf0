import pytest

from nnstudio.wording import did_you_mean, nearest, short


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12345, "12,345"),
        (True, "True"),
        (-(10**20), "a number of more than 15 digits"),
        ([1, 2], "[1, 2]"),
        ("a\nb", r"'a\nb'"),
        ([0.5, None], "[0.5, None]"),
        ("x" * 99, "'" + "x" * 56 + "…'"),
        (["x" * 99], "['" + "x" * 55 + "…"),
    ],
)
def test_a_value_in_a_sentence(value, shown):
    assert short(value) == shown


def test_the_nearest_name_in_any_case_of_letters():
    assert nearest("LINAER", ["Tanh", "Linear"]) == "Linear"
    assert nearest("qqq", ["Tanh"]) is nearest("Tanh", []) is None
    assert nearest("tanh" * 10**6, ["tanh"]) is None


def test_the_end_of_a_sentence_about_an_unknown_name():
    assert did_you_mean("tanj", ["Tanh"], "there is Tanh") == "did you mean Tanh."
    assert did_you_mean("tanj", ["Tanh"], "there is Tanh", show=repr) == "did you mean 'Tanh'."
    assert did_you_mean("qqq", ["Tanh"], "there is Tanh") == "there is Tanh."


def test_a_number_python_does_not_write_out():
    assert short(10**5000) == "a number of more than 15 digits"
    assert short([10**5000]) == "a number of thousands of digits"
