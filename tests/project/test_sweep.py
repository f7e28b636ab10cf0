"""Sweeps: the same numbers as a run alone, several at a time, and nothing left behind."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.errors import DataError
from nnstudio.project import Project, load, save, setup_of
from nnstudio.project import sweep as sweeping
from nnstudio.project.files import to_bytes
from nnstudio.project.run import trainer_of
from nnstudio.project.sweep import Sweep, best_of, loss_of
from nnstudio.project.sweep_points import Axis, grid
from nnstudio.training.settings import TrainingSettings


@pytest.fixture
def fresh(make: Callable[[], Project]) -> Project:
    project = Project(make().graph, data=DataSettings(source="xor", options={"samples": 60}))
    project.training = TrainingSettings(epochs=3, batch_size=8, optimizer="Adam", lr=0.02)
    return project


def swept(project: Project, *axes: Axis, background: str = "thread") -> Sweep:
    with Sweep(project, grid(setup_of(project), axes), background=background) as sweep:  # type: ignore[arg-type]
        sweep.run()
    return sweep


def numbers(history: object) -> list[dict[str, float]]:
    return [{k: v for k, v in entry.items() if k != "seconds"} for entry in history]  # type: ignore[attr-defined]


@pytest.mark.parametrize("background", ["thread", "process"])
def test_every_run_is_the_one_that_a_trainer_alone_makes_bit_for_bit(fresh: Project, background: str):
    fresh.weights = {"fc1.bias": np.ones(8, np.float32)}  # a sweep starts from the seeds, not from here
    before = to_bytes(fresh, "p.nns")
    sizes = (8, 5) if background == "thread" else (5,)
    sweep = swept(fresh, Axis("lr", (0.1, 0.01)), Axis("fc1.out_features", sizes), background=background)
    assert to_bytes(fresh, "p.nns") == before
    assert [record.name for record in sweep.ended] == [point.name for point in sweep.points]
    for point, record in zip(sweep.points, sweep.ended, strict=True):
        alone = Project(point.setup.graph, data=fresh.data, training=point.setup.training)
        trainer = trainer_of(alone)
        assert numbers(record.history) == numbers(trainer.run())
        assert record.state is not None
        for name, weight in trainer.program.parameters().items():
            assert record.state.weights[name].tobytes() == weight.tobytes()
        assert record.parameters == trainer.program.parameter_count
        assert record.multiply_adds == trainer.program.multiply_adds
        assert record.outcome == "Finished after 3 epochs."
        assert (record.setup, record.varied, record.sweep) == (point.setup, dict(point.values), sweep.id)


def test_runs_are_kept_as_one_step_and_come_back(fresh: Project, tmp_path: Path):
    sweep = swept(fresh, Axis("lr", (0.1, 0.01)), Axis("x.shape", ((2,),)))
    inverse = fresh.apply(sweep.kept())
    assert inverse.label == "Keep 2 runs of a sweep"
    assert [run.id for run in fresh.runs] == [run.id for run in sweep.ended]
    save(fresh, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns").runs
    assert [run.varied for run in found] == [{"lr": 0.1, "x.shape": [2]}, {"lr": 0.01, "x.shape": [2]}]
    assert {run.sweep for run in found} == {sweep.id}
    fresh.apply(inverse)
    assert fresh.runs == []


def test_the_best_keep_their_weights_where_there_is_no_room_for_all(
    fresh: Project, monkeypatch: pytest.MonkeyPatch
):
    sweep = swept(fresh, Axis("lr", (0.0, 0.05, 0.01)))
    sizes = {record.state.size for record in sweep.ended if record.state}
    monkeypatch.setattr(sweeping, "MOST_BYTES", 2 * max(sizes))
    fresh.apply(sweep.kept())
    best = best_of(fresh.runs)
    assert best is not None and best.state is not None and best.varied["lr"] != 0.0
    assert [run.state is not None for run in fresh.runs] == [False, True, True]


def test_what_cannot_be_trained_or_runs_away_is_a_run_with_its_reason(fresh: Project):
    sweep = swept(fresh, Axis("lr", (0.1, 1e6)), Axis("optimizer", ("SGD",)), Axis("epochs", (30,)))
    good, bad = sweep.ended
    assert good.epochs == 30 and bad.epochs < 30 and loss_of(good) < loss_of(bad)
    assert "learning rate" in bad.outcome and best_of(sweep.ended) is good
    sweep = swept(fresh, Axis("x.shape", ((2,), (3,))))
    good, bad = sweep.ended
    assert good.epochs == 3 and (bad.epochs, bad.state) == (0, None)
    assert "x" in bad.outcome and bad.outcome.endswith(".") and best_of([bad]) is None


def test_data_that_are_not_there_are_said_before_anything_runs(fresh: Project):
    fresh.data = DataSettings(source="csv:nowhere.csv")
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        swept(fresh, Axis("lr", (0.1,)))


def test_as_many_run_at_once_as_there_is_room_for(fresh: Project, monkeypatch: pytest.MonkeyPatch):
    points = grid(setup_of(fresh), [Axis("seed", (0, 1, 2, 3)), Axis("epochs", (2,))])
    with Sweep(fresh, points, at_once=2, background="thread") as sweep:
        sweep.poll()
        assert sweep.running == [0, 1] and sweep.done < 4
        while not sweep.over:
            sweep.poll()
            assert len(sweep.running) <= 2
            sleep(0.001)
        assert sweep.done == 4
    # Runs that take several cores each leave room for fewer.
    wide = replace(fresh.training, threads=3)
    fresh.training = wide
    points = grid(setup_of(fresh), [Axis("seed", (0, 1, 2)), Axis("epochs", (100_000,))])
    with Sweep(fresh, points, at_once=7, background="thread") as sweep:
        sweep.poll()
        assert sweep.running == [0, 1]
    with Sweep(fresh, points, at_once=2, background="thread") as sweep:
        sweep.poll()
        assert sweep.running == [0]  # one always runs


def _children() -> set[str]:
    me = str(os.getpid())
    found: set[str] = set()
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if (each / "stat").read_text().rpartition(")")[2].split()[1] == me:
                    found.add(each.name)
            except OSError:
                continue
    return found


def test_cancelling_answers_at_once_and_leaves_no_process_and_no_thread(fresh: Project):
    before, threads = _children(), set(threading.enumerate())
    points = grid(setup_of(fresh), [Axis("epochs", (1, 1_000_000)), Axis("seed", (0, 1, 2))])
    points = [points[0], *points[3:]]
    with Sweep(fresh, points, at_once=2) as sweep:
        while not sweep.ended or not sweep.running:
            sweep.poll()
            sleep(0.005)
        assert _children() - before
        sweep.cancel()
        assert sweep.over and not sweep.running and sweep.poll() == []
    # What was there before may end meanwhile.
    assert _children() - before == set()
    assert set(threading.enumerate()) - threads == set()
    assert [record.epochs for record in sweep.ended] == [1]
