"""The lowering beyond the catalogue: strange equations are computed as they stand, or refused in words."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.modules import catalogue
from nnstudio.modules.module import Activation, Definition
from nnstudio.program import Backend, Program
from nnstudio.program.cupy_backend import CupyBackend
from nnstudio.program.gradcheck import gradcheck
from tests.program import stress_modules
from tests.program.device_suite import Suite
from tests.program.plainly import check_every_statement
from tests.program.stress_modules import MODULES
from tests.program.strict_backend import StrictModule
from tests.program.test_allocation import LASTING, PASSING, growth

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(autouse=True)
def known_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (*MODULES, *REFUSED):
        monkeypatch.setitem(catalogue.definitions(), module.__name__, Definition(module))


def compiled(
    module: type, dtype: str, batch: int = 4, width: int = 5, backend: str | Backend = "numpy"
) -> Program:
    """x -> Linear -> the module, which also feeds a second reader -> two criteria."""
    graph = Graph()
    if module is stress_modules.SameShape:
        graph.add("Parameter", "x", shape=(batch, width), value=(0.5,))
        graph.connect("x", graph.add("Tanh", "fc"))
    else:
        graph.connect(graph.add("Input", "x", shape=(width,)), graph.add("Linear", "fc", out_features=width))
    graph.connect("fc", graph.add(module.__name__, "m"))
    graph.connect("m", graph.add("Sigmoid", "s"))
    graph.connect("s", graph.add("Objective", "loss", reduction="sum"))
    graph.connect("fc", graph.add("Objective", "loss2", loss_weight=0.5))
    program = nn.compile(graph, batch, dtype, backend, optimizer="Momentum")
    rng = np.random.default_rng(4)
    program.load_parameters(
        {key: rng.normal(size=array.shape) for key, array in program.parameters().items()}
    )
    if "x" in program.inputs:
        program.feed(x=rng.normal(size=(batch, width)))
    return program


@every_dtype
@every_module
@pytest.mark.parametrize("sizes", [(4, 5), (1, 5), (5, 1)], ids=str)
def test_strange_equations_are_their_plain_numpy(module: type, dtype: str, sizes: tuple[int, int]) -> None:
    program = compiled(module, dtype, *sizes)
    for _ in range(2):
        check_every_statement(program, f"{module.__name__}, {dtype}, {sizes}")


@every_dtype
@every_module
def test_strange_equations_run_in_every_way(module: type, dtype: str) -> None:
    fast, whole = compiled(module, dtype), compiled(module, dtype)
    for _ in range(3):
        fast.train_step(lr=0.01)
        whole.zero_grad()
        whole.forward()
        whole.backward()
        whole.update(lr=0.01)
        for item in whole.listing.parameters:
            for name in (item.identifier, item.gradient):
                np.testing.assert_array_equal(
                    fast.value(name), whole.value(name), f"{module.__name__}: {name}"
                )
        assert fast.loss == whole.loss


@every_module
def test_strange_gradients_are_right_so_that_a_wrong_lowering_would_show(module: type) -> None:
    assert [check for check in gradcheck(compiled(module, "float64", 3, 4)) if not check.ok] == []


@every_module
def test_strange_equations_run_on_a_device(module: type) -> None:
    suite = Suite(CupyBackend(StrictModule()), exact=True)
    theirs, ours = suite.both(lambda backend: compiled(module, "float32", backend=backend))
    suite.whole_and_fast(theirs, ours, module.__name__)


@pytest.mark.parametrize("module", [each for each in MODULES if each is not stress_modules.Whole])
def test_strange_equations_allocate_nothing(module: type) -> None:
    program = compiled(module, "float32", 128, 200)
    lasting, passing = growth(lambda: program.train_step(lr=1e-9))
    assert lasting < LASTING
    # Where a strided operand is broadcast NumPy goes through two of its buffers.
    assert passing < 2 * PASSING < 128 * 200 * 4


def test_minus_zero_stays_what_it_is() -> None:
    program = compiled(stress_modules.Shifted, "float64")
    program.forward()
    fc = program["fc.output"]
    expected = fc * -0.0 + (0.0 - fc) * 0.0
    assert program["m.output"].tobytes() == expected.tobytes()


# --- what is refused ------------------------------------------------------------------------------


class Between(Activation):
    """A comparison of three."""

    def output(input):
        return input * (-1 < input < 1)

    def grad_input(grad_output, input):
        return grad_output * (-1 < input < 1)


class Listed(Activation):
    """A comprehension."""

    def output(input):
        return sum([input * number for number in (1, 2)])

    def grad_input(grad_output):
        return grad_output * 3


class Asking(Activation):
    """A branch that only the numbers could decide."""

    def output(input):
        if input.sum() > 0:
            return input
        return -input

    def grad_input(grad_output):
        return grad_output


class Endless(Activation):
    """No value is returned where the branch is not taken."""

    def output(input):
        if input.ndim == 7:
            return input

    def grad_input(grad_output):
        return grad_output


class Unknown(Activation):
    """A method that arrays have and the compiler has not."""

    def output(input):
        return input.cumsum(axis=0)

    def grad_input(grad_output):
        return grad_output


REFUSED = (Between, Listed, Asking, Endless, Unknown)


@pytest.mark.parametrize("module", REFUSED, ids=lambda module: module.__name__)
def test_what_cannot_be_lowered_is_refused_in_a_sentence(module: type) -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(2,)), graph.add(module.__name__, "m"))
    with pytest.raises(ProgramError) as caught:
        program = nn.compile(graph, 2)
        program.feed(x=np.zeros((2, 2)))
        program.forward()
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
