"""What a backend must do, beside NumPy's: on the strict stand-in, and on a real device where there is one.

`exact` says whether the numbers must be the same bits (the stand-in computes with NumPy) or near (a device
has its own rounding of exp, tanh and products).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import nnstudio as nn
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.module import Definition
from nnstudio.program import Backend, Program
from tests.modules.cases import cases
from tests.modules.drawn import draw
from tests.program.nets import classifier, fed, samples
from tests.program.random_graphs import random_graph

TYPES = [each for each in definitions().values() if each.role != "target"]


@dataclass
class Suite:
    """Runs programs on `backend` and on NumPy side by side."""

    backend: Backend
    exact: bool
    limits: dict[str, float] = field(default_factory=lambda: {"float32": 2e-5, "float64": 1e-11})

    def same(self, theirs: Any, ours: Any, what: str) -> None:
        theirs, ours = np.asarray(theirs), np.asarray(ours)
        assert theirs.shape == ours.shape, what
        assert theirs.dtype == ours.dtype, what
        if self.exact or theirs.dtype.kind != "f":
            np.testing.assert_array_equal(theirs, ours, what)
            return
        limit = self.limits[theirs.dtype.name]
        scale = max(1.0, float(np.abs(ours).max(initial=0)))
        np.testing.assert_allclose(theirs, ours, rtol=limit, atol=limit * scale, err_msg=what)

    def both(self, make: Callable[[Any], Program]) -> tuple[Program, Program]:
        return make(self.backend), make("numpy")

    def same_state(self, theirs: Program, ours: Program, what: str) -> None:
        assert theirs.position == ours.position
        for key in ours:
            assert theirs.is_current(key) == ours.is_current(key), f"{what}: {key}"
            if ours.is_current(key):
                self.same(theirs[key], ours[key], f"{what}: {key}")
        for found, expected in (
            (theirs.parameters(), ours.parameters()),
            (theirs.optimizer_state(), ours.optimizer_state()),
        ):
            assert found.keys() == expected.keys()
            for key, array in expected.items():
                assert type(found[key]) is np.ndarray
                self.same(found[key], array, f"{what}: {key}")
        self.same(theirs.flat, ours.flat, f"{what}: flat")

    # -- what is checked -----------------------------------------------------------------------------

    def node_type(self, each: Definition, dtype: str) -> None:
        for case in cases(each):

            def make(backend: Any) -> Program:
                graph, feed = draw(case)  # noqa: B023
                program = nn.compile(graph, case.samples, dtype, backend)  # noqa: B023
                program.load_parameters({f"m.{name}": array for name, array in case.parameters.items()})  # noqa: B023
                program.feed(**feed)
                return program

            self.whole_and_fast(*self.both(make), what=f"{case.name}, {dtype}")

    def graph(self, seed: int, dtype: str, optimizer: str = "Momentum") -> None:
        drawn = random_graph(seed)

        def make(backend: Any) -> Program:
            program = nn.compile(drawn.graph, drawn.batch_size, dtype, backend, optimizer=optimizer)
            program.load_parameters(drawn.parameters)
            program.feed(**drawn.feeds)
            return program

        self.whole_and_fast(*self.both(make), what=f"seed {seed}, {dtype}, {optimizer}")

    def whole_and_fast(self, theirs: Program, ours: Program, what: str) -> None:
        """Phase by phase, at full speed with and without guard, and by single steps."""
        for program in (theirs, ours):
            program.zero_grad()
            program.forward()
            program.backward()
        self.same_state(theirs, ours, what)
        for program in (theirs, ours):
            program.update(lr=0.05)
        self.same_state(theirs, ours, f"{what}, updated")
        for guard in (False, True, False):
            for program in (theirs, ours):
                assert program.train_step(lr=0.02, guard=guard)
        self.same_state(theirs, ours, f"{what}, trained")
        assert theirs.losses.keys() == ours.losses.keys()

    def optimizer(self, name: str, dtype: str) -> None:
        settings = {"weight_decay": 0.01, "l1": 0.001}
        theirs, ours = self.both(
            lambda backend: fed(
                classifier(), 6, backend=backend, dtype=dtype, optimizer=name, optimizer_settings=settings
            )
        )
        for step in range(5):
            batch = samples(ours, step)
            for program in (theirs, ours):
                program.feed(**batch)
                program.train_step(lr=0.1 / (1 + step))
            self.same_state(theirs, ours, f"{name}, step {step}")

    def stepping(self, dtype: str) -> None:
        """Forwards and backwards in time, with values typed in between."""
        theirs, ours = self.both(
            lambda backend: fed(classifier(), 3, backend=backend, dtype=dtype, optimizer="Adam")
        )
        start = {key: np.array(array) for key, array in theirs.parameters().items()}
        typed = np.random.default_rng(0).normal(size=(5, 4))
        count = 2 * len(ours.statements) + 5
        for index in range(count):
            for program in (theirs, ours):
                program.step()
                if index == 7:
                    program["fc1.weight"] = typed
                if index == 20:
                    program.lr = 0.3
            self.same_state(theirs, ours, f"step {index}")
        for index in range(count):
            for program in (theirs, ours):
                assert program.step_back() is not None
            self.same_state(theirs, ours, f"back {index}")
        for key, array in theirs.parameters().items():
            np.testing.assert_array_equal(array, start[key], "going back is exact on every backend")

    def reading_and_writing(self, dtype: str) -> None:
        theirs, ours = self.both(lambda backend: fed(classifier(), 4, backend=backend, dtype=dtype))
        assert theirs.backend is self.backend
        rng = np.random.default_rng(1)
        for program in (theirs, ours):
            program.zero_grad()
            program.forward()
            program.backward()
        for key in ours.keys():  # noqa: SIM118
            value = rng.integers(0, 3, 4) if key == "t.output" else rng.normal(size=np.shape(ours[key]))
            for program in (theirs, ours):
                program[key] = value
            assert type(theirs[key]) is np.ndarray
            self.same(theirs[key], ours[key], key)
        for program in (theirs, ours):
            program.load_parameters({"fc1.bias": [1, 2, 3, 4, 5], "fc2.weight": np.ones((3, 5), np.float32)})
            program.feed(x=np.ones((4, 4)).tolist(), t=[0, 1, 2, 0])
            program.feed(x=np.asfortranarray(rng.normal(size=(4, 4)) * 0 + 2))
            program.forward()
        self.same_state(theirs, ours, "after writing")
        self.same(theirs.flat_gradients, ours.flat_gradients, "flat gradients")
        small, theirs_small = ours.with_batch_size(2), theirs.with_batch_size(2)
        for program in (theirs_small, small):
            program.feed(**samples(small))
            program.train_step(lr=0.5)
        self.same_state(theirs_small, small, "another batch size")
        for program in (theirs, ours):
            program.initialise(9)
        self.same(theirs.flat, ours.flat, "drawn anew")

    def guard(self) -> None:
        theirs, ours = self.both(lambda backend: fed(classifier(), 2, backend=backend))
        for program in (theirs, ours):
            program.feed(x=np.full((2, 4), np.nan))
            assert program.train_step(lr=0.1, guard=True) is False
        self.same(theirs.flat, ours.flat, "left alone")
