"""Checkpoints that a project keeps: after runs, in its file, under new names, restored."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.errors import ProjectError
from nnstudio.graph import GroupNodes, RemoveNode, Rename, SetSetting
from nnstudio.project import (
    PinRun,
    Project,
    RestoreCheckpoint,
    RestoreRun,
    SetRun,
    checkpoints_now,
    load,
    run_limits,
    save,
    train,
)
from nnstudio.project import kept_checkpoints as keeping
from nnstudio.project.container import pack
from nnstudio.project.files import to_bytes
from nnstudio.project.kept_checkpoints import within_room
from nnstudio.project.record import RunRecord
from nnstudio.project.run import kept_run, trainer_of
from nnstudio.training.settings import TrainingSettings


@pytest.fixture
def trained(make: Callable[[], Project]) -> Project:
    project = Project(make().graph, data=DataSettings(source="xor", options={"samples": 60}))
    project.training = TrainingSettings(
        epochs=4, batch_size=8, lr=0.02, optimizer="Adam", keep_best=False, keep_every=1
    )
    train(project)
    return project


def epochs(project: Project) -> list[int]:
    return [each.epoch for each in project.checkpoints]


def test_a_run_leaves_its_checkpoints_in_the_project_and_undo_takes_them_away(trained: Project):
    assert epochs(trained) == [1, 2, 3, 4]
    train(trained, 2)  # goes on: those before stay
    assert epochs(trained) == [1, 2, 3, 4, 5, 6]
    before = to_bytes(trained, "p.nns")
    inverse = trained.apply(SetRun(checkpoints=()))
    assert epochs(trained) == []
    trained.apply(inverse)
    assert to_bytes(trained, "p.nns") == before
    trained.apply(SetRun())  # the network forgets, and can still go back
    assert epochs(trained) == [1, 2, 3, 4, 5, 6]
    train(trained, 1)
    assert epochs(trained) == [1]


def test_a_checkpoint_is_restored_as_one_edit_and_the_run_goes_on_exactly(trained: Project):
    last = {name: weight.copy() for name, weight in trained.weights.items()}
    before = to_bytes(trained, "p.nns")
    inverse = trained.apply(RestoreCheckpoint(2))
    assert inverse.label == "Go back to epoch 2"
    assert [entry["epoch"] for entry in trained.history] == [1, 2] and epochs(trained) == [1, 2, 3, 4]
    after = to_bytes(trained, "p.nns")
    redo = trained.apply(inverse)
    assert to_bytes(trained, "p.nns") == before
    trained.apply(redo)
    assert to_bytes(trained, "p.nns") == after
    train(trained)
    assert [entry["epoch"] for entry in trained.history] == [1, 2, 3, 4]
    for name, weight in last.items():
        np.testing.assert_array_equal(trained.weights[name], weight)


def test_checkpoints_come_back_from_a_file(trained: Project, tmp_path: Path):
    trained.extra_checkpoints = {"of": "later"}
    trained.checkpoints[0] = replace(trained.checkpoints[0], extra={"note": [1, "x"]})
    save(trained, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns")
    assert found.extra_checkpoints == {"of": "later"} and not found.extra_members
    for ours, theirs in zip(trained.checkpoints, found.checkpoints, strict=True):
        for name in ("epoch", "step", "why", "validation_loss", "run_state", "extra"):
            assert getattr(ours, name) == getattr(theirs, name)
        for mine, read in (
            (ours.weights, theirs.weights),
            (ours.optimizer_state, theirs.optimizer_state),
        ):
            assert mine.keys() == read.keys() and mine
            for name, array in mine.items():
                np.testing.assert_array_equal(array, read[name])
    save(found, tmp_path / "b.nns")
    assert (tmp_path / "a.nns").read_bytes() == (tmp_path / "b.nns").read_bytes()
    found.apply(RestoreCheckpoint(1))
    train(found)
    for name, weight in trained.weights.items():
        np.testing.assert_array_equal(found.weights[name], weight)
    save(trained, tmp_path / "c.nns.json")
    assert load(tmp_path / "c.nns.json").checkpoints == []


def left_by(run: RunRecord) -> list[tuple[int, bytes]]:
    return [(each.epoch, each.weights["fc1.weight"].tobytes()) for each in run.checkpoints]


@pytest.fixture
def compared(trained: Project) -> Project:
    """With three runs that are kept."""
    for seed in (1, 2, 3):
        trained.training = replace(trained.training, seed=seed, epochs=2)
        trainer = trainer_of(trained, afresh=True)
        trainer.run(2)
        trained.apply(kept_run(trained, trainer))
    return trained


def test_a_run_that_is_restored_brings_its_checkpoints_back(compared: Project, tmp_path: Path):
    first, _, last = compared.runs
    assert left_by(first) != left_by(last) and [epoch for epoch, _ in left_by(last)] == [1, 2]
    save(compared, tmp_path / "a.nns")
    with zipfile.ZipFile(tmp_path / "a.nns") as file:
        names = file.read("runs.safetensors")
    assert f"{first.id}/checkpoint/0/fc1.weight".encode() in names
    assert f"{last.id}/checkpoint/".encode() not in names, "the project holds them already"
    found = load(tmp_path / "a.nns")
    assert [left_by(run) for run in found.runs] == [left_by(run) for run in compared.runs]
    save(found, tmp_path / "b.nns")
    assert (tmp_path / "a.nns").read_bytes() == (tmp_path / "b.nns").read_bytes()
    inverse = found.apply(RestoreRun(first.id))
    redo = found.apply(RestoreCheckpoint(1))
    assert found.weights["fc1.weight"].tobytes() == left_by(first)[0][1]
    for edit in (redo, inverse):
        found.apply(edit)
    found.apply(Rename(found.graph.node("fc1").id, "other"))
    save(found, tmp_path / "b.nns")  # those of the project have other names now than those of the run
    again = load(tmp_path / "b.nns")
    assert left_by(again.runs[2]) == left_by(last) and "other.weight" in again.checkpoints[0].weights


def test_an_array_of_no_checkpoint_of_its_run_is_one_sentence(compared: Project, tmp_path: Path):
    first = compared.runs[0]
    compared.runs = [
        replace(first, state=replace(first.state, weights={"checkpoint/7/fc1.weight": np.ones(1)}))
    ]
    save(compared, tmp_path / "a.nns")
    with pytest.raises(ProjectError, match=r"checkpoint/7/fc1\.weight. belongs to no checkpoint of its run"):
        load(tmp_path / "a.nns")


def test_checkpoints_of_the_oldest_runs_go_before_anything_else(
    compared: Project, monkeypatch: pytest.MonkeyPatch
):
    sizes = [run.size for run in compared.runs]
    compared.apply(PinRun(compared.runs[0].id))
    monkeypatch.setattr(run_limits, "MOST_BYTES", sum(sizes) - 1)
    kept = run_limits.with_room(compared.runs)
    assert [len(run.checkpoints) for run in kept] == [2, 0, 2] and all(run.state for run in kept)
    monkeypatch.setattr(run_limits, "MOST_BYTES", sizes[0])
    kept = run_limits.with_room(compared.runs)
    assert [len(run.checkpoints) for run in kept] == [0, 0, 0]
    assert [run.state is not None for run in kept] == [True, False, True]


def test_checkpoints_follow_renamed_and_grouped_nodes(trained: Project, tmp_path: Path):
    kept = trained.checkpoints[0].weights["fc1.weight"]
    trained.apply(Rename(trained.graph.node("fc1").id, "first"))
    trained.apply(GroupNodes(tuple(trained.graph.node(name).id for name in ("first", "act1")), "encoder"))
    assert checkpoints_now(trained)[0].weights["encoder.first.weight"] is kept
    save(trained, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns")
    for project in (trained, found):
        project.apply(RestoreCheckpoint(1))
        np.testing.assert_array_equal(project.weights["encoder.first.weight"], kept)
        assert "fc1.weight" not in project.weights
        assert any(name.startswith("encoder.first.weight.") for name in project.optimizer_state)


def test_those_that_do_not_fit_are_said_with_both_shapes(trained: Project):
    inverse = trained.apply(SetSetting(trained.graph.node("fc1").id, "out_features", 5))
    before = to_bytes(trained, "p.nns")
    with pytest.raises(ProjectError, match=r"epoch 3 holds fc1\.\w+ as 8.* now has it as 5.*: undo that"):
        trained.apply(RestoreCheckpoint(3))
    assert to_bytes(trained, "p.nns") == before
    trained.apply(inverse)
    trained.apply(RestoreCheckpoint(3))
    with pytest.raises(ProjectError, match=r"no checkpoint of epoch 9; there are those of 1, 2, 3, 4\.$"):
        trained.apply(RestoreCheckpoint(9))
    removed = trained.apply(RemoveNode(trained.graph.node("fc2").id))
    assert not any(name.startswith("fc2") for name in checkpoints_now(trained)[0].weights)
    trained.apply(removed)
    assert any(name.startswith("fc2") for name in checkpoints_now(trained)[0].weights)


def test_the_oldest_make_room_and_the_best_stays(trained: Project, monkeypatch: pytest.MonkeyPatch):
    one = within_room(trained.checkpoints[:1])[0]
    monkeypatch.setattr(keeping, "MOST_BYTES", 2 * one.size)
    best = replace(one, why="best")
    assert within_room([best, *trained.checkpoints]) == [best, trained.checkpoints[-1]]
    monkeypatch.setattr(keeping, "MOST_BYTES", 1)
    assert within_room([best]) == []


WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda f: f.update(version=9), "newer nnstudio"),
    (lambda f: f.update(checkpoints={}), 'The list "checkpoints"'),
    (lambda f: f.update(checkpoints=f["checkpoints"] * 41), "holds 82 checkpoints, and at most 80"),
    (lambda f: f["checkpoints"].append(3), "Checkpoint 3 of"),
    (lambda f: f["checkpoints"][0].update(epoch=-1), '"epoch" is -1'),
    (lambda f: f["checkpoints"][0].update(step=True), '"step" is True'),
    (lambda f: f["checkpoints"][1].update(why=""), "checkpoint 2: its"),
    (lambda f: f["checkpoints"][0].update(validation_loss="low"), "no number"),
    (lambda f: f["checkpoints"][0].update(run_state=[]), "The run state of"),
    (lambda f: f["checkpoints"].pop(), "belongs to no checkpoint"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_with_checkpoints_is_one_sentence(
    trained: Project, tmp_path: Path, change: Any, said: str
):
    trained.checkpoints = trained.checkpoints[:2]
    path = tmp_path / "a.nns"
    path.write_bytes(to_bytes(trained, path))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    fields = json.loads(members["checkpoints.json"])
    change(fields)
    members["checkpoints.json"] = json.dumps(fields).encode()
    path.write_bytes(pack(members, stored=frozenset()))
    with pytest.raises(ProjectError) as caught:
        load(path)
    sentence = str(caught.value)
    assert said in sentence and "a.nns" in sentence and "\n" not in sentence and sentence.endswith(".")
