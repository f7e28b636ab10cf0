"""Stepping forwards and backwards in time: whatever happened, going back restores every bit."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.program import PHASES, Program, Statement
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.nets import classifier, fed, regression, samples
from tests.program.random_graphs import random_graph
from tests.program.snapshots import differences, snapshot

# --- forwards -------------------------------------------------------------------------------------


def test_one_round_of_steps_goes_through_all_phases_in_order() -> None:
    program = fed(classifier())
    phases = [program.step().phase for _ in program.statements]
    assert list(dict.fromkeys(phases)) == list(PHASES)
    assert program.position == len(program.statements)
    assert program.step() is program.statements[0]
    assert program.position == 1


def test_a_step_changes_only_what_its_statement_writes() -> None:
    program = fed(classifier(), optimizer="Adam", dtype="float64")
    owners = {**{item.identifier: "all flat" for item in program.listing.parameters},
              **{item.gradient: "all flat_gradients" for item in program.listing.parameters}}  # fmt: skip
    for identifier, (_, quantity) in program.listing.states.items():
        owners[identifier] = f"all {quantity}"
    before = snapshot(program)
    for _ in range(2 * len(program.statements)):
        statement = program.step()
        after = snapshot(program)
        changed = set(differences(before, after)) - {"position", "current"}
        assert changed <= {*statement.writes, owners.get(statement.target)}, statement
        before = after


def test_stepping_needs_what_the_program_reads() -> None:
    program = nn.compile(classifier(), 2)
    with pytest.raises(ProgramError, match=r"^x has no values yet: call feed\(x=…\) first\.$"):
        program.step()
    assert program.position == 0
    assert len(program.journal) == 0


def test_an_empty_program_cannot_be_stepped() -> None:
    with pytest.raises(ProgramError, match="nothing in the graph can run"):
        nn.compile(Graph()).step()
    assert nn.compile(Graph()).step_back() is None


# --- backwards ------------------------------------------------------------------------------------


class Witness:
    """Keeps a snapshot from just before every statement, and compares when time runs back."""

    def __init__(self, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        self.program = program
        self.moments: list[tuple[Statement, dict]] = []
        execute = program._machine.execute

        def witnessed(statement: Statement, **words: bool) -> Statement:
            self.moments.append((statement, snapshot(program)))
            return execute(statement, **words)

        monkeypatch.setattr(program._machine, "execute", witnessed)

    def go_back(self, count: int | None = None) -> None:
        for _ in range(len(self.moments) if count is None else count):
            statement, expected = self.moments.pop()
            assert self.program.step_back() is statement
            left = differences(expected, snapshot(self.program))
            assert not left, f"{len(self.moments)} statements in, {statement} leaves {left} behind"


@pytest.mark.parametrize("name", optimizers())
def test_a_thousand_steps_back_restore_every_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every optimizer, with feeds, values typed in, learning rates and loaded weights in between."""
    settings = {"weight_decay": 0.01, "l1": 0.001}
    program = fed(classifier(), 3, optimizer=name, optimizer_settings=settings, dtype="float32")
    program.train_step(lr=0.1)
    program.feed(**samples(program, 5))
    witness = Witness(program, monkeypatch)
    rng = np.random.default_rng(1)
    meddled: Counter[str] = Counter()
    while len(witness.moments) < 1000:
        program.step()
        if rng.random() < 0.08:
            action = MEDDLING[rng.integers(len(MEDDLING))]
            action(program, rng)
            meddled[action.__name__] += 1
    assert len(meddled) >= 8
    witness.go_back()
    assert len(program.journal) == 0
    assert program.step_back() is None


