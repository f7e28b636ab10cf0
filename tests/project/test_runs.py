"""Runs that a project keeps: in its files, as edits, within limits, restored."""

import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnstudio.data.settings import DataSettings
from nnstudio.errors import ProjectError
from nnstudio.graph import Graph, GroupNodes, RemoveNode, Rename, SetSetting
from nnstudio.project import (
    AddRun,
    PinRun,
    Project,
    RemoveRun,
    RenameRun,
    RestoreRun,
    RunRecord,
    RunState,
    SetData,
    SetTraining,
    Setup,
    load,
    save,
    setup_of,
    train,
)
from nnstudio.project import run_limits as limits
from nnstudio.project.container import pack
from nnstudio.project.files import to_bytes
from nnstudio.project.record import LONGEST_CURVE, continued, next_name, thinned
from nnstudio.project.run import kept_run, trainer_of
from nnstudio.training.settings import TrainingSettings

SETTINGS = TrainingSettings(
    epochs=3, batch_size=8, lr=0.02, optimizer="Adam", dtype="float64", seed=3, keep_best=False
)


@pytest.fixture
def fresh(make: Callable[[], Project]) -> Project:
    project = Project(make().graph, data=DataSettings(source="xor", options={"samples": 50}))
    project.training = SETTINGS
    return project


def run(project: Project, **training: Any) -> RunRecord:
    """Train anew as the window does: the run and its record are one step."""
    project.apply(SetTraining(replace(project.training, **training)))
    trainer = trainer_of(project, afresh=True)
    trainer.run()
    project.apply(kept_run(project, trainer))
    return project.runs[-1]


def small(project: Project, id: str, **more: Any) -> RunRecord:
    return RunRecord(id, more.pop("name", id), setup_of(project), **more)


def _text(value: Any) -> str:
    """Tells NaN, 1, 1.0 and True apart, and not the order of figures."""
    return json.dumps(value, sort_keys=True)


def same_runs(a: list[RunRecord], b: list[RunRecord]) -> None:
    assert len(a) == len(b)
    plain = ("id", "name", "when", "parameters", "multiply_adds", "outcome", "pinned", "extra")
    for ours, theirs in zip(a, b, strict=True):
        for name in plain:
            assert getattr(ours, name) == getattr(theirs, name), name
        assert ours.setup == theirs.setup
        for name in ("history", "changes", "seconds"):
            assert _text(getattr(ours, name)) == _text(getattr(theirs, name))
        assert (ours.state is None) == (theirs.state is None)
        if ours.state and theirs.state:
            assert ours.state.run_state == theirs.state.run_state
            for mine, found in (
                (ours.state.weights, theirs.state.weights),
                (ours.state.optimizer_state, theirs.state.optimizer_state),
            ):
                assert mine.keys() == found.keys()
                for name, array in mine.items():
                    assert array.dtype == found[name].dtype
                    np.testing.assert_array_equal(array, found[name])


def test_a_record_tells_what_the_run_was_and_what_came_of_it(fresh: Project):
    record = run(fresh)
    assert (record.name, record.seed, record.epochs, record.outcome) == (
        "Run 1",
        3,
        3,
        "Finished after 3 epochs.",
    )
    assert (record.parameters, record.multiply_adds) == (2 * 8 + 8 + 8 + 1, 2 * 8 + 8)
    assert record.history == tuple(fresh.history) and record.last["train_loss"] > 0
    assert record.seconds == pytest.approx(sum(entry["seconds"] for entry in fresh.history))
    assert record.state is not None and record.state.weights.keys() == fresh.weights.keys()
    assert next_name(fresh) == "Run 2"


