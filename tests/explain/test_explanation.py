"""What is printed is true: every number of every kind of node comes out of its own explanation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnstudio as nn
from nnstudio.errors import Error, ExplainError, ProgramError
from nnstudio.explain.explanation import Explanation, explain
from nnstudio.program import Program
from tests.explain.nets import chain_rule, logistic, passed, program_of
from tests.explain.written import comes_out, sides, worked_out
from tests.modules.cases import Case, all_cases
from tests.program.nets import classifier, fed, regression
from tests.program.random_graphs import random_graph


def right(found: Explanation, stored: float) -> None:
    """Every equation that the explanation prints comes out, and ends with the stored value."""
    where = f"{found.title}: {found.numbers.plain}"
    assert found.value == stored or (math.isnan(found.value) and math.isnan(stored)), where
    if found.numbers.exact:
        assert comes_out(found.numbers.plain, stored), where
    if found.summed is not None:
        assert found.paths is not None
        assert comes_out(found.summed.plain, stored), f"{found.title}: {found.summed.plain}"
        for line in found.path_lines:
            assert comes_out(line.numbers.plain, line.path.contribution), line.numbers.plain


def every(program: Program, most: int = 2, node: str = "") -> int:
    """Explain elements of everything (of a node) that can be asked for; how many were not exact."""
    loose = 0
    for key in program:
        if not program.is_current(key) or not key.startswith(node):
            continue
        array = program[key]
        for element in list(np.ndindex(array.shape))[:most]:
            found = explain(program, key, element)
            if any(item.key == key for item in program.listing.parameters):
                if found.numbers.exact:
                    _, result = sides(found.numbers.plain)
                    assert comes_out(found.numbers.plain, worked_out(result)), found.numbers.plain
                assert found.value == float(array[element])
            else:
                right(found, float(array[element]))
            loose += not found.numbers.exact
    return loose


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_every_module_of_the_catalogue_is_explained(case: Case):
    assert every(program_of(case), node="node.") == 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["float64", "float32"]))
def test_in_random_graphs_every_quantity_comes_out_of_its_explanation(seed, dtype):
    drawn = random_graph(seed)
    program = nn.compile(drawn.graph, drawn.batch_size, dtype)
    program.load_parameters(drawn.parameters)
    program.feed(**drawn.feeds)
    assert every(passed(program)) == 0


@pytest.mark.parametrize("optimizer", ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"])
def test_the_next_update_is_the_one_that_comes(optimizer: str):
    program = fed(classifier(), dtype="float64", optimizer=optimizer)
    for _ in range(3):
        program.lr = 0.05
        passed(program)
        found = explain(program, "fc1.weight", (1, 2))
        states = {line.about: worked_out(line.numbers.result) for line in found.lines}
        program.update()
        assert comes_out(found.numbers.plain, float(program["fc1.weight"][1, 2]))
        for key, value in states.items():
            if key in program and program[key].ndim == 2:
                assert float(program[key][1, 2]) == pytest.approx(value, rel=1e-3)


# --- the lessons ------------------------------------------------------------------------------------


def test_lesson_1_one_factor_joins_for_every_edge():
    program = chain_rule()
    shown = {key: explain(program, key) for key in program if program.is_current(key)}
    values = {key: shown[f"{key}.output"].numbers.plain for key in "uvL"}
    assert values == {"u": "3 · 2 = 6", "v": "5 + 6 = 11", "L": "33"}
    sums = {key: shown[f"{key}.grad_output"].summed.plain for key in "vaubc"}
    assert sums == {
        "v": "1 · 3 = 3", "a": "1 · 3 · 1 = 3", "u": "1 · 3 · 1 = 3", "b": "1 · 3 · 1 · 2 = 6",
        "c": "1 · 3 · 1 · 3 = 9",
    }  # fmt: skip
    chain = shown["b.grad_output"].chain
    assert chain.latex == (
        r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial w}\,\frac{\partial w}{\partial v}\,"
        r"\frac{\partial v}{\partial u}\,\frac{\partial u}{\partial b}"
    )
    assert shown["b.grad_output"].formula.latex == (
        r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial u}\,c"
    )
    assert shown["b.grad_output"].numbers.plain == "3 · 2 = 6"
    assert "the derivative of u by b" in chain.spoken


def test_lesson_3_the_gradients_of_a_logistic_unit():
    program = logistic()
    a, y = float(program["a.output"][0, 0]), float(program["y.output"][0, 0])
    x = program["x.output"][0]
    expected = {
        ("a.grad_output", (0,)): -y / a + (1 - y) / (1 - a),
        ("z.grad_output", (0,)): a - y,
        ("z.grad_weight", (0, 0)): (a - y) * x[0],
        ("z.grad_weight", (0, 1)): (a - y) * x[1],
        ("z.grad_bias", (0,)): a - y,
    }
    for (key, element), value in expected.items():
        found = explain(program, key, element)
        assert found.value == pytest.approx(value, rel=1e-12)
        right(found, found.value)
    weight = explain(program, "z.grad_weight", (0, 1))
    assert [link.factor for link in weight.paths[0].links[1:]] == pytest.approx(
        [-y / a + (1 - y) / (1 - a), a * (1 - a), float(x[1])]
    )
    assert weight.chain.latex.endswith(
        r"\frac{\partial L}{\partial a}\,\frac{\partial a}{\partial z}\,\frac{\partial z}{\partial W}"
    )
    assert explain(program, "a.output").formula.latex == r"a = \frac{1}{1 + e^{-z}}"
    straight = logistic("BCEWithLogits")
    found = explain(straight, "a.grad_output")
    assert found.formula.latex == (r"\frac{\partial L}{\partial a} = \frac{1}{1 + e^{-a}} - y")


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_lesson_3_the_average_over_the_batch_on_and_off(reduction: str):
    program = logistic("MSE", samples=4, reduction=reduction)
    found = explain(program, "a.grad_output", (0,), sample=2)
    share = 0.25 if reduction == "mean" else 1.0
    difference = float(program["a.output"][2, 0]) - float(program["y.output"][2, 0])
    assert found.value == pytest.approx(2 * difference * share)
    assert (r"\frac{2}{4}" in found.formula.latex) == (reduction == "mean")
    right(found, found.value)


def test_lesson_5_two_layers():
    program = passed(fed(regression("MSE", reduction="half-sum"), batch_size=5, dtype="float64"))
    expected = {
        "fc2.grad_output": program["fc2.output"] - program["t.output"],
        "act1.grad_output": program["fc2.grad_output"] @ program["fc2.weight"],
        "fc1.grad_output": program["act1.grad_output"] * (1 - program["act1.output"] ** 2),
        "fc1.grad_weight": program["fc1.grad_output"].T @ program["x.output"],
        "fc1.grad_bias": program["fc1.grad_output"].sum(axis=0),
    }
    for key, array in expected.items():
        for element in np.ndindex(array.shape):
            found = explain(program, key, element)
            assert found.value == pytest.approx(float(array[element]), rel=1e-12)
            right(found, found.value)
    formulas = {key: explain(program, key).formula.latex.partition(" = ")[2] for key in expected}
    assert formulas == {
        "fc2.grad_output": "z_{2} - t",
        "act1.grad_output": r"\frac{\partial L}{\partial z_{2}}\,W_{2}",
        "fc1.grad_output": r"\frac{\partial L}{\partial a_{1}} \odot \left(1 - a_{1}^{2}\right)",
        "fc1.grad_weight": r"\left(\frac{\partial L}{\partial z_{1}}\right)^{\top}\,x",
        "fc1.grad_bias": r"\sum\limits_{n} \frac{\partial L}{\partial z_{1}}",
    }


# --- what must be said beside it --------------------------------------------------------------------


def test_two_backwards_without_zeroing_are_told_and_still_come_out():
    program = passed(fed(classifier(), dtype="float64"))
    once = explain(program, "fc1.grad_weight", (1, 2)).value
    program.backward()
    found = explain(program, "fc1.grad_weight", (1, 2))
    assert found.value == 2 * once
    assert "holds 2 backward passes" in found.notes[0]
    right(found, 2 * once)


def test_before_backward_has_come_there_nothing_is_claimed():
    program = fed(classifier(), dtype="float64")
    program.forward()
    found = explain(program, "fc1.grad_weight")
    assert "Backward has not come to fc1 in this pass" in found.notes[0]
    assert found.paths is None


def test_weights_changed_after_backward_are_told():
    program = passed(fed(classifier(), dtype="float64"))
    program["fc2.weight"] = program["fc2.weight"] * 3
    found = explain(program, "act1.grad_output", (1,))
    assert any("has been changed since" in note for note in found.notes)


def test_an_output_of_before_the_update_is_told_to_be_one():
    program = passed(fed(classifier(), dtype="float64"))
    assert explain(program, "fc1.output").notes == ()
    program.update(lr=0.5)
    found = explain(program, "fc1.output")
    assert "fc1.output is of before" in found.notes[0]
    assert "≈" in found.numbers.plain and not found.numbers.exact


def test_a_long_sum_is_shortened_and_says_by_how_much():
    program = passed(fed(classifier(features=70), dtype="float64"))
    found = explain(program, "fc1.output", (1,))
    assert "… (64 terms more, together" in found.numbers.plain
    assert r"\text{64 terms more: }" in found.numbers.latex
    right(found, found.value)


def test_not_a_number_is_printed_as_such():
    program = fed(classifier(), dtype="float64")
    program["fc1.bias"] = np.full(5, np.nan)
    passed(program)
    assert explain(program, "fc1.output").numbers.plain.endswith("= NaN")
    assert explain(program, "fc1.grad_weight").numbers.plain.endswith("= NaN")


def test_what_is_fed_constant_or_never_updated_is_told():
    program = passed(fed(classifier(), dtype="float64"))
    assert explain(program, "x.output").notes == ("x is fed: its values come from the data.",)
    assert [letter.latex for letter, _ in explain(program, "fc1.output").letters] == [
        "z_{1}", "b_{1}", "x", "W_{1}",
    ]  # fmt: skip
    graph = classifier()
    graph.connect("fc1", graph.add("Linear", "aside"))
    program = passed(fed(graph, dtype="float64"))
    assert explain(program, "aside.weight").notes == (
        "No loss depends on aside.weight, so it is never updated.",
    )


@pytest.mark.parametrize(
    ("key", "element", "sentence"),
    [
        ("fc1.output", (9,), r"there is no element \[0, 9\]"),
        ("fc1.weight", (0,), r"shape 5×4, so there is no element \[0\]"),
        ("fc9.output", None, "Did you mean"),
    ],
)
def test_what_is_not_there_is_told(key, element, sentence):
    with pytest.raises(Error, match=sentence):
        explain(passed(fed(classifier(), dtype="float64")), key, element)


def test_what_is_not_computed_yet_is_told():
    program = fed(classifier(), dtype="float64")
    with pytest.raises(ProgramError, match="call forward"):
        explain(program, "fc1.output")
    with pytest.raises(ExplainError):
        explain(program, "fc1.weight", (1, 2, 3))


def test_explaining_changes_nothing():
    program = passed(fed(classifier(), dtype="float64"))
    before = {key: program[key].tobytes() for key in program if program.is_current(key)}
    position = program.position
    every(program, 1)
    assert {key: program[key].tobytes() for key in program if program.is_current(key)} == before
    assert program.position == position
