import ast

import pytest

from nnstudio.exchange.layout import WIDTH, assignment, bracketed, in_docstring, quoted, unpacked
from nnstudio.exchange.template import filled


def laid_out(text: str) -> list[str]:
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name)
    return assignment(tree.targets[0].id, "=", tree.value)


LONG = "a_name_as_long_as_those_inside_groups"


@pytest.mark.parametrize(
    "text",
    [
        f"y = {LONG} * ({LONG}_too > 0) * 2 + {LONG}",
        f"y = {LONG} * ({LONG}_too > 0) @ {LONG}",
        f"y = {LONG} - ({LONG}_b - {LONG}_c) - 1",
        f"y = {LONG} / ({LONG}_b * {LONG}_c) / (-{LONG})",
        f"y = ({LONG} + {LONG}_b) * ({LONG}_c + 1)",
        f"y = {LONG}_b ** 2 * {LONG} ** -1 + (1 - 0.9 ** step) * {LONG}",
        f"y = np.where({LONG} > 0, {LONG}_b, {LONG}_c * {LONG})",
        f"y = ({LONG} * np.minimum({LONG}_b, 0)).reshape((-1, 1)).sum(axis=0, keepdims=True)",
        f"y = {LONG} if {LONG}_b else {LONG}_c + {LONG}_d",
    ],
)
def test_a_long_line_is_broken_without_changing_what_it_says(text: str):
    lines = laid_out(text)
    assert ast.dump(ast.parse("\n".join(line[4:] for line in lines))) == ast.dump(ast.parse(text))
    if ".reshape" not in text and " if " not in text:
        assert len(lines) > 1 and max(map(len, lines)) <= WIDTH


def test_a_short_line_stays_one():
    assert laid_out("y = 0.9 ** step * x[:, 1] ** n") == ["    y = 0.9**step * x[:, 1] ** n"]


def test_entries_are_taken_out_as_many_a_line_as_fit():
    assert unpacked(["a", "b"], "values") == ['    a, b = values["a"], values["b"]']
    assert unpacked([], "values") == []
    lines = unpacked([f"{LONG}_{k}" for k in range(3)], "values")
    assert len(lines) == 3 and lines[0] == f'    {LONG}_0 = values["{LONG}_0"]'


def test_brackets_open_where_a_line_is_full():
    assert bracketed("def f(", ["a", "b"], "):") == ["def f(a, b):"]
    assert bracketed("def f(", [LONG, LONG], f") -> {LONG}:")[1] == f"    {LONG}, {LONG}"
    assert bracketed("x = {", [LONG] * 3, "}", display=True)[1:4] == [f"    {LONG},"] * 3


@pytest.mark.parametrize(
    "text", ['"""', "'''", "\\", "a\nb", "\u2028", "\ud800", "слой", '\\"""\\', "{x}", "%s"]
)
def test_no_text_can_leave_its_quotes(text: str):
    assert isinstance(ast.literal_eval(quoted(text)), str)
    tree = ast.parse(f'"""{in_docstring(text)}"""')
    assert len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def test_a_template_keeps_the_lines_whose_conditions_hold():
    template = """
def f():
    $body
    return $value  #? yes
    return 2  #? !yes
    return 3  #? yes no
"""
    text = filled(template, {"yes": True, "no": False}, {"body": ["a = 1", "", "b = 2"], "value": "a"})
    assert text == "def f():\n    a = 1\n\n    b = 2\n    return a\n"


@pytest.mark.parametrize("template", ["x  #? unknown", "$unknown", "y = $unknown"])
def test_a_slip_in_a_template_is_an_error(template: str):
    with pytest.raises(KeyError):
        filled(template, {}, {})
