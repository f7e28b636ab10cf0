"""The timeline both ways: any history is gone through to every bit, and equals one that was played anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.program import Program, Statement
from nnstudio.program.cupy_backend import CupyBackend
from nnstudio.program.statement import CALLS
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.nets import classifier, fed, regression, samples
from tests.program.random_graphs import random_graph
from tests.program.snapshots import differences, snapshot
from tests.program.strict_backend import StrictModule

Act = Callable[[Program], object]


class Timeline(RuleBasedStateMachine):
    """`seen[i]` is everything at moment i, None where it was only passed; `acts[i]` leads on from there."""

    @initialize(
        seed=st.integers(0, 80),
        optimizer=st.sampled_from(list(optimizers())),
        dtype=st.sampled_from(["float32", "float64"]),
        on_device=st.booleans(),
    )
    def start(self, seed: int, optimizer: str, dtype: str, on_device: bool) -> None:
        self.make = lambda: _random_program(seed, optimizer, dtype, on_device)
        self.program = self.make()
        self.seen: list[dict[str, Any] | None] = [snapshot(self.program)]
        self.acts: list[Act] = []
        self.program.remember()
        self._watch_statements()

    def _watch_statements(self) -> None:
        machine = self.program._machine
        execute = machine.execute

        def watched(statement: Statement, *, begin: bool = False, stay: bool = False) -> Statement:
            before, position = machine.moment, machine.position
            found = execute(statement, begin=begin, stay=stay)

            def again(program: Program) -> None:
                program.position = position
                program._machine.execute(program.statements[statement.index], begin=begin, stay=stay)

            self._became(before, again, None)
            return found

        machine.execute = watched  # type: ignore[method-assign]

    def _became(self, before: int, act: Act, after: dict[str, Any] | None) -> None:
        self.acts[before:] = [act]
        self.seen[before + 1 :] = [after]

    def do(self, act: Act) -> None:
        """An act that is one moment, or none where it changes nothing or is refused."""
        before, moments = self.program.moment, self.program.moments
        state = snapshot(self.program)
        try:
            act(self.program)
        except ProgramError:
            assert (self.program.moment, self.program.moments) == (before, moments)
            assert not differences(state, snapshot(self.program))
            return
        if self.program.moment > before:
            self._became(before, act, snapshot(self.program))

    @rule(count=st.integers(1, 12))
    def step(self, count: int) -> None:
        for _ in range(count):
            self.program.step()

    @rule()
    def step_back(self) -> None:
        before = self.program.moment
        undone = self.program.step_back()
        if undone is None:
            assert self.program.moment == before
        else:
            assert self.program.moment < before

    @rule(share=st.floats(0, 1))
    def go_to(self, share: float) -> None:
        self.program.go_to(round(share * (self.program.moments - 1)))

    @rule(
        place=st.floats(0, 0.999),
        seed=st.integers(0, 99),
        odd=st.sampled_from([0.0, 1.0, np.nan, np.inf]),
    )
    def write(self, place: float, seed: int, odd: float) -> None:
        keys = self.program.keys()
        key = keys[int(place * len(keys))]
        shape = self.program.slot(key).shape
        value = np.random.default_rng(seed).uniform(0.1, 0.9, shape)
        if seed < 10 and value.size:
            value.flat[0] = odd
        self.do(lambda program: program.__setitem__(key, value))

    @rule(seed=st.integers(0, 99), only=st.integers(0, 5))
    def feed(self, seed: int, only: int) -> None:
        arrays = samples(self.program, seed)
        some = dict(list(arrays.items())[only % (len(arrays) or 1) :])
        self.do(lambda program: program.feed(**some))

    @rule(name=st.sampled_from(CALLS), place=st.floats(0, 0.999))
    def call(self, name: str, place: float) -> None:
        nodes = sorted({line.node for line in self.program.statements if line.node})
        before = self.program.moment
        try:
            ran = self.program.call(nodes[int(place * len(nodes))], name)  # type: ignore[arg-type]
        except ProgramError:
            assert self.program.moment == before
        else:
            assert self.program.moment == before + len(ran)
            assert all(
                name in {line.torch7, "updateGradInput"} for line in ran if name != "accGradParameters"
            )

    @rule()
    def refresh(self) -> None:
        self.do(lambda program: program.refresh())
        loss = self.program.listing.loss
        if loss is None or self.program._machine.is_current(loss):
            assert all(self.program.is_true(key) for key in self.program if self.program.is_current(key))

    @rule(seed=st.integers(0, 99), count=st.integers(0, 3))
    def leap(self, seed: int, count: int) -> None:
        batches = [samples(self.program, seed + index) for index in range(count)]
        self.do(lambda program: program.leap(batches, "epoch"))

    @rule(lr=st.sampled_from([0.001, 0.01, 0.1, float("nan")]))
    def rate(self, lr: float) -> None:
        self.do(lambda program: setattr(program, "lr", lr))

    @rule(seed=st.integers(0, 99))
    def load(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        values = {key: rng.uniform(0.1, 0.9, array.shape) for key, array in self.program.parameters().items()}
        self.do(lambda program: program.load_parameters(values))
        self.do(lambda program: program.load_optimizer_state(program.optimizer_state()))

    @invariant()
    def every_moment_is_what_it_was(self) -> None:
        if not hasattr(self, "seen"):
            return
        assert self.program.moments == len(self.seen)
        self._compare()

    def _compare(self) -> None:
        here = self.program.moment
        now = snapshot(self.program)
        known = self.seen[here]
        if known is not None:
            left = differences(known, now)
            assert not left, f"moment {here} has other {left}"
        self.seen[here] = now

    def teardown(self) -> None:
        """Back through all moments and forth again; and the same acts once more, on a program of its own."""
        if not hasattr(self, "seen"):
            return
        for moment in [*range(self.program.moment, -1, -1), *range(self.program.moments)]:
            self.program.go_to(moment)
            self._compare()
        anew = self.make()
        anew.remember()
        for moment, act in enumerate(self.acts):
            act(anew)
            left = differences(self.seen[moment + 1] or {}, snapshot(anew))
            assert not left, f"played anew, moment {moment + 1} has other {left}"


def _random_program(seed: int, optimizer: str, dtype: str, on_device: bool) -> Program:
    drawn = random_graph(seed)
    backend = CupyBackend(StrictModule()) if on_device else "numpy"
    program = nn.compile(drawn.graph, drawn.batch_size, dtype, backend, optimizer=optimizer)  # type: ignore[arg-type]
    program.feed(**drawn.feeds)
    return program


Timeline.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TestTimeline = Timeline.TestCase


# --- there and back -------------------------------------------------------------------------------


def test_going_back_keeps_the_future_until_something_else_happens() -> None:
    program = fed(classifier(), optimizer="Adam")
    assert (program.moment, program.moments, program.happened(0)) == (0, 1, None)
    for _ in range(10):
        program.step()
    last = snapshot(program)
    program.go_to(3)
    assert (program.moment, program.moments, program.position) == (3, 11, 3)
    assert program.happened(10) is program.statements[9]
    program.go_to(10)
    assert not differences(last, snapshot(program))
    program.go_to(3)
    program["fc1.bias"] = np.ones(5)
    assert (program.moment, program.moments) == (4, 5)
    assert program.happened(4) == "typed fc1.bias"


def test_two_thousand_steps_of_digits_are_remembered() -> None:
    program = fed(classifier(32, 64, 10), 32, optimizer="Adam")
    program.step()
    first = snapshot(program)
    for _ in range(2000):
        program.step()
    last = snapshot(program)
    assert program.moments == 2002
    program.go_to(1)
    assert not differences(first, snapshot(program))
    program.go_to(2001)
    assert not differences(last, snapshot(program))
    assert program.journal.bytes < program.journal.budget / 10


@pytest.mark.parametrize("moment", [-1, 6, 100])
def test_there_is_no_other_moment(moment: int) -> None:
    program = fed(classifier())
    for _ in range(5):
        program.step()
    with pytest.raises(ProgramError, match=rf"no moment {moment}: the timeline has the moments 0 to 5\."):
        program.go_to(moment)
    with pytest.raises(ProgramError, match="no moment"):
        program.happened(moment)


def test_what_happened_is_said_in_words() -> None:
    program = fed(classifier(), 6)
    program.remember()
    program["fc1.weight"] = np.full((5, 4), np.nan)
    program.feed(**samples(program, 3))
    program.lr = 0.25
    program.load_parameters({"fc1.bias": np.zeros(5)})
    program.load_optimizer_state({"step": 3})
    program.leap([samples(program, 4)], "epoch 3")
    program["fc2.bias"] = [1, 1e60, 2]
    program.refresh()
    assert [program.happened(moment) for moment in range(program.moments)] == [
        None, "typed fc1.weight (holds 20 NaN)", "fed 6 samples", "learning rate 0.25", "loaded parameters",
        "loaded optimizer state", "epoch 3", "typed fc2.bias (holds 1 inf)", "brought up to date",
    ]  # fmt: skip


def test_before_anything_is_remembered_nothing_costs() -> None:
    program = fed(classifier())
    program["fc1.bias"] = np.ones(5)
    program.lr = 0.5
    program.forward()
    program.backward()
    assert program.moments == 1
    assert program.journal.bytes == 0


def test_training_at_full_speed_and_reset_end_the_timeline() -> None:
    program = fed(classifier())
    for end in (program.train_step, program.reset, program.initialise):
        program.step()
        program.go_to(0)
        end()
        assert program.moments == 1
        program.feed(**samples(program, 1))
        assert program.moments == 1


def test_the_oldest_moments_are_forgotten_and_the_future_counts_in_the_budget() -> None:
    program = fed(regression(), 50, dtype="float64")
    program.journal.budget = 60_000
    moments = []
    for _ in range(200):
        program.step()
        moments.append(snapshot(program))
    count = program.moments
    assert 10 < count < 100
    for moment in (0, count - 1, count // 2):
        program.go_to(moment)
        assert not differences(moments[moment - count], snapshot(program))
        assert program.journal.bytes <= 60_000 * 1.01
    program.step()
    assert program.moments == count // 2 + 2


# --- leaps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", optimizers())
def test_a_leap_is_training_itself_and_is_undone_whole(name: str) -> None:
    program, trained = (fed(classifier(), 6, optimizer=name, dtype="float32") for _ in range(2))
    batches = [samples(program, seed) for seed in range(5)]
    for _ in range(3):
        program.step()
    before = snapshot(program)
    assert program.leap(iter(batches), "epoch 1").steps == 5
    for batch in batches:
        trained.feed(**batch)
        trained.train_step()
    np.testing.assert_array_equal(program.flat, trained.flat)
    assert program.loss == trained.loss
    after = snapshot(program)
    assert program.moments == 5
    assert program.step_back() is program.statements[-1]
    assert not differences(before, snapshot(program))
    program.go_to(4)
    assert not differences(after, snapshot(program))
    program.step()
    assert program.happened(5) is program.statements[0]


def test_the_last_batch_of_a_leap_may_be_shorter() -> None:
    program = fed(classifier(), 6)
    start = program.flat.copy()
    program.remember()
    batches = [samples(program, 1), samples(program.with_batch_size(2), 2)]
    assert program.leap(batches, "epoch").steps == 2
    trained = fed(classifier(), 6)
    for batch in batches:
        part = trained.with_batch_size(len(batch["x"]))
        part.feed(**batch)
        part.train_step()
    np.testing.assert_array_equal(program.flat, trained.flat)
    assert not program.is_true("loss.output")
    program.go_to(0)
    np.testing.assert_array_equal(program.flat, start)


def test_a_leap_that_fails_leaves_everything_and_the_way_on() -> None:
    program = fed(classifier(), 6)
    for _ in range(8):
        program.step()
    program.go_to(4)
    before = snapshot(program)
    wrong = {"x": np.zeros((6, 4)), "t": [9] * 6}
    with pytest.raises(ProgramError, match="class number 9"):
        program.leap([samples(program, 1), wrong], "epoch")
    assert not differences(before, snapshot(program))
    assert (program.moment, program.moments) == (4, 9)
    assert program.leap([], "nothing").steps == 0
    with pytest.raises(ProgramError, match="no input 'y'"):
        program.leap([{"y": 3}], "epoch")
    assert (program.moment, program.moments) == (4, 9)
    program.go_to(8)
    program.step()
    assert program.happened(9) is program.statements[8]


@pytest.mark.parametrize("name", optimizers())
def test_a_leap_that_is_watched_stops_anywhere_and_is_finished_as_if_it_had_not(name: str) -> None:
    program, trained = (fed(classifier(), 6, optimizer=name, dtype="float32") for _ in range(2))
    batches = [samples(program, seed) for seed in range(5)]
    program.remember()
    before = snapshot(program)
    at = next(line for line in program.statements if line.target == program.identifier("loss.output"))
    seen: list[Statement] = []

    def stop(_: Program, line: Statement) -> bool:
        seen.append(line)
        return seen.count(at) == 3

    leaped = program.leap(batches, "epoch", rate=lambda step: 0.1 / (1 + step), stop=stop)
    assert (leaped.steps, leaped.stopped, leaped.resized) == (3, True, 0)
    assert program.moments == 2 and program.position == at.index + 1
    assert program.is_true("loss.output") and program.lr == pytest.approx(0.1 / 3)
    stopped = snapshot(program)
    program.go_to(0)
    assert not differences(before, snapshot(program))
    program.go_to(1)
    assert not differences(stopped, snapshot(program))
    program.leap(batches[3:], "epoch", rate=lambda step: 0.1 / (4 + step), finish=True)
    for step, batch in enumerate(batches):
        trained.feed(**batch)
        trained.train_step(0.1 / (1 + step))
    np.testing.assert_array_equal(program.flat, trained.flat)
    program.go_to(1)
    assert not differences(stopped, snapshot(program))


@pytest.mark.parametrize("size", [2, 9])
def test_a_stop_in_a_batch_of_another_size_is_shown_with_as_many_as_there_are(size: int) -> None:
    program = fed(classifier(), 6)
    program.remember()
    first, other = samples(program, 1), samples(program.with_batch_size(size), 2)
    backward = next(line for line in program.statements if line.phase == "update")
    leaped = program.leap(
        [first, other], "epoch", stop=lambda part, line: part is not program and line is backward
    )
    assert (leaped.steps, leaped.stopped, leaped.resized) == (2, True, size)
    assert program.position == backward.index + 1
    twin = fed(classifier(), 6)
    twin.feed(**first)
    twin.train_step()
    twin.feed(**{key: np.asarray(array)[np.arange(6) % size] for key, array in other.items()})
    twin.position = 0
    for _ in range(backward.index + 1):
        twin.step()
    np.testing.assert_allclose(program.flat, twin.flat, rtol=1e-12)
    np.testing.assert_allclose(program.loss, twin.loss, rtol=1e-12)
    program.go_to(0)
    np.testing.assert_array_equal(program.flat, fed(classifier(), 6).flat)