def test_runs_come_back_from_a_file_and_the_bytes_are_the_same(fresh: Project, tmp_path: Path):
    run(fresh)
    run(fresh, lr=0.5)
    fresh.apply(PinRun(fresh.runs[0].id))
    fresh.extra_runs = {"palette": "new"}
    fresh.runs[1] = replace(fresh.runs[1], extra={"mood": {"of": ["the", "future"]}})
    save(fresh, tmp_path / "a.nns")
    found = load(tmp_path / "a.nns")
    same_runs(fresh.runs, found.runs)
    assert found.extra_runs == {"palette": "new"} and not found.extra_members
    save(found, tmp_path / "b.nns")
    assert (tmp_path / "a.nns").read_bytes() == (tmp_path / "b.nns").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.nns") as archive:
        assert len(json.loads(archive.read("runs.json"))["graphs"]) == 1  # what they share is written once


def test_what_was_fitted_comes_back_and_is_written_once(fresh: Project, tmp_path: Path):
    fresh.data = replace(fresh.data or DataSettings(), scaling="standardise")
    run(fresh, keep_every=1)
    run(fresh, lr=0.5)
    states = [each.state for each in fresh.runs if each.state is not None]
    for reached in (fresh, *states, *fresh.runs[0].checkpoints):
        reached.run_state["fitted"]["class_names"][:] = ["NaN", "1"]
    path = tmp_path / "a.nns"
    save(fresh, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["runs.json"])
    assert len(told["fitted"]) == 1 and told["runs"][1]["run_state"]["fitted"] == 0
    found = load(path)
    same_runs(fresh.runs, found.runs)
    fitted = fresh.run_state["fitted"]
    assert fitted == found.run_state["fitted"] == found.runs[0].checkpoints[1].run_state["fitted"]
    assert fitted["class_names"] == ["NaN", "1"] and not found.extra_runs
    record = continued(found)
    assert record is not None and record.id == fresh.runs[-1].id
    found.apply(RestoreRun(found.runs[0].id)).apply(found)
    assert found.run_state["fitted"] == fitted
    for wrong, said in (({}, 'The list "fitted"'), ([], "no number 0"), ([3], 'An entry of "fitted"')):
        text = json.dumps({**told, "fitted": wrong}).encode()
        path.write_bytes(pack({**members, "runs.json": text}, stored=frozenset()))
        assert said in refusal(path)


def test_a_text_file_keeps_the_runs_without_their_weights(fresh: Project, tmp_path: Path):
    run(fresh)
    save(fresh, tmp_path / "a.nns.json")
    found = load(tmp_path / "a.nns.json")
    same_runs([replace(each, state=None) for each in fresh.runs], found.runs)
    # A program that knows no runs puts the whole of it into graph.json.
    fields = json.loads((tmp_path / "a.nns.json").read_bytes())
    members = {"mimetype": b"application/vnd.nnstudio.project+zip", "graph.json": json.dumps(fields).encode()}
    (tmp_path / "b.nns").write_bytes(pack(members, stored=frozenset({"mimetype"})))
    same_runs(found.runs, load(tmp_path / "b.nns").runs)


def test_a_project_without_runs_is_written_as_before(project: Project, tmp_path: Path):
    save(project, tmp_path / "a.nns")
    with zipfile.ZipFile(tmp_path / "a.nns") as archive:
        assert not [name for name in archive.namelist() if name.startswith("runs")]
    save(project, tmp_path / "a.nns.json")
    assert '"runs"' not in (tmp_path / "a.nns.json").read_text()
    assert load(tmp_path / "a.nns").runs == load(tmp_path / "a.nns.json").runs == []


NUMBERS = st.integers(-(2**53), 2**53) | st.floats() | st.booleans()
NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
ENTRIES = st.lists(st.dictionaries(NAMES, NUMBERS, max_size=4), max_size=4)
DTYPES = st.sampled_from(["float32", "float64"])


