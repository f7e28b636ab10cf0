"""The loop by itself, each command at an exact moment: between two batches, or while an epoch is judged."""

from itertools import count

import numpy as np
import pytest

from nnstudio.training import loop
from nnstudio.training.binding import BoundData
from nnstudio.training.evaluation import BATCH
from nnstudio.training.loop import Loop
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.snapshot import POINT, SnapshotReader
from nnstudio.training.trainer import Trainer


class Script:
    """Commands that come one after the other, each once its moment is there; at the end "close"."""

    def __init__(self, *commands):
        self.commands = list(commands)

    def empty(self) -> bool:
        return not (self.commands and self.commands[0][0]())

    def get(self, timeout=None):
        return self.commands.pop(0)[1] if self.commands else {"do": "close"}


@pytest.fixture
def trainer(network):
    """Three batches an epoch, which is judged in three pieces."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2 * BATCH + 40, 3))
    t = x[:, :2] * x[:, 1:]
    data = BoundData({"x": x[:30], "t": t[:30]}, {"x": x[30:], "t": t[30:]}, task="numbers")
    return Trainer(network(3, 4, 2), data, TrainingSettings(epochs=3, batch_size=10))


def served(trainer, *commands):
    """The loop when it is over, and how it stood each time that it said so: state and updates made."""
    states = []

    def tell(message):
        if message["is"] == "state":
            states.append((message["state"], trainer.step))

    made = Loop(trainer, Script(*commands), tell, lambda size: np.zeros(size, np.uint8))
    made.serve()
    return made, states


def at_once() -> bool:
    return True


def when_it_rests() -> bool:
    return False


@pytest.mark.parametrize(("only", "then", "epoch"), [("batch", 4, 1), ("epoch", 3, 1)])
def test_what_is_asked_for_while_an_epoch_is_judged(trainer, only, then, epoch):
    _, states = served(
        trainer,
        (at_once, {"do": "start", "epochs": None}),
        (lambda: trainer.position == trainer.samples, {"do": "pause"}),
        (when_it_rests, {"do": only}),
    )
    assert states == [("running", 0), ("paused", 3), ("running", 3), ("paused", then)]
    assert trainer.epoch == epoch and [entry["epoch"] for entry in trainer.history] == [1]


def test_one_batch_after_another_ends_with_its_epoch(trainer):
    _, states = served(trainer, *[(when_it_rests, {"do": "batch"})] * 3)
    assert [step for state, step in states if state == "paused"] == [1, 2, 3]
    assert {state for state, _ in states} == {"running", "paused"} and trainer.epoch == 1


def test_the_last_batch_shows_the_layers_also_where_its_epoch_is_judged_in_pieces(trainer, monkeypatch):
    """A machine so slow that at every look it is time for figures."""
    trainer.change("batch_size", 0)
    time = count(0.0, 1000.0)
    monkeypatch.setattr(loop, "perf_counter", lambda: next(time))
    figures, start = {"do": "figures", "on": True}, {"do": "start", "epochs": 1}
    made, states = served(trainer, (at_once, figures), (at_once, start))
    assert states[-1] == ("finished", 1)
    assert made._figures.step == 1


def test_every_batch_is_in_the_curve_once_where_the_goal_changes_between_two_looks(trainer, monkeypatch):
    """A machine so fast that nothing is looked at on the way."""
    monkeypatch.setattr(loop, "perf_counter", lambda: 0.0)
    blocks = []

    def memory(size):
        blocks.append(np.zeros(size, np.uint8))
        return blocks[0]

    script = Script(
        (at_once, {"do": "start", "epochs": 2}),
        (lambda: trainer.step == 2, {"do": "epochs", "epochs": 4}),
        (at_once, {"do": "epochs", "epochs": 1}),
    )
    made = Loop(trainer, script, lambda _message: None, memory)
    made.serve()
    _, points = SnapshotReader(blocks[0], made._writer.layout).points()
    assert points[:, POINT.index("step")].tolist() == [1, 2, 3]
    assert (points[:, POINT.index("batches")] == 1).all()


def test_batches_that_a_divergence_takes_back_leave_no_point(regression, network, monkeypatch):
    """The losses are finite and the weights are not: all goes back to where it began."""
    monkeypatch.setattr(loop, "perf_counter", lambda: 0.0)
    data = BoundData({"x": 1e35 * regression.train["x"], "t": regression.train["t"]})
    trainer = Trainer(network(3, 2, criterion="L1"), data, TrainingSettings(batch_size=5, lr=1e6))
    blocks, losses = [], []

    def memory(size):
        blocks.append(np.zeros(size, np.uint8))
        return blocks[0]

    made = Loop(trainer, Script((at_once, {"do": "start", "epochs": None})), lambda _message: None, memory)
    add_batch = made._writer.add_batch
    made._writer.add_batch = lambda *batch: losses.append(batch) or add_batch(*batch)
    made.serve()
    assert made._state == "diverged" and trainer.step == 0 and losses
    _, points = SnapshotReader(blocks[0], made._writer.layout).points()
    assert len(points) == 0
