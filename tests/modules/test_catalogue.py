"""What every node type must hold, run over the whole catalogue."""

import ast
import inspect
import re
import textwrap

import numpy as np
import pytest

from nnstudio.errors import GraphError
from nnstudio.modules.catalogue import definition, definitions
from nnstudio.modules.equations import setting
from nnstudio.modules.module import Activation, Definition
from tests.modules.cases import Case, all_cases, arrays_for, cases
from tests.modules.plain import Plain, as_float32
from tests.modules.templates import fill

STEP = 1e-3  # of a difference formula of fourth order: its own error is about 1e-12, that of rounding 1e-13

every_case = pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
every_type = pytest.mark.parametrize("each", definitions().values(), ids=lambda each: each.name)


def plain(case: Case) -> Plain:
    return Plain(case.definition, case.settings, case.inputs, case.parameters)


def computes(each: Definition) -> bool:
    """Input and Target have no equations: the program feeds them."""
    return "output" in each.functions


# --- shapes ---------------------------------------------------------------------------------------


@every_case
def test_the_shape_rule_tells_the_shape_of_the_real_output(case: Case) -> None:
    expected = case.concrete(case.output_shape)
    if computes(case.definition):
        assert np.shape(plain(case).value("output")) == expected
    else:
        assert expected[1:] == case.complete["shape"]


@every_case
def test_a_gradient_has_the_shape_of_what_it_belongs_to(case: Case) -> None:
    grad_output = np.ones(case.concrete(case.output_shape))
    for name, array in differentiable(case).items():
        assert np.shape(plain(case).gradient(name, grad_output)) == array.shape


# --- gradients ------------------------------------------------------------------------------------


def differentiable(case: Case) -> dict[str, np.ndarray]:
    values = {**case.inputs, **case.parameters}
    return {name: values[name] for name in case.definition.gradients if name in values}


def worst_gradient_error(case: Case) -> tuple[float, str]:
    """The largest relative error of any gradient against central differences, and whose it is."""
    rng = np.random.default_rng(3)
    grad_output = rng.uniform(0.5, 1.5, case.concrete(case.output_shape))
    worst = (0.0, "")
    for name, array in differentiable(case).items():
        exact = np.asarray(plain(case).gradient(name, grad_output))
        measured = np.empty_like(array)
        for index in np.ndindex(array.shape):
            measured[index] = slope(case, name, index, grad_output)
        scale = np.maximum(np.abs(measured), np.abs(exact))
        error = np.abs(measured - exact) / np.maximum(scale, 1e-3 * max(1.0, scale.max(initial=0.0)))
        if error.size:
            worst = max(worst, (float(error.max()), name))
    return worst


def slope(case: Case, name: str, index: tuple[int, ...], grad_output: np.ndarray) -> float:
    """d(Σ output·grad_output)/d(array[index]) from four evaluations around it."""

    def total(step: float) -> float:
        values = {**case.inputs, **case.parameters}
        values[name] = values[name].copy()
        values[name][index] += step
        output = Plain(case.definition, case.settings, values).value("output")
        return float((output * grad_output).sum())

    near = total(STEP) - total(-STEP)
    far = total(2 * STEP) - total(-2 * STEP)
    return (8 * near - far) / (12 * STEP)


@every_case
def test_every_gradient_agrees_with_central_differences(case: Case) -> None:
    error, name = worst_gradient_error(case)
    assert error < 1e-6, f"grad_{name} is off by {error:.2e}"


@every_type
def test_every_port_and_parameter_that_can_have_a_gradient_has_one(each: Definition) -> None:
    """Exempt are targets, and the ports of class numbers among them."""
    if each.role in ("input", "target", "constant"):
        assert not each.gradients
        return
    for case in cases(each):
        wanted = {*case.inputs, *case.parameters} - {"target"}
        assert wanted <= set(each.gradients)


class WrongTanh(Activation):
    """A tanh whose gradient forgets the square."""

    def output(input):
        return np.tanh(input)

    def grad_input(grad_output, output):
        return grad_output * (1 - output)


class NearlyRightScale(Activation):
    """A factor whose gradient is off in the fifth digit."""

    factor: float = setting(2.0, "The factor.")

    def output(input, factor):
        return input * factor

    def grad_input(grad_output, factor):
        return grad_output * (factor * 1.00001)


@pytest.mark.parametrize("planted", [WrongTanh, NearlyRightScale])
def test_a_wrong_gradient_is_found(planted: type[Activation]) -> None:
    found = [worst_gradient_error(case) for case in cases(Definition(planted))]
    assert found
    assert all(error > 1e-6 and name == "input" for error, name in found)
    assert planted.__name__ not in definitions()


