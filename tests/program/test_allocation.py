"""A training step makes no arrays: what it needs was allocated when it was compiled."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.graph import Graph
from nnstudio.modules.catalogue import definitions
from nnstudio.program import Program
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.nets import samples

BATCH, WIDTH = 128, 200
ACTIVATION_BYTES = BATCH * WIDTH * 4
STEPS = 200
LASTING = 1024
"""What may be left after 200 steps: numbers that Python itself keeps."""
PASSING = 36_864
"""What may exist for a moment: the buffer of 8,192 numbers through which NumPy itself broadcasts a bias."""
MESSENGERS = [tracemalloc.Filter(True, name) for name in ("*/execnet/*", "*/xdist/*")]
"""Where tests are run by several processes, each of them is told in between, by a thread, what comes next."""


def chain(kind: str, **settings: object) -> Graph:
    """x -> Linear -> the node type -> Linear -> cross-entropy; each activation takes 100 KB."""
    graph = Graph()
    graph.add("Input", "x", shape=(16,))
    graph.add("Linear", "fc1", out_features=WIDTH)
    node = graph.add(kind, "m", **settings)
    graph.add("Linear", "fc2", out_features=10)
    graph.add("Target", "t", shape=())
    graph.add("CrossEntropy", "loss")
    for port in definitions()[kind].ports:
        graph.connect("fc1", node, port)
    for source, target in (("x", "fc1"), ("m", "fc2"), ("fc2", "loss"), ("t", "loss")):
        graph.connect(source, target)
    return graph


def growth(step: Callable[[], object]) -> tuple[int, int]:
    """Bytes that are left after 200 calls, and the most that there were in between."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        told = of_messengers()
        for _ in range(100):  # until Python's own lists of spare dictionaries are full
            step()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(STEPS):
            step()
        after, peak = tracemalloc.get_traced_memory()
        told = of_messengers() - told
    finally:
        tracemalloc.stop()
        gc.enable()
    return after - before - told, peak - before - told


def of_messengers() -> int:
    """Bytes that there are now of messages to this process."""
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces(MESSENGERS).traces)


def training(program: Program, guard: bool = False) -> Callable[[], object]:
    arrays = {
        name: array.astype(np.int64 if array.dtype.kind == "i" else program.dtype)
        for name, array in samples(program).items()
    }

    def step() -> None:
        program.feed(**arrays)
        program.train_step(lr=1e-4, guard=guard)

    return step


# Input, Target, Constant, Parameter take no input; criteria have their own test below.
KINDS = [name for name, each in definitions().items() if each.ports and each.role != "criterion"]
OPTIONS: dict[str, dict[str, object]] = {
    "Reshape": {"shape": (WIDTH,)}, "Power": {"exponent": 3.0}, "PReLU": {"per_feature": True},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_step_allocates_nothing(kind: str) -> None:
    program = nn.compile(chain(kind, **OPTIONS.get(kind, {})), BATCH)
    lasting, passing = growth(training(program))
    assert lasting < LASTING
    assert passing < PASSING, "an array was made"
    assert PASSING < ACTIVATION_BYTES / 2


@pytest.mark.parametrize(
    "criterion", [name for name, each in definitions().items() if each.role == "criterion"]
)
def test_no_criterion_allocates(criterion: str) -> None:
    graph = Graph()
    graph.connect(graph.add("Input", "x", shape=(16,)), graph.add("Linear", "fc1", out_features=WIDTH))
    graph.connect("fc1", graph.add("Sigmoid", "s"))
    loss = graph.add(criterion, "loss")
    graph.connect("s", loss)
    if criterion != "Objective":
        shape = () if criterion in ("CrossEntropy", "ClassNLL") else (WIDTH,)
        graph.connect(graph.add("Target", "t", shape=shape), loss)
    lasting, passing = growth(training(nn.compile(graph, BATCH)))
    assert lasting < LASTING
    assert passing < PASSING


@pytest.mark.parametrize("name", optimizers())
@pytest.mark.parametrize("guard", [False, True])
def test_no_optimizer_allocates(name: str, guard: bool) -> None:
    settings = {"weight_decay": 0.01, "l1": 0.001}
    program = nn.compile(chain("Tanh"), BATCH, optimizer=name, optimizer_settings=settings)
    lasting, passing = growth(training(program, guard))
    assert lasting < LASTING
    assert passing < PASSING


def test_joins_and_fan_out_allocate_nothing() -> None:
    graph = chain("Concat")
    graph.connect("fc1", graph.add("CMulTable", "gate"))
    graph.connect(graph.add("Parameter", "w", shape=(WIDTH,), value=(0.5,)), "gate")
    graph.connect("gate", graph.add("Objective", "aside", loss_weight=0.1))
    lasting, passing = growth(training(nn.compile(graph, BATCH)))
    assert lasting < LASTING
    assert passing < PASSING


def test_phases_and_the_reading_of_values_leave_nothing_behind() -> None:
    program = nn.compile(chain("Tanh"), BATCH)
    step = training(program)

    def whole() -> None:
        step()
        program.zero_grad()
        program.forward()
        program.backward()
        program.update(lr=1e-4)
        assert program["m.output"].nbytes == ACTIVATION_BYTES
        assert program.loss == program.losses["loss"]

    lasting, passing = growth(whole)
    assert lasting < LASTING
    assert passing < PASSING


def test_the_measure_sees_an_array() -> None:
    """A step that makes one array for a moment, and one that keeps a number each time."""
    kept: list[float] = []
    _, passing = growth(lambda: np.ones((BATCH, WIDTH), np.float32))
    lasting, _ = growth(lambda: kept.append(len(kept) + 0.5))
    assert passing > PASSING
    assert lasting > LASTING
