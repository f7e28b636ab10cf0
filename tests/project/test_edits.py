from pathlib import Path

import numpy as np
import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.errors import GraphError
from nnstudio.graph import (
    AddNode,
    ChangeType,
    EditInside,
    GroupNodes,
    RemoveNode,
    Rename,
    Sequence,
    SetBypassed,
    SetSetting,
    UngroupNode,
)
from nnstudio.project import (
    AddRun,
    EditGraph,
    Project,
    ProjectEdit,
    RemoveRun,
    RunRecord,
    SetData,
    SetHistory,
    SetRun,
    SetTraining,
    SetWeights,
    Together,
    load,
    save,
    setup_of,
    train,
)
from nnstudio.project.files import to_bytes
from nnstudio.training.settings import TrainingSettings


def bytes_of(project: Project) -> bytes:
    return to_bytes(project, "p.nns")


def id_of(project: Project, name: str) -> str:
    return project.graph.node(name).id


def all_edits(project: Project) -> list[ProjectEdit]:
    fc1, act1, fc2 = (id_of(project, name) for name in ("fc1", "act1", "fc2"))
    return [
        SetData(DataSettings(source="iris")),
        SetData(None),
        SetTraining(TrainingSettings(lr=0.5)),
        SetWeights({"fc1.bias": np.ones(8), "fc2.bias": None}),
        SetHistory([{"epoch": 7}]),
        SetRun({"fc1.bias": np.zeros(8)}, {}, {"step": 1}, [{"epoch": 1}]),
        EditGraph(Rename(fc1, "first")),
        EditGraph(Rename(fc2, "last")),
        EditGraph(SetSetting(id_of(project, "loss"), "reduction", "sum")),
        EditGraph(GroupNodes((fc1, act1), "encoder")),
        Together((SetTraining(TrainingSettings(lr=0.25)), RemoveNode(fc2)), "Remove fc2 and slow down"),
        SetRun(),
    ]


def test_undoing_everything_gives_the_first_bytes_and_redoing_the_last(project: Project):
    states = [bytes_of(project)]
    undo: list[ProjectEdit] = []
    for edit in all_edits(project):
        undo.append(project.apply(edit))
        states.append(bytes_of(project))
    assert len(set(states)) == len(states)
    redo: list[ProjectEdit] = []
    for state, edit in zip(states[-2::-1], undo[::-1], strict=True):
        redo.append(project.apply(edit))
        assert bytes_of(project) == state
    for state, edit in zip(states[1:], redo[::-1], strict=True):
        project.apply(edit)
        assert bytes_of(project) == state


def test_every_edit_has_a_label(project: Project):
    for edit in all_edits(project):
        assert edit.label
        assert project.apply(edit).label


def test_a_graph_edit_is_taken_as_it_is(project: Project):
    inverse = project.apply(AddNode("ReLU", "act2"))
    assert "act2" in {node.name for node in project.graph.nodes.values()}
    project.apply(inverse)
    assert "act2" not in {node.name for node in project.graph.nodes.values()}


def test_weights_follow_a_renamed_node_there_and_back(project: Project):
    weight = project.weights["fc1.weight"]
    inverse = project.apply(Rename(id_of(project, "fc1"), "first"))
    assert project.weights["first.weight"] is weight
    assert "first.weight.velocity" in project.optimizer_state
    assert "fc1.weight" not in project.weights
    project.apply(inverse)
    assert project.weights["fc1.weight"] is weight


def test_names_may_be_exchanged_in_one_edit(project: Project):
    fc1, fc2 = id_of(project, "fc1"), id_of(project, "fc2")
    first, second = project.weights["fc1.weight"], project.weights["fc2.weight"]
    project.apply(Sequence([Rename(fc1, "spare"), Rename(fc2, "fc1"), Rename(fc1, "fc2")]))
    assert project.weights["fc2.weight"] is first and project.weights["fc1.weight"] is second