# --- numbers --------------------------------------------------------------------------------------


@every_case
def test_float32_stays_float32_and_near_float64(case: Case) -> None:
    if not computes(case.definition) or case.definition.role == "constant":
        return
    exact = plain(case)
    single = Plain(case.definition, case.settings, as_float32(case.inputs), as_float32(case.parameters))
    for name in ("output", *case.definition.quantities):
        value = single.value(name)
        assert value.dtype == np.float32, name
        np.testing.assert_allclose(value, exact.value(name), rtol=2e-4, atol=2e-6, err_msg=name)
    grad_output = np.ones(case.concrete(case.output_shape))
    for name in differentiable(case):
        value = single.gradient(name, grad_output.astype(np.float32))
        assert value.dtype == np.float32, name
        np.testing.assert_allclose(value, exact.gradient(name, grad_output), rtol=2e-4, atol=2e-5)


# Beyond these the mathematics itself has no finite answer at ±1000, or none at all.
UNBOUNDED = ("Exp", "Log", "Sqrt", "Power", "BCE", "KLDiv", "CDivTable")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "case",
    [case for case in all_cases() if case.definition.name not in UNBOUNDED],
    ids=lambda case: case.name,
)
def test_huge_numbers_give_no_warning_and_finite_results(case: Case, dtype: type) -> None:
    if not computes(case.definition):
        return
    inputs = dict(case.inputs)
    if "input" in inputs:
        inputs["input"] = (np.sign(inputs["input"]) * 1000).astype(dtype)
    node = Plain(case.definition, case.settings, inputs, case.parameters)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(node.value("output")).all()
        grad_output = np.ones(case.concrete(case.output_shape), dtype)
        for name in differentiable(case):
            assert np.isfinite(node.gradient(name, grad_output)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bce_at_the_ends_of_its_range_gives_no_warning(dtype: type) -> None:
    ends = np.array([0.0, 1.0, 0.0, 1.0, 1e-30], dtype)
    target = np.array([0.0, 1.0, 1.0, 0.0, 1.0], dtype)
    node = Plain(definition("BCE"), {"reduction": "sum"}, {"input": ends, "target": target})
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(node.value("losses"), [0, 0, 100, 100, 69.0775527898], rtol=1e-6)
        gradient = node.gradient("input", dtype(1))
    np.testing.assert_allclose(gradient, [0, 0, -1e12, 1e12, -1e12], rtol=1e-6)


def test_kldiv_has_no_cost_where_the_target_is_zero() -> None:
    arrays = {"input": np.log([[0.5, 0.5]]), "target": np.array([[0.0, 1.0]])}
    with np.errstate(all="raise"):
        loss = Plain(definition("KLDiv"), {"reduction": "sum"}, arrays).value("output")
    np.testing.assert_allclose(loss, np.log(2))


# --- documentation --------------------------------------------------------------------------------


@every_type
def test_documentation_is_there(each: Definition) -> None:
    assert re.match(r"[A-Z].{15,}[.:]$", each.summary), "a first sentence"
    assert re.search(r"^Shapes: .{10,}", each.doc, re.M), "shapes"
    assert re.search(r"^Source: .{5,}", each.doc, re.M), "source"
    assert each.formula
    assert len(each.formula) <= 26, "the palette has room for a short formula"
    assert each.aliases, "another word by which it is looked for"
    assert each.category != "Other"
    for rule in each.settings.values():
        assert re.match(r"[A-Z].*\.$", rule.doc), rule.name


@every_type
def test_export_templates_ask_only_for_what_there_is(each: Definition) -> None:
    if each.role not in ("input", "target", "constant", "parameter"):
        assert each.torch
    for case in cases(each):
        assert each.torch is None or fill(case, each.torch)
        assert each.onnx is None or fill(case, each.onnx, missing_parameters="")
        assert each.torch7 is None or fill(case, each.torch7)


# --- the language of the equations ----------------------------------------------------------------


@every_type
def test_equations_keep_to_what_the_compiler_reads(each: Definition) -> None:
    """Assignments to one name, `if` and `return`; no loops, no changing in place, no comprehensions."""
    for name, function in each.functions.items():
        if name in ("shape", "parameters", "torch_values"):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        for part in ast.walk(tree):
            if isinstance(part, ast.stmt) and part is not tree:
                assert isinstance(part, ast.Return | ast.If | ast.Assign), ast.unparse(part)
            if isinstance(part, ast.Assign):
                assert len(part.targets) == 1
                assert isinstance(part.targets[0], ast.Name)
            forbidden = ast.comprehension | ast.Lambda | ast.NamedExpr | ast.Await
            assert not isinstance(part, forbidden), ast.unparse(tree)


# --- settings -------------------------------------------------------------------------------------

WRONG: dict[str, list[object]] = {
    "int": [0.5, "4", True, None, float("nan"), 10**5000, -(10**40), [3]],
    "float": ["1", True, None, float("nan"), float("inf"), -float("inf"), 10**400, [1.0]],
    "bool": [1, 0, "yes", None, float("nan")],
    "choice": ["", "MEAN?", 1, None, float("nan")],
    "shape": [(-1,), (0,), (2.5,), "2", (True,), (float("nan"),), (10**30,), (1,) * 9, None, ((2,),)],
    "numbers": [("1",), (float("nan"),), (float("inf"),), (None,), "12", None, ((1.0,),), np.ones((2, 2))],
    "text": [1, None, "x" * 20_000],
}


@every_type
def test_settings_refuse_what_they_cannot_be(each: Definition) -> None:
    for rule in each.settings.values():
        wrong = list(WRONG[rule.kind])
        if rule.kind in ("int", "float"):
            wrong += [rule.low - max(1, abs(rule.low)), rule.high + max(1, abs(rule.high))]
        for value in wrong:
            with pytest.raises(
                GraphError, match=rf"^{each.name}'s {rule.name} must be .+, not .+\.$"
            ) as caught:
                each.complete({rule.name: value})
            assert len(str(caught.value)) < 250


@every_type
def test_settings_take_what_a_project_file_gives(each: Definition) -> None:
    for case in cases(each):
        listed = {
            name: list(value) if isinstance(value, tuple) else value for name, value in case.settings.items()
        }
        assert each.complete(listed) == case.complete
        assert each.complete(case.complete) == case.complete


@every_type
def test_an_unknown_setting_is_named(each: Definition) -> None:
    with pytest.raises(GraphError, match="has no setting 'colour'"):
        each.complete({"colour": 1})


@every_type
def test_numbers_have_bounds(each: Definition) -> None:
    """A slip of the keyboard must not ask for a giant array or give an infinity."""
    for rule in each.settings.values():
        if rule.kind in ("int", "float", "shape"):
            assert rule.low is not None, rule.name
            assert rule.high is not None, rule.name


# --- the list -------------------------------------------------------------------------------------


def test_the_catalogue_holds_what_the_lessons_name() -> None:
    lessons = """
        Input Target Constant Parameter Output Linear Add AddConstant CMul MulConstant Flatten Reshape Concat
        CAddTable CSubTable CMulTable CDivTable CMaxTable CMinTable Sigmoid Tanh ReLU LeakyReLU PReLU ELU
        SoftPlus SoftSign SoftShrink SoftMax SoftMin LogSoftMax HardTanh Exp Log Power Square Sqrt Abs MSE L1
        SmoothL1 BCE BCEWithLogits CrossEntropy ClassNLL SoftMargin Margin KLDiv Objective GELU SiLU
    """
    assert set(lessons.split()) <= set(definitions())


def test_the_catalogue_is_the_same_everywhere() -> None:
    for name, each in definitions().items():
        assert each.name == name
        assert definition(name) is each


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("Liner", "Linear"),
        ("relu", "ReLU"),
        ("dense", "Linear"),
        ("JoinTable", "Concat"),
        ("Multiply", "CMulTable"),
    ],
)
def test_an_unknown_type_gets_the_nearest_name(asked: str, nearest: str) -> None:
    with pytest.raises(GraphError, match=rf"^There is no node type '{asked}'; did you mean {nearest}\.$"):
        definition(asked)


def test_a_type_like_no_other_gets_a_sentence_too() -> None:
    with pytest.raises(GraphError, match=r"^There is no node type '#+…'; the palette lists all there are\.$"):
        definition("#" * 1000)


def test_sample_arrays_keep_away_from_kinks() -> None:
    """Else the central differences above would measure neither side of a kink."""
    for name in ("ReLU", "CMaxTable", "L1", "Margin"):
        for case in cases(definition(name)):
            values = list(arrays_for(case.definition, case.shapes, case.samples).values())
            kinked = (
                values[0]
                if len(values) == 1
                else values[0] * values[1]
                if name == "Margin"
                else values[0] - values[1]
            )
            assert np.abs(kinked / 0.25 - np.round(kinked / 0.25)).min() * 0.25 > 3 * STEP
