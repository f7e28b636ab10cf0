"""check, info, run and export on real projects."""

import json
import subprocess
import sys

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.cli import main
from nnstudio.data import load, split
from tests.cli.conftest import ROOT, network, run_cli


def json_of(capsys, code, *words):
    assert main([*map(str, words), "--json"]) == code
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    return json.loads(out)


@pytest.fixture
def trained(project, capsys):
    """The path of a trained project of this kind."""

    def make(kind, **training):
        path = project(kind, **training)
        assert main(["train", str(path), "-o", str(path.parent / "trained.nns")]) == 0
        capsys.readouterr()
        return path.parent / "trained.nns"

    return make


def save_changed(path, change):
    project = nn.load(path)
    change(project.graph)
    nn.save(project, path)
    return path


# -- check


def test_a_sound_project_has_no_problems(project, capsys):
    path = project("digits")
    assert json_of(capsys, 0, "check", path) == {"project": str(path), "ok": True, "problems": []}
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "No problems in 6 nodes and 5 edges.\n"


def test_every_problem_has_its_node_and_a_sentence_with_the_numbers(project, capsys):
    path = save_changed(project("digits"), lambda graph: graph.set("x", shape=(63,)))
    result = json_of(capsys, 1, "check", path)
    assert not result["ok"]
    (problem,) = result["problems"]
    assert (problem["node"], problem["kind"], problem["severity"]) == ("x", "data-width", "error")
    assert "63" in problem["sentence"]
    assert "64" in problem["sentence"]
    assert main(["check", str(path)]) == 1
    assert problem["sentence"] in capsys.readouterr().out


def test_a_wrong_size_within_the_graph_is_found(project, capsys):
    path = save_changed(project(), lambda graph: graph.set("fc2", in_features=5))
    sentences = [problem["sentence"] for problem in json_of(capsys, 1, "check", path)["problems"]]
    assert any("fc2" in sentence and "5" in sentence and "8" in sentence for sentence in sentences)


def test_a_set_with_more_classes_than_the_network_has_scores(project, capsys):
    path = save_changed(project("digits"), lambda graph: graph.set("fc2", out_features=7))
    (problem,) = json_of(capsys, 1, "check", path)["problems"]
    assert "7" in problem["sentence"]
    assert "10" in problem["sentence"]


def test_data_that_cannot_be_read_is_a_problem_too(project, capsys):
    from dataclasses import replace

    path = project()
    changed = nn.load(path)
    changed.data = replace(changed.data, source="csv:absent.csv")
    nn.save(changed, path)
    (problem,) = json_of(capsys, 1, "check", path)["problems"]
    assert problem["kind"] == "data"
    assert "absent.csv" in problem["sentence"]


def test_a_warning_is_no_failure(project, capsys):
    path = save_changed(project(), lambda graph: graph.remove("loss"))
    result = json_of(capsys, 0, "check", path)
    assert result["ok"]
    assert "no-criterion" in {problem["kind"] for problem in result["problems"]}


# -- info


def test_info_counts_as_the_book_does(project, capsys):
    result = json_of(capsys, 0, "info", project())
    assert result["parameters"] == 33
    assert result["multiply_adds"] == 2 * 8 + 8 * 1
    rows = {row["name"]: row for row in result["layers"]}
    assert rows["fc1"] == {"name": "fc1", "type": "Linear", "shape": "N×8", "parameters": 24}
    assert rows["loss"]["shape"] == "scalar"
    assert (result["data"]["source"], result["training"]["epochs"]) == ("xor", 20)


def test_info_for_people(project, capsys):
    assert main(["info", str(project("digits"))]) == 0
    out = capsys.readouterr().out
    assert "N×16" in out
    assert "1,040" in out
    assert "1,210 parameters" in out


def test_info_of_a_broken_graph_shows_what_is_sound(project, capsys):
    path = save_changed(project(), lambda graph: graph.set("fc2", in_features=5))
    result = json_of(capsys, 0, "info", path)
    assert {row["name"] for row in result["layers"]} == {"x", "fc1", "act1", "t"}
    assert result["left_out"] > 0


# -- run


def predictions(path, x):
    """By the Python face: the outputs of fc2 for scaled inputs x."""
    project = nn.load(path)
    program = nn.compile(project.graph, len(x), project.training.dtype)
    program.load_parameters(project.weights)
    shape = tuple(program.targets["t"])
    program.feed(x=x, t=np.zeros((len(x), *shape)))
    program.forward()
    return np.array(program["fc2.output"])


