"""Titles never become code: whatever a node is called, identifiers are plain and numbers the same."""

from __future__ import annotations

import ast
import builtins
import keyword

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnstudio as nn
from nnstudio.errors import GraphError
from nnstudio.graph import Graph
from nnstudio.program import Program

TITLES = [
    *keyword.kwlist, *keyword.softkwlist, "np", "lr", "step", "self", "print", "open", "eval", "exec",
    "Exception", "__import__('os')", "__import__", "__builtins__", "__class__", "np_add",
    "numpy", "x = 1; y", "a\\nb", "#", "'", '"', '"""', "\\", "{0}", "%s",
    "$(rm)", "a b", " a", "a-b", "a+b", "(", ")", "[0]", "α", "日本", "é", "🦆", "ﬁ", "ª", "𝐱", "٣", "1",
    "007", "_", "__", "___x", "", "total_loss", "grad", "grad_x", "grad_loss", "grad_grad_x", "fc1_weight",
    "grad_fc1_weight", "t1", "number", "value", "values", "opaque", "call_opaque", "parameters",
    "gradients", "flat_velocity", "flat", "check", "constant", "sigmoid", "sum_to", "normal_cdf",
    "sum_repeated", "x_T", "act1_reshaped", "statement_1", "train_step", "quiet",
]  # fmt: skip


def net(names: dict[str, str]) -> Graph:
    """Two layers, a gate and a loss, under the given names; it calls small named functions too."""
    graph = Graph()
    for kind, role, options in (
        ("Input", "x", {"shape": (3,)}), ("Linear", "a", {"out_features": 2}), ("GELU", "b", {}),
        ("Parameter", "c", {"shape": (2,), "value": (0.5, -0.5)}), ("CMulTable", "d", {}),
        ("Target", "t", {"shape": (2,)}), ("MSE", "e", {"loss_weight": 0.5}),
    ):  # fmt: skip
        graph.add(kind, names[role], **options)
    for source, target in (("x", "a"), ("a", "b"), ("b", "d"), ("c", "d"), ("d", "e"), ("t", "e")):
        graph.connect(names[source], names[target])
    return graph


PLAIN = {role: role for role in "xabcdte"}


def compiled(names: dict[str, str]) -> Program:
    program = nn.compile(
        net(names), 4, "float64", optimizer="Adam", optimizer_settings={"weight_decay": 0.01}
    )
    rng = np.random.default_rng(0)
    reference = {
        "a.weight": rng.normal(size=(2, 3)),
        "a.bias": rng.normal(size=2),
        "c.value": rng.normal(size=2),
    }
    program.load_parameters({f"{names[key[0]]}{key[1:]}": array for key, array in reference.items()})
    program.feed(**{names["x"]: rng.normal(size=(4, 3)), names["t"]: rng.normal(size=(4, 2))})
    return program


def numbers(program: Program, names: dict[str, str]) -> list[np.ndarray]:
    """Every quantity of the net, in one order whatever it is called."""
    program.zero_grad()
    program.forward()
    program.backward()
    program.update(lr=0.1)
    program.train_step(lr=0.05)
    program.forward()
    program.backward()
    return [
        np.array(program[f"{names[role]}.{quantity}"])
        for role, quantities in {
            "x": ("output", "grad_output"), "a": ("output", "weight", "grad_weight", "grad_bias"),
            "b": ("output", "grad_input", "chance"), "c": ("value", "grad_value"), "d": ("output", "grad_a"),
            "e": ("output", "difference"),
        }.items()
        for quantity in quantities
    ]  # fmt: skip


def check_identifiers(program: Program) -> None:
    identifiers = [line.target for line in program.statements] + [program.identifier(key) for key in program]
    for identifier in identifiers:
        assert identifier.isidentifier()
        assert identifier.isascii()
        assert not keyword.iskeyword(identifier)
        assert not keyword.issoftkeyword(identifier)
        assert not hasattr(builtins, identifier)
        assert identifier not in ("np", "lr")
        assert identifier not in program.listing.functions
        assert not identifier.startswith("__")
    written = {program.identifier(f"{node.name}.output") for node in program.graph.flatten()}
    assert len(written) == len(program.graph.flatten()), "two nodes share an identifier"
    allowed = {*identifiers, *program.listing.functions, "np", "lr", "step"}
    for line in program.statements:
        for part in ast.walk(ast.parse(line.text)):
            if isinstance(part, ast.Name):
                assert part.id in allowed, f"{part.id} in {line}"
    ast.parse(program.source)


EXPECTED = numbers(compiled(PLAIN), PLAIN)


def check(names: dict[str, str]) -> None:
    program = compiled(names)
    check_identifiers(program)
    for ours, expected in zip(numbers(program, names), EXPECTED, strict=True):
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_changes_no_number_and_becomes_no_code(title: str) -> None:
    try:
        net({**PLAIN, "b": title})
    except GraphError:
        assert not title.strip() or "." in title  # what the graph itself refuses
        return
    role = list(PLAIN)[TITLES.index(title) % len(PLAIN)]
    check({**PLAIN, role: title})


def test_many_titles_that_come_to_the_same_identifier() -> None:
    check({"x": "n", "a": "n!", "b": "n?", "c": "n ", "d": " n", "t": "ñn", "e": "n🦆"})
    check({"x": "日", "a": "本", "b": "α", "c": "β", "d": "🦆", "t": "é", "e": "_"})
    check(
        {"x": "grad_a", "a": "a", "b": "grad_a_weight", "c": "a_weight", "d": "grad", "t": "a_bias", "e": "b"}
    )
    check(
        {"x": "np", "a": "sum_to", "b": "normal_cdf", "c": "step", "d": "lr", "t": "self", "e": "total_loss"}
    )


def test_names_of_what_the_program_itself_calls() -> None:
    check({"x": "x_T", "a": "np_dot", "b": "number", "c": "value", "d": "t1", "t": "check", "e": "opaque"})


def test_names_in_groups_are_dotted_and_plain() -> None:
    graph = net(PLAIN)
    group = graph.group(["a", "b"], "import")
    graph.rename(group, "class")
    program = nn.compile(graph, 4, "float64")
    check_identifiers(program)
    assert "class.a.weight" in program
    assert program.identifier("class.a.output") == "class_a"


def test_what_runs_was_never_a_title() -> None:
    """A title with a call in it: nothing of it stands in what is compiled."""
    title = "__import__('os').system('false')".replace(".", "·")
    program = compiled({**PLAIN, "a": title})
    for text in (program.source, program.lowered_source, *(line.text for line in program.statements)):
        assert "'os'" not in text
        assert "__import__" not in text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=7, max_size=7, unique=True))
def test_any_titles(titles: list[str]) -> None:
    names = dict(zip(PLAIN, titles, strict=True))
    try:
        net(names)
    except GraphError:
        return
    check(names)
