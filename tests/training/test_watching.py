"""The figures of the layers: right by hand, of one batch, and training goes on as if nobody looked."""

import numpy as np
import pytest

from nnstudio.training import loop
from nnstudio.training.binding import BoundData
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer
from nnstudio.training.watching import BINS, MOST_SAMPLED, Watching, figures

SETTINGS = TrainingSettings(epochs=6, batch_size=5, lr=0.02, optimizer="Adam")


def figures_of(watching):
    return figures(watching.rows, watching.table, watching.step)


@pytest.mark.parametrize("background", ["process", "thread"])
def test_the_figures_of_one_batch_are_those_of_its_arrays(network, regression, background):
    keys = ("fc1.weight", "fc1.grad_weight", "act1.output", "fc2.output")
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        session.watch(keys)
        session.watch_figures(True)
        session.one_batch()
        session.wait()
        before = session.checkpoint()["weights"]["fc1.weight"].astype(float)
        session.one_batch()
        session.wait()
        snapshot = session.snapshot
        assert set(snapshot.watched) == set(keys), "the table is none of them"
        assert {key for key, figure in snapshot.figures.items() if figure.kind == "activation"} == {
            "fc1.output", "act1.output", "fc2.output",
        }  # fmt: skip
        for key in keys:
            array, figure = snapshot.watched[key].astype(float), snapshot.figures[key]
            assert figure.step == 2
            assert (figure.low, figure.high) == (array.min(), array.max())
            assert figure.norm == pytest.approx(np.linalg.norm(array), rel=1e-5)
            assert figure.mean == pytest.approx(array.mean(), rel=1e-4, abs=1e-6)
            assert figure.std == pytest.approx(array.std(), rel=1e-4)
            assert len(figure.counts) == BINS and figure.counts.sum() == array.size
            assert abs(figure.counts - np.histogram(array, BINS)[0]).sum() <= 2, "but for rounding at an edge"
        weight = snapshot.watched["fc1.weight"].astype(float)
        moved = np.linalg.norm(weight - before) / np.linalg.norm(weight)
        assert snapshot.figures["fc1.weight"].ratio == pytest.approx(moved, rel=1e-3)
        assert np.isnan(snapshot.figures["fc1.grad_weight"].ratio)
        session.watch_figures(False)
        session.one_batch()
        session.wait()
        # How far the weights moved last is not known then, and how far they did before still is.
        assert session.snapshot.figures["fc1.weight"].ratio == pytest.approx(moved, rel=1e-3)
        assert session.snapshot.figures["fc1.grad_weight"].step == 3, (
            "at a halt they are there for who looks later"
        )


def test_a_run_that_is_watched_gives_the_same_numbers(network, regression):
    trainer = Trainer(network(3, 8, 2), regression, SETTINGS)
    trainer.run()
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.watch_figures(True)
        for _ in range(7):
            session.one_batch()
            session.wait()
        session.resume()
        session.wait()
        weights = session.checkpoint()["weights"]
        assert all(weights[name].tobytes() == a.tobytes() for name, a in trainer.program.parameters().items())


def test_the_first_look_at_the_last_batch_sees_its_figures(network, regression, monkeypatch):
    """A slow machine's clock: the run is over before it is time for a look."""
    over = []
    steps = Trainer.steps

    def noticed(self, *goal, **rest):
        for entry in steps(self, *goal, **rest):
            over.extend([entry] if entry is not None else [])
            yield entry

    monkeypatch.setattr(Trainer, "steps", noticed)
    monkeypatch.setattr(loop, "perf_counter", lambda: 1000.0 * len(over))
    with Session(network(3, 8, 2), regression, SETTINGS, background="thread") as session:
        session.watch_figures(True)
        session.start(1)
        session.wait()
        assert session.snapshot.figures["fc1.grad_weight"].step == session.snapshot.status["step"]


def test_units_that_no_sample_wakes_are_dead(network):
    x = np.abs(np.random.default_rng(0).normal(size=(32, 2)))
    graph = network(2, 4, 1, activation="ReLU")
    weights = {"fc1.weight": np.array([[1, 1], [-1, -1], [1, 2], [0, 1.0]]), "fc1.bias": np.zeros(4)}
    trainer = Trainer(
        graph, BoundData({"x": x, "t": x[:, :1]}), TrainingSettings(batch_size=16, lr=0.0), weights=weights
    )
    watching = Watching(trainer.program, trainer.samples)
    watching.remember(trainer.program, 0)
    next(trainer.steps())
    watching.measure(trainer.program, 1)
    found = figures_of(watching)
    assert found["act1.output"].dead == 0.25
    assert np.isnan(found["fc1.output"].dead) and found["fc1.weight"].ratio == 0.0
    few = Trainer(graph, BoundData({"x": x, "t": x[:, :1]}), TrainingSettings(batch_size=4), weights=weights)
    watching = Watching(few.program, few.samples)
    next(few.steps())
    watching.measure(few.program, 1)
    assert np.isnan(figures_of(watching)["act1.output"].dead), "four samples do not tell"


def test_a_large_array_is_sampled_and_one_that_is_not_finite_left_out(network):
    x = np.ones((4, 300), np.float32)
    trainer = Trainer(
        network(300, 200, 1), BoundData({"x": x, "t": x[:, :1]}), TrainingSettings(batch_size=4)
    )
    next(trainer.steps())
    watching = Watching(trainer.program, trainer.samples)
    trainer.program["fc1.bias"] = np.full(200, np.nan)
    trainer.program["fc2.bias"] = np.zeros(1)
    watching.measure(trainer.program, 1)
    found = figures_of(watching)
    assert MOST_SAMPLED / 2 < found["fc1.weight"].counts.sum() <= MOST_SAMPLED
    weight = trainer.program["fc1.weight"]
    assert found["fc1.weight"].norm == pytest.approx(np.linalg.norm(weight), rel=1e-4)
    assert "fc1.bias" not in found
    assert found["fc2.bias"].counts.tolist() == [1] + [0] * (BINS - 1)
