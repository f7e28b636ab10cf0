"""Formulas: every one of the catalogue and of whole programs is typeset by the library the window uses."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from latex2mathml.converter import convert

from nnstudio.errors import ExplainError
from nnstudio.explain.explanation import explain
from nnstudio.explain.formula import Formula, definition_formula, node_formula, statement_formula
from nnstudio.explain.typeset import svg
from nnstudio.modules.catalogue import definitions
from nnstudio.program import Program
from tests.explain.nets import passed, program_of
from tests.modules.cases import Case, all_cases
from tests.program.nets import classifier, fed


@lru_cache
def typeset(latex: str) -> None:
    """It is drawn, and no command is left over that the library does not know and would print as it is."""
    left = [text for text in re.findall(r">([^<]*)<", convert(latex)) if "\\" in text or "&#x0005C;" in text]
    assert left == [], latex
    drawn = svg(latex)
    assert "<path" in drawn and "<symbol" not in drawn  # which Qt does not draw
    height = re.search(r'height="([0-9.]+)"', drawn)
    assert height is not None and float(height[1]) < 300, latex  # brackets that run away


def readable(formula: Formula) -> None:
    typeset(formula.latex)
    assert formula.spoken and not re.search(r"[\\{}_^]|np\.", formula.spoken), formula.spoken


@pytest.mark.parametrize("name", list(definitions()))
def test_every_modules_formulas_are_typeset(name: str):
    definition = definitions()[name]
    for quantity in ("output", *(each for each in definition.functions if each.startswith("grad_"))):
        readable(definition_formula(definition, None, quantity))


def first_cases() -> list[Case]:
    return list({case.definition.name: case for case in all_cases()}.values())


@pytest.mark.parametrize("case", first_cases(), ids=lambda case: case.definition.name)
def test_every_modules_explanations_are_typeset(case: Case):
    program = program_of(case)
    for key in program:
        if program.is_current(key) and key.startswith("node."):
            found = explain(program, key)
            readable(found.formula)
            typeset(found.numbers.latex)
            if found.chain is not None and found.summed is not None:
                readable(found.chain)
                typeset(found.summed.latex)


@pytest.mark.parametrize("optimizer", ["SGD", "Momentum", "Adam"])
def test_every_statement_of_a_program_is_typeset(optimizer: str):
    program = fed(classifier(), optimizer=optimizer)
    for statement in program.statements:
        readable(statement_formula(program, statement))


def lines(program: Program) -> dict[str, str]:
    return {line.text: statement_formula(program, line).latex for line in program.statements}


def test_statements_read_like_a_textbook():
    written = lines(passed(fed(classifier())))
    assert written["fc1 = x @ fc1_weight.T + fc1_bias"] == r"z_{1} = x\,W_{1}^{\top} + b_{1}"
    assert written["act1 = np.tanh(fc1)"] == r"a_{1} = \tanh\left(z_{1}\right)"
    assert written["grad_fc1 = grad_act1 * (1 - act1 * act1)"] == (
        r"\frac{\partial L}{\partial z_{1}} = "
        r"\frac{\partial L}{\partial a_{1}} \odot \left(1 - a_{1}^{2}\right)"
    )
    assert written["fc1_weight -= lr * grad_fc1_weight"] == (
        r"W_{1} \leftarrow W_{1} - \eta\,\frac{\partial L}{\partial W_{1}}"
    )


@pytest.mark.parametrize(
    ("name", "settings", "latex", "spoken"),
    [
        ("Sigmoid", {}, r"y = \frac{1}{1 + e^{-x}}", "y equals 1 over open bracket 1 plus e to the power"),
        ("Linear", {}, r"y = x\,W^{\top} + b", "y equals x times W transposed plus b"),
        ("Linear", {"use_bias": False}, r"y = x\,W^{\top}", "y equals x times W transposed"),
        ("LeakyReLU", {"negative_slope": 0.2}, r"y = \max\left(x, 0.2\,x\right)", "the larger of x and 0.2"),
        ("MSE", {}, r"L = \operatorname{mean}\left(\left(x - t\right)^{2}\right)", "the mean of"),
        ("CMulTable", {}, r"y = a \odot b", "y equals a times b element by element"),
        ("ELU", {}, r"y = \max\left(x, 0\right) + \left(e^{\min\left(x, 0\right)} - 1\right)", "e to the"),
        (
            "LogSoftMax",
            {},
            r"y = x - \max\limits_{j} x"
            r" - \log\left(\sum\limits_{j} e^{x - \max\limits_{j} x}\right)",
            "the largest over the last axis of x",
        ),
        ("Power", {}, "y = x^{3}", "x to the power 3"),
        ("Square", {}, "y = x^{2}", "x squared"),
    ],
)
def test_formulas_of_node_types(name: str, settings: dict, latex: str, spoken: str):
    found = definition_formula(definitions()[name], settings)
    assert found.latex == latex
    assert spoken in found.spoken


def test_gradients_of_node_types_have_brackets_where_they_must():
    softmax = definition_formula(definitions()["SoftMin"], None, "grad_input").latex
    assert softmax == (
        r"\frac{\partial L}{\partial x} = y \odot \left(\left(\sum\limits_{j} \frac{\partial L}{\partial y} "
        r"\odot y\right) - \frac{\partial L}{\partial y}\right)"
    )
    criterion = definition_formula(definitions()["MSE"], {"reduction": "half-sum"}, "grad_input").latex
    assert criterion == r"\frac{\partial L}{\partial x} = x - t"


def test_a_node_has_its_own_settings_and_shapes():
    graph = classifier()
    node = graph.flatten()["fc1"]
    assert node_formula(node, "grad_bias").latex == (
        r"\frac{\partial L}{\partial b} = \sum\limits_{n} \frac{\partial L}{\partial y}"
    )
    with pytest.raises(ExplainError, match="Linear has no equation for grad_target"):
        node_formula(node, "grad_target")


@pytest.mark.parametrize("title", ["x_y", "my node", "a.b", "ünï", "α", "100% {x}$", "alpha", "x2", "\\frac"])
def test_any_title_can_be_typeset(title: str):
    from nnstudio.graph import Rename

    graph = classifier()
    try:
        graph.apply(Rename(graph.node("fc1").id, title))
    except Exception as refused:
        assert type(refused).__name__ == "GraphError"
        return
    program = passed(fed(graph))
    for statement in program.statements:
        typeset(statement_formula(program, statement).latex)


def test_letters_are_never_used_twice():
    graph = classifier()
    graph.add("Linear", "head1", out_features=2)
    graph.connect("act1", "head1")
    graph.add("Sigmoid", "L")
    graph.connect("head1", "L")
    program = passed(fed(graph))
    from nnstudio.explain.letters import Letters

    letters = Letters(program)
    shown = [letters[name].latex for name in program.listing.keys.values()]
    assert len(set(shown)) == len(set(program.listing.keys.values()))
