"""The language of conditions and checks: what it gives, and what it refuses, with the place."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.errors import ProgramError
from nnstudio.program.expression import ExpressionError, parse

VALUES: dict[str, Any] = {
    "loss": 0.05,
    "lr": 0.1,
    "a": [1, 2, 3],
    "fc1.output": np.array([[1, 2], [3, np.nan]], np.float32),
    "fc1.grad_weight": np.arange(6.0).reshape(2, 3),
    "before.fc1.grad_weight": np.zeros((2, 3)),
    "layer 1.output": 7.0,
    "a\\d.output": 8.0,
    "ℓ.output": 2,
    "big": np.ones(30_000),
}


def lookup(key: str) -> Any:
    if key == "anywhere":
        return [np.asarray(value) for value in VALUES.values()]
    if key not in VALUES:
        raise ProgramError(f"The program has no quantity {key!r}.")
    return VALUES[key]


def value(text: str, **functions: Any) -> Any:
    return parse(text, functions).value(lookup, functions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss < 0.1", True),
        ("  loss\n <\t0.1 ", True),
        ("lr == 0.1", True),
        ("not loss < 0.1 or lr > 1", False),
        ("fc1.grad_weight[0, 1]", 1.0),
        ("fc1.grad_weight[:, -1]", [2.0, 5.0]),
        ("fc1.grad_weight[1][2] + fc1.grad_weight[0, 1:3]", [6.0, 7.0]),
        ("a[a[0]]", 2.0),
        ("fc1.grad_weight @ a", [8.0, 26.0]),
        ("fc1.grad_weight.T @ [1, 2]", [6.0, 9.0, 12.0]),
        ("fc1.grad_weightᵀ @ [1, 2] == [6, 9, 12]", [True, True, True]),
        ("(a + a).T", [2.0, 4.0, 6.0]),
        ("a ⊙ a − 2 ≥ −1", [True, True, True]),
        ("3 × a² ÷ 3 ≠ a^2", [False, False, False]),
        ("[[1, 2], [3, 4]] @ [[1, 0], [0, 1]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("1 < 2 < 3 and not 1 < 3 < 2", True),
        ("-7 // 2 + 7 % 4 + +1", 0.0),
        ('value("layer 1.output") == 7', True),
        ("value('a\\d.output') == 8", True),
        ("ℓ.output", 2.0),
        ("sum(fc1.grad_weight)", 15.0),
        ("sum(fc1.grad_weight, 0)", [3.0, 5.0, 7.0]),
        ("mean(fc1.grad_weight, axis=-1)", [1.0, 4.0]),
        ("min(a) + max(a)", 4.0),
        ("max(a, 2, [0, 0, 9])", [2.0, 2.0, 9.0]),
        ("max(fc1.grad_weight, axis=1)", [2.0, 5.0]),
        ("norm([3, 4])", 5.0),
        ("argmax([1, 5, 2]) + argmin([1, 5, 2])", 1.0),
        ("abs(-2) + sqrt(4) + log(exp(3)) + round(2.345, 1) + floor(1.5) + sign(-3)", 9.3),
        ("outer([1, 2], a)", [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]),
        ("shape(fc1.grad_weight)", [2.0, 3.0]),
        ("transpose(fc1.grad_weight)[2, 1]", 5.0),
        ("reshape(fc1.grad_weight, [3, 2])[2, 0]", 4.0),
        ("sorted([[3, 1], [2, 0]])", [0.0, 1.0, 2.0, 3.0]),
        ("count(a > 1)", 2.0),
        ("count(fc1.grad_weight)", 6.0),
        ("mean(a > 1)", 2 / 3),
        ("any(a > 2) and all(a > 0) and not all(a > 1)", True),
        ("close(a, [1, 2, 3.01], 0.1)", True),
        ("close(a, [1, 2, 3.01], tol=0.001)", False),
        ("close(0.1 + 0.2, 0.3) and close(inf, inf) and not close(NaN, NaN)", True),
        ("any NaN", True),
        ("any NaN anywhere", True),
        ("any nan in fc1.output and not any inf in fc1.output", True),
        ("any NaN in fc1.output[0]", False),
        ("any inf or loss > 1", False),
        ('any NaN in value("layer 1.output")', False),
        ("any NaNs", True),
        ("log(0) == -inf", True),
        ("10 ** 10 ** 10", float("inf")),
        ("cos(pi) + sin(0) + tanh(0)", -1.0),
        ("isnan(fc1.output[1])", [False, True]),
    ],
)
def test_what_an_expression_gives(text: str, expected: Any) -> None:
    got = value(text)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    if np.ndim(expected) == 0:
        assert type(got) is type(expected)
    else:
        assert got.dtype == (bool if isinstance(np.ravel(expected)[0], np.bool_) else np.float64)


def test_a_tensor_of_truths_holds_where_all_of_it_does() -> None:
    assert parse("a > 0").holds(lookup)
    assert not parse("a > 1").holds(lookup)
    assert not parse("fc1.output == fc1.output").holds(lookup), "NaN equals nothing"


def test_names_are_known_before_there_is_a_value() -> None:
    expression = parse("loss < before.fc1.grad_weight[0, a[0]] and jacobian(fc1) == loss", ["jacobian"])
    assert expression.names == ("loss", "before.fc1.grad_weight", "a")
    assert expression.calls == ("jacobian",)
    assert parse("any NaN").names == ("anywhere",)
    assert str(expression) == expression.text


def test_and_or_look_no_further_than_needed() -> None:
    assert value("loss < 1 or nowhere.output > 3") is True
    assert value("loss > 1 and nowhere.output > 3") is False
    with pytest.raises(ProgramError, match="no quantity"):
        value("loss < 1 and nowhere.output > 3")


def test_the_sides_of_a_comparison() -> None:
    sides = parse("fc1.grad_weight[0] <= [0, 1, 1]").sides(lookup)
    assert sides is not None and sides[1] == "<="
    np.testing.assert_array_equal(sides[0], [0, 1, 2])
    np.testing.assert_array_equal(sides[2], [0, 1, 1])
    assert parse("close(loss, 0.3, tol=1)").sides(lookup) == (0.05, "≈", 0.3)
    assert parse("loss < 1 and lr < 1").sides(lookup) is None


def test_functions_that_the_evaluation_brings() -> None:
    seen: list[Any] = []

    def jacobian(*arguments: Any, **words: Any) -> Any:
        seen.append((arguments, words))
        return [[1, 2], [3, 4]]

    assert value('jacobian(fc1.inner, 2 + 1, of="weight")[1, 0]', jacobian=jacobian) == 3
    assert seen == [(("fc1.inner", np.asarray(3.0)), {"of": "weight"})]
    with pytest.raises(ExpressionError, match=r"nothing here knows the function jacobian"):
        parse("jacobian(fc1)", ["jacobian"]).value(lookup)
    with pytest.raises(ExpressionError, match=r"does not take these arguments"):
        value("once(1, 2)", once=lambda only: only)


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("", 1, "There is no expression"),
        ("loss = 3", 6, "two values are compared with =="),
        ("loss <", 7, "something is missing"),
        ("  loss < < 1", 10, "does not go on like this"),
        ("fc 1.output", 5, r'written value\("…"\)'),
        ("a ≤ b c", 7, "does not go on"),
        ("a in a", 6, "compared with <"),
        ("a is a", 6, "compared with <"),
        ("1 + nrm(a)", 5, "did you mean norm"),
        ("a ⊙ nrm(a)", 5, "did you mean norm"),
        ("any NaN in a or nrm(a)", 17, "did you mean norm"),
        ("__import__('os')", 1, "no function __import__"),
        ("(1).real", 1, "before it too"),
        ("a.T.__class__()", 1, "no function a.T.__class__"),
        ("lambda: 1", 1, "not part of the language"),
        ("[x for x in a]", 1, "not part of the language"),
        ("a if a else a", 1, "not part of the language"),
        ("{1: 2}", 1, "not part of the language"),
        ("f'{a}'", 1, "not part of the language"),
        ("sum(*a)", 5, "not part of the language"),
        ("(b := 3)", 2, "not part of the language"),
        ("1 | 2", 5, "the sign before this"),
        ("~a", 1, "this sign"),
        ("'x' == 'x'", 1, "text stands only in value"),
        ("1j", 1, "no number"),
        ("a[None]", 3, "no number"),
        ("close(a)", 1, r"close\(a, b, \[tol\]\)"),
        ("close(a, b, c, tol=1)", 1, r"close\(a, b, \[tol\]\)"),
        ("sum(a, a=1)", 1, r"sum\(a, \[axis\]\)"),
        ("sum(**a)", 1, r"sum\(a, \[axis\]\)"),
        ("max()", 1, r"max\(a, b, …\)"),
        ("value(a)", 1, "one name in quotes"),
        ("(" * 300 + "1" + ")" * 300, 201, "does not go on"),
        ("-" * 1900 + "1", 1, "too long"),
        ("+" * 100 + "1", 62, "nested too deeply"),
        ("9" * 1900, 1, "too large"),
        ("1" * 3000, 2000, "at most 2,000 characters"),
        ("a\0", 1, "control characters"),
    ],
)  # fmt: skip
def test_what_is_refused_before_it_is_computed(text: str, column: int, why: str) -> None:
    with pytest.raises(ExpressionError, match=why) as found:
        parse(text)
    assert found.value.column == column
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 300


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("fc1.grad_weight[5, 0]", 1, r"shape 2×3 has no element \[5, 0\]"),
        ("fc1.grad_weight[0, 0, 0]", 1, "has no element"),
        ("a[0.5]", 3, "an index must be a whole number"),
        ("a[a]", 3, "an index must be a whole number"),
        ("a[::0]", 3, "the step of a part cannot be 0"),
        ("1 + (a + [1, 2])", 6, "shapes 3 and 2 do not fit"),
        ("a == [1, 2]", 1, "do not fit together"),
        ("fc1.grad_weight @ [1, 2]", 1, "no product of 2×3 and 2"),
        ("1 @ a", 1, "no product"),
        ("[1, [2, 3]]", 1, "different shapes"),
        ("sum(a, 3)", 1, "has no axis 3"),
        ("max([])", 1, "no numbers to choose from"),
        ("mean([])", 1, "no numbers to take the mean of"),
        ("reshape(a, [2, 2])", 1, "cannot take the shape"),
        ("outer(big, big)", 1, "900,000,000 numbers"),
        ("norm(outer(big, big)) > 1", 6, "900,000,000 numbers"),
    ],
)
def test_what_has_no_value(text: str, column: int, why: str) -> None:
    with pytest.raises(ExpressionError, match=why) as found:
        value(text)
    assert found.value.column == column


def test_the_whole_computation_is_bounded() -> None:
    values = {"big": np.ones(9_000_000)}
    with pytest.raises(ExpressionError, match="too many numbers"):
        parse(" + ".join(["big * big"] * 30)).value(values.__getitem__)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("a1 .,[]()+-*/@<>=!'\"NaNyinforTσ≤²\\:\n"), max_size=40))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            parse(text).value(lookup)
        except ProgramError as problem:
            assert str(problem)


def test_matrix_products_are_bounded_by_their_work() -> None:
    values = {"m": np.ones((1000, 1000))}
    with pytest.raises(ExpressionError, match="too many numbers"):
        parse("sum(m @ m) > 0").value(values.__getitem__)