def test_weights_go_with_a_deleted_node_and_come_back_with_it(project: Project):
    weight = project.weights["fc1.weight"]
    inverse = project.apply(RemoveNode(id_of(project, "fc1")))
    assert "fc1.weight" not in project.weights and "fc1.weight.velocity" not in project.optimizer_state
    later = project.apply(AddNode("Linear", "fc1", {"out_features": 8}))
    assert "fc1.weight" not in project.weights  # another node of that name starts afresh
    project.apply(later)
    project.apply(inverse)
    assert project.weights["fc1.weight"] is weight
    assert "fc1.weight.velocity" in project.optimizer_state


def test_what_was_learned_in_between_is_not_undone(project: Project):
    inverse = project.apply(Rename(id_of(project, "fc1"), "first"))
    project.weights = {**project.weights, "first.weight": np.full((8, 2), 7.0)}
    project.apply(inverse)
    np.testing.assert_array_equal(project.weights["fc1.weight"], np.full((8, 2), 7.0))


def test_weights_follow_into_a_group_and_out_again(project: Project):
    weight = project.weights["fc1.weight"]
    project.apply(GroupNodes((id_of(project, "fc1"), id_of(project, "act1")), "encoder"))
    assert project.weights["encoder.fc1.weight"] is weight
    project.apply(Rename(id_of(project, "encoder"), "body"))
    project.apply(EditInside((id_of(project, "body"),), Rename(project.graph.node("body.fc1").id, "linear")))
    assert project.weights["body.linear.weight"] is weight
    project.apply(AddNode("Linear", "linear", {"out_features": 8}))
    project.apply(UngroupNode(id_of(project, "body")))
    assert sum(array is weight for array in project.weights.values()) == 1
    (name,) = (name for name, array in project.weights.items() if array is weight)
    assert name != "linear.weight"


def test_another_type_starts_afresh(project: Project):
    inverse = project.apply(ChangeType(id_of(project, "fc1"), "ReLU"))
    assert "fc1.weight" not in project.weights
    project.apply(inverse)
    assert "fc1.weight" in project.weights


def test_an_edit_that_fails_changes_nothing(project: Project):
    before = bytes_of(project)
    with pytest.raises(GraphError):
        project.apply(Together((SetData(None), RemoveNode(id_of(project, "fc1")), RemoveNode("n77")), "x"))
    with pytest.raises(GraphError):
        project.apply(Rename(id_of(project, "fc1"), "fc2"))
    assert bytes_of(project) == before


def test_listeners_hear_each_edit_until_they_leave(project: Project):
    heard: list[str] = []
    leave = project.subscribe(lambda edit: heard.append(edit.label))
    project.apply(SetData(None))
    project.apply(Rename(id_of(project, "fc1"), "first", label="Rename"))
    leave()
    project.apply(SetData(None))
    assert heard == ["Change the data", "Rename"]


def test_weights_of_a_bypassed_node_stay_also_through_training_and_the_file(project: Project, tmp_path: Path):
    weight = project.weights["fc1.weight"]
    fc1, act1 = id_of(project, "fc1"), id_of(project, "act1")
    inverse = project.apply(SetBypassed((fc1, act1)))
    project.weights = {**project.weights, "fc2.weight": np.ones((1, 2))}
    project.optimizer_state, project.run_state, project.history = {}, {}, []
    assert "fc1.weight" not in project.fitting_weights()
    train(project, 1)
    assert project.weights["fc1.weight"] is weight
    assert project.weights["fc2.weight"].shape == (1, 2)
    save(project, tmp_path / "p.nns")
    np.testing.assert_array_equal(load(tmp_path / "p.nns").weights["fc1.weight"], weight)
    project.apply(inverse)
    assert project.fitting_weights()["fc1.weight"] is weight


def test_a_copy_has_everything_and_lives_by_itself(project: Project):
    project.run_state = {}
    train(project, 1)
    project.apply(AddRun(RunRecord("r1", "Run 1", setup_of(project))))
    project.extra = {"colour": 1}
    project.path = Path("p.nns")
    project.subscribe(lambda edit: None)
    before = bytes_of(project)
    twin = project.copy()
    assert (
        bytes_of(twin) == before and twin.path == project.path and vars(twin).keys() == vars(project).keys()
    )
    twin.apply(RemoveRun("r1"))
    twin.apply(SetRun(checkpoints=()))
    twin.weights["more"] = np.zeros(1)
    twin.graph.add("Tanh")
    assert bytes_of(project) == before != bytes_of(twin)
