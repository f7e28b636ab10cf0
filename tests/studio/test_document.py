"""The document: edits, undo, signals, problems, files."""

import pytest
from PySide6.QtWidgets import QApplication

from nnstudio.data import DataSettings
from nnstudio.errors import ProjectError
from nnstudio.graph import AddNode, Graph, Move, RemoveNode, SetSetting
from nnstudio.project import AddRun, Project, RemoveRun, RunRecord, SetData, setup_of
from nnstudio.studio.document import Document


@pytest.fixture
def document(qapp):
    graph = Graph()
    x = graph.add("Input", name="x")
    fc = graph.add("Linear", name="fc1", out_features=3)
    graph.connect(x, fc)
    return Document(Project(graph))


def heard(document, *names):
    """The names of the signals in the order in which they come."""
    found = []
    for name in names:
        getattr(document, name).connect(lambda *_args, name=name: found.append(name))
    return found


def test_an_edit_is_applied_told_undone_and_redone(document):
    signals = heard(document, "graph_changed", "data_changed", "training_changed", "weights_changed")
    before = document.level
    assert document.push(AddNode("Tanh"))
    assert [node.name for node in document.level.nodes.values()] == ["x", "fc1", "act1"]
    assert document.stack.undoText() == "Add Tanh act1"
    assert document.modified
    after = document.level
    document.undo()
    assert document.level == before and not document.modified
    document.redo()
    assert document.level == after and document.modified
    assert signals == ["graph_changed"] * 3


def test_an_edit_that_cannot_be_says_why_and_changes_nothing(document, qtbot):
    before = document.level
    with qtbot.waitSignal(document.failed) as told:
        assert not document.push(SetSetting(document.level.names["fc1"], "out_features", -1))
    assert "out_features" in told.args[0] and "-1" in told.args[0]
    assert document.level is before and document.stack.count() == 0


def test_each_part_of_the_project_has_its_signal(document):
    signals = heard(document, "graph_changed", "data_changed", "training_changed", "weights_changed")
    document.push(SetData(DataSettings("xor")))
    document.undo()
    assert signals == ["data_changed", "data_changed"]


def test_a_sweep_is_one_step_and_ends_where_another_begins(document):
    fc = document.level.names["fc1"]
    for value in (4, 5, 6):
        document.push(SetSetting(fc, "out_features", value), merge=("sweep", 1))
    document.push(SetSetting(fc, "out_features", 7), merge=("sweep", 2))
    assert document.stack.count() == 2
    document.undo()
    assert document.level.nodes[fc].settings["out_features"] == 6
    document.undo()
    assert document.level.nodes[fc].settings["out_features"] == 3
    document.redo()
    assert document.level.nodes[fc].settings["out_features"] == 6
    document.redo()
    assert document.level.nodes[fc].settings["out_features"] == 7


def test_undoing_everything_and_redoing_everything(document):
    fc, start = document.level.names["fc1"], document.graph.to_dict()
    for edit in (AddNode("ReLU"), Move({fc: (8.0, 16.0)}), RemoveNode(fc), AddNode("MSE")):
        assert document.push(edit)
    end = document.graph.to_dict()
    for _ in range(3):
        while document.stack.canUndo():
            document.undo()
        assert document.graph.to_dict() == start
        while document.stack.canRedo():
            document.redo()
        assert document.graph.to_dict() == end


def test_problems_are_told_once_for_many_edits(document, qtbot):
    QApplication.processEvents()
    told = heard(document, "problems_changed")
    x = document.level.names["x"]
    for width in range(2, 12):
        document.push(AddNode("Linear", settings={"in_features": width}))
    document.push(RemoveNode(x))
    assert told == []
    QApplication.processEvents()
    assert told == ["problems_changed"]
    assert any(problem.kind == "missing-input" for problem in document.problems)


def test_the_data_s_width_becomes_a_problem(document):
    document.set_data_shapes({"x": (4,)})
    (problem,) = [problem for problem in document.problems if problem.kind == "data-width"]
    assert "4" in problem.sentence and "2" in problem.sentence
    assert document.push(problem.fix)
    assert not any(problem.kind == "data-width" for problem in document.problems)


def test_saving_makes_it_clean_and_opening_brings_it_back(document, tmp_path):
    path = tmp_path / "mine.nns"
    document.push(AddNode("Tanh"))
    document.save(path)
    assert not document.modified and document.title == "mine.nns" and document.path == path
    document.undo()
    assert document.modified
    document.open(path)
    assert not document.modified and "act1" in document.level.names and not document.stack.canUndo()


def test_a_file_that_cannot_be_read_leaves_the_document_alone(document, tmp_path):
    path = tmp_path / "broken.nns"
    path.write_bytes(b"PK\x03\x04 no zip")
    level = document.level
    with pytest.raises(ProjectError):
        document.open(path)
    assert document.level is level


def test_sizes_are_those_of_the_parameters_and_follow_edits(qtbot):
    from nnstudio.graph import Graph, SetSetting
    from nnstudio.project import Project

    graph = Graph()
    x, fc1 = graph.add("Input", shape=(2,)), graph.add("Linear", "fc1", out_features=8)
    act1, fc2 = graph.add("Tanh"), graph.add("Linear", "fc2", out_features=1)
    for source, target in ((x, fc1), (fc1, act1), (act1, fc2)):
        graph.connect(source, target)
    group = graph.group([fc1, act1])
    document = Document(Project(graph))
    assert document.sizes() == {group.id: 24, fc2.id: 9}
    assert sum(document.sizes((group.id,)).values()) == 24
    document.push(SetSetting(fc2.id, "use_bias", False))
    assert document.sizes() == {group.id: 24, fc2.id: 8}
    document.undo()
    assert document.sizes() == {group.id: 24, fc2.id: 9}


def test_runs_that_are_kept_are_told_of_and_named_in_the_undo_list(document):
    run = RunRecord("r1", "Wide", setup_of(document.project))
    signals = heard(document, "weights_changed", "runs_changed", "changed")
    document.push(AddRun(run))
    document.push(RemoveRun("r1"))
    assert signals == ["runs_changed", "changed"] * 2 and not document.project.runs
    assert [document.stack.command(index).text() for index in range(2)] == ["Keep Wide", "Delete Wide"]
    document.undo()
    assert document.project.runs == [run] and signals[-2:] == ["runs_changed", "changed"]
    assert not document.push(RemoveRun("r9"))
