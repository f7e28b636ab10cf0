"""The lowered program computes what the readable one says, and however it is run the numbers are the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.graph import Graph
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition
from nnstudio.program import Program
from nnstudio.training.optimizers import definitions as optimizers
from tests.modules.cases import Case, cases
from tests.modules.drawn import draw
from tests.program.nets import classifier, fed
from tests.program.plainly import check_every_statement
from tests.program.random_graphs import RandomGraph, random_graph

DTYPES = ("float32", "float64")
TYPES = [each for each in definitions().values() if each.role != "target"]

every_type = pytest.mark.parametrize("each", TYPES, ids=lambda each: each.name)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def compiled_case(case: Case, dtype: str, **options: Any) -> Program:
    graph, feed = draw(case)
    program = nn.compile(graph, case.samples, dtype, **options)
    program.load_parameters({f"m.{name}": array for name, array in case.parameters.items()})
    program.feed(**feed)
    return program


def compiled(drawn: RandomGraph, dtype: str, **options: Any) -> Program:
    program = nn.compile(drawn.graph, drawn.batch_size, dtype, **options)
    program.load_parameters(drawn.parameters)
    program.feed(**drawn.feeds)
    return program


# --- lowered = plain ------------------------------------------------------------------------------


@every_dtype
@every_type
def test_each_statement_of_every_node_type_is_its_plain_numpy(each: Definition, dtype: str) -> None:
    for case in cases(each)[:: 1 if dtype == "float32" else 3]:
        assert check_every_statement(compiled_case(case, dtype), f"{case.name}, {dtype}")


@every_dtype
@pytest.mark.parametrize("first", range(20, 40, 10))
def test_each_statement_of_random_graphs_is_its_plain_numpy(first: int, dtype: str) -> None:
    for seed in range(first, first + 10):
        assert check_every_statement(compiled(random_graph(seed), dtype), f"seed {seed}, {dtype}")


@every_dtype
@pytest.mark.parametrize("name", optimizers())
@pytest.mark.parametrize("decay", [{}, {"weight_decay": 0.01, "l1": 0.001}])
def test_each_statement_of_every_optimizer_is_its_plain_numpy(name: str, decay: dict, dtype: str) -> None:
    program = compiled(random_graph(7), dtype, optimizer=name, optimizer_settings=decay)
    for _ in range(3):
        assert check_every_statement(program, f"{name}, {dtype}")


LIMITS = {"float64": 1e-12, "float32": 2e-5}


def run_source(program: Program) -> dict[str, np.ndarray]:
    """Every value that the readable text gives, run once from top to bottom as a person would run it."""
    names: dict[str, Any] = {"np": np, "lr": program.lr, "step": 0}
    for feed in program.listing.feeds.values():
        names[feed.identifier] = np.array(program.value(feed.identifier))
    for parameter in program.listing.parameters:
        names[parameter.identifier] = np.array(program.value(parameter.identifier))
    for identifier in program.listing.states:
        names[identifier] = np.array(program.value(identifier))
    before, mark, update = program.source.partition("# update\n")
    with np.errstate(all="ignore"):
        exec(compile(before, "<source>", "exec"), names)
        values = {
            line.target: np.array(names[line.target]) for line in program.statements if line.phase != "update"
        }
        exec(compile(mark + update, "<source>", "exec"), names)
    return values | {
        line.target: np.asarray(names[line.target]) for line in program.statements if line.phase == "update"
    }


def compare_with_source(program: Program, what: str) -> None:
    expected = run_source(program)
    program.zero_grad()
    program.forward()
    program.backward()
    program.update()
    dtype = program.dtype.name
    largest = max(float(np.abs(array).max(initial=0)) for array in expected.values())
    for identifier, plain in expected.items():
        ours = program.value(identifier)
        if plain.ndim:
            assert plain.dtype == ours.dtype, f"{what}: {identifier}"
        scale = max(float(np.abs(plain).max(initial=0)), 0.01 * largest)
        assert float(np.abs(plain - ours).max(initial=0)) <= LIMITS[dtype] * scale, f"{what}: {identifier}"


@every_dtype
@every_type
def test_the_readable_source_runs_and_gives_the_numbers_of_every_node_type(
    each: Definition, dtype: str
) -> None:
    for case in cases(each)[::2]:
        compare_with_source(compiled_case(case, dtype), f"{case.name}, {dtype}")


@every_dtype
@pytest.mark.parametrize("name", optimizers())
def test_the_readable_source_runs_and_gives_the_numbers_of_random_graphs(name: str, dtype: str) -> None:
    for seed in range(5):
        compare_with_source(
            compiled(random_graph(seed), dtype, optimizer=name), f"seed {seed}, {name}, {dtype}"
        )


# --- run in four ways ----------------------------------------------------------------------------


def by_train_step(program: Program, lr: float) -> None:
    program.train_step(lr=lr)


def by_guarded_step(program: Program, lr: float) -> None:
    assert program.train_step(lr=lr, guard=True)


def by_phases(program: Program, lr: float) -> None:
    program.zero_grad()
    program.forward()
    program.backward()
    program.update(lr=lr)


def by_statements(program: Program, lr: float) -> None:
    program.lr = lr
    for _ in program.statements:
        program.step()


WAYS: list[Callable[[Program, float], None]] = [by_train_step, by_guarded_step, by_phases, by_statements]


def state(program: Program) -> dict[str, np.ndarray]:
    found = {f"parameter {key}": array for key, array in program.parameters().items()}
    found |= {f"state {key}": array for key, array in program.optimizer_state().items()}
    found |= {
        f"gradient {item.key}": np.array(program.value(item.gradient))
        for item in program.listing.parameters
        if item.trained
    }
    return found | {"loss": np.asarray(program.loss)} | {k: np.asarray(v) for k, v in program.losses.items()}


def compare_ways(make: Callable[[], Program], what: str, steps: int = 4) -> None:
    programs = [make() for _ in WAYS]
    rates = (0.05, 0.05, 0.02, 0.03)
    for step in range(steps):
        for way, program in zip(WAYS, programs, strict=True):
            way(program, rates[step % len(rates)])
        first, *others = [state(program) for program in programs]
        for way, other in zip(WAYS[1:], others, strict=True):
            assert first.keys() == other.keys()
            for key, array in first.items():
                same = np.array_equal(array, other[key], equal_nan=True)
                assert same, f"{what}, step {step}: {key} by {way.__name__} differs"


@every_dtype
@pytest.mark.parametrize("name", optimizers())
@pytest.mark.parametrize(
    "settings", [{}, {"weight_decay": 0.02}, {"l1": 0.003}, {"weight_decay": 0.02, "l1": 0.003}]
)
def test_however_it_is_run_every_optimizer_gives_the_same_bits(name: str, settings: dict, dtype: str) -> None:
    for seed in (3, 20):
        drawn = random_graph(seed)
        compare_ways(
            lambda: compiled(drawn, dtype, optimizer=name, optimizer_settings=settings),  # noqa: B023
            f"seed {seed}, {name}{settings}, {dtype}",
        )


@every_dtype
@pytest.mark.parametrize("name", optimizers())
def test_an_update_in_pieces_is_the_whole_update(
    name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large networks are updated a piece of the flat vectors after the other; so are small ones here."""
    monkeypatch.setattr("nnstudio.program.store.PIECE", 16)
    settings = {"weight_decay": 0.02, "l1": 0.003}

    def make() -> Program:
        return fed(classifier(), dtype=dtype, optimizer=name, optimizer_settings=settings)

    program = make()
    program.train_step()
    assert "more pieces of the flat vectors" in program.lowered_source
    compare_ways(make, f"{name}, {dtype}, in pieces")


