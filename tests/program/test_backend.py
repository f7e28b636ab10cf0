"""The CuPy backend on a stand-in that refuses what CuPy refuses: the numbers, and that nothing leaves it."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.program.cupy_backend import CupyBackend
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.device_suite import TYPES, Suite
from tests.program.nets import classifier, fed, samples
from tests.program.random_graphs import random_graph
from tests.program.strict_backend import Array, StrictModule

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture
def module() -> StrictModule:
    return StrictModule()


@pytest.fixture
def suite(module: StrictModule) -> Suite:
    return Suite(CupyBackend(module), exact=True)


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", TYPES, ids=lambda each: each.name)
def test_every_node_type(suite: Suite, each) -> None:
    suite.node_type(each, "float32")


@pytest.mark.parametrize("first", range(0, 30, 6))
def test_random_graphs(suite: Suite, first: int) -> None:
    for seed in range(first, first + 6):
        suite.graph(seed, ("float32", "float64")[seed % 2])


@every_dtype
@pytest.mark.parametrize("name", optimizers())
def test_every_optimizer(suite: Suite, name: str, dtype: str) -> None:
    suite.optimizer(name, dtype)


@every_dtype
def test_stepping(suite: Suite, dtype: str) -> None:
    suite.stepping(dtype)


@every_dtype
def test_reading_and_writing(suite: Suite, dtype: str) -> None:
    suite.reading_and_writing(dtype)


def test_the_guard(suite: Suite) -> None:
    suite.guard()


# --- hygiene --------------------------------------------------------------------------------------


def watched_graphs() -> list:
    return [(classifier(), 6)] + [(random_graph(seed).graph, 3) for seed in range(30)]


@pytest.mark.parametrize("optimizer", optimizers())
def test_a_training_step_moves_nothing_between_host_and_device(module: StrictModule, optimizer: str) -> None:
    for graph, batch in watched_graphs()[:: 1 if optimizer == "SGD" else 15]:
        program = fed(graph, batch, backend=CupyBackend(module), optimizer=optimizer)
        program.train_step(lr=0.01)
        with module.counts.over() as found:
            for _ in range(3):
                program.train_step(lr=0.01)
        assert found == {"to_device": 0, "to_host": 0, "arrays": 0}


def test_a_guarded_step_reads_one_number(module: StrictModule) -> None:
    program = fed(classifier(), backend=CupyBackend(module))
    program.train_step(lr=0.01, guard=True)
    with module.counts.over() as found:
        program.train_step(lr=0.01, guard=True)
    assert found == {"to_device": 0, "to_host": 1, "arrays": 0}


def test_a_feed_goes_one_way(module: StrictModule) -> None:
    program = fed(classifier(), backend=CupyBackend(module))
    for batch in (samples(program), {"x": np.ones((6, 4), np.float32), "t": np.zeros(6, np.int64)}):
        with module.counts.over() as found:
            program.feed(**batch)
        assert found == {"to_device": 2, "to_host": 0, "arrays": 0}


def test_phases_and_single_steps_stay_on_the_device(module: StrictModule) -> None:
    program = fed(random_graph(5).graph, 3, backend=CupyBackend(module))
    for _ in program.statements:
        program.step()
    program.reset()
    program.zero_grad(), program.forward(), program.backward(), program.update()
    with module.counts.over() as found:
        program.zero_grad(), program.forward(), program.backward(), program.update()
    assert found == {"to_device": 0, "to_host": 0, "arrays": 0}
    with module.counts.over() as found:
        for _ in program.statements:
            program.step()
        for _ in program.statements:
            program.step_back()
    assert found["to_host"] == 0
    assert found["to_device"] == 0
    assert found["arrays"] == 2 * len(program.statements), (
        "one copy a step for the way back, one for on again"
    )


def test_class_numbers_are_checked_on_the_host(module: StrictModule) -> None:
    program = fed(classifier(), 2, backend=CupyBackend(module))
    for wrong in ([0, 3], np.array([0, 3]), np.array([-1, 0])):
        with pytest.raises(ProgramError, match="class number"):
            program.feed(t=wrong)


def test_every_array_is_the_devices(module: StrictModule) -> None:
    program = fed(classifier(), backend=CupyBackend(module), optimizer="Adam")
    program.train_step()
    for key in program:
        assert isinstance(program.slot(key).array, Array)
    assert isinstance(program.flat, np.ndarray)


def test_a_device_array_fed_or_typed_gets_a_sentence(module: StrictModule) -> None:
    program = fed(classifier(), backend=CupyBackend(module))
    stray = module.zeros((6, 4))
    for put in (lambda: program.feed(x=stray), lambda: program.__setitem__("fc1.weight", stray)):
        with pytest.raises(ProgramError, match="must be given numbers, as a NumPy array"):
            put()


# --- the stand-in itself --------------------------------------------------------------------------


def test_the_stand_in_refuses_what_cupy_refuses(module: StrictModule) -> None:
    a, host = module.asarray(np.ones((2, 3), np.float32)), np.ones((2, 3), np.float32)
    out, wide = module.zeros((2, 3), "float32"), module.zeros((4, 3), "float32")
    mask = module.zeros((2, 3), "float32")
    narrow = module.zeros((2, 3), "int8")
    refused = [
        # NumPy cannot read an array of the device, and Python cannot take it for a number
        lambda: np.asarray(a), lambda: np.array(a), lambda: np.add(a, a), lambda: np.add(host, a),
        lambda: np.dot(a, a.T), lambda: np.concatenate((a, a)), lambda: float(module.zeros(())),
        lambda: bool(a), lambda: list(a), lambda: a + host, lambda: host + a, lambda: a == host,
        # nor do host arrays mix with it
        lambda: module.add(a, host), lambda: module.add(host, a, out), lambda: module.add(a, a, host),
        lambda: module.add(a, np.float32(1), out), lambda: module.copyto(out, host),
        lambda: module.copyto(host, a), lambda: out.__setitem__(..., host), lambda: a[host > 0],
        lambda: module.concatenate((a, host), 0, wide), lambda: module.take(a, host, 0),
        lambda: module.dot(a, host.T),
        # the rules of shapes and dtypes
        lambda: module.copyto(out, 1.0, where=mask), lambda: module.add(wide, a, out),
        lambda: module.add(a, a, wide), lambda: module.add(a, a, narrow), lambda: module.take(a, a, 0),
        lambda: module.dot(a, a.T, module.zeros((2, 2))), lambda: module.dot(a, a, wide.T),
        lambda: a.set(np.ones((2, 3))), lambda: a.set(np.ones((3, 2), np.float32)),
        lambda: module.zeros((), "float32").set(np.ones(1, np.float32)),
        # and what is missing in CuPy
        lambda: module.maximum.reduce(a), lambda: module.add(a, a, where=mask),
        lambda: module.matmul(a, a.T, module.zeros((2, 2), "float32")),
    ]  # fmt: skip
    for number, attempt in enumerate(refused):
        with pytest.raises((TypeError, ValueError, NotImplementedError, RuntimeError)):
            attempt()
            pytest.fail(f"number {number} was let through")
    module.add(a, 1.0, out)
    np.testing.assert_array_equal(out.get(), host + 1)


def test_without_cupy_or_a_device_the_backend_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnstudio.program import cupy_backend

    class Runtime:
        count: int | Exception = 0

        @classmethod
        def getDeviceCount(cls) -> int:
            if isinstance(cls.count, Exception):
                raise cls.count
            return cls.count

    class Fake:
        class cuda:
            runtime = Runtime

    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(cupy_backend.importlib, "import_module", absent)
    with pytest.raises(ProgramError, match=r"needs CuPy, which cannot be loaded here: install it"):
        nn.compile(classifier(), backend="cupy")
    monkeypatch.setattr(cupy_backend.importlib, "import_module", lambda name: Fake)
    with pytest.raises(ProgramError, match="finds no graphics card"):
        nn.compile(classifier(), backend="cupy")
    Runtime.count = RuntimeError("no driver")
    with pytest.raises(ProgramError, match="finds no CUDA driver"):
        nn.compile(classifier(), backend="cupy")
