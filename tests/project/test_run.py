from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.errors import DataError, TrainingError
from nnstudio.graph import ChangeType, SetSetting
from nnstudio.project import Project, load, save, train
from nnstudio.project.run import run_of, trainer_of
from nnstudio.training.divergence import Diverged
from nnstudio.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=6, batch_size=8, lr=0.02, optimizer="Adam", dtype="float64", seed=3)


@pytest.fixture
def fresh(make: Callable[[], Project]) -> Project:
    project = Project(make().graph, data=DataSettings(source="xor", options={"samples": 50}))
    project.training = SETTINGS
    return project


def numbers(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]


def test_training_leaves_weights_state_and_history_in_the_project(fresh: Project):
    heard: list[int] = []
    entries = train(fresh, progress=lambda entry: heard.append(entry["epoch"]))
    assert heard == [1, 2, 3, 4, 5, 6]
    assert fresh.history == entries
    assert entries[-1]["train_loss"] < entries[0]["train_loss"]
    assert set(fresh.weights) == {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}
    assert "fc1.weight.first_moment" in fresh.optimizer_state
    assert fresh.run_state["epoch"] == 6


def test_a_run_saved_and_continued_equals_one_without_a_break(tmp_path: Path, fresh: Project):
    whole = Project(fresh.graph.copy(), data=fresh.data, training=fresh.training)
    train(whole)
    train(fresh, 2)
    save(fresh, tmp_path / "half.nns")
    again = load(tmp_path / "half.nns")
    train(again)
    assert numbers(again.history) == numbers(whole.history)
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def test_training_again_goes_on_where_it_stopped(fresh: Project):
    train(fresh, 4)
    assert [entry["epoch"] for entry in train(fresh)] == [5, 6]
    assert [entry["epoch"] for entry in train(fresh, 2)] == [7, 8]
    assert [entry["epoch"] for entry in fresh.history] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert train(fresh, 0) == []


def test_a_finished_run_goes_on_for_as_many_epochs_again(fresh: Project):
    train(fresh)
    assert [entry["epoch"] for entry in train(fresh)] == [7, 8, 9, 10, 11, 12]
    assert fresh.run_state["epoch"] == 12


def test_a_graph_with_problems_is_not_trained_and_the_first_one_is_said(fresh: Project):
    fresh.graph.apply(SetSetting(fresh.graph.node("fc2").id, "out_features", 3))
    fresh.data = DataSettings(source="csv:nowhere.csv")  # said before any data are read
    (problem,) = fresh.graph.problems()
    with pytest.raises(TrainingError) as caught:
        train(fresh)
    assert str(caught.value) == f"The network cannot be trained before it is mended: {problem.sentence}"
    assert not fresh.history and not fresh.weights
    for name in ("input", "target"):
        fresh.graph.disconnect(fresh.graph.inputs_of("loss")[name])
    fresh.graph.disconnect(fresh.graph.inputs_of("fc1")["input"])
    fresh.graph.connect("fc2", "loss", "input")
    with pytest.raises(TrainingError, match=r"mended: fc1 .+ \(1 more: see graph\.problems\(\)\)\.$"):
        train(fresh)


def test_a_warning_is_no_reason_not_to_train(fresh: Project):
    fresh.graph.add("Target", name="unused", shape=(1,))
    assert [problem.severity for problem in fresh.graph.problems()] == ["warning"]
    assert len(train(fresh, 1)) == 1


def test_training_afresh_begins_a_new_history(fresh: Project):
    train(fresh)
    trainer = trainer_of(fresh, afresh=True)
    trainer.run(2)
    fresh.apply(run_of(fresh, trainer))
    assert [entry["epoch"] for entry in fresh.history] == [1, 2]


def test_a_run_is_one_edit_that_can_be_undone(fresh: Project):
    trainer = trainer_of(fresh)
    trainer.run(1)
    inverse = fresh.apply(run_of(fresh, trainer))
    assert fresh.weights and fresh.history and inverse.label == "Train"
    fresh.apply(inverse)
    assert not (fresh.weights or fresh.optimizer_state or fresh.history or fresh.run_state)


def test_weights_of_nodes_this_version_does_not_know_are_kept(fresh: Project):
    fresh.weights = {"mystery.phase": np.ones(3)}
    train(fresh, 1)
    assert "mystery.phase" in fresh.weights and "fc1.weight" in fresh.weights


def test_when_numbers_go_wrong_the_last_good_weights_are_kept(fresh: Project):
    fresh.graph.apply(ChangeType(fresh.graph.node("act1").id, "Square"))
    fresh.training = replace(SETTINGS, lr=1e6, optimizer="SGD")
    with pytest.raises(Diverged):
        train(fresh)
    assert all(np.isfinite(weight).all() for weight in fresh.weights.values())
    assert all(entry["epoch"] <= fresh.run_state["epoch"] for entry in fresh.history)


def test_data_files_are_sought_beside_the_project(tmp_path: Path, fresh: Project):
    rng = np.random.default_rng(0)
    rows = "\n".join(f"{a:.3f},{b:.3f},{a - b:.3f}" for a, b in rng.normal(size=(30, 2)))
    (tmp_path / "table.csv").write_text(f"a,b,t\n{rows}\n")
    fresh.data = DataSettings(source="csv:table.csv", task="numbers")
    with pytest.raises(DataError):
        train(fresh, 1)
    save(fresh, tmp_path / "p.nns")
    assert len(train(load(tmp_path / "p.nns"), 1)) == 1