def test_predictions_are_the_program_s_own(trained):
    path = trained("digits")
    project = nn.load(path)
    splits = split(load(project.data), project.data)
    raw = splits.dataset.x[splits.test.indices]
    np.save(path.parent / "x.npy", raw)
    done = run_cli("run", path, "--input", path.parent / "x.npy", "-o", path.parent / "y.npy")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    y = np.load(path.parent / "y.npy")
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, predictions(path, splits.test.x), rtol=1e-5, atol=1e-5)
    assert (y.argmax(axis=1) == splits.test.y).mean() > 0.8


def test_tables_in_and_out(trained, capsys):
    path = trained("iris")
    table = path.parent / "x.csv"
    table.write_text("5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5\n")
    assert main(["run", str(path), "--input", str(table)]) == 0
    printed = capsys.readouterr().out
    assert main(["run", str(path), "--input", str(table), "-o", str(path.parent / "y.csv")]) == 0
    assert (path.parent / "y.csv").read_text() == printed
    lines = printed.splitlines()
    assert lines[0] == ",".join(load("iris").class_names)
    scores = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    assert scores.argmax(axis=1).tolist() == [0, 2]


def test_columns_are_found_by_their_names(project, tmp_path, capsys):
    """A table of new inputs may have the training table's columns in another order, and its target."""
    from dataclasses import replace

    rng = np.random.default_rng(0)
    rows = [(a, b, a - 2 * b) for a, b in rng.uniform(-1, 1, (60, 2))]
    (tmp_path / "table.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows))
    path = project()
    changed = nn.load(path)
    changed.data = replace(changed.data, source="csv:table.csv", task="numbers", scaling="standardise")
    nn.save(changed, path)
    (tmp_path / "plain.csv").write_text("".join(f"{a},{b}\n" for a, b, _ in rows))
    (tmp_path / "mixed.csv").write_text("y,b,a\n" + "".join(f"{y},{b},{a}\n" for a, b, y in rows))
    for name in ("plain", "mixed"):
        assert main(["run", str(path), "--input", str(tmp_path / f"{name}.csv")]) == 0
    out = capsys.readouterr().out
    first, second = out[: len(out) // 2], out[len(out) // 2 :]
    assert first == second
    assert first.startswith("y\n")


def test_categories_are_those_of_the_training_table(project, tmp_path, capsys):
    from dataclasses import replace

    rows = [f"{n % 7},{'wet' if n % 3 else 'dry'},{n % 5}" for n in range(40)]
    (tmp_path / "table.csv").write_text("a,sky,y\n" + "\n".join(rows))
    path = project("iris")
    changed = nn.load(path)
    changed.data = replace(changed.data, source="csv:table.csv", category_columns=("sky",), task="numbers")
    changed.graph = network(3, 4, 1, (1,), "MSE")
    nn.save(changed, path)
    for name, text in (
        ("named", "sky,y,a\nwet,0,3\ndry,0,1\n"),
        ("plain", "3,wet\n1,dry\n"),
        ("bad", "a,sky\n1,fog\n"),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
    assert main(["run", str(path), "--input", str(tmp_path / "named.csv")]) == 0
    named = capsys.readouterr().out
    assert main(["run", str(path), "--input", str(tmp_path / "plain.csv")]) == 0
    assert capsys.readouterr().out == named and len(set(named.splitlines())) == 3
    assert main(["run", str(path), "--input", str(tmp_path / "bad.csv")]) == 1
    assert "line 2, column 2 ('sky'): 'fog' is none of the categories known" in capsys.readouterr().err


def test_the_training_table_is_not_needed_once_the_project_is_trained(project, tmp_path, capsys):
    from dataclasses import replace

    rows = [f"{1000 + n % 7},{'wet' if n % 3 else 'dry'},{200_000 + 900 * (n % 5)}" for n in range(40)]
    table = tmp_path / "table.csv"
    table.write_text("a,sky,price\n" + "\n".join(rows))
    path, trained = project("iris"), tmp_path / "trained.nns"
    changed = nn.load(path)
    changed.data = replace(
        changed.data, source="csv:table.csv", category_columns=("sky",), task="numbers", target_scaling="auto"
    )
    changed.graph = network(3, 4, 1, (1,), "MSE")
    nn.save(changed, path)
    new = tmp_path / "new.csv"
    new.write_text("sky,a\nwet,1003\ndry,1001\n")

    def run(which):
        code = main(["run", str(which), "--input", str(new)])
        told = capsys.readouterr()
        return told.err if code else told.out

    assert main(["train", str(path), "-o", str(trained)]) == 0
    capsys.readouterr()
    older = nn.load(trained)
    del older.run_state["fitted"]
    nn.save(older, tmp_path / "older.nns")
    answers = run(tmp_path / "older.nns")
    assert answers.startswith("price\n2") and len(answers.splitlines()) == 3
    table.rename(tmp_path / "moved.csv")
    assert run(trained) == answers, "what was fitted came with the weights"
    for which in (path, tmp_path / "older.nns"):
        said = run(which)
        assert f"{table} is not there: it is the training data of {which}" in said
        assert "put the file back" in said and said.count("\n") == 1


def test_numbers_come_out_in_the_data_s_own_unit(project, tmp_path):
    from nnstudio.data import DataSettings
    from nnstudio.project import Project, save
    from nnstudio.training.settings import TrainingSettings

    data = DataSettings(source="diabetes", scaling="standardise", target_scaling="standardise")
    training = TrainingSettings(epochs=20, batch_size=32, lr=0.05)
    path = tmp_path / "p.nns"
    save(Project(network(10, 8, 1, (1,), "MSE"), data=data, training=training), path)
    assert main(["train", str(path), "-o", str(path)]) == 0
    dataset = load("diabetes")
    np.save(tmp_path / "x.npy", dataset.x)
    assert main(["run", str(path), "--input", str(tmp_path / "x.npy"), "-o", str(tmp_path / "y.npy")]) == 0
    y = np.load(tmp_path / "y.npy")
    assert abs(y.mean() - dataset.y.mean()) < 0.2 * dataset.y.std()
    assert np.corrcoef(y.ravel(), dataset.y.ravel())[0, 1] > 0.6


def test_more_samples_than_one_batch(trained, capsys):
    path = trained("xor")
    x = np.random.default_rng(0).uniform(0, 1, (1000, 2)).astype(np.float32)
    np.save(path.parent / "x.npy", x)
    assert (
        main(["run", str(path), "--input", str(path.parent / "x.npy"), "-o", str(path.parent / "y.npy")]) == 0
    )
    np.testing.assert_allclose(np.load(path.parent / "y.npy"), predictions(path, x), rtol=1e-5, atol=1e-6)


def test_a_project_without_weights_says_so(project, tmp_path, capsys):
    path = project()
    (tmp_path / "x.csv").write_text("0,1\n")
    assert main(["run", str(path), "--input", str(tmp_path / "x.csv")]) == 0
    assert "untrained" in capsys.readouterr().err


def test_predictions_are_not_written_in_an_unknown_form(project, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("0,1\n")
    code = main(["run", str(project()), "--input", str(tmp_path / "x.csv"), "-o", str(tmp_path / "y.xlsx")])
    assert code == 2
    assert "y.xlsx" in capsys.readouterr().err


# -- export, and the process around it all


def test_an_exported_script_runs_by_itself(trained, tmp_path):
    path = trained("digits")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = run_cli("export", path, "--to", "numpy", "-o", folder / "model.py")
    assert (done.returncode, done.stderr) == (0, "")
    check = subprocess.run(
        [sys.executable, "-I", "model.py", "--check"], capture_output=True, text=True, cwd=folder, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr


def test_a_reader_that_leaves_early_is_no_error(project):
    done = subprocess.run(
        f"{sys.executable} -m nnstudio info {project()} --json | true; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["check", "info"])
def test_a_process_of_its_own_says_the_same(project, capsys, command):
    path = project()
    done = run_cli(command, path, "--json")
    assert json.loads(done.stdout) == json_of(capsys, 0, command, path)


# -- gradcheck


@pytest.mark.parametrize("kind", ["xor", "digits", "iris"])
def test_every_gradient_of_a_project_agrees(project, capsys, kind):
    result = json_of(capsys, 0, "gradcheck", project(kind))
    assert result["ok"]
    quantities = {row["quantity"] for row in result["gradients"]}
    assert {"fc1.grad_weight", "fc1.grad_bias", "fc2.grad_weight", "x.grad_output"} <= quantities
    assert all(row["error"] < result["tolerance"] == 1e-6 for row in result["gradients"])


def test_gradients_are_checked_without_data_too(project, capsys):
    path = project()
    changed = nn.load(path)
    changed.data = None
    nn.save(changed, path)
    assert main(["gradcheck", str(path)]) == 0
    assert "fc1.grad_weight" in capsys.readouterr().out


def test_a_wrong_gradient_is_exit_code_1(project, capsys, monkeypatch):
    from nnstudio.modules import catalogue
    from nnstudio.modules.module import Definition
    from tests.program.test_gradcheck import WrongTanh

    monkeypatch.setitem(catalogue.definitions(), "WrongTanh", Definition(WrongTanh))
    project_with = nn.load(project())
    graph = network(2, 8, 1, (1,), "MSE", "WrongTanh")
    project_with.graph = graph
    path = project_with.path.parent / "wrong.nns"
    nn.save(project_with, path)
    result = json_of(capsys, 1, "gradcheck", path)
    assert {row["quantity"] for row in result["gradients"] if not row["ok"]} >= {"fc1.grad_weight"}
    assert main(["gradcheck", str(path)]) == 1
    assert "WRONG" in capsys.readouterr().out
