"""Any history of steps, phases, feeds and typed values, beside a naive model: snapshots of everything."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nnstudio.program import Statement
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.nets import classifier, fed, regression
from tests.program.plainly import namespace, result
from tests.program.snapshots import differences, snapshot

GRAPHS = {"classifier": classifier, "regression": regression}
WRITTEN = ("fc1.weight", "fc1.bias", "fc2.grad_weight", "act1.output", "fc2.grad_output", "x.output")


class Stepping(RuleBasedStateMachine):
    """`past` holds what the program was before each statement that may still be undone."""

    @initialize(
        graph=st.sampled_from(sorted(GRAPHS)),
        optimizer=st.sampled_from(list(optimizers())),
        dtype=st.sampled_from(["float32", "float64"]),
    )
    def start(self, graph: str, optimizer: str, dtype: str) -> None:
        self.program = fed(GRAPHS[graph](), 2, optimizer=optimizer, dtype=dtype)
        self.past: list[tuple[Statement, dict[str, Any]]] = []
        self.execute = self.program._machine.execute
        self.program._machine.execute = self.witnessed  # type: ignore[method-assign]

    def witnessed(self, statement: Statement, **words: bool) -> Statement:
        """What the program itself runs, remembered and computed in plain NumPy beside it."""
        before = snapshot(self.program)
        slots = self.program._workspace.slots
        names = {
            name: np.array(slots[name].array)
            for name in (*statement.reads, statement.target)
            if name in slots
        }
        expected = np.asarray(result(statement, {**names, **namespace(self.program)}))
        self.past.append((statement, before))
        self.execute(statement, **words)
        got = slots[statement.target].array
        limit = 1e-12 if self.program.dtype == np.float64 else 1e-5
        np.testing.assert_allclose(
            got, expected, rtol=limit, atol=limit * max(1, np.abs(expected).max(initial=0))
        )
        return statement

    @rule()
    def step(self) -> None:
        count = len(self.program.statements)
        wanted = self.program.statements[self.program.position % count]
        assert self.program.step() is wanted

    @rule()
    def step_back(self) -> None:
        if not self.past:
            assert self.program.step_back() is None
            return
        statement, before = self.past.pop()
        assert self.program.step_back() is statement
        assert not differences(before, snapshot(self.program))

    @rule(phase=st.sampled_from(["zero_grad", "forward", "update"]))
    def run_phase(self, phase: str) -> None:
        getattr(self.program, phase)()
        last = [line.index for line in self.program.statements if line.phase == phase][-1]
        assert self.program.position == last + 1

    @precondition(lambda self: self.program.is_current("loss.output"))
    @rule()
    def backward(self) -> None:
        self.program.backward()
        assert self.program.is_current("fc1.grad_output")

    @rule(guard=st.booleans(), lr=st.sampled_from([0.1, 0.01]))
    def train_step(self, guard: bool, lr: float) -> None:
        assert self.program.train_step(lr=lr, guard=guard)
        self.past.clear()
        assert self.program.position == 0

    @rule(seed=st.integers(0, 1000), only=st.sampled_from([None, "x", "t"]))
    def feed(self, seed: int, only: str | None) -> None:
        from tests.program.nets import samples

        arrays = samples(self.program, seed)
        self.program.feed(**(arrays if only is None else {only: arrays[only]}))
        assert not self.program.is_current("fc1.output")

    @rule(key=st.sampled_from(WRITTEN), seed=st.integers(0, 1000))
    def write(self, key: str, seed: int) -> None:
        shape = self.program.slot(key).shape
        value = np.random.default_rng(seed).normal(size=shape)
        self.program[key] = value
        np.testing.assert_array_equal(self.program[key], value.astype(self.program.dtype))

    @rule(lr=st.floats(0.001, 0.5))
    def set_rate(self, lr: float) -> None:
        self.program.lr = lr

    @rule(seed=st.integers(0, 1000))
    def load(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.program.load_parameters(
            {key: rng.normal(size=array.shape) for key, array in self.program.parameters().items()}
        )

    @rule()
    def reset(self) -> None:
        self.program.reset()
        self.past.clear()

    @invariant()
    def journal_is_as_long_as_the_past(self) -> None:
        if hasattr(self, "past"):
            stepped = [entry for entry in self.program.journal._past if entry.statement is not None]
            assert len(stepped) == len(self.past)
            assert self.program.journal.bytes <= self.program.journal.budget

    def teardown(self) -> None:
        """In the end all the way back."""
        for statement, before in reversed(getattr(self, "past", [])):
            assert self.program.step_back() is statement
            assert not differences(before, snapshot(self.program))


Stepping.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestStepping = Stepping.TestCase