@every_type
def test_however_it_is_run_every_node_type_gives_the_same_bits(each: Definition) -> None:
    for case in cases(each)[1::3]:
        compare_ways(lambda: compiled_case(case, "float32"), case.name, steps=2)  # noqa: B023


@every_dtype
@pytest.mark.parametrize("first", range(0, 20, 5))
def test_however_they_are_run_random_graphs_give_the_same_bits(first: int, dtype: str) -> None:
    for seed in range(first, first + 5):
        drawn = random_graph(seed)
        compare_ways(
            lambda: compiled(drawn, dtype, optimizer="Momentum"),  # noqa: B023
            f"seed {seed}, {dtype}",
            steps=2,
        )


def test_a_long_run_by_full_speed_steps_is_the_stepped_run() -> None:
    drawn = random_graph(12)
    fast, slow = compiled(drawn, "float32", optimizer="Adam"), compiled(drawn, "float32", optimizer="Adam")
    for _ in range(50):
        fast.train_step(lr=0.01)
        by_statements(slow, 0.01)
    fast_state, slow_state = state(fast), state(slow)
    for key, array in fast_state.items():
        np.testing.assert_array_equal(array, slow_state[key], key)


def test_the_lowered_source_shows_calls_in_place() -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(3,)), graph.add("Linear", "fc1", out_features=2))
    graph.connect("fc1", graph.add("Objective", "loss"))
    program = nn.compile(graph, 4)
    assert "np.dot(x, fc1_weight_T, fc1)" in program.lowered_source
    assert "np.add(fc1, " in program.lowered_source
    assert program.lowered(program.statements[2]).startswith("np.dot(x, fc1_weight_T, fc1)")
