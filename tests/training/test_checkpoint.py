"""Checkpoints: the best and every so many epochs, gone on from exactly, the same from every background."""

import gc
import os
import tempfile

import numpy as np
import pytest

from nnstudio.training.binding import BoundData
from nnstudio.training.checkpoint import MOST_KEPT, Checkpoint, joined
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

RESTLESS = TrainingSettings(
    epochs=12, batch_size=5, lr=0.3, optimizer="Adam", schedule="plateau", keep_every=5
)


def timeless(history):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]


def facts(checkpoints):
    return [(each.why, each.epoch, each.step, each.validation_loss) for each in checkpoints]


def test_the_best_and_every_so_many_epochs_are_kept(network, regression):
    trainer = Trainer(network(3, 8, 2), regression, RESTLESS)
    trainer.run()
    losses = [entry["validation_loss"] for entry in trainer.history]
    best = int(np.argmin(losses)) + 1
    expected = [("best", best), ("every", 5), ("every", 10)]
    assert facts(trainer.checkpoints) == sorted(
        [(why, epoch, 5 * epoch, losses[epoch - 1]) for why, epoch in expected], key=lambda each: each[1]
    )
    assert 1 < best < 12, "a run that gets better and worse"


def test_a_run_goes_on_from_a_checkpoint_exactly(network, regression):
    trainer = Trainer(network(3, 8, 2), regression, RESTLESS)
    trainer.run()
    for checkpoint in trainer.checkpoints:
        again = Trainer(network(3, 8, 2), regression, RESTLESS, **checkpoint.state())
        assert again.evaluate()["loss"] == checkpoint.validation_loss
        again.run()
        assert timeless(again.history) == timeless(trainer.history[checkpoint.epoch :])
        assert again.run_state()["standing"] == trainer.run_state()["standing"]


def test_a_run_that_goes_on_keeps_no_worse_best(network, regression):
    trainer = Trainer(network(3, 8, 2), regression, RESTLESS)
    trainer.run()
    later = Trainer(network(3, 8, 2), regression, RESTLESS, **trainer.state())
    later.run(3)
    best = min(entry["validation_loss"] for entry in trainer.history)
    assert all(each.validation_loss < best for each in later.checkpoints if each.why == "best")


def test_what_nobody_asks_for_is_not_kept(network, regression):
    settings = TrainingSettings(epochs=3, batch_size=5, keep_best=False)
    trainer = Trainer(network(3, 8, 2), regression, settings)
    trainer.run()
    assert trainer.checkpoints == []
    alone = BoundData(regression.train, task="numbers")
    trainer = Trainer(network(3, 8, 2), alone, TrainingSettings(epochs=4, batch_size=5, keep_every=2))
    trainer.run()
    assert facts(trainer.checkpoints) == [("every", 2, 10, None), ("every", 4, 20, None)], "no best to know"


def test_so_many_are_kept_and_no_more():
    kept = []
    for epoch in range(1, 50):
        for why in ("best", "every"):
            kept = joined(kept, Checkpoint(epoch, epoch, why, 1 / epoch, {}, {}, {}))
    assert [each.epoch for each in kept if each.why == "best"] == [49]
    assert [each.epoch for each in kept if each.why == "every"] == list(range(50 - MOST_KEPT, 50))
    again = joined(kept, Checkpoint(40, 41, "every", 0.5, {}, {}, {}))
    assert len(again) == len(kept), "an epoch that comes once more takes the place of its first time"


@pytest.mark.parametrize("background", ["process", "thread"])
def test_the_session_hands_them_over_and_leaves_no_file(
    network, regression, background, monkeypatch, tmp_path
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trainer = Trainer(network(3, 8, 2), regression, RESTLESS)
    trainer.run()
    with Session(network(3, 8, 2), regression, RESTLESS, background=background) as session:
        session.start()
        session.wait()
        assert facts(session.checkpoints) == facts(trainer.checkpoints)
        for ours, theirs in zip(session.checkpoints, trainer.checkpoints, strict=True):
            for kind in ("weights", "optimizer_state"):
                arrays = getattr(theirs, kind)
                assert list(getattr(ours, kind)) == list(arrays)
                assert all(getattr(ours, kind)[name].tobytes() == a.tobytes() for name, a in arrays.items())
            assert ours.run_state["random"] == theirs.run_state["random"]
        assert [name for each in os.listdir(tmp_path) for name in os.listdir(tmp_path / each)] == []
    del session
    gc.collect()
    assert os.listdir(tmp_path) == []