@pytest.mark.parametrize("first", range(40, 60, 10))
def test_steps_of_random_graphs_go_back(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(first, first + 10):
        drawn = random_graph(seed)
        program = nn.compile(drawn.graph, drawn.batch_size, optimizer="Adam")
        program.feed(**drawn.feeds)
        witness = Witness(program, monkeypatch)
        for _ in range(2 * len(program.statements)):
            program.step()
        witness.go_back()


def test_going_back_and_on_again_gives_the_same_numbers() -> None:
    """Back a random way and on again, many times over: the same as never having gone back."""
    straight, wandering = fed(classifier(), optimizer="Momentum"), fed(classifier(), optimizer="Momentum")
    rng = np.random.default_rng(3)
    for done in range(1, 300):
        straight.step()
        wandering.step()
        back = min(int(rng.integers(0, 6)), done)
        for _ in range(back):
            assert wandering.step_back() is not None
        for _ in range(back):
            wandering.step()
    assert not differences(snapshot(straight), snapshot(wandering))


def test_what_is_typed_after_the_last_step_goes_back_with_it() -> None:
    program = fed(classifier())
    weight = np.array(program["fc1.weight"])
    program.step()
    program["fc1.weight"] = np.zeros((5, 4))
    program.lr = 0.5
    program.step_back()
    np.testing.assert_array_equal(program["fc1.weight"], weight)
    assert program.lr == 0.01
    assert program.position == 0


def test_typing_before_the_first_step_is_where_time_begins() -> None:
    program = fed(classifier())
    program["fc1.weight"] = np.ones((5, 4))
    program.step()
    assert program.step_back() is program.statements[0]
    assert program.step_back() is None
    assert (program["fc1.weight"] == 1).all()


def test_full_speed_and_reset_forget_the_way_back() -> None:
    program = fed(classifier())
    for forget in (program.train_step, program.reset, program.initialise):
        program.step()
        forget()
        assert program.step_back() is None
        assert program.position == 0


def test_whole_phases_can_be_undone_while_stepping() -> None:
    program = fed(classifier())
    program.step()
    before = snapshot(program)
    program.forward()
    program.backward()
    program.update(lr=0.2)
    count = len([line for line in program.statements if line.phase != "zero_grad"])
    for _ in range(count):
        program.step_back()
    assert not differences(before, snapshot(program))


def test_gradients_zeroed_between_forward_and_backward_leave_the_outputs_current() -> None:
    """The order of PyTorch's users, stepped and at once."""
    for stepped in (False, True):
        program = fed(classifier())
        if stepped:
            program.step()
        program.forward()
        before = snapshot(program)
        program.zero_grad()
        assert program.is_current("act1.output")
        program.backward()
        assert program.is_current("fc1.grad_output")
        if stepped:
            while program.step_back().phase != "zero_grad":
                pass
            for _ in range(3):
                program.step_back()
            assert not differences(before, snapshot(program))


def test_a_refused_value_changes_nothing_on_the_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    program = fed(classifier())
    witness = Witness(program, monkeypatch)
    for refused in (
        lambda: program.feed(x=np.zeros(3)),
        lambda: program.feed(nobody=np.zeros(3)),
        lambda: program.feed(t=[9] * 6),
        lambda: program.__setitem__("fc1.weight", np.zeros(3)),
        lambda: program.__setitem__("t.output", [-1] * 6),
        lambda: program.load_parameters({"fc1.weight": np.ones((5, 4)), "fc9.weight": np.zeros(3)}),
        lambda: setattr(program, "lr", float("nan")),
    ):
        program.step()
        with pytest.raises(ProgramError):
            refused()
    witness.go_back()


# --- several batch sizes --------------------------------------------------------------------------


def test_another_batch_size_that_trains_ends_the_way_back() -> None:
    """Parameters are shared: going back would mix two histories."""
    program = fed(classifier(), 6)
    other = program.with_batch_size(2)
    other.feed(**samples(other))
    actions = (
        other.train_step, other.zero_grad, other.update, other.step,
        lambda: other.__setitem__("fc1.bias", np.zeros(5)),
        lambda: other.load_parameters({"fc1.bias": np.ones(5)}),
        lambda: setattr(other, "lr", other.lr / 2),
    )  # fmt: skip
    for action in actions:
        program.step()
        action()
        assert program.step_back() is None
        other.reset()
        program.reset()


def test_another_batch_size_that_only_looks_leaves_the_way_back() -> None:
    program = fed(classifier(), 6)
    other = program.with_batch_size(2)
    for _ in range(8):
        program.step()
    before = snapshot(program)
    program.step()
    other.feed(**samples(other))
    other.forward()
    assert other.step_back() is None
    program.step_back()
    assert not differences(before, snapshot(program))


# --- the budget -----------------------------------------------------------------------------------


def test_the_journal_forgets_the_oldest_within_its_budget() -> None:
    program = fed(regression(), 50, dtype="float64")
    program.journal.budget = 60_000
    moments = [snapshot(program)]
    for _ in range(400):
        program.step()
        assert program.journal.bytes <= 60_000
        assert program.journal.bytes == sum(entry.bytes for entry in program.journal._past)
        moments.append(snapshot(program))
    remembered = len(program.journal)
    assert 10 < remembered < 100
    moments.pop()
    for _ in range(remembered):
        assert program.step_back() is not None
        assert not differences(moments.pop(), snapshot(program))
    assert program.step_back() is None
    program.go_to(program.moments - 1)
    assert len(program.journal) == remembered
    assert program.journal.bytes == sum(entry.bytes for entry in program.journal._past) <= 60_000
    program.reset()
    assert program.journal.bytes == 0


def test_a_deep_network_does_not_outgrow_the_budget() -> None:
    """What Python keeps for each step counts too, not only the arrays, which may be tiny."""
    graph = Graph()
    last = graph.add("Input", "x", shape=(1,))
    for _ in range(150):
        node = graph.add("Tanh")
        graph.connect(last, node)
        last = node
    graph.connect(last, graph.add("Objective", "loss"))
    program = fed(graph, 1)
    program.step()
    tracemalloc.start()
    try:
        program.journal.budget = 1_000_000
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1500):
            program.step()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert program.journal.bytes <= 1_000_000
    assert after - before < 3_000_000