@st.composite
def records(draw: st.DrawFn, setup: Setup, id: str) -> RunRecord:
    state = None
    if draw(st.booleans()):
        dtype = draw(DTYPES)
        weights = {"fc1.bias": np.arange(8, dtype=dtype), "mystery.phase": np.ones((2, 0), dtype)}
        state = RunState(weights, {"fc1.bias.velocity": np.zeros(8, dtype)}, {"epoch": draw(st.integers())})
    return RunRecord(
        id,
        draw(NAMES.filter(lambda name: name.split())),
        replace(setup, training=replace(setup.training, lr=draw(st.floats(0, 1)))),
        history=draw(ENTRIES),
        changes=tuple(draw(ENTRIES)),
        seconds=draw(st.floats(0)),
        parameters=draw(st.integers(0, 2**53)),
        outcome=draw(NAMES),
        pinned=draw(st.booleans()),
        state=state,
        extra=draw(st.dictionaries(NAMES.map(lambda name: f"x{name}"), st.integers() | NAMES, max_size=2)),
    )


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_run_holds_comes_back(make: Callable[[], Project], tmp_path: Path, data: st.DataObject):
    project = make()
    count = data.draw(st.integers(0, 3))
    project.runs = [data.draw(records(setup_of(project), f"r{number}")) for number in range(count)]
    for ending in ("nns", "nns.json"):
        save(project, tmp_path / f"a.{ending}")
        found = load(tmp_path / f"a.{ending}")
        expected = project.runs
        if ending == "nns.json":
            expected = [replace(each, state=None) for each in expected]
        same_runs([replace(each, history=_as_read(each.history)) for each in expected], found.runs)
        save(found, tmp_path / f"b.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def _as_read(history: Any) -> tuple[dict[str, Any], ...]:
    """A curve without a figure is none."""
    return tuple(history) if any(history) else ()


# -- files that are wrong


def refusal(path: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        load(path)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".")
    return sentence


def spoilt(project: Project, path: Path, change: Callable[[dict[str, Any]], object] | bytes) -> Path:
    """The project's file with another runs.json."""
    path.write_bytes(to_bytes(project, path))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if isinstance(change, bytes):
        members["runs.json"] = change
    else:
        fields = json.loads(members["runs.json"])
        change(fields)
        members["runs.json"] = json.dumps(fields).encode()
    path.write_bytes(pack(members, stored=frozenset()))
    return path


WRONG: list[tuple[Callable[[dict[str, Any]], object] | bytes, str]] = [
    (b"{", "is not valid JSON"),
    (b"[]", "is not an object with fields"),
    (lambda f: f.update(version=99), "open it with a newer nnstudio"),
    (lambda f: f.update(version="one"), "is no version number"),
    (lambda f: f.update(graphs={}), 'The list "graphs"'),
    (lambda f: f.update(runs=None), 'The list "runs"'),
    (lambda f: f.update(runs=f["runs"] * 501), "holds 501 runs, and at most 500 are read"),
    (lambda f: f["runs"].append(f["runs"][0]), "two runs with the id"),
    (lambda f: f["runs"].append("run"), "run 2 is not an object"),
    (lambda f: f["runs"][0].update(graph=7), "there is no graph number 7"),
    (lambda f: f["runs"][0].update(graph=True), "there is no graph number True"),
    (lambda f: f["graphs"].__setitem__(0, {"nodes": 3}), "nodes"),
    (lambda f: f["runs"][0].update(training={"lr": -1}), "lr must be"),
    (lambda f: f["runs"][0].update(data=[]), "The data of"),
    (lambda f: f["runs"][0].update(id="../x"), "id is up to 64 letters"),
    (lambda f: f["runs"][0].update(id="a/b"), "id is up to 64 letters"),
    (lambda f: f["runs"][0].update(id=3), '"id" is not text'),
    (lambda f: f["runs"][0].update(name=" \n"), "1 to 200 characters"),
    (lambda f: f["runs"][0].update(name="x" * 201), "1 to 200 characters"),
    (lambda f: f["runs"][0].update(when="yesterday"), "no time with its zone"),
    (lambda f: f["runs"][0].update(when="2026-01-01T00:00:00"), "no time with its zone"),
    (lambda f: f["runs"][0].update(parameters=-1), '"parameters" is not a whole number'),
    (lambda f: f["runs"][0].update(seconds="long"), '"seconds"'),
    (lambda f: f["runs"][0].update(pinned=1), '"pinned"'),
    (lambda f: f["runs"][0].update(history=[]), "The history of"),
    (lambda f: f["runs"][0].update(history={"epoch": [1], "lr": []}), "not equally long"),
    (lambda f: f["runs"][0].update(history={"epoch": 1}), "is not a list"),
    (lambda f: f["runs"][0].update(changes=[1]), "A change of"),
    (lambda f: f["runs"][0].update(run_state=5), "The run state of"),
    (lambda f: f["runs"][0].update(id="other"), "belongs to no run"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_with_runs_is_one_sentence(fresh: Project, tmp_path: Path, change: Any, said: str):
    run(fresh, epochs=1)
    path = spoilt(fresh, tmp_path / "a.nns", change)
    sentence = refusal(path)
    assert said in sentence and "a.nns" in sentence


def test_weights_that_do_not_fit_the_drawing_of_their_run_are_refused(fresh: Project, tmp_path: Path):
    record = run(fresh, epochs=1)
    assert record.state is not None
    wrong = {**record.state.weights, "fc1.bias": np.zeros(9)}
    fresh.runs = [replace(record, state=replace(record.state, weights=wrong))]
    save(fresh, tmp_path / "a.nns")
    assert "Run 1: the graph needs fc1.bias as 8, but the file holds it as 9" in refusal(tmp_path / "a.nns")


def test_a_run_whose_weights_are_missing_has_none(fresh: Project, tmp_path: Path):
    run(fresh, epochs=1)
    save(fresh, tmp_path / "a.nns")
    with zipfile.ZipFile(tmp_path / "a.nns") as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "runs.safetensors"}
    (tmp_path / "a.nns").write_bytes(pack(members, stored=frozenset()))
    (found,) = load(tmp_path / "a.nns").runs
    assert found.state is None and found.epochs == 1


# -- edits


def test_every_edit_of_runs_is_undone_to_the_byte(fresh: Project):
    run(fresh, epochs=1)
    run(fresh, epochs=1, lr=0.5)
    first, second = (each.id for each in fresh.runs)
    fc1, act1, fc2 = (fresh.graph.node(name).id for name in ("fc1", "act1", "fc2"))
    edits = [
        RenameRun(first, "  with a small\nrate "),
        PinRun(first),
        AddRun(small(fresh, "third")),
        AddRun(replace(fresh.runs[0], outcome="went on")),
        SetTraining(replace(SETTINGS, lr=0.25)),
        RemoveRun(second),
        Rename(fc1, "first"),
        RestoreRun(first),
        GroupNodes((fc1, act1), "encoder"),
        RestoreRun(first),
        RemoveNode(fc2),
        RestoreRun("third"),
        RenameRun("third", "last"),
        PinRun(first, False),
    ]
    states, undo = [to_bytes(fresh, "p.nns")], []
    for edit in edits:
        undo.insert(0, fresh.apply(edit))
        states.append(to_bytes(fresh, "p.nns"))
    assert all(edit.label for edit in undo)
    redo = []
    for inverse, state in zip(undo, states[-2::-1], strict=True):
        redo.insert(0, fresh.apply(inverse))
        assert to_bytes(fresh, "p.nns") == state
    for edit, state in zip(redo, states[1:], strict=True):
        fresh.apply(edit)
        assert to_bytes(fresh, "p.nns") == state


def test_labels_name_the_run(fresh: Project):
    record = small(fresh, "a", name="The good one")
    labels = [
        fresh.apply(edit).label
        for edit in (
            AddRun(record),
            PinRun("a"),
            PinRun("a", False),
            RenameRun("a", "Best"),
            RestoreRun("a"),
            RemoveRun("a"),
        )
    ]
    assert labels == [
        "Keep The good one",
        "Pin The good one",
        "Unpin The good one",
        "Rename the run to Best",
        "Restore Best",
        "Delete Best",
    ]


def test_restoring_a_run_brings_everything_back_and_it_goes_on_exactly(fresh: Project):
    whole = Project(fresh.graph.copy(), data=fresh.data, training=fresh.training)
    train(whole, 5)
    record = run(fresh)
    before = to_bytes(fresh, "p.nns")
    fresh.graph.apply(SetSetting(fresh.graph.node("fc1").id, "out_features", 16))
    fresh.graph.add("ReLU", name="extra")
    fresh.apply(SetData(DataSettings(source="xor", options={"samples": 40})))
    run(fresh, lr=0.9, optimizer="SGD")
    edited = to_bytes(fresh, "p.nns")
    heard: list[str] = []
    fresh.graph.subscribe(lambda change: heard.append(change.label))
    inverse = fresh.apply(RestoreRun(record.id))
    assert setup_of(fresh) == record.setup and fresh.history == list(record.history)
    assert len(heard) == 1
    restored = Project(fresh.graph, data=fresh.data, training=fresh.training)
    restored.weights, restored.optimizer_state = fresh.weights, fresh.optimizer_state
    restored.run_state, restored.history, restored.runs = fresh.run_state, fresh.history, [record]
    assert to_bytes(restored, "p.nns") == before
    train(restored, 2)
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(restored.weights[name], weight)
    fresh.apply(inverse)
    assert to_bytes(fresh, "p.nns") == edited


def test_a_node_that_is_the_same_in_both_drawings_stays_the_very_object(fresh: Project):
    record = run(fresh, epochs=1)
    kept = fresh.graph.node("act1")
    fresh.graph.apply(SetSetting(fresh.graph.node("fc1").id, "out_features", 4))
    again = Graph.from_dict(record.setup.graph.to_dict()).level  # as from a file
    fresh.apply(AddRun(replace(record, setup=replace(record.setup, level=again))))
    fresh.apply(RestoreRun(record.id))
    assert fresh.graph.node("act1") is kept
    assert fresh.graph.node("fc1").settings["out_features"] == 8


def test_a_run_without_weights_is_restored_to_be_trained_again(fresh: Project):
    record = run(fresh)
    assert record.state is not None
    fresh.apply(AddRun(replace(record, state=None)))
    fresh.apply(RestoreRun(record.id))
    assert not (fresh.weights or fresh.run_state or fresh.history or fresh.optimizer_state)
    train(fresh)
    for name, weight in record.state.weights.items():
        np.testing.assert_array_equal(fresh.weights[name], weight)


def test_a_run_that_goes_on_stays_one_run(fresh: Project, tmp_path: Path):
    for epochs in (2, 1):
        trainer = trainer_of(fresh)
        trainer.run(epochs)
        fresh.apply(kept_run(fresh, trainer))
        save(fresh, tmp_path / "a.nns")
        fresh = load(tmp_path / "a.nns")
        fresh.apply(RenameRun("Run 1", "Long"))
        fresh.apply(RenameRun("Long", "Run 1"))
    (record,) = fresh.runs
    assert [entry["epoch"] for entry in record.history] == [1, 2, 3]
    assert record.outcome == "Finished after 3 epochs."
    fresh.apply(Rename(fresh.graph.node("act1").id, "squash"))
    trainer = trainer_of(fresh)
    trainer.run(1)
    fresh.apply(kept_run(fresh, trainer))  # another drawing is another run
    assert [(each.name, each.epochs) for each in fresh.runs] == [("Run 1", 3), ("Run 2", 4)]


def test_a_pinned_run_is_kept_as_it_is_and_what_goes_on_from_it_is_another(fresh: Project):
    for epochs in (2, 1):
        trainer = trainer_of(fresh)
        trainer.run(epochs)
        fresh.apply(kept_run(fresh, trainer))
        if epochs == 2:
            fresh.apply(PinRun("Run 1"))
    assert [(each.name, each.epochs, each.pinned) for each in fresh.runs] == [
        ("Run 1", 2, True),
        ("Run 2", 3, False),
    ]


def test_a_run_is_named_by_its_id_or_its_only_name(fresh: Project):
    fresh.runs = [small(fresh, "a", name="One"), small(fresh, "b", name="Two"), small(fresh, "c", name="Two")]
    fresh.apply(RemoveRun("One"))
    with pytest.raises(ProjectError, match=r"There are 2 runs called Two; say which by its id: b, c\.$"):
        fresh.apply(RemoveRun("Two"))
    with pytest.raises(ProjectError, match=r"There is no run 'One'; there are Two, Two\.$"):
        fresh.apply(RestoreRun("One"))
    with pytest.raises(ProjectError, match="1 to 200 characters"):
        fresh.apply(RenameRun("b", ""))
    assert [each.name for each in fresh.runs] == ["Two", "Two"]


# -- limits


def test_the_oldest_that_are_not_pinned_make_room(fresh: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MOST_RUNS", 3)
    fresh.runs = [small(fresh, "a", pinned=True), small(fresh, "b"), small(fresh, "c")]
    before = list(fresh.runs)
    inverse = fresh.apply(AddRun(small(fresh, "d")))
    assert [each.id for each in fresh.runs] == ["a", "c", "d"]
    fresh.apply(inverse)
    assert fresh.runs == before
    fresh.runs = [replace(each, pinned=True) for each in before]
    with pytest.raises(ProjectError, match=r"at most 3 runs .+ all pinned: delete some\.$"):
        fresh.apply(AddRun(small(fresh, "d")))
    monkeypatch.setattr(limits, "MOST_EPOCHS", 5)
    fresh.runs = [small(fresh, "a", history=({"epoch": 1},) * 3), small(fresh, "b")]
    fresh.apply(AddRun(small(fresh, "d", history=({"epoch": 1},) * 4)))
    assert [each.id for each in fresh.runs] == ["b", "d"]


def test_weights_go_before_runs_and_those_of_pinned_ones_last(
    fresh: Project, monkeypatch: pytest.MonkeyPatch
):
    state = RunState({"fc1.bias": np.zeros(8)}, {}, {})
    monkeypatch.setattr(limits, "MOST_BYTES", 2 * 64)
    for id, pinned in (("a", True), ("b", False), ("c", False)):
        fresh.apply(AddRun(small(fresh, id, state=state, pinned=pinned)))
    assert [each.state is not None for each in fresh.runs] == [True, False, True]
    fresh.apply(PinRun("c"))
    fresh.apply(AddRun(small(fresh, "d", state=state)))
    assert [each.state is not None for each in fresh.runs] == [False, False, True, True]
    monkeypatch.setattr(limits, "MOST_BYTES", 63)
    fresh.apply(AddRun(small(fresh, "e", state=state)))
    assert not any(each.state for each in fresh.runs)


def test_a_long_curve_is_thinned_evenly_with_both_ends():
    history = [{"epoch": epoch} for epoch in range(1, 3 * LONGEST_CURVE)]
    found = [entry["epoch"] for entry in thinned(history)]
    assert len(found) == LONGEST_CURVE and (found[0], found[-1]) == (1, 3 * LONGEST_CURVE - 1)
    assert {b - a for a, b in pairwise(found)} <= {2, 3, 4}
    assert thinned(history[:7]) == tuple(history[:7])


def test_not_a_number_in_a_curve_comes_back(fresh: Project, tmp_path: Path):
    fresh.runs = [small(fresh, "a", history=({"epoch": 1, "train_loss": math.nan}, {"epoch": 2}))]
    save(fresh, tmp_path / "a.nns")
    (found,) = load(tmp_path / "a.nns").runs
    assert math.isnan(found.history[0]["train_loss"]) and found.history[1] == {"epoch": 2}