def test_the_last_step_can_be_undone_however_small_the_budget() -> None:
    program = fed(regression(), 50)
    program.journal.budget = 1
    for _ in range(20):
        program.step()
    assert len(program.journal) == 1
    assert program.step_back() is not None
    assert program.step_back() is None


def type_a_weight(program: Program, rng: np.random.Generator) -> None:
    program["fc1.weight"] = rng.normal(size=(5, 4))


def type_a_gradient(program: Program, rng: np.random.Generator) -> None:
    program["fc2.grad_bias"] = rng.normal(size=3)


def type_an_output(program: Program, rng: np.random.Generator) -> None:
    program["act1.output"] = rng.normal(size=(3, 5))


def feed_another_batch(program: Program, rng: np.random.Generator) -> None:
    program.feed(x=rng.normal(size=(3, 4)), t=rng.integers(0, 3, 3))
    program.forward()  # what is stepped next may read it


def feed_half(program: Program, rng: np.random.Generator) -> None:
    program.feed(t=rng.integers(0, 3, 3))
    program.forward()


def change_the_rate(program: Program, rng: np.random.Generator) -> None:
    program.lr = float(rng.uniform(0.01, 0.2))


def load_weights(program: Program, rng: np.random.Generator) -> None:
    program.load_parameters({"fc1.bias": rng.normal(size=5), "fc2.weight": rng.normal(size=(3, 5))})


def load_state(program: Program, rng: np.random.Generator) -> None:
    program.load_optimizer_state(
        {key: np.abs(array) * 1.1 for key, array in program.optimizer_state().items()}
    )


def accumulate(program: Program, rng: np.random.Generator) -> None:
    program.forward()
    program.backward()
    program.backward()


def update_again(program: Program, rng: np.random.Generator) -> None:
    program.update(lr=0.03)


MEDDLING = (
    type_a_weight, type_a_gradient, type_an_output, feed_another_batch, feed_half, change_the_rate,
    load_weights, load_state, accumulate, update_again,
)  # fmt: skip
